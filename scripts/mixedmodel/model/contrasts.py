"""Restricted maximum likelihood: the model seen through the n - c contrasts orthogonal to Z.

With orthonormal C (n, n - c), C'Z = 0, the rows of C'y = C'X beta + C'e carry no fixed effect
and keep independent noise; their likelihood is the restricted one (Patterson, Thompson 1971).
Its constant is that of orthonormal contrasts, in which log|C'VC| = log|V| + log|Z'V^-1 Z| -
log|Z'Z|. The contrasts' own spectral form has no fixed effects.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

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
    X: Array


def counted_rows(likelihood: Likelihood, y: Array, Z: Array, X: Array) -> Rows:
    """Return the table itself for ``ml``, its n - c contrasts without Z for ``reml``.

    The contrasts are the last rows of Q' of the full QR decomposition of Z, applied as
    Householder reflections: no n x n matrix is formed.
    """
    n, c = Z.shape
    if likelihood == "ml" or c == 0:
        return Rows(y, Z, X)
    (reflectors, tau), _ = linalg.qr(Z, mode="raw")
    columns = np.column_stack([y, X])  # its own copy
    lwork = int(linalg.lapack.dormqr("L", "T", reflectors, tau, columns, -1)[1][0])
    rotated, _, _ = linalg.lapack.dormqr("L", "T", reflectors, tau, columns, lwork)
    return Rows(rotated[c:, 0].copy(), np.zeros((n - c, 0)), np.asfortranarray(rotated[c:, 1:]))


def decoupled_fixed_effects(y: Array, Z: Array, X: Array, mean: Array) -> Array:
    """Return the w (c,) that goes with posterior means (p,): (Z'Z)^-1 Z'(y - X mean).

    With the exact means at any variances this is generalised least squares (Henderson 1975).
    """
    return np.asarray(linalg.lstsq(Z, y - X @ mean)[0]) if Z.shape[1] else np.zeros(0)


def fixed_covariance(
    form: SpectralForm, theta: Theta, Z: Array, X: Array, contrasts: Rows
) -> Array:
    """Return (Z'V^-1 Z)^-1 (c, c) from the contrasts' spectral form, V never formed.

    With Z = QR it is R^-1 [Q'VQ - Q'VC (C'VC)^-1 C'VQ] R^-T.
    """
    Q, R = linalg.qr(Z, mode="economic")
    by_column = X.T @ Q
    crossed = form.U.T @ (contrasts.X @ by_column)
    v = theta.sigma_beta2 * form.eigvals[: len(crossed)] + theta.sigma_e2
    within = theta.sigma_beta2 * by_column.T @ by_column + theta.sigma_e2 * np.eye(len(R))
    inner = within - theta.sigma_beta2**2 * crossed.T @ (crossed / v[:, None])
    half = linalg.solve_triangular(R, inner)
    return np.asarray(linalg.solve_triangular(R, half.T))
