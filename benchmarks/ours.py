"""The steps of this project, as the workflow's jobs do them."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.outcome import Estimate, Objective, Outcome, Work
from benchmarks.table import Table
from mixedmodel.model.certificate import optimum
from mixedmodel.model.design import Design
from mixedmodel.model.effects import exact_effects
from mixedmodel.model.em import fit_em
from mixedmodel.model.method import Fit
from mixedmodel.model.mfvi import Sweeps, fit_mfvi
from mixedmodel.model.penalty import NONE
from mixedmodel.model.spectral import SpectralForm, decompose
from mixedmodel.store.decomposition import read_decomposition

MAX_ITER = 20_000
AMPLE_MB = 1e6  # X is held


def decomposition(table: Table) -> Work:
    """Decompose X that is in memory."""
    y, Z, X = table.y, table.Z, Design.of(table.X)
    return lambda: Outcome(f"rank {decompose(y, Z, X).rank}")


def em(table: Table) -> Work:
    """Fit by EM on the decomposition, with its certificate."""
    form = read_form(table)
    return lambda: _told(fit_em(replace(form), "squarem", max_iter=MAX_ITER), "ml")


def mfvi(table: Table) -> Work:
    """Fit by sweeps over X, with the certificate."""
    form, Z, X = read_form(table), table.Z, Design.of(table.X)

    def work() -> Outcome:
        fit, _ = fit_mfvi(Sweeps.prepare(replace(form), Z, X), "squarem", max_iter=MAX_ITER)
        return _told(fit, "elbo", unit="sweeps")

    return work


def effects(table: Table) -> Work:
    """Find the posterior mean and variance of every random effect."""
    form, X = read_form(table), Design.of(table.X)
    theta = optimum(form, NONE).theta

    def work() -> Outcome:
        return Outcome(f"{len(exact_effects(form, theta, X).mean):,} means and variances")

    return work


def fit(table: Table) -> Work:
    """Decompose X and fit by EM."""
    y, Z, X = table.y, table.Z, Design.of(table.X)
    return lambda: _told(fit_em(decompose(y, Z, X), "squarem", max_iter=MAX_ITER), "ml")


def reading(table: Table) -> Work:
    """Import the text: checked, and written as Parquet."""

    def work() -> Outcome:
        with TemporaryDirectory(dir=table.folder) as folder:
            _import(table, Path(folder))
        return Outcome("checked and written as Parquet")

    return work


def from_text(table: Table) -> Work:
    """Import the text, decompose X and fit by EM, from Parquet to Parquet as jobs do."""
    from mixedmodel.store.prepared import decompose_table
    from mixedmodel.store.table import read_fixed

    def work() -> Outcome:
        with TemporaryDirectory(dir=table.folder) as name:
            folder = Path(name)
            _import(table, folder)
            known = read_fixed(folder / "fixed.parquet")
            found = decompose_table(
                folder / "fixed.parquet",
                folder / "random",
                likelihood="ml",
                mem_mb=AMPLE_MB,
                method="exact",
                tolerance=1.0,
            )
        form = found.rotate(known.y, known.Z)
        return _told(fit_em(form, "squarem", max_iter=MAX_ITER), "ml")

    return work


def read_form(table: Table) -> SpectralForm:
    """Read the spectral form that the fits begin with."""
    return read_decomposition(table.decomposition).rotate(table.y, table.Z)


def _import(table: Table, folder: Path) -> None:
    from mixedmodel.store.importer import TableFiles, Wanted, import_table

    names = ("fixed.parquet", "random", "rows.parquet", "predict", "summary.json")
    wanted = Wanted("y", "Z.", "X.", intercept=False, standardize=False, missing="error")
    import_table(table.text, TableFiles(*(folder / name for name in names)), wanted)


def _told(fit: Fit, objective: Objective, unit: str = "map evaluations") -> Outcome:
    """Say where a fit ended, in the basis of the form's Q."""
    done = fit.trace.map_evaluations[-1]
    certified = "certified" if fit.certificate.certified else "not certified"
    theta = fit.theta
    estimate = Estimate(objective, theta.sigma_beta2, theta.sigma_e2)
    return Outcome(f"{done} {unit}, {certified}", estimate)
