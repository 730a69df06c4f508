"""Other programs on the same table, called as their documentation does."""

import logging
import math
import re
import subprocess
import time
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.outcome import Estimate, Outcome, Work
from benchmarks.table import Table
from mixedmodel.memory import peak_mb
from mixedmodel.model.projection import contrasts_of

LOOK = 0.01  # seconds between two looks at the memory of a program


def glimix(table: Table) -> Work:
    """glimix-core's linear mixed model, by maximum likelihood."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own dependencies
        from glimix_core.lmm import LMM
        from numpy_sugar.linalg import economic_qs, economic_qs_linear

    y, Z, X = table.y, table.Z, table.X
    wide = X.shape[0] <= X.shape[1]

    def work() -> Outcome:
        QS = economic_qs(X @ X.T) if wide else economic_qs_linear(X, return_q1=False)
        found = LMM(y, Z, QS, restricted=False)
        found.fit(verbose=False)
        omega = tuple(np.asarray(found.beta).tolist())
        return Outcome(estimate=Estimate("ml", float(found.v0), float(found.v1), omega))

    return work


def bayesian_ridge(table: Table) -> Work:
    """scikit-learn's BayesianRidge on contrasts free of Z, which makes its evidence our REML."""
    from sklearn.linear_model import BayesianRidge

    y, Z, X = table.y, table.Z, table.X
    flat = dict.fromkeys(("alpha_1", "alpha_2", "lambda_1", "lambda_2"), 0.0)

    def work() -> Outcome:
        model = BayesianRidge(fit_intercept=False, copy_X=False, **flat)
        model.fit(contrasts_of(Z, X), contrasts_of(Z, y[:, None])[:, 0])
        remark = f"{model.n_iter_} iterations by its defaults"
        return Outcome(remark, Estimate("reml", 1 / float(model.lambda_), 1 / float(model.alpha_)))

    return work


def fastlmm(table: Table) -> Work:
    """FaST-LMM's linear mixed model, by maximum likelihood."""
    from fastlmm.inference.lmm import LMM

    logging.disable(logging.WARNING)
    y, Z, X = table.y, table.Z, table.X
    wide = X.shape[0] <= X.shape[1]

    def work() -> Outcome:
        model = LMM()
        if wide:
            model.setK(X @ X.T)
        else:
            model.setG(X)
        model.setX(Z)
        model.sety(y)
        found = model.findH2(REML=False)
        total, share = float(found["sigma2"]), float(found["h2"])
        omega = tuple(np.ravel(found["beta"]).tolist())
        return Outcome(estimate=Estimate("ml", total * share, total * (1 - share), omega))

    return work


class Gemma:
    """GEMMA: relatedness from the text of X, then the null model by REML."""

    def __init__(self, table: Table) -> None:
        self.table, self.p = table, table.X.shape[1]
        self.peak = 0.0

    def __call__(self) -> Outcome:
        """Run both steps in a folder of their own."""
        given = self.table.folder
        files = ["-p", given / "phenotype.txt", "-c", given / "covariates.txt"]
        with TemporaryDirectory(dir=given) as name:
            folder = Path(name)
            self._run(
                folder, "-g", self.table.genotypes, *files[:2], "-gk", 1, "-notsnp", "-o", "k"
            )
            kinship = folder / "output" / "k.cXX.txt"
            one = given / "one_marker.txt"
            self._run(folder, "-g", one, *files, "-k", kinship, "-lmm", 5, "-o", "fit")
            log = (folder / "output" / "fit.log.txt").read_text(encoding="utf-8")
        vg, ve = (float(_number(log, key)) for key in ("vg", "ve"))
        estimate = Estimate("reml", vg / self.p, ve)
        return Outcome("reads X as text; relatedness, then the null model", estimate, self.peak)

    def _run(self, folder: Path, *arguments: object) -> None:
        """Run GEMMA and watch its memory."""
        command = ["gemma", *map(str, arguments)]
        null = subprocess.DEVNULL
        with subprocess.Popen(command, cwd=folder, stdout=null, stderr=null) as process:
            while process.poll() is None:
                self.peak = max(self.peak, peak_mb(process.pid))
                time.sleep(LOOK)
        if process.returncode:
            raise RuntimeError(f"gemma ended with {process.returncode}")


def _number(log: str, key: str) -> str:
    """Find an estimate of the null model in GEMMA's log."""
    found = re.search(rf"^## {key} estimate in the null model = (\S+)$", log, re.MULTILINE)
    return found[1] if found else str(math.nan)


def write_for_gemma(table: Table) -> None:
    """Write X, a single marker, y and Z as GEMMA takes them."""
    import pyarrow as pa
    from pyarrow import csv

    X, plain = table.X, csv.WriteOptions(include_header=False, quoting_style="none")
    n, p = X.shape
    alleles = [pa.array([f"X.{j + 1}" for j in range(p)]), pa.array(["A"] * p), pa.array(["T"] * p)]
    rows = np.asfortranarray(X.T)
    columns = [*alleles, *(pa.array(rows[:, i]) for i in range(n))]
    marker = pa.table(columns, names=[str(k) for k in range(n + 3)])
    csv.write_csv(marker, table.genotypes, plain)
    csv.write_csv(marker.slice(0, 1), table.folder / "one_marker.txt", plain)
    np.savetxt(table.folder / "phenotype.txt", table.y, fmt="%.17g")
    np.savetxt(table.folder / "covariates.txt", table.Z, fmt="%.17g")
