"""Titles that fit: measured, and set smaller, broken or cut where a panel is too narrow."""

from collections.abc import Iterator
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from mixedmodel.report.names import cut
from mixedmodel.report.style import LEAST_POINTS, TEXT_POINTS

SHORT = "X"
GAP_POINTS = 10  # between a title and what stands to the right of it
POINTS_PER_INCH = 72


@dataclass(frozen=True)
class Title:
    """The title of a panel with the width that there is for it, in pixels."""

    text: Text
    room: float

    @property
    def fits(self) -> bool:
        """Tell whether the title, as it is now, is no wider than its room."""
        return self.text.get_window_extent().width <= self.room

    def width(self, line: str) -> float:
        """Return how wide a line would be in the type of the title."""
        before = self.text.get_text()
        self.text.set_text(line)
        width = float(self.text.get_window_extent().width)
        self.text.set_text(before)
        return width


def fit_titles(figure: Figure) -> None:
    """Give all titles of a finished figure the largest size at which they fit, at least 12 pt.

    One that is too wide even so is broken into two lines, and cut in the middle as a last resort.
    """
    titles = list(_titles(figure))
    for points in range(TEXT_POINTS, LEAST_POINTS - 1, -1):
        for title in titles:
            title.text.set_fontsize(points)
        if all(title.fits for title in titles):
            return
    for title in titles:
        if not title.fits:
            _break(title)


def _titles(figure: Figure) -> list[Title]:
    """Find the titles at the left of the panels, and the room that there is for each.

    The panels are laid out as if all titles were short: a long one would push them aside.
    """
    found = {ax: text for ax in figure.axes for text in _texts(ax) if _is_title(text, ax)}
    words = {text: text.get_text() for text in found.values()}
    for text in words:
        text.set_text(SHORT)
    figure.draw_without_rendering()
    rooms = {text: _room(text, ax) for ax, text in found.items()}
    for text, wanted in words.items():
        text.set_text(wanted)
    return [Title(text, room) for text, room in rooms.items()]


def _is_title(text: Text, ax: Axes) -> bool:
    return text.get_text() == ax.get_title(loc="left")


def _room(text: Text, ax: Axes) -> float:
    """Return how far it is from the left edge of a title to what stands to the right of it."""
    figure, box = ax.figure, text.get_window_extent()
    gap = GAP_POINTS * figure.dpi / POINTS_PER_INCH
    edges = [edge - gap for other in figure.axes if other is not ax for edge in _edges(other, box)]
    return float(min([figure.bbox.x1, *edges]) - box.x0)


def _edges(ax: Axes, box: Bbox) -> Iterator[float]:
    """Yield the left edges of what a panel has to the right of a title's box, at its height."""
    labels = (ax.yaxis.label, *ax.get_yticklabels(), ax.yaxis.get_offset_text())
    drawn = [text for text in (*labels, *_texts(ax)) if text.get_visible() and text.get_text()]
    for extent in (ax.bbox, *(text.get_window_extent() for text in drawn)):
        if extent.x0 > box.x0 and extent.y0 < box.y1 and box.y0 < extent.y1:
            yield extent.x0


def _texts(ax: Axes) -> list[Text]:
    """Return what is written in a panel, its titles included."""
    found = [child for child in ax.get_children() if isinstance(child, Text)]
    return [text for text in found if text.get_text()]


def _break(title: Title) -> None:
    """Break a title where its longer line is shortest, and cut what is still too wide."""
    words = title.text.get_text().split(" ")
    splits = [[" ".join(words[:k]), " ".join(words[k:])] for k in range(1, len(words))]
    lines = min(splits or [words], key=lambda lines: max(map(title.width, lines)))
    short = [cut(line, lambda text: title.width(text) <= title.room) for line in lines]
    title.text.set_text("\n".join(short))
