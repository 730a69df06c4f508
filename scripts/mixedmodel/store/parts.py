"""X of an imported table on disk: a Parquet file a block of columns, all files of one import.

A column with few distinct values, as genotypes have also when they are standardised, is written as
a dictionary, thirty times smaller and faster to read; others are plain. Either way the same doubles
come back. Each file says which part of how many it is, and of which import.
"""

import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mixedmodel.errors import UserError
from mixedmodel.model.cost import beside_mb, least_mb, matrix_mb
from mixedmodel.model.design import Design
from mixedmodel.model.types import Array
from mixedmodel.store.schemas import doubles_schema, reading
from mixedmodel.store.share import Share

HEAD = 1024  # first rows, by which a column is taken for one with few values
FEW = 256  # distinct values among these, and at most a quarter of them
DICTIONARY_BYTES = 1 << 16  # a column with more values after all goes on plain
PART, IMPORT = b"part", b"import"  # in the metadata of a file
AGAIN = "delete the directory and import the table again"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Label:
    """Which part of how many a file is, and of which import."""

    part: int
    parts: int
    imported: str

    @property
    def metadata(self) -> dict[bytes, bytes]:
        """Return the label as a file holds it."""
        return {PART: f"{self.part} of {self.parts}".encode(), IMPORT: self.imported.encode()}


class PartWriter:
    """Rows of doubles written to a Parquet file, a row group a call; the first ones decide how."""

    def __init__(self, path: Path, names: Sequence[str], label: Label) -> None:
        self._path = path
        self._schema = doubles_schema(names).with_metadata(label.metadata)
        self._writer: pq.ParquetWriter | None = None

    def write(self, values: Array) -> None:
        """Write rows (rows, columns)."""
        writer = self._writer or self._open(values)
        columns = [pa.array(column) for column in np.asfortranarray(values).T]
        writer.write_batch(pa.record_batch(columns, schema=self._schema))

    def close(self) -> None:
        """Finish the file; one without rows appears now."""
        (self._writer or self._open(np.empty((0, len(self._schema))))).close()

    def _open(self, values: Array) -> pq.ParquetWriter:
        few = np.flatnonzero(have_few_values(values[:HEAD]))
        self._writer = pq.ParquetWriter(
            self._path,
            self._schema,
            compression="none",
            write_statistics=False,
            use_dictionary=[self._schema.names[j] for j in few] or False,
            dictionary_pagesize_limit=DICTIONARY_BYTES,
        )
        return self._writer


@contextmanager
def part_writer(path: Path, names: Sequence[str], label: Label) -> Iterator[PartWriter]:
    """Open a part with these column names."""
    writer = PartWriter(path, names, label)
    yield writer
    writer.close()


