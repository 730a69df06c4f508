"""Colours, fonts and sizes: one colour a method throughout figures, tables and slides.

The hues are those of Okabe and Ito (2008), darkened where needed so that text in
them keeps a contrast of at least 4.5 : 1 on white.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib

from mixedmodel.report.typefaces import font_settings, known_typefaces

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

FONT = "Arial"  # of the slides; figures have letters of the same widths
DPI = 200

# Figures are drawn as large as they are placed on a slide, so that points are points.
FIGURE_INCHES = (12.0, 5.22)  # alone
FACTS_INCHES = (12.0, 4.57)  # with two lines of text under it
FLAT_INCHES = (12.0, 3.6)  # with a table or equations under it
SIZES = {
    **dict.fromkeys(
        ("spectrum", "em_climb", "mfvi_gap", "profile", "fixed_effects"), FIGURE_INCHES
    ),
    **dict.fromkeys(("data_overview", "uncertainty", "shrinkage", "means"), FACTS_INCHES),
    **dict.fromkeys(("variances", "fitted_variance", "predictions", "responses"), FACTS_INCHES),
    **dict.fromkeys(("cross_validation", "two_coefficients"), FLAT_INCHES),
}
TEXT_POINTS = 14
SMALL_POINTS = 13
LEAST_POINTS = 12


@contextmanager
def drawing() -> Iterator[None]:
    """Let matplotlib draw in this project's style while the body runs.

    It starts from matplotlib's defaults: what a matplotlibrc or a style of the user's says does not
    reach a figure. A sign that no font has is drawn as a box, without a warning for each.
    """
    settings = _defaults() | _SETTINGS | font_settings()
    with known_typefaces(), matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from font", UserWarning)
        yield


def _defaults() -> dict[Any, Any]:
    """Return matplotlib's own settings, all but the program that would show a window."""
    return {key: value for key, value in matplotlib.rcParamsDefault.items() if key != "backend"}


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
