"""Growth as a figure: measured and foreseen, on logarithmic axes."""

from collections.abc import Callable
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from benchmarks.growth import LEAST_MB, LEAST_SECONDS, THEORY, Curve, Growth, Point
from benchmarks.saved import save
from mixedmodel.report import numbers
from mixedmodel.report.figures.axes import DASHED, decade_axis
from mixedmodel.report.style import ACCENT, EM, FIXED, INK, LEAST_POINTS, MFVI, MUTED

INCHES = (12.0, 9.4)
COLORS = {"import_table": FIXED, "decompose": ACCENT, "fit_em": EM, "fit_mfvi": MFVI}
SIDES = {"n": "rows n", "p": "random effects p"}

Value = Callable[[Point], float | None]


def write_figure(growth: Growth, folder: Path) -> None:
    """Draw ``growth.png`` and ``growth.svg``."""
    with save(folder / "growth", INCHES) as figure:
        draw(growth, figure)


def draw(growth: Growth, figure: Figure) -> None:
    """Draw time above memory, along n and along p."""
    panels = figure.subplots(2, 2)
    for column, side in enumerate(SIDES):
        curves = [curve for curve in growth.curves if curve.side == side]
        for ax in panels[:, column]:
            ax.set_xlabel(SIDES[side])
        _draw_time(panels[0, column], curves)
        _draw_memory(panels[1, column], curves)
        other = "p" if side == "n" else "n"
        fixed = numbers.count(getattr(curves[0].points[0], other))
        panels[0, column].set_title(f"Time, {other} = {fixed}")
        panels[1, column].set_title(f"Memory, {other} = {fixed}")
    panels[0, 0].set_ylabel("seconds of the processor")
    panels[1, 0].set_ylabel("MB")
    lines = [Line2D([], [], color=MUTED, marker="o"), Line2D([], [], color=MUTED, ls=DASHED)]
    told = ["measured, beyond a table of 60 rows", "theory; slopes: measured (theory)"]
    figure.legend(lines, told, loc="outside upper left", ncols=2)


def _draw_time(ax: Axes, curves: list[Curve]) -> None:
    for curve in curves:
        name = _name(curve.job, curve.time_slope, curve.theory_time_slope)
        _draw(ax, curve, name, lambda at: at.cpu_seconds, lambda at: at.theory_time, LEAST_SECONDS)
    _finish(ax, curves)


def _draw_memory(ax: Axes, curves: list[Curve]) -> None:
    for curve in curves:
        name = _name(curve.job, curve.memory_slope, curve.theory_memory_slope)
        _draw(ax, curve, name, lambda at: at.peak_mb, lambda at: at.theory_memory, LEAST_MB)
    _finish(ax, curves)


def _draw(ax: Axes, curve: Curve, name: str, measured: Value, theory: Value, least: float) -> None:
    """Draw a job, and theory scaled to pass through the largest table."""
    color = COLORS.get(curve.job, INK)
    lengths = [getattr(point, curve.side) for point in curve.points]
    values = [measured(point) or 0.0 for point in curve.points]
    seen = [(x, y) for x, y in zip(lengths, values, strict=True) if y > least]
    ax.plot(*zip(*seen, strict=True) if seen else ([], []), "o-", color=color, label=name)
    foreseen = [theory(point) for point in curve.points]
    last = foreseen[-1]
    if seen and last is not None:
        scaled = [value / last * values[-1] for value in foreseen if value is not None]
        ax.plot(lengths, scaled, color=color, linestyle=DASHED, linewidth=1.5)


def _finish(ax: Axes, curves: list[Curve]) -> None:
    ax.set_xscale("log")
    ax.set_yscale("log")
    decade_axis(ax, "y", ticks=6)
    lengths = [getattr(point, curves[0].side) for point in curves[0].points]
    ax.set_xticks(lengths, [numbers.count(length) for length in lengths], minor=False)
    ax.set_xticks([], minor=True)
    ax.legend(fontsize=LEAST_POINTS, loc="upper left")
    low, high = ax.get_ylim()
    ax.set_ylim(low, high * (high / low) ** 0.6)  # room for the legend


def _name(job: str, measured: float | None, theory: float | None) -> str:
    """Return a job with its slopes; of one without theory, as measured."""
    seen = "unseen" if measured is None else numbers.fixed(measured, 1)
    foreseen = "flat" if theory is None else numbers.fixed(theory, 1)
    return f"{job}: {seen} ({foreseen})" if job in THEORY else f"{job}: {seen}"
