"""Every sentence on predictions: rows left out in turn, and rows whose response is missing.

Pure functions of the summary ``s`` (comparison/summary.json), of the validation ``v``
(cross_validation/summary.json), both as attribute views, and of what was predicted. A method is
called better only where its gain exceeds 1.96 standard errors.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixedmodel.model.results import Gain, Score, Summary, ValidationSummary
from mixedmodel.model.types import NORMAL_95
from mixedmodel.report.numbers import (
    LARGEST_FIXED,
    MISSING,
    SMALLEST_FIXED,
    SMALLEST_SHARE,
    count,
    fixed,
    listed,
    percent,
    rounded_share,
    significant,
)
from mixedmodel.report.slides import sentences as say

PREDICTION_TOO = (
    "For variances, PVE and prediction report EM; MFVI is for when only sweeps are affordable"
)
DIGITS = 3  # of the reach of an interval
ALIKE = 1e-9  # of the reach of an interval; predictions that differ by less are the same


# rows left out


def surely(gain: Gain) -> bool:
    """Tell whether a gain is more than chance and rounding leave."""
    return bool(gain.share > max(NORMAL_95 * gain.standard_error, SMALLEST_SHARE))


def surely_none(gain: Gain) -> bool:
    """Tell whether a gain is negative beyond chance and rounding."""
    return bool(-gain.share > max(NORMAL_95 * gain.standard_error, SMALLEST_SHARE))


def baseline(s: Summary) -> str:
    """Name what both methods are measured against."""
    return "the fixed effects alone" if s.data.c else "zero for every row"


def baseline_error(s: Summary) -> str:
    """Name the squared error of which the methods remove a share."""
    return "the fixed effects' squared error" if s.data.c else "the squared responses"


def validation_title(s: Summary, v: ValidationSummary) -> str:
    """Return the headline of the cross-validation."""
    em, mfvi, gains = v.methods["em"], v.methods["mfvi"], v.gains
    if em.correlation is None and mfvi.correlation is None:
        return "Nothing to predict by: both methods give all rows left out the same prediction"
    if max(em.r2, mfvi.r2) < 0:
        return (
            "Both methods predict rows left out worse than their mean would: R² is"
            f" {r_squared(em.r2)} for EM, {r_squared(mfvi.r2)} for MFVI"
        )
    if not (surely(gains["em_over_fixed"]) or surely(gains["mfvi_over_fixed"])):
        return f"Neither method surely predicts rows left out better than {baseline(s)}"
    by_em, by_mfvi = removed(em), removed(mfvi)
    if surely(gains["em_over_mfvi"]):
        return (
            f"EM predicts rows left out better: it removes {by_em} of {baseline_error(s)}, MFVI"
            f" {by_mfvi}"
        )
    if surely_none(gains["em_over_mfvi"]):
        return (
            f"MFVI predicts rows left out better: it removes {by_mfvi} of {baseline_error(s)}, EM"
            f" {by_em}"
        )
    if by_em == by_mfvi:
        return (
            f"EM and MFVI predict rows left out alike: both remove {by_em} of {baseline_error(s)}"
        )
    return (
        f"On rows left out EM removes {by_em} of {baseline_error(s)}, MFVI {by_mfvi}: a difference"
        " within chance"
    )


def removed(scores: Score) -> str:
    """Return the share of the squared error of the fixed effects alone that a method removes."""
    return rounded_share(scores.r2_over_fixed)


def r_squared(value: float) -> str:
    """Return an R², which may be far below zero."""
    return fixed(value, 4) if value > -10 else significant(value)


def validation_rows(s: Summary, v: ValidationSummary) -> list[list[str]]:
    """Return the scores of both methods and of the fixed effects alone."""
    alone = baseline(s).removeprefix("the ").capitalize()
    names = {"em": "EM", "mfvi": "MFVI", "fixed": alone}
    return [[name, *_scores(v, method)] for method, name in names.items()]


def _scores(v: ValidationSummary, method: str) -> list[str]:
    scores, gain = v.methods[method], v.gains.get(f"{method}_over_fixed")
    correlation = scores.correlation
    return [
        r_squared(scores.r2),
        MISSING if gain is None else f"{removed(scores)} ({share_error(gain)})",
        MISSING if correlation is None else say.correlation(correlation),
        percent(scores.coverage_95),
        significant(scores.mean_deviation, 4),
    ]


def share_error(gain: Gain) -> str:
    """Return the standard error of a gain."""
    return rounded_share(gain.standard_error, 2)


def validation_notes(s: Summary, v: ValidationSummary) -> str:
    """Say how the numbers of the cross-validation arise."""
    over_mfvi = v.gains["em_over_mfvi"]
    undefined = (
        " A correlation is undefined where all predictions are the same."
        if None in (v.methods["em"].correlation, v.methods["mfvi"].correlation)
        else ""
    )
    return (
        f"The {say.plural(v.n, 'row')} were divided at random (seed {v.seed}) into"
        f" {say.plural(v.folds, 'fold')}, and each fold is predicted from the others. In every fold"
        " both methods were refitted to the optimum of their objective, found by the"
        " one-dimensional search, so no iteration can have stopped short. Left: responses against"
        f" predictions. Middle: {_beyond(s)} means of groups of rows with 95% intervals; points"
        " steeper than the dashed line are predictions shrunk too far. Right: share of responses"
        " inside the predictive intervals minus their level; grey is what chance leaves 95% of the"
        " time. In brackets: standard errors from the paired differences of squared errors. EM's"
        f" share minus MFVI's is {rounded_share(over_mfvi.share, 2)} (standard error"
        f" {share_error(over_mfvi)}).{undefined} As in tables/cross_validation.csv."
    )


def _beyond(s: Summary) -> str:
    part = "both axes less the fixed part, the prediction by the fixed effects alone;"
    return part if s.data.c else "the same as"


def choice_title(s: Summary, v: ValidationSummary | None) -> str:
    """Return the conclusion, which counts prediction in where EM is surely better at it."""
    title = say.choice_title(s)
    better = v is not None and surely(v.gains["em_over_mfvi"])
    return PREDICTION_TOO if better and title == say.USUAL_CHOICE else title


def choice_row(s: Summary, v: ValidationSummary) -> list[str]:
    """Return what cross-validation says of prediction, as a row of the last table."""
    cells = []
    for scores in (v.methods["em"], v.methods["mfvi"]):
        over = f", over fixed {removed(scores)}" if s.data.c else ""
        cells.append(r_squared(scores.r2) + over)
    return ["R² on rows left out", cells[0], MISSING, cells[1]]


# rows whose response is missing


@dataclass(frozen=True)
class Predicted:
    """What both methods predict for the rows without response, in units of y.

    number        of the rows
    row           the row on which the two differ most, as the table counts them
    em, mfvi      predictions of that row
    outside       rows whose prediction by MFVI is outside EM's 95% interval
    reach_em, reach_mfvi  mean reach of the 95% intervals to either side
    """

    number: int
    row: int
    em: float
    mfvi: float
    outside: int
    reach_em: float
    reach_mfvi: float

    @property
    def difference(self) -> float:
        """Return the largest difference between the two predictions of a row."""
        return abs(self.em - self.mfvi)

    @property
    def alike(self) -> bool:
        """Tell whether all predictions are the same but for rounding."""
        return self.difference <= ALIKE * self.reach_em


def digest(rows: pd.DataFrame) -> Predicted:
    """Return what the rows of predictions.parquet, at least one, come to."""
    em, mfvi = (rows[f"prediction_{method}"].to_numpy() for method in ("em", "mfvi"))
    reach = NORMAL_95 * rows["deviation_em"].to_numpy()
    worst = int(np.argmax(np.abs(em - mfvi)))
    return Predicted(
        number=len(rows),
        row=int(rows["row"].iloc[worst]),
        em=float(em[worst]),
        mfvi=float(mfvi[worst]),
        outside=int(np.sum((mfvi < em - reach) | (mfvi > em + reach))),
        reach_em=float(reach.mean()),
        reach_mfvi=NORMAL_95 * float(rows["deviation_mfvi"].mean()),
    )


def predictions_title(s: Summary, found: Predicted) -> str:
    """Return the headline on the rows whose response is missing."""
    rows = say.plural(found.number, "row")
    if not say.settled(s):
        methods = listed(say.uncertified(s))
        return f"Predictions of {rows} without response are provisional: {methods} not certified"
    if found.number == 1:
        return (
            f"The one row without response: EM predicts {within(found.em, found.reach_em)}, MFVI"
            f" {within(found.mfvi, found.reach_mfvi)}"
        )
    if found.alike:
        return f"EM and MFVI predict the same for the {rows} without response"
    if found.outside:
        return (
            f"Of {rows} without response MFVI predicts {count(found.outside)} outside EM's 95%"
            " interval"
        )
    return (
        f"On {rows} without response EM and MFVI differ by {significant(found.difference)} at"
        f" most; EM's intervals reach {reaching(found.reach_em)}"
    )


def within(mean: float, reach: float) -> str:
    """Return a prediction with the reach of its interval, both to the latter's last digit."""
    if not SMALLEST_FIXED <= reach < LARGEST_FIXED or abs(mean) >= LARGEST_FIXED:
        return f"{significant(mean)} {reaching(reach)}"
    decimals = max(DIGITS - 1 - math.floor(math.log10(reach)), 0)
    return f"{fixed(mean, decimals)} {reaching(reach)}"


def reaching(reach: float) -> str:
    """Return how far an interval reaches to either side."""
    return f"±\N{NO-BREAK SPACE}{significant(reach, DIGITS)}"


def predictions_facts(found: Predicted) -> tuple[str, str]:
    """Say where the two differ most, and how far their intervals reach."""
    where = "Row" if found.number == 1 else "Farthest apart, row"
    apart = (
        "Both methods predict the same."
        if found.alike
        else f"{where} {count(found.row)}: EM {significant(found.em, 4)}, MFVI"
        f" {significant(found.mfvi, 4)}."
    )
    mean = "" if found.number == 1 else " on average"
    return apart, (
        f"95% intervals reach{mean} {reaching(found.reach_em)} (EM) and"
        f" {reaching(found.reach_mfvi)} (MFVI)."
    )
