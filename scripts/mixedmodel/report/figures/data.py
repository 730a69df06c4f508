"""The data before any fit: response, columns, what was missing, and the spectrum of K."""

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray
from scipy.special import stdtrit

from mixedmodel.model.results import ResponseTable
from mixedmodel.report import numbers
from mixedmodel.report.figures.axes import (
    DASHED,
    decade_axis,
    fitting,
    number_axis,
    padded,
    say,
    say_alone,
    typeset,
)
from mixedmodel.report.names import cut
from mixedmodel.report.style import (
    ACCENT,
    FIXED,
    INK,
    MUTED,
    PAPER,
    RULE,
    SMALL_POINTS,
    TEXT_POINTS,
    WARNING,
)

Array = NDArray[np.float64]

MOST_BINS = 40
LONGEST_NAME = 2.3  # inches of a response in its title
ROUNDING = 1e-9
EQUAL = 1e-3  # relative; lengths that differ by less have no histogram
DECADES = 1e4  # by which values have to differ for a logarithmic axis
FEW = 60  # eigenvalues that are drawn as points, too
FEWEST_PLACES = 6  # columns; fewer stand together in the middle


def plot_data_overview(
    y: Array, Z: Array, col_norms2: Array, table: ResponseTable, figure: Figure
) -> None:
    """Draw the response y (n,), the columns of Z (n, c), the d_j (p,) and the import's counts.

    Columns of Z are drawn by their correlation with y, which constant ones don't have. Where all
    d_j are the same, their value stands among the counts.
    """
    correlations = _correlations(y, Z)
    has_fixed = bool(np.isfinite(correlations).any())
    largest = float(np.max(col_norms2))
    differ = float(np.ptp(col_norms2)) > EQUAL * largest
    above: list[Any] = ["response", *["fixed"] * has_fixed, *["norms"] * differ]
    panels = figure.subplot_mosaic([above, ["facts"] * len(above)], height_ratios=(4, 1))
    _draw_histogram(panels["response"], y)
    name = cut(table.response, fitting(LONGEST_NAME, TEXT_POINTS, bold=True))
    panels["response"].set_title(f"Response {name}", parse_math=False)
    panels["response"].set_ylabel("rows")
    if has_fixed:
        _draw_correlations(panels["fixed"], correlations, y.size)
    if differ:
        _draw_norms(panels["norms"], col_norms2)
    _draw_facts(panels["facts"], table, None if differ else largest)


def plot_spectrum(eigvals: Array, figure: Figure, *, probes: int | None = None) -> None:
    """Draw the eigenvalues of K = XX' in descending order and their cumulative share.

    Or what so many random ``probes`` say of them.
    """
    positive = eigvals[eigvals > 0]
    if positive.size == 1:
        only = typeset(numbers.significant(float(positive[0])))
        say_alone(figure, f"K = XX′ has one positive eigenvalue: {only}.")
        return
    left, right = figure.subplots(1, 2)
    places = np.arange(1, positive.size + 1)
    marker = "o" if positive.size <= FEW else ""
    style: dict[str, Any] = {"color": ACCENT, "marker": marker, "markersize": 5}
    left.plot(places, positive, **style)
    _scale_eigenvalues(left, positive)
    left.set_title("Eigenvalues of K = XX′")
    share = np.concatenate([[0.0], np.cumsum(positive) / np.sum(positive)])
    right.plot(np.arange(share.size), share, **style)
    right.set_ylim(0, 1.03)
    right.yaxis.set_major_formatter(PercentFormatter(1.0))
    right.set_title("Cumulative share of their sum")
    number = f"{positive.size:,} of {eigvals.size:,} positive"
    if probes:
        number = f"as {probes} probes see them"
    for ax in (left, right):
        ax.set_xlim(0, 1.02 * eigvals.size + 0.5)
        number_axis(ax, "x", ticks=5, whole=True)
        ax.set_xlabel(f"eigenvalue, the largest first ({number})")
    if positive.size >= MOST_BINS:
        _mark_half(right, share)


def _correlations(y: Array, Z: Array) -> Array:
    """Return the correlation of y with each column of Z, nan for one that is constant."""
    sizes = np.max(np.abs(np.column_stack([y, Z])), axis=0)
    scaled = np.column_stack([y, Z]) / np.where(sizes > 0, sizes, 1.0)
    centred = scaled - np.mean(scaled, axis=0)
    norms = np.linalg.norm(centred, axis=0)
    varying = np.ptp(scaled, axis=0) > ROUNDING
    units = centred / np.where(varying, norms, np.nan)
    return np.asarray(units[:, 0] @ units[:, 1:])


def _chance(n: int) -> float:
    """Return the correlation that 95% of pairs of unrelated normal variables of n rows stay in."""
    if n < 3:
        return 1.0
    t = float(stdtrit(n - 2, 0.975))
    return t / math.sqrt(n - 2 + t * t)


