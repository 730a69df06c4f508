"""Sets of rows: responses of a table that are observed in the same rows, and what Z is in these.

One pass finds them all. It begins with a single set, which is divided wherever responses part: one
has a value in a row and another hasn't. Of the rows of each set a triangular factor is kept, which
tells whether the fixed effects are independent there and which responses they reproduce.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mixedmodel.model.collinear import is_in_span
from mixedmodel.store.names import Names
from mixedmodel.store.regression import Matrix, told_dependencies, updated
from mixedmodel.store.roles import Roles, shown
from mixedmodel.store.scan import Columns
from mixedmodel.store.sources import Source

Rows = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class RowSet:
    """Responses observed in the same rows, and these rows as far as a regression needs them.

    The factor is that of [1 Z A Y]: the intercept if there is one, Z with 0 where a cell is absent,
    flags of such cells if they are imputed, the responses. Imputed, Z is Z + A times the means,
    which are known when all rows have been seen.
    """

    responses: tuple[int, ...]  # positions among all responses
    intercept: bool
    imputes: bool
    n: int
    Z: Columns
    factor: Matrix

    @classmethod
    def empty(cls, responses: int, fixed: int, *, intercept: bool, imputes: bool) -> "RowSet":
        """Start before the first row, with all responses in one set."""
        width = intercept + fixed * (1 + imputes) + responses
        nothing = Columns.of(np.empty((0, fixed)))
        factor = np.empty((0, width))
        return cls(tuple(range(responses)), intercept, imputes, 0, nothing, factor)

    def divided(self, observed: Flags) -> Iterator["RowSet"]:
        """Part the responses by the rows (rows, all responses) that they are observed in next."""
        parts: dict[bytes, list[int]] = {}
        for place, k in enumerate(self.responses):
            parts.setdefault(observed[:, k].tobytes(), []).append(place)
        yield from map(self._part, parts.values())

    def plus(self, Y: Rows, Z: Rows) -> "RowSet":
        """Add rows of these responses and of the fixed effects; NaN: missing."""
        absent = np.isnan(Z)
        ones, flags = (
            np.ones((len(Z), int(self.intercept))),
            absent if self.imputes else absent[:, :0],
        )
        rows = np.hstack([ones, np.where(absent, 0.0, Z), flags, np.nan_to_num(Y)])
        return replace(
            self,
            n=self.n + len(Z),
            Z=self.Z.plus(Columns.of(Z)),
            factor=updated(self.factor, rows),
        )

    def wrong_with_fixed(self, names: Names) -> str:
        """Say why no response can be fitted in these rows; nothing where some can."""
        if self._is_unknown:
            return ""
        effects = names.fixed[self.intercept :]
        empty = [repr(effects[k]) for k in np.flatnonzero(self.Z.observed == 0)]
        if empty:
            return f"its rows have no value to impute from in {shown(empty)}"
        told = told_dependencies(self._fixed(), names.fixed)
        return f"the fixed effects are collinear in its rows: {told}" if told else ""

    def reproduces(self, response: int) -> bool:
        """Tell whether a response is a combination of the fixed effects."""
        place = self.responses.index(response) - len(self.responses)
        return not self._is_unknown and is_in_span(self.factor[:, place], self._fixed())

    @property
    def _is_unknown(self) -> bool:
        """Tell whether Z misses cells that aren't to be imputed, which the import refuses."""
        return bool((self.Z.observed < self.n).any()) and not self.imputes

    def _part(self, places: list[int]) -> "RowSet":
        effects = self.factor.shape[1] - len(self.responses)
        columns = [*range(effects), *(effects + place for place in places)]
        responses = tuple(self.responses[place] for place in places)
        return replace(self, responses=responses, factor=self.factor[:, columns])

    def _fixed(self) -> Matrix:
        """Return the columns that stand for the fixed effects, imputed."""
        start, stop = int(self.intercept), int(self.intercept) + len(self.Z.observed)
        fixed = self.factor[:, :stop].copy()
        if self.imputes:
            fixed[:, start:] += self.factor[:, stop : 2 * stop - start] * self.Z.mean
        return fixed


@dataclass(frozen=True)
class Found:
    """The responses of a table in the rows that the import keeps, and the sets they are in."""

    responses: Columns
    dropped: int  # rows of the table that aren't kept, as they miss an effect
    sets: list[RowSet]


def find_row_sets(source: Source, roles: Roles, *, intercept: bool, missing: str) -> Found:
    """Put the responses of a table into sets, in one pass.

    Under ``error`` each is to be complete, and they are one set, whatever is missing.
    """
    r, c = len(roles.responses), len(roles.fixed)
    drops = missing == "drop_rows"
    responses, dropped = Columns.of(np.empty((0, r))), 0
    sets = [RowSet.empty(r, c, intercept=intercept, imputes=missing == "impute_mean")]
    for block in source.blocks(roles.columns if drops else roles.columns[: r + c]):
        kept = ~np.isnan(block.values[:, r:]).any(axis=1) if drops else slice(None)
        Y, Z = np.split(block.values[kept, : r + c], [r], axis=1)
        responses, dropped = responses.plus(Columns.of(Y)), dropped + len(block.values) - len(Y)
        observed = np.ones(Y.shape, bool) if missing == "error" else ~np.isnan(Y)
        parts = [part for each in sets for part in each.divided(observed)]
        sets = [_grown(part, Y, Z, observed) for part in parts]
    return Found(responses, dropped, sets)


def _grown(part: RowSet, Y: Rows, Z: Rows, observed: Flags) -> RowSet:
    """Add the rows that the responses of ``part`` are observed in."""
    rows = observed[:, part.responses[0]]
    return part.plus(Y[rows][:, part.responses], Z[rows])
