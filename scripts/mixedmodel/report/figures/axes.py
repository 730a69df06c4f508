"""What the figures share: ticks, zooms, clouds of points, sentences, labels kept apart."""

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import (
    FixedLocator,
    Formatter,
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
    SymmetricalLogLocator,
)
from numpy.typing import ArrayLike, NDArray

from mixedmodel.model.results import Estimates
from mixedmodel.model.types import SHORTFALL
from mixedmodel.report import numbers, wording
from mixedmodel.report.names import ELLIPSIS, Fits, Shown, cut, plain, shorten, without_prefix
from mixedmodel.report.style import ACCENT, INK, MUTED, PAPER, SMALL_POINTS, TEXT_POINTS
from mixedmodel.report.typefaces import text_width

MOST_DECIMALS = 12
SMALLEST_TICK, LARGEST_TICK = 1e-2, 1e6  # beyond, tick labels leave out a power of ten
NARROW, LARGEST_NARROW = 1e-2, 1e9  # the latter for ticks that differ by this share of them
ROUNDING = 1e-12  # of the size of values
LONGEST_NAME = 1.6  # inches of a name that stands upright; longer ones are cut
LONGEST_PREFIX = 8.0  # inches
NAME_GAP = 0.1  # inches between names that stand side by side
ALONE_POINTS = 20  # of a sentence that stands in place of a figure
FEW_STEPS = 30  # of an iteration that are drawn on a linear axis
NO_SHORTFALL = 1e-9  # nats; below it a shortfall is rounding
MOST_POINTS = 1000  # that are drawn one by one
PALE = 0.4  # how much of its colour a hexagon with one point has
CELLS = (110, 48)  # hexagons along the sides of a panel
DASHED = (0, (4, 3))
_SUPERSCRIPT_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")
_PLAIN_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def typeset(text: str) -> str:
    """Return ``text`` with superscripts as formulas: few fonts have all of them in one size."""
    return _SUPERSCRIPT_RUN.sub(lambda run: f"$^{{{run.group().translate(_PLAIN_DIGITS)}}}$", text)


