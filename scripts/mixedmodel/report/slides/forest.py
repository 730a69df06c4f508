"""The PVEs of a few responses with their intervals, one under the other, as a native chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pptx.enum.chart import XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn

from mixedmodel.model.overview import FittedResponse
from mixedmodel.report.names import shorten
from mixedmodel.report.slides import canvas
from mixedmodel.report.slides.canvas import Box
from mixedmodel.report.slides.charts import Axis, Line, add_chart, percent_format, span
from mixedmodel.report.slides.iterations import Labels
from mixedmodel.report.slides.metrics import fitting, text_width
from mixedmodel.report.slides.paint import paint
from mixedmodel.report.slides.place import Look, add_text
from mixedmodel.report.style import ACCENT, EM, INK, MFVI

MOST_ROWS = 10  # in which names, marks and intervals are told apart
WIDEST_NAMES = 3.5  # inches
NAME_GAP = 0.15  # inches between a name and the axis
PLOT = (0.02, 0.13, 0.95, 0.68)  # of the chart, left, top, width and height: what the axes enclose
MARK_POINTS, CROSS_POINTS = 9, 11
POINTS_OF_A_ROW = 4  # low end, estimate, high end, and the gap to the next


@dataclass(frozen=True)
class Kind:
    """An estimate of PVE: its names in ``FittedResponse``, colour, and place in its row."""

    estimate: str
    ends: tuple[str, str]
    certified: str
    colour: str
    shift: float


KINDS = (
    Kind("em_pve", ("em_low", "em_high"), "em_certified", EM, 0.24),
    Kind("calibrated_pve", ("calibrated_low", "calibrated_high"), "mfvi_certified", ACCENT, 0.0),
    Kind("mfvi_pve", ("mfvi_naive_low", "mfvi_naive_high"), "mfvi_certified", MFVI, -0.24),
)


def forest_chart(slide: Any, box: Box, rows: Sequence[FittedResponse], labels: Labels) -> None:
    """Add three estimates of PVE a response with their intervals; the labels name the three.

    A fit that is not certified is a cross.
    """
    names = shorten([row.response for row in rows], fitting(canvas.SMALL_SIZE, WIDEST_NAMES)).names
    width = max(text_width(name, canvas.SMALL_SIZE) for name in names) + NAME_GAP
    place = Box(box.left + width, box.top, box.width - width, box.height)
    drawn = [_Drawn.of(kind, rows) for kind in KINDS]
    lines = [each.line(name) for name, each in zip(labels.series, drawn, strict=True) if each.rows]
    low, high, step = span([0.0, *(float(line.x.max()) for line in lines)])
    x = Axis(labels.x, low=low, high=min(high, 1.0), step=step, numbers=percent_format(step))
    y = Axis("", low=0.5, high=len(rows) + 0.5, step=1.0)
    chart = add_chart(slide, place, lines, (x, y), labels.chart)
    chart.value_axis.tick_label_position = XL_TICK_LABEL_POSITION.NONE
    shown = (each for each in drawn if each.rows)
    for series, each in zip(chart.plots[0].series, shown, strict=True):
        _mark(series, each)
    _lay_out(chart)
    top, height = (share * box.height for share in (PLOT[1], PLOT[3] / len(rows)))
    for k, name in enumerate(names):
        row = Box(box.left, box.top + top + k * height, width - NAME_GAP / 2, height)
        add_text(slide, row, [name], Look(size=canvas.SMALL_SIZE, anchor="middle", colour=INK))


@dataclass(frozen=True)
class _Drawn:
    """What is drawn of a kind: the responses that have it, and how high each stands."""

    kind: Kind
    rows: list[FittedResponse]
    heights: list[float]

    @classmethod
    def of(cls, kind: Kind, rows: Sequence[FittedResponse]) -> "_Drawn":
        """Take the responses with an estimate of this kind, the first of all highest."""
        places = [k for k, row in enumerate(rows) if getattr(row, kind.estimate) is not None]
        return cls(kind, [rows[k] for k in places], [len(rows) - k + kind.shift for k in places])

    def line(self, name: str) -> Line:
        """Return the intervals as a line with gaps: low end, estimate, high end, nothing.

        An estimate without interval has both ends in the same place.
        """
        x, y = [], []
        for row, height in zip(self.rows, self.heights, strict=True):
            pve = getattr(row, self.kind.estimate)
            ends = [getattr(row, end) for end in self.kind.ends]
            low, high = (pve if end is None else end for end in ends)
            x += [low, pve, high, high]
            y += [height, height, height, np.nan]
        return Line(name, np.array(x, dtype=float), np.array(y), self.kind.colour)


def _mark(series: Any, drawn: _Drawn) -> None:
    """Mark the estimates on their intervals: a disc where the fit arrived, a cross where not."""
    for k, row in enumerate(drawn.rows):
        certified = getattr(row, drawn.kind.certified)
        marker = series.points[POINTS_OF_A_ROW * k + 1].marker
        marker.style = XL_MARKER_STYLE.CIRCLE if certified else XL_MARKER_STYLE.X
        marker.size = MARK_POINTS if certified else CROSS_POINTS
        marker.format.fill.solid()
        paint(marker.format.fill.fore_color, drawn.kind.colour)
        paint(marker.format.line.color, drawn.kind.colour)


def _lay_out(chart: Any) -> None:
    """Fix what the axes enclose, so that the names stand beside their rows."""
    sides = "".join(f'<c:{side} val="{share}"/>' for side, share in zip("xywh", PLOT, strict=True))
    area = chart._chartSpace.find(f".//{qn('c:plotArea')}")
    for old in area.findall(qn("c:layout")):
        area.remove(old)
    area.insert(
        0,
        parse_xml(
            f'<c:layout {nsdecls("c")}><c:manualLayout><c:layoutTarget val="inner"/>'
            f'<c:xMode val="edge"/><c:yMode val="edge"/>{sides}</c:manualLayout></c:layout>'
        ),
    )
