"""The real workflow on a table of genotypes, and what each of its jobs has taken."""

import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from benchmarks.genotypes import drawn_table, write_parquet, write_text
from mixedmodel.store.files import read_json, whole_file

ROOT = Path(__file__).parents[1]
NAME = "table"  # of the data set
PVE = 0.4
WRITERS = {"text": (write_text, "table.txt"), "parquet": (write_parquet, "table.parquet")}
FITS = ("em/estimates.json", "mfvi/estimates.json")
DATASET = {
    "response": "y",
    "fixed": ["age"],
    "random": "snp.",
    "intercept": True,
    "standardize": True,
    "likelihood": "reml",  # the centred columns and the intercept leave a pole to the other
}
ONE_SCHEME: dict[str, Any] = {"em": {"also": []}, "mfvi": {"also": []}}
TOOK = re.compile(r"done; (\S+) s of the processor, peak memory (\S+) MB")


@dataclass(frozen=True)
class Job:
    """A job of the workflow: wall time, with the start of Python, and what its log says it took.

    ``cpu_seconds`` of the processor are little troubled by what else runs.
    """

    name: str
    seconds: float
    cpu_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Finished:
    """A run of the workflow in ``folder``."""

    folder: Path
    input_mb: float
    seconds: float
    jobs: tuple[Job, ...]

    def result(self, file: str) -> Any:
        """Read a JSON file of the results."""
        return read_json(self.folder / "results" / NAME / file)

    def job(self, name: str) -> Job:
        """Return a job by its name."""
        return next(job for job in self.jobs if job.name == name)

    def sweeps(self) -> int:
        """Return how many E-steps mean field has done."""
        trace = pd.read_parquet(self.folder / "results" / NAME / "mfvi" / "trace.parquet")
        return int(trace["map_evaluations"].max())


def make_table(folder: Path, n: int, p: int, kind: str) -> Path:
    """Draw a table of genotypes as ``text`` or ``parquet``, unless it is there."""
    write, name = WRITERS[kind]
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with drawn_table(folder, n, p, pve=PVE) as drawn:
            write(drawn, path)
    return path


def run_workflow(
    table: Path, settings: Mapping[str, Any], targets: tuple[str, ...] = FITS
) -> Finished:
    """Run the workflow on a table, in the folder that it is in, up to some files of its results."""
    folder = table.parent
    dataset = {NAME: {"path": table.name, **DATASET}}
    with whole_file(folder / "config.yaml") as file:
        text = yaml.safe_dump({"run": NAME, "datasets": dataset, **settings}, sort_keys=False)
        file.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile"]
    profile = ["--workflow-profile", ROOT / "workflow" / "profiles" / "default"]
    wanted = [f"results/{NAME}/{target}" for target in targets]
    options = ["--cores", "all", "--configfile", "config.yaml"]
    start = time.perf_counter()
    subprocess.run(
        [*map(str, command), *wanted, *map(str, profile), *options], cwd=folder, check=True
    )
    seconds = time.perf_counter() - start
    return Finished(folder, table.stat().st_size / 1e6, seconds, tuple(jobs_of(folder)))


def jobs_of(folder: Path) -> list[Job]:
    """Return the jobs of a run in the order in which they ended."""
    results = folder / "results" / NAME
    measured = sorted(results.glob("benchmarks/*.tsv"), key=lambda file: file.stat().st_mtime_ns)
    return [_job(file, results / "logs" / f"{file.stem}.log") for file in measured]


def _job(measured: Path, log: Path) -> Job:
    """Read what Snakemake has measured of a job, and the end of its log."""
    took = TOOK.findall(log.read_text(encoding="utf-8"))
    cpu_seconds, peak_mb = map(float, took[-1]) if took else (0.0, 0.0)
    return Job(
        name=measured.stem,
        seconds=float(pd.read_csv(measured, sep="\t")["s"].iloc[0]),
        cpu_seconds=cpu_seconds,
        peak_mb=peak_mb,
    )
