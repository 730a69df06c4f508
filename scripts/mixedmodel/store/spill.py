"""Rows set aside on disk as raw doubles, one file a group of columns.

A table arrives by rows and leaves by columns. Between the two it lies in these files,
which are read back one group at a time: memory holds one chunk, whatever the table.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CHUNK_BYTES = 16 << 20  # of doubles read back at a time


class Spill:
    """Files of raw doubles for groups of columns with the given widths.

    A file is open only while it is written or read: a table may have hundreds of groups,
    and a process may not have so many files open.
    """

    def __init__(self, directory: Path, widths: Sequence[int]) -> None:
        self.widths = tuple(widths)
        self._rows = 0
        self._paths = [directory / f"spill-{group:05d}" for group in range(len(widths))]
        self._edges = np.cumsum([0, *widths]).tolist()

    def append(self, values: NDArray[np.float64]) -> None:
        """Add rows (rows, sum of widths), each group of columns to its file."""
        self._rows += len(values)
        if len(values):
            for path, (start, stop) in zip(self._paths, pairwise(self._edges), strict=True):
                with path.open("ab") as file:
                    file.write(values[:, start:stop].tobytes())

    def chunks(self, group: int) -> Iterator[NDArray[np.float64]]:
        """Read back the rows of one group, (rows, width) at a time."""
        width = self.widths[group]
        if not width:
            yield np.empty((self._rows, 0))
        if not width or not self._paths[group].exists():
            return
        rows = max(1, CHUNK_BYTES // (8 * width))
        with self._paths[group].open("rb") as file:
            while (values := np.fromfile(file, count=rows * width)).size:
                yield values.reshape(-1, width)

    def discard(self, group: int) -> None:
        """Delete the file of one group."""
        self._paths[group].unlink(missing_ok=True)
