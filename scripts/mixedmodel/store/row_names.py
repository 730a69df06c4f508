"""Row names that repeat: a sign that the first column of a table lacks its name in the header.

R writes no name over its row names, and these are unique. A name is kept as 64 bits and its line.
Of very long tables only names with small hashes are kept, all the rows of each, so that memory is
bounded: a name that stands there twice may be missed, a column of values isn't.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mixedmodel.store.cells import Cells

MOST_KEPT = 1 << 20  # names, of 16 bytes each
LARGEST = (1 << 64) - 1

Hashes = NDArray[np.uint64]
Positions = NDArray[np.int64]


@dataclass(frozen=True)
class RowNames:
    """The row names seen so far, as hashes of at most ``limit``, with the line of each."""

    hashes: Hashes
    lines: Positions
    limit: int = LARGEST

    @classmethod
    def none(cls) -> "RowNames":
        """Start before the first row."""
        return cls(np.empty(0, np.uint64), np.empty(0, np.int64))

    def plus(self, cells: Cells, first_line: int) -> "RowNames":
        """Add the first field of each row of a block of lines."""
        hashes, lines = hash_first_fields(cells), cells.lines + first_line
        if self.limit < LARGEST:
            kept = hashes <= np.uint64(self.limit)
            hashes, lines = hashes[kept], lines[kept]
        hashes, lines = np.append(self.hashes, hashes), np.append(self.lines, lines)
        names = RowNames(hashes, lines, self.limit)
        return names if len(lines) <= MOST_KEPT else names._fewer()

    def alike(self) -> tuple[int, ...]:
        """Return the two lines of the first name that repeats; none if each stands once."""
        return tuple(self.lines[self._alike()].tolist())

    def _alike(self) -> Positions:
        order = np.argsort(self.hashes, kind="stable")
        again = np.flatnonzero(np.diff(self.hashes[order]) == 0) + 1
        if not again.size:
            return again
        second = again[np.argmin(order[again])]
        return order[second - 1 : second + 1]

    def _fewer(self) -> "RowNames":
        """Keep the first that repeats and no other, else those with the smaller hashes."""
        alike = self._alike()
        if alike.size:
            return RowNames(self.hashes[alike], self.lines[alike], 0)
        kept, limit = self.hashes <= self.limit, self.limit
        while kept.sum() > MOST_KEPT // 2:
            limit //= 2
            kept = self.hashes <= np.uint64(limit)
        return RowNames(self.hashes[kept], self.lines[kept], limit)


def hash_first_fields(cells: Cells) -> Hashes:
    """Hash the first field of each row: its letters, weighted at random by their place, summed."""
    first = np.cumsum(cells.fields) - cells.fields
    starts, stops = cells.offsets[first].astype(np.int64), cells.offsets[first + 1]
    lengths = stops - starts
    edges = np.insert(np.cumsum(lengths), 0, 0)
    places = np.arange(edges[-1]) - np.repeat(edges[:-1], lengths)
    letters = cells.text[np.repeat(starts, lengths) + places].astype(np.uint64)
    longest = int(lengths.max(initial=0))
    weights = np.random.default_rng(0).integers(LARGEST, size=longest, dtype=np.uint64)
    sums = np.insert(np.cumsum(weights[places] * (letters + np.uint64(1))), 0, 0)
    hashes: Hashes = np.diff(sums[edges])
    return hashes
