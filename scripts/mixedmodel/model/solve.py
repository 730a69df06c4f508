"""Equations in I + q K without K: conjugate gradients on products with X.

What the Krylov form doesn't hold, such as rows to predict, is solved for anew, all columns at the
same time, a pass over X an iteration (Hestenes, Stiefel 1952; `docs/model.md`, section 23).
"""

import numpy as np

from mixedmodel.model.design import Design
from mixedmodel.model.types import Array

ACCURACY = 1e-9  # of the length of the right-hand side
MOST = 2000  # iterations
AT_ONCE = 256  # columns


def solve(X: Design, ratio: float, B: Array) -> Array:
    """Return (I + q X X')^-1 B (n, k) for B (n, k)."""
    pieces = [B[:, start : start + AT_ONCE] for start in range(0, B.shape[1], AT_ONCE)]
    return np.column_stack([B[:, :0], *(_conjugate_gradients(X, ratio, piece) for piece in pieces)])


def _conjugate_gradients(X: Design, ratio: float, B: Array) -> Array:
    found, residual, direction = np.zeros_like(B), B.copy(), B.copy()
    square = np.einsum("ij,ij->j", residual, residual)
    enough = ACCURACY**2 * square
    for _ in range(MOST):
        open_ = square > enough
        if not open_.any():
            break
        turned = direction + ratio * X.kernel(direction)
        curvature = np.einsum("ij,ij->j", direction, turned)
        step = np.where(open_, square / np.where(curvature > 0, curvature, 1.0), 0.0)
        found += direction * step
        residual -= turned * step
        before, square = square, np.einsum("ij,ij->j", residual, residual)
        direction = residual + direction * (square / np.where(before > 0, before, 1.0))
    return found
