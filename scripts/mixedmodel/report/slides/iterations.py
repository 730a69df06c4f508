"""The iterations of both methods as native, editable charts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mixedmodel.report.slides.canvas import Box
from mixedmodel.report.slides.charts import Axis, Line, add_chart, decades, number_format, span
from mixedmodel.report.slides.place import Label
from mixedmodel.report.style import EM, GAP, MFVI, SCHEMES

COUNTS = "#,##0"
LEAST_IN_FULL = 1e-4  # of an axis whose numbers are not powers of ten
LAST_NATS = 10.0  # of the bound's climb that the chart shows; before, it leaves the axis


@dataclass(frozen=True)
class Labels:
    """What is written on a chart, and what it is called."""

    chart: Label
    x: str
    y: str
    series: list[str]  # in the order in which they are drawn; schemes have their own names


def em_chart(slide: Any, box: Box, trace: pd.DataFrame, labels: Labels) -> None:
    """Add EM's log-likelihood by scheme, the scheme reported drawn last."""
    lines = [_scheme_line(trace, scheme) for scheme in reversed(trace["scheme"].unique())]
    x = Axis(labels.x, low=1, logarithmic=True, numbers=COUNTS)
    y = _value_axis(labels.y, lines)
    add_chart(slide, box, lines, (x, y), labels.chart)


def objectives_chart(slide: Any, box: Box, trace: pd.DataFrame, labels: Labels) -> None:
    """Add MFVI's log-likelihood and ELBO against its sweeps, the last nats of the climb."""
    x = trace["map_evaluations"].to_numpy(float)
    lines = [
        Line(name, x, trace[column].to_numpy(float), colour)
        for name, column, colour in zip(labels.series, ("loglik", "elbo"), (EM, MFVI), strict=True)
    ]
    floor = trace["elbo"].iloc[-1] - LAST_NATS
    shown = [line.y[line.y >= floor] for line in lines]
    low, high, step = span(np.concatenate(shown))
    y = Axis(labels.y, low=low, high=high, step=step, numbers=number_format(step))
    add_chart(slide, box, lines, (_sweeps(labels), y), labels.chart)


def gap_chart(slide: Any, box: Box, trace: pd.DataFrame, labels: Labels) -> None:
    """Add MFVI's gap where it is more than rounding."""
    x, gap = trace["map_evaluations"].to_numpy(float), trace["gap"].to_numpy(float)
    low, high = decades(gap)
    [name] = labels.series
    lines = [Line(name, x, gap, GAP)]
    numbers = "General" if low >= LEAST_IN_FULL else "0E+0"
    y = Axis(labels.y, low=low, high=high, logarithmic=True, numbers=numbers)
    add_chart(slide, box, lines, (_sweeps(labels), y), labels.chart)


def _sweeps(labels: Labels) -> Axis:
    return Axis(labels.x, low=0, numbers=COUNTS)


def _scheme_line(trace: pd.DataFrame, scheme: str) -> Line:
    rows = trace[trace["scheme"] == scheme]
    x = rows["map_evaluations"].to_numpy(float) + 1
    return Line(scheme, x, rows["loglik"].to_numpy(float), SCHEMES[scheme], dashed=scheme == "px")


def _value_axis(title: str, lines: list[Line]) -> Axis:
    low, high, step = span(np.concatenate([line.y for line in lines]))
    return Axis(title, low=low, high=high, step=step, numbers=number_format(step))
