"""Two coefficients with a correlated posterior, and mean field's product in its place."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse

from mixedmodel.report.figures.axes import number_axis, share_axis
from mixedmodel.report.style import EM, GAP, MFVI, MUTED

SHOWN = 0.8  # the correlation of the ellipses
HIGHEST = 0.995  # the gap is infinite at 1


def plot_two_coefficients(figure: Figure) -> None:
    """Draw both posteriors of unit variances; the variance kept and the gap at every correlation.

    The share of the variance is 1 - rho^2, the gap -1/2 log(1 - rho^2) nats.
    """
    ellipses, kept, gap = figure.subplots(1, 3, width_ratios=(1.25, 1, 1))
    _draw_ellipses(ellipses)
    rho = np.linspace(0, HIGHEST, 400)
    kept.plot(rho, 1 - rho**2, color=MFVI)
    _mark(kept, 1 - SHOWN**2, f"{1 - SHOWN**2:.0%}", MFVI)
    kept.set_title("Share of the variance kept")
    share_axis(kept, "y", ticks=5)
    gap.plot(rho, -np.log1p(-(rho**2)) / 2, color=GAP)
    lost = float(-np.log1p(-(SHOWN**2)) / 2)
    _mark(gap, lost, f"{lost:.2f}", GAP)
    gap.set_title("Gap (nats)")
    number_axis(gap, "y", ticks=5)
    for ax in (kept, gap):
        ax.set_xlabel("posterior correlation")
        ax.set_xlim(0, 1)
        ax.set_ylim(bottom=0)
        number_axis(ax, "x", ticks=5)


def _mark(ax: Axes, height: float, text: str, color: str) -> None:
    """Mark the correlation of the ellipses on a curve, with its value to the left."""
    ax.plot(SHOWN, height, "o", color=color, markersize=9)
    style: dict[str, Any] = {"ha": "right", "va": "center", "color": color, "fontweight": "bold"}
    ax.annotate(text, (SHOWN, height), (-10, 0), textcoords="offset points", **style)


def _draw_ellipses(ax: Axes) -> None:
    """Draw the regions that hold 95% under the exact posterior and under mean field's."""
    radius = np.sqrt(-2 * np.log(1 - 0.95))  # chi-squared of two degrees of freedom
    long, short = (2 * radius * np.sqrt(1 + sign * SHOWN) for sign in (1, -1))
    factor = 2 * radius * np.sqrt(1 - SHOWN**2)
    look = {"fill": True, "alpha": 0.18, "linewidth": 0}
    for width, height, angle, colour in ((long, short, 45, EM), (factor, factor, 0, MFVI)):
        ax.add_patch(Ellipse((0, 0), width, height, angle=angle, color=colour, **look))
        edge = Ellipse((0, 0), width, height, angle=angle, fill=False, color=colour, linewidth=2.2)
        ax.add_patch(edge)
    reach = 1.12 * radius
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    ax.set_xlabel("one coefficient")
    ax.set_ylabel("the other")
    ax.set(xticks=[], yticks=[])
    ax.axhline(0, color=MUTED, linewidth=0.6)
    ax.axvline(0, color=MUTED, linewidth=0.6)
    ax.set_title(f"95% regions at correlation {SHOWN}")
    ax.text(0.62 * reach, 0.62 * reach, "EM", color=EM, ha="center", fontweight="bold")
    ax.text(-0.4 * reach, 0.5 * reach, "MFVI", color=MFVI, ha="right", fontweight="bold")
