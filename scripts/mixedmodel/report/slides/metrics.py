"""How wide and how high text is in Arial, the same on every machine.

Arial, Helvetica and Liberation Sans share their advance widths; matplotlib ships
Helvetica's, so nothing has to be installed and a deck's layout never depends on it.
"""

import math
import re
import unicodedata
from bisect import bisect
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import matplotlib

from mixedmodel.report.names import ELLIPSIS, Fits, cut
from mixedmodel.report.slides.canvas import LEAST_SIZE, Box
from mixedmodel.report.slides.markup import Run, parse

LINE_HEIGHT = 1.17  # of the type size: ascent + descent + line gap of Arial, rounded up
OTHER_WIDTH = 0.62  # em; accented and Greek letters and most signs are no wider
WIDE_WIDTH = 1.0  # em; East Asian letters and these
WIDE_SIGNS = "½ΘΩ→⇒"
SIGNS = {  # by their names in the metrics
    "–": "endash",
    "−": "minus",
    "×": "multiply",
    "·": "periodcentered",
    "…": "ellipsis",
    "²": "twosuperior",
    "\N{NO-BREAK SPACE}": "space",
}
SCRIPT_SIZE = 0.67  # of the type size, for sub- and superscripts
SAFETY = 1.02  # other renderers hint and round widths
POINTS_PER_INCH = 72
LEAST_LAST_LINE = 15  # letters of a heading
LONGEST_HELD = 30  # letters that are held together


@cache
def _advances(bold: bool) -> dict[str, float]:
    """Read the advance widths (em) of Helvetica's characters."""
    name = "Helvetica-Bold.afm" if bold else "Helvetica.afm"
    text = (Path(matplotlib.get_data_path()) / "fonts/pdfcorefonts" / name).read_text("latin-1")
    rows = re.findall(r"C (-?\d+) ; WX (\d+) ; N (\w+)", text)
    named = {glyph: int(width) / 1000 for _, width, glyph in rows}
    coded = {chr(int(code)): named[glyph] for code, _, glyph in rows if 32 <= int(code) < 127}
    return coded | {sign: named[glyph] for sign, glyph in SIGNS.items()}


def _advance(character: str, bold: bool) -> float:
    if character in _advances(bold):
        return _advances(bold)[character]
    wide = unicodedata.east_asian_width(character) in "WF" or character in WIDE_SIGNS
    return WIDE_WIDTH if wide else OTHER_WIDTH


def _run_width(run: Run, size: float) -> float:
    em = sum(_advance(character, run.bold) for character in run.text)
    return em * size * (SCRIPT_SIZE if run.script else 1.0)


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width (inches) of marked-up text on one line in type of ``size`` points."""
    runs = (Run(r.text, bold=bold or r.bold, script=r.script) for r in parse(text))
    return SAFETY * sum(_run_width(run, size) for run in runs) / POINTS_PER_INCH


def count_lines(text: str, size: float, width: float, *, bold: bool = False) -> int:
    """Count the lines of marked-up text that is wrapped at ``width`` inches.

    A word that is wider than a line goes on in the next ones.
    """
    lines, used = 1, 0.0
    space = text_width(" ", size, bold=bold)
    for word in _words(text):
        length = text_width(word, size, bold=bold)
        if used and used + space + length > width:
            lines, used = lines + 1, length
        else:
            used += (space if used else 0.0) + length
        whole = math.ceil(used / width) - 1
        lines, used = lines + max(whole, 0), used - max(whole, 0) * width
    return lines


def text_height(
    paragraphs: list[str], size: float, width: float, *, gap: float = 0.0, bold: bool = False
) -> float:
    """Return the height (inches) of wrapped paragraphs ``gap`` points apart."""
    lines = sum(count_lines(paragraph, size, width, bold=bold) for paragraph in paragraphs)
    points = lines * size * LINE_HEIGHT + gap * (len(paragraphs) - 1)
    return points / POINTS_PER_INCH


def sizes_down(size: float, least: float = LEAST_SIZE) -> list[float]:
    """Return the sizes in which a text may be set: its own, and whole points down to the least."""
    return [size, *(float(points) for points in range(math.ceil(size) - 1, int(least) - 1, -1))]


def fit_heading(text: str, size: float, box: Box, *, least: float) -> tuple[str, float]:
    """Return a bold heading with the largest size at which its box holds it.

    It is cut in the middle where the least size is too large. No short word stands alone in its
    last line, unless there is no room else.
    """

    def fits(words: str, points: float) -> bool:
        return text_height([words], points, box.width, bold=True) <= box.height

    held = _end_held(text)
    for points in sizes_down(size, least):
        if fits(text, points):
            broken = count_lines(text, points, box.width, bold=True) > 1
            return held if broken and fits(held, points) else text, points
    return cut(text, lambda words: fits(words, least)), least


def _end_held(text: str) -> str:
    """Hold the last words together, hyphens too, so that none stands alone in a last line."""
    words = text.split(" ")
    last = [words.pop()]
    while words and len(" ".join(last)) < LEAST_LAST_LINE:
        last.insert(0, words.pop())
    end = "\N{NO-BREAK SPACE}".join(last).replace("-", "\N{NON-BREAKING HYPHEN}")
    return " ".join([*words, end]) if len(end) <= LONGEST_HELD else text


def fit_text(
    paragraphs: list[str],
    size: float,
    box: Box,
    *,
    gap: float = 0.0,
    bold: bool = False,
) -> tuple[list[str], float]:
    """Return paragraphs with the largest size at which a box holds them, or their first words."""

    def fits(texts: list[str], points: float) -> bool:
        return text_height(texts, points, box.width, gap=gap, bold=bold) <= box.height

    smaller = next((points for points in sizes_down(size) if fits(paragraphs, points)), None)
    if smaller is not None:
        return paragraphs, smaller
    words = [(k, word) for k, text in enumerate(paragraphs) for word in _words(text)]
    kept = bisect(
        range(1, len(words)),
        0,
        key=lambda number: not fits(_first_words(words, number), LEAST_SIZE),
    )
    return (_first_words(words, kept) if kept else [ELLIPSIS]), LEAST_SIZE


def _first_words(words: list[tuple[int, str]], number: int) -> list[str]:
    """Return the paragraphs that the first words make, an ellipsis after the last of them."""
    kept = [*words[:number], (words[number - 1][0], ELLIPSIS)]
    return [" ".join(word for _, word in group) for _, group in groupby(kept, itemgetter(0))]


def fitting(size: float, width: float, *, bold: bool = False) -> Fits:
    """Return what tells whether a text is at most ``width`` inches wide."""
    return lambda text: text_width(text, size, bold=bold) <= width


def _words(text: str) -> list[str]:
    """Split at blanks, keeping bold phrases marked on each of their words."""
    spread = re.sub(r"\*\*(.+?)\*\*", lambda m: f"**{m[1].replace(' ', '** **')}**", text)
    return spread.split(" ")
