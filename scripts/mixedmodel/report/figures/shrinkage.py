"""What mean field can see of this X: the PVE that it reports at each true PVE."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from mixedmodel.model.results import Summary, Truth
from mixedmodel.report import numbers
from mixedmodel.report.figures.axes import DASHED, reported, say, share_axis, spread
from mixedmodel.report.style import ACCENT, EM, MFVI, MUTED, PAPER, SMALL_POINTS, TRUTH

BAND = 0.18  # opacity
BLIND = 1e-4  # PVE; where mean field reports no more of any truth, its curve says nothing
NEARLY_ALL = 0.7  # PVE; a view up to there enlarges nothing
APART = 0.013  # by which the two estimates stand beside their true PVE
LABEL = 0.085  # of the height of a panel that a line of text takes
FAR_RIGHT = 0.6  # of the width of a panel, from where on labels stand at the left of their marks
FLAT = "Every PVE fits mean field as well:\nthere is nothing to read back."
BLIND_TO_ALL = "On this X mean field reports 0\nwhatever the truth: nothing can be read back."
OVER = {"facecolor": PAPER, "alpha": 0.8, "linewidth": 0, "pad": 1}  # behind a label on curves


def plot_shrinkage(curve: pd.DataFrame, summary: Summary, figure: Figure) -> None:
    """Draw the curve with both estimates (left) and, enlarged, read backwards (right).

    ``curve`` has columns pve_true, pve_mfvi, low, high; ``summary`` the blocks em, mfvi,
    shrinkage, calibrated_pve and truth.
    """
    left, right = figure.subplots(1, 2)
    _draw_curve(left, curve)
    _draw_estimates(left, summary)
    left.set_ylim(0, 1)
    left.set_ylabel("PVE that is reported")
    left.set_title("What both methods report")
    _scale(left)
    figure.legend(handles=_key(), loc="outside upper left", ncols=4, columnspacing=2.0)
    right.set_title("The curve read backwards")
    if float(curve["high"].max()) < BLIND:
        say(right, FLAT if summary.case.flat_mfvi else BLIND_TO_ALL)
        return
    _draw_curve(right, curve)
    top = _top(curve, summary)
    right.set_ylim(0, top)
    if top < NEARLY_ALL:
        right.set_title("The curve enlarged, read backwards")
    _draw_calibration(right, summary)
    right.set_ylabel("PVE that MFVI reports")
    _scale(right)


def _scale(ax: Axes) -> None:
    ax.set_xlim(0, 1)
    ax.set_xlabel("true PVE")
    for which in "xy":
        share_axis(ax, which, ticks=5)


def _draw_curve(ax: Axes, curve: pd.DataFrame) -> None:
    """Draw mean field's report of the expected response, and the band of 95% of responses."""
    true = curve["pve_true"]
    ax.fill_between(true, curve["low"], curve["high"], color=MFVI, alpha=BAND, linewidth=0)
    ax.plot(true, curve["pve_mfvi"], color=MFVI, clip_on=False)
    ax.plot([0, 1], [0, 1], color=MUTED, linewidth=1.2, linestyle=DASHED)


def _draw_estimates(ax: Axes, summary: Summary) -> None:
    """Draw both estimates with their intervals at the truth, or at EM's estimate, and say them."""
    truth = summary.truth
    place = (summary.em.pve or 0.0) if truth is None else truth.pve
    inside = float(np.clip(place, APART, 1 - APART))
    labels = []
    for fit, color, x in (
        (summary.mfvi, MFVI, inside + APART),
        (summary.em, EM, inside - APART),
    ):
        if fit.interval is not None:
            ax.plot([x] * 2, fit.interval, color=color, linewidth=2, clip_on=False, zorder=4)
        if fit.pve is not None:
            _dot(ax, x, fit.pve, color, certified=fit.certificate.certified)
        labels.append((f"{fit.method} {reported(fit)}", fit.pve or 0.0, color))
    _mark_truth(ax, truth)
    if truth is not None:
        labels.append((f"truth {numbers.percent(truth.pve)}", 1.0, TRUTH))
    places = spread([height for _, height, _ in labels], [LABEL] * len(labels), 0.0, 1.0)
    for (text, _, color), height in zip(labels, places, strict=True):
        _label(ax, (inside, float(height)), text, color, shift=(16, 0), va="center")


