"""The side-by-side benchmark as a table and as a figure."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from benchmarks.contenders import TASKS
from benchmarks.saved import save
from benchmarks.speed import Compared, Row, Summary
from mixedmodel.report import numbers
from mixedmodel.report.figures.axes import decade_axis
from mixedmodel.report.style import EM, INK, MFVI, MUTED, RULE, SMALL_POINTS
from mixedmodel.store.files import whole_file

INCHES = (12.0, 8.6)
NO_DIFFERENCE = 1e-9  # nats; less is rounding
OBJECTIVES = {"ml": "ML", "reml": "REML", "elbo": "bound", None: ""}
HEAD = "| step | by | seconds (quartiles) | of ours | MB | nats short | |"


@dataclass(frozen=True)
class Mark:
    """How a kind of contender is drawn."""

    words: str
    color: str
    symbol: dict[str, Any]


MARKS = {
    "ours": Mark("this program", EM, {"marker": "o", "ms": 8}),
    "bound": Mark("its mean field", MFVI, {"marker": "o", "ms": 8}),
    "peer": Mark("another program", MUTED, {"marker": "s", "ms": 7}),
    "floor": Mark("the bare operations", INK, {"marker": "|", "ms": 11, "mew": 2.5}),
}


def write_tables(summary: Summary, folder: Path) -> None:
    """Write ``table.csv`` in full precision and ``table.md`` to be read."""
    rows = [
        {"n": one.n, "c": one.c, "p": one.p, **flat(row)}
        for one in summary.tables
        for row in one.rows
    ]
    with whole_file(folder / "table.csv") as file:
        pd.DataFrame(rows).to_csv(file, index=False)
    with whole_file(folder / "table.md") as file:
        file.write_text(markdown(summary), encoding="utf-8")


def flat(row: Row) -> dict[str, object]:
    """Return a row without anything in it that has parts."""
    seconds = row.seconds
    spread = {
        "seconds": seconds and seconds.median,
        "seconds_lower_quartile": seconds and seconds.lower,
        "seconds_upper_quartile": seconds and seconds.upper,
    }
    return {key: value for key, value in vars(row).items() if key != "seconds"} | spread


def markdown(summary: Summary) -> str:
    """Return the tables of all sizes with the machine and the conventions."""
    machine = summary.machine
    programs = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    left_out = "; ".join(f"{name}, which {why}" for name, why in summary.left_out.items())
    parts = [
        f"{machine.cpu}, {machine.cores} cores, {machine.memory_gb:g} GB, {machine.system}; "
        f"load {machine.load:g} at the beginning. BLAS: {machine.blas}, threads: "
        f"{summary.threads}. {programs}.",
        f"Seconds are medians of {summary.runs} runs, each in a process of its own, the contenders "
        "in turn; MB is the peak of the process, with its libraries and its input. *nats short*: "
        "how far the estimates are below our certified optimum, all in our log-likelihood.",
        *(markdown_table(one) for one in summary.tables),
        f"Not measured: {left_out}.",
    ]
    return "\n\n".join(parts) + "\n"


def markdown_table(one: Compared) -> str:
    """Return the table of one size."""
    title = (
        f"**{one.n:,} rows, {one.c} fixed and {one.p:,} random effects** "
        f"({one.text_mb:.0f} MB as text)"
    )
    lines = [title, "", HEAD, "|---|---|--:|--:|--:|--:|---|"]
    before = None
    for row in one.rows:
        step = "" if row.task == before else titles()[row.task]
        cells = (step, row.name, _seconds(row), _ratio(row), _memory(row), _nats(row), row.remark)
        lines.append(f"| {' | '.join(cells)} |")
        before = row.task
    return "\n".join(lines)


def titles() -> dict[str, str]:
    """Return what the tasks are called."""
    return {task.key: task.title for task in TASKS}


def _seconds(row: Row) -> str:
    if row.seconds is None:
        return numbers.MISSING
    told = (numbers.significant(value, 2) for value in vars(row.seconds).values())
    median, lower, upper = told
    return f"{median} ({lower} to {upper})"


def _ratio(row: Row) -> str:
    return numbers.MISSING if row.ratio is None else numbers.significant(row.ratio, 2)


def _memory(row: Row) -> str:
    return numbers.MISSING if row.peak_mb is None else numbers.count(row.peak_mb)


def _nats(row: Row) -> str:
    """Return the nats short with the objective; what is below rounding as a bound."""
    if row.nats is None:
        return ""
    least = f"below {numbers.power_of_ten(-9)}"
    told = least if abs(row.nats) < NO_DIFFERENCE else numbers.significant(row.nats, 2)
    return f"{told} ({OBJECTIVES[row.objective]})"


def write_figure(summary: Summary, folder: Path) -> None:
    """Draw the seconds of all contenders, a panel a table, as ``speed.png`` and ``speed.svg``."""
    with save(folder / "speed", INCHES) as figure:
        draw(summary, figure)


def draw(summary: Summary, figure: Figure) -> None:
    """Draw medians with their quartiles, a line a contender."""
    panels = figure.subplots(1, len(summary.tables), sharey=True, squeeze=False)[0]
    for ax, one in zip(panels, summary.tables, strict=True):
        draw_table(ax, one)
    told = "seconds, median and quartiles; beside the others, how many times ours"
    figure.supxlabel(told, fontsize=SMALL_POINTS)
    shown = [Line2D([], [], ls="", color=each.color, **each.symbol) for each in MARKS.values()]
    words = [each.words for each in MARKS.values()]
    figure.legend(shown, words, loc="outside upper left", ncols=len(MARKS), handletextpad=0.2)


def draw_table(ax: Axes, one: Compared) -> None:
    """Draw the contenders on one table, in the order of the tasks."""
    places, place, before = [], 0.0, None
    for row in one.rows:
        place += 1.0 if row.task == before or before is None else 1.5
        if before not in (None, row.task):
            ax.axhline(place - 0.75, color=RULE, linewidth=1)
        places.append(place)
        before = row.task
        _draw_row(ax, row, place)
    ax.set_ylim(places[-1] + 0.7, 0.3)
    ax.set_yticks(places, [_label(one, k) for k in range(len(one.rows))], fontsize=SMALL_POINTS)
    ax.tick_params(axis="y", length=0)
    ax.grid(False, axis="y")
    ax.set_xscale("log")
    decade_axis(ax, "x", ticks=6)
    low, high = ax.get_xlim()
    ax.set_xlim(low, high * (high / low) ** 0.18)  # room for the ratios
    ax.set_title(f"{one.n:,} rows, {one.p:,} random effects")


def _label(one: Compared, k: int) -> str:
    """Return the name of a row, led by its task where that begins."""
    row = one.rows[k]
    if k and one.rows[k - 1].task == row.task:
        return row.name
    return f"{titles()[row.task]}:  {row.name}"


def _draw_row(ax: Axes, row: Row, place: float) -> None:
    """Draw a contender, or say why there is nothing to draw."""
    if row.seconds is None:
        across = ax.get_yaxis_transform()
        ax.text(0.02, place, row.remark, transform=across, va="center", fontsize=SMALL_POINTS)
        return
    mark = MARKS["bound" if row.objective == "elbo" else row.kind]
    ax.plot([row.seconds.lower, row.seconds.upper], [place, place], color=mark.color, linewidth=2)
    ax.plot(row.seconds.median, place, color=mark.color, **mark.symbol)
    if row.kind != "ours" and row.ratio is not None:
        told, end = f"{numbers.TIMES} {numbers.significant(row.ratio, 2)}", row.seconds.upper
        text = ax.annotate(told, (end, place), (8, 0), textcoords="offset points", va="center")
        text.set_fontsize(SMALL_POINTS)
