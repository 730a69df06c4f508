"""How well both methods predict rows left out: responses, what X adds, and the intervals."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray
from scipy.special import ndtri

from mixedmodel.model.types import NORMAL_95
from mixedmodel.report.figures.axes import number_axis, padded, say, scatter, share_axis
from mixedmodel.report.style import EM, FIXED, MFVI, MUTED, RULE

Array = NDArray[np.float64]

METHODS = {"em": EM, "mfvi": MFVI}
ALL_METHODS = METHODS | {"fixed": FIXED}
LEVELS = np.append(np.linspace(0.05, 0.95, 19), 0.99)
MOST_GROUPS = 5
LEAST_IN_GROUP = 6  # rows; the mean of fewer has no error bar to speak of
NOTHING = 1e-9  # of the responses' standard deviation; what is added below it is rounding
LEAST_REACH = 0.03  # of coverage, to either side of the nominal
WIDTHS = {"em": 1.6, "mfvi": 3.6}  # of error bars that may coincide
DASHED = (0, (4, 3))
FEW = "Too few rows\nto be grouped."
NONE = "Nothing: both methods\npredict as if there\nwere none."
LEFT_OUT = "There is no cross-validation: cross_validation/summary.json says why."


def plot_cross_validation(found: pd.DataFrame, figure: Figure) -> None:
    """Draw responses against predictions, means of groups of rows, and the coverage.

    ``found`` has a row for each row of the table, with columns response and, for em, mfvi and
    fixed, prediction and deviation, all in units of y. Without rows it says that there are none.
    """
    if found.empty:
        say(figure.subplots(), LEFT_OUT)
        return
    left, middle, right = figure.subplots(1, 3)
    _draw_responses(left, found)
    grouped = _draw_addition(middle, found)
    _draw_coverage(right, found)
    alone = "fixed effects alone" if found["prediction_fixed"].any() else "zero for every row"
    entries = _key(grouped, alone)
    figure.legend(handles=entries, loc="outside upper left", ncols=6, columnspacing=1.6)


def coverage(found: pd.DataFrame, method: str, levels: Array = LEVELS) -> Array:
    """Return the share of responses inside the predictive intervals of each nominal level."""
    errors = (found["response"] - found[f"prediction_{method}"]).abs().to_numpy()
    reach = np.outer(ndtri(0.5 + levels / 2), found[f"deviation_{method}"])
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
    """Draw each response against what the other folds predict."""
    y = found["response"].to_numpy()
    predictions = {method: found[f"prediction_{method}"].to_numpy() for method in METHODS}
    _draw_both(ax, predictions["em"], predictions["mfvi"], y)
    least = 0.5 * float(np.std(y))
    _identity(ax, padded(np.concatenate(list(predictions.values())), least=least))
    ax.set_ylim(*padded(y, least=least))
    number_axis(ax, "y", ticks=5)
    ax.set_xlabel("prediction, row left out")
    ax.set_ylabel("response")
    ax.set_title("Responses and predictions")


def _draw_both(ax: Axes, em: Array, mfvi: Array, y: Array) -> None:
    """Draw the points of both methods, on top of each other in turn, so that both are seen."""
    turn = np.arange(y.size) % 2 == 0
    for x, color in ((em, EM), (mfvi, MFVI)):
        scatter(ax, x[~turn], y[~turn], color, of=y.size)
    for x, color in ((mfvi, MFVI), (em, EM)):
        scatter(ax, x[turn], y[turn], color, of=y.size)


def _draw_addition(ax: Axes, found: pd.DataFrame) -> int:
    """Draw means of groups of rows, both axes less the prediction by the fixed effects, if any.

    Returns the number of groups, 0 where there is nothing to draw.
    """
    fixed, y = (found[key].to_numpy() for key in ("prediction_fixed", "response"))
    added = {method: found[f"prediction_{method}"].to_numpy() - fixed for method in METHODS}
    least = NOTHING * float(np.std(y))
    shown = {method: x for method, x in added.items() if float(np.ptp(x)) > least}
    ax.set_title("What the random effects add")
    if not shown or y.size < 2 * LEAST_IN_GROUP:
        say(ax, FEW if shown else NONE)
        return 0
    points = {method: group_means(x, y - fixed) for method, x in shown.items()}
    for method, (x, mean, reach) in reversed(points.items()):
        color = METHODS[method]
        ax.errorbar(x, mean, reach, fmt="none", ecolor=color, elinewidth=WIDTHS[method])
        _draw_mark(ax, x, mean, method)
    x_all = np.concatenate([x for x, _, _ in points.values()])
    ends = [mean + sign * reach for _, mean, reach in points.values() for sign in (-1, 1)]
    _identity(ax, padded(x_all, least=0.0, pad=0.1))
    ax.set_ylim(*padded(np.concatenate([*ends, x_all]), least=0.0))
    number_axis(ax, "y", ticks=5)
    known = bool(fixed.any())
    ax.set_xlabel("prediction − fixed part" if known else "prediction")
    ax.set_ylabel("response − fixed part" if known else "response")
    return len(x_all) // len(points)


def _draw_mark(ax: Axes, x: Array, y: Array, method: str) -> None:
    """Draw a disc for EM inside a ring for MFVI, so that both are seen where they coincide."""
    color = METHODS[method]
    inside = color if method == "em" else "none"
    size = 6 if method == "em" else 11
    ax.plot(x, y, "o", color=color, markersize=size, markerfacecolor=inside, markeredgewidth=2)


def _identity(ax: Axes, limits: tuple[float, float]) -> None:
    """Scale x and draw the line on which prediction and response are equal."""
    ax.axline((0, 0), slope=1, color=MUTED, linewidth=1.2, linestyle=DASHED)
    ax.set_xlim(*limits)
    number_axis(ax, "x", ticks=3)


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


def _key(groups: int, alone: str) -> list[Line2D | Patch]:
    """Return the entries of the legend; ``alone`` is what predicts without random effects."""
    entries: list[Line2D | Patch] = [
        Line2D([], [], color=color, label=name)
        for name, color in zip(("EM", "MFVI", alone), ALL_METHODS.values(), strict=True)
    ]
    entries.append(Line2D([], [], color=MUTED, linewidth=1.2, linestyle=DASHED, label="equal"))
    if groups:
        label = f"means of {groups} equal groups"
        entries.append(Line2D([], [], color=MUTED, linestyle="none", marker="o", label=label))
    return [*entries, Patch(color=RULE, label="within chance")]