def _label(
    ax: Axes,
    at: tuple[float, float],
    text: str,
    color: str,
    *,
    shift: tuple[float, float],
    va: str,
) -> None:
    """Write beside a mark, ``shift`` (points) to its right, or left where it is at the right."""
    x, y = shift
    side = -1 if at[0] > FAR_RIGHT else 1
    ax.annotate(
        text,
        at,
        (side * x, y),
        textcoords="offset points",
        ha="left" if side > 0 else "right",
        va=va,
        color=color,
        fontsize=SMALL_POINTS,
        fontweight="bold",
        bbox=OVER,
        zorder=6,
    )


def _draw_calibration(ax: Axes, summary: Summary) -> None:
    """Draw the way from MFVI's estimate over the curve to the calibrated PVE, and the ceiling."""
    calibrated, height = summary.calibrated_pve, summary.mfvi.pve or 0.0
    _draw_ceiling(ax, summary.shrinkage.pve_max, height)
    span = [calibrated.low, calibrated.high]
    ax.plot(span, [height] * 2, color=ACCENT, linewidth=2.4, clip_on=False, zorder=4)
    _mark_truth(ax, summary.truth)
    if (estimate := calibrated.estimate) is None:
        return
    ax.plot([0, estimate], [height] * 2, color=MFVI, linewidth=1.2, linestyle=DASHED)
    ax.plot([estimate] * 2, [0, height], color=ACCENT, linewidth=1.2, linestyle=DASHED)
    _dot(ax, estimate, height, ACCENT, certified=summary.mfvi.certificate.certified)
    low = height < 2 * LABEL * ax.get_ylim()[1]
    above = low or estimate > FAR_RIGHT
    shift, va = ((10, 8), "bottom") if above else ((10, -8), "top")
    text = f"calibrated {numbers.rounded_share(estimate)}"
    _label(ax, (estimate, height), text, ACCENT, shift=shift, va=va)


def _draw_ceiling(ax: Axes, ceiling: float, height: float) -> None:
    """Draw the most that mean field reports of an expected response, named away from ``height``."""
    ax.axhline(ceiling, color=MUTED, linewidth=1.2, linestyle="dotted")
    near = ceiling <= height < ceiling + LABEL * ax.get_ylim()[1]
    ax.annotate(
        f"ceiling: {numbers.share(ceiling)}",
        (0.02, ceiling),
        (0, -4 if near else 4),
        textcoords="offset points",
        va="top" if near else "bottom",
        fontsize=SMALL_POINTS,
        bbox=OVER,
    )


def _dot(ax: Axes, x: float, y: float, color: str, *, certified: bool) -> None:
    """Mark an estimate: a disc where the fit arrived, a cross where not."""
    ax.plot(
        x,
        y,
        "o" if certified else "X",
        color=color,
        markersize=10,
        markeredgecolor=PAPER,
        clip_on=False,
        zorder=5,
    )


def _mark_truth(ax: Axes, truth: Truth | None) -> None:
    if truth is not None:
        ax.axvline(truth.pve, color=TRUTH, linewidth=1.2, zorder=1)


def _top(curve: pd.DataFrame, summary: Summary) -> float:
    """Return the upper end of the enlarged view: curve, band, estimate and the ceiling's name."""
    band, ceiling = float(curve["high"].max()), float(summary.shrinkage.pve_max)
    return 1.05 * max(band, float(summary.mfvi.pve or 0.0), 1.12 * ceiling, BLIND)


def _key() -> list[Line2D | Patch]:
    """Return the entries of the legend: what has no room for its name beside it."""
    return [
        Line2D([], [], color=MFVI, label="MFVI, expected response"),
        Patch(color=MFVI, alpha=BAND, label="MFVI, 95% of responses"),
        Line2D([], [], color=MUTED, linewidth=1.2, linestyle=DASHED, label="reported = true"),
        Line2D([], [], color=MUTED, label="95% intervals (MFVI: naive)"),
    ]
