"""How well both methods predict rows left out: responses, what X adds, and the intervals."""

from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from mixedmodel.model.types import NORMAL_95
from mixedmodel.report.figures.axes import (
    DASHED,
    cloud,
    number_axis,
    padded,
    say,
    say_alone,
    share_axis,
)
from mixedmodel.report.style import EM, FIXED, MFVI, MUTED, RULE, SMALL_POINTS

Array = NDArray[np.float64]

METHODS = {"em": EM, "mfvi": MFVI}
ALL_METHODS = METHODS | {"fixed": FIXED}
LEVELS = np.append(np.linspace(0.05, 0.95, 19), 0.99)
MOST_GROUPS = 5
LEAST_IN_GROUP = 6  # rows; the mean of fewer has no error bar to speak of
NOTHING = 1e-9  # of the responses' standard deviation; what is added below it is rounding
LEAST_REACH = 0.03  # of coverage, to either side of the nominal
WIDTH = 0.36  # of the line of a group's prediction, the distance of two groups being 1
SIDES = {"em": -0.13, "mfvi": 0.13}  # of the place of a group, at which the methods stand
FEW = "Too few rows\nto be grouped."
ALIKE = "Every row has\nthe same prediction."
NONE = "Nothing: both methods\npredict as if there\nwere none."
LEFT_OUT = "There is no cross-validation: cross_validation/summary.json says why."


def plot_cross_validation(found: pd.DataFrame, figure: Figure) -> None:
    """Draw responses against predictions, means of groups of rows, and the coverage.

    ``found`` has a row for each row of the table, with columns response and, for em, mfvi and
    fixed, prediction and deviation, all in units of y. Without rows it says that there are none.
    """
    if found.empty:
        say_alone(figure, LEFT_OUT)
        return
    left, middle, right = figure.subplots(1, 3)
    _draw_responses(left, found)
    grouped = _draw_addition(middle, found)
    _draw_coverage(right, found)
    alone = "fixed effects alone" if found["prediction_fixed"].any() else "zero for every row"
    entries = _key(alone, grouped)
    figure.legend(handles=entries, loc="outside upper left", ncols=6, columnspacing=1.6)


def coverage(found: pd.DataFrame, method: str, levels: Array = LEVELS) -> Array:
    """Return the share of responses inside the predictive intervals of each nominal level."""
    errors = (found["response"] - found[f"prediction_{method}"]).abs().to_numpy()
    quantiles = [NormalDist().inv_cdf(0.5 + level / 2) for level in levels]
    reach = np.outer(quantiles, found[f"deviation_{method}"])
    return np.asarray((errors <= reach).mean(axis=1))


