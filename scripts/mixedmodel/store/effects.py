"""The posterior of the random effects under one method, as a file."""

from pathlib import Path

from mixedmodel.model.types import Effects
from mixedmodel.store.schemas import EFFECTS, read_frame, write_frame


def write_effects(path: str | Path, names: tuple[str, ...], effects: Effects) -> None:
    """Write the posterior mean and variance of every random effect by name."""
    write_frame(path, EFFECTS, {"name": names, **vars(effects)})


def read_effects(path: str | Path) -> Effects:
    """Read posterior means and variances (p,) of a method, None where these are withheld."""
    frame = read_frame(path, EFFECTS)
    withheld = bool(frame["variance"].isna().all())
    variance = None if withheld else frame["variance"].to_numpy()
    return Effects(frame["mean"].to_numpy(), variance)
