"""The random effects X (n, p) as named blocks of columns: in memory where they fit, else read anew.

Every use of X in the model is a pass over its blocks (`docs/model.md`, section 22). The blocks, and
so the results to the last bit, are the same wherever they come from. A pass over blocks that are
not held reads the next one in a thread while the caller works on this one.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dsyrk

from mixedmodel.model.cost import width
from mixedmodel.model.progress import told
from mixedmodel.model.projection import contrasts_of
from mixedmodel.model.types import Array

TILE = 256  # rows and columns of a symmetric matrix mirrored at a time
DOUBLE = 8  # bytes

Flags = NDArray[np.bool_]


class Blocks(Protocol):
    """Where the blocks of X come from."""

    @property
    def n(self) -> int:
        """Return the number of rows."""

    @property
    def names(self) -> tuple[str, ...]:
        """Name the columns of all blocks, side by side."""

    @property
    def widths(self) -> tuple[int, ...]:
        """Return how many columns each block has."""

    def read(self, k: int, /) -> Array:
        """Return block k (n, width) in Fortran order."""


class Design:
    """X (n, p) in blocks of columns.

    ``room`` is how many bytes may be held of it and of the designs that are made of it.
    """

    def __init__(self, source: Blocks, room: float = np.inf) -> None:
        self.source, self.room = source, room
        self._X: Array | None = None  # no cached property: reading threads ask for it too

    @classmethod
    def of(cls, X: Array) -> "Design":
        """Take a matrix (n, p) that is there, with columns X.1, X.2, ..."""
        p = X.shape[1]
        names = tuple(f"X.{j + 1}" for j in range(p))
        return cls(_Matrix(np.asfortranarray(X), names, width(p)))

    @property
    def n(self) -> int:
        """Number of rows."""
        return self.source.n

    @property
    def p(self) -> int:
        """Number of columns."""
        return len(self.names)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self.source.names

    @cached_property
    def slices(self) -> tuple[slice, ...]:
        """Where the columns of each block stand among the p."""
        edges = np.cumsum([0, *self.source.widths]).tolist()
        return tuple(slice(start, stop) for start, stop in pairwise(edges))

    @property
    def is_held(self) -> bool:
        """Whether X is kept in memory, once it has been read."""
        return self._size <= self.room

    @cached_property
    def norms2(self) -> Array:
        """Squared norms d_j (p,) of the columns."""
        found = np.empty(self.p)
        for columns, block in self.blocks():
            found[columns] = np.einsum("ij,ij->j", block, block)
        return found

    def blocks(self, doing: str = "") -> Iterator[tuple[slice, Array]]:
        """Go once over the columns: where each block stands, and the block (n, width).

        What is ``doing`` is told of as it goes on, if it takes long.
        """
        found: Iterator[tuple[slice, Array]]
        if self.is_held:
            found = ((columns, self._held[:, columns]) for columns in self.slices)
        else:
            blocks = read_ahead(self.source.read, len(self.slices))
            found = zip(self.slices, blocks, strict=True)
        return told(found, doing, len(self.slices), "blocks") if doing else found

    def block(self, k: int) -> Array:
        """Return one block (n, width)."""
        return self._held[:, self.slices[k]] if self.is_held else self.source.read(k)

    def whole(self) -> Array:
        """Return X (n, p) in Fortran order, which takes its size in memory whatever the room."""
        return self._held if self.is_held else self._gathered()

    def gram(self) -> Array:
        """Return X X' (n, n), the sum over blocks in turn."""
        K = np.zeros((self.n, self.n), order="F")
        for _, block in self.blocks("X X'"):
            K = dsyrk(1.0, block, beta=1.0, c=K, lower=1, overwrite_c=1)
        _mirror(K)
        return K

    def dot(self, V: Array) -> Array:
        """Return X V (n,) or (n, k) for V (p,) or (p, k)."""
        found = np.zeros((self.n, *V.shape[1:]))
        for columns, block in self.blocks():
            found += block @ V[columns]
        return found

    def tdot(self, V: Array) -> Array:
        """Return X'V (p,) or (p, k) for V (n,) or (n, k)."""
        found = np.empty((self.p, *V.shape[1:]))
        for columns, block in self.blocks():
            found[columns] = block.T @ V
        return found

    def kernel(self, V: Array) -> Array:
        """Return X X'V (n, k) for V (n, k), in one pass."""
        found = np.zeros((self.n, V.shape[1]), order="F")
        for _, block in self.blocks("a product with X X'"):
            found += block @ (block.T @ V)
        return found

    def beside(self, other: "Design") -> Iterator[tuple[slice, Array, Array]]:
        """Go over the columns of two designs at the same time; they have the same blocks."""
        for (columns, block), (also, beside) in zip(self.blocks(), other.blocks(), strict=True):
            if columns != also:
                raise ValueError(f"blocks that differ: columns {columns} and {also}")
            yield columns, block, beside

    def contrasts(self, Z: Array) -> "Design":
        """Return C'X (n - c, p), C an orthonormal basis of what is orthogonal to Z (n, c)."""
        return self._turned(self.n - Z.shape[1], partial(contrasts_of, Z))

    def rows(self, kept: Flags) -> "Design":
        """Return the rows flagged in ``kept`` (n,)."""
        return self._turned(int(kept.sum()), lambda block: np.asfortranarray(block[kept]))

    def columns(self, kept: Flags) -> "Design":
        """Return the columns flagged in ``kept`` (p,)."""
        return Design(_Columns(self, kept), self.left)

    @property
    def _size(self) -> int:
        return DOUBLE * self.n * self.p

    @property
    def left(self) -> float:
        """Bytes that the designs made of this one may hold."""
        return self.room - self._size if self.is_held else self.room

    @property
    def _held(self) -> Array:
        if self._X is None:
            self._X = self.source.X if isinstance(self.source, _Matrix) else self._gathered()
        return self._X

    def _gathered(self) -> Array:
        X = np.empty((self.n, self.p), order="F")
        for k, columns in enumerate(self.slices):
            X[:, columns] = self.source.read(k)
        return X

    def _turned(self, n: int, turn: Callable[[Array], Array]) -> "Design":
        return Design(_Turned(self, n, turn), self.left)


