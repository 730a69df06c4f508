"""Left singular vectors of X (n, p) whose columns and rows may differ widely in scale.

An eigendecomposition of X X' knows eigenvalues to rounding of the largest one only. Here X
is never squared: an orthogonal factorisation with the largest rows first, which is backward
stable row by row (Cox, Higham 1998), and one-sided Jacobi rotations of its triangular factor,
which find small singular values to as many digits as large ones (Drmac, Veselic 2008); see
`docs/model.md`, section 22.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from mixedmodel.model.design import Design
from mixedmodel.model.projection import orthonormal
from mixedmodel.model.types import Array

EMPTY = 1e-9  # of the length of each column of X: what a direction holds of it by rounding
ROWS_AND_COLUMNS_SCALED = 2  # accuracy "F" of LAPACK's dgejsv
LEFT, RIGHT, NONE = 0, 0, 3  # which vectors dgejsv returns


def left_vectors(X: Design) -> tuple[Array, Array]:
    """Return left singular vectors (n, k), k = min(n, p), and squared singular values (k,)."""
    if X.p >= X.n:
        return _jacobi(_triangle(X), jobu=NONE, jobv=RIGHT)
    Q, R = _factors(X.whole())
    vectors, values = _jacobi(R, jobu=LEFT, jobv=NONE)
    return Q @ vectors, values


def empty_directions(X: Design, U: Array) -> NDArray[np.bool_]:
    """Flag the directions U (n, k) in which no column of X (n, p) has more than rounding.

    A centred X is empty in the direction of ones, for instance, whatever its columns' scales.
    """
    most = np.zeros(U.shape[1])
    if not most.size:
        return most <= EMPTY
    lengths = np.sqrt(np.where(X.norms2 > 0, X.norms2, 1.0))
    for columns, block in X.blocks():
        loadings = np.abs(U.T @ block) / lengths[columns]
        most = np.maximum(most, loadings.max(axis=1))
    return most <= EMPTY


def _triangle(X: Design) -> Array:
    """Return R (n, n) of X' = Q R, p >= n, factorised with the longest rows on top.

    As many rows of X' as there are columns are put below the R of those before.
    """
    n = X.n
    R: Array = np.empty((0, n))
    waiting: list[Array] = []
    for columns, block in X.blocks("triangular factor of X'"):
        waiting.append(block.T)
        if sum(map(len, waiting)) >= n or columns.stop == X.p:
            A = np.vstack([R, *waiting])
            found = linalg.qr(A[_largest_first(A)], mode="r", check_finite=False)[0][:n]
            R = np.asarray(found, float)
            waiting = []
    return R


def _factors(A: Array) -> tuple[Array, Array]:
    """Return Q (m, k), its rows in the order of A, and R (k, k) of A = Q R, likewise."""
    order = _largest_first(A)
    in_order, R = orthonormal(A[order])
    Q = np.empty_like(in_order)
    Q[order] = in_order
    return Q, R


def _largest_first(A: Array) -> NDArray[np.int64]:
    return np.argsort(-np.einsum("ij,ij->i", A, A), kind="stable")


def _jacobi(R: Array, *, jobu: int, jobv: int) -> tuple[Array, Array]:
    """Return the left or right singular vectors of a square R and its squared singular values."""
    values, left, right, work, _, info = linalg.lapack.dgejsv(
        np.asfortranarray(R), joba=ROWS_AND_COLUMNS_SCALED, jobu=jobu, jobv=jobv
    )
    if info:
        raise linalg.LinAlgError(f"Jacobi rotations did not converge (dgejsv: {info})")
    return left if jobv == NONE else right, np.square(values * (work[0] / work[1]))
