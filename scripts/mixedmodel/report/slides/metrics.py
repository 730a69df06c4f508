"""How wide and how high text is in Arial, the same on every machine.

Arial, Helvetica and Liberation Sans share their advance widths; matplotlib ships
Helvetica's, so nothing has to be installed and a deck's layout never depends on it.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

import matplotlib

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
    """Count the lines of marked-up text that is wrapped at ``width`` inches."""
    lines, used = 1, 0.0
    space = text_width(" ", size, bold=bold)
    for word in _words(text):
        length = text_width(word, size, bold=bold)
        if used and used + space + length > width:
            lines, used = lines + 1, length
        else:
            used += (space if used else 0.0) + length
    return lines


def text_height(
    paragraphs: list[str], size: float, width: float, *, gap: float = 0.0, bold: bool = False
) -> float:
    """Return the height (inches) of wrapped paragraphs ``gap`` points apart."""
    lines = sum(count_lines(paragraph, size, width, bold=bold) for paragraph in paragraphs)
    points = lines * size * LINE_HEIGHT + gap * (len(paragraphs) - 1)
    return points / POINTS_PER_INCH


def shorten(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """Cut a user's name with an ellipsis so that it is at most ``width`` inches wide."""
    if text_width(text, size, bold=bold) <= width:
        return text
    while text and text_width(text + "…", size, bold=bold) > width:
        text = text[:-1]
    return text + "…"


def _words(text: str) -> list[str]:
    """Split at blanks, keeping bold phrases marked on each of their words."""
    spread = re.sub(r"\*\*(.+?)\*\*", lambda m: f"**{m[1].replace(' ', '** **')}**", text)
    return spread.split(" ")
