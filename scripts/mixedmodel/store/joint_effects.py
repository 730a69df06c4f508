"""The posteriors of both methods side by side, as a file."""

from pathlib import Path

from mixedmodel.model.summarise import JointEffects
from mixedmodel.store.schemas import COMPARISON_EFFECTS, write_frame


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
