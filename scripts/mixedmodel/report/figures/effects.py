"""The random effects one by one: posterior means and variances of both methods."""

from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from mixedmodel.model.results import Summary
from mixedmodel.report import numbers
from mixedmodel.report.figures.axes import (
    DASHED,
    cloud,
    number_axis,
    padded,
    say,
    say_alone,
    scatter,
    typeset,
)
from mixedmodel.report.style import EM, INK, MFVI, MUTED, SMALL_POINTS

Array = NDArray[np.float64]

MOST_POINTS = 500  # that are drawn one by one where two clouds lie over each other
GROUPS = 20
MOST_BINS = 40
HEADROOM = 1.35  # by which a panel is higher than its histogram: words stand there
LEAST_SPREAD = 0.02  # relative; a cloud narrower than this is drawn as the point it is
EQUAL = 1e-6  # relative; ratios that differ by less have no histogram


def plot_means(effects: pd.DataFrame, summary: Summary, figure: Figure) -> None:
    """Draw the means of both methods against each other, and against the truth where known.

    Where a method has none, or all are 0, or there is one effect, that is said.
    """
    em, mfvi = effects["mean_em"].to_numpy(), effects["mean_mfvi"].to_numpy()
    if sentence := _no_means(em, mfvi, summary):
        say_alone(figure, sentence)
        return
    left, right = figure.subplots(1, 2)
    scale = _effect_scale(summary)
    _draw_mean_pairs(left, em, mfvi, summary, scale)
    if "truth" in effects:
        _draw_recovery(right, effects["truth"].to_numpy(), em, mfvi, summary)
    else:
        _draw_distributions(right, em, mfvi, scale)


def _no_means(em: Array, mfvi: Array, summary: Summary) -> str:
    """Return what to say in place of panels of means, nothing where they are drawn."""
    if summary.case.flat_em:
        return "Every ratio of the variances fits as well: EM's means are withheld."
    if summary.case.boundary_em and not (em.any() or mfvi.any()):
        return "Without a random effect every posterior mean is 0 under both methods."
    if em.size > 1:
        return ""
    return f"Posterior mean of the one random effect: EM {_only(em)}, MFVI {_only(mfvi)}"


def _only(values: Array) -> str:
    """Return the value of the only effect in words."""
    return typeset(numbers.significant(float(values[0])))


def plot_variances(effects: pd.DataFrame, summary: Summary, figure: Figure) -> None:
    """Draw variances of both at EM's Theta, and the ratios of mean field's to the exact ones.

    The ratios are those at EM's Theta, and of the variances that each method has at its own.
    Where all variances are 0 or there is one effect, that is said; where exact variances are
    withheld there are mean field's alone.
    """
    exact, own = effects["variance_em"].to_numpy(), effects["variance_mfvi"].to_numpy()
    at_em = effects["variance_mfvi_at_em"].to_numpy()
    if sentence := _no_variances(exact, at_em, own, summary):
        say_alone(figure, sentence)
        return
    if summary.variances is None:
        _draw_without_exact(at_em, own, figure)
        return
    pairs, *ratios = figure.subplots(1, 3)
    _draw_variance_pairs(pairs, exact, at_em)
    pairs.set_title("Variances, at EM's parameters")
    names = ("at EM's parameters", "each at its own")
    for ax, values, title in zip(ratios, (at_em, own), names, strict=True):
        _draw_ratios(ax, exact, values)
        ax.set_title(f"MFVI / EM, {title}")


def _no_variances(exact: Array, at_em: Array, own: Array, summary: Summary) -> str:
    """Return what to say in place of panels of variances, nothing where they are drawn."""
    if summary.case.flat_em:
        return "Every ratio of the variances fits as well: EM's posterior variances are withheld."
    if summary.case.boundary_em:
        return "Without a random effect there is no ratio: every posterior variance is 0."
    if exact.size > 1:
        return ""
    em = "withheld" if summary.variances is None else _only(exact)
    return (
        f"Posterior variance of the one random effect: EM {em},\n"
        f"MFVI {_only(at_em)} at EM's parameters and {_only(own)} at its own"
    )


def _draw_without_exact(at_em: Array, own: Array, figure: Figure) -> None:
    """Draw mean field's variances where the exact ones are withheld."""
    panels = zip(figure.subplots(1, 2), (at_em, own), ("EM's", "its own"), strict=True)
    for ax, values, whose in panels:
        _draw_histogram(ax, values, "mean")
        ax.set_xlabel("posterior variance")
        ax.set_title(f"Variances of MFVI, at {whose} parameters")


