"""Decks to test: the computed studies of the report's tests, and variants of their summaries."""

from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from edited import edited
from mixedmodel.model.results import Summary, ValidationSummary
from mixedmodel.plan.products import FIGURES_SHOWN
from mixedmodel.report import style
from mixedmodel.report.saving import render
from mixedmodel.report.slides.deck import Settings
from mixedmodel.report.slides.place import Picture
from mixedmodel.report.story.build import Material, build_deck
from report import prediction_cases
from report.conftest import CASES, Study, study_of
from report.told import telling

VALIDATED = {"ordinary", "no_fixed", "boundary", "extreme_scale"}
PREDICTED = {"one_column": 1, "truth": 3, "long_names": 1_234, "extreme_scale": 12_345}
LONG_NAME = "a_column_name_that_somebody_found_useful_and_that_goes_on_and_on_" * 3


def long_names(changed: dict[str, Any]) -> None:
    """Make names as long as users do."""
    changed["means"]["max_abs_difference_name"] = LONG_NAME
    changed["fixed_effects"]["max_abs_difference_name"] = LONG_NAME
    changed["data"] |= {"response": LONG_NAME, "source": LONG_NAME + ".txt"}
    first = changed["fixed_effects"]["table"][0]
    errors = changed["fits"]["em"]["standard_errors"]["omega"]
    errors[LONG_NAME] = errors.pop(first["name"])
    first["name"] = LONG_NAME


def extreme_scale(changed: dict[str, Any]) -> None:
    """Make numbers as long as they are written, and names long."""
    long_names(changed)
    em, mfvi = changed["fits"].values()
    for block in (changed["means"], *changed["fitted"].values(), changed["gap"]):
        block |= {key: -1.234e-300 for key, value in block.items() if isinstance(value, float)}
    changed["gap"]["bound"] = 1e8  # log-likelihood minus ELBO, as below
    for block, scale in zip(changed["variances"].values(), (1e-12, 1e-3, 1e-6), strict=True):
        block |= {"min_ratio": scale, "median_ratio": 5.678 * scale, "max_ratio": 9.1 * scale}
    keys = ("response_variance", "eigval_max", "eigval_min_positive")
    changed["data"] |= dict.fromkeys(keys, 1.234e-300)
    changed["data"] |= {"response_mean": -1.234e-300, "rank": 123_456}
    changed["ratios"] = dict.fromkeys(changed["ratios"], 1.234e-300)
    for fit in (em, mfvi):
        fit |= {"sigma_beta2": 1.234e-300, "sigma_e2": 5.678e300, "loglik": -1.2345e12}
    mfvi["elbo"] = -1.2346e12
    for block in (*errors_of(changed), changed["moments"]["standard_errors"]):
        block |= {"sigma_beta2": 1.234e-300, "sigma_e2": 5.678e300, "pve": 1.234e-300}
    changed["moments"] |= {"sigma_beta2": -1.234e-300, "sigma_e2": 5.678e300, "pve": -1.234e-300}
    em["lrt"] = {"statistic": 1.234e300, "p_value": 0.0}


def errors_of(changed: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all standard errors of both fits."""
    em, mfvi = changed["fits"].values()
    return [em["standard_errors"], em["standard_errors_expected"], mfvi["naive_standard_errors"]]


def no_share_by_moments(changed: dict[str, Any]) -> None:
    """Make the sum of the variances by moments negative."""
    changed["moments"] |= {"sigma_beta2": -2.0, "sigma_e2": 0.1, "pve": None}
    changed["moments"]["standard_errors"]["pve"] = None


def not_concave(changed: dict[str, Any]) -> None:
    """Leave the variances without standard errors."""
    missing = dict.fromkeys(("sigma_beta2", "sigma_e2", "pve")) | {"reason": "not concave"}
    for block in errors_of(changed):
        block |= missing


def tiny_difference(changed: dict[str, Any]) -> None:
    """Let the PVEs agree to all digits shown."""
    em, mfvi = changed["fits"].values()
    mfvi["pve"] = em["pve"] * (1 - 1e-7)


VARIANTS = {
    "long_names": ("truth", long_names),
    "extreme_scale": ("truth", extreme_scale),
    "no_share_by_moments": ("boundary", no_share_by_moments),
    "not_concave": ("truth", not_concave),
    "tiny_difference": ("ordinary", tiny_difference),
}
NAMES = sorted([*CASES, *VARIANTS])


def summary_of(name: str) -> Summary:
    """Return the summary of a case or of a variant of one."""
    base, change = VARIANTS.get(name, (name, lambda _: None))
    changed = edited(study_of(base).summary, change)
    data = replace(changed.data, rows_to_predict=PREDICTED.get(name, 0))
    return replace(changed, data=data)


def predictions_of(name: str) -> pd.DataFrame:
    """Return the predictions of a case's rows without response."""
    extreme = name == "extreme_scale"
    scale, first = (1.234e-300, 1_234_567) if extreme else (1.0, 1)
    return prediction_cases.rows_predicted(PREDICTED.get(name, 0), scale=scale, first=first)


def validation_of(name: str) -> ValidationSummary | None:
    """Return the summary of a case's cross-validation, None without one."""
    if name not in VALIDATED:
        return None
    if name == "extreme_scale":
        return prediction_cases.extreme(prediction_cases.validation_of("ordinary").summary)
    return prediction_cases.validation_of(name).summary


def _study(name: str) -> Study:
    return study_of(name if name in CASES else VARIANTS[name][0])


def placeholder(name: str) -> Picture:
    """Return a picture as large as one of the pipeline's figures, whose name the SVG has."""
    picture = _drawing(style.SIZES[name])
    return replace(picture, svg=picture.svg + f"<!--{name}-->".encode())


@cache
def _drawing(inches: tuple[float, float]) -> Picture:
    with style.drawing():
        figure = Figure(figsize=inches)
        figure.add_subplot().plot([0, 1], [0, 1])
        return Picture(*(render(figure, kind) for kind in ("png", "svg")))


def material_of(name: str) -> Material:
    """Return what the deck of a case is made of."""
    study = _study(name)
    return Material(
        summary=summary_of(name),
        figures={name: placeholder(name) for name in FIGURES_SHOWN["response"]},
        predictions=predictions_of(name),
        em_trace=study.em_trace,
        mfvi_trace=study.mfvi_trace,
        profile=study.profile,
        cross_validation=validation_of(name),
    )


def build(name: str, **settings: Any) -> bytes:
    """Build the deck of a case afresh."""
    return build_deck(material_of(name), Settings(dataset=name, **settings), telling())


@cache
def deck_of(name: str) -> bytes:
    """Return the deck of a case, built once a test run."""
    return build(name)
