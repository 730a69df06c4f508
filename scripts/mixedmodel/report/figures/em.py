"""How EM climbs: the same map under three schemes, and where each of them stops."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from mixedmodel.model.types import SHORTFALL, Certificate
from mixedmodel.report import numbers, wording
from mixedmodel.report.figures.axes import (
    DASHED,
    NO_SHORTFALL,
    effort_axis,
    nats_axis,
    number_axis,
    say_alone,
    typeset,
)
from mixedmodel.report.style import ACCENT, PAPER, SCHEMES, SMALL_POINTS, WARNING

NAMES = {"plain": "plain EM", "px": "PX-EM", "squarem": "SQUAREM"}
NAIVE_CHANGE = 1e-6  # nats a step, the usual rule that stops too early
ROUNDING = 1e-6  # nats; a climb below it is not drawn as if it were one
HEADROOM = 1e3  # by which the view of shortfalls is higher than all of them: words stand there
DOUBLE = 1.0  # relative error of a variance, beyond which it is written as a factor


@dataclass(frozen=True)
class Run:
    """The climb of one scheme: map evaluations, log-likelihoods and their shortfalls (k,)."""

    scheme: str
    evaluations: NDArray[np.int64]
    loglik: NDArray[np.float64]
    sigma_beta2: NDArray[np.float64]
    shortfall: NDArray[np.float64]
    unbounded: bool = False  # there is no optimum to arrive at

    @property
    def verdict(self) -> str:
        """What the legend says of where the scheme stopped."""
        missing = f"{numbers.nats(float(self.shortfall[-1]), 2)} short"
        ended = "no maximum" if self.unbounded else "certified" if self.certified else missing
        return typeset(f"{NAMES[self.scheme]}\n{_evaluations(self.evaluations[-1])}, {ended}")

    @property
    def certified(self) -> bool:
        """Whether the scheme arrived at the optimum."""
        return not self.unbounded and bool(self.shortfall[-1] <= SHORTFALL)


def plot_em_climb(
    trace: pd.DataFrame, proof: Certificate, figure: Figure, *, likelihood: str
) -> None:
    """Draw the shortfall from the optimum (nats) and the log-likelihood against effort.

    ``proof`` is EM's certificate, with the optimum and optimum_sigma_beta2. Where there is no
    optimum, the log-likelihood is alone; where it is flat, there is nothing to draw.
    """
    if proof.flat:
        say_alone(figure, "Every ratio of the variances fits as well: there is no climb.")
        return
    runs = _runs(trace, proof)
    if proof.unbounded:
        panels = [figure.subplots()]
    else:
        panels = list(figure.subplots(1, 2, width_ratios=(3, 2)))
    largest = max(int(run.evaluations[-1]) for run in runs)
    for ax in panels:
        effort_axis(ax, largest, "evaluations of the EM map")
    for left in panels[:-1]:
        _draw_shortfall(left, runs)
        for run in runs:
            if run.scheme == "plain":
                _mark_naive_stop(left, run, proof.optimum_sigma_beta2)
    _draw_climb(panels[-1], runs)
    panels[-1].set_title(f"{wording.loglik(likelihood).capitalize()} (nats)")
    figure.legend(
        [_end_marker(run) for run in runs],
        [run.verdict for run in runs],
        loc="outside upper left",
        ncols=len(runs),
        columnspacing=3.0,
    )


def _runs(trace: pd.DataFrame, proof: Certificate) -> list[Run]:
    """Split the trace by scheme, the accelerated ones first."""
    best = max(proof.optimum, float(trace["loglik"].max()))
    groups = dict(list(trace.groupby("scheme")))
    return [
        Run(
            scheme,
            frame["map_evaluations"].to_numpy(),
            frame["loglik"].to_numpy(),
            frame["sigma_beta2"].to_numpy(),
            best - frame["loglik"].to_numpy(),
            proof.unbounded,
        )
        for scheme, frame in ((name, groups[name]) for name in reversed(NAMES) if name in groups)
    ]


def _draw_shortfall(ax: Axes, runs: list[Run]) -> None:
    """Draw how far each scheme is from the optimum, on a logarithmic scale."""
    nats_axis(ax, HEADROOM * max(1.0, *(float(np.max(run.shortfall)) for run in runs)))
    ax.set_title("Shortfall from the optimum (nats)")
    for run in runs:
        _draw_run(ax, run, np.maximum(run.shortfall, NO_SHORTFALL))


def _draw_climb(ax: Axes, runs: list[Run]) -> None:
    """Draw the log-likelihood itself, zoomed to what follows the first steps."""
    start = max(float(np.max(run.shortfall)) for run in runs)
    later = [float(np.max(run.shortfall[run.evaluations >= 3], initial=0.0)) for run in runs]
    depth = max(*later, 0.02 * start, ROUNDING)
    depth = start if start < 3 * depth else depth
    depth = depth if depth > ROUNDING else 1.0
    best = float(runs[0].loglik[-1] + runs[0].shortfall[-1])
    ax.set_ylim(best - 1.1 * depth, best + 0.12 * depth)
    number_axis(ax, "y", ticks=5)
    if not runs[0].unbounded:
        ax.axhline(best, color=ACCENT, linewidth=1.2, linestyle=DASHED)
        ax.text(
            0.015,
            best,
            "optimum",
            color=ACCENT,
            fontsize=SMALL_POINTS,
            va="bottom",
            transform=ax.get_yaxis_transform(),
        )
    for run in runs:
        _draw_run(ax, run, run.loglik)


def _draw_run(ax: Axes, run: Run, values: NDArray[np.float64]) -> None:
    """Draw one curve and the mark where its scheme stopped."""
    ax.plot(run.evaluations, values, color=SCHEMES[run.scheme])
    end = _end_marker(run)
    ax.plot(
        run.evaluations[-1:],
        values[-1:],
        marker=end.get_marker(),
        color=SCHEMES[run.scheme],
        markersize=10,
        markeredgecolor=PAPER,
        linestyle="none",
        zorder=4,
        clip_on=False,
    )


def _end_marker(run: Run) -> Line2D:
    """Return the legend entry of a scheme: a disc where it arrived, a cross where not."""
    return Line2D(
        [],
        [],
        color=SCHEMES[run.scheme],
        marker="o" if run.certified else "X",
        markersize=10,
        markeredgecolor=PAPER,
    )


def _mark_naive_stop(ax: Axes, run: Run, optimum_sigma_beta2: float) -> None:
    """Mark where a rule on the change of the log-likelihood would have stopped."""
    small = np.flatnonzero(np.abs(np.diff(run.loglik)) < NAIVE_CHANGE) + 1
    if not small.size or run.shortfall[small[0]] <= SHORTFALL:
        return
    stop = small[0]
    text = (
        f"the rule |change| < 10⁻⁶ would stop plain EM here:\n"
        f"{_evaluations(run.evaluations[stop])}, "
        f"{numbers.nats(float(run.shortfall[stop]), 2)} short"
    )
    if optimum_sigma_beta2 > 0:
        text += (
            f",\nthe variance of the effects {_off(run.sigma_beta2[stop] / optimum_sigma_beta2)}"
        )
    ax.annotate(
        typeset(text),
        (float(run.evaluations[stop]), float(run.shortfall[stop])),
        (0.99, 0.99),
        textcoords="axes fraction",
        ha="right",
        va="top",
        fontsize=SMALL_POINTS,
        color=WARNING,
        arrowprops={"arrowstyle": "-", "color": WARNING, "shrinkB": 6, "relpos": (0.9, 0)},
    )
    ax.plot(
        run.evaluations[stop],
        run.shortfall[stop],
        marker="D",
        markersize=9,
        color=WARNING,
        markeredgecolor=PAPER,
        zorder=5,
    )


def _evaluations(number: int) -> str:
    return f"{numbers.count(number)} evaluation{'' if number == 1 else 's'}"


def _off(ratio: float) -> str:
    """Return in words by how much a variance misses its optimum."""
    if abs(ratio - 1) > DOUBLE:
        return f"{numbers.significant(ratio, 2)} times too large"
    return f"off by {numbers.percent(abs(ratio - 1), 2)}"
