"""The in-sample variance of X beta: what the means explain and what stays uncertain."""

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from mixedmodel.model.results import FittedVariance, Summary
from mixedmodel.report import numbers
from mixedmodel.report.figures.axes import number_axis, say_alone, typeset
from mixedmodel.report.style import EM, MFVI, MUTED, SMALL_POINTS, TEXT_POINTS

NOTHING = 1e-6  # of the response's variance; less is drawn as none
UNCERTAIN = 0.35  # opacity of the part that is posterior variance


def plot_fitted_variance(summary: Summary, figure: Figure) -> None:
    """Draw the two parts of the variance of X beta as stacked bars, one row a posterior.

    Variances are in squared units of y.
    """
    fitted = summary.fitted
    least = NOTHING * summary.data.response_variance
    rows = (
        ("EM", fitted.em, EM),
        ("MFVI at EM's\nparameters", fitted.mfvi_at_em, MFVI),
        ("MFVI at its own\nparameters", fitted.mfvi, MFVI),
    )
    largest = max(parts.total for _, parts, _ in rows)
    if largest <= least:
        say_alone(figure, "Without a random effect the fitted part Xβ has no variance.")
        return
    ax = figure.subplots()
    for row, (_, parts, color) in enumerate(rows):
        ax.barh(row, parts.mean_part, color=color, height=0.55)
        ax.barh(
            row,
            parts.uncertainty_part,
            left=parts.mean_part,
            color=color,
            height=0.55,
            alpha=UNCERTAIN,
        )
        ax.annotate(
            typeset(_told(parts, least)),
            (parts.total, row),
            (8, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL_POINTS,
            linespacing=1.4,
        )
    ax.set_xlim(0, 1.32 * largest)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks(range(len(rows)), [name for name, _, _ in rows], fontsize=TEXT_POINTS)
    ax.tick_params(axis="y", length=0)
    ax.grid(False, axis="y")
    ax.spines["left"].set_visible(False)
    number_axis(ax, "x")
    ax.set_xlabel("variance of the fitted random part Xβ, average over the rows")
    figure.legend(
        [Patch(color=MUTED), Patch(color=MUTED, alpha=UNCERTAIN)],
        ["of the posterior means", "posterior uncertainty"],
        loc="outside upper left",
        ncols=2,
        columnspacing=3.0,
    )


def _told(parts: FittedVariance, least: float) -> str:
    """Return the total and its two parts as the label of a bar."""
    if parts.total <= least:
        return "none"
    total, signal, spread = numbers.adding_up([parts.mean_part, parts.uncertainty_part])
    return f"{total}\n= {signal} + {spread}"
