"""The proportion of variance explained as other programs define it, to compare numbers with theirs.

Here (``SpectralForm.pve``) it is the share of X beta in the variance that the fixed effects leave;
see `docs/model.md`, section 15.
"""

import numpy as np

from mixedmodel.model.design import Design
from mixedmodel.model.results import PveConventions
from mixedmodel.model.spectral import free_norm2


def pve_conventions(ratio: float | None, X: Design) -> PveConventions:
    """Return the PVE of a variance ``ratio`` on X (n, p) by each definition."""
    if ratio is None:
        return PveConventions(None, None)
    centred = free_norm2(X, np.ones((X.n, 1))) / X.n
    return PveConventions(_share(ratio * centred), _share(ratio))


def _share(explained: float) -> float:
    return explained / (1 + explained)
