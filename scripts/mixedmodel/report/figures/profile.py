"""Why mean field shrinks: l(q), l(q) - g(q) and g(q) along the share of variance explained."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mixedmodel.report import numbers, wording
from mixedmodel.report.figures.axes import number_axis, share_axis, spread, typeset
from mixedmodel.report.style import EM, FIGURE_INCHES, GAP, MFVI, MUTED, PAPER, SMALL_POINTS
from mixedmodel.report.typefaces import text_width

ROUNDING = 1e-6  # nats; a penalty below it is no penalty
CURVES = (
    ("$\\mathit{l}(\\mathit{q})$", EM),
    ("ELBO $\\mathit{l}(\\mathit{q}) - \\mathit{g}(\\mathit{q})$", MFVI),
    ("penalty $\\mathit{g}(\\mathit{q})$", GAP),
)


def plot_profile(profile: pd.DataFrame, summary: Mapping[str, Any], figure: Figure) -> None:
    """Draw the objectives of both methods and the penalty (nats) with both optima marked.

    ``profile`` has columns pve, loglik, penalty, elbo; ``summary`` the blocks em and mfvi.
    """
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    floor, ceiling = _heights(profile, summary)
    right = _right(profile, floor, max(summary["em"]["pve"], summary["mfvi"]["pve"]))
    _draw_objectives(top, profile)
    top.set_ylim(floor, ceiling)
    number_axis(top, "y", ticks=5)
    _draw_penalty(bottom, profile[profile["pve"] <= right])
    bottom.set_xlim(0, right)
    bottom.set_xlabel("proportion of variance explained by the random effects (PVE)")
    share_axis(bottom, "x", ticks=8)
    _mark_optima((top, bottom), profile, summary, right)
    figure.legend(
        [Line2D([], [], color=color) for _, color in CURVES],
        [
            f"{wording.loglik(summary['likelihood'])} {CURVES[0][0]}",
            *(name for name, _ in CURVES[1:]),
        ],
        loc="outside upper left",
        ncols=3,
        columnspacing=3.0,
    )


def _draw_objectives(ax: Axes, profile: pd.DataFrame) -> None:
    """Draw l and l - g relative to the maximum of l, the penalty shaded between them."""
    best = profile["loglik"].max()
    loglik, elbo = profile["loglik"] - best, profile["elbo"] - best
    ax.fill_between(profile["pve"], elbo, loglik, color=GAP, alpha=0.12, linewidth=0)
    ax.plot(profile["pve"], loglik, color=EM)
    style = "solid" if profile["penalty"].max() > ROUNDING else (0, (4, 4))
    ax.plot(profile["pve"], elbo, color=MFVI, linestyle=style)
    ax.set_ylabel("nats relative\nto the best")


def _draw_penalty(ax: Axes, profile: pd.DataFrame) -> None:
    """Draw g(q), or say that there is none."""
    largest = float(profile["penalty"].max())
    ax.plot(profile["pve"], profile["penalty"], color=GAP, clip_on=False)
    ax.set_ylim(0, 1.1 * largest if largest > ROUNDING else 1.0)
    number_axis(ax, "y", ticks=4)
    ax.set_ylabel("penalty\n(nats)")
    if largest <= ROUNDING:
        ax.set_yticks([0])
        ax.text(
            0.5,
            0.5,
            "no penalty at any ratio: both methods maximise the same function",
            transform=ax.transAxes,
            ha="center",
            va="center",
            color=MUTED,
            zorder=3,
            bbox={"facecolor": PAPER, "linewidth": 0, "pad": 4},
        )


def _mark_optima(
    axes: tuple[Axes, Axes], profile: pd.DataFrame, summary: Mapping[str, Any], right: float
) -> None:
    """Mark both optima by lines through both panels, dots on the curves and labels above."""
    best = profile["loglik"].max()
    methods = (("MFVI", "elbo", MFVI), ("EM", "loglik", EM))
    shares = [float(summary[name.lower()]["pve"]) for name, _, _ in methods]
    penalties = np.interp(shares, profile["pve"], profile["penalty"])
    labels = [
        _told(name, summary[name.lower()], float(penalty))
        for (name, _, _), penalty in zip(methods, penalties, strict=True)
    ]
    inch = right / (FIGURE_INCHES[0] - 1.5)
    widths = [inch * (text_width(label, SMALL_POINTS, bold=True) + 0.3) for label in labels]
    places = spread(shares, widths, 0.0, right)
    apart = abs(shares[1] - shares[0]) > 0.02 * right
    sizes = (10, 10) if apart else (15, 9)  # a ring stays visible where the optima coincide
    for i, (name, curve, color) in enumerate(methods):
        fit = summary[name.lower()]
        height = fit[curve] - best
        marker = "o" if fit["certificate"]["certified"] else "X"
        for ax, value in zip(axes, (height, penalties[i]), strict=True):
            ax.axvline(shares[i], color=color, linewidth=1.2, linestyle=(0, (4, 3)))
            ax.plot(
                shares[i],
                value,
                marker,
                color=color,
                markersize=sizes[i],
                markeredgecolor=PAPER,
                clip_on=False,
                zorder=5 + i,
            )
        axes[0].text(
            places[i],
            1.04,
            typeset(labels[i]),
            color=color,
            ha="center",
            fontsize=SMALL_POINTS,
            fontweight="bold",
            transform=axes[0].get_xaxis_transform(),
        )


def _told(name: str, block: Mapping[str, Any], penalty: float) -> str:
    """Return the label of an optimum: its PVE and the penalty (nats) there."""
    label = f"{name}: PVE {numbers.percent(block['pve'])}"
    if not block["certificate"]["certified"]:
        return f"{label}, not certified"
    if block["certificate"]["boundary"]:
        return f"{name}: PVE 0, the boundary"
    return label + (f", penalty {numbers.significant(penalty, 2)}" if penalty > ROUNDING else "")


def _heights(profile: pd.DataFrame, summary: Mapping[str, Any]) -> tuple[float, float]:
    """Return the edges of the view, in nats from the best: maxima and fits well inside.

    A fit that is not certified may be above the best that the search found.
    """
    best = float(profile["loglik"].max())
    reached = (float(summary["em"]["loglik"]), float(summary["mfvi"]["elbo"]))
    floor = min(-2.0, 1.8 * (min(*reached, float(profile["elbo"].max())) - best))
    return floor, max(-0.1 * floor, 1.15 * (max(reached) - best))


def _right(profile: pd.DataFrame, floor: float, farthest: float) -> float:
    """Return the right edge of the view: where l leaves it, and beyond both optima."""
    visible = profile.loc[profile["loglik"] - profile["loglik"].max() >= floor, "pve"]
    edge = max(float(visible.max()), 1.15 * farthest)
    return min(edge, float(profile["pve"].max()))
