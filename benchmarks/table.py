"""A simulated table as every contender meets it: arrays, a text, and the decomposition of X."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mixedmodel.model.types import Array


@dataclass(frozen=True)
class Table:
    """A table in ``folder``; ``y`` (n,), ``Z`` (n, c) with an intercept, ``X`` (n, p)."""

    folder: Path

    @property
    def y(self) -> Array:
        """Return the response."""
        return self._array("y")

    @property
    def Z(self) -> Array:
        """Return the fixed effects, the first a column of ones."""
        return self._array("Z")

    @property
    def X(self) -> Array:
        """Return the random effects, in Fortran order."""
        return self._array("X")

    @property
    def text(self) -> Path:
        """Return where the table is as text, with columns y, Z.1, ..., X.1, ..."""
        return self.folder / "table.txt"

    @property
    def genotypes(self) -> Path:
        """Return where X is as GEMMA takes it, a line a column."""
        return self.folder / "genotypes.txt"

    @property
    def decomposition(self) -> Path:
        """Return where the decomposition of X is, as the workflow writes it."""
        return self.folder / "decomposition.npz"

    def keep(self, **arrays: Array) -> None:
        """Write arrays by their names."""
        for name, array in arrays.items():
            np.save(self.folder / f"{name}.npy", array)

    def _array(self, name: str) -> Array:
        found: Array = np.load(self.folder / f"{name}.npy")
        return found
