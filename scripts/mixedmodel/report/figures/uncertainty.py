"""How sure the PVE is: both profiles cut at 95%, and every estimate with its interval."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mixedmodel.model.results import MomentEstimates, Summary
from mixedmodel.model.types import NORMAL_95
from mixedmodel.report import numbers, wording
from mixedmodel.report.figures.axes import number_axis, reported, share_axis
from mixedmodel.report.style import ACCENT, EM, MFVI, MUTED, PAPER, SMALL_POINTS, TRUTH

SHORT_DASHES = (0, (4, 2))
CUT = 1.92  # nats below the optimum that a 95% interval holds: half the 95% quantile of chi2_1
DEPTH = 4.5  # nats below the optimum in view
NAME_PAD = 10  # points between the axis, on which marks may stand, and the names
APART = 0.12  # nats between the two intervals, so that both are seen


@dataclass(frozen=True)
class Row:
    """An estimate of PVE, in words too, with its interval; None where it is undefined."""

    name: str
    words: str
    estimate: float | None
    interval: tuple[float, float] | None
    color: str
    certified: bool = True


def plot_uncertainty(profile: pd.DataFrame, summary: Summary, figure: Figure) -> None:
    """Draw the profiles of log-likelihood and ELBO (nats) around their optima, and the estimates.

    ``profile`` has columns pve, loglik, elbo; ``summary`` the blocks em, mfvi, moments,
    calibrated_pve and truth.
    """
    left, right = figure.subplots(1, 2)
    _draw_profiles(left, profile, summary)
    figure.legend(
        [Line2D([], [], color=EM), Line2D([], [], color=MFVI, linestyle=SHORT_DASHES)],
        [wording.profile(summary.likelihood), "profile ELBO"],
        loc="outside upper left",
        ncols=2,
        columnspacing=3.0,
    )
    _draw_estimates(right, _rows(summary))
    if summary.truth is not None:
        right.axvline(summary.truth.pve, color=TRUTH, linewidth=1.4, zorder=1)
        right.set_title(f"PVE, 95% intervals (line: truth {numbers.percent(summary.truth.pve)})")


def _draw_profiles(ax: Axes, profile: pd.DataFrame, summary: Summary) -> None:
    """Draw each objective relative to its own maximum, down to a little below the cut."""
    farthest = 0.0
    for column, fit, color in (("elbo", summary.mfvi, MFVI), ("loglik", summary.em, EM)):
        naive = fit is summary.mfvi
        height = profile[column] - profile[column].max()
        style = SHORT_DASHES if naive else "solid"
        ax.plot(profile["pve"], height, color=color, linestyle=style)
        seen = profile["pve"][height > -DEPTH]
        farthest = max(farthest, float(seen.max()))
        if (ends := fit.interval) is not None:
            below = CUT + (APART if naive else 0.0)
            ax.plot(ends, [-below] * 2, color=color, linewidth=4, clip_on=False)
            farthest = max(farthest, ends[1])
    ax.axhline(-CUT, color=MUTED, linewidth=1.2, linestyle="dotted")
    ax.set_xlim(0, min(1.04 * farthest, 1.0))
    ax.set_ylim(-DEPTH, 0.3)
    share_axis(ax, "x", ticks=5)
    number_axis(ax, "y", ticks=5)
    ax.set_xlabel("PVE")
    ax.set_ylabel("nats relative to each optimum")
    ax.set_title("95% intervals: down to 1.92 nats")


def _rows(summary: Summary) -> list[Row]:
    """Return the estimates from the top of the panel to its bottom."""
    em, mfvi = summary.em, summary.mfvi
    moments, calibrated = summary.moments, summary.calibrated_pve
    arrived, arrived_mfvi = (fit.certificate.certified for fit in (em, mfvi))
    middle, span = calibrated.estimate, (calibrated.low, calibrated.high)
    by_moments = _normal_interval(moments)
    found = "none" if middle is None else numbers.rounded_share(middle)
    return [
        Row("EM", reported(em), em.pve, em.interval, EM, arrived),
        Row("method of\nmoments", _moments(moments.pve), moments.pve, by_moments, MUTED),
        Row("MFVI,\ncalibrated", found, middle, span, ACCENT, arrived_mfvi),
        Row("MFVI,\nnaive", reported(mfvi), mfvi.pve, mfvi.interval, MFVI, arrived_mfvi),
    ]


def _moments(pve: float | None) -> str:
    return "undefined" if pve is None else numbers.percent(pve)


def _normal_interval(moments: MomentEstimates) -> tuple[float, float] | None:
    """Return estimate plus and minus 1.96 standard errors of the method of moments."""
    error = moments.standard_errors.pve
    if moments.pve is None or error is None:
        return None
    reach = NORMAL_95 * error
    return moments.pve - reach, moments.pve + reach


def _draw_estimates(ax: Axes, rows: list[Row]) -> None:
    """Draw one estimate a row with its interval, and the numbers beside it."""
    ends = [0.0]
    for place, row in enumerate(rows):
        ax.text(
            1.03,
            place,
            _told(row),
            transform=ax.get_yaxis_transform(),
            va="center",
            color=row.color,
            fontsize=SMALL_POINTS,
            linespacing=1.3,
        )
        ends += [end for end in (row.estimate, *(row.interval or ())) if end is not None]
        if row.interval is not None:
            ax.plot(row.interval, [place] * 2, color=row.color, linewidth=3, clip_on=False)
        if row.estimate is None:
            continue
        marker = "o" if row.certified else "X"
        ax.plot(
            row.estimate,
            place,
            marker,
            color=row.color,
            markersize=11,
            markeredgecolor=PAPER,
            clip_on=False,
            zorder=4,
        )
    low, high = float(np.min(ends)), float(np.max(ends))
    ax.set_xlim(low - (0.05 * (high - low) if low < 0 else 0.0), high + 0.05 * (high - low))
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks(range(len(rows)), [row.name for row in rows])
    ax.tick_params(axis="y", length=0, pad=NAME_PAD)
    ax.grid(False, axis="y")
    share_axis(ax, "x", ticks=5)
    ax.set_xlabel("PVE")
    ax.set_title("PVE, 95% intervals")


def _told(row: Row) -> str:
    """Return the numbers of a row."""
    return row.words if row.interval is None else f"{row.words}\n{numbers.interval(*row.interval)}"