def read_ahead(read: Callable[[int], Array], count: int) -> Iterator[Array]:
    """Read blocks 0 .. count - 1, each in a thread while the caller is at the one before."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        coming = reader.submit(read, 0) if count else None
        for k in range(1, count + 1):
            block = coming.result() if coming else np.empty((0, 0))
            coming = reader.submit(read, k) if k < count else None
            yield block


@dataclass(frozen=True)
class _Matrix:
    """Blocks of a matrix that is there."""

    X: Array
    names: tuple[str, ...]
    width: int

    @property
    def n(self) -> int:
        return len(self.X)

    @property
    def widths(self) -> tuple[int, ...]:
        p = self.X.shape[1]
        return tuple(min(self.width, p - start) for start in range(0, p, self.width))

    def read(self, k: int) -> Array:
        return self.X[:, k * self.width : (k + 1) * self.width]


@dataclass(frozen=True)
class _Turned:
    """The blocks of a design, each turned into other rows of the same columns."""

    design: Design
    n: int
    turn: Callable[[Array], Array]

    @property
    def names(self) -> tuple[str, ...]:
        return self.design.names

    @property
    def widths(self) -> tuple[int, ...]:
        return self.design.source.widths

    def read(self, k: int) -> Array:
        return self.turn(self.design.block(k))


@dataclass(frozen=True)
class _Columns:
    """The blocks of a design without some of its columns, those that have none left left out."""

    design: Design
    kept: Flags

    @property
    def n(self) -> int:
        return self.design.n

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.design.names[j] for j in np.flatnonzero(self.kept))

    @property
    def widths(self) -> tuple[int, ...]:
        return tuple(int(self.kept[self.design.slices[k]].sum()) for k in self._places)

    def read(self, k: int) -> Array:
        place = self._places[k]
        block = self.design.block(place)
        return np.asfortranarray(block[:, self.kept[self.design.slices[place]]])

    @property
    def _places(self) -> list[int]:
        return [k for k, columns in enumerate(self.design.slices) if self.kept[columns].any()]


def _mirror(K: Array) -> None:
    """Copy the lower triangle of a square matrix to the upper one, tile by tile."""
    for start in range(0, len(K), TILE):
        stop = start + TILE
        tile = K[start:stop, start:stop]
        tile[:] = np.tril(tile) + np.tril(tile, -1).T
        K[start:stop, stop:] = K[stop:, start:stop].T
