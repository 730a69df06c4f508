"""Derivations: equations aligned at their relation, each with its reason near its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mixedmodel.report.equation_pictures import EquationPicture
from mixedmodel.report.slides import canvas
from mixedmodel.report.slides.canvas import Box
from mixedmodel.report.slides.markup import hold_together
from mixedmodel.report.slides.metrics import text_height
from mixedmodel.report.slides.place import SLACK, Look, NoRoom, add_equation, add_rule, add_text
from mixedmodel.report.style import MUTED

COLUMN_GAP = 0.5  # inches between an equation and its reason, at least
FARTHEST = 2.0  # inches between them, at most
LEAST_REASON_WIDTH = 1.9  # inches
LARGEST_ROW_GAP = 0.42  # inches between the lines of a derivation
LEAST_RULED_GAP = 0.12  # inches; lines that are closer have no hairline between them


@dataclass(frozen=True)
class Row:
    """A line of a derivation: where its equation begins, and where its reason (inches)."""

    equation: EquationPicture
    reason: str
    indent: float
    column: float
    height: float


def add_derivation(slide: Any, box: Box, lines: list[tuple[EquationPicture, str]]) -> None:
    """Add the lines of a derivation, as far apart as the box allows, with hairlines between them.

    NoRoom if the equations leave too little of the width for their reasons, or are too high.
    """
    rows = _rows(box, lines)
    gap, top = _row_gap([row.height for row in rows], box), box.top
    for row in rows:
        add_equation(slide, box.left + row.indent, top + row.height / 2, row.equation)
        if row.reason:
            place = Box(box.left + row.column, top, box.width - row.column, row.height)
            add_text(slide, place, [row.reason], Look(colour=MUTED, anchor="middle"))
        top += row.height + gap
    if gap >= LEAST_RULED_GAP:
        top = box.top
        for row, _ in pairwise(rows):
            top += row.height + gap
            add_rule(slide, box.left, top - gap / 2, box.width)


def _rows(box: Box, lines: list[tuple[EquationPicture, str]]) -> list[Row]:
    anchors = [equation.anchor for equation, _ in lines]
    align = max((anchor for anchor in anchors if anchor is not None), default=0.0)
    indents = [0.0 if anchor is None else align - anchor for anchor in anchors]
    ends = [indent + each.width for indent, (each, _) in zip(indents, lines, strict=True)]
    rows = []
    for (equation, reason), indent, column in zip(lines, indents, _columns(ends), strict=True):
        width = box.width - column
        if width < LEAST_REASON_WIDTH:
            raise NoRoom(f"the equations leave {max(width, 0.0):.2f} in of the width for reasons")
        told = text_height([hold_together(reason)], canvas.BODY_SIZE, width)
        rows.append(Row(equation, reason, indent, column, max(equation.height, told)))
    return rows


def _columns(ends: Sequence[float]) -> list[float]:
    """Return where the reasons begin of equations that end there (inches).

    Those of a column begin alike; an equation too far from it begins another, further left.
    """
    columns = dict.fromkeys(ends, 0.0)
    column = float("inf")
    for end in sorted(columns, reverse=True):
        if column - end > FARTHEST:
            column = end + COLUMN_GAP
        columns[end] = column
    return [columns[end] for end in ends]


def _row_gap(heights: list[float], box: Box) -> float:
    """Return the space between rows that fills the box, up to a comfortable one."""
    spare = box.height - sum(heights)
    if spare < -SLACK:
        raise NoRoom(f"the derivation is {-spare:.2f} in too high")
    return min(LARGEST_ROW_GAP, spare / max(len(heights) - 1, 1))
