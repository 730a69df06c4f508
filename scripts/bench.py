"""Time the costly steps side by side on a simulated table: `make bench`, or bench.py FOLDER.

Writes bench.csv (one row a variant: the median of the runs) and bench.txt, the same to be
read. Nothing is asserted: wall times belong to the machine.
"""

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from mixedmodel.model.ascent import starting_point
from mixedmodel.model.design import Design
from mixedmodel.model.em import fit_em
from mixedmodel.model.mfvi import Sweeps, fit_mfvi
from mixedmodel.model.simulate import Simulated, simulate
from mixedmodel.model.spectral import SpectralForm, decompose
from mixedmodel.model.types import Array, Scheme, Theta
from mixedmodel.store.files import whole_file
from mixedmodel.store.importer import TableFiles, Wanted, import_table
from mixedmodel.store.simulated import write_simulated

SIZE = {"n": 1000, "c": 30, "p": 6000}  # the exercise's
SCHEMES: tuple[Scheme, ...] = ("squarem", "px", "plain")
BLOCKS = (32, 64, 128, 256, 512)
MAX_ITER = 200_000  # enough for plain EM to arrive
SWEEPS = 400  # of each scheme of mean field; plain is far from arriving by then

logger = logging.getLogger("mixedmodel.bench")


@dataclass(frozen=True)
class Timing:
    """One variant of one step and the median of its wall times."""

    step: str
    variant: str
    seconds: float
    runs: int
    remark: str


def timed(step: str, variant: str, work: Callable[[], str], runs: int = 3) -> Timing:
    """Time ``work``, which says something about its result, ``runs`` times."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        remark = work()
        seconds.append(time.perf_counter() - start)
    logger.info("%s, %s: %.4g s", step, variant, median(seconds))
    return Timing(step, variant, median(seconds), runs, remark)


def bench_import(drawn: Simulated, folder: Path) -> Iterator[Timing]:
    """Time writing the table as text and reading it back."""
    text = folder / "table.txt"
    truth, effects = folder / "truth.json", folder / "effects.parquet"

    def write() -> str:
        write_simulated(drawn, text=text, truth=truth, effects=effects)
        return f"{text.stat().st_size / 1e6:.0f} MB"

    def read() -> str:
        names = ("fixed.parquet", "random", "rows.parquet", "predict", "summary.json")
        wanted = Wanted(None, "Z.", "X.", intercept=False, standardize=False, missing="error")
        summary = import_table(text, TableFiles(*(folder / name for name in names)), wanted)
        return f"{summary.n} rows, {summary.p} random effects"

    yield timed("text table", "write", write, runs=1)
    yield timed("text table", "import", read)


def bench_em(form: SpectralForm) -> Iterator[Timing]:
    """Time EM by scheme, each until it arrives."""

    def fit(scheme: Scheme) -> str:
        result = fit_em(form, scheme, max_iter=MAX_ITER)
        evaluations = result.trace.map_evaluations[-1]
        return f"{evaluations} map evaluations, {result.certificate.shortfall:.1e} nats short"

    for scheme in SCHEMES:
        yield timed("EM", scheme, partial(fit, scheme))


def bench_sweep(drawn: Simulated, form: SpectralForm) -> Iterator[Timing]:
    """Time one sweep over all columns: block triangular solves and the scalar loop."""
    theta = starting_point(form)
    reference = scalar_sweep(drawn, form, theta)

    def sweep(sweeps: Sweeps) -> str:
        mean, _ = sweeps.sweep(theta, np.zeros(form.p), np.zeros(form.n))
        return f"largest difference to the scalar loop {np.abs(mean - reference).max():.1e}"

    def loop() -> str:
        scalar_sweep(drawn, form, theta)
        return "the textbook update, one column at a time"

    yield timed("MFVI sweep", "scalar loop", loop)
    for block in BLOCKS:
        sweeps = Sweeps.prepare(form, drawn.Z, Design.of(drawn.X), block=block)
        yield timed("MFVI sweep", f"blocks of {block}", partial(sweep, sweeps), runs=20)


def scalar_sweep(drawn: Simulated, form: SpectralForm, theta: Theta) -> Array:
    """Return m (p,) after one sweep from m = 0 by the update of each m_j in turn."""
    residual = drawn.y - drawn.Z @ form.omega(theta.w)
    mean = np.zeros(form.p)
    variances = 1 / (form.col_norms2 / theta.sigma_e2 + 1 / theta.sigma_beta2)
    for j in range(form.p):
        column = drawn.X[:, j]
        mean[j] = variances[j] / theta.sigma_e2 * (column @ residual)
        residual = residual - column * mean[j]
    return mean


def bench_mfvi(drawn: Simulated, form: SpectralForm) -> Iterator[Timing]:
    """Time mean field by scheme, with the same number of sweeps at most."""
    sweeps = Sweeps.prepare(form, drawn.Z, Design.of(drawn.X))

    def fit(scheme: Scheme) -> str:
        result, _ = fit_mfvi(sweeps, scheme, max_iter=SWEEPS)
        done = result.trace.map_evaluations[-1]
        return f"{done} sweeps, {result.certificate.shortfall:.1e} nats short"

    for scheme in SCHEMES:
        yield timed("MFVI", scheme, partial(fit, scheme), runs=1)


def run_benchmarks() -> Iterator[Timing]:
    """Time every step on one simulated table."""
    drawn = simulate(np.random.default_rng(1), **SIZE, pve=0.3)
    with TemporaryDirectory() as folder:
        yield from bench_import(drawn, Path(folder))
    form = decompose(drawn.y, drawn.Z, Design.of(drawn.X))

    def spectral() -> str:
        return f"rank {decompose(drawn.y, drawn.Z, Design.of(drawn.X)).rank}"

    yield timed("spectral form", "smaller Gram side", spectral)
    yield from bench_em(form)
    yield from bench_sweep(drawn, form)
    yield from bench_mfvi(drawn, form)


def main(folder: Path) -> None:
    """Run the benchmarks and write their results to ``folder``."""
    frame = pd.DataFrame([asdict(timing) for timing in run_benchmarks()])
    size = ", ".join(f"{name} = {value}" for name, value in SIZE.items())
    threads = os.environ.get("OMP_NUM_THREADS", "as many as there are")
    title = f"{size}; BLAS threads: {threads}; median of the runs, in seconds\n\n"
    with whole_file(folder / "bench.csv") as file:
        frame.to_csv(file, index=False)
    with whole_file(folder / "bench.txt") as file:
        file.write_text(title + frame.to_string(index=False) + "\n", encoding="utf-8")
    logger.info("written to %s", folder / "bench.txt")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main(Path(sys.argv[1]))
