"""What is wrong with a regression of responses on fixed effects, told by a triangular factor.

Rows of [Z Y] are added to the factor chunk by chunk, so that memory holds little of a long table.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr

from mixedmodel.model.collinear import Dependency, find_dependencies
from mixedmodel.store.roles import shown

Matrix = NDArray[np.floating]


def updated(factor: Matrix, rows: Matrix) -> Matrix:
    """Add rows (m, k) to a factor with as many columns; the result is triangular."""
    stacked: Matrix = np.vstack([factor, rows])
    if not stacked.shape[1]:
        return stacked[:0]
    (R,) = qr(stacked, mode="r")
    return R[: stacked.shape[1]]


def told_dependencies(Z: Matrix, names: tuple[str, ...]) -> str:
    """Say which fixed effects depend on which others; nothing where all are independent."""
    return shown(_told(dependency, names) for dependency in find_dependencies(Z))


def _told(dependency: Dependency, names: tuple[str, ...]) -> str:
    column = repr(names[dependency.column])
    if not dependency.on:
        return f"{column} is zero throughout"
    return f"{column} depends on {shown(repr(names[i]) for i in dependency.on)}"
