"""Mean field along its sweeps: the exact log-likelihood, the ELBO and the gap between them."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mixedmodel.model.results import Estimates
from mixedmodel.model.types import SHORTFALL, EStep
from mixedmodel.report import numbers, wording
from mixedmodel.report.figures.axes import (
    NO_SHORTFALL,
    effort_axis,
    nats_axis,
    number_axis,
    padded,
    say_alone,
    spread,
    typeset,
)
from mixedmodel.report.style import EM, GAP, MFVI, PAPER, SMALL_POINTS

Array = NDArray[np.float64]

LAST_NATS = 10.0  # of a longer climb that are in view
GAPS = 2.0  # in view at least, as multiples of the gap at the end
ROUNDING = 1e-6  # nats; a gap below it is not drawn as if it were one
LABEL = 0.16  # of the height of a panel that a label of two lines takes
MARKED = 30  # sweeps; the states of a longer run are not marked one by one
EFFORTS: dict[EStep, str] = {
    "sweep": "sweeps over all random effects",
    "solved": "E-steps, each solved on the spectrum",
}


def plot_mfvi_gap(trace: pd.DataFrame, fit: Estimates, figure: Figure, *, likelihood: str) -> None:
    """Draw log-likelihood and ELBO (nats) of the run that is reported, then both distances.

    ``fit`` has the scheme of that run and its certificate. The distances are the gap and what the
    ELBO lacks of its optimum.
    """
    if fit.certificate.flat:
        say_alone(figure, "Every ratio of the variances fits as well: there is no climb.")
        return
    run = trace[trace["scheme"] == fit.scheme]
    left, right = figure.subplots(1, 2)
    largest = int(run["map_evaluations"].iloc[-1])
    for ax in (left, right):
        effort_axis(ax, largest, EFFORTS[fit.e_step or "sweep"])
    _draw_objectives(left, run, fit)
    left.set_title(f"{wording.loglik(likelihood).capitalize()} and its bound (nats)")
    _draw_distances(right, run, fit)
    right.set_title(f"{_arrival(fit, float(run['gap'].iloc[-1]))} (nats)")


def _arrival(fit: Estimates, gap: float) -> str:
    """Return in words whether the bound is at its optimum, and whether a gap is left there."""
    if fit.certificate.unbounded:
        return "The bound has no maximum"
    if not fit.certificate.certified:
        return "The bound has not arrived"
    return f"The bound arrives, {'the gap stays' if gap > ROUNDING else 'no gap is left'}"


def _draw_objectives(ax: Axes, run: pd.DataFrame, fit: Estimates) -> None:
    """Draw both objectives with the gap shaded, down to the last nats of the ELBO's climb."""
    loglik, elbo = run["loglik"].to_numpy(), run["elbo"].to_numpy()
    sweeps = run["map_evaluations"].to_numpy()
    ax.fill_between(sweeps, elbo, loglik, color=GAP, alpha=0.15, linewidth=0)
    for values, color in ((loglik, EM), (elbo, MFVI)):
        _draw_run(ax, run, values, color, fit)
    depth = max(LAST_NATS, GAPS * float(loglik[-1] - elbo[-1]))
    lowest = max(float(np.min(elbo)), float(elbo[-1]) - depth)
    low, high = padded([lowest, elbo[-1], np.max(loglik)], least=ROUNDING, pad=0.08)
    ax.set_ylim(low, high)
    number_axis(ax, "y", ticks=5)
    certified = fit.certificate.certified
    texts = (
        f"{'ELBO' if certified else 'ELBO, not certified'}\n{numbers.fixed(float(elbo[-1]))}",
        f"log-likelihood\n{numbers.fixed(float(loglik[-1]))}",
    )
    ends = [float(min(elbo[-1], loglik[-1])), float(loglik[-1])]
    places = spread(ends, [LABEL * (high - low)] * 2, low, high)
    for text, place, color in zip(texts, places, (MFVI, EM), strict=True):
        _label_end(ax, text, place, color)


def _draw_distances(ax: Axes, run: pd.DataFrame, fit: Estimates) -> None:
    """Draw the gap and the shortfall of the ELBO on a logarithmic scale."""
    gap = np.maximum(run["gap"].to_numpy(), NO_SHORTFALL)
    best = max(fit.certificate.optimum, float(run["elbo"].max()))
    shortfall = np.maximum(best - run["elbo"].to_numpy(), NO_SHORTFALL)
    curves = [(gap, GAP), (shortfall, MFVI)]
    if fit.certificate.unbounded:
        curves = curves[:1]
    nats_axis(ax, 10 * max(float(np.max(values)) for values, _ in curves))
    for values, color in curves:
        _draw_run(ax, run, values, color, fit)
    lacks = float(shortfall[-1])
    short = "certified" if lacks <= SHORTFALL else f"{numbers.nats(lacks, 2)} short"
    stays = float(run["gap"].iloc[-1])
    texts = (f"gap\n{'none' if stays <= ROUNDING else numbers.nats(stays)}", f"ELBO\n{short}")
    low, high = np.log10(ax.get_ylim())
    ends = [float(np.log10(values[-1])) for values, _ in curves]
    places = spread(ends, [LABEL * (high - low)] * len(ends), low, high)
    for text, place, (_, color) in zip(texts, places, curves, strict=False):
        _label_end(ax, text, float(10.0**place), color)


def _draw_run(ax: Axes, run: pd.DataFrame, values: Array, color: str, fit: Estimates) -> None:
    """Draw one curve and where it ended: a disc where the run arrived, a cross where not."""
    sweeps = run["map_evaluations"].to_numpy()
    each, end = "o" if sweeps[-1] <= MARKED else "", "o" if fit.certificate.certified else "X"
    ax.plot(sweeps, values, color=color, marker=each, markersize=4)
    style: dict[str, Any] = {"color": color, "markeredgecolor": PAPER, "markersize": 11}
    ax.plot(sweeps[-1], values[-1], end, zorder=4, clip_on=False, **style)


def _label_end(ax: Axes, text: str, height: float, color: str) -> None:
    """Write a label to the right of the panel at a height of its y axis."""
    ax.text(
        1.015,
        height,
        typeset(text),
        color=color,
        transform=ax.get_yaxis_transform(),
        va="center",
        fontsize=SMALL_POINTS,
        fontweight="bold",
    )
