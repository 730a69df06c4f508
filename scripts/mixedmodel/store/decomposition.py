"""The decomposition of X as a file of plain arrays (npz, never pickled)."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from mixedmodel.model.sampled import Sampled
from mixedmodel.model.spectral import Decomposition
from mixedmodel.store.files import whole_file

SAMPLED = "sampled_"  # before the names of what random probes say


def write_decomposition(path: str | Path, decomposition: Decomposition) -> None:
    """Write every field of ``decomposition`` under its own name, if there is something in it."""
    arrays = _arrays(decomposition)
    sampled = arrays.pop("sampled")
    if sampled is not None:
        arrays |= {SAMPLED + name: value for name, value in _arrays(sampled).items()}
    with whole_file(path) as partial, partial.open("wb") as file:
        np.savez(file, **arrays)


def read_decomposition(path: str | Path) -> Decomposition:
    """Read what ``write_decomposition`` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        values = {name: arrays[name] for name in arrays.files}
    values |= {name: value.item() for name, value in values.items() if value.ndim == 0}
    sampled = {
        name.removeprefix(SAMPLED): values.pop(name)
        for name in list(values)
        if name.startswith(SAMPLED)
    }
    return Decomposition(**values, sampled=Sampled(**sampled) if sampled else None)


def count_probes(path: str | Path) -> int | None:
    """Return how many random probes the spectrum is known from; None where it is known."""
    with np.load(path, allow_pickle=False) as arrays:
        return len(arrays[SAMPLED + "nodes"]) if SAMPLED + "nodes" in arrays else None


def _arrays(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}
