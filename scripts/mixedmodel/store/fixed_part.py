"""Second pass over responses and fixed effects: checked as regressions and written.

Rows to predict are written likewise, unchecked, with NaN for the responses.

The checks need the triangular factor of [Z Y] only, which is updated chunk by chunk.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mixedmodel.errors import UserError
from mixedmodel.model.collinear import is_in_span
from mixedmodel.model.results import Response
from mixedmodel.store.names import Names
from mixedmodel.store.regression import Matrix, told_dependencies, updated
from mixedmodel.store.roles import shown
from mixedmodel.store.scan import Scan
from mixedmodel.store.spill import Aside
from mixedmodel.store.table import fixed_writer

GROUP = 0  # of the rows set aside: responses and fixed effects

Rows = NDArray[np.float64]


def write_fixed(
    path: Path, source: Path, names: Names, aside: Aside, scan: Scan
) -> tuple[Response, ...]:
    """Write responses and fixed effects, imputed, with the intercept if asked for.

    Raises UserError when there are no more rows than fixed effects, a response is
    constant, fixed effects are collinear, or they reproduce a response.
    """
    _check_counts(source, names, scan)
    r = len(names.responses)
    mean = scan.columns.mean[: aside.widths[GROUP]]
    factor: Matrix = np.empty((0, r + len(names.fixed)))
    squares = np.zeros(r)
    with fixed_writer(path, names.responses, names.fixed) as writer:
        for values in _completed(names, aside, mean):
            factor = updated(factor, np.roll(values, -r, axis=1))  # [Z Y]
            squares += ((values[:, :r] - mean[:r]) ** 2).sum(axis=0)
            writer.write(values)
    aside.discard(GROUP)
    _check_regression(source, names, factor)
    variance = squares / max(scan.n - 1, 1)
    return tuple(map(Response, names.responses, mean[:r].tolist(), variance.tolist()))


def write_new_fixed(path: Path, names: Names, aside: Aside, scan: Scan) -> None:
    """Write the rows to predict: NaN for the responses, effects imputed from the rows fitted."""
    mean = scan.columns.mean[: aside.widths[GROUP]]
    mean[: len(names.responses)] = np.nan
    with fixed_writer(path, names.responses, names.fixed) as writer:
        for values in _completed(names, aside, mean):
            writer.write(values)
    aside.discard(GROUP)


def _completed(names: Names, aside: Aside, mean: Rows) -> Iterator[Rows]:
    """Read the rows back with ``mean`` where values are missing, and the intercept."""
    for chunk in aside.chunks(GROUP):
        yield _with_intercept(np.where(np.isnan(chunk), mean, chunk), names)


def _with_intercept(values: Rows, names: Names) -> Rows:
    """Put a column of ones first in Z, after the responses, if asked for."""
    return np.insert(values, len(names.responses), 1.0, axis=1) if names.intercept else values


def _check_counts(source: Path, names: Names, scan: Scan) -> None:
    c = len(names.fixed)
    if scan.n <= c:
        raise UserError(
            f"{source}: n = {scan.n} rows are left for c = {c} fixed effects"
            f"{' (intercept included)' if names.intercept else ''}; expected more rows than "
            "fixed effects: add rows or name fewer columns in `fixed`"
        )
    r = len(names.responses)
    for column in np.flatnonzero(scan.columns.constant[:r]):
        raise UserError(
            f"{source}: the response, column {names.responses[column]!r}, is "
            f"{scan.columns.low[column]:g} in each of the {scan.n} rows; expected values that "
            "vary: check `response`"
        )


def _check_regression(source: Path, names: Names, factor: Matrix) -> None:
    """Check Z and each y by the triangular factor of [Z Y]."""
    c = len(names.fixed)
    Z = factor[:, :c]
    if told := told_dependencies(Z, names.fixed):
        raise UserError(
            f"{source}: the fixed effects are collinear: {told}; expected linearly "
            "independent columns: take the dependent ones out of `fixed`"
        )
    for name, y in zip(names.responses, factor[:, c:].T, strict=True):
        if is_in_span(y, Z):
            raise UserError(
                f"{source}: the response, column {name!r}, is an exact linear combination "
                "of the fixed effects, so nothing is left to explain and the likelihood has no "
                f"bound; expected noise: look for a copy of the response among {shown(names.fixed)}"
            )
