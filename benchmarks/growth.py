"""How time and memory of each job grow with the table, beside what theory says of it.

The likelihood is the restricted one, so that a job holds X and its contrasts.
"""

import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.machine import Machine
from benchmarks.workflow import ONE_SCHEME, Finished, make_table, run_workflow
from mixedmodel.model.cost import Costs, matrix_mb
from mixedmodel.model.method import BLOCK

DOUBLINGS = 3
SMALL = (60, 120)  # a table on which jobs take what they take on any
FIXED = 2  # age and the intercept
LEAST_SECONDS, LEAST_MB = 0.1, 5.0  # beyond those of the small table; less is noise

logger = logging.getLogger("mixedmodel.benchmarks")


@dataclass(frozen=True)
class Size:
    """A table, and how many sweeps mean field needed on it."""

    n: int
    p: int
    sweeps: int

    @property
    def costs(self) -> Costs:
        """Leading terms of its algorithms."""
        return Costs(self.n, self.p, FIXED, BLOCK)


@dataclass(frozen=True)
class Theory:
    """What the time and the memory of a job are proportional to; None: it doesn't grow."""

    time: Callable[[Size], float]
    memory: Callable[[Size], float] | None


def cells(size: Size) -> float:
    """Return n p."""
    return float(size.n) * size.p


def square(size: Size) -> float:
    """Return the megabytes of a square of the smaller side, held beside X."""
    return matrix_mb(size.n, min(size.n, size.p))


THEORY = {
    "import_table": Theory(cells, None),
    "decompose": Theory(
        lambda size: size.costs.decomposition,
        lambda size: 2 * matrix_mb(size.n, size.p) + 3 * square(size),
    ),
    "fit_em": Theory(
        lambda size: 2 * cells(size) * min(size.n, size.p),
        lambda size: 2 * matrix_mb(size.n, size.p) + square(size),
    ),
    "fit_mfvi": Theory(
        lambda size: size.sweeps * size.costs.sweep,
        lambda size: 2 * matrix_mb(size.n, size.p) + square(size) + size.costs.blocks / 1e6,
    ),
}


@dataclass(frozen=True)
class Point:
    """What a job has taken on a table, beyond what it takes on a small one.

    Slopes are those of ``cpu_seconds``, which are little troubled by what else runs.
    """

    n: int
    p: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    theory_time: float | None  # floating-point operations, or numbers read
    theory_memory: float | None  # megabytes


@dataclass(frozen=True)
class Curve:
    """A job while one side of the table is doubled, and the slopes on logarithmic axes.

    A slope is None where there is nothing to measure beyond noise, or no theory.
    """

    side: str  # n or p
    job: str
    points: tuple[Point, ...]
    time_slope: float | None
    theory_time_slope: float | None
    memory_slope: float | None
    theory_memory_slope: float | None


@dataclass(frozen=True)
class Growth:
    """What ``summary.json`` holds; ``base`` is what jobs took on the small table."""

    machine: Machine
    base: tuple[Point, ...]
    curves: tuple[Curve, ...]


def sizes(largest: tuple[int, int]) -> dict[str, list[tuple[int, int]]]:
    """Return the tables on which one side is doubled up to the largest."""
    n, p = largest
    parts = [2**k for k in range(DOUBLINGS, -1, -1)]
    return {"n": [(n // part, p) for part in parts], "p": [(n, p // part) for part in parts]}


def measure_growth(machine: Machine, largest: tuple[int, int], folder: Path) -> Growth:
    """Run the workflow on all sizes; their files are made in ``folder`` and deleted again."""
    base = run_size(folder, *SMALL)
    found = {}
    for n, p in dict.fromkeys(size for each in sizes(largest).values() for size in each):
        logger.info("%d x %d", n, p)
        found[n, p] = run_size(folder, n, p)
    curves = [
        curve(side, job.name, [(size, found[size]) for size in tables], base)
        for side, tables in sizes(largest).items()
        for job in base[1].jobs
    ]
    at_base = tuple(_point(base, base, job.name, beyond=False) for job in base[1].jobs)
    return Growth(machine, at_base, tuple(curves))


Run = tuple[Size, Finished]


def run_size(folder: Path, n: int, p: int) -> Run:
    """Make a table, run the workflow up to both fits, and leave nothing behind."""
    place = folder / f"{n}x{p}"
    finished = run_workflow(make_table(place, n, p, "text"), ONE_SCHEME)
    size = Size(n, p, finished.sweeps())
    shutil.rmtree(place)
    return size, finished


def curve(side: str, job: str, runs: Sequence[tuple[tuple[int, int], Run]], base: Run) -> Curve:
    """Return how a job grows along the tables of ``runs``."""
    points = tuple(_point(run, base, job) for _, run in runs)
    lengths = [getattr(point, side) for point in points]
    return Curve(
        side=side,
        job=job,
        points=points,
        time_slope=slope(lengths, [point.cpu_seconds for point in points], LEAST_SECONDS),
        theory_time_slope=slope(lengths, [point.theory_time for point in points]),
        memory_slope=slope(lengths, [point.peak_mb for point in points], LEAST_MB),
        theory_memory_slope=slope(lengths, [point.theory_memory for point in points]),
    )


def slope(
    lengths: Sequence[float], values: Sequence[float | None], least: float = 0.0
) -> float | None:
    """Return the least-squares slope on logarithmic axes of the values above ``least``.

    None where fewer than two are, or where there are none.
    """
    seen = [(x, y) for x, y in zip(lengths, values, strict=True) if y is not None and y > least]
    if len(seen) < 2:
        return None
    x, y = np.log(np.array(seen, float)).T
    return float(np.polyfit(x, y, 1)[0])


def _point(run: Run, base: Run, name: str, *, beyond: bool = True) -> Point:
    """Return what a job took in a run, ``beyond`` what it took in the base."""
    size, finished = run
    job, small = finished.job(name), base[1].job(name)
    theory = THEORY.get(name)
    return Point(
        n=size.n,
        p=size.p,
        seconds=job.seconds - beyond * small.seconds,
        cpu_seconds=job.cpu_seconds - beyond * small.cpu_seconds,
        peak_mb=job.peak_mb - beyond * small.peak_mb,
        theory_time=theory.time(size) if theory else None,
        theory_memory=theory.memory(size) if theory and theory.memory else None,
    )
