"""The fixed effects of the appendix: their figure, and all of them by name."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mixedmodel.report.numbers import (
    MISSING,
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

Row = Mapping[str, str]  # of tables/fixed_effects.csv

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

    def number(self, text: str) -> str:
        """Write an effect as its CSV file has it."""
        if not text:
            return MISSING
        value = float(text) / 10.0**self.exponent
        return significant(value, DIGITS) if self.decimals is None else fixed(value, self.decimals)

    def error(self, text: str) -> str:
        """Write a standard error as its CSV file has it."""
        return significant(float(text) / 10.0**self.exponent, 2) if text else MISSING


def add_fixed_effects(deck: Deck, material: Material) -> None:
    """Add the slides on the fixed effects, of which there is at least one."""
    _figure(deck, material)
    places, fitted = fit_effects(
        material.tables["fixed_effects"], known=material.summary.case.truth_known
    )
    names = [row["name"] for row in material.tables["fixed_effects"]]
    fit = sum(fitted.rows_that_fit(place) for place in places)
    pages = range(0, len(names), fit)
    for number, first in enumerate(pages, start=1):
        part = f", part {number} of {len(pages)}" if len(pages) > 1 else ""
        page = slice(first, min(first + fit, len(names)))
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
    names = [row["name"] for row in material.tables["fixed_effects"]][page]
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


def fit_effects(table: Sequence[Row], *, known: bool) -> tuple[list[Box], Fitted]:
    """Fit the table into half the width if its names fit there, else into all of it.

    ``known`` tells whether there is a truth to show.
    """
    notation = notation_of(table)
    fits = [(places, _fit(table, notation, places, known=known)) for places in (COLUMNS, [BODY])]
    usable = [found for found in fits if found[1].fits]
    return next((found for found in usable if found[1].whole), usable[0])


def _fit(table: Sequence[Row], notation: Notation, places: list[Box], *, known: bool) -> Fitted:
    keys = ["mfvi", "mfvi_minus_em", *["truth"] * known]
    header = [notation.told("Name"), "EM (s.e.)", "MFVI", "MFVI − EM", *["Truth"] * known]
    rows = [
        [
            row["name"],
            f"{notation.number(row['em'])} ({notation.error(row['em_standard_error'])})",
            *(notation.number(row[key]) for key in keys),
        ]
        for row in table
    ]
    return fit_table(header, rows, places[0], SIZE, names=True, pages=True)


def notation_of(table: Sequence[Row]) -> Notation:
    """Choose how to write the effects; one is as large as itself or as its standard error."""
    columns = ("em", "em_standard_error", "mfvi")
    sizes = [max(abs(float(row[key] or 0)) for key in columns) for row in table]
    positive = [size for size in sizes if size > 0] or [1.0]
    largest, smallest = max(positive), min(positive)
    if largest > WIDEST_SPREAD * smallest:
        return Notation(exponent=0, decimals=None)
    exponent = common_exponent(largest)
    before = math.floor(math.log10(largest / 10.0**exponent))
    return Notation(exponent, decimals=max(DIGITS - 1 - before, 0))
