"""Figures into files: a PNG and its SVG twin, the same bytes for the same content."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from mixedmodel.report.figures.finish import finish
from mixedmodel.report.style import SIZES, drawing

# Left out of the files: they differ between days and between versions of matplotlib.
_NO_METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
}


@contextmanager
def saved_figure(name: str, png: str | Path, svg: str | Path) -> Iterator[Figure]:
    """Give an empty figure of its size; both files are written when the body succeeds."""
    with drawing():
        figure = Figure(figsize=SIZES[name], layout="constrained")
        yield figure
        finish(figure)
        rendered = {png: render(figure, "png")}
        figure.set_layout_engine("none")  # what is laid out stays in its place
        rendered[svg] = render(figure, "svg")
    for path, content in rendered.items():
        Path(path).write_bytes(content)


def render(figure: Figure, kind: str) -> bytes:
    """Return a finished figure as the bytes of a ``png`` or ``svg`` file.

    The canvases draw it once; ``savefig`` would draw it twice for each file.
    """
    write: Callable[..., None]
    write = (
        FigureCanvasAgg(figure).print_png if kind == "png" else FigureCanvasSVG(figure).print_svg
    )
    buffer = BytesIO()
    write(buffer, metadata=_NO_METADATA[kind])
    return buffer.getvalue()
