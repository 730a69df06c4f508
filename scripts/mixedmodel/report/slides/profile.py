"""The profiles of both objectives and the penalty between them as native charts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mixedmodel.model.results import Estimates, Summary
from mixedmodel.report.profile_view import Edges, edges, has_optimum
from mixedmodel.report.slides.canvas import Box
from mixedmodel.report.slides.charts import (
    MOST_POINTS,
    Axis,
    Line,
    add_chart,
    number_format,
    percent_format,
    span,
)
from mixedmodel.report.slides.iterations import Labels
from mixedmodel.report.style import EM, GAP, MFVI

COLOURS = {"em": EM, "mfvi": MFVI}


@dataclass(frozen=True)
class Profile:
    """What the charts show: curves (nats from the best) by PVE, the fits, and the part in view."""

    curves: pd.DataFrame
    fits: Mapping[Any, Estimates]
    best: float
    view: Edges


def profile_of(profile: pd.DataFrame, summary: Summary) -> Profile:
    """Take what is in view of the curves of a profile with columns pve, loglik, penalty, elbo."""
    view = edges(profile, summary)
    seen = profile[profile["pve"].between(view.left, view.right)]
    chosen = np.unique(np.linspace(0, len(seen) - 1, MOST_POINTS).round().astype(np.intp))
    return Profile(seen.iloc[chosen], summary.fits, float(profile["loglik"].max()), view)


def profile_chart(slide: Any, box: Box, profile: Profile, labels: Labels) -> None:
    """Add l and l - g below the maximum of l, and the optima of both methods.

    The labels name the two curves and the two optima.
    """
    curves = profile.curves
    names, pve = labels.series, curves["pve"].to_numpy(float)
    lines = [
        Line(name, pve, curves[column].to_numpy(float) - profile.best, colour)
        for name, column, colour in zip(names[:2], ("loglik", "elbo"), (EM, MFVI), strict=True)
    ]
    low, high, step = span([profile.view.floor, profile.view.ceiling])
    for name, (key, fit) in zip(names[2:], profile.fits.items(), strict=True):
        if has_optimum(fit):
            top = fit.objective - profile.best
            lines.append(_mark(name, fit, np.array([low, top]), COLOURS[key]))
    y = Axis(labels.y, low=low, high=high, step=step, numbers=number_format(step))
    add_chart(slide, box, lines, (_shares(profile, labels), y), labels.chart)


def penalty_chart(slide: Any, box: Box, profile: Profile, labels: Labels) -> None:
    """Add the penalty g with the two optima on it; the labels name all three."""
    curves = profile.curves
    pve, penalty = curves["pve"].to_numpy(float), curves["penalty"].to_numpy(float)
    lines = [Line(labels.series[0], pve, penalty, GAP)]
    low, high, step = span([0.0, float(penalty.max())])
    for name, (key, fit) in zip(labels.series[1:], profile.fits.items(), strict=True):
        if has_optimum(fit):
            height = float(np.interp(fit.pve or 0.0, pve, penalty))
            lines.append(_mark(name, fit, np.array([low, height]), COLOURS[key]))
    y = Axis(labels.y, low=low, high=high, step=step, numbers=number_format(step))
    add_chart(slide, box, lines, (_shares(profile, labels), y), labels.chart)


def _mark(name: str, fit: Estimates, heights: NDArray[np.float64], colour: str) -> Line:
    """Return the line from the axis up to an optimum, marked there."""
    place = np.full(2, fit.pve or 0.0)
    return Line(name, place, heights, colour, dashed=True, marked=True)


def _shares(profile: Profile, labels: Labels) -> Axis:
    low, high, step = span([profile.view.left, profile.view.right])
    return Axis(labels.x, low=low, high=min(high, 1.0), step=step, numbers=percent_format(step))