def group_means(x: Array, y: Array) -> tuple[Array, Array, Array]:
    """Return means of x and y (k,) and 95% reaches of the latter in groups of rising x.

    The groups are as large as each other, up to one row; k is 0 where rows are too few.
    """
    order = np.argsort(x, kind="stable")
    k = min(MOST_GROUPS, x.size // LEAST_IN_GROUP)
    groups = np.array_split(order, k) if k else []
    errors = [np.std(y[g], ddof=1) / np.sqrt(g.size) for g in groups]
    mean_x, mean_y = (np.array([np.mean(values[g]) for g in groups]) for values in (x, y))
    return mean_x, mean_y, NORMAL_95 * np.array(errors)


def _draw_responses(ax: Axes, found: pd.DataFrame) -> None:
    """Draw each response against what EM predicts of it from the other folds."""
    y, x = (found[key].to_numpy() for key in ("response", "prediction_em"))
    ax.set_title("Responses and predictions")
    if float(np.ptp(x)) <= NOTHING * float(np.std(y)):
        say(ax, ALIKE)
        return
    ax.axline((0, 0), slope=1, color=MUTED, linewidth=1.2, linestyle=DASHED)
    ax.set_xlim(*padded(x, least=0.5 * float(np.std(y))))
    ax.set_ylim(*padded(y, least=0.0))
    cloud(ax, x, y, EM)
    number_axis(ax, "x", ticks=3)
    number_axis(ax, "y", ticks=5)
    ax.text(0.04, 0.97, "dashed: equal", transform=ax.transAxes, va="top", fontsize=SMALL_POINTS)
    ax.set_xlabel("EM's prediction, row left out")
    ax.set_ylabel("response")


def _draw_addition(ax: Axes, found: pd.DataFrame) -> bool:
    """Draw what each method adds to the fixed effects in groups of rows, and what was to be added.

    Each method has groups of its own, by rising prediction. Returns whether there are any.
    """
    fixed, y = (found[key].to_numpy() for key in ("prediction_fixed", "response"))
    added = {method: found[f"prediction_{method}"].to_numpy() - fixed for method in METHODS}
    least = NOTHING * float(np.std(y))
    shown = {method: x for method, x in added.items() if float(np.ptp(x)) > least}
    ax.set_title("What the random effects add")
    if not shown or y.size < 2 * LEAST_IN_GROUP:
        say(ax, FEW if shown else NONE)
        return False
    ends = []
    for method, x in shown.items():
        predicted, observed, reach = group_means(x, y - fixed)
        places = np.arange(1, predicted.size + 1) + SIDES[method]
        color = METHODS[method]
        ax.errorbar(places, observed, reach, fmt="o", color=color, markersize=8, elinewidth=2)
        ax.hlines(predicted, places - WIDTH / 2, places + WIDTH / 2, color=color, linewidth=2.4)
        ends += [observed - reach, observed + reach, predicted]
    ax.axhline(0, color=MUTED, linewidth=1)
    ax.set_ylim(*padded(np.concatenate(ends), least=0.0))
    number_axis(ax, "y", ticks=5)
    ax.set_xticks(range(1, predicted.size + 1))
    ax.grid(False, axis="x")
    ax.set_xlabel("groups of rows by prediction")
    ax.set_ylabel("response − fixed part" if fixed.any() else "response")
    return True


def _draw_coverage(ax: Axes, found: pd.DataFrame) -> None:
    """Draw by how much the share of responses covered misses each nominal level."""
    every = np.linspace(0, 1, 101)
    chance = NORMAL_95 * np.sqrt(every * (1 - every) / len(found))
    ax.fill_between(every, -chance, chance, color=RULE, linewidth=0)
    ax.axhline(0, color=MUTED, linewidth=1.2, linestyle=DASHED)
    off = {method: coverage(found, method) - LEVELS for method in ALL_METHODS}
    for method in reversed(ALL_METHODS):
        ax.plot(LEVELS, off[method], color=ALL_METHODS[method])
    reach = 1.1 * max(float(np.max(np.abs([*off.values()]))), float(np.max(chance)), LEAST_REACH)
    ax.set_ylim(-reach, reach)
    ax.set_xlim(0, 1)
    share_axis(ax, "x", ticks=4)
    share_axis(ax, "y", ticks=5)
    ax.set_xlabel("nominal level of the interval")
    ax.set_ylabel("covered − nominal")
    ax.set_title("Are the intervals right?")


def _key(alone: str, grouped: bool) -> list[Line2D | Patch]:
    """Return the entries of the legend; ``alone`` is what predicts without random effects."""
    entries: list[Line2D | Patch] = [
        Line2D([], [], color=color, label=name)
        for name, color in zip(("EM", "MFVI", alone), ALL_METHODS.values(), strict=True)
    ]
    if grouped:
        style: dict[str, Any] = {"color": MUTED, "linestyle": "none"}
        entries += [
            Line2D(
                [], [], marker="_", markersize=14, markeredgewidth=2.4, label="predicted", **style
            ),
            Line2D([], [], marker="o", markersize=8, label="observed, 95% interval", **style),
        ]
    return [*entries, Patch(color=RULE, label="within chance")]
