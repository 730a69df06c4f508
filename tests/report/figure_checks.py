"""What must hold of every figure, and what is written on one."""

import itertools
from collections.abc import Callable

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from mixedmodel.report import style
from mixedmodel.report.figures.finish import finish

LEAST_POINTS = 12


def drawn(
    plot: Callable[[Figure], None], inches: tuple[float, float] = style.FACTS_INCHES
) -> Figure:
    figure = Figure(figsize=inches, dpi=100, layout="constrained")
    plot(figure)
    finish(figure)
    return figure


def texts_of(figure: Figure) -> list[Text]:
    """Draw the figure and return what was really written, tick labels out of view left out."""
    written: list[Text] = []
    draw = Text.draw
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Text, "draw", lambda text, *a, **k: (written.append(text), draw(text, *a, **k))
        )
        FigureCanvasAgg(figure).draw()
    return [text for text in written if text.get_visible() and text.get_text().strip()]


def words_of(figure: Figure) -> str:
    """Return what is written on the figure, tick labels left out."""
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def check_readable(figure: Figure) -> None:
    texts = texts_of(figure)
    boxes = {text: text.get_window_extent() for text in texts}
    page = figure.bbox
    cut = [
        t.get_text()
        for t, box in boxes.items()
        if box.x0 < 0 or box.y0 < 0 or box.x1 > page.x1 or box.y1 > page.y1
    ]
    overlapping = [
        (a.get_text(), b.get_text())
        for a, b in itertools.combinations(texts, 2)
        if boxes[a].padded(-2).overlaps(boxes[b].padded(-2))
    ]
    assert cut == []
    assert overlapping == []
    assert min(text.get_fontsize() for text in texts) >= LEAST_POINTS
    words = " ".join(text.get_text() for text in texts).lower()
    assert not any(word in words.split() for word in ("nan", "inf", "none,", "-inf"))
    assert not any(f"-{digit}" in typeset_free(words) for digit in "0123456789")


def typeset_free(words: str) -> str:
    """Return words without formulas, where mathtext itself turns hyphens into minus signs."""
    return "".join(part for i, part in enumerate(words.split("$")) if i % 2 == 0)
