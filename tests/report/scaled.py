"""Studies in other units, and with values that are far apart, as users bring them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from edited import edited
from studies import Study

VARIANCES = ("sigma_beta2", "sigma_e2", "variance_ratio")


def scaled(study: Study, y: float = 1.0, x: float = 1.0) -> Study:
    """Return the study of the response times ``y`` and of the random-effect columns times ``x``.

    Objectives stay as they are: the figures draw differences of them.
    """
    units = {
        "sigma_beta2": (y / x) ** 2,
        "sigma_e2": y**2,
        "variance_ratio": 1 / x**2,
        "optimum_sigma_beta2": (y / x) ** 2,
        "optimum_sigma_e2": y**2,
        "response_mean": y,
        "response_variance": y**2,
        "trace_k_over_n": x**2,
        "eigval_max": x**2,
        "eigval_min_positive": x**2,
    }
    effects = study.effects.copy()
    for column in effects.columns.drop("name"):
        effects[column] *= (y / x) ** (2 if column.startswith("variance") else 1)

    def change(summary: dict[str, Any]) -> None:
        summary.update(_scaled(summary, units))
        for part in summary["fitted"].values():
            part.update({key: value * y**2 for key, value in part.items()})
        for row in summary["fixed_effects"]["table"]:
            row.update({key: v * y for key, v in row.items() if isinstance(v, float)})
        errors = summary["fits"]["em"]["standard_errors"]["omega"]
        errors.update({name: value * y for name, value in errors.items()})

    return replace(
        study,
        response=study.response * y,
        col_norms2=study.col_norms2 * x**2,
        spectrum=study.spectrum.assign(eigenvalue=study.spectrum["eigenvalue"] * x**2),
        em_trace=_scaled_trace(study.em_trace, units),
        mfvi_trace=_scaled_trace(study.mfvi_trace, units),
        summary=edited(study.summary, change),
        effects=effects,
    )


def _scaled(content: Any, units: dict[str, float]) -> Any:
    """Multiply the numbers whose keys have a unit, however deep they are."""
    if isinstance(content, dict):
        return {
            key: value * units[key]
            if key in units and isinstance(value, float)
            else _scaled(value, units)
            for key, value in content.items()
        }
    return [_scaled(each, units) for each in content] if isinstance(content, tuple) else content


def _scaled_trace(trace: pd.DataFrame, units: dict[str, float]) -> pd.DataFrame:
    return trace.assign(**{key: trace[key] * units[key] for key in ("sigma_beta2", "sigma_e2")})


def far_apart(study: Study) -> Study:
    """Return a study with an outlier, and columns and effects that are decades apart."""
    response = study.response.copy()
    response[3] = 1e12
    size, c = study.col_norms2.size, study.fixed.shape[1]
    spread = np.logspace(-20, 20, size)
    eigvals = study.spectrum["eigenvalue"].to_numpy()
    positive = eigvals > 0
    eigvals = np.where(positive, np.logspace(20, -20, eigvals.size), 0.0)
    effects = study.effects.copy()
    for column in effects.columns.drop("name"):
        effects[column] *= np.logspace(-12, 12, len(effects))
    units = np.logspace(-12, 12, c).tolist()

    def change(summary: dict[str, Any]) -> None:
        errors = summary["fits"]["em"]["standard_errors"]["omega"]
        for row, unit in zip(summary["fixed_effects"]["table"], units, strict=True):
            row.update({key: v * unit for key, v in row.items() if isinstance(v, float)})
            errors[row["name"]] *= unit

    return replace(
        study,
        response=response,
        fixed=study.fixed * np.logspace(-12, 12, c),
        col_norms2=spread,
        spectrum=study.spectrum.assign(eigenvalue=eigvals),
        summary=edited(study.summary, change),
        effects=effects,
    )


def all_the_same(study: Study) -> Study:
    """Return a study in which the response and the columns are constant, the effects zero."""
    effects = study.effects.copy()
    effects[effects.columns.drop("name")] = 0.0
    return replace(
        study,
        response=np.full_like(study.response, 3.0),
        fixed=study.fixed * 0.0,
        col_norms2=np.full_like(study.col_norms2, 1.0),
        spectrum=study.spectrum.assign(eigenvalue=1.0),
        effects=effects,
    )