def _draw_mean_pairs(ax: Axes, em: Array, mfvi: Array, summary: Summary, scale: float) -> None:
    """Draw mean field's means against the exact ones with the identity and the fitted slope."""
    reach = 1.08 * max(float(np.max(np.abs(np.concatenate([em, mfvi])))), 1e-3 * scale)
    ends = np.array([-reach, reach])
    ax.plot(ends, ends, color=MUTED, linewidth=1.2, linestyle=DASHED)
    _square(ax, (-reach, reach), (-reach, reach))
    cloud(ax, em, mfvi, MFVI)
    slope = summary.means.slope
    if slope is not None and not summary.case.boundary_em:
        ax.plot(ends, slope * ends, color=INK, linewidth=1.6, zorder=0.9)
    ax.set_xlabel("posterior mean, EM")
    ax.set_ylabel("posterior mean, MFVI")
    ax.set_title("Each random effect under both methods")
    ax.text(
        0.03,
        0.97,
        _agreement(summary),
        transform=ax.transAxes,
        va="top",
        fontsize=SMALL_POINTS,
        linespacing=1.4,
    )


def _agreement(summary: Summary) -> str:
    """Return what to write beside the cloud of means."""
    if summary.case.boundary_em:
        return "EM finds no random effect:\nits means are 0"
    if summary.case.boundary_mfvi:
        return "MFVI finds no random effect:\nits means are 0"
    means = summary.means
    lines = ["dashed: equal means", f"solid: slope {numbers.significant(means.slope)}"]
    if means.correlation is not None:
        lines.append(f"correlation {numbers.fixed(means.correlation, 4)}")
    return "\n".join(lines)


def _draw_recovery(ax: Axes, truth: Array, em: Array, mfvi: Array, summary: Summary) -> None:
    """Draw the means of both methods against the simulated effects."""
    draw = scatter if truth.size <= MOST_POINTS else _draw_groups
    for values, color in ((em, EM), (mfvi, MFVI)):
        draw(ax, truth, values, color)
    least = 1e-3 * _effect_scale(summary)
    reach = 1.08 * max(float(np.max(np.abs(ax.dataLim.intervalx))), least)
    height = 1.5 * max(float(np.max(np.abs(ax.dataLim.intervaly))), 0.05 * reach)
    ax.axline((0, 0), slope=1, color=MUTED, linewidth=1.2, linestyle=DASHED)
    ax.set_xlim(-reach, reach)
    ax.set_ylim(-height, height)
    number_axis(ax, "x", ticks=5)
    number_axis(ax, "y", ticks=6)
    ax.set_xlabel("true effect")
    ax.set_ylabel("posterior mean")
    ax.set_title("Against the simulated truth")
    _method_key(
        ax,
        [
            _recovered(summary.fits[method].method, found.correlation)
            for method, found in (summary.truth.recovery if summary.truth else {}).items()
        ],
    )


def _draw_groups(ax: Axes, truth: Array, values: Array, color: str) -> None:
    """Draw means of equal groups by the true effect, and the band that holds 90% of each."""
    groups = np.array_split(np.argsort(truth, kind="stable"), GROUPS)
    x = [float(np.mean(truth[group])) for group in groups]
    low, high = np.transpose([np.quantile(values[group], (0.05, 0.95)) for group in groups])
    ax.fill_between(x, low, high, color=color, alpha=0.25, linewidth=0)
    ax.plot(x, [float(np.mean(values[group])) for group in groups], "o-", color=color)


def _recovered(name: str, correlation: float | None) -> str:
    """Return the entry of a method in the key of the recovery panel."""
    return name if correlation is None else f"{name}, correlation {numbers.fixed(correlation, 3)}"


