"""First pass over a table: its rows go to disk as doubles, missing values are dealt with.

Rows that the rule for missing values drops are dropped here; cells to be imputed stay
NaN until all rows are seen.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from mixedmodel.errors import UserError
from mixedmodel.store.roles import Roles, shown
from mixedmodel.store.sources import Block, Source
from mixedmodel.store.spill import Spill

PLACES = 3  # missing cells told by line and column

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class MissingCells:
    """Missing cells of the input by role."""

    response: int
    fixed: int
    random: int

    def plus(self, other: "MissingCells") -> "MissingCells":
        """Add up the counts."""
        return MissingCells(
            self.response + other.response, self.fixed + other.fixed, self.random + other.random
        )


@dataclass(frozen=True)
class Columns:
    """What the rows kept hold, column by column: response, fixed, random."""

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
    n: int  # rows kept
    missing: MissingCells
    cells_imputed: int  # missing cells in the rows kept
    columns: Columns


def scan_rows(source: Source, roles: Roles, spill: Spill, *, missing: str) -> Scan:
    """Append the rows to keep to ``spill`` and describe them.

    ``missing`` is error, drop_rows or impute_mean. Raises UserError for a mistake in
    the file, for missing cells under ``error``, when no row is left and for a column
    without any value.
    """
    rows_read = n = imputed = 0
    cells = MissingCells(0, 0, 0)
    columns = Columns.of(np.empty((0, len(roles.columns))))
    places: list[str] = []
    for block in source.blocks(roles.columns):
        absent = np.isnan(block.values)
        cells = cells.plus(_count(absent, len(roles.fixed)))
        places.extend(islice(_places(source, roles, block, absent), PLACES - len(places)))
        kept = ~_dropped(absent, missing)
        values = block.values if kept.all() else block.values[kept]
        rows_read, n = rows_read + len(kept), n + len(values)
        imputed += int(absent[kept].sum())
        columns = columns.plus(Columns.of(values))
        spill.append(values)
    _check_missing(source, cells, places, missing)
    _check_columns(source, roles, n, rows_read, columns)
    return Scan(rows_read, n, cells, imputed, columns)


def _count(absent: Flags, fixed: int) -> MissingCells:
    """Count missing cells in columns ordered response, fixed, random."""
    by_column = absent.sum(axis=0)
    return MissingCells(
        int(by_column[0]), int(by_column[1 : 1 + fixed].sum()), int(by_column[1 + fixed :].sum())
    )


def _places(source: Source, roles: Roles, block: Block, absent: Flags) -> Iterator[str]:
    """Tell one by one where cells are missing."""
    for row, column in np.argwhere(absent):
        name = source.names[roles.columns[column]]
        yield f"{source.unit} {block.lines[row]}, column {name!r}"


def _dropped(absent: Flags, missing: str) -> Flags:
    """Flag the rows to drop; a response is never imputed."""
    match missing:
        case "drop_rows":
            return np.asarray(absent.any(axis=1))
        case "impute_mean":
            return absent[:, 0]
        case _:
            return np.zeros(len(absent), bool)


def _check_missing(source: Source, cells: MissingCells, places: list[str], missing: str) -> None:
    total = sum(asdict(cells).values())
    if missing == "error" and total:
        raise UserError(
            f"{source.path}: missing values: {total} (response {cells.response}, fixed "
            f"{cells.fixed}, random {cells.random}), first at {'; '.join(places)}; "
            "expected none under `missing: error`: fill them in, or set `missing` to "
            "drop_rows or impute_mean"
        )


def _check_columns(source: Source, roles: Roles, n: int, rows_read: int, columns: Columns) -> None:
    empty = [source.names[roles.columns[i]] for i in np.flatnonzero(columns.observed == 0)]
    if n == 0:
        raise UserError(
            f"{source.path}: each of its {rows_read} rows has a missing value and is dropped; "
            "expected some complete rows: mend the table, or try `missing: impute_mean`"
        )
    if empty:
        raise UserError(
            f"{source.path}: columns without any value: {shown(empty)}; "
            "expected some to impute from: leave these columns out"
        )
