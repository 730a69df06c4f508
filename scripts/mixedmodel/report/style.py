"""Colours, fonts and sizes: one colour a method throughout figures, tables and slides.

The hues are those of Okabe and Ito (2008), darkened where needed so that text in
them keeps a contrast of at least 4.5 : 1 on white.
"""

EM = "#0068A8"  # exact posterior
MFVI = "#B84700"  # mean field
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
SLIDE_INCHES = (13.333, 7.5)
DPI = 200
