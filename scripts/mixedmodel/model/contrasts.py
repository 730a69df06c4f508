"""Restricted maximum likelihood: the model seen through the n - c contrasts orthogonal to Z.

With orthonormal C (n, n - c), C'Z = 0, the rows of C'y = C'X beta + C'e carry no fixed effect
and keep independent noise; their likelihood is the restricted one (`docs/model.md`, section 14).
Its constant is that of orthonormal contrasts, in which log|C'VC| = log|V| + log|Z'V^-1 Z| -
log|Z'Z|. The contrasts' own spectral form has no fixed effects.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from mixedmodel.model.design import Design
from mixedmodel.model.projection import contrasts_of, orthonormal, without
from mixedmodel.model.solve import solve
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array, Likelihood, Theta

CONSTANTS: dict[Likelihood, str] = {
    "ml": "density of y: the constant is -n/2 log(2 pi)",
    "reml": (
        "density of n - c orthonormal contrasts: the constant is -(n - c)/2 log(2 pi) "
        "+ 1/2 log|Z'Z|, beside -1/2 log|V| - 1/2 log|Z'V^-1 Z|"
    ),
}


@dataclass(frozen=True)
class Rows:
    """The rows that a likelihood counts: y (m,), Z (m, c), X (m, p)."""

    y: Array
    Z: Array
    X: Design


def counted_rows(likelihood: Likelihood, y: Array, Z: Array, X: Design) -> Rows:
    """Return the table itself for ``ml``, its n - c contrasts without Z for ``reml``."""
    n, c = Z.shape
    if likelihood == "ml" or c == 0:
        return Rows(y, Z, X)
    y = counted_responses(likelihood, y[:, None], Z)[:, 0]
    return Rows(y, np.zeros((n - c, 0)), X.contrasts(Z))


def counted_responses(likelihood: Likelihood, Y: Array, Z: Array) -> Array:
    """Return responses Y (n, r) as rows that are counted."""
    if likelihood == "ml" or not Z.shape[1]:
        return Y
    return contrasts_of(Z, without(orthonormal(Z)[0], Y))


def decoupled_fixed_effects(y: Array, Z: Array, X: Design, mean: Array) -> Array:
    """Return the w (c,) that goes with posterior means (p,): (Z'Z)^-1 Z'(y - X mean).

    With the exact means at any variances this is generalised least squares (Henderson 1975).
    """
    Q, R = orthonormal(Z)
    return np.asarray(linalg.solve_triangular(R, Q.T @ (y - X.dot(mean))))


def fixed_covariance(
    form: SpectralForm, theta: Theta, Z: Array, X: Design, contrasts: Rows
) -> Array:
    """Return (Z'V^-1 Z)^-1 (c, c) from the contrasts' spectral form, V never formed.

    With Z = QR and G = X'Q it is R^-1 [sigma_e2 I + G' Gamma G] R^-T, Gamma the posterior
    covariance given the contrasts: sums of squares, in which no digits cancel. A Krylov form does
    not hold Gamma G; with K of the contrasts it is sigma_beta2 [G - q X'(I + q K)^-1 X G].
    """
    Q, R = orthonormal(Z)
    if not form.is_exact:
        seen_by_X = contrasts.X.dot(X.tdot(Q))
        solved = solve(contrasts.X, theta.ratio, seen_by_X)
        inner = Q.T @ X.kernel(Q) - theta.ratio * seen_by_X.T @ solved
        return _in_units_of(R, theta.sigma_beta2 * inner + theta.sigma_e2 * np.eye(len(R)))
    seen = slice(0, form.rank)
    lengths, U = np.sqrt(form.eigvals[seen, None]), form.U[:, seen]
    unseen = X.tdot(Q)
    loadings = np.zeros((form.rank, len(R)))
    for _ in range(2):  # the second time takes off what rounding left of the first
        part = U.T @ contrasts.X.dot(unseen) / lengths
        unseen = unseen - contrasts.X.tdot(U @ (part / lengths))
        loadings += part
    shrunk = loadings / (1 + theta.ratio * form.eigvals[seen, None])
    inner = theta.sigma_beta2 * (unseen.T @ unseen + loadings.T @ shrunk)
    return _in_units_of(R, inner + theta.sigma_e2 * np.eye(len(R)))


def _in_units_of(R: Array, covariance: Array) -> Array:
    """Return R^-1 covariance R^-T."""
    half = linalg.solve_triangular(R, covariance)
    return np.asarray(linalg.solve_triangular(R, half.T))
