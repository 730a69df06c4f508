"""The posterior of the random effects under one method, as a file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mixedmodel.model.types import Array, Effects
from mixedmodel.store.schemas import EFFECTS, SIMULATED_EFFECTS, read_frame, write_frame


def write_effects(path: str | Path, names: tuple[str, ...], effects: Effects) -> None:
    """Write the posterior mean and variance of every random effect by name."""
    write_frame(path, EFFECTS, {"name": names, **vars(effects)})


def read_effects(path: str | Path) -> Effects:
    """Read posterior means and variances (p,) of a method, None where these are withheld."""
    frame = read_frame(path, EFFECTS)
    withheld = bool(frame["variance"].isna().all())
    variance = None if withheld else frame["variance"].to_numpy()
    return Effects(frame["mean"].to_numpy(), variance)


def read_true_effects(path: str | Path) -> Array:
    """Read the simulated effects (p,)."""
    return read_frame(path, SIMULATED_EFFECTS)["beta"].to_numpy()


def read_scattered_effects(paths: Sequence[str | Path]) -> Effects:
    """Read the effects of ranges of columns, in their order, as those of all (p,)."""
    found = [read_effects(path) for path in paths]
    variances = [each.variance for each in found if each.variance is not None]
    return Effects(
        np.concatenate([each.mean for each in found]),
        np.concatenate(variances) if len(variances) == len(found) else None,
    )
