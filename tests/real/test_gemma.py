"""GEMMA itself on the heterogeneous-stock mice, ML and REML, against the same rows here.

Its variance components are those of K scaled by 1/p, as the columns here are by 1/sqrt p.
"""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from mixedmodel.model.contrasts import counted_rows
from mixedmodel.model.conventions import pve_conventions
from mixedmodel.model.design import Design
from mixedmodel.model.em import fit_em
from mixedmodel.model.method import Fit
from mixedmodel.model.spectral import SpectralForm, decompose
from mixedmodel.model.types import Array
from mixedmodel.model.uncertainty import standard_errors
from runs import need

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("gemma")]

spec = importlib.util.spec_from_file_location("mice", Path(__file__).with_name("mice.py"))
assert spec
assert spec.loader
mice = importlib.util.module_from_spec(spec)
spec.loader.exec_module(mice)

TRAITS = {"CD8": 0, "MCH": 5}  # column of the phenotype file
PUBLISHED = {  # GEMMA 0.98.5: PVE, its standard error, vg, ve under REML, ML log-likelihood
    "CD8": (0.608801, 0.032774, 1.47657, 0.341097, -1584.72),
    "MCH": (0.636099, 0.031424, 2.08982, 0.431811, -1972.36),
}


@dataclass(frozen=True)
class Both:
    """What both programs say of one trait."""

    trait: str
    gemma: dict[str, float]
    X: Array
    forms: dict[str, SpectralForm]
    fits: dict[str, Fit]

    @property
    def pve(self) -> float:
        """The PVE under REML by GEMMA's definition."""
        found = pve_conventions(self.fits["reml"].theta.ratio, Design.of(self.X)).gemma
        assert found is not None
        return found

    @property
    def pve_error(self) -> float:
        """Its standard error: both definitions are functions of the variance ratio alone."""
        form, theta = self.forms["reml"], self.fits["reml"].theta
        found, ours = standard_errors(form, theta).pve, form.pve(theta.ratio)
        assert found is not None
        return found * self.pve * (1 - self.pve) / (ours * (1 - ours))


def run_gemma(folder: Path, column: int) -> dict[str, float]:
    """Run GEMMA's kinship and null model; return what its log calls estimates."""
    files = ["-g", mice.GENOTYPES, "-p", mice.PHENOTYPES, "-n", str(column + 1)]
    for step in (["-gk", "1", "-o", "k"], ["-k", "output/k.cXX.txt", "-lmm", "2", "-o", "fit"]):
        done = subprocess.run(
            ["gemma", *map(str, files), *step], cwd=folder, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    log = (folder / "output" / "fit.log.txt").read_text(encoding="utf-8")
    lines = re.findall(r"^## (.+?) (?:estimate )?in the null model = (\S+)$", log, re.MULTILINE)
    return {key.removesuffix(" estimate"): float(value) for key, value in lines}


@pytest.fixture(scope="module", params=TRAITS)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    need(mice.GENOTYPES.exists(), "Debian's package gemma-doc")
    need(shutil.which("gemma") is not None, "Debian's package gemma")
    phenotype = mice.read_phenotype(TRAITS[request.param])
    kept = ~np.isnan(phenotype)
    y, X = phenotype[kept], mice.read_genotypes(kept)[1]
    X /= np.sqrt(X.shape[1])
    forms, fits = {}, {}
    for likelihood in ("ml", "reml"):
        rows = counted_rows(likelihood, y, np.ones((len(y), 1)), Design.of(X))
        forms[likelihood] = decompose(rows.y, rows.Z, rows.X)
        fits[likelihood] = fit_em(forms[likelihood], "squarem", max_iter=50_000)
        assert fits[likelihood].certificate.certified
    gemma = run_gemma(tmp_path_factory.mktemp("gemma"), TRAITS[request.param])
    return Both(request.param, gemma, X, forms, fits)


def test_the_log_likelihoods_agree_to_the_digits_printed(both):
    assert both.fits["ml"].loglik == pytest.approx(both.gemma["MLE log-likelihood"], abs=0.0051)
    assert both.fits["reml"].loglik == pytest.approx(both.gemma["REMLE log-likelihood"], abs=0.0051)


def test_the_reml_estimates_agree(both):
    theta = both.fits["reml"].theta
    assert theta.sigma_beta2 == pytest.approx(both.gemma["vg"], rel=1e-5)
    assert theta.sigma_e2 == pytest.approx(both.gemma["ve"], rel=1e-5)
    assert both.pve == pytest.approx(both.gemma["pve"], abs=1e-6)


def test_the_standard_error_of_pve_agrees(both):
    assert both.pve_error == pytest.approx(both.gemma["se(pve)"], abs=2e-6)


def test_the_published_numbers_are_reproduced(both):
    pve, pve_error, vg, ve, loglik = PUBLISHED[both.trait]
    theta = both.fits["reml"].theta
    assert both.pve == pytest.approx(pve, abs=1e-6)
    assert both.pve_error == pytest.approx(pve_error, abs=1e-4)
    assert theta.sigma_beta2 == pytest.approx(vg, abs=1e-3)
    assert theta.sigma_e2 == pytest.approx(ve, abs=1e-3)
    assert both.fits["ml"].loglik == pytest.approx(loglik, abs=0.01)
