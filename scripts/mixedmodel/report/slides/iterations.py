"""The iterations of both methods as native, editable charts."""

from typing import Any

import numpy as np
import pandas as pd

from mixedmodel.model.results import Summary
from mixedmodel.report import wording
from mixedmodel.report.numbers import fixed, significant
from mixedmodel.report.slides.canvas import Box
from mixedmodel.report.slides.charts import (
    Axis,
    Line,
    add_chart,
    decades,
    number_format,
    span,
)
from mixedmodel.report.slides.material import Material
from mixedmodel.report.style import EM, GAP, MFVI, SCHEMES

LEAST_GAP = 1e-9  # nats; smaller gaps are rounding and have no place on a log scale
COUNTS = "#,##0"


def add_em_chart(slide: Any, box: Box, material: Material) -> None:
    """Add EM's log-likelihood by scheme, the scheme reported drawn last."""
    trace, s = material.em_trace, material.summary
    schemes = list(dict.fromkeys(trace["scheme"]))
    lines = [_scheme_line(trace, scheme) for scheme in reversed(schemes)]
    add_chart(
        slide,
        box,
        lines,
        Axis("Map evaluations + 1 (log scale)", low=1, logarithmic=True, numbers=COUNTS),
        _value_axis(wording.loglik(s.likelihood).capitalize(), lines),
        name="Chart: log-likelihood of EM by scheme",
        words=f"{wording.loglik(s.likelihood).capitalize()} of EM against map evaluations for"
        f" {', '.join(schemes)}, ending at"
        f" {fixed(s.em.loglik)} for {s.em.scheme}, the scheme reported.",
    )


def add_mfvi_charts(slide: Any, box: Box, material: Material) -> None:
    """Add MFVI's log-likelihood and ELBO, and their gap where it is above rounding."""
    s = material.summary
    trace = material.mfvi_trace[material.mfvi_trace["scheme"] == s.mfvi.scheme]
    positive = trace[trace["gap"] > LEAST_GAP]
    if s.case.coincide or len(positive) < 2:
        _objectives_chart(slide, box, trace, s)
        return
    left, right = box.columns(1, 1, gap=0.3)
    _objectives_chart(slide, left, trace, s)
    _gap_chart(slide, right, positive)


def _scheme_line(trace: pd.DataFrame, scheme: str) -> Line:
    rows = trace[trace["scheme"] == scheme]
    x = rows["map_evaluations"].to_numpy(float) + 1
    return Line(scheme, x, rows["loglik"].to_numpy(float), SCHEMES[scheme], dashed=scheme == "px")


def _value_axis(title: str, lines: list[Line]) -> Axis:
    low, high, step = span(np.concatenate([line.y for line in lines]))
    return Axis(title, low=low, high=high, step=step, numbers=number_format(step))


def _objectives_chart(slide: Any, box: Box, trace: pd.DataFrame, s: Summary) -> None:
    x = trace["map_evaluations"].to_numpy(float)
    lines = [
        Line(wording.loglik(s.likelihood).capitalize(), x, trace["loglik"].to_numpy(float), EM),
        Line("ELBO", x, trace["elbo"].to_numpy(float), MFVI),
    ]
    add_chart(
        slide,
        box,
        lines,
        Axis("Sweeps", low=0, numbers=COUNTS),
        _value_axis("Nats", lines),
        name="Chart: log-likelihood and ELBO of MFVI",
        words=f"Log-likelihood and ELBO of MFVI against sweeps, ending at {fixed(s.mfvi.loglik)}"
        f" and {fixed(s.mfvi.elbo)}.",
    )


def _gap_chart(slide: Any, box: Box, trace: pd.DataFrame) -> None:
    x, gap = trace["map_evaluations"].to_numpy(float), trace["gap"].to_numpy(float)
    low, high = decades(gap)
    add_chart(
        slide,
        box,
        [Line("Gap: log-likelihood − ELBO", x, gap, GAP)],
        Axis("Sweeps", low=0, numbers=COUNTS),
        Axis("Nats (log scale)", low=low, high=high, logarithmic=True),
        name="Chart: gap of MFVI",
        words="Gap between log-likelihood and ELBO of MFVI against sweeps on a log scale, from"
        f" {significant(gap[0])} to {significant(gap[-1])} nats.",
    )
