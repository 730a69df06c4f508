"""Native tables: plain grids with hairlines, names at the left, numbers at the right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Emu, Inches, Pt

from mixedmodel.report.slides import canvas
from mixedmodel.report.slides.canvas import Box
from mixedmodel.report.slides.columns import ROW_PADDING, Fitted, Rows, fit_table, lines_of
from mixedmodel.report.slides.paint import solid
from mixedmodel.report.slides.place import Label, NoRoom, describe, write_runs
from mixedmodel.report.style import INK, RULE

NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # "No Style, No Grid"


@dataclass(frozen=True)
class Table:
    """What a table holds: ``text_columns`` columns at the left, then numbers; its type (points)."""

    header: Sequence[str]
    rows: Rows
    text_columns: int = 1
    size: float = canvas.TABLE_SIZE


def add_table(slide: Any, box: Box, table: Table, label: Label) -> None:
    """Add a table, set smaller where it is too wide or too high for its box.

    Raises
    ------
    NoRoom
        If the box does not hold so many rows.
    """
    fitted = fit_table(table.header, table.rows, box, table.size)
    most = fitted.rows_that_fit(box)
    if len(table.rows) > most:
        raise NoRoom(f"there is room for {most} rows of the table, which has {len(table.rows)}")
    place_table(slide, box, fitted, fitted.rows, label, text_columns=table.text_columns)


def place_table(
    slide: Any, box: Box, fitted: Fitted, rows: Rows, label: Label, *, text_columns: int = 1
) -> None:
    """Add a table of some of the rows that were fitted to the width of the box."""
    shape, heights = fitted.shape, fitted.heights(box, len(rows))
    sides = (Inches(side) for side in (box.left, box.top, sum(fitted.widths), sum(heights)))
    frame = slide.shapes.add_table(len(heights), len(shape.header), *sides)
    describe(frame, label)
    _unstyle(frame.table)
    for column, width in zip(frame.table.columns, fitted.widths, strict=True):
        column.width = Inches(width)
    for number, (row, height) in enumerate(zip([shape.header, *rows], heights, strict=True)):
        frame.table.rows[number].height = Emu(Inches(height))
        for k, text in enumerate(row):
            align = PP_ALIGN.LEFT if k < text_columns else PP_ALIGN.RIGHT
            _fill(frame.table.cell(number, k), text, fitted, align=align, head=number == 0)


def _unstyle(table: Any) -> None:
    properties = table._tbl.tblPr
    properties.set("firstRow", "1")
    properties.set("bandRow", "0")
    for child in list(properties):
        properties.remove(child)
    properties.append(parse_xml(f"<a:tableStyleId {nsdecls('a')}>{NO_STYLE}</a:tableStyleId>"))


def _fill(cell: Any, text: str, fitted: Fitted, *, align: PP_ALIGN, head: bool) -> None:
    cell.margin_left = cell.margin_right = Inches(fitted.shape.padding)
    cell.margin_top = cell.margin_bottom = Inches(ROW_PADDING / 4)
    cell.vertical_anchor = MSO_ANCHOR.BOTTOM if head else MSO_ANCHOR.MIDDLE
    for number, line in enumerate(lines_of(text) if head else [text]):
        frame = cell.text_frame
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.alignment = align
        write_runs(paragraph, line, size=fitted.shape.size, colour=INK, bold=head)
    cell._tc.get_or_add_tcPr().append(_line(INK if head else RULE, 1.25 if head else 0.75))


def _line(colour: str, width: float) -> Any:
    line = parse_xml(f'<a:lnB {nsdecls("a")} w="{Pt(width)}"/>')
    line.append(solid(colour))
    return line
