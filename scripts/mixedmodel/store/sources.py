"""The two kinds of input, text and Parquet, read as blocks of rows of doubles."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mixedmodel.errors import UserError
from mixedmodel.store.cells import Mistake, check_size, convert, split_cells
from mixedmodel.store.dialect import Dialect, detect_dialect, first_bytes, not_utf8, open_text
from mixedmodel.store.files import reason
from mixedmodel.store.row_names import RowNames
from mixedmodel.store.spill import Aside, Reread, Spill

TEXT_BYTES = 4 << 20  # text read at a time; a longer line is read whole
PARQUET = b"PAR1\x15"  # as each file begins: the signature, then field 1 of a Thrift structure
PARQUET_BYTES = 32 << 20  # doubles read at a time


@dataclass(frozen=True)
class Block:
    """Some rows of the table."""

    values: NDArray[np.float64]  # (rows, columns asked for); NaN: missing
    lines: NDArray[np.int64]  # where each row stands in the file, counted from 1


class Source(Protocol):
    """A table to import."""

    @property
    def path(self) -> Path:
        """Return where the table is."""

    @property
    def unit(self) -> str:
        """Name what ``Block.lines`` counts: lines of a text, rows of Parquet."""

    @property
    def separator(self) -> str:
        """Name what stands between the columns."""

    @property
    def names(self) -> tuple[str, ...]:
        """Name the columns; "" for one without a name."""

    def blocks(self, columns: Sequence[int]) -> Iterator[Block]:
        """Read the columns at these positions block by block, in this order."""

    def set_aside(self, directory: Path, columns: Sequence[int], widths: Sequence[int]) -> Aside:
        """Begin to keep rows of these columns, to be given back in groups with these widths."""


def open_source(path: Path) -> Source:
    """Tell text from Parquet by the first bytes and read the column names."""
    if first_bytes(path).startswith(PARQUET):
        return ParquetSource.open(path)
    return TextSource(path, detect_dialect(path))


@dataclass(frozen=True)
class TextSource:
    """A text table of a known dialect."""

    path: Path
    dialect: Dialect
    unit: str = "line"

    @property
    def separator(self) -> str:
        """Name the separator."""
        return self.dialect.separator

    @property
    def names(self) -> tuple[str, ...]:
        """Name the columns."""
        return self.dialect.names

    def blocks(self, columns: Sequence[int]) -> Iterator[Block]:
        """Convert the columns at these positions, some whole lines at a time.

        Raises UserError with file, line and column name at the first mistake.
        """
        line, row_names = self.dialect.header_line + 1, RowNames.none()
        for text in self._texts():
            try:
                cells = split_cells(text, self.separator)
                values = convert(cells, len(self.names), columns)
            except Mistake as mistake:
                raise _told(self, mistake, line) from None
            if self.dialect.has_row_names:
                row_names = row_names.plus(cells, line)
            yield Block(values, cells.lines + line)
            line += text.count(b"\n")
        if alike := row_names.alike():
            self._check_row_names(*alike)

    def set_aside(self, directory: Path, columns: Sequence[int], widths: Sequence[int]) -> Aside:
        """Keep rows in files of ``directory``."""
        return Spill(directory, widths)

    def _check_row_names(self, first: int, second: int) -> None:
        """Refuse a name that stands in both lines."""
        with open_text(self.path) as stream:
            texts = [next(islice(stream, step, None)) for step in (first - 1, second - first - 1)]
        names = [split_cells(_with_line_feeds(text), self.separator).words()[0] for text in texts]
        if names[0] == names[1]:
            raise UserError(
                f"{self.path}: the header has one field less than the rows, whose first field "
                f"would thus be a row name, but {names[0]!r} stands in line {first} and in line "
                f"{second}; expected a name for each column, or row names that are unique: add "
                f"the name of the first column to line {self.dialect.header_line}"
            )

    def _texts(self) -> Iterator[bytes]:
        """Read the lines below the header in blocks that end with a line feed."""
        line = self.dialect.header_line + 1
        with open_text(self.path) as stream:
            for _ in range(self.dialect.header_line):
                stream.readline()
            while text := stream.read(TEXT_BYTES) + stream.readline():
                self._check_encoding(text, line)
                line += text.count(b"\n")
                yield _with_line_feeds(text)

    def _check_encoding(self, text: bytes, line: int) -> None:
        try:
            text.isascii() or text.decode("utf-8")
        except UnicodeDecodeError as error:
            before = text.count(b"\n", 0, error.start)
            raise not_utf8(self.path, line + before) from error


@dataclass(frozen=True)
class ParquetSource:
    """A Parquet file with numeric columns."""

    path: Path
    names: tuple[str, ...]
    metadata: pq.FileMetaData
    unit: str = "row"
    separator: str = "parquet"

    @classmethod
    def open(cls, path: Path) -> "ParquetSource":
        """Read the schema; UserError when the file is damaged or has no row."""
        with _parquet_errors(path):
            metadata = pq.read_metadata(path)
            names = tuple(metadata.schema.to_arrow_schema().names)
        if not metadata.num_rows:
            raise UserError(f"{path}: there is no row; expected one row an observation")
        return cls(path, names, metadata)

    def blocks(self, columns: Sequence[int]) -> Iterator[Block]:
        """Read the columns at these positions as doubles, some rows at a time.

        Raises UserError for a column that is not numeric, for an infinite value (with
        row and column name) and for a damaged file.
        """
        names = [self.names[column] for column in columns]
        size = max(1, PARQUET_BYTES // (8 * len(names)))
        row = 1
        with _parquet_errors(self.path):
            file = pq.ParquetFile(
                self.path, metadata=self.metadata, page_checksum_verification=True
            )
            self._check_types(file.schema_arrow, names)
            for batch in file.iter_batches(size, columns=names):
                lines = np.arange(row, row + len(batch))
                values = np.column_stack([self._doubles(batch, name) for name in names])
                try:
                    check_size(values, lines, columns)
                except Mistake as mistake:
                    raise _told(self, mistake, 0) from None
                yield Block(values, lines)
                row += len(batch)
            if row <= file.metadata.num_rows:
                raise pa.ArrowInvalid(f"{row - 1} rows of {file.metadata.num_rows} are there")

    def set_aside(self, directory: Path, columns: Sequence[int], widths: Sequence[int]) -> Aside:
        """Keep nothing but which rows they are: the columns are read again."""
        return Reread(self._values, columns, widths)

    def _values(self, columns: Sequence[int]) -> Iterator[NDArray[np.float64]]:
        return (block.values for block in self.blocks(columns))

    def _check_types(self, schema: pa.Schema, names: Sequence[str]) -> None:
        for name in names:
            kind = schema.field(name).type
            if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
                raise UserError(
                    f"{self.path}: column {name!r} is of type {kind}; expected numbers: convert "
                    "it or leave it out of response, fixed and random"
                )

    def _doubles(self, batch: pa.RecordBatch, name: str) -> NDArray[np.float64]:
        try:
            doubles = batch[name].cast(pa.float64())
        except pa.ArrowInvalid as error:
            raise UserError(
                f"{self.path}: column {name!r} does not fit double precision ({reason(error)}); "
                "expected numbers up to 2**53: rescale it"
            ) from error
        values: NDArray[np.float64] = doubles.to_numpy(zero_copy_only=False)
        return values


def _told(source: Source, mistake: Mistake, first_line: int) -> UserError:
    """Turn a mistake within a block into a message with file, line and column name."""
    where = f"{source.path}: {source.unit} {first_line + mistake.line}"
    if mistake.field is None:
        return UserError(f"{where} {mistake.what}: correct the line")
    return UserError(
        f"{where}, column {source.names[mistake.field]!r} {mistake.what}: correct it (NA if "
        "it is missing) or leave the column out of response, fixed and random"
    )


def _with_line_feeds(text: bytes) -> bytes:
    """Return the text with Unix line ends, the last line ended too."""
    text = text.replace(b"\r\n", b"\n") if b"\r" in text else text
    return text if text.endswith(b"\n") else text + b"\n"


@contextmanager
def _parquet_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        raise UserError(
            f"{path}: cannot be read as Parquet ({reason(error)}); expected a complete "
            "Parquet file: write or copy it again"
        ) from error
