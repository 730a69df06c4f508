"""The rows of a table that are kept, given back one group of columns at a time.

A text arrives by rows and its columns leave in groups. Between the two its rows lie on disk, a file
a group: as bytes where all values are small whole numbers, as genotypes are, as doubles elsewhere.
A table that lies by columns already is read again instead. Memory holds one chunk, whatever the
table.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

CHUNK_BYTES = 16 << 20  # of doubles read back at a time
MISSING = -128  # stands for NaN among bytes
LARGEST = 127  # of the whole numbers that a byte holds beside it

Rows = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Aside(Protocol):
    """Rows kept of a table, in groups of columns with the given widths."""

    @property
    def widths(self) -> tuple[int, ...]:
        """Return the number of columns of each group."""

    @property
    def chosen(self) -> "Chosen":
        """Return which rows are kept."""

    def append(self, values: Rows, kept: Flags) -> None:
        """Take the next rows (rows, sum of widths) of the table, of which some are ``kept``."""

    def chunks(self, group: int) -> Iterator[Rows]:
        """Give the rows of one group, (rows, width) at a time."""

    def discard(self, group: int) -> None:
        """Forget one group."""


@dataclass
class Chosen:
    """Which rows of a table are kept, as its blocks come."""

    flags: list[Flags] = field(default_factory=list)

    def numbers(self) -> Iterator[NDArray[np.int64]]:
        """Give the rows kept, counted from 1, block by block."""
        start = 1
        for flags in self.flags:
            if flags.any():
                yield start + np.flatnonzero(flags)
            start += len(flags)

    @property
    def all(self) -> Flags:
        """Return a flag for each row of the table."""
        return np.concatenate([np.zeros(0, bool), *self.flags])


@dataclass(frozen=True)
class _Piece:
    """Rows that lie together, and as what."""

    rows: int
    is_narrow: bool


class Spill:
    """Rows on disk, one file a group of columns.

    A file is open only while it is written or read: a table may have hundreds of groups,
    and a process may not have so many files open.
    """

    def __init__(self, directory: Path, widths: Sequence[int]) -> None:
        self.widths = tuple(widths)
        self.chosen = Chosen()
        self._paths = [directory / f"spill-{group:05d}" for group in range(len(widths))]
        self._pieces: list[list[_Piece]] = [[] for _ in widths]
        self._edges = np.cumsum([0, *widths]).tolist()

    def append(self, values: Rows, kept: Flags) -> None:
        """Add the rows that are kept, each group of columns to its file."""
        self.chosen.flags.append(kept)
        values = values if kept.all() else values[kept]
        if len(values):
            columns = [values[:, start:stop] for start, stop in pairwise(self._edges)]
            for path, pieces, part in zip(self._paths, self._pieces, columns, strict=True):
                narrow = narrowed(part)
                _add(pieces, _Piece(len(part), narrow is not None))
                with path.open("ab") as file:
                    file.write((part if narrow is None else narrow).tobytes())

    def chunks(self, group: int) -> Iterator[Rows]:
        """Read back the rows of one group, several pieces together."""
        width = self.widths[group]
        pieces = self._pieces[group]
        if not pieces:
            return
        most = max(1, CHUNK_BYTES // (8 * max(width, 1)))
        with self._paths[group].open("rb") as file:
            together: list[Rows] = []
            for piece in _cut(pieces, most):
                if together and sum(map(len, together)) + piece.rows > most:
                    yield np.concatenate(together)
                    together = []
                count = piece.rows * width
                if piece.is_narrow:
                    values = widened(np.fromfile(file, np.int8, count))
                else:
                    values = np.fromfile(file, np.float64, count)
                together.append(values.reshape(piece.rows, width))
            yield np.concatenate(together)

    def discard(self, group: int) -> None:
        """Delete the file of one group."""
        self._paths[group].unlink(missing_ok=True)


def _add(pieces: list[_Piece], piece: _Piece) -> None:
    """Add a piece, to the last one if they are alike."""
    if pieces and pieces[-1].is_narrow == piece.is_narrow:
        pieces[-1] = _Piece(pieces[-1].rows + piece.rows, piece.is_narrow)
    else:
        pieces.append(piece)


def _cut(pieces: Sequence[_Piece], most: int) -> Iterator[_Piece]:
    """Cut pieces with more than ``most`` rows."""
    for piece in pieces:
        for start in range(0, piece.rows, most):
            yield _Piece(min(most, piece.rows - start), piece.is_narrow)


class Reread:
    """Rows of a table that lies by columns: a group is ``read`` when it is asked for."""

    def __init__(
        self,
        read: Callable[[Sequence[int]], Iterator[Rows]],
        columns: Sequence[int],
        widths: Sequence[int],
    ) -> None:
        self.widths = tuple(widths)
        self.chosen = Chosen()
        self._read = read
        edges = pairwise(np.cumsum([0, *widths]).tolist())
        self._groups = [columns[start:stop] for start, stop in edges]

    def append(self, values: Rows, kept: Flags) -> None:
        """Note which of the next rows are kept."""
        self.chosen.flags.append(kept)

    def chunks(self, group: int) -> Iterator[Rows]:
        """Read the rows of one group that are kept, (rows, width) at a time."""
        kept, start = self.chosen.all, 0
        if not self.widths[group]:
            yield np.empty((int(kept.sum()), 0))
        elif kept.any():
            for values in self._read(self._groups[group]):
                yield values[kept[start : start + len(values)]]
                start += len(values)

    def discard(self, group: int) -> None:
        """Do nothing: there is nothing of our own."""


def narrowed(values: Rows) -> NDArray[np.int8] | None:
    """Return doubles as bytes; None where the same doubles would not come back."""
    absent = np.isnan(values)
    numbers = np.where(absent, 0.0, values) if absent.any() else values
    if not values.size or np.abs(numbers).max() > LARGEST:
        return None
    bytes_ = numbers.astype(np.int8)
    if not np.array_equal(bytes_.astype(np.float64).view(np.int64), _bits(numbers)):
        return None
    bytes_[absent] = MISSING
    return bytes_


def _bits(values: Rows) -> NDArray[np.int64]:
    """View doubles as whole numbers, which tell 0 from -0."""
    return np.ascontiguousarray(values).view(np.int64)


def widened(values: NDArray[np.int8]) -> Rows:
    """Return the doubles that ``narrowed`` was given."""
    return np.where(values == MISSING, np.nan, values.astype(np.float64))
