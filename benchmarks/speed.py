"""Speed side by side: `make bench`, or python -m benchmarks.speed FOLDER.

Each contender runs in a process of its own, five times, in turn with all others, so that noise of
the machine hits all alike. Nothing is asserted: wall times belong to the machine.
"""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np

from benchmarks.contenders import LEFT_OUT, TASKS, Contender, Task
from benchmarks.judge import CONVENTIONS, Judge
from benchmarks.machine import Machine, this_machine
from benchmarks.measure import Measured
from benchmarks.outcome import Objective
from benchmarks.peers import write_for_gemma
from benchmarks.table import Table
from mixedmodel.model.design import Design
from mixedmodel.model.simulate import simulate
from mixedmodel.model.spectral import decompose_columns
from mixedmodel.model.types import Array, Theta
from mixedmodel.store.decomposition import write_decomposition
from mixedmodel.store.results import write_result
from mixedmodel.store.simulated import write_simulated

ROOT = Path(__file__).parents[1]
SIZES = ((1000, 6000), (3000, 1000))  # the exercise's, and more rows than columns
FIXED = 30  # fixed effects beside an intercept, without which GEMMA takes none
PVE = 0.3
RUNS = 5
THREADS = 1  # of BLAS, and of what else counts them
LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
NOT_INSTALLED, FAILED = "not installed", "failed"

logger = logging.getLogger("mixedmodel.benchmarks")


@dataclass(frozen=True)
class Spread:
    """A median and its quartiles."""

    median: float
    lower: float
    upper: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        """Return those of some values."""
        return cls(*np.quantile(values, [0.5, 0.25, 0.75]).tolist())


@dataclass(frozen=True)
class Row:
    """A contender at a task.

    seconds  over the runs; None where it is not installed, or has failed
    cpu_seconds  of the processor, and of the programs called: the median
    ratio    of its median to ours
    nats     from the certified optimum of the objective
    """

    task: str
    name: str
    kind: str
    seconds: Spread | None = None
    cpu_seconds: float | None = None
    peak_mb: float | None = None
    ratio: float | None = None
    objective: Objective | None = None
    nats: float | None = None
    remark: str = ""


@dataclass(frozen=True)
class Compared:
    """All contenders on one table, and the optima (nats) that they are held to."""

    n: int
    c: int
    p: int
    text_mb: float
    optima: dict[Objective, float]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Summary:
    """What ``summary.json`` holds."""

    machine: Machine
    threads: int
    runs: int
    objectives: dict[Objective, str]
    left_out: dict[str, str]
    tables: tuple[Compared, ...]


def make_table(folder: Path, n: int, p: int) -> tuple[Table, Judge]:
    """Draw a table with an intercept and write it for all contenders."""
    drawn = simulate(np.random.default_rng(1), n=n, c=FIXED, p=p, pve=PVE)
    Z: Array = np.asfortranarray(np.column_stack([np.ones(n), drawn.Z]))
    theta = Theta(np.append(0.0, drawn.theta.w), drawn.theta.sigma_beta2, drawn.theta.sigma_e2)
    table = Table(folder)
    table.keep(y=drawn.y, Z=Z, X=drawn.X)
    files = {"truth": folder / "truth.json", "effects": folder / "effects.parquet"}
    write_simulated(replace(drawn, Z=Z, theta=theta), text=table.text, **files)
    write_for_gemma(table)
    write_decomposition(table.decomposition, decompose_columns(Design.of(drawn.X), Z))
    return table, Judge(drawn.y, Z, drawn.X)


def compare(folder: Path, n: int, p: int, *, runs: int) -> Compared:
    """Let all contenders run on a table of this size."""
    table, judge = make_table(folder, n, p)
    found: dict[Contender, list[Measured]] = {}
    broken: dict[Contender, str] = {}
    everybody = [(task, each) for task in TASKS for each in task.contenders if each.is_installed]
    for run in range(runs):
        for task, each in everybody:
            if each in broken:
                continue
            try:
                measured = in_own_process(table, task, each)
            except subprocess.CalledProcessError as error:
                broken[each] = f"{FAILED}: {error.stderr.strip().splitlines()[-1]}"
                logger.warning("%s: %s", each.name, broken[each])
                continue
            found.setdefault(each, []).append(measured)
            logger.info(
                *("%d x %d, run %d of %d: %s, %s, %.4g s", n, p, run + 1, runs),
                *(task.title, each.name, measured.seconds),
            )
    return Compared(
        n=n,
        c=judge.Z.shape[1],
        p=p,
        text_mb=table.text.stat().st_size / 1e6,
        optima={objective: judge.optimum(objective) for objective in CONVENTIONS},
        rows=tuple(row for task in TASKS for row in rows_of(task, found, broken, judge)),
    )


def in_own_process(table: Table, task: Task, chosen: Contender) -> Measured:
    """Measure once, with as many threads for everybody and the package of this tree."""
    limits = {**dict.fromkeys(LIMITS, str(THREADS)), "PYTHONPATH": str(ROOT / "scripts")}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.measure", str(table.folder), task.key, chosen.name],
        cwd=ROOT,
        env={**os.environ, **limits},
        capture_output=True,
        text=True,
        check=True,
    )
    return msgspec.convert(json.loads(done.stdout.splitlines()[-1]), Measured)


def rows_of(
    task: Task,
    found: Mapping[Contender, list[Measured]],
    broken: Mapping[Contender, str],
    judge: Judge,
) -> Iterator[Row]:
    """Sum up a task; ours comes first."""
    first = found.get(task.contenders[0])
    ours = Spread.of([one.seconds for one in first]).median if first else None
    for each in task.contenders:
        row = Row(task.key, each.name, each.kind)
        if each in broken or each not in found:
            yield replace(row, remark=broken.get(each, NOT_INSTALLED))
            continue
        runs = found[each]
        seconds, outcome = Spread.of([one.seconds for one in runs]), runs[-1].outcome
        estimate = outcome.estimate
        yield replace(
            row,
            seconds=seconds,
            cpu_seconds=Spread.of([one.cpu_seconds for one in runs]).median,
            peak_mb=Spread.of([one.peak_mb for one in runs]).median,
            ratio=seconds.median / ours if ours else None,
            objective=estimate.objective if estimate else None,
            nats=judge.shortfall(estimate) if estimate else None,
            remark=outcome.remark,
        )


def run_all(*, sizes: tuple[tuple[int, int], ...] = SIZES, runs: int = RUNS) -> Summary:
    """Compare on tables of all sizes."""
    machine = this_machine()
    tables = []
    for n, p in sizes:
        with TemporaryDirectory() as folder:
            tables.append(compare(Path(folder), n, p, runs=runs))
    return Summary(machine, THREADS, runs, CONVENTIONS, LEFT_OUT, tuple(tables))


def main(folder: Path) -> None:
    """Write summary, table and figure to ``folder``."""
    from benchmarks.speed_shown import write_figure, write_tables

    summary = run_all()
    write_result(folder / "summary.json", summary)
    write_tables(summary, folder)
    write_figure(summary, folder)
    print((folder / "table.md").read_text(encoding="utf-8"))
    print(f"{folder / 'summary.json'}, table.csv, table.md, speed.png and speed.svg")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main(Path(sys.argv[1]))
