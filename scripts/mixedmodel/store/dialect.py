"""How a text table is written: compression, byte-order mark, separator, quotes, row names.

Everything is told by the first bytes, the header and the first row of numbers; nothing
depends on the ending of the file's name.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa

from mixedmodel.errors import UserError
from mixedmodel.store.cells import MISSING, SEPARATORS, Cells, split_cells
from mixedmodel.store.files import reason
from mixedmodel.store.foreign import START_BYTES, Kind, kind_of, kind_of_lines

COMPRESSIONS = {b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\x28\xb5\x2f\xfd": "zstd"}
XZ = b"\xfd7zXZ"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BUFFER_BYTES = 1 << 20


@dataclass(frozen=True)
class Dialect:
    """How a text table is written."""

    separator: str  # a key of SEPARATORS
    names: tuple[str, ...]  # one a field; "" for the column of row names
    header_line: int  # counted from 1
    has_row_names: bool = False  # below a header that is one field short


def detect_dialect(path: Path) -> Dialect:
    """Read the header and the first row and tell how the table is written.

    Raises UserError when the file is absent, empty, not a text table, has no header or
    no row, or has rows that end with a separator where the header has none.
    """
    with open_text(path) as stream:
        header, header_line = _next_line(path, stream, 1)
        row, row_line = _next_line(path, stream, header_line + 1)
    if not header:
        raise UserError(f"{path}: the file is empty; expected a header line and rows of numbers")
    _check_kind(path, kind_of_lines(header, row))
    separator = _detect_separator(header, row)
    names = split_line(header, separator).words()
    values = split_line(row, separator)
    extra = values.count - len(names)
    if extra not in (0, 1) or not any(map(is_number, values.words())):
        _check_comments(path, {header_line: header, row_line: row})
    _check_header(path, header_line, names)
    if not row:
        raise UserError(
            f"{path}: there is a header (line {header_line}) but no row below it; "
            "expected one line an observation"
        )
    if extra == 1 and names[-1]:
        _check_row_ends(path, SEPARATORS[separator], header_line)
    return Dialect(separator, ("",) * (extra == 1) + tuple(names), header_line, extra == 1)


@contextmanager
def open_text(path: Path) -> Iterator[io.BufferedReader]:
    """Open a table as plain bytes, decompressed and past its byte-order mark.

    Raises UserError for a file that cannot be opened or a compressed one that is damaged.
    """
    compression = _detect_compression(path)
    try:
        with pa.input_stream(str(path), compression=compression) as source:
            stream = io.BufferedReader(source, BUFFER_BYTES)
            _check_kind(path, kind_of(stream.peek(START_BYTES)[:START_BYTES]))
            if stream.peek(3)[:3] == BYTE_ORDER_MARK:
                stream.read(3)
            yield stream
    except OSError as error:
        raise UserError(
            f"{path}: the {compression or 'file'} data are damaged or cut short ({reason(error)}); "
            "expected a complete file: copy or compress it again"
        ) from error


def split_line(line: str, separator: str) -> Cells:
    """Split one line without its end as all the others are going to be."""
    return split_cells(f"{line}\n".encode(), separator)


def first_bytes(path: Path) -> bytes:
    """Read the first bytes of a file; UserError when it cannot be opened or is empty."""
    try:
        with path.open("rb") as file:
            start = file.read(START_BYTES)
    except OSError as error:
        raise UserError(
            f"{path}: {error.strerror}; expected a table there: check `path` in the configuration"
        ) from error
    if not start:
        raise UserError(f"{path}: the file is empty; expected a header line and rows of numbers")
    return start


def is_number(text: str) -> bool:
    """Tell whether a field reads as a number or as a missing value."""
    try:
        float(text or "nan")
    except ValueError:
        return text in MISSING
    return True


def _detect_compression(path: Path) -> str | None:
    start = first_bytes(path)
    if start.startswith(XZ):
        _check_kind(path, _kind_in_xz(path) or kind_of(start))
    kinds = [kind for signature, kind in COMPRESSIONS.items() if start.startswith(signature)]
    return kinds[0] if kinds else None


def _kind_in_xz(path: Path) -> Kind | None:
    import lzma  # not every Python has it

    try:
        with lzma.open(path) as file:
            return kind_of(file.read(START_BYTES))
    except (OSError, EOFError, lzma.LZMAError):
        return None


def _check_kind(path: Path, kind: Kind | None) -> None:
    if kind:
        raise UserError(
            f"{path}: this is {kind.name}; expected a text table in UTF-8 or Parquet: {kind.remedy}"
        )


def _next_line(path: Path, stream: io.BufferedReader, number: int) -> tuple[str, int]:
    """Return the next line that is not blank and its number; an empty one at the end."""
    for line in iter(stream.readline, b""):
        if line.strip():
            return _decode(path, line, number), number
        number += 1
    return "", number


def _decode(path: Path, line: bytes, number: int) -> str:
    try:
        text = line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise not_utf8(path, number) from error
    if "\r" in text:
        raise UserError(
            f"{path}: line {number} holds carriage returns; expected lines that end with a "
            "line feed (Unix) or both (Windows): save the file with one of these line ends"
        )
    if text.count('"') % 2:
        raise UserError(
            f"{path}: line {number} has a quote that is not closed; expected quotes in pairs: "
            "correct the line"
        )
    return text


def not_utf8(path: Path, number: int) -> UserError:
    """Build the error for a line that is not UTF-8."""
    return UserError(
        f"{path}: line {number} is not UTF-8; expected text in UTF-8: "
        f"convert it, for instance with iconv -f latin1 -t utf-8 {path.name}"
    )


def _detect_separator(header: str, row: str) -> str:
    """Choose the separator for which header and first row have as many fields.

    The header may be one field short (row names). Without such a separator, the one
    that makes the most of the header.
    """
    counts = {}
    for separator in SEPARATORS:
        counts[separator] = split_line(header, separator).count
        extra = split_line(row, separator).count - counts[separator]
        if counts[separator] > 1 and extra in (0, 1):
            return separator
    return max(counts, key=lambda separator: counts[separator])


def _check_comments(path: Path, lines: dict[int, str]) -> None:
    for number, line in lines.items():
        if line.lstrip().startswith("#"):
            raise UserError(
                f"{path}: line {number} begins with '#'; expected column names in the first line "
                "and then rows, as comments aren't read: delete the lines that begin with '#'"
            )


def _check_row_ends(path: Path, mark: str, header_line: int) -> None:
    """Refuse rows of which each ends with a separator that the header doesn't end with.

    They would pass for rows with a name in front of them and nothing in their last column.
    """
    with open_text(path) as stream:
        rows = (line.rstrip(b" \r\n") for line in islice(stream, header_line, None))
        if not all(row.endswith(mark.encode()) for row in rows if row):
            return
    raise UserError(
        f"{path}: the rows end with a separator and the header (line {header_line}) doesn't, so "
        "the first field of each row would pass for a row name; expected as many fields in the "
        "rows as in the header: take the separator at the end of each row away"
    )


def _check_header(path: Path, line: int, names: list[str]) -> None:
    if all(map(is_number, names)):
        raise UserError(
            f"{path}: line {line} holds numbers only, so there is no header; "
            "expected column names in the first line: add them"
        )
    if len(names) < 2:
        raise UserError(
            f"{path}: line {line} holds a single column, {names[0][:60]!r}; expected several, "
            f"separated by {', '.join(SEPARATORS)}: check the separator"
        )
