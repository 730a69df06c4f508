"""The variances of mean field's factors: the best q(beta) at given parameters has them whatever y.

q(beta) = prod_j N(m_j, s_j) in the model y = Z w + X beta + e; `docs/model.md`, section 9.
"""

from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array, Theta


def factorised_variances(form: SpectralForm, theta: Theta) -> Array:
    """Return s_j = 1 / (d_j/sigma_e2 + 1/sigma_beta2), the best q(beta) has, (p,)."""
    return theta.sigma_beta2 / (1 + theta.ratio * form.col_norms2)


def factorised_traces(form: SpectralForm, theta: Theta) -> tuple[float, float]:
    """Return sum s_j and sum d_j s_j at the best s_j for ``theta``."""
    explained = theta.ratio * form.col_norms2
    explained /= 1 + explained
    seen = float(explained.sum())
    return theta.sigma_beta2 * (form.p - seen), theta.sigma_e2 * seen