def _draw_distributions(ax: Axes, em: Array, mfvi: Array, scale: float) -> None:
    """Draw how widely the means of each method spread around 0, those that are all 0 as a line."""
    reach = 1.05 * max(float(np.max(np.abs(np.concatenate([em, mfvi])))), 1e-3 * scale)
    bins = np.linspace(-reach, reach, 8 + 2 * int(min(np.sqrt(em.size), 26))).tolist()
    for values, color in ((mfvi, MFVI), (em, EM)):
        if not values.any():
            ax.axvline(0, ymax=1 / HEADROOM, color=color)
            continue
        ax.hist(values, bins=bins, color=color, histtype="stepfilled", alpha=0.25, linewidth=0)
        ax.hist(values, bins=bins, color=color, histtype="step", linewidth=2)
    ax.set_xlim(-reach, reach)
    ax.set_ylim(0, HEADROOM * ax.get_ylim()[1])
    number_axis(ax, "x", ticks=5)
    number_axis(ax, "y", ticks=5, whole=True)
    ax.set_xlabel("posterior mean")
    ax.set_ylabel("random effects")
    ax.set_title("How far they spread")
    _method_key(
        ax,
        [
            f"{name}, root mean square {numbers.significant(float(np.sqrt(np.mean(values**2))))}"
            for name, values in (("EM", em), ("MFVI", mfvi))
        ],
    )


def _method_key(ax: Axes, labels: list[str]) -> None:
    """Write the key of the two methods in the free strip at the top of a panel."""
    handles = [
        Line2D([], [], marker="o", color=color, linestyle="none", markersize=9)
        for color in (EM, MFVI)
    ]
    ax.legend(
        handles,
        [typeset(label) for label in labels],
        loc="upper left",
        fontsize=SMALL_POINTS,
        handletextpad=0.2,
        labelspacing=0.3,
    )


def _draw_variance_pairs(ax: Axes, exact: Array, values: Array) -> None:
    """Draw mean field's variances against the exact ones with the identity."""
    least = LEAST_SPREAD * float(max(np.max(exact), np.max(values)))
    limits = padded(np.concatenate([exact, values]), least=least, pad=0.1)
    if limits[0] < 0.3 * limits[1]:
        limits = (0.0, limits[1])
    ax.plot(limits, limits, color=MUTED, linewidth=1.2, linestyle=DASHED)
    _square(ax, limits, limits)
    cloud(ax, exact, values, MFVI)
    number_axis(ax, "x", ticks=3)
    ax.text(0.04, 0.96, "dashed: equal", transform=ax.transAxes, va="top", fontsize=SMALL_POINTS)
    ax.set_xlabel("EM")
    ax.set_ylabel("MFVI")


def _draw_ratios(ax: Axes, exact: Array, values: Array) -> None:
    """Draw the histogram of the ratios of variances, or say that all are one number."""
    if not np.all(exact > 0):
        say(ax, "some variances of\nEM are 0: no ratio")
        return
    ratios = values / exact
    if float(np.ptp(ratios)) <= EQUAL * float(np.max(ratios)):
        median = numbers.significant(float(np.median(ratios)))
        say(ax, typeset(f"the ratio is {median}\nfor every effect"))
        return
    _draw_histogram(ax, ratios, "median")
    ax.set_xlabel("ratio of variances")


def _draw_histogram(ax: Axes, values: Array, told: Literal["mean", "median"]) -> None:
    """Draw how values spread, and tell their mean or median."""
    low, high = padded(values, least=LEAST_SPREAD * float(np.max(values)) or 1.0, pad=0.15)
    bins = int(np.clip(2 * np.sqrt(values.size), 10, MOST_BINS))
    ax.hist(values, bins=np.linspace(low, high, bins + 1).tolist(), color=MFVI, linewidth=0)
    ax.set_xlim(low, high)
    ax.set_ylim(0, HEADROOM * ax.get_ylim()[1])
    number_axis(ax, "x", ticks=4)
    number_axis(ax, "y", ticks=5, whole=True)
    ax.set_ylabel("random effects")
    ax.text(
        0.03,
        0.95,
        typeset(f"{told} {numbers.significant(float(getattr(np, told)(values)))}"),
        transform=ax.transAxes,
        va="top",
        fontsize=SMALL_POINTS,
    )


def _square(ax: Axes, x: tuple[float, float], y: tuple[float, float]) -> None:
    """Set limits and few grouped ticks on both axes."""
    ax.set_xlim(*x)
    ax.set_ylim(*y)
    number_axis(ax, "x", ticks=5)
    number_axis(ax, "y", ticks=5)


def _effect_scale(summary: Summary) -> float:
    """Return the size of an effect if random effects explained all of the response."""
    data = summary.data
    return float(np.sqrt(data.response_variance / data.mean_diagonal))
