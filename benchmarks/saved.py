"""Figures of the benchmarks in the style of the decks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matplotlib.figure import Figure

from mixedmodel.report.figures.finish import finish
from mixedmodel.report.saving import render
from mixedmodel.report.style import drawing
from mixedmodel.store.files import whole_file


@contextmanager
def save(stem: Path, inches: tuple[float, float]) -> Iterator[Figure]:
    """Give an empty figure; a PNG and an SVG of this stem are written when the body succeeds."""
    with drawing():
        figure = Figure(figsize=inches, layout="constrained")
        yield figure
        finish(figure)
        for kind in ("png", "svg"):
            with whole_file(stem.with_suffix(f".{kind}")) as file:
                file.write_bytes(render(figure, kind))
