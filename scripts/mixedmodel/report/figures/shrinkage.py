"""What mean field can see of this X: the PVE that it reports at each true PVE."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from mixedmodel.model.results import Estimates, Summary, Truth
from mixedmodel.report import numbers
from mixedmodel.report.figures.axes import reported, share_axis
from mixedmodel.report.style import ACCENT, EM, MFVI, MUTED, PAPER, SMALL_POINTS, TRUTH

BAND = 0.18  # opacity
LEAST_TOP = 0.01  # PVE that is in view where mean field sees nothing
APART = 0.013  # by which the two estimates stand beside their true PVE
DASHED = (0, (4, 3))


def plot_shrinkage(curve: pd.DataFrame, summary: Summary, figure: Figure) -> None:
    """Draw the curve with both estimates (left) and, enlarged, read backwards (right).

    ``curve`` has columns pve_true, pve_mfvi, low, high; ``summary`` the blocks em, mfvi,
    shrinkage, calibrated_pve and truth.
    """
    left, right = figure.subplots(1, 2)
    for ax in (left, right):
        _draw_curve(ax, curve)
        ax.set_xlim(0, 1)
        ax.set_xlabel("true PVE")
    _draw_estimates(left, summary)
    left.set_ylim(0, 1)
    left.set_ylabel("PVE that is reported")
    left.set_title("What both methods report")
    _draw_calibration(right, summary)
    right.set_ylim(0, _top(curve, summary))
    right.set_ylabel("PVE that MFVI reports")
    right.set_title("The curve enlarged, and read backwards")
    for ax in (left, right):
        share_axis(ax, "x", ticks=5)
        share_axis(ax, "y", ticks=5)
    figure.legend(
        handles=_key(summary),
        loc="outside upper left",
        ncols=3 if summary.truth is None else 4,
        columnspacing=1.6,
    )


def _draw_curve(ax: Axes, curve: pd.DataFrame) -> None:
    """Draw mean field's report of the expected response, and the band of 95% of responses."""
    true = curve["pve_true"]
    ax.fill_between(true, curve["low"], curve["high"], color=MFVI, alpha=BAND, linewidth=0)
    ax.plot(true, curve["pve_mfvi"], color=MFVI, clip_on=False)
    ax.plot([0, 1], [0, 1], color=MUTED, linewidth=1.2, linestyle=DASHED)


def _draw_estimates(ax: Axes, summary: Summary) -> None:
    """Draw both estimates with their intervals at the truth, or at EM's estimate."""
    truth = summary.truth
    place = (summary.em.pve or 0.0) if truth is None else truth.pve
    inside = float(np.clip(place, APART, 1 - APART))
    for fit, color, x in (
        (summary.mfvi, MFVI, inside + APART),
        (summary.em, EM, inside - APART),
    ):
        if fit.interval is not None:
            ax.plot([x] * 2, fit.interval, color=color, linewidth=2, clip_on=False, zorder=4)
        if fit.pve is not None:
            _dot(ax, x, fit.pve, color, certified=fit.certificate.certified)
    _mark_truth(ax, truth)


def _draw_calibration(ax: Axes, summary: Summary) -> None:
    """Draw the way from MFVI's estimate over the curve to the calibrated PVE, and the ceiling."""
    calibrated, height = summary.calibrated_pve, summary.mfvi.pve or 0.0
    ceiling = summary.shrinkage.pve_max
    ax.axhline(ceiling, color=MUTED, linewidth=1.2, linestyle="dotted")
    ax.annotate(
        f"ceiling: {numbers.share(ceiling)}",
        (0.02, ceiling),
        (0, 4),
        textcoords="offset points",
        fontsize=SMALL_POINTS,
        bbox={"facecolor": PAPER, "alpha": 0.8, "linewidth": 0, "pad": 1},
    )
    span = [calibrated.low, calibrated.high]
    ax.plot(span, [height] * 2, color=ACCENT, linewidth=2.4, clip_on=False, zorder=4)
    if (estimate := calibrated.estimate) is not None:
        ax.plot([0, estimate], [height] * 2, color=MFVI, linewidth=1.2, linestyle=DASHED)
        ax.plot([estimate] * 2, [0, height], color=ACCENT, linewidth=1.2, linestyle=DASHED)
        _dot(ax, estimate, height, ACCENT, certified=summary.mfvi.certificate.certified)
    _mark_truth(ax, summary.truth)


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
    reported_pve = float(summary.mfvi.pve or 0.0)
    return 1.05 * max(band, reported_pve, 1.12 * ceiling, LEAST_TOP)


def _key(summary: Summary) -> list[Line2D | Patch]:
    """Return the entries of the legend, the fits with their estimates."""
    em, mfvi, truth = summary.em, summary.mfvi, summary.truth
    estimate = summary.calibrated_pve.estimate
    calibrated = "none" if estimate is None else numbers.rounded_share(estimate)
    entries: list[Line2D | Patch] = [
        _disc(EM, f"EM {reported(em)}", em),
        _disc(MFVI, f"MFVI {reported(mfvi)}, naive interval", mfvi),
        _disc(ACCENT, f"MFVI calibrated {calibrated}", mfvi),
        Line2D([], [], color=MUTED, linewidth=1.2, linestyle=DASHED, label="reported = true"),
        Line2D([], [], color=MFVI, label="MFVI, expected response"),
        Patch(color=MFVI, alpha=BAND, label="MFVI, 95% of responses"),
    ]
    return entries if truth is None else [*entries, _truth_line(truth.pve)]


def _disc(color: str, label: str, fit: Estimates) -> Line2D:
    marker = "o" if fit.certificate.certified else "X"
    return Line2D([], [], marker=marker, linestyle="none", color=color, markersize=9, label=label)


def _truth_line(share: float) -> Line2D:
    return Line2D([], [], color=TRUTH, linewidth=1.2, label=f"truth {numbers.percent(share)}")
