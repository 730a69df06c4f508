"""Slides that are drawn by themselves, by the name that the story gives them as ``layout``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mixedmodel.report import style
from mixedmodel.report.slides import canvas
from mixedmodel.report.slides.canvas import BODY, Box
from mixedmodel.report.slides.columns import fit_table
from mixedmodel.report.slides.fixed_effects import (
    columns_of,
    effect_rows,
    fit_effects,
    notation_of,
)
from mixedmodel.report.slides.grid import place_table
from mixedmodel.report.slides.place import USUAL, Label, Look, add_panel, add_text
from mixedmodel.report.story.cases import Fit, Results
from mixedmodel.report.story.drawing import COLOURS, Stage
from mixedmodel.report.story.several import LeftOutPage, Page, RankedPage, Several
from mixedmodel.report.story.source import Slide
from mixedmodel.report.story.telling import Scope

BIG_SIZE, LESS_BIG_SIZE = 80, 44  # points of a number, and of one with many letters
MANY_LETTERS = 7
MUTED = Look(colour=style.MUTED)
MOST_PAGES = 6  # of the table of responses; what is beyond is in its file
TABLE = BODY.above(4.65)
FOOT_GAP = 0.2  # inches between a table and the line under it
FOOT_HEIGHT = 0.37


@dataclass(frozen=True)
class Layout:
    """How a slide is drawn, and the texts that it takes as ``parts``.

    ``parts`` has each with the view whose names it may use besides those of the deck; ``page`` is
    that of headline, notes and tables where a slide goes on over several. ``of`` is the view of the
    only kind of deck that has what it shows.
    """

    draw: Callable[[Stage, Slide, Scope], None]
    parts: Mapping[str, type | None] = field(default_factory=dict)
    page: type | None = None
    blocks: int | None = None  # that it takes; None for any number
    of: type | None = None


def headed(stage: Stage, slide: Slide, scope: Scope) -> Any:
    """Add a slide to the deck with its headline and its notes."""
    title, notes = stage.teller.sentence(slide.title, scope), stage.teller.plain(slide.notes, scope)
    return stage.deck.slide(title, notes, whole=slide.own)


def body(stage: Stage, slide: Slide, scope: Scope) -> None:
    """Draw a slide block by block."""
    shown = headed(stage, slide, scope)
    for block in slide.body:
        if stage.is_told(block, scope):
            stage.draw(shown, block, BODY, scope, whole=slide.own)


def cover(stage: Stage, slide: Slide, scope: Scope) -> None:
    """Draw the first slide: the title, lines under it, the author last."""
    lines = stage.teller.paragraphs(slide.parts["lines"], scope)
    author = stage.deck.settings.author
    notes = stage.teller.plain(slide.notes, scope)
    stage.deck.cover(str(stage.deck.settings.title), [*lines, *([author] if author else [])], notes)


def divider(stage: Stage, slide: Slide, scope: Scope) -> None:
    """Draw the slide that opens a part of the deck."""
    lines = stage.teller.paragraphs(slide.parts["lines"], scope)
    notes = stage.teller.plain(slide.notes, scope)
    stage.deck.divider(stage.teller.sentence(slide.title, scope), lines, notes)


def two_numbers(stage: Stage, slide: Slide, scope: Scope) -> None:
    """Draw the answer: a panel for each fit with its number large, and a line under both."""
    shown = headed(stage, slide, scope)

    def tell(part: str, box: Box, inner: Scope, look: Look = USUAL) -> None:
        text = stage.teller.sentence(slide.parts[part], inner)
        add_text(shown, box, [text], look, whole=slide.own)

    places = BODY.above(4.2).columns(1, 1)
    for place, inner in zip(places, stage.teller.items("both", scope), strict=True):
        colour = COLOURS[inner[0].key]
        add_panel(shown, place, edge=colour)
        rows = Box(place.left + 0.4, place.top + 0.2, place.width - 0.7, place.height - 0.35)
        head, big, sure, small, text = rows.rows(0.4, 1.35, 0.4, 0.4, 0.95, gap=0.08)
        letters = len(stage.teller.sentence(slide.parts["number"], inner))
        size = BIG_SIZE if letters < MANY_LETTERS else LESS_BIG_SIZE
        tell("head", head, inner)
        tell("number", big, inner, Look(size=size, colour=colour, bold=True, anchor="middle"))
        tell("interval", sure, inner)
        tell("variances", small, inner)
        tell("meaning", text, inner, MUTED)
    tell("foot", BODY.below(4.45), scope, Look(size=canvas.LEAD_SIZE))


@dataclass(frozen=True)
class EffectsPage:
    """The part of the table of the fixed effects that a slide, or a column of it, shows."""

    number: int
    of: int
    first: str
    last: str
    power: str | None  # that its numbers leave out

    @property
    def one_of_several(self) -> bool:
        """The table goes on over several slides."""
        return self.of > 1


def effects(stage: Stage, slide: Slide, scope: Scope) -> None:
    """Draw the table of all fixed effects, on as many slides as it takes."""
    [block], results = slide.body, scope[-1]
    table = results.base.fixed_effects.table
    if not table:
        return
    power = notation_of(table).power
    everything = EffectsPage(1, 1, table[0].name, table[-1].name, power)
    header = stage.cells(block.header, (everything, *scope))
    rows = [[row[0], *map(stage.teller.localised, row[1:])] for row in effect_rows(table)]
    places, fitted = fit_effects(header, rows)
    pages = pages_of(len(rows), sum(fitted.rows_that_fit(place) for place in places))
    for number, page in enumerate(pages, start=1):
        of_page = replace(everything, number=number, of=len(pages))
        shown = headed(stage, slide, (of_page, *scope))
        parts = columns_of(page, len(places))
        for k, (place, part) in enumerate(zip(places, parts, strict=False), start=1):
            names = [row.name for row in table[part]]
            inner = (replace(of_page, first=names[0], last=names[-1]), *scope)
            words = stage.teller.plain(block.words, inner)
            label = Label(f"Table: {block.name} {k}", words)
            place_table(shown, place, fitted, fitted.rows[part], label)


def pages_of(rows: int, fit: int, most: int | None = None) -> list[slice]:
    """Divide the rows of a table over slides, ``most`` of them."""
    shown = rows if most is None else min(most * fit, rows)
    return [slice(start, min(start + fit, shown)) for start in range(0, shown, fit)]


def ranking(stage: Stage, slide: Slide, scope: Scope) -> None:
    """Draw the table of the fitted responses, on as many slides as it takes, up to a limit."""
    _table_of_names(stage, slide, scope, scope[-1].ranked_page, most=MOST_PAGES)


def left_out(stage: Stage, slide: Slide, scope: Scope) -> None:
    """Draw the table of the responses that were left out, as much of it as one slide holds."""
    _table_of_names(stage, slide, scope, scope[-1].left_out_page, most=1)


def _table_of_names(
    stage: Stage, slide: Slide, scope: Scope, page_of: Callable[[int, int, int], Page], *, most: int
) -> None:
    """Draw a table that begins with names of the user's, a line under it, on several slides."""
    [block] = slide.body
    rows, header = stage.rows(block.table or [], scope), stage.cells(block.header, scope)
    fitted = fit_table(header, rows, TABLE, canvas.TABLE_SIZE, names=True, pages=True)
    pages = pages_of(len(rows), fitted.rows_that_fit(TABLE), most)
    for page in pages:
        unseen = len(rows) - page.stop if page == pages[-1] else 0
        inner = (page_of(page.start + 1, page.stop, unseen), *scope)
        shown = headed(stage, slide, inner)
        place_table(
            shown,
            TABLE,
            fitted,
            fitted.rows[page],
            Label(f"Table: {block.name}", stage.teller.plain(block.words, inner)),
            text_columns=block.text_columns,
        )
        height = sum(fitted.heights(TABLE, page.stop - page.start))
        foot = Box(TABLE.left, TABLE.top + height + FOOT_GAP, TABLE.width, FOOT_HEIGHT)
        lines = list(filter(None, stage.teller.paragraphs(slide.parts["foot"], inner)))
        if lines:
            add_text(shown, foot, lines, MUTED, whole=slide.own)


OF_A_FIT = ("head", "number", "interval", "variances", "meaning")
LAYOUTS: Mapping[str, Layout] = {
    "body": Layout(body),
    "cover": Layout(cover, {"lines": None}, blocks=0),
    "divider": Layout(divider, {"lines": None}, blocks=0),
    "two numbers": Layout(
        two_numbers, {**dict.fromkeys(OF_A_FIT, Fit), "foot": None}, blocks=0, of=Results
    ),
    "fixed effects": Layout(effects, page=EffectsPage, blocks=1, of=Results),
    "ranking": Layout(ranking, {"foot": None}, page=RankedPage, blocks=1, of=Several),
    "left out": Layout(left_out, {"foot": None}, page=LeftOutPage, blocks=1, of=Several),
}
