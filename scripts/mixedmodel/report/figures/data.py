"""The data before any fit: response, columns, what was missing, and the spectrum of K."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from mixedmodel.model.results import ResponseTable
from mixedmodel.report import numbers
from mixedmodel.report.figures.axes import decade_axis, fitting, number_axis, padded, say
from mixedmodel.report.names import cut
from mixedmodel.report.style import ACCENT, INK, MUTED, PAPER, SMALL_POINTS, TEXT_POINTS, WARNING

Array = NDArray[np.float64]

MOST_BINS = 40
LONGEST_NAME = 2.3  # inches of a response in its title
ROUNDING = 1e-9
DECADES = 1e4  # by which values have to differ for a logarithmic axis
FEW = 60  # eigenvalues that are drawn as points, too


def plot_data_overview(
    y: Array, Z: Array, col_norms2: Array, table: ResponseTable, figure: Figure
) -> None:
    """Draw the response y (n,), the columns of Z (n, c), the d_j (p,) and the import's counts."""
    panels = figure.subplot_mosaic(
        [["response", "fixed", "norms"], ["facts", "facts", "facts"]], height_ratios=(4, 1)
    )
    _draw_histogram(panels["response"], y)
    name = cut(table.response, fitting(LONGEST_NAME, TEXT_POINTS, bold=True))
    panels["response"].set_title(f"Response {name}", parse_math=False)
    panels["response"].set_ylabel("rows")
    panels["norms"].set_title("Squared column norms of X")
    _draw_norms(panels["norms"], col_norms2)
    panels["norms"].set_ylabel("columns")
    _draw_columns(panels["fixed"], Z)
    _draw_facts(panels["facts"], table)


def plot_spectrum(eigvals: Array, figure: Figure, *, probes: int | None = None) -> None:
    """Draw the eigenvalues of K = XX' in descending order and their cumulative share.

    Or what so many random ``probes`` say of them.
    """
    left, right = figure.subplots(1, 2)
    positive = eigvals[eigvals > 0]
    places = np.arange(1, positive.size + 1)
    style = {"color": ACCENT, "marker": "o" if positive.size <= FEW else "", "markersize": 5}
    left.plot(places, positive, **style)
    _scale_eigenvalues(left, positive)
    left.set_title("Eigenvalues of K = XX′")
    share = np.concatenate([[0.0], np.cumsum(positive) / np.sum(positive)])
    right.plot(np.arange(share.size), share, **style)
    right.set_ylim(0, 1.03)
    right.yaxis.set_major_formatter(PercentFormatter(1.0))
    right.set_title("Cumulative share of their sum")
    for ax in (left, right):
        ax.set_xlim(0, 1.02 * eigvals.size + 0.5)
        number_axis(ax, "x", ticks=5, whole=True)
        told = f"{positive.size:,} of {eigvals.size:,} positive"
        ax.set_xlabel(f"in descending order: {f'seen by {probes} probes' if probes else told}")
    if positive.size >= MOST_BINS:
        _mark_half(right, share)


def _draw_histogram(ax: Axes, values: Array, narrowest: float = ROUNDING) -> None:
    """Draw a histogram that shows a constant as the single value it is.

    Values that differ by ``narrowest`` of the largest, or less, count as constant.
    """
    largest = float(np.max(np.abs(values)))
    constant = float(np.ptp(values)) <= narrowest * largest
    low, high = padded(values, least=0.02 * largest if constant else 0.0, pad=0.03)
    _draw_bars(ax, values, np.linspace(low, high, _bins(values) + 1))
    number_axis(ax, "x", ticks=5)


def _draw_norms(ax: Axes, norms: Array) -> None:
    """Draw a histogram of positive values, on a logarithmic axis where they span decades."""
    positive = norms[norms > 0]
    if positive.size < norms.size or np.max(positive) < DECADES * np.min(positive):
        _draw_histogram(ax, norms, narrowest=0.02)
        return
    low, high = padded(np.log10(positive), least=0.0, pad=0.03)
    ax.set_xscale("log")
    _draw_bars(ax, positive, np.logspace(low, high, _bins(positive) + 1))
    decade_axis(ax, "x", ticks=5)