class GroupedFormatter(Formatter):
    """Tick labels with thousands separators, true minus signs and as few decimals as tell apart.

    Very small and very large numbers leave out a power of ten, which stands at the end of the axis
    unless it is told elsewhere.
    """

    told = False
    exponent = 0
    decimals = 0

    def set_locs(self, locs: Any) -> None:
        """Choose the power of ten and the decimals for the ticks at ``locs``."""
        ticks = np.unique(np.asarray(locs, dtype=float))
        largest = float(np.max(np.abs(ticks), initial=0.0))
        narrow = float(np.ptp(ticks)) < NARROW * largest if ticks.size > 1 else False
        high = LARGEST_NARROW if narrow else LARGEST_TICK
        self.exponent = numbers.common_exponent(largest, SMALLEST_TICK, high)
        scaled = ticks / 10.0**self.exponent
        step = float(np.min(np.diff(scaled), initial=1.0))
        exact = (np.allclose(scaled.round(k), scaled, 0, step / 100) for k in range(MOST_DECIMALS))
        self.decimals = next((k for k, yes in enumerate(exact) if yes), MOST_DECIMALS)

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Return the label of the tick at ``x``."""
        return numbers.fixed(x / 10.0**self.exponent, self.decimals)

    def get_offset(self) -> str:
        """Return the power of ten that the labels leave out, if any."""
        power = f"{numbers.TIMES} {numbers.power_of_ten(self.exponent)}"
        return typeset(power) if self.exponent and not self.told else ""


def decades() -> Formatter:
    """Return a formatter for ticks at powers of ten: ``0``, ``100``, ``10⁻⁶``."""
    return FuncFormatter(lambda value, _: typeset(numbers.decade(value)))


def decade_axis(ax: Axes, which: str, *, ticks: int) -> None:
    """Label a logarithmic ``x`` or ``y`` axis with at most about ``ticks`` powers of ten."""
    axis = ax.xaxis if which == "x" else ax.yaxis
    axis.set_major_locator(LogLocator(numticks=ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(decades())


def number_axis(ax: Axes, which: str, *, ticks: int = 6, whole: bool = False) -> None:
    """Label the ``x`` or ``y`` axis with about ``ticks`` grouped numbers, ``whole`` for counts."""
    axis = ax.xaxis if which == "x" else ax.yaxis
    least = 1 if whole else 2
    steps = [1, 2, 5, 10] if whole else [1, 2, 2.5, 5, 10]
    axis.set_major_locator(MaxNLocator(ticks, steps=steps, integer=whole, min_n_ticks=least))
    axis.set_major_formatter(GroupedFormatter())


def share_axis(ax: Axes, which: str, *, ticks: int = 6) -> None:
    """Label the ``x`` or ``y`` axis with about ``ticks`` percentages."""
    axis = ax.xaxis if which == "x" else ax.yaxis
    axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10], min_n_ticks=2))
    axis.set_major_formatter(FuncFormatter(lambda share, _: _percentage(share)))


def _percentage(share: float) -> str:
    return f"{100 * share:g}%".replace("-", numbers.MINUS)


def reported(fit: Estimates) -> str:
    """Return the PVE of a fit in words, and whether it is certified."""
    words = wording.pve(fit.pve, fit.certificate)
    return words if fit.certificate.certified or fit.pve is None else f"{words}, not certified"


def effort_axis(ax: Axes, largest: int, label: str) -> None:
    """Make x an axis of counted effort that shows 0 and ``largest``, logarithmic if it is long."""
    ax.set_xlabel(label)
    if largest <= FEW_STEPS:
        ax.set_xlim(-0.02 * max(largest, 2), 1.04 * max(largest, 2))
        number_axis(ax, "x", whole=True)
        return
    ax.set_xscale("symlog", linthresh=1, linscale=0.4)
    ax.set_xlim(0, 1.25 * largest)
    ax.xaxis.set_major_locator(SymmetricalLogLocator(base=10, linthresh=1))
    ax.xaxis.set_major_formatter(decades())
    ax.xaxis.set_minor_formatter(NullFormatter())


def nats_axis(ax: Axes, largest: float) -> None:
    """Make y a logarithmic axis of nats up to ``largest``, tinted where a fit is certified."""
    ax.set_yscale("log")
    ax.set_ylim(NO_SHORTFALL / 3, largest)
    apart = 2 if largest < LARGEST_TICK else 3  # decades: 10⁻⁶ is among them
    decade_axis(ax, "y", ticks=6)
    places = 10.0 ** np.arange(-6 - apart, math.log10(largest), apart)
    ax.yaxis.set_major_locator(FixedLocator(places.tolist()))
    ax.axhspan(NO_SHORTFALL / 3, SHORTFALL, color=ACCENT, alpha=0.08, linewidth=0)
    ax.text(
        0.015,
        SHORTFALL / 2.5,
        "certified",
        color=ACCENT,
        fontsize=SMALL_POINTS,
        va="top",
        transform=ax.get_yaxis_transform(),
    )


def padded(values: ArrayLike, *, least: float, pad: float = 0.06) -> tuple[float, float]:
    """Return limits that hold ``values`` with a margin and span at least ``least``.

    Where that is no more than rounding they span the size of the values, or 1.
    """
    data = np.asarray(values, dtype=float)
    low, high = float(np.min(data)), float(np.max(data))
    span = max(high - low, least)
    size = max(abs(low), abs(high))
    span = span if span > ROUNDING * size else size or 1.0
    middle = (low + high) / 2
    return middle - (0.5 + pad) * span, middle + (0.5 + pad) * span


def say_alone(figure: Figure, sentence: str) -> None:
    """Write a sentence, large, in place of a figure that would have nothing to show."""
    say(figure.subplots(), sentence, points=ALONE_POINTS, color=INK)


def say(ax: Axes, sentence: str, *, points: int = TEXT_POINTS, color: str = MUTED) -> None:
    """Write a sentence in the middle of an otherwise empty panel."""
    ax.set_axis_off()
    ax.text(
        0.5,
        0.5,
        sentence,
        transform=ax.transAxes,
        ha="center",
        va="center",
        color=color,
        fontsize=points,
        linespacing=1.5,
    )


def spread(
    centres: Sequence[float], sizes: Sequence[float], low: float, high: float
) -> NDArray[np.float64]:
    """Return ``centres`` moved apart, in order, so that labels of ``sizes`` don't overlap.

    They stay between ``low`` and ``high`` where all of them fit.
    """
    order = np.argsort(centres, kind="stable")
    half = np.asarray(sizes, dtype=float)[order] / 2
    places = np.asarray(centres, dtype=float)[order]
    edge = low
    for i, size in enumerate(half):
        places[i] = max(places[i], edge + size)
        edge = places[i] + size
    edge = high
    for i in reversed(range(len(half))):
        places[i] = min(places[i], edge - half[i])
        edge = places[i] - half[i]
    result = np.empty_like(places)
    result[order] = places
    return result


def name_places(ax: Axes, names: Sequence[str], *, inches: float) -> None:
    """Write names under the places 1, 2, ... of a panel: side by side, upright where too wide.

    ``inches`` is the width that there is for each. Where that saves room, what most of them begin
    with is taken off and told once.
    """
    fits = fitting(inches - NAME_GAP)
    side_by_side = [Shown(list(map(plain, names))), without_prefix(names)]
    if inches - NAME_GAP >= LONGEST_NAME:
        side_by_side.append(shorten(names, fits))
    flat = next((shown for shown in side_by_side if all(map(fits, shown.names))), None)
    shown = flat or shorten(names, fitting(LONGEST_NAME))
    places = range(1, len(names) + 1)
    ax.set_xticks(places, shown.names, rotation=0 if flat else 90, parse_math=False)
    if shown.prefix:
        start = cut(shown.prefix, fitting(LONGEST_PREFIX, TEXT_POINTS))
        ax.set_xlabel(f"{ELLIPSIS} stands for {start}", parse_math=False)


def fitting(inches: float, points: float = SMALL_POINTS, *, bold: bool = False) -> Fits:
    """Return what tells whether a text is at most so many inches wide."""
    return lambda text: text_width(text, points, bold=bold) <= inches


def scatter(ax: Axes, x: NDArray[np.float64], y: NDArray[np.float64], color: str) -> None:
    """Draw points, smaller and paler the more they are; as pixels, for small SVGs."""
    size = float(np.clip(20000 / x.size, 10, 70))
    alpha = float(np.clip(400 / x.size, 0.35, 0.85))
    ax.scatter(x, y, s=size, alpha=alpha, color=color, linewidths=0, rasterized=True)


def cloud(ax: Axes, x: NDArray[np.float64], y: NDArray[np.float64], color: str) -> None:
    """Draw points within the limits of a panel, many as hexagons, darker the more there are."""
    if x.size <= MOST_POINTS:
        scatter(ax, x, y, color)
        return
    paper, full = np.array(to_rgb(PAPER)), np.array(to_rgb(color))
    ax.hexbin(
        x,
        y,
        gridsize=CELLS,
        extent=(*ax.get_xlim(), *ax.get_ylim()),
        mincnt=1,
        bins="log",
        cmap=LinearSegmentedColormap.from_list("", [PALE * full + (1 - PALE) * paper, full]),
        linewidths=0.2,
    )
