"""Slides of the story on a deck: each part told, then placed where its block says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pandas as pd

from mixedmodel.model.overview import FittedResponse
from mixedmodel.report import style
from mixedmodel.report.equation_pictures import Pictures
from mixedmodel.report.slides import canvas, place
from mixedmodel.report.slides.canvas import Box
from mixedmodel.report.slides.deck import Deck
from mixedmodel.report.slides.derivation import add_derivation
from mixedmodel.report.slides.forest import forest_chart
from mixedmodel.report.slides.grid import Table, add_table
from mixedmodel.report.slides.iterations import Labels, em_chart, gap_chart, objectives_chart
from mixedmodel.report.slides.place import Label, Look, Picture
from mixedmodel.report.slides.profile import Profile, penalty_chart, profile_chart
from mixedmodel.report.story.equations import Regime
from mixedmodel.report.story.paths import NoValue
from mixedmodel.report.story.source import Block
from mixedmodel.report.story.telling import Scope, Teller, is_each

T = TypeVar("T")
COLOURS = {
    "ink": style.INK,
    "muted": style.MUTED,
    "warning": style.WARNING,
    "em": style.EM,
    "mfvi": style.MFVI,
}
Charted = pd.DataFrame | Profile | Sequence[FittedResponse]  # the data of a chart
CHARTS: Mapping[str, Callable[[Any, Box, Any, Labels], None]] = {  # by the names of their data
    "em": em_chart,
    "objectives": objectives_chart,
    "gap": gap_chart,
    "profile": profile_chart,
    "penalty": penalty_chart,
    "forest": forest_chart,
}
PANEL_INSET = (0.4, 0.3)  # inches that a panel keeps free at its sides, at top and bottom
BESIDE_GAP, STACKED_GAP = 0.45, 0.2  # inches


@dataclass(frozen=True)
class Stage:
    """What slides are made with: the deck, who tells their texts, and what is finished already."""

    deck: Deck
    teller: Teller
    pictures: Pictures
    figures: Mapping[str, Picture]
    charted: Mapping[str, Charted]
    regime: Regime = ""
    leading: list[tuple[Any, str]] = field(default_factory=list)  # texts, and slides by their keys

    def is_told(self, block: Block, scope: Scope) -> bool:
        """Tell whether the case of a part holds and, if it is a text, whether it says anything."""
        if not self.teller.holds(block.when, scope):
            return False
        return block.text is None or any(self.teller.paragraphs(block.text, scope))

    def draw(self, slide: Any, block: Block, box: Box, scope: Scope, *, whole: bool) -> None:
        """Draw a part of a slide in its place; text must be ``whole`` or may be cut."""
        box = box.below(block.top)
        if block.height is not None:
            box = box.above(block.height)
        if block.panel:
            place.add_panel(slide, box, edge=COLOURS[block.panel])
            left, top = PANEL_INSET
            box = Box(box.left + left, box.top + top, box.width - 2 * left, box.height - 2 * top)
        if block.text is not None:
            self._text(slide, block, box, scope, whole=whole)
        elif block.derivation is not None:
            add_derivation(slide, box, self._lines(block.derivation, scope))
        elif block.equation is not None:
            place.add_equation_in(slide, box, self.pictures.of(block.equation, self.regime))
        elif block.table is not None:
            self._table(slide, block, box, scope)
        elif block.figure is not None:
            facts = self.teller.paragraphs(block.facts, scope)
            label = self._label("Figure", block, scope)
            figure = _found(self.figures, block.figure, "figure")
            place.add_figure(slide, box, figure, facts, label, whole=whole)
        elif block.chart is not None:
            x, y, *series = (
                self.teller.plain(text, scope) for text in (*block.axes, *block.series)
            )
            labels = Labels(self._label("Chart", block, scope), x, y, series)
            CHARTS[block.chart](slide, box, _found(self.charted, block.chart, "chart"), labels)
        else:
            self._parts(slide, block, box, scope, whole=whole)

    def rows(self, rows: Sequence[Any], scope: Scope) -> list[list[str]]:
        """Tell the rows of a table: lists of cells, or such ``cells`` under a case or ``each``."""
        told = []
        for row in rows:
            if isinstance(row, list):
                told.append(self.cells(row, scope))
            elif self.teller.holds(row.get("when"), scope):
                scopes = self.teller.items(row["each"], scope) if "each" in row else [scope]
                told += [self.cells(row["cells"], inner) for inner in scopes]
        return told

    def cells(self, cells: Sequence[Any], scope: Scope) -> list[str]:
        """Tell the cells of a row: one of ``each``; none for which no case holds."""
        told: list[str] = []
        for cell in cells:
            texts = self.teller.paragraphs(cell, scope)
            told += texts if is_each(cell) else [" ".join(texts)] * bool(texts)
        return told

    def _text(self, slide: Any, block: Block, box: Box, scope: Scope, *, whole: bool) -> None:
        paragraphs = list(filter(None, self.teller.paragraphs(block.text, scope)))
        look = Look(
            size=block.size or canvas.BODY_SIZE,
            colour=COLOURS[block.colour],
            gap=place.PARAGRAPH_GAP if block.spacing is None else block.spacing,
        )
        shape = place.add_text(slide, box, paragraphs, look, whole=whole)
        if block.to:
            self.leading.append((shape, block.to))

    def _label(self, kind: str, block: Block, scope: Scope) -> Label:
        name = block.name or block.figure
        return Label(f"{kind}: {name}", self.teller.plain(block.words or "", scope))

    def _lines(self, lines: Sequence[Mapping[str, Any]], scope: Scope) -> list[Any]:
        """Return pictures and reasons of a derivation; a line under a case may be left out."""
        return [
            (self.pictures.of(name, self.regime), self.teller.sentence(reason, scope))
            for line in lines
            if self.teller.holds(line.get("when"), scope)
            for name, reason in line.items()
            if name != "when"
        ]

    def _table(self, slide: Any, block: Block, box: Box, scope: Scope) -> None:
        rows = self.rows(block.table or [], scope)
        if block.row:
            box = box.above(min(box.height, block.row * (len(rows) + 1)))
        header, size = self.cells(block.header, scope), block.size or canvas.TABLE_SIZE
        table = Table(header, rows, block.text_columns, size)
        add_table(slide, box, table, self._label("Table", block, scope))

    def _parts(self, slide: Any, block: Block, box: Box, scope: Scope, *, whole: bool) -> None:
        """Draw parts side by side or one under the other; those whose case holds share the room."""
        blocks = block.beside or block.stacked or []
        told = zip(blocks, block.shares or [1.0] * len(blocks), strict=True)
        held = [(part, share) for part, share in told if self.teller.holds(part.when, scope)]
        shares = [share for _, share in held]
        usual = BESIDE_GAP if block.beside else STACKED_GAP
        gap = usual if block.gap is None else block.gap
        places = (box.columns if block.beside else box.rows)(*shares, gap=gap)
        for (part, _), room in zip(held, places, strict=True):
            if self.is_told(part, scope):
                self.draw(slide, part, room, scope, whole=whole)


def _found(things: Mapping[str, T], name: str, kind: str) -> T:
    """Return what is finished; NoValue if this data set has none such."""
    if name not in things:
        raise NoValue(f"the {kind} `{name}` is not made of these data")
    return things[name]