def _bins(values: Array) -> int:
    return int(np.clip(np.sqrt(values.size), 8, MOST_BINS))


def _draw_bars(ax: Axes, values: Array, edges: Array) -> None:
    ax.hist(values, bins=edges.tolist(), color=ACCENT, edgecolor=PAPER, linewidth=0.6)
    ax.set_xlim(edges[0], edges[-1])
    number_axis(ax, "y", ticks=5, whole=True)


def _draw_columns(ax: Axes, Z: Array) -> None:
    """Draw the range, the middle half and the median of each fixed-effect column."""
    if Z.shape[1] == 0:
        say(ax, "no fixed effects")
        return
    places = np.arange(1, Z.shape[1] + 1)
    low, first, median, third, high = np.percentile(Z, [0, 25, 50, 75, 100], axis=0)
    width = float(np.clip(100 / places.size, 0.8, 9))
    ax.vlines(places, low, high, color=ACCENT, linewidth=1.2)
    ax.vlines(places, first, third, color=ACCENT, linewidth=width)
    dots = ax.plot(places, median, "o", color=PAPER, markeredgecolor=ACCENT)
    dots[0].set(markersize=max(0.7 * width, 3.0), markeredgewidth=0.25 * width)
    ax.set_xlim(0.3, places.size + 0.7)
    ax.set_ylim(*padded(np.concatenate([low, high]), least=0.1 * float(np.max(np.abs(Z)))))
    number_axis(ax, "x", ticks=5, whole=True)
    number_axis(ax, "y", ticks=5)
    ax.set_title("Fixed effects: range, quartiles")
    ax.set_xlabel("column")


def _draw_facts(ax: Axes, table: ResponseTable) -> None:
    """Write what the import counted, in red what takes data away or makes it up."""
    say(ax, "")
    asked = table.rows_to_predict
    facts = (
        ("rows used", table.n, False),
        *([("rows predicted", asked, False)] if asked else []),
        ("fixed effects", table.c, False),
        ("random effects", table.p, False),
        ("rows dropped", table.rows_dropped, True),
        ("cells missing", table.missing.total, True),
        ("cells imputed", table.cells_imputed, True),
        ("constant columns", len(table.constant_columns), True),
        ("columns dropped", len(table.columns_dropped), True),
    )
    for i, (name, value, alarming) in enumerate(facts):
        place = (i + 0.5) / len(facts)
        color = WARNING if alarming and value else INK
        ax.text(
            place,
            1.0,
            numbers.count(value),
            transform=ax.transAxes,
            ha="center",
            va="top",
            fontsize=22,
            fontweight="bold",
            color=color,
        )
        ax.text(
            place,
            0.0,
            name.replace(" ", "\n"),
            transform=ax.transAxes,
            ha="center",
            va="bottom",
            color=MUTED,
            fontsize=SMALL_POINTS,
        )


def _scale_eigenvalues(ax: Axes, positive: Array) -> None:
    """Scale y from 0 on, or logarithmically in whole decades where they span more than two."""
    low, high = float(np.min(positive)), float(np.max(positive))
    if high < 100 * low:
        ax.set_ylim(0, 1.05 * high)
        number_axis(ax, "y")
        return
    ax.set_yscale("log")
    ax.set_ylim(10.0 ** math.floor(math.log10(low)), 10.0 ** math.ceil(math.log10(high)))
    decade_axis(ax, "y", ticks=8)


def _mark_half(ax: Axes, share: Array) -> None:
    """Mark how many eigenvalues make up half of the sum."""
    half = int(np.searchsorted(share, 0.5))
    ax.plot([0, half, half], [0.5, 0.5, 0], color=MUTED, linewidth=1.2, linestyle=(0, (4, 3)))
    ax.annotate(
        f"half of it in the first {half:,}",
        (half, 0.5),
        (10, -12),
        textcoords="offset points",
        va="top",
        fontsize=SMALL_POINTS,
        color=INK,
    )
