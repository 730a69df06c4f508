"""What can only be done to a finished figure: ticks, powers of ten and titles are made to fit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

from mixedmodel.report.figures.axes import GroupedFormatter
from mixedmodel.report.names import cut
from mixedmodel.report.style import LEAST_POINTS, TEXT_POINTS

SHORT = "X"
LABEL_GAP_POINTS = 4  # between the labels of ticks
GAP_POINTS = 10  # between a title and what stands to the right of it
POINTS_PER_INCH = 72


@dataclass(frozen=True)
class Title:
    """The title of a panel, and its words."""

    text: Text
    ax: Axes
    words: str

    def width(self, line: str) -> float:
        """Return how wide (pixels) a line would be in the type that the title is set in."""
        self.text.set_text(line)
        return float(self.text.get_window_extent().width)


def finish(figure: Figure) -> None:
    """Do to a figure what needs all of it to be drawn.

    The panels are laid out as if all titles were short: a long one would push them aside.
    """
    titles = list(_titles(figure))
    for title in titles:
        title.text.set_text(SHORT)
    figure.draw_without_rendering()
    for ax in figure.axes:
        _thin_ticks(ax, figure)
    if _tell_powers(figure):
        figure.draw_without_rendering()
    _fit_titles({title: _room(title) for title in titles})


def _thin_ticks(ax: Axes, figure: Figure) -> None:
    """Take ticks away from the x axis until their labels stand apart."""
    locator = ax.xaxis.get_major_locator()
    ticks = len(ax.get_xticks())
    while isinstance(locator, MaxNLocator) and ticks > 1 and not _apart(ax):
        ticks -= 1
        locator.set_params(nbins=ticks)
        figure.draw_without_rendering()


def _apart(ax: Axes) -> bool:
    """Tell whether the labels of the x axis, of those in view, have gaps between them."""
    low, high = sorted(ax.get_xlim())
    ticks = zip(ax.get_xticks(), ax.get_xticklabels(), strict=False)  # none where they are shared
    shown = [label.get_window_extent() for place, label in ticks if low <= place <= high]
    gap = LABEL_GAP_POINTS * ax.figure.dpi / POINTS_PER_INCH
    return all(left.x1 + gap <= right.x0 for left, right in pairwise(shown))


def _tell_powers(figure: Figure) -> bool:
    """Put the powers of ten that tick labels leave out into the labels of their axes, if any.

    Where matplotlib has them, at the ends of the axes, they push titles up and run into labels.
    """
    found = False
    for axis in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)):
        formatter, power = axis.get_major_formatter(), axis.get_offset_text()
        if isinstance(formatter, GroupedFormatter) and power.get_visible() and power.get_text():
            label, told = axis.get_label_text(), power.get_text()
            axis.set_label_text(f"{label} ({told})" if label else told)
            if axis.label.get_window_extent().height > axis.axes.bbox.height:
                axis.set_label_text(f"{label}\n({told})")
            found = formatter.told = True
    return found


def _titles(figure: Figure) -> Iterator[Title]:
    """Yield the titles at the left of the panels."""
    for ax in figure.axes:
        for text in _texts(ax):
            if text.get_text() == ax.get_title(loc="left"):
                yield Title(text, ax, text.get_text())


def _texts(ax: Axes) -> list[Text]:
    """Return what is written in a panel, its titles included."""
    found = [child for child in ax.get_children() if isinstance(child, Text)]
    return [text for text in found if text.get_text()]


def _room(title: Title) -> float:
    """Return how far (pixels) it is from the left edge of a title to what is to the right of it."""
    figure, box = title.ax.figure, title.text.get_window_extent()
    gap = GAP_POINTS * figure.dpi / POINTS_PER_INCH
    others = (ax for ax in figure.axes if ax is not title.ax)
    edges = [edge - gap for ax in others for edge in _edges(ax, box)]
    return float(min([figure.bbox.x1, *edges]) - box.x0)


def _edges(ax: Axes, box: Bbox) -> Iterator[float]:
    """Yield the left edges of what a panel has to the right of a title's box, at its height."""
    labels = (ax.yaxis.label, *ax.get_yticklabels())
    drawn = [text for text in (*labels, *_texts(ax)) if text.get_visible() and text.get_text()]
    for extent in (ax.bbox, *(text.get_window_extent() for text in drawn)):
        if extent.x0 > box.x0 and extent.y0 < box.y1 and box.y0 < extent.y1:
            yield extent.x0


def _fit_titles(rooms: Mapping[Title, float]) -> None:
    """Give all titles the largest size at which they fit into their rooms, at least 12 pt.

    One that is too wide even so is broken into two lines, and cut in the middle as a last resort.
    """
    for points in range(TEXT_POINTS, LEAST_POINTS - 1, -1):
        for title in rooms:
            title.text.set_fontsize(points)
        if all(title.width(title.words) <= room for title, room in rooms.items()):
            return
    for title, room in rooms.items():
        wide = title.width(title.words) > room
        title.text.set_text(_in_two_lines(title, room) if wide else title.words)


def _in_two_lines(title: Title, room: float) -> str:
    """Break a title where its longer line is shortest, and cut what is still too wide."""
    words = title.words.split(" ")
    splits = [[" ".join(words[:k]), " ".join(words[k:])] for k in range(1, len(words))]
    lines = min(splits or [words], key=lambda lines: max(map(title.width, lines)))
    return "\n".join(cut(line, lambda text: title.width(text) <= room) for line in lines)
