"""What both methods say of the rows whose response is missing: predictions and their intervals."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from mixedmodel.model.types import NORMAL_95
from mixedmodel.report.figures.axes import DASHED, cloud, number_axis, padded, say_alone
from mixedmodel.report.style import EM, MFVI, MUTED, SMALL_POINTS

Array = NDArray[np.float64]

FEW = 30  # rows that are drawn one by one, with their numbers
UPRIGHT_LETTERS = 100  # digits of the numbers of rows that fit side by side under the panel
LEAST_PLACES = 6  # rows; fewer stand together in the middle
APART = 0.14  # rows, by which the two methods stand beside the place of a row
LEAST_SPREAD = 0.02  # of the largest deviation; a cloud narrower than this is drawn as a point
NONE = "Every row has its response: there is none to predict."


def plot_predictions(found: pd.DataFrame, figure: Figure) -> None:
    """Draw few rows one by one, many as clouds, of none that there are none.

    ``found`` has columns row, the number in the table, and, for em and mfvi, prediction and
    deviation in units of y.
    """
    if found.empty:
        say_alone(figure, NONE)
    elif len(found) <= FEW:
        _draw_rows(figure.subplots(), found)
        figure.legend(handles=_key(), loc="outside upper left", ncols=2, columnspacing=3.0)
    else:
        left, right = figure.subplots(1, 2)
        _draw_predictions(left, found)
        _draw_reaches(right, found)


def _draw_rows(ax: Axes, found: pd.DataFrame) -> None:
    """Draw both predictions of each row with their intervals, in the order of EM's."""
    found = found.sort_values("prediction_em", kind="stable")
    places = np.arange(1, len(found) + 1)
    ends = []
    for method, color, shift in (("em", EM, -APART), ("mfvi", MFVI, APART)):
        mean = found[f"prediction_{method}"].to_numpy()
        reach = NORMAL_95 * found[f"deviation_{method}"].to_numpy()
        ax.errorbar(places + shift, mean, reach, fmt="o", color=color, markersize=8, elinewidth=2.4)
        ends += [mean - reach, mean + reach]
    middle, half = (len(found) + 1) / 2, max(len(found), LEAST_PLACES) / 2 + 0.1
    ax.set_xlim(middle - half, middle + half)
    numbers = [str(row) for row in found["row"]]
    crowded = max(map(len, numbers)) * len(numbers) > UPRIGHT_LETTERS
    ax.set_xticks(places, numbers, rotation=90 if crowded else 0)
    ax.grid(False, axis="x")
    ax.set_ylim(*padded(np.concatenate(ends), least=0.0))
    number_axis(ax, "y")
    order = ", in the order of EM's predictions" if len(found) > 1 else ""
    ax.set_xlabel(f"row of the table whose response is missing{order}")
    ax.set_ylabel("response predicted")


def _draw_predictions(ax: Axes, found: pd.DataFrame) -> None:
    """Draw mean field's predictions against the exact ones."""
    em, mfvi = (found[f"prediction_{method}"].to_numpy() for method in ("em", "mfvi"))
    _draw_pairs(ax, em, mfvi, least=LEAST_SPREAD * float(np.max(found["deviation_em"])))
    ax.set_title(f"Predictions of {len(found):,} rows without response")


def _draw_reaches(ax: Axes, found: pd.DataFrame) -> None:
    """Draw how far mean field's 95% intervals reach to either side against the exact ones."""
    em, mfvi = (NORMAL_95 * found[f"deviation_{method}"].to_numpy() for method in ("em", "mfvi"))
    _draw_pairs(ax, em, mfvi, least=LEAST_SPREAD * float(np.max(em)))
    ax.set_title("Half-widths of their 95% intervals")


def _draw_pairs(ax: Axes, em: Array, mfvi: Array, *, least: float) -> None:
    """Draw the values of both methods against each other with the identity."""
    limits = padded(np.concatenate([em, mfvi]), least=least)
    ax.plot(limits, limits, color=MUTED, linewidth=1.2, linestyle=DASHED)
    ax.set_xlim(*limits)
    ax.set_ylim(*limits)
    cloud(ax, em, mfvi, MFVI)
    number_axis(ax, "x", ticks=5)
    number_axis(ax, "y", ticks=5)
    ax.text(0.04, 0.96, "dashed: equal", transform=ax.transAxes, va="top", fontsize=SMALL_POINTS)
    ax.set_xlabel("EM")
    ax.set_ylabel("MFVI")


def _key() -> list[Line2D]:
    """Return the entries of the legend."""
    return [
        Line2D([], [], color=color, marker="o", markersize=8, label=f"{name}, 95% interval")
        for name, color in (("EM", EM), ("MFVI", MFVI))
    ]
