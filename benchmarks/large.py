"""Large tables: `make bench-large`, or python -m benchmarks.large FOLDER [--run NAME].

Without a name: how time and memory grow, up to the largest size. With one: a named run, from the
table to the deck; what it has done stays in its folder, and the same command goes on from there.
"""

import argparse
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.growth import measure_growth
from benchmarks.growth_shown import write_figure
from benchmarks.machine import Machine, this_machine
from benchmarks.workflow import ONE_SCHEME, PVE, Finished, Job, make_table, run_workflow
from mixedmodel.store.results import write_result

DECK = ("deck.pptx",)


@dataclass(frozen=True)
class Large:
    """A named run: a table of genotypes and settings laid over config.yaml."""

    n: int
    p: int
    kind: str  # text or parquet
    settings: Mapping[str, Any]


RUNS = {
    "5000x50000": Large(5_000, 50_000, "text", {"memory_mb": 1000}),
    "20000x100000": Large(
        20_000, 100_000, "parquet", {"spectral": {"method": "exact"}, **ONE_SCHEME}
    ),
    "100000x100000": Large(
        100_000,
        100_000,
        "parquet",
        {"spectral": {"method": "krylov", "tolerance": 0.1}, **ONE_SCHEME},
    ),
}


@dataclass(frozen=True)
class Told:
    """What ``summary.json`` of a named run holds.

    seconds     of this call; of all jobs, if some were done before
    peak_mb     of the largest job
    pve         EM's, beside the true one; its standard error; None where there is none
    spectral    how the spectral form was found, as ``estimates.json`` tells it
    """

    machine: Machine
    n: int
    p: int
    input_mb: float
    settings: Mapping[str, Any]
    seconds: float
    seconds_of_jobs: float
    peak_mb: float
    jobs: tuple[Job, ...]
    certified: Mapping[str, bool]
    pve_true: float
    pve: float | None
    pve_standard_error: float | None
    spectral: Mapping[str, Any] | None


def tell(machine: Machine, run: Large, finished: Finished) -> Told:
    """Sum up a named run."""
    fits = {key: finished.result(f"{key}/estimates.json") for key in ("em", "mfvi")}
    exact = fits["em"]
    return Told(
        machine=machine,
        n=run.n,
        p=run.p,
        input_mb=finished.input_mb,
        settings=run.settings,
        seconds=finished.seconds,
        seconds_of_jobs=sum(job.seconds for job in finished.jobs),
        peak_mb=max(job.peak_mb for job in finished.jobs),
        jobs=finished.jobs,
        certified={key: fit["certificate"]["certified"] for key, fit in fits.items()},
        pve_true=PVE,
        pve=exact["pve"],
        pve_standard_error=(exact["standard_errors"] or {}).get("pve"),
        spectral=exact.get("spectral"),
    )


def run_named(name: str, folder: Path) -> None:
    """Do a named run in a folder of its own."""
    run, place, machine = RUNS[name], folder / name, this_machine()
    finished = run_workflow(make_table(place, run.n, run.p, run.kind), run.settings, DECK)
    told = tell(machine, run, finished)
    write_result(place / "summary.json", told)
    for job in told.jobs:
        took = f"{job.seconds:10.1f} s {job.cpu_seconds:10.1f} s of the processor"
        print(f"{job.name:24} {took} {job.peak_mb:8.0f} MB")
    print(f"{place / 'summary.json'}: {told.seconds:.0f} s, at most {told.peak_mb:.0f} MB a job")


def run_growth(largest: str, folder: Path) -> None:
    """Measure growth; write its summary and its figure."""
    n, p = map(int, largest.split("x"))
    growth = measure_growth(this_machine(), (n, p), folder)
    write_result(folder / "summary.json", growth)
    write_figure(growth, folder)
    print(f"{folder / 'summary.json'}, growth.png and growth.svg")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--run", choices=[*RUNS, ""], default="", help="a named run")
    parser.add_argument("--largest", default="4000x32000", help="size up to which tables grow")
    chosen = parser.parse_args()
    if chosen.run:
        run_named(chosen.run, chosen.folder)
    else:
        run_growth(chosen.largest, chosen.folder / "growth")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main()
