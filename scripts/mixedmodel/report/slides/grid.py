"""Native tables: plain grids with hairlines, names at the left, numbers at the right."""

from collections.abc import Sequence
from typing import Any

from pptx.enum.text import MSO_ANCHOR
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Emu, Inches, Pt

from mixedmodel.report.slides import canvas
from mixedmodel.report.slides.canvas import Box
from mixedmodel.report.slides.metrics import LINE_HEIGHT, POINTS_PER_INCH, shorten, text_width
from mixedmodel.report.slides.place import ALIGN, describe, write_runs
from mixedmodel.report.style import INK, RULE

NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # "No Style, No Grid"
PADDING = 0.12  # inches left and right of a cell's text
ROW_PADDING = 0.095  # inches above and below it, together
WIDEST_ROW = 0.52  # inches; a short table does not grow beyond

Rows = Sequence[Sequence[str]]


def row_height(size: float) -> float:
    """Return the least height (inches) of a row in type of ``size`` points."""
    return size * LINE_HEIGHT / POINTS_PER_INCH + ROW_PADDING


def rows_that_fit(box: Box, size: float) -> int:
    """Count the rows under the header that a box holds."""
    return int(box.height / row_height(size)) - 1


def add_table(
    slide: Any,
    box: Box,
    header: Sequence[str],
    rows: Rows,
    *,
    name: str,
    words: str,
    size: float = canvas.TABLE_SIZE,
    text_columns: int = 1,
) -> None:
    """Add a table as wide as its box: ``text_columns`` columns at the left, numbers after them.

    Texts in the first column are cut where a user's name is too long; anything else must fit.
    """
    rows = _cut_names(header, rows, box.width, size)
    widths = _column_widths(header, rows, box.width, size)
    height = min(max(row_height(size), box.height / (len(rows) + 1)), WIDEST_ROW)
    assert row_height(size) * (len(rows) + 1) <= box.height + 0.02, f"{name}: {len(rows)} rows"
    left, top = Inches(box.left), Inches(box.top)
    total = Inches(height * (len(rows) + 1))
    frame = slide.shapes.add_table(len(rows) + 1, len(header), left, top, Inches(box.width), total)
    describe(frame, name, words)
    _unstyle(frame.table)
    for column, width in zip(frame.table.columns, widths, strict=True):
        column.width = Inches(width)
    for number, row in enumerate([header, *rows]):
        frame.table.rows[number].height = Emu(Inches(height))
        for k, text in enumerate(row):
            align = "left" if k < text_columns else "right"
            _fill(frame.table.cell(number, k), text, size=size, align=align, head=number == 0)


def _cut_names(header: Sequence[str], rows: Rows, width: float, size: float) -> Rows:
    """Cut the first column's texts to what the other columns leave."""
    others = [_natural(header, rows, k, size) for k in range(1, len(header))]
    room = width - sum(others) - 2 * PADDING
    return [[shorten(row[0], size, room), *row[1:]] for row in rows]


def _column_widths(header: Sequence[str], rows: Rows, width: float, size: float) -> list[float]:
    natural = [_natural(header, rows, k, size) for k in range(len(header))]
    spare = width - sum(natural)
    assert spare > -0.02, f"the table {header} is {-spare:.2f} in too wide"
    return [each + spare / len(natural) for each in natural]


def _natural(header: Sequence[str], rows: Rows, column: int, size: float) -> float:
    texts = [text_width(row[column], size) for row in rows]
    return max([text_width(header[column], size, bold=True), *texts]) + 2 * PADDING


def _unstyle(table: Any) -> None:
    properties = table._tbl.tblPr
    properties.set("firstRow", "1")
    properties.set("bandRow", "0")
    for child in list(properties):
        properties.remove(child)
    properties.append(parse_xml(f"<a:tableStyleId {nsdecls('a')}>{NO_STYLE}</a:tableStyleId>"))


def _fill(cell: Any, text: str, *, size: float, align: str, head: bool) -> None:
    cell.margin_left = cell.margin_right = Inches(PADDING)
    cell.margin_top = cell.margin_bottom = Inches(ROW_PADDING / 4)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = ALIGN[align]
    write_runs(paragraph, text, size=size, colour=INK, bold=head)
    cell._tc.get_or_add_tcPr().append(_line(INK if head else RULE, 1.25 if head else 0.75))


def _line(colour: str, width: float) -> Any:
    return parse_xml(
        f'<a:lnB {nsdecls("a")} w="{Pt(width)}"><a:solidFill>'
        f'<a:srgbClr val="{colour.lstrip("#")}"/></a:solidFill></a:lnB>'
    )
