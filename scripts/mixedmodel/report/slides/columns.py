"""How a table fits into its width: type size, padding, broken headers, names cut; numbers never.

What is given up comes in this order: what all names begin with, padding, headers in one line, the
size of the type. Names of the user's are cut only where they are too wide in the least type, too,
and then by as much as it takes to set the table in its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mixedmodel.report.names import ELLIPSIS, Shown, cut, cut_all, plain, without_prefix
from mixedmodel.report.slides.canvas import Box
from mixedmodel.report.slides.metrics import (
    LINE_HEIGHT,
    POINTS_PER_INCH,
    fitting,
    sizes_down,
    text_width,
)

Rows = Sequence[Sequence[str]]

PADDINGS = (0.12, 0.06)  # inches left and right of a cell's text
ROW_PADDING = 0.095  # inches above and below it, together
WIDEST_ROW = 0.52  # inches; a short table does not grow beyond
LEAST_NAME = 1.2  # inches of names that are left where they are cut
MOST_SPARE = 0.9  # inches that a column gets beyond its need: wider apart, rows are hard to read
TOLD = f"{ELLIPSIS} = {{}}"  # what all names begin with, under the header
SLACK = 0.01  # inches of rounding


@dataclass(frozen=True)
class Shape:
    """The type size (points) of a table, the padding (inches) of its cells, its broken headers."""

    size: float
    padding: float
    header: list[str]

    @property
    def row(self) -> float:
        """Return the least height (inches) of a row."""
        return self.size * LINE_HEIGHT / POINTS_PER_INCH + ROW_PADDING

    @property
    def head(self) -> float:
        """Return the least height (inches) of the header."""
        lines = max(text.count("\n") for text in self.header)
        return self.row + lines * self.size * LINE_HEIGHT / POINTS_PER_INCH

    def natural(self, rows: Rows, column: int) -> float:
        """Return the width (inches) of a column's widest text."""
        head = [text_width(line, self.size, bold=True) for line in lines_of(self.header[column])]
        return max([*head, *(text_width(row[column], self.size) for row in rows)])


@dataclass(frozen=True)
class Fitted:
    """A table that fits into a width: its cells as they are shown, its columns' widths (inches)."""

    shape: Shape
    rows: Rows
    widths: list[float]
    fits: bool  # or even the least type is too large, and cells go on in a second line
    whole: bool  # no name is cut

    def rows_that_fit(self, box: Box) -> int:
        """Count the rows under the header that a box holds, at least one."""
        return max(int((box.height - self.shape.head + SLACK) / self.shape.row), 1)

    def row_height(self, box: Box, rows: int) -> float:
        """Return the height (inches) that each of so many rows has in a box."""
        room = min(box.height / (rows + 1), (box.height - self.shape.head) / rows)
        return min(max(self.shape.row, room), WIDEST_ROW)

    def heights(self, box: Box, rows: int) -> list[float]:
        """Return the heights (inches) of the header and of so many rows in a box."""
        height = self.row_height(box, rows)
        return [max(self.shape.head, height), *[height] * rows]


def lines_of(text: str) -> list[str]:
    """Return the lines of a header."""
    return text.split("\n")


def fit_table(
    header: Sequence[str],
    rows: Rows,
    box: Box,
    size: float,
    *,
    names: bool = False,
    pages: bool = False,
) -> Fitted:
    """Fit a table into a box, or into as many pages with such a box as it takes.

    ``names`` tells that the first column has names of the user's.
    """
    told = [plain(row[0]) if names else row[0] for row in rows]
    variants = [Shown(told), *([without_prefix(told)] if names else [])]
    for least in (None, LEAST_NAME) if names else (None,):
        for shape in _shapes(header, size):
            for shown in variants:
                found = _fit(shape, rows, shown, box.width, least)
                if found.fits and (pages or len(rows) <= found.rows_that_fit(box)):
                    return found
    return found


def _shapes(header: Sequence[str], size: float) -> Iterator[Shape]:
    """Yield what a table may look like, the best first."""
    broken = [_in_two_lines(text, size) for text in header]
    for smaller in sizes_down(size):
        for head in (list(header), broken):
            for padding in PADDINGS:
                yield Shape(smaller, padding, head)


def _in_two_lines(text: str, size: float) -> str:
    """Break a header before its bracket, or where its longer line is shortest."""
    if " (" in text:
        return text.replace(" (", "\n(", 1)
    words = text.split(" ")
    splits = [[" ".join(words[:k]), " ".join(words[k:])] for k in range(1, len(words))]
    widths = [max(text_width(line, size, bold=True) for line in lines) for lines in splits]
    return "\n".join(splits[widths.index(min(widths))]) if splits else text


def _fit(shape: Shape, rows: Rows, shown: Shown, width: float, least: float | None) -> Fitted:
    """Give each column its natural width and an equal share of what is left, up to a limit.

    The first column has the names as they are shown, cut if there is room for ``least`` inches of
    them. Where even that is too much, all columns get less than they need.
    """
    rows = _with_names(rows, shown.names)
    natural = [shape.natural(rows, k) for k in range(len(shape.header))]
    padding = 2 * shape.padding * len(natural)
    room = width - sum(natural[1:]) - padding
    whole = room >= natural[0] - SLACK
    if not whole and least is not None and room >= least:
        rows = _with_names(rows, cut_all(shown.names, fitting(shape.size, room)))
        natural[0] = shape.natural(rows, 0)
    told = _told_width(shown.prefix, shape)
    spare = width - padding - sum(natural)
    if spare < min(max(told - natural[0], 0.0), LEAST_NAME) - SLACK:
        widths = [width * each / sum(natural) for each in natural]
        return Fitted(shape, rows, widths, fits=False, whole=whole)
    natural[0] += min(max(told - natural[0], 0.0), max(spare, 0.0))
    share = min((width - sum(natural)) / len(natural), 2 * shape.padding + MOST_SPARE)
    found = Fitted(shape, rows, [each + share for each in natural], fits=True, whole=whole)
    return _explained(found, shown.prefix)


def _told_width(prefix: str, shape: Shape) -> float:
    return text_width(TOLD.format(prefix), shape.size, bold=True) if prefix else 0.0


def _with_names(rows: Rows, names: Sequence[str]) -> Rows:
    """Return the rows with these names in their first column."""
    return [[name, *row[1:]] for name, row in zip(names, rows, strict=True)]


def _explained(found: Fitted, prefix: str) -> Fitted:
    """Tell under the first header what an ellipsis at the beginning of a name stands for."""
    if not prefix:
        return found
    shape = found.shape
    fits = fitting(shape.size, found.widths[0] - 2 * shape.padding, bold=True)
    start = cut(prefix, lambda text: fits(TOLD.format(text)))
    head = [f"{shape.header[0]}\n{TOLD.format(start)}", *shape.header[1:]]
    return replace(found, shape=replace(shape, header=head))
