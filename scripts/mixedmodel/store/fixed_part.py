"""Second pass over response and fixed effects: checked as a regression and written.

Rows to predict are written likewise, unchecked, with NaN for the response.

The checks need the triangular factor of [Z y] only, which is updated chunk by chunk.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr

from mixedmodel.errors import UserError
from mixedmodel.model.collinear import Dependency, find_dependencies, is_in_span
from mixedmodel.store.names import Names
from mixedmodel.store.roles import shown
from mixedmodel.store.scan import Scan
from mixedmodel.store.spill import Spill
from mixedmodel.store.table import columns_writer

GROUP = 0  # of the spill: response and fixed effects

Rows = NDArray[np.float64]
Matrix = NDArray[np.floating]


@dataclass(frozen=True)
class Response:
    """Moments of the response."""

    mean: float
    variance: float  # sum of squares over n - 1


def write_fixed(path: Path, source: Path, names: Names, spill: Spill, scan: Scan) -> Response:
    """Write response and fixed effects, imputed, with the intercept if asked for.

    Raises UserError when there are no more rows than fixed effects, the response is
    constant, fixed effects are collinear, or they reproduce the response.
    """
    _check_counts(source, names, scan)
    mean = scan.columns.mean[: spill.widths[GROUP]]
    factor: Matrix = np.empty((0, 1 + len(names.fixed)))
    squares = 0.0
    with columns_writer(path, [names.response, *names.fixed]) as writer:
        for values in _completed(names, spill, mean):
            factor = _updated(factor, values)
            squares += float(((values[:, 0] - mean[0]) ** 2).sum())
            writer.write(values)
    spill.discard(GROUP)
    _check_regression(source, names, factor)
    return Response(float(mean[0]), squares / (scan.n - 1))


def write_new_fixed(path: Path, names: Names, spill: Spill, scan: Scan) -> None:
    """Write the rows to predict: NaN for the response, effects imputed from the rows fitted."""
    mean = scan.columns.mean[: spill.widths[GROUP]]
    mean[0] = np.nan
    with columns_writer(path, [names.response, *names.fixed]) as writer:
        for values in _completed(names, spill, mean):
            writer.write(values)
    spill.discard(GROUP)


def _completed(names: Names, spill: Spill, mean: Rows) -> Iterator[Rows]:
    """Read the rows back with ``mean`` where values are missing, and the intercept."""
    for chunk in spill.chunks(GROUP):
        yield _with_intercept(np.where(np.isnan(chunk), mean, chunk), names)


def _with_intercept(values: Rows, names: Names) -> Rows:
    """Put a column of ones first in Z, after the response, if asked for."""
    return np.insert(values, 1, 1.0, axis=1) if names.intercept else values


def _updated(factor: Matrix, values: Rows) -> Matrix:
    """Add rows of [y Z] to the triangular factor of [Z y]."""
    rows: Matrix = np.vstack([factor, np.roll(values, -1, axis=1)])
    (R,) = qr(rows, mode="r")
    return R[: rows.shape[1]]


def _check_counts(source: Path, names: Names, scan: Scan) -> None:
    c = len(names.fixed)
    if scan.n <= c:
        raise UserError(
            f"{source}: n = {scan.n} rows are left for c = {c} fixed effects"
            f"{' (intercept included)' if names.intercept else ''}; expected more rows than "
            "fixed effects: add rows or name fewer columns in `fixed`"
        )
    if scan.columns.constant[0]:
        raise UserError(
            f"{source}: the response, column {names.response!r}, is {scan.columns.low[0]:g} in "
            f"each of the {scan.n} rows; expected values that vary: check `response`"
        )


def _check_regression(source: Path, names: Names, factor: Matrix) -> None:
    """Check Z and y by the triangular factor of [Z y]."""
    Z, y = factor[:, :-1], factor[:, -1]
    if dependencies := find_dependencies(Z):
        listed = shown(_told(dependency, names) for dependency in dependencies)
        raise UserError(
            f"{source}: the fixed effects are collinear: {listed}; expected linearly "
            "independent columns: take the dependent ones out of `fixed`"
        )
    if is_in_span(y, Z):
        raise UserError(
            f"{source}: the response, column {names.response!r}, is an exact linear combination "
            "of the fixed effects, so nothing is left to explain and the likelihood has no "
            f"bound; expected noise: look for a copy of the response among {shown(names.fixed)}"
        )


def _told(dependency: Dependency, names: Names) -> str:
    column = repr(names.fixed[dependency.column])
    if not dependency.on:
        return f"{column} is zero throughout"
    return f"{column} depends on {shown(repr(names.fixed[i]) for i in dependency.on)}"
