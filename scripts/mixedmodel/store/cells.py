"""From bytes to doubles: split a block of lines into cells and convert them, all at once.

Separators are found with array arithmetic and the cells become one Arrow string array,
so the cost does not depend on the number of columns; Arrow's conversion to double is
correctly rounded. A cell that does not convert is found by bisection, with its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

SEPARATORS = {"tab": "\t", "semicolon": ";", "comma": ",", "blanks": " "}  # in order of preference
PADDING = (ord(" "), ord("\t"))
MISSING = ("", "NA", "NaN")
LARGEST = 1e40  # of values; with those beyond, products of four would leave the doubles
SMALLEST = 1 / LARGEST  # of the largest value of a column that is not zero
SHOWN_LETTERS = 40  # of a cell in a message

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Positions = NDArray[np.int64]


class Mistake(Exception):
    """Something wrong in a block: what, at which of its lines and in which field."""

    def __init__(self, what: str, line: int, field: int | None = None) -> None:
        super().__init__(what)
        self.what, self.line, self.field = what, line, field


@dataclass(frozen=True)
class Cells:
    """The cells of a block of lines: cell k is text[offsets[k]:offsets[k + 1]]."""

    text: Bytes  # without separators, quotes and line ends
    offsets: NDArray[np.int32]  # (cells + 1,)
    fields: Positions  # number of cells of each row
    lines: Positions  # line of each row within the block, counted from 0

    @property
    def count(self) -> int:
        """Return the number of cells."""
        return len(self.offsets) - 1

    def words(self) -> list[str]:
        """Return all cells as text, without the blanks around them."""
        text = self.text.tobytes()
        return [text[i:j].decode().strip() for i, j in pairwise(self.offsets.tolist())]

    def head(self, rows: int) -> "Cells":
        """Return the first ``rows`` rows."""
        count = int(self.fields[:rows].sum())
        return Cells(self.text, self.offsets[: count + 1], self.fields[:rows], self.lines[:rows])


def split_cells(block: bytes, separator: str) -> Cells:
    """Split whole lines into cells; blank lines are left out.

    Quotes around a cell are taken off; one within a cell, as in ``1"2"``, belongs to its text.
    Raises Mistake when a quote is still open at the end of a line.
    """
    raw = np.frombuffer(block, np.uint8)
    newline = raw == ord("\n")
    gap = newline | _separators(raw, separator)
    dropped = gap
    if b'"' in block:
        quote = raw == ord('"')
        inside = _inside(quote, newline)
        gap = gap & ~inside
        dropped = gap | quote
        dropped[_literal(raw, quote, gap)] = False
    ends = _ends(gap, separator)
    kept_before = np.cumsum(~dropped, dtype=np.int32)[ends]
    newlines = np.flatnonzero(newline)
    fields = np.diff(np.searchsorted(ends, newlines, side="right"), prepend=0)
    return _without_blank_lines(raw[~dropped], kept_before, fields, newlines)


def convert(cells: Cells, width: int, columns: Sequence[int]) -> NDArray[np.float64]:
    """Convert the fields ``columns`` of every row to doubles (rows, len(columns)); NaN: missing.

    Raises Mistake for a row that has not ``width`` fields, for text and for values
    that are infinite or beyond 1e40.
    """
    ragged = np.flatnonzero(cells.fields != width)
    if ragged.size:
        row = int(ragged[0])
        convert(cells.head(row), width, columns)  # an earlier mistake is told first
        what = f"has {cells.fields[row]} fields; expected {width}, as in the header"
        raise Mistake(what, int(cells.lines[row]))
    wanted = np.zeros(width, bool)
    wanted[list(columns)] = True
    table = _numbers(_strings(cells, wanted), cells, width).reshape(-1, width)
    values = table if list(columns) == list(range(width)) else table[:, columns]
    check_size(values, cells.lines, columns)
    return values


def _separators(raw: Bytes, separator: str) -> Flags:
    mark: Flags = raw == ord(SEPARATORS[separator])
    return mark | (raw == ord("\t")) if separator == "blanks" else mark


def _inside(quote: Flags, newline: Flags) -> Flags:
    """Flag the bytes between quotes; every second quote closes."""
    inside = (np.cumsum(quote, dtype=np.uint8) & 1).astype(bool)
    if inside[newline].any():
        position = np.flatnonzero(inside & newline)[0]
        raise Mistake(
            "has a quote that is not closed; expected quotes in pairs",
            int(newline[:position].sum()),
        )
    return inside


def _literal(raw: Bytes, quote: Flags, gap: Flags) -> Positions:
    """Return where quotes are text: the second of two in a row, and those within a cell."""
    opening, closing = np.flatnonzero(quote).reshape(-1, 2).T
    doubled = quote[opening - 1]  # opens where another just closed
    starts = doubled | _touches_gap(raw, gap, opening, -1)
    within = ~(starts & (quote[closing + 1] | _touches_gap(raw, gap, closing, 1)))
    return np.concatenate([opening[doubled | within], closing[within]])


def _touches_gap(raw: Bytes, gap: Flags, quotes: Positions, step: int) -> Flags:
    """Flag quotes with nothing but blanks between them and a gap, on the side of ``step``.

    The line feed that ends the block, raw[-1], stands before it too.
    """
    positions = quotes + step
    touches: Flags = gap[positions]
    waiting = np.flatnonzero(~touches)
    while waiting.size:
        waiting = waiting[np.isin(raw[positions[waiting]], PADDING)]
        positions[waiting] += step
        touches[waiting] = gap[positions[waiting]]
        waiting = waiting[~touches[waiting]]
    return touches


def _ends(gap: Flags, separator: str) -> Positions:
    """Return the position just after each cell: every gap, or each first one of a run of blanks."""
    if separator == "blanks":
        return np.flatnonzero(gap[1:] & ~gap[:-1]) + 1
    return np.flatnonzero(gap)


def _without_blank_lines(
    text: Bytes, ends: NDArray[np.int32], fields: Positions, newlines: Positions
) -> Cells:
    """Put the cells together, leaving out lines that hold no cell or nothing at all."""
    bare = np.diff(newlines, prepend=-1) == 1
    if bare.any():
        ends = ends[np.repeat(~bare, fields)]
    rows = np.flatnonzero((fields > 0) & ~bare)
    return Cells(text, np.insert(ends, 0, 0), fields[rows], rows)


def _strings(cells: Cells, wanted: Flags) -> pa.StringArray:
    """View the cells as Arrow strings, null where missing or not wanted."""
    lengths = np.diff(cells.offsets)
    present = lengths > 0
    pairs = np.flatnonzero(lengths == 2)
    starts = cells.offsets[pairs]
    present[pairs] = (cells.text[starts] != ord("N")) | (cells.text[starts + 1] != ord("A"))
    present = (present.reshape(-1, wanted.size) & wanted).ravel()
    validity = np.packbits(present, bitorder="little")
    buffers = [validity, cells.offsets, cells.text]
    return pa.Array.from_buffers(pa.string(), present.size, [pa.py_buffer(b) for b in buffers])


def _numbers(strings: pa.StringArray, cells: Cells, width: int) -> NDArray[np.float64]:
    """Convert strings to doubles; surrounding blanks are tried without, then it is a mistake."""
    try:
        numbers = _doubles(strings)
    except pa.ArrowInvalid:
        numbers = _trimmed_numbers(strings, cells, width)
    values: NDArray[np.float64] = numbers.to_numpy(zero_copy_only=False)
    return values


def _doubles(strings: pa.StringArray) -> pa.DoubleArray:
    """Convert strings to doubles; ``nan(1)``, which Arrow takes for a number, is refused too."""
    numbers = pc.cast(strings, pa.float64())
    odd = pc.is_nan(numbers)
    if pc.any(odd).as_py() and pc.any(pc.ends_with(strings.filter(odd), ")")).as_py():
        raise pa.ArrowInvalid
    return numbers


def _trimmed_numbers(strings: pa.StringArray, cells: Cells, width: int) -> pa.DoubleArray:
    trimmed = pc.ascii_trim_whitespace(strings)
    missing = pc.is_in(trimmed, pa.array(MISSING))
    trimmed = pc.if_else(missing, pa.scalar(None, pa.string()), trimmed)
    try:
        return _doubles(trimmed)
    except pa.ArrowInvalid:
        row, field = divmod(_first_failure(trimmed), width)
    text = trimmed[row * width + field].as_py()[:SHOWN_LETTERS]
    what = f"holds {text!r}; expected a number with a decimal point, such as -1.5e-3"
    raise Mistake(what, int(cells.lines[row]), field)


def _first_failure(strings: pa.StringArray) -> int:
    """Find by bisection the first string that is no number; there is one."""
    low, high = 0, len(strings)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            _doubles(strings[low:middle])
            low = middle
        except pa.ArrowInvalid:
            high = middle
    return low


def check_size(values: NDArray[np.float64], lines: Positions, columns: Sequence[int]) -> None:
    """Raise Mistake at the first value (rows, columns) that is infinite or beyond 1e40."""
    large = np.abs(values) > LARGEST
    if large.any():
        row, column = np.argwhere(large)[0]
        value = values[row, column]
        what = "is infinite" if np.isinf(value) else f"is {value:g}"
        raise Mistake(
            f"{what}; expected at most {LARGEST:g} in size: use a larger unit",
            int(lines[row]),
            columns[column],
        )
