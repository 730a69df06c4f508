"""Colours, fonts and sizes: one colour a method throughout figures, tables and slides.

The hues are those of Okabe and Ito (2008), darkened where needed so that text in
them keeps a contrast of at least 4.5 : 1 on white.
"""

from contextlib import AbstractContextManager
from typing import Any

import matplotlib
from matplotlib import font_manager

EM = "#0068A8"  # exact posterior
MFVI = "#B84700"  # mean field
FIXED = "#5F6F00"  # fixed effects alone
TRUTH = "#1A1A1A"  # simulated truth
GAP = "#8A3B76"  # evidence minus bound
ACCENT = "#00705A"  # certificate, optimum
INK = "#1F2933"  # text
MUTED = "#5B6670"  # secondary text, axes
RULE = "#D5DAE0"  # hairlines, grids
PAPER = "#FFFFFF"
TINT = "#F3F5F8"  # panels, table bands
WARNING = "#A11212"

SCHEMES = {"plain": "#6B7B8C", "px": "#3B8EC9", "squarem": EM}

FONT = "Arial"
DPI = 200

FIGURE_INCHES = (11.5, 5.0)  # as placed on a slide, so that points are points
FLAT_INCHES = (12.0, 3.6)  # with a table under it
TEXT_POINTS = 14
SMALL_POINTS = 13

# The first of these that is installed is used; the last one comes with matplotlib.
FAMILIES = (FONT, "Liberation Sans", "DejaVu Sans")


def drawing() -> AbstractContextManager[None]:
    """Return a context in which matplotlib draws in this project's style."""
    families = [name for name in FAMILIES if name in font_manager.fontManager.get_font_names()]
    return matplotlib.rc_context(_SETTINGS | _font_settings(families))


def _font_settings(families: list[str]) -> dict[Any, Any]:
    """Return the settings that put text and formulas in the same sans-serif letters."""
    shapes = {"rm": "", "it": ":italic", "bf": ":bold", "sf": "", "cal": ":italic", "tt": ""}
    letters = {f"mathtext.{key}": families[0] + shape for key, shape in shapes.items()}
    return {"font.family": families, "mathtext.fontset": "custom"} | letters


_SETTINGS: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.formatter.useoffset": False,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": TEXT_POINTS,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.titlesize": TEXT_POINTS,
    "axes.titleweight": "bold",
    "axes.unicode_minus": True,
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.w_pad": 0.10,
    "figure.dpi": DPI,
    "figure.facecolor": PAPER,
    "font.size": TEXT_POINTS,
    "grid.color": RULE,
    "grid.linewidth": 0.7,
    "legend.borderaxespad": 0.2,
    "legend.fontsize": TEXT_POINTS,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "legend.labelcolor": INK,
    "lines.linewidth": 2.4,
    "lines.solid_capstyle": "round",
    "mathtext.default": "rm",
    "savefig.dpi": DPI,
    "svg.fonttype": "path",
    "svg.hashsalt": "mixedmodel",
    "text.color": INK,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.labelsize": SMALL_POINTS,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.labelsize": SMALL_POINTS,
}
