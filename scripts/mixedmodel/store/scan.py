"""First pass over a table: its rows go to disk as doubles, missing values are dealt with.

Rows that the rule for missing values drops are dropped here, and rows that miss their
response alone are set apart to be predicted; cells to be imputed stay NaN until all rows
are seen. Several responses of one table are observed in the same rows.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from mixedmodel.errors import UserError
from mixedmodel.model.progress import Ticker, say
from mixedmodel.model.results import MissingCells
from mixedmodel.store.cells import SMALLEST
from mixedmodel.store.roles import Roles, shown
from mixedmodel.store.sources import Block, Source
from mixedmodel.store.spill import Aside

PLACES = 3  # missing cells told by line and column

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Columns:
    """What the rows kept hold, column by column: responses, fixed, random."""

    observed: NDArray[np.int64]  # cells with a value
    total: Vector  # their sum
    low: Vector
    high: Vector

    @classmethod
    def of(cls, values: Vector) -> "Columns":
        """Describe the columns of values (rows, columns); NaN: missing."""
        absent = np.isnan(values)
        return cls(
            len(values) - absent.sum(axis=0),
            (np.where(absent, 0.0, values) if absent.any() else values).sum(axis=0),
            np.fmin.reduce(values, axis=0, initial=np.inf),
            np.fmax.reduce(values, axis=0, initial=-np.inf),
        )

    def plus(self, other: "Columns") -> "Columns":
        """Describe the rows of both."""
        return Columns(
            self.observed + other.observed,
            self.total + other.total,
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
        )

    @property
    def mean(self) -> Vector:
        """Return the mean of the observed cells, never outside their range."""
        return np.clip(self.total / self.observed, self.low, self.high)

    @property
    def constant(self) -> Flags:
        """Flag the columns with a single value."""
        flags: Flags = self.low == self.high
        return flags


@dataclass(frozen=True)
class Scan:
    """What the first pass saw."""

    rows_read: int
    n: int  # rows kept for the fit
    rows_to_predict: int  # rows set apart
    missing: MissingCells
    cells_imputed: int  # missing cells in the rows kept
    columns: Columns


def scan_rows(source: Source, roles: Roles, fit: Aside, apart: Aside, *, missing: str) -> Scan:
    """Append the rows to keep to ``fit``, those to predict to ``apart``; describe the former.

    ``missing`` is error, drop_rows or impute_mean. Raises UserError for a mistake in the file, for
    missing cells under ``error``, when no row is left and for a column without any value.
    """
    rows_read = n = to_predict = imputed = 0
    cells = MissingCells(0, 0, 0)
    columns = Columns.of(np.empty((0, len(roles.columns))))
    places: list[str] = []
    r, ticker = len(roles.responses), Ticker()
    for block in source.blocks(roles.columns):
        absent = np.isnan(block.values)
        cells = cells.plus(_count(absent, roles))
        places.extend(islice(_places(source, roles, block, absent), PLACES - len(places)))
        usable, answered = _usable(absent[:, r:], missing), ~absent[:, :r].any(axis=1)
        kept, asked = usable & answered, usable & ~answered
        if ticker.is_due():
            say(f"reading {source.path}: {rows_read:,} rows")
        fit.append(block.values, kept)
        apart.append(block.values, asked)
        rows_read, n = rows_read + len(kept), n + int(kept.sum())
        to_predict, imputed = to_predict + int(asked.sum()), imputed + int(absent[kept].sum())
        columns = columns.plus(Columns.of(block.values if kept.all() else block.values[kept]))
    _check_missing(source, cells, places, missing)
    _check_columns(source, roles, n, rows_read, columns)
    return Scan(rows_read, n, to_predict, cells, imputed, columns)


def _count(absent: Flags, roles: Roles) -> MissingCells:
    """Count what is missing in columns ordered by role."""
    edges = np.cumsum([len(roles.responses), len(roles.fixed)])
    responses, fixed, random = np.split(absent, edges, axis=1)
    return MissingCells(int(responses.any(axis=1).sum()), int(fixed.sum()), int(random.sum()))


def _places(source: Source, roles: Roles, block: Block, absent: Flags) -> Iterator[str]:
    """Tell one by one where cells are missing."""
    for row, column in np.argwhere(absent):
        name = source.names[roles.columns[column]]
        yield f"{source.unit} {block.lines[row]}, column {name!r}"


def _usable(absent: Flags, missing: str) -> Flags:
    """Flag the rows whose fixed and random effects are there or are going to be imputed."""
    if missing == "drop_rows":
        return np.asarray(~absent.any(axis=1))
    return np.ones(len(absent), bool)


def _check_missing(source: Source, cells: MissingCells, places: list[str], missing: str) -> None:
    total = sum(asdict(cells).values())
    if missing == "error" and total:
        raise UserError(
            f"{source.path}: missing values: {total} (response {cells.response}, fixed "
            f"{cells.fixed}, random {cells.random}), first at {'; '.join(places)}; "
            "expected none under `missing: error`: fill them in, or set `missing` to "
            "drop_rows or impute_mean, which both keep a row without a response out of the fit "
            "and predict it"
        )


def _check_columns(source: Source, roles: Roles, n: int, rows_read: int, columns: Columns) -> None:
    empty = [source.names[roles.columns[i]] for i in np.flatnonzero(columns.observed == 0)]
    if n == 0:
        raise UserError(
            f"{source.path}: each of its {rows_read} rows has a missing value and can't be "
            "fitted; expected some complete rows: mend the table, or try `missing: impute_mean`"
        )
    if empty:
        raise UserError(
            f"{source.path}: columns without any value: {shown(empty)}; "
            "expected some to impute from: leave these columns out"
        )
    _check_units(source, roles, columns)


def _check_units(source: Source, roles: Roles, columns: Columns) -> None:
    size = np.maximum(np.abs(columns.low), np.abs(columns.high))
    small = [source.names[roles.columns[i]] for i in np.flatnonzero((size > 0) & (size < SMALLEST))]
    if small:
        raise UserError(
            f"{source.path}: columns whose values are all smaller than {SMALLEST:g} in size, not "
            f"all zero: {shown(small)}; expected a smaller unit, such that one is larger"
        )
