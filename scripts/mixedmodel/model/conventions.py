"""The proportion of variance explained as other programs define it, to compare numbers with theirs.

Here (``SpectralForm.pve``) it is the share of X beta in the variance that the fixed effects leave;
see `docs/model.md`, section 15.
"""

from dataclasses import dataclass

import numpy as np

from mixedmodel.model.spectral import free_norm2
from mixedmodel.model.types import Array


@dataclass(frozen=True)
class PveConventions:
    """PVE by the definitions of GEMMA and of GCTA; None where the variances are unknown.

    gemma  sigma_beta2 tr(K)/n over that plus sigma_e2, K of centred columns (Zhou, Stephens 2012)
    gcta   sigma_beta2 over sigma_beta2 + sigma_e2, K as it is given (Yang et al. 2011)
    """

    gemma: float | None
    gcta: float | None


def pve_conventions(ratio: float | None, X: Array) -> PveConventions:
    """Return the PVE of a variance ``ratio`` on X (n, p) by each definition."""
    if ratio is None:
        return PveConventions(None, None)
    centred = free_norm2(X, np.ones((len(X), 1))) / len(X)
    return PveConventions(_share(ratio * centred), _share(ratio))


def _share(explained: float) -> float:
    return explained / (1 + explained)
