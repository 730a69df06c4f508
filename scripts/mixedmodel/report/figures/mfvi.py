"""Mean field along its sweeps: the exact log-likelihood, the ELBO and the gap between them."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mixedmodel.model.results import Estimates
from mixedmodel.model.types import EStep
from mixedmodel.report import numbers, wording
from mixedmodel.report.figures.axes import effort_axis, number_axis, padded, spread, typeset
from mixedmodel.report.style import EM, GAP, MFVI, SMALL_POINTS

CLIMB = 0.03  # the least share of the whole climb that the zoom keeps in view
ROUNDING = 1e-6  # nats; a gap below it is not drawn as if it were one
EFFORTS: dict[EStep, str] = {
    "sweep": "coordinate sweeps over all random effects",
    "solved": "E-steps, each solved on the spectrum",
}


def plot_mfvi_gap(trace: pd.DataFrame, fit: Estimates, figure: Figure, *, likelihood: str) -> None:
    """Draw log-likelihood and ELBO (nats) of the run that is reported, and their gap below.

    ``fit`` has the scheme of that run and its certificate.
    """
    run = trace[trace["scheme"] == fit.scheme]
    certified = bool(fit.certificate.certified)
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    _draw_bound(top, run, certified)
    _draw_gap(bottom, run, certified)
    name = wording.loglik(likelihood)
    top.set_title(f"{name.capitalize()} and its lower bound (nats)")
    bottom.set_title(f"Gap: {name} minus ELBO (nats)")
    largest = int(run["map_evaluations"].iloc[-1])
    effort_axis(bottom, 1.04 * largest, EFFORTS[fit.e_step or "sweep"])
    top.tick_params(labelbottom=False)


def _draw_bound(ax: Axes, run: pd.DataFrame, certified: bool) -> None:
    """Draw both objectives with the gap shaded, zoomed to what follows the first sweeps."""
    sweeps = run["map_evaluations"].to_numpy()
    loglik, elbo = run["loglik"].to_numpy(), run["elbo"].to_numpy()
    ax.fill_between(sweeps, elbo, loglik, color=GAP, alpha=0.15, linewidth=0)
    for values, color in ((loglik, EM), (elbo, MFVI)):
        ax.plot(sweeps, values, color=color)
        _mark_end(ax, sweeps, values, color, certified)
    seen = _seen(run)
    least = CLIMB * float(elbo[-1] - elbo[0])
    low, high = padded(np.concatenate([loglik[seen], elbo[seen]]), least=least, pad=0.1)
    ax.set_ylim(low, high)
    number_axis(ax, "y", ticks=5)
    places = spread([elbo[-1], loglik[-1]], [0.3 * (high - low)] * 2, low, high)
    for name, value, place, color in (
        ("ELBO" if certified else "ELBO, not certified", elbo[-1], places[0], MFVI),
        ("log-likelihood", loglik[-1], places[1], EM),
    ):
        _label_end(ax, f"{name}\n{numbers.fixed(value)}", place, color)


def _draw_gap(ax: Axes, run: pd.DataFrame, certified: bool) -> None:
    """Draw the gap, on a logarithmic scale where it spans decades."""
    sweeps, gap = run["map_evaluations"].to_numpy(), np.maximum(run["gap"].to_numpy(), 0.0)
    top = max(float(np.max(gap[_seen(run)])), CLIMB * float(gap[0]), ROUNDING)
    ax.fill_between(sweeps, 0, gap, color=GAP, alpha=0.15, linewidth=0)
    ax.plot(sweeps, gap, color=GAP)
    _mark_end(ax, sweeps, gap, GAP, certified)
    ax.set_ylim(0, 1.15 * top if top > ROUNDING else 1.0)
    number_axis(ax, "y", ticks=4)
    if top <= ROUNDING:
        ax.set_yticks([0])
    amount = "none" if gap[-1] <= ROUNDING else numbers.significant(float(gap[-1]))
    height = ax.get_ylim()[1]
    _label_end(ax, f"gap\n{amount}", float(np.clip(gap[-1], 0.2 * height, 0.8 * height)), GAP)


def _seen(run: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which rows the zoom must hold: all but those of the first sweeps."""
    sweeps = run["map_evaluations"].to_numpy()
    return np.asarray(sweeps >= min(5, sweeps[-1]))


def _mark_end(
    ax: Axes, sweeps: NDArray[np.int64], values: NDArray[np.float64], color: str, certified: bool
) -> None:
    """Mark where the run ended: a disc where it arrived, a cross where not."""
    marker = "o" if certified else "X"
    ax.plot(sweeps[-1], values[-1], marker, color=color, markersize=9, zorder=4, clip_on=False)


def _label_end(ax: Axes, text: str, height: float, color: str) -> None:
    """Write a label to the right of the panel at a height of its y axis."""
    ax.text(
        1.01,
        height,
        typeset(text),
        color=color,
        transform=ax.get_yaxis_transform(),
        va="center",
        fontsize=SMALL_POINTS,
        fontweight="bold",
    )
