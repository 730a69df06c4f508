"""Posterior mean and variance of every beta_j, without a p x p matrix.

Exact posterior: beta | y ~ N(mu, Gamma), Gamma^-1 = X'X/sigma_e2 + I/sigma_beta2, in model
y = Z w + X beta + e (`docs/model.md`, sections 4 and 22).
"""

import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from mixedmodel.model.design import Design
from mixedmodel.model.spectral import EPS, SpectralForm, decompose_columns
from mixedmodel.model.types import Array, Effects, Theta

logger = logging.getLogger(__name__)

LOST = 1e-12  # squared relative error of a variance, from which on it is found in another way
MOST_APART = 64  # columns that are taken apart from the others


def exact_effects(
    form: SpectralForm, theta: Theta, X: Design, seen: Effects | None = None
) -> Effects:
    """Return mu (p,) and diag(Gamma) (p,) from X (n, p) and the spectral form.

    ``seen`` is what ``seen_effects`` has found of all columns, if that is done. A few columns so
    long that the form has lost the digits of theirs are taken apart. A Krylov form has the means
    only.
    """
    found = seen or seen_effects(form, theta, X)
    mean, variance = found.mean, found.variance
    if variance is None or theta.sigma_beta2 == 0:
        return found
    lost = np.flatnonzero(_is_lost(form, theta, variance / theta.sigma_beta2))
    if 0 < len(lost) <= MOST_APART:
        mean[lost], variance[lost] = _apart(form, theta, X, lost)
    return found


def seen_effects(form: SpectralForm, theta: Theta, X: Design) -> Effects:
    """Return mu and diag(Gamma) (k,) of columns X (n, k), all or some, as the form sees them.

    With all of X = U diag(sqrt(lambda)) W':  mu = sigma_beta2 X'U (r / v) and
    Gamma_jj = sigma_beta2 [1 - sum_i W_ji^2 + sum_i W_ji^2 / (1 + q lambda_i)],
    a sum of non-negative terms, so that no digits cancel where Gamma_jj is small.
    """
    if not form.is_exact:
        return Effects(posterior_means(form, theta, X), None)
    eigvals, U = form.eigvals[: form.rank], form.U[:, : form.rank]
    residual = (form.Uty - form.UtQ @ theta.w)[: form.rank]
    scores = theta.sigma_beta2 * residual / (theta.sigma_beta2 * eigvals + theta.sigma_e2)
    mean, variance = np.empty(X.p), np.empty(X.p)
    for columns, block in X.blocks("means and variances of the random effects"):
        rotated = U.T @ block
        mean[columns] = scores @ rotated
        loadings2 = np.square(rotated, out=rotated)
        loadings2 /= eigvals[:, None]
        unseen = np.maximum(1 - loadings2.sum(axis=0), 0.0) if form.rank < form.p else 0.0
        variance[columns] = unseen + (1 / (1 + theta.ratio * eigvals)) @ loadings2
    return Effects(mean, theta.sigma_beta2 * variance)


def posterior_means(form: SpectralForm, theta: Theta, X: Design) -> Array:
    """Return mu (p,) = sigma_beta2 X'V^-1 (y - Zw)."""
    return X.tdot(theta.sigma_beta2 * form.weights(theta))


def unresolved(form: SpectralForm, theta: Theta, effects: Effects) -> Sequence[int]:
    """Return the columns so much larger than others that their effects have lost all digits."""
    if theta.sigma_beta2 == 0 or effects.variance is None:
        return []
    lost = np.flatnonzero(_is_lost(form, theta, effects.variance / theta.sigma_beta2))
    return lost.tolist() if len(lost) > MOST_APART else []


def _is_lost(form: SpectralForm, theta: Theta, variance: Array) -> NDArray[np.bool_]:
    """Flag the columns (p,) whose Gamma_jj / sigma_beta2 has not six digits left.

    The loading W_ji of column j has an error of eps sqrt(n) ||x_j|| / sqrt(lambda_i): much where
    the column is long and the direction hardly seen.
    """
    eigvals = form.eigvals[: form.rank]
    errors2 = form.n * EPS**2 * float(np.sum(1 / eigvals / (1 + theta.ratio * eigvals)))
    return np.asarray(errors2 * form.col_norms2 > LOST * variance)


def _apart(
    form: SpectralForm, theta: Theta, X: Design, columns: NDArray[np.int64]
) -> tuple[Array, Array]:
    """Return mean and variance of a few long columns B given all others.

    With V_0 = V - sigma_beta2 X_B X_B' it is Gamma_BB^-1 = I/sigma_beta2 + X_B' V_0^-1 X_B and
    mu_B = Gamma_BB X_B' V_0^-1 r.
    """
    apart = np.isin(np.arange(X.p), columns)
    B = X.columns(apart).whole()
    others = decompose_columns(X.columns(~apart), np.empty((X.n, 0)))
    r = form.U @ (form.Uty - form.UtQ @ theta.w)[: form.U.shape[1]]
    weights = theta.sigma_e2 / (theta.sigma_beta2 * others.eigvals + theta.sigma_e2)
    rotated = others.U.T @ np.column_stack([B, r])
    missed = np.column_stack([B, r]) - others.U @ rotated
    inner = rotated[:, :-1].T @ (weights[:, None] * rotated) + missed[:, :-1].T @ missed
    precision = inner[:, :-1] / theta.sigma_e2 + np.eye(len(columns)) / theta.sigma_beta2
    scale = 1 / np.sqrt(np.diag(precision))
    factor = linalg.cho_factor(precision * scale * scale[:, None])
    mean = scale * linalg.cho_solve(factor, scale * inner[:, -1] / theta.sigma_e2)
    return mean, scale**2 * np.diag(linalg.cho_solve(factor, np.eye(len(columns))))
