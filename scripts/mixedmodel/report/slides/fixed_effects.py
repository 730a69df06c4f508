"""The fixed effects of the appendix: their figure, and all of them by name."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mixedmodel.model.results import FixedEffect
from mixedmodel.report.numbers import (
    TIMES,
    common_exponent,
    fixed,
    power_of_ten,
    significant,
)
from mixedmodel.report.slides import sentences as say
from mixedmodel.report.slides.canvas import BODY, Box
from mixedmodel.report.slides.columns import Fitted, fit_table
from mixedmodel.report.slides.deck import Deck
from mixedmodel.report.slides.grid import place_table
from mixedmodel.report.slides.material import Material
from mixedmodel.report.slides.place import add_figure

SIZE = 14
DIGITS = 5  # significant ones of the largest effect
WIDEST_SPREAD = 1e4  # of effects that can be told apart with the same decimals
FEW_ROWS = 8  # that stay in one column
COLUMNS = BODY.columns(1, 1, gap=0.3)


@dataclass(frozen=True)
class Notation:
    """How effects are written: all alike, or each by itself where they are too far apart."""

    exponent: int  # of the power of ten that all leave out
    decimals: int | None  # None where each has as many as it needs

    def told(self, head: str) -> str:
        """Return the head of the table, with what its numbers leave out."""
        power = f"; numbers {TIMES} {power_of_ten(self.exponent)}"
        return head + power if self.exponent else head

    def number(self, effect: float) -> str:
        """Write an effect."""
        value = effect / 10.0**self.exponent
        return significant(value, DIGITS) if self.decimals is None else fixed(value, self.decimals)

    def error(self, value: float) -> str:
        """Write a standard error."""
        return significant(value / 10.0**self.exponent, 2)


def add_fixed_effects(deck: Deck, material: Material) -> None:
    """Add the slides on the fixed effects, of which there is at least one."""
    _figure(deck, material)
    table = material.summary.fixed_effects.table
    places, fitted = fit_effects(table)
    fit = sum(fitted.rows_that_fit(place) for place in places)
    pages = range(0, len(table), fit)
    for number, first in enumerate(pages, start=1):
        part = f", part {number} of {len(pages)}" if len(pages) > 1 else ""
        page = slice(first, min(first + fit, len(table)))
        _page(deck, material, part, places, fitted, page)


def _figure(deck: Deck, material: Material) -> None:
    s = material.summary
    slide = deck.slide(
        say.fixed_title(s),
        "Both methods estimate w by the same regression of y minus X times the posterior mean on"
        " Z; at their optima this is generalised least squares at the method's own variance ratio."
        " The bars are EM's estimates plus and minus 1.96 standard errors.",
    )
    add_figure(
        slide,
        material.figures["fixed_effects"],
        (),
        name="fixed effects",
        words=f"The {say.plural(s.fixed_effects.count, 'fixed effect')} under EM and MFVI.",
    )


def _page(
    deck: Deck, material: Material, part: str, places: list[Box], fitted: Fitted, page: slice
) -> None:
    """Add one slide of the tables, with the rows of ``page`` in as many columns as there are."""
    slide = deck.slide(
        f"{say.fixed_table_title(material.summary)}{part}",
        "Estimates of w under both methods and their difference, in brackets EM's standard"
        " errors, as in tables/fixed_effects.csv. Units are those of the"
        " response per unit of the column.",
    )
    names = [row.name for row in material.summary.fixed_effects.table][page]
    rows = fitted.rows[page]
    half = math.ceil(len(rows) / len(places)) if len(rows) > FEW_ROWS else len(rows)
    for k, place in enumerate(places):
        some = slice(k * half, (k + 1) * half)
        if rows[some]:
            place_table(
                slide,
                place,
                fitted,
                rows[some],
                name=f"Table: fixed effects {k + 1}",
                words=f"Fixed effects from {names[some][0]} to {names[some][-1]}",
            )


def fit_effects(table: Sequence[FixedEffect]) -> tuple[list[Box], Fitted]:
    """Fit the table into half the width if its names fit there, else into all of it."""
    notation = notation_of(table)
    fits = [(places, _fit(table, notation, places)) for places in (COLUMNS, [BODY])]
    usable = [found for found in fits if found[1].fits]
    return next((found for found in usable if found[1].whole), usable[0])


def _fit(table: Sequence[FixedEffect], notation: Notation, places: list[Box]) -> Fitted:
    header = [notation.told("Name"), "EM (s.e.)", "MFVI", "MFVI − EM"]
    rows = [
        [
            row.name,
            f"{notation.number(row.em)} ({notation.error(row.em_standard_error)})",
            notation.number(row.mfvi),
            notation.number(row.mfvi_minus_em),
        ]
        for row in table
    ]
    truth = [notation.number(row.truth) for row in table if row.truth is not None]
    if truth:
        header = [*header, "Truth"]
        rows = [[*row, known] for row, known in zip(rows, truth, strict=True)]
    return fit_table(header, rows, places[0], SIZE, names=True, pages=True)


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
