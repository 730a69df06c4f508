"""Posteriors of the random effects as files: of one method, and of both side by side."""

from pathlib import Path

from mixedmodel.model.summarise import JointEffects
from mixedmodel.model.types import Effects
from mixedmodel.store.schemas import COMPARISON_EFFECTS, EFFECTS, read_frame, write_frame


def write_effects(path: str | Path, names: tuple[str, ...], effects: Effects) -> None:
    """Write the posterior mean and variance of every random effect by name."""
    write_frame(path, EFFECTS, {"name": names, **vars(effects)})


def read_effects(path: str | Path) -> Effects:
    """Read posterior means and variances (p,) of a method."""
    frame = read_frame(path, EFFECTS)
    return Effects(frame["mean"].to_numpy(), frame["variance"].to_numpy())


def write_joint_effects(path: str | Path, effects: JointEffects) -> None:
    """Write comparison/effects.parquet, one row a random effect; the truth if it is known."""
    posterior = effects.posterior.items()
    columns = {
        "name": effects.names,
        **{f"mean_{method}": each.mean for method, each in posterior},
        **{f"variance_{method}": each.variance for method, each in posterior},
        "variance_mfvi_at_em": effects.at_em,
        "variance_lrvb": effects.lrvb,
    }
    if effects.truth is not None:
        columns["truth"] = effects.truth
    write_frame(path, COMPARISON_EFFECTS, columns)