def have_few_values(head: Array) -> NDArray[np.bool_]:
    """Flag the columns of some rows (rows, columns) that repeat few values."""
    ordered = np.sort(head, axis=0)
    distinct = 1 + np.count_nonzero(ordered[1:] != ordered[:-1], axis=0)
    return np.asarray(distinct <= min(FEW, len(head) // 4))


def part_path(directory: Path, part: int) -> Path:
    """Return where a part lies, counted from 1."""
    return directory / f"part-{part - 1:05d}.parquet"


@dataclass(frozen=True)
class Parts:
    """The parts of X (n, p): blocks of a ``Design``, read when they are asked for."""

    paths: tuple[Path, ...]
    n: int
    names: tuple[str, ...]
    widths: tuple[int, ...]
    imported: str

    @classmethod
    def open(cls, directory: Path) -> "Parts":
        """Look at all parts; UserError where one is missing or of another import."""
        paths = sorted(directory.glob("part-*.parquet"))
        if not paths:
            raise UserError(f"{directory}: holds no part-*.parquet; run the import again")
        footers = [_footer(path) for path in paths]
        _check_labels(directory, paths, [schema.metadata for _, schema in footers])
        rows = {n for n, _ in footers}
        if len(rows) > 1:
            raise UserError(
                f"{directory}: its files have {sorted(rows)} rows, not the same number; {AGAIN}"
            )
        return cls(
            paths=tuple(paths),
            n=rows.pop(),
            names=tuple(name for _, schema in footers for name in schema.names),
            widths=tuple(len(schema) for _, schema in footers),
            imported=footers[0][1].metadata[IMPORT].decode(),
        )

    def only(self, few: range) -> "Parts":
        """Return some of them that follow each other."""
        chosen, edges = slice(few.start, few.stop), np.cumsum([0, *self.widths])
        names = self.names[edges[few.start] : edges[few.stop]]
        return replace(self, paths=self.paths[chosen], widths=self.widths[chosen], names=names)

    def read(self, k: int) -> Array:
        """Read part k (n, width), each column copied once."""
        with reading(self.paths[k]):
            table = pq.ParquetFile(self.paths[k]).read(use_threads=False)
        if table.shape != (self.n, self.widths[k]):
            raise UserError(f"{self.paths[k]}: has changed while it was used; {AGAIN}")
        values = np.empty(table.shape, order="F")
        for j, column in enumerate(table.columns):
            copy_column(column, values[:, j])
        return values


def size_of_random(directory: str | Path) -> tuple[int, int]:
    """Return n and p of an imported X."""
    parts = Parts.open(Path(directory))
    return parts.n, len(parts.names)


def read_random(directory: str | Path, room: float = np.inf) -> Design:
    """Open X (n, p), which may hold ``room`` bytes."""
    return Design(Parts.open(Path(directory)), room)


def open_random(
    directory: str | Path,
    mem_mb: float,
    *,
    folds: bool = False,
    new: int = 0,
    krylov: int | None = None,
    share: Share | None = None,
) -> Design:
    """Open X (n, p) for a job that has ``mem_mb``, cross-validates or predicts ``new`` rows.

    ``krylov`` is how many columns the job's Krylov form takes, if it has one, ``share`` which of
    several jobs on parts of X it is: then these parts are all that is opened.

    Raises UserError where that is not enough to read it block by block.
    """
    parts = Parts.open(Path(directory))
    n, p = parts.n, len(parts.names)
    beside, least = beside_mb(n, p, folds=folds, new=new, krylov=krylov), least_mb(n, p)
    room = mem_mb - beside
    if mem_mb < beside + least:
        raise UserError(
            f"{directory}: of X ({n} x {p}) a job holds some blocks at a time, {least:.1f} MB, and "
            f"has {max(room, 0):.1f} MB for it; expected at least that: set `memory_mb` to "
            f"{math.ceil(least)} or more (or `mem_mb` of the job to {math.ceil(beside + least)})"
        )
    if share:
        parts = parts.only(share.range_of(len(parts.paths)))
    design = Design(parts, room * 1e6)
    where = "held in memory" if design.is_held else "read from disk block by block at each use"
    logger.info("X (%d x %d), %.1f MB, is %s", n, design.p, matrix_mb(n, design.p), where)
    return design


def copy_column(column: pa.ChunkedArray, target: Array) -> None:
    """Copy a column of doubles into an array."""
    start = 0
    for chunk in column.chunks:
        target[start : start + len(chunk)] = chunk.to_numpy()
        start += len(chunk)


def _footer(path: Path) -> tuple[int, pa.Schema]:
    """Return the rows and the schema of a part."""
    with reading(path):
        metadata = pq.read_metadata(path)
        schema = metadata.schema.to_arrow_schema()
    ours = schema.metadata and {PART, IMPORT} <= schema.metadata.keys()
    if not ours or not schema.equals(doubles_schema(schema.names)):
        raise UserError(f"{path}: not as the import writes it; {AGAIN}")
    return metadata.num_rows, schema


def _check_labels(directory: Path, paths: list[Path], labels: list[dict[bytes, bytes]]) -> None:
    """Refuse parts of several imports, and a set that is not whole."""
    for path, label in zip(paths, labels, strict=True):
        if label[IMPORT] != labels[0][IMPORT]:
            raise UserError(f"{path}: is of another import than {paths[0].name}; {AGAIN}")
    known = [label[PART].decode() for label in labels]
    parts = int(known[0].rpartition(" ")[2])
    missing = [k for k in range(1, parts + 1) if f"{k} of {parts}" not in known]
    if missing or len(known) != parts:
        told = f"part {missing[0]} of {parts} is missing" if missing else f"not {parts} parts"
        raise UserError(f"{directory}: {told}; {AGAIN}")
