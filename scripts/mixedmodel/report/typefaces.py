"""The letters of the figures: Liberation Sans, which comes with the project, found by its path.

matplotlib looks for a font by its name in a list of what it once saw on the machine. So each file
gets a family name that nothing else has, and stands in that list ahead of all others: neither
fonts of the system nor a list that is out of date can change a figure.
"""

import dataclasses
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.font_manager import FontEntry, fontManager, get_font, ttfFontProperty
from matplotlib.ft2font import LoadFlags

LETTERS = "MixedModelLetters"  # Liberation Sans: as wide as Arial, in which the slides are set
SIGNS = "MixedModelSigns"  # what it lacks, from matplotlib's own DejaVu Sans
MATHS = "cmex10"  # matplotlib's own; its formulas ask for this one by name
ONLY_OWN_FOLDER = "MPL_IGNORE_SYSTEM_FONTS"  # if set, matplotlib finds none but those in its folder

POINTS_PER_INCH = 72
SUBPIXELS = 64  # in which a font measures

_OURS = Path(__file__).with_name("fonts")
_MATPLOTLIBS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
_FILES = {
    LETTERS: [_OURS / f"LiberationSans-{face}.ttf" for face in ("Regular", "Bold", "Italic")],
    SIGNS: [_MATPLOTLIBS / f"DejaVuSans{face}.ttf" for face in ("", "-Bold", "-Oblique")],
    MATHS: [_MATPLOTLIBS / "cmex10.ttf"],
}


def font_settings() -> dict[Any, Any]:
    """Return the settings that put text and formulas in the same sans-serif letters."""
    shapes = {"it": ":italic", "bf": ":bold", "bfit": ":bold", "cal": ":italic"}
    letters = {
        f"mathtext.{key}": LETTERS + shapes.get(key, "")
        for key in ("rm", "sf", "tt", "it", "bf", "bfit", "cal")
    }
    chosen = {"mathtext.fontset": "custom", "mathtext.fallback": "none"}
    return {"font.family": [LETTERS, SIGNS]} | chosen | letters


def text_width(text: str, points: float, *, bold: bool = False) -> float:
    """Return how wide (inches) a line of text is."""
    face = 1 if bold else 0
    font = get_font([_FILES[family][face] for family in (LETTERS, SIGNS)])
    font.set_size(points, POINTS_PER_INCH)
    font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
    return font.get_width_height()[0] / SUBPIXELS / POINTS_PER_INCH


@contextmanager
def known_typefaces() -> Iterator[None]:
    """Let matplotlib know the files by their family names while the body runs."""
    _list_first(_entries())
    hidden = os.environ.pop(ONLY_OWN_FOLDER, None)
    try:
        yield
    finally:
        if hidden is not None:
            os.environ[ONLY_OWN_FOLDER] = hidden


def _list_first(entries: tuple[FontEntry, ...]) -> None:
    """Put the entries at the head of matplotlib's list, once."""
    if tuple(fontManager.ttflist[: len(entries)]) != entries:
        fontManager.ttflist[:0] = entries


@cache
def _entries() -> tuple[FontEntry, ...]:
    """Read the properties of all files, each under the family name that it has here."""
    return tuple(
        dataclasses.replace(ttfFontProperty(get_font(path)), name=family)
        for family, paths in _FILES.items()
        for path in paths
    )
