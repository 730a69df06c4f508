"""The fixed effects of both methods, by name, and how little they differ."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from mixedmodel.model.results import Summary
from mixedmodel.report.figures.axes import name_places, number_axis, padded, say_alone
from mixedmodel.report.rounding import least_difference, least_effect
from mixedmodel.report.style import EM, MFVI, MUTED, TRUTH

MOST_NAMES = 45  # more of them would overlap
FEWEST_PLACES = 3  # effects; fewer stand together in the middle
PANEL_INCHES = 10.6  # width of the panels, at least
MARGIN = 0.8  # between the first or the last effect and the edge, the distance of two being 1
ROUNDING = 1e-9  # of the largest difference; standard errors below it are none
NORMAL_95 = 1.96  # standard errors to either side of an estimate in a 95% interval


def plot_fixed_effects(summary: Summary, figure: Figure) -> None:
    """Draw the estimates as given, with the truth where known, and MFVI minus EM below.

    The bars are EM's estimates plus and minus 1.96 standard errors, in which the differences are
    drawn. Where no difference is beyond rounding, that is said instead.
    """
    table = summary.fixed_effects.table
    if not table:
        say_alone(figure, "This model has no fixed effects.")
        return
    em = np.array([row.em for row in table])
    mfvi = np.array([row.mfvi for row in table])
    known = [row.truth for row in table if row.truth is not None]
    truth = np.array(known) if known else None
    variance = summary.data.response_variance
    errors = np.array([summary.em.errors.omega[row.name] for row in table])
    differ = bool(np.max(np.abs(mfvi - em)) > least_difference(em, variance))
    panels = figure.subplots(
        1 + differ, sharex=True, squeeze=False, height_ratios=(5, 3)[: 1 + differ]
    )
    panels = panels[:, 0]
    _draw_estimates(panels[0], em, mfvi, truth, NORMAL_95 * errors, least_effect(variance))
    if differ:
        _draw_differences(panels[1], mfvi - em, errors)
    else:
        panels[0].set_title("EM and MFVI: no difference beyond rounding")
    for ax in panels:
        ax.grid(False, axis="x")
    _name_positions(panels[-1], [row.name for row in table])
    figure.legend(handles=_key(truth is not None), loc="outside upper left", ncols=4)


def _draw_estimates(
    ax: Axes,
    em: NDArray[np.float64],
    mfvi: NDArray[np.float64],
    truth: NDArray[np.float64] | None,
    reach: NDArray[np.float64],
    least: float,
) -> None:
    """Draw a disc for EM inside a ring for MFVI, so that both are seen where they coincide.

    ``reach`` (c,) is half the length of EM's intervals.
    """
    places = np.arange(1, em.size + 1)
    size = float(np.clip(180 / em.size, 3.5, 8))
    ax.axhline(0, color=MUTED, linewidth=1)
    ax.plot(
        places,
        mfvi,
        "o",
        color=MFVI,
        markerfacecolor="none",
        markersize=1.6 * size,
        markeredgewidth=2,
    )
    ax.plot(places, em, "o", color=EM, markersize=size)
    ax.vlines(places, em - reach, em + reach, color=EM, linewidth=1.6)
    known = [em - reach, em + reach, mfvi, np.zeros(1)]
    if truth is not None:
        ax.plot(places, truth, "_", color=TRUTH, markersize=2.4 * size, markeredgewidth=2)
        known.append(truth)
    ax.set_ylabel("estimate")
    values = np.concatenate(known)
    if np.max(np.abs(values)) <= least:
        _only_zero(ax)
        return
    ax.set_ylim(*padded(values, least=least, pad=0.12))
    number_axis(ax, "y", ticks=6)


def _draw_differences(
    ax: Axes, difference: NDArray[np.float64], errors: NDArray[np.float64]
) -> None:
    """Draw MFVI minus EM as bars, in EM's standard errors where all are known to be positive."""
    ax.axhline(0, color=MUTED, linewidth=1)
    ax.set_ylabel("MFVI − EM")
    if np.min(errors) > ROUNDING * np.max(np.abs(difference)):
        difference = difference / errors
        ax.set_ylabel("(MFVI − EM) / s.e.")
    largest = float(np.max(np.abs(difference)))
    width = min(0.6, max(difference.size, FEWEST_PLACES) / 30)
    ax.bar(np.arange(1, difference.size + 1), difference, width=width, color=MFVI, linewidth=0)
    ax.set_ylim(-1.15 * largest, 1.15 * largest)
    number_axis(ax, "y", ticks=4)


def _only_zero(ax: Axes) -> None:
    """Leave the y axis no scale but its 0."""
    ax.set_ylim(-1, 1)
    ax.set_yticks([0])


def _name_positions(ax: Axes, names: list[str]) -> None:
    """Write the names under the panel, or number the positions where they are too many."""
    middle, reach = (len(names) + 1) / 2, (max(len(names), FEWEST_PLACES) - 1) / 2 + MARGIN
    ax.set_xlim(middle - reach, middle + reach)
    if len(names) > MOST_NAMES:
        number_axis(ax, "x", ticks=9)
        ax.set_xlabel(f"{len(names)} fixed effects in the order of the table")
        return
    name_places(ax, names, inches=PANEL_INCHES / (2 * reach))


def _key(truth: bool) -> list[Line2D]:
    """Return the legend's entries."""
    entries = [
        Line2D([], [], marker="o", linestyle="none", color=EM, markersize=8, label="EM"),
        Line2D(
            [],
            [],
            marker="o",
            linestyle="none",
            color=MFVI,
            markerfacecolor="none",
            markersize=12,
            markeredgewidth=2,
            label="MFVI",
        ),
    ]
    entries.append(Line2D([], [], color=EM, linewidth=1.6, label="EM ± 1.96 standard errors"))
    if truth:
        entries.append(
            Line2D(
                [],
                [],
                marker="_",
                linestyle="none",
                color=TRUTH,
                markersize=16,
                markeredgewidth=2,
                label="simulated truth",
            )
        )
    return entries
