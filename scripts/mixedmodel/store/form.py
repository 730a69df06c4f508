"""The spectral form as a file of plain arrays (npz, never pickled)."""

from dataclasses import fields
from pathlib import Path

import numpy as np

from mixedmodel.model.spectral import SpectralForm
from mixedmodel.store.files import whole_file


def write_form(path: str | Path, form: SpectralForm) -> None:
    """Write every field of ``form`` under its own name."""
    with whole_file(path) as partial, partial.open("wb") as file:
        np.savez(file, **{field.name: getattr(form, field.name) for field in fields(form)})


def read_form(path: str | Path) -> SpectralForm:
    """Read what ``write_form`` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        values = {name: arrays[name] for name in arrays.files}
    scalars = {name: value.item() for name, value in values.items() if value.ndim == 0}
    return SpectralForm(**(values | scalars))
