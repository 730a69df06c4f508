"""Columns that are linear combinations of others, decided whatever the columns' scales.

The columns are scaled to unit length and factorised by QR with column pivoting (Golub
and Van Loan, *Matrix Computations*, section 5.4.2). Any matrix with the same Z'Z gives
the same answer, so the triangular factor of a long Z may stand for it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr, solve_triangular

Matrix = NDArray[np.floating]

RANK_TOLERANCE = 1e-8  # of unit length; below sqrt(eps), Z'Z is singular in doubles
WEIGHT_TOLERANCE = 1e-6  # of the largest weight in a combination; smaller ones are rounding
SPAN_TOLERANCE = 1e-12  # of the response's length; the rounding of its decimals is 1e-15


@dataclass(frozen=True)
class Dependency:
    """One column that is a combination of others; of none if it is all zero."""

    column: int
    on: tuple[int, ...]


def find_dependencies(Z: Matrix) -> tuple[Dependency, ...]:
    """Find the columns of Z (n, c) beyond its rank and what each depends on."""
    if not Z.shape[1]:
        return ()
    scaled = Z / _lengths(Z)
    R, order = qr(scaled, mode="r", pivoting=True)
    rank = int((np.abs(np.diag(R)) > RANK_TOLERANCE).sum())
    weights = np.abs(solve_triangular(R[:rank, :rank], R[:rank, rank:]))
    carries = weights > WEIGHT_TOLERANCE * weights.max(axis=0, initial=0.0)
    return tuple(
        Dependency(int(column), tuple(sorted(order[:rank][carriers].tolist())))
        for column, carriers in zip(order[rank:], carries.T, strict=True)
    )


def is_in_span(y: NDArray[np.floating], Z: Matrix) -> bool:
    """Tell whether y (n,) is a combination of the independent columns of Z (n, c)."""
    Q, _ = qr(Z / _lengths(Z), mode="economic")
    residual = y - Q @ (Q.T @ y)
    return bool(np.linalg.norm(residual) <= SPAN_TOLERANCE * np.linalg.norm(y))


def _lengths(Z: Matrix) -> NDArray[np.float64]:
    """Return the lengths of the columns, 1 for a column of zeros."""
    largest = np.abs(Z).max(axis=0)
    safe = np.where(largest > 0, largest, 1.0)
    lengths: NDArray[np.float64] = safe * np.sqrt(((Z / safe) ** 2).sum(axis=0))
    return np.where(largest > 0, lengths, 1.0)
