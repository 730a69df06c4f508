"""The table of the fixed effects: how its numbers are written, and how it fits on slides."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mixedmodel.model.results import FixedEffect
from mixedmodel.report.numbers import common_exponent, fixed, power_of_ten, significant
from mixedmodel.report.slides.canvas import BODY, Box
from mixedmodel.report.slides.columns import Fitted, Rows, fit_table

SIZE = 14
DIGITS = 5  # significant ones of the largest effect, at most
ERROR_DIGITS = 2  # of a standard error
WIDEST_SPREAD = 1e4  # of effects that can be told apart with the same decimals
FEW_ROWS = 8  # that stay in one column
COLUMNS = BODY.columns(1, 1, gap=0.3)


@dataclass(frozen=True)
class Notation:
    """How effects are written: all alike, or each by itself where they are too far apart."""

    exponent: int  # of the power of ten that all leave out
    decimals: int | None  # None where each has as many as it needs

    @property
    def power(self) -> str | None:
        """Return the power of ten that all leave out; None where that is nothing."""
        return power_of_ten(self.exponent) if self.exponent else None

    def number(self, effect: float, error: float) -> str:
        """Write an effect as finely as its standard error is written, at most."""
        value, error = effect / 10.0**self.exponent, error / 10.0**self.exponent
        if self.decimals is None:
            return significant(value, DIGITS)
        return fixed(value, min(_decimals(error), self.decimals) if error > 0 else self.decimals)

    def alone(self, value: float) -> str:
        """Write a standard error, or a difference: what is small beside the effects."""
        return significant(value / 10.0**self.exponent, ERROR_DIGITS)


def _decimals(error: float) -> int:
    """Count the decimals of a standard error as it is written."""
    rounded = float(f"{error:.{ERROR_DIGITS - 1}e}")
    return max(ERROR_DIGITS - 1 - math.floor(math.log10(rounded)), 0)


def fit_effects(header: Sequence[str], rows: Rows) -> tuple[list[Box], Fitted]:
    """Fit the table into half the width if its names fit there, else into all of it."""
    fits = [
        (places, fit_table(header, rows, places[0], SIZE, names=True, pages=True))
        for places in (COLUMNS, [BODY])
    ]
    usable = [found for found in fits if found[1].fits]
    return next((found for found in usable if found[1].whole), usable[0])


def effect_rows(table: Sequence[FixedEffect]) -> list[list[str]]:
    """Return the names and numbers of the table, the truth last where it is known."""
    notation = notation_of(table)
    rows = [
        [
            row.name,
            f"{notation.number(row.em, row.em_standard_error)}"
            f" ({notation.alone(row.em_standard_error)})",
            notation.number(row.mfvi, row.em_standard_error),
            notation.alone(row.mfvi_minus_em),
        ]
        for row in table
    ]
    truth = [
        notation.number(row.truth, row.em_standard_error) for row in table if row.truth is not None
    ]
    return (
        [[*row, *known] for row, known in zip(rows, ([each] for each in truth), strict=True)]
        if truth
        else rows
    )


def columns_of(rows: slice, places: int) -> list[slice]:
    """Divide the rows of a slide among its columns; few stay in one."""
    number = rows.stop - rows.start
    half = math.ceil(number / places) if number > FEW_ROWS else number
    starts = range(rows.start, rows.stop, half)
    return [slice(start, min(start + half, rows.stop)) for start in starts]


def notation_of(table: Sequence[FixedEffect]) -> Notation:
    """Choose how to write the effects; one is as large as itself or as its standard error."""
    sizes = [max(abs(row.em), row.em_standard_error, abs(row.mfvi)) for row in table]
    positive = [size for size in sizes if size > 0] or [1.0]
    largest, smallest = max(positive), min(positive)
    if largest > WIDEST_SPREAD * smallest:
        return Notation(exponent=0, decimals=None)
    exponent = common_exponent(largest)
    before = math.floor(math.log10(largest / 10.0**exponent))
    return Notation(exponent, decimals=max(DIGITS - 1 - before, 0))
