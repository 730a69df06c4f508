"""Vectors seen without their part in the span of Z (n, c), never through an n x n matrix."""

import numpy as np
from scipy import linalg

from mixedmodel.model.types import Array


def contrasts_of(Z: Array, columns: Array) -> Array:
    """Return C' columns (n - c, k) for an orthonormal basis C of what is orthogonal to Z (n, c).

    C' holds the last rows of Q' of the full QR decomposition of Z, applied as Householder
    reflections to ``columns`` (n, k).
    """
    (reflectors, tau), _ = linalg.qr(Z, mode="raw")
    lwork = int(linalg.lapack.dormqr("L", "T", reflectors, tau, columns, -1)[1][0])
    rotated, _, _ = linalg.lapack.dormqr("L", "T", reflectors, tau, columns, lwork)
    return np.asfortranarray(rotated[Z.shape[1] :])


def orthonormal(Z: Array) -> tuple[Array, Array]:
    """Return orthonormal Q (n, c) and upper triangular R (c, c) with Z = Q R."""
    Q, R = linalg.qr(Z, mode="economic")
    return np.asarray(Q, float), np.asarray(R, float)


def without(Q: Array, columns: Array) -> Array:
    """Return ``columns`` (n,) or (n, k) less their part in the span of orthonormal Q (n, c).

    What is left is orthogonal to Q to rounding of itself, not of ``columns``: a response in
    seconds since 1970 keeps the digits that its deviations have.
    """
    left = columns - Q @ (Q.T @ columns)
    return np.asarray(left - Q @ (Q.T @ left))