def _draw_correlations(ax: Axes, correlations: Array, n: int) -> None:
    """Draw a stem a column over the band that chance leaves 95% of the time."""
    places = np.arange(1, correlations.size + 1)
    known = np.isfinite(correlations)
    width = float(np.clip(90 / max(correlations.size, FEWEST_PLACES), 0.8, 3.0))
    ax.axhspan(-_chance(n), _chance(n), color=RULE, alpha=0.7, linewidth=0)
    ax.axhline(0, color=MUTED, linewidth=1)
    ax.vlines(places[known], 0, correlations[known], color=FIXED, linewidth=width)
    ax.plot(places[known], correlations[known], "o", color=FIXED, markersize=2 + 2 * width)
    middle, half = (places.size + 1) / 2, max(places.size, FEWEST_PLACES) / 2 + 0.2
    ax.set_xlim(middle - half, middle + half)
    reach = 1.1 * max(float(np.max(np.abs(correlations[known]))), _chance(n))
    ax.set_ylim(-min(reach, 1.06), min(reach, 1.06))
    if places.size <= FEWEST_PLACES:
        ax.set_xticks(places)
    else:
        number_axis(ax, "x", ticks=5, whole=True)
    number_axis(ax, "y", ticks=5)
    ax.grid(False, axis="x")
    ax.set_title("Fixed effects and the response")
    ax.set_xlabel("column of Z (grey: chance)")
    ax.set_ylabel("correlation")


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
    """Draw a histogram, on a logarithmic axis where positive values span decades."""
    ax.set_title("Squared column norms of X")
    positive = norms[norms > 0]
    if positive.size < norms.size or np.max(positive) < DECADES * np.min(positive):
        _draw_histogram(ax, norms)
    else:
        low, high = padded(np.log10(positive), least=0.0, pad=0.03)
        ax.set_xscale("log")
        _draw_bars(ax, positive, np.logspace(low, high, _bins(positive) + 1))
        decade_axis(ax, "x", ticks=5)
    ax.set_xlabel("$\\mathit{d_j}$ = $\\|\\mathit{x_j}\\|^2$")
    ax.set_ylabel("columns")


def _bins(values: Array) -> int:
    return int(np.clip(np.sqrt(values.size), 8, MOST_BINS))


def _draw_bars(ax: Axes, values: Array, edges: Array) -> None:
    ax.hist(values, bins=edges.tolist(), color=ACCENT, edgecolor=PAPER, linewidth=0.6)
    ax.set_xlim(edges[0], edges[-1])
    number_axis(ax, "y", ticks=5, whole=True)


def _draw_facts(ax: Axes, table: ResponseTable, norm: float | None) -> None:
    """Write what the import counted, in red what takes data away or makes it up, if anything.

    ``norm`` is the squared norm of all columns of X, where it is one.
    """
    say(ax, "")
    shown = [
        ("rows\nused", numbers.count(table.n), INK),
        ("rows\npredicted", numbers.count(table.rows_to_predict), INK),
        ("fixed\neffects", numbers.count(table.c), INK),
        ("random\neffects", numbers.count(table.p), INK),
    ]
    if not table.rows_to_predict:
        del shown[1]
    if norm is not None:
        name = f"squared norm\nof {'the' if table.p == 1 else 'each'} column"
        shown.append((name, typeset(numbers.significant(norm)), INK))
    alarms = {
        "rows\ndropped": table.rows_dropped,
        "cells\nmissing": table.missing.total,
        "cells\nimputed": table.cells_imputed,
        "constant\ncolumns": len(table.constant_columns),
        "columns\ndropped": len(table.columns_dropped),
    }
    found = [(name, numbers.count(value), WARNING) for name, value in alarms.items() if value]
    places = len(shown) + (len(found) or 2)
    for i, (name, value, color) in enumerate([*shown, *found]):
        _write_count(ax, (i + 0.5) / places, name, value, color)
    if not found:
        nothing = "no row or column dropped,\nno cell missing or imputed"
        style: dict[str, Any] = {"ha": "center", "va": "center", "color": MUTED, "linespacing": 1.4}
        ax.text(1 - 1 / places, 0.5, nothing, transform=ax.transAxes, **style)


def _write_count(ax: Axes, place: float, name: str, value: str, color: str) -> None:
    """Write a number over its name."""
    at: dict[str, Any] = {"transform": ax.transAxes, "ha": "center"}
    ax.text(place, 1.0, value, va="top", fontsize=22, fontweight="bold", color=color, **at)
    ax.text(place, 0.0, name, va="bottom", color=MUTED, fontsize=SMALL_POINTS, **at)


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
    ax.plot([0, half, half], [0.5, 0.5, 0], color=MUTED, linewidth=1.2, linestyle=DASHED)
    ax.annotate(
        "half of it in the first alone" if half == 1 else f"half of it in the first {half:,}",
        (half, 0.5),
        (10, -12),
        textcoords="offset points",
        va="top",
        fontsize=SMALL_POINTS,
        color=INK,
    )
