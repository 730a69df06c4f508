"""Why mean field shrinks: l(q), l(q) - g(q) and g(q) along the share of variance explained."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from mixedmodel.model.results import Estimates, Summary
from mixedmodel.report import numbers, wording
from mixedmodel.report.figures.axes import (
    DASHED,
    number_axis,
    reported,
    share_axis,
    spread,
    typeset,
)
from mixedmodel.report.profile_view import edges, has_optimum
from mixedmodel.report.style import EM, FIGURE_INCHES, GAP, MFVI, MUTED, PAPER, SMALL_POINTS
from mixedmodel.report.typefaces import text_width

ROUNDING = 1e-6  # nats; a penalty below it is no penalty
SHADE = 0.15  # opacity
LOGLIK, PENALTY = "$\\mathit{l}(\\mathit{q})$", "$\\mathit{g}(\\mathit{q})$"
ALTERNATE = ((0, (8, 8)), (8, (8, 8)))  # dashes of two lines in the same place


def plot_profile(profile: pd.DataFrame, summary: Summary, figure: Figure) -> None:
    """Draw the objectives of both methods and the penalty (nats) with both optima marked.

    ``profile`` has columns pve, loglik, penalty, elbo; ``summary`` the blocks em and mfvi.
    """
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    seen = edges(profile, summary)
    view = seen.left, seen.right
    _draw_objectives(top, profile)
    top.set_ylim(seen.floor, seen.ceiling)
    number_axis(top, "y", ticks=5)
    _draw_penalty(bottom, profile[profile["pve"].between(*view)])
    bottom.set_xlim(*view)
    bottom.set_xlabel("proportion of variance explained by the random effects (PVE)")
    share_axis(bottom, "x", ticks=8)
    _mark_optima((top, bottom), profile, summary, view)
    figure.legend(
        [Line2D([], [], color=EM), Line2D([], [], color=MFVI), Patch(color=GAP, alpha=SHADE)],
        [
            f"profile {wording.loglik(summary.likelihood)} {LOGLIK}",
            f"profile ELBO {LOGLIK} − {PENALTY}",
            f"between them, and below: penalty {PENALTY}",
        ],
        labelcolor=[EM, MFVI, GAP],
        loc="outside upper left",
        ncols=3,
        columnspacing=3.0,
    )


def _draw_objectives(ax: Axes, profile: pd.DataFrame) -> None:
    """Draw l and l - g relative to the maximum of l, the penalty shaded between them."""
    best = profile["loglik"].max()
    loglik, elbo = profile["loglik"] - best, profile["elbo"] - best
    ax.fill_between(profile["pve"], elbo, loglik, color=GAP, alpha=SHADE, linewidth=0)
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
    ax.set_ylabel("penalty\n(nats)", color=GAP)
    if largest <= ROUNDING:
        ax.set_yticks([0])
        ax.text(
            0.5,
            0.5,
            "no penalty at these ratios: both methods maximise the same function",
            transform=ax.transAxes,
            ha="center",
            va="center",
            color=MUTED,
            zorder=3,
            bbox={"facecolor": PAPER, "linewidth": 0, "pad": 4},
        )


@dataclass(frozen=True)
class Pen:
    """How an optimum is marked: its colour, size (points), dashes, and what it lies over."""

    color: str
    size: float
    dashes: tuple[int, tuple[int, int]]
    order: float


def _mark_optima(
    axes: tuple[Axes, Axes], profile: pd.DataFrame, summary: Summary, view: tuple[float, float]
) -> None:
    """Mark both optima by lines through both panels, dots on the curves and labels above."""
    fits = ((summary.mfvi, MFVI), (summary.em, EM))
    left, right = view
    shares = [_place(fit, view) for fit, _ in fits]
    penalties = np.interp(shares, profile["pve"], profile["penalty"])
    labels = [_told(fit, float(penalty)) for (fit, _), penalty in zip(fits, penalties, strict=True)]
    inch = (right - left) / (FIGURE_INCHES[0] - 1.5)
    widths = [inch * (text_width(label, SMALL_POINTS, bold=True) + 0.3) for label in labels]
    places = spread(shares, widths, left, right)
    apart = abs(shares[1] - shares[0]) > 0.02 * (right - left)
    sizes = (11, 11) if apart else (15, 9)  # a ring stays visible where the optima coincide
    dashes = (DASHED, DASHED) if apart else ALTERNATE
    for i, (fit, color) in enumerate(fits):
        if has_optimum(fit):
            height = fit.objective - profile["loglik"].max()
            heights = (height, float(penalties[i]))
            _mark(axes, shares[i], heights, fit, Pen(color, sizes[i], dashes[i], order=5 + i))
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


def _place(fit: Estimates, view: tuple[float, float]) -> float:
    """Return the PVE over which a fit is told of: its own, or an end of the view."""
    return float(np.clip(fit.pve or 0.0, *view))


def _mark(
    axes: tuple[Axes, Axes],
    place: float,
    heights: tuple[float, float],
    fit: Estimates,
    pen: Pen,
) -> None:
    """Draw a line through both panels and a mark on the curve in each."""
    marker = "o" if fit.certificate.certified else "X"
    for ax, height in zip(axes, heights, strict=True):
        ax.axvline(place, color=pen.color, linewidth=1.2, linestyle=pen.dashes)
        ax.plot(
            place,
            height,
            marker,
            color=pen.color,
            markersize=pen.size,
            markeredgecolor=PAPER,
            clip_on=False,
            zorder=pen.order,
        )


def _told(fit: Estimates, penalty: float) -> str:
    """Return the label of an optimum: its PVE and the penalty (nats) there."""
    name, certificate = fit.method, fit.certificate
    if certificate.flat:
        return f"{name}: every PVE fits as well"
    if certificate.unbounded:
        return f"{name}: no maximum"
    if certificate.boundary and certificate.certified:
        return f"{name}: PVE 0, the boundary"
    label = f"{name}: PVE {reported(fit)}"
    if not certificate.certified:
        return label
    return label + (f", penalty {numbers.significant(penalty, 2)}" if penalty > ROUNDING else "")
