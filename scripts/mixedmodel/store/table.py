"""The imported table, y = Z w + X beta + e, as Parquet: written by rows, read back as arrays.

``fixed.parquet`` holds the responses, marked as such, and then Z, as plain doubles; the files of
``random`` hold X in blocks of columns (``parts``).
``rows.parquet`` tells which row of the input each one is, counted from 1 below the header.
Rows to predict lie in a folder of their own, in the same form with NaN for the response.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mixedmodel.errors import UserError
from mixedmodel.store.parts import copy_column
from mixedmodel.store.schemas import ROWS, doubles_schema, read_frame, reading

RESPONSE = {b"role": b"response"}  # in the metadata of a response's column


@dataclass(frozen=True)
class FixedPart:
    """One response and the fixed effects of a table."""

    y: NDArray[np.float64]  # (n,)
    Z: NDArray[np.float64]  # (n, c), Fortran order
    response: str
    names: tuple[str, ...]  # c names


class ColumnsWriter:
    """Rows of doubles written to an open Parquet file, a row group a call."""

    def __init__(self, writer: pq.ParquetWriter) -> None:
        self._writer = writer

    def write(self, values: NDArray[np.float64]) -> None:
        """Write rows (rows, columns)."""
        columns = [pa.array(column) for column in np.asfortranarray(values).T]
        self._writer.write_batch(pa.record_batch(columns, schema=self._writer.schema))


@contextmanager
def fixed_writer(
    path: Path, responses: Sequence[str], names: Sequence[str]
) -> Iterator[ColumnsWriter]:
    """Open a Parquet file of doubles for responses and fixed effects."""
    fields = [field.with_metadata(RESPONSE) for field in doubles_schema(responses)]
    schema = pa.schema([*fields, *doubles_schema(names)])
    options = {"compression": "none", "use_dictionary": False, "write_statistics": False}
    with pq.ParquetWriter(path, schema, **options) as writer:
        yield ColumnsWriter(writer)


def write_rows(path: Path, blocks: Iterable[NDArray[np.int64]]) -> None:
    """Write the numbers of rows, given in pieces."""
    with pq.ParquetWriter(path, ROWS, compression="zstd") as writer:
        for numbers in blocks:
            writer.write_batch(pa.record_batch([pa.array(numbers)], schema=ROWS))


def read_rows(path: str | Path) -> NDArray[np.int64]:
    """Read which row of the input each row of the table is."""
    rows: NDArray[np.int64] = read_frame(path, ROWS)["row"].to_numpy()
    return rows


def read_fixed(path: str | Path, response: str | None = None) -> FixedPart:
    """Read y (n,) and Z (n, c); ``response`` names one of several.

    Raises UserError where the table has no response.
    """
    values, names, r = _read_fixed(Path(path))
    if not r:
        raise UserError(
            f"{path}: the table was imported without a response, so nothing can be fitted; set "
            "`response` in the configuration"
        )
    column = names.index(response) if response else 0
    return FixedPart(values[:, column].copy(), values[:, r:], names[column], names[r:])


def read_fixed_effects(path: str | Path, n: int) -> NDArray[np.float64]:
    """Read Z (n, c) alone; ``n`` because a file without any column does not tell."""
    values, _, r = _read_fixed(Path(path))
    return values[:, r:] if values.shape[1] else np.empty((n, 0))


def read_responses(path: str | Path, n: int) -> NDArray[np.float64]:
    """Read all responses Y (n, r)."""
    values, _, r = _read_fixed(Path(path))
    return values[:, :r] if r else np.empty((n, 0))


def count_responses(path: str | Path) -> int:
    """Count the responses of a table."""
    with reading(path):
        fields = pq.read_schema(path)
    return sum((field.metadata or {}).get(b"role") == RESPONSE[b"role"] for field in fields)


def _read_fixed(path: Path) -> tuple[NDArray[np.float64], tuple[str, ...], int]:
    """Read [Y Z] in Fortran order, the names of the columns and how many are responses."""
    with reading(path):
        table = pq.ParquetFile(path).read()
        expected = doubles_schema(table.column_names)
    if not table.schema.equals(expected):
        raise UserError(f"{path}: not as the import writes it; delete it and import again")
    values = np.empty(table.shape, order="F")
    for j, column in enumerate(table.columns):
        copy_column(column, values[:, j])
    return values, tuple(table.column_names), count_responses(path)
