"""The decomposition of X as a file of plain arrays (npz, never pickled)."""

from dataclasses import fields
from pathlib import Path

import numpy as np

from mixedmodel.model.spectral import Decomposition
from mixedmodel.store.files import whole_file


def write_decomposition(path: str | Path, decomposition: Decomposition) -> None:
    """Write every field of ``decomposition`` under its own name."""
    arrays = {field.name: getattr(decomposition, field.name) for field in fields(decomposition)}
    with whole_file(path) as partial, partial.open("wb") as file:
        np.savez(file, **arrays)


def read_decomposition(path: str | Path) -> Decomposition:
    """Read what ``write_decomposition`` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        values = {name: arrays[name] for name in arrays.files}
    scalars = {name: value.item() for name, value in values.items() if value.ndim == 0}
    return Decomposition(**(values | scalars))
