"""All responses of one data set: their PVE with intervals under both methods, by EM's PVE."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from mixedmodel.model.overview import Overview
from mixedmodel.report import numbers
from mixedmodel.report.figures.axes import name_places, number_axis, say_alone, share_axis
from mixedmodel.report.style import ACCENT, EM, MFVI, MUTED, PAPER, RULE, SMALL_POINTS

MOST_NAMES = 45  # names that fit side by side under the figure; beyond, ranks stand for them
FEWEST_PLACES = 4  # that the panel has room for; up to here the numbers stand beside the marks
PANEL_INCHES = 10.6  # width of the panel, at least
NAME_PAD = 9  # points between the axis, on which marks may stand, and the names
LEAST_TOP = 0.05  # PVE that is in view even if all are less
MOST_VECTORS = 1000  # responses; more are drawn as pixels, for small SVGs


@dataclass(frozen=True)
class Kind:
    """An estimate of PVE: its columns, its colour, and its place beside the others."""

    label: str
    estimate: str
    ends: tuple[str, str]
    certified: str
    color: str
    shift: float  # as a share of the room of a response


KINDS = (
    Kind("EM, 95% interval", "em_pve", ("em_low", "em_high"), "em_certified", EM, -0.27),
    Kind(
        "MFVI calibrated, 95% interval",
        "calibrated_pve",
        ("calibrated_low", "calibrated_high"),
        "mfvi_certified",
        ACCENT,
        0.0,
    ),
    Kind(
        "MFVI, naive 95% interval",
        "mfvi_pve",
        ("mfvi_naive_low", "mfvi_naive_high"),
        "mfvi_certified",
        MFVI,
        0.27,
    ),
)


def plot_responses(found: Overview, figure: Figure) -> None:
    """Draw the PVE of each response with its intervals, a panel a method where they are many."""
    fitted = pd.DataFrame(map(vars, found.ranked), dtype=object)
    if fitted.empty:
        say_alone(figure, "no response tells its two variances apart")
    elif len(fitted) <= MOST_NAMES:
        _draw_named(fitted, figure)
    else:
        _draw_many(fitted, figure)


def _draw_named(fitted: pd.DataFrame, figure: Figure) -> None:
    """Draw the three estimates of each response beside each other, over its name."""
    ax = figure.subplots()
    n = len(fitted)
    room = PANEL_INCHES / max(n, FEWEST_PLACES)
    size, width = float(np.clip(14 * room, 4.5, 11)), float(np.clip(6 * room, 1.4, 3))
    middle, reach = (n + 1) / 2, max(n, FEWEST_PLACES) / 2
    ax.set_xlim(middle - reach, middle + reach)
    for border in range(n + 1):
        ax.axvline(border + 0.5, color=RULE, linewidth=0.7, zorder=0)
    for kind in KINDS:
        places = np.arange(1, n + 1) + kind.shift
        _draw(ax, fitted, kind, places, Pen(size, width))
        if n <= FEWEST_PLACES:
            _write_numbers(ax, fitted, kind, places)
    _share_scale(ax, fitted)
    ax.grid(False, axis="x")
    ax.tick_params(axis="x", length=0, pad=NAME_PAD)
    name_places(ax, [str(name) for name in fitted["response"]], inches=room)
    _explain(figure, [*(_entry(kind) for kind in KINDS), *_cross(fitted)])


def _draw_many(fitted: pd.DataFrame, figure: Figure) -> None:
    """Draw each estimate in a panel of its own along the ranks, EM's as a line in all of them."""
    places = np.arange(1, len(fitted) + 1, dtype=float)
    panels = figure.subplots(1, len(KINDS), sharey=True)
    size = float(np.clip(700 / len(fitted), 2, 5))
    width = float(np.clip(250 / len(fitted), 0.5, 2.5))
    for ax, kind in zip(panels, KINDS, strict=True):
        _draw(ax, fitted, kind, places, Pen(size, width, alpha=0.4))
        if kind.color != EM:
            ax.plot(places, fitted["em_pve"].to_numpy(float), color=EM, linewidth=1.4, zorder=3)
        ax.set_xlim(0.2, len(fitted) + 0.8)
        number_axis(ax, "x", ticks=5, whole=True)
        ax.set_xlabel("rank by EM's PVE")
        ax.set_title(kind.label, color=kind.color)
    _share_scale(panels[0], fitted)
    line = Line2D([], [], color=EM, linewidth=1.4, label="EM's PVE, to compare")
    _explain(figure, [line, *_cross(fitted)])


@dataclass(frozen=True)
class Pen:
    """How estimates are drawn: size of marks, width of lines (points), and their opacity."""

    size: float
    width: float
    alpha: float = 1.0


def _draw(
    ax: Axes,
    fitted: pd.DataFrame,
    kind: Kind,
    places: NDArray[np.floating],
    pen: Pen,
) -> None:
    """Draw intervals and estimates: a disc where the fit arrived, a cross where not."""
    low, high = (fitted[end].to_numpy(float) for end in kind.ends)
    pixels = len(fitted) > MOST_VECTORS
    known = np.isfinite(low) & np.isfinite(high)
    if known.any():
        ends = (places[known], low[known], high[known])
        ax.vlines(*ends, color=kind.color, linewidth=pen.width, alpha=pen.alpha, rasterized=pixels)
    arrived = fitted[kind.certified].to_numpy(bool)
    height = fitted[kind.estimate].to_numpy(float)
    for marker, some, points in (("o", arrived, pen.size), ("X", ~arrived, max(1.2 * pen.size, 8))):
        if not some.any():
            continue  # an empty line would count as a mark in the corner of the page
        ax.plot(
            places[some],
            height[some],
            marker,
            color=kind.color,
            markersize=points,
            markeredgecolor=PAPER if points > 5 else kind.color,
            markeredgewidth=0.8,
            clip_on=False,
            rasterized=pixels,
            zorder=4,
        )


def _write_numbers(
    ax: Axes, fitted: pd.DataFrame, kind: Kind, places: NDArray[np.floating]
) -> None:
    """Write each estimate beside its mark."""
    for place, value in zip(places, fitted[kind.estimate], strict=True):
        if value is None:
            continue
        ax.annotate(
            numbers.rounded_share(value),
            (place, value),
            (7, 3),
            textcoords="offset points",
            color=kind.color,
            fontsize=SMALL_POINTS,
        )


def _share_scale(ax: Axes, fitted: pd.DataFrame) -> None:
    """Let y run from 0 to the highest end of an interval, or estimate."""
    drawn = [name for kind in KINDS for name in (kind.estimate, kind.ends[1])]
    highest = float(np.nanmax(fitted[drawn].to_numpy(float)))
    ax.set_ylim(0, min(1.04 * max(highest, LEAST_TOP), 1.0))
    share_axis(ax, "y", ticks=6)
    ax.set_ylabel("PVE")


def _explain(figure: Figure, handles: list[Line2D]) -> None:
    """Add the legend in one line above the panels."""
    figure.legend(
        handles=handles,
        loc="outside upper left",
        ncols=len(handles),
        columnspacing=1.4,
        handletextpad=0.5,
    )


def _entry(kind: Kind) -> Line2D:
    return Line2D([], [], marker="o", color=kind.color, markersize=9, label=kind.label)


def _cross(fitted: pd.DataFrame) -> list[Line2D]:
    """Return the entry that explains the crosses if there is one."""
    if fitted["em_certified"].all() and fitted["mfvi_certified"].all():
        return []
    cross = Line2D([], [], marker="X", linestyle="none", color=MUTED, markersize=9)
    cross.set_label("not certified")
    return [cross]
