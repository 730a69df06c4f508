"""Native, editable XY charts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pptx.chart.data import XyChartData
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
)
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches, Pt

from mixedmodel.report.numbers import MINUS
from mixedmodel.report.slides import canvas
from mixedmodel.report.slides.canvas import Box
from mixedmodel.report.slides.paint import paint
from mixedmodel.report.slides.place import Label, describe
from mixedmodel.report.style import INK, MUTED, RULE

MOST_POINTS = 200
MARK_POINTS = 11


@dataclass(frozen=True)
class Line:
    """One series of a chart: x and y of equal length; where y is NaN, the line has a gap."""

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    colour: str
    dashed: bool = False
    marked: bool = False  # a thin line up to its last point, which has a disc


@dataclass(frozen=True)
class Axis:
    """An axis: its title in words, if any, and, where they are set, its ends."""

    title: str
    low: float | None = None
    high: float | None = None
    step: float | None = None
    logarithmic: bool = False
    numbers: str = "General"


def thin(length: int, most: int = MOST_POINTS) -> NDArray[np.intp]:
    """Choose at most ``most`` of ``length`` positions, dense at the start, both ends kept."""
    if length <= most:
        return np.arange(length)
    return np.unique(np.geomspace(1, length, most).round().astype(np.intp)) - 1


def span(values: Sequence[float] | NDArray[np.float64]) -> tuple[float, float, float]:
    """Return round ends and step of an axis that shows all ``values``."""
    low, high = float(np.min(values)), float(np.max(values))
    if low == high:
        low, high = low - 1e-3 * max(abs(low), 1.0), high + 1e-3 * max(abs(high), 1.0)
    width = high - low
    step = 10.0 ** math.floor(math.log10(width / 2))
    step *= next(factor for factor in (1, 2, 5, 10) if width / (factor * step) <= 6)
    return math.floor(low / step) * step, math.ceil(high / step) * step, step


def decades(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the powers of ten around positive ``values``, at least one decade apart."""
    low = 10.0 ** math.floor(math.log10(float(np.min(values))))
    high = 10.0 ** math.ceil(math.log10(float(np.max(values))))
    return low, max(high, 10 * low)


def number_format(step: float) -> str:
    """Return the number format whose decimals tell the multiples of ``step`` apart."""
    decimals = max(0, -math.floor(math.log10(step)))
    digits = "#,##0" + ("." + "0" * decimals if decimals else "")
    return f"{digits};{MINUS}{digits}"


def percent_format(step: float) -> str:
    """Return the format of shares whose decimals tell the multiples of ``step`` apart."""
    decimals = max(0, -math.floor(math.log10(100 * step)))
    return "0" + ("." + "0" * decimals if decimals else "") + "%"


def add_chart(
    slide: Any, box: Box, lines: Sequence[Line], axes: tuple[Axis, Axis], label: Label
) -> Any:
    """Add an XY chart of ``lines`` with a legend on top; ``axes`` are those of x and of y."""
    data: Any = XyChartData()  # type: ignore[no-untyped-call]
    for line in lines:
        series = data.add_series(line.name)
        for position in thin(len(line.x)):
            y = float(line.y[position])
            series.add_data_point(float(line.x[position]), None if math.isnan(y) else y)
    sides = (Inches(side) for side in (box.left, box.top, box.width, box.height))
    frame = slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS, *sides, data)
    describe(frame, label)
    chart = frame.chart
    chart.has_title = False
    chart.font.size = Pt(canvas.SMALL_SIZE)
    paint(chart.font.color, INK)
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    _open_gaps(chart._chartSpace)
    for series, line in zip(chart.plots[0].series, lines, strict=True):
        _style_line(series, line)
    _number_axes(chart._chartSpace)
    _style_axis(chart.category_axis, axes[0], grid=False)
    _style_axis(chart.value_axis, axes[1], grid=True)
    return chart


def _open_gaps(chart: Any) -> None:
    """Take out the points without value, which python-pptx writes as a word."""
    for value in list(chart.iter(qn("c:v"))):
        if value.text == "None":
            point = value.getparent()
            point.getparent().remove(point)


def _number_axes(chart: Any) -> None:
    """Give the axes positive numbers: python-pptx's are negative, which the format has not."""
    for tag in ("c:axId", "c:crossAx"):
        for each in chart.iter(qn(tag)):
            each.set("val", str(abs(int(each.get("val")))))


def _style_line(series: Any, line: Line) -> None:
    series.smooth = False
    series.marker.style = XL_MARKER_STYLE.NONE
    series.format.line.width = Pt(1.5 if line.marked else 2.75)
    paint(series.format.line.color, line.colour)
    if line.dashed:
        pen = series.format.line._ln
        pen.append(parse_xml(f'<a:prstDash {nsdecls("a")} val="dash"/>'))
    if line.marked:
        marker = series.points[len(line.x) - 1].marker
        marker.style, marker.size = XL_MARKER_STYLE.CIRCLE, MARK_POINTS
        marker.format.fill.solid()
        paint(marker.format.fill.fore_color, line.colour)
        marker.format.line.fill.background()


def _style_axis(axis: Any, look: Axis, *, grid: bool) -> None:
    axis.has_title = bool(look.title)
    if look.title:
        axis.axis_title.text_frame.text = look.title
        run = axis.axis_title.text_frame.paragraphs[0].runs[0]
        run.font.size, run.font.bold = Pt(canvas.SMALL_SIZE), False
        paint(run.font.color, MUTED)
    axis.minimum_scale, axis.maximum_scale = look.low, look.high
    axis.major_unit = look.step
    axis.has_major_gridlines = grid
    if grid:
        paint(axis.major_gridlines.format.line.color, RULE)
    axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = look.numbers, False
    paint(axis.format.line.color, MUTED)
    _cross_at_minimum(axis)
    if look.logarithmic:
        base = parse_xml(f'<c:logBase {nsdecls("c")} val="10"/>')
        axis._element.find(qn("c:scaling")).insert(0, base)


def _cross_at_minimum(axis: Any) -> None:
    """Let the other axis cross at this one's low end: log-likelihoods are negative."""
    axis._element.find(qn("c:crosses")).set("val", "min")
