"""Decks to test: the computed studies of the report's tests, and variants of their summaries."""

import copy
import csv
import io
from functools import cache
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from mixedmodel.report import style, tables
from mixedmodel.report.saving import render
from mixedmodel.report.slides.build import build_deck
from mixedmodel.report.slides.deck import Settings
from mixedmodel.report.slides.material import Material
from mixedmodel.report.slides.place import Picture
from mixedmodel.report.slides.sentences import view
from report import prediction_cases
from report.conftest import CASES, Study, study_of
from report.figure_checks import SIZES

VALIDATED = {"ordinary", "no_fixed", "boundary", "extreme_scale"}
PREDICTED = {"one_column": 1, "truth": 3, "long_names": 1_234, "extreme_scale": 12_345}
LONG_NAME = "a_column_name_that_somebody_found_useful_and_that_goes_on_and_on_" * 3


def long_names(summary: dict[str, Any]) -> dict[str, Any]:
    """Return the summary with names as long as users make them."""
    changed = copy.deepcopy(summary)
    changed["means"]["max_abs_difference_name"] = LONG_NAME
    changed["fixed_effects"]["max_abs_difference_name"] = LONG_NAME
    changed["data"] |= {"response": LONG_NAME, "source": LONG_NAME + ".txt"}
    first = changed["fixed_effects"]["table"][0]
    errors = changed["em"]["standard_errors"]["omega"]
    errors[LONG_NAME] = errors.pop(first["name"])
    first["name"] = LONG_NAME
    return changed


def extreme_scale(summary: dict[str, Any]) -> dict[str, Any]:
    """Return the summary with numbers as long as they are written, and long names."""
    changed = long_names(summary)
    for block in (changed["means"], *changed["fitted"].values(), changed["gap"]):
        block |= {key: -1.234e-300 for key, value in block.items() if isinstance(value, float)}
    for block, scale in zip(changed["variances"].values(), (1e-12, 1e-3, 1e-6), strict=True):
        block |= {"min_ratio": scale, "median_ratio": 5.678 * scale, "max_ratio": 9.1 * scale}
    keys = ("response_variance", "eigval_max", "eigval_min_positive")
    changed["data"] |= dict.fromkeys(keys, 1.234e-300)
    changed["data"] |= {"response_mean": -1.234e-300, "rank": 123_456}
    changed["ratios"] = dict.fromkeys(changed["ratios"], 1.234e-300)
    for method in ("em", "mfvi"):
        changed[method] |= {"sigma_beta2": 1.234e-300, "sigma_e2": 5.678e300, "loglik": -1.2345e12}
    changed["mfvi"]["elbo"] = -1.2346e12
    for block in (
        changed["em"]["standard_errors"],
        changed["em"]["standard_errors_expected"],
        changed["mfvi"]["naive_standard_errors"],
        changed["moments"]["standard_errors"],
    ):
        block |= {"sigma_beta2": 1.234e-300, "sigma_e2": 5.678e300, "pve": 1.234e-300}
    changed["moments"] |= {"sigma_beta2": -1.234e-300, "sigma_e2": 5.678e300, "pve": -1.234e-300}
    changed["em"]["lrt"] = {"statistic": 1.234e300, "p_value": 0.0}
    return changed


def no_share_by_moments(summary: dict[str, Any]) -> dict[str, Any]:
    """Return the summary with variances by moments whose sum is negative."""
    changed = copy.deepcopy(summary)
    changed["moments"] |= {"sigma_beta2": -2.0, "sigma_e2": 0.1, "pve": None}
    changed["moments"]["standard_errors"]["pve"] = None
    return changed


def not_concave(summary: dict[str, Any]) -> dict[str, Any]:
    """Return the summary of a fit without standard errors for its variances."""
    changed = copy.deepcopy(summary)
    missing = dict.fromkeys(("sigma_beta2", "sigma_e2", "pve")) | {"reason": "not concave"}
    for block in (
        changed["em"]["standard_errors"],
        changed["em"]["standard_errors_expected"],
        changed["mfvi"]["naive_standard_errors"],
    ):
        block |= missing
    return changed


def tiny_difference(summary: dict[str, Any]) -> dict[str, Any]:
    """Return the summary with PVEs that agree to all digits shown."""
    changed = copy.deepcopy(summary)
    changed["mfvi"]["pve"] = changed["em"]["pve"] * (1 - 1e-7)
    return changed


VARIANTS = {
    "long_names": ("truth", long_names),
    "extreme_scale": ("truth", extreme_scale),
    "no_share_by_moments": ("boundary", no_share_by_moments),
    "not_concave": ("truth", not_concave),
    "tiny_difference": ("ordinary", tiny_difference),
}
NAMES = sorted([*CASES, *VARIANTS])


def summary_of(name: str) -> dict[str, Any]:
    """Return the summary of a case or of a variant of one."""
    base, change = VARIANTS.get(name, (name, copy.deepcopy))
    changed = change(study_of(base).summary)
    changed["data"]["rows_to_predict"] = PREDICTED.get(name, 0)
    return changed


def renamed(name: str, dataset: str) -> Any:
    """Return the summary of a case, as the slides see it, of a data set with another name."""
    return view(summary_of(name) | {"dataset": dataset})


def predictions_of(name: str) -> pd.DataFrame:
    """Return the predictions of a case's rows without response."""
    extreme = name == "extreme_scale"
    scale, first = (1.234e-300, 1_234_567) if extreme else (1.0, 1)
    return prediction_cases.rows_predicted(PREDICTED.get(name, 0), scale=scale, first=first)


def validation_of(name: str) -> dict[str, Any] | None:
    """Return the summary of a case's cross-validation, None without one."""
    if name not in VALIDATED:
        return None
    if name == "extreme_scale":
        return prediction_cases.extreme(prediction_cases.validation_of("ordinary").summary)
    return prediction_cases.validation_of(name).summary


def _study(name: str) -> Study:
    return study_of(name if name in CASES else VARIANTS[name][0])


@cache
def placeholder(inches: tuple[float, float] = style.FACTS_INCHES) -> Picture:
    """Return a picture as large as one of the pipeline's figures."""
    with style.drawing():
        figure = Figure(figsize=inches)
        figure.add_subplot().plot([0, 1], [0, 1])
        return Picture(*(render(figure, kind) for kind in ("png", "svg")))


def material_of(name: str) -> Material:
    """Return what the deck of a case is made of."""
    study, summary = _study(name), summary_of(name)
    texts = {key: tables.to_csv(table(summary)) for key, table in tables.TABLES.items()}
    texts["predictions"] = tables.to_csv(tables.predictions(predictions_of(name)))
    return Material(
        summary=view(summary),
        figures={key: placeholder(inches) for key, inches in SIZES.items()},
        tables={key: list(csv.DictReader(io.StringIO(text))) for key, text in texts.items()},
        em_trace=study.em_trace,
        mfvi_trace=study.mfvi_trace,
        cross_validation=view(validation_of(name)),
    )


def build(name: str, **settings: Any) -> bytes:
    """Build the deck of a case afresh."""
    return build_deck(material_of(name), Settings(dataset=name, **settings))


@cache
def deck_of(name: str) -> bytes:
    """Return the deck of a case, built once a test run."""
    return build(name)
