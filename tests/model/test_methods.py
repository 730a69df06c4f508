"""A third method, defined here: what is written of a fit needs to know nothing of it."""

from dataclasses import dataclass

import numpy as np
import pytest

from mixedmodel.model.certificate import certify, optimum
from mixedmodel.model.contrasts import Rows
from mixedmodel.model.design import Design
from mixedmodel.model.estimates import estimates
from mixedmodel.model.inference import infer
from mixedmodel.model.likelihood import loglik
from mixedmodel.model.method import Counted, Fit, Fitted, Fitter, Method
from mixedmodel.model.methods import METHODS
from mixedmodel.model.results import Estimates
from mixedmodel.model.spectral import SpectralForm, decompose
from mixedmodel.model.types import Array, Effects, Scheme, Stop, Trace
from mixedmodel.store.estimates import write_traces
from mixedmodel.store.results import read_result, write_result
from mixedmodel.store.schemas import TRACE_MFVI, read_frame
from small_tables import draw

SIZE = 5  # columns of a block


@dataclass(frozen=True, eq=False)
class OfBlocks:
    """The penalty of coefficients that are independent between blocks of columns only."""

    spectrum: Array  # eigenvalues of each X_B' X_B, all in one

    def value(self, form: SpectralForm, ratio: float) -> float:
        logs = (np.log1p(ratio * values).sum() for values in (self.spectrum, form.eigvals))
        return float(0.5 * (next(logs) - next(logs)))

    def derivatives(self, form: SpectralForm, ratio: float) -> tuple[float, float]:
        b, k = (a / (1 + ratio * a) for a in (self.spectrum, form.eigvals))
        return 0.5 * float(b.sum() - k.sum()), 0.5 * float(k @ k - b @ b)


@dataclass(frozen=True)
class BlockFitter:
    counted: Counted

    def fit(self, scheme: Scheme, *, max_iter: int, tolerance: float) -> Fitted:
        form, X = self.counted.form, self.counted.rows.X.whole()
        blocks = [X[:, j : j + SIZE] for j in range(0, form.p, SIZE)]
        penalty = OfBlocks(np.concatenate([np.linalg.svd(b)[1] ** 2 for b in blocks]))
        best = optimum(form, penalty)
        theta, likelihood = best.theta, loglik(form, best.theta)
        one = np.array([best.value])
        trace = Trace(scheme, np.array([1]), one, one, *np.array([[theta.ratio], [theta.sigma_e2]]))
        proof = certify(form, theta, best.value, penalty)
        fit = Fit(BLOCKS, penalty, theta, likelihood, best.value, Stop.CONVERGED, trace, proof)
        return Fitted(fit, lambda: Effects(np.zeros(form.p), np.ones(form.p)))


BLOCKS = Method("blocks", "Blocks", is_exact=False, prepare=BlockFitter)


@pytest.fixture(scope="module")
def found():
    table = draw(3, 40, 2, 60, pve=0.6)
    rows = Rows(table.y, table.Z, Design.of(table.X))
    form = decompose(rows.y, rows.Z, rows.X)
    methods = [*METHODS.values(), BLOCKS]
    fits: dict[str, tuple[Fit, Estimates]] = {}
    for method in methods:
        fitter: Fitter = method.prepare(Counted(form, rows))
        fitted = fitter.fit("squarem", max_iter=5000, tolerance=1e-10)
        known = infer("ml", form, fitted.fit, fitted.effects(), table=rows, counted=rows)
        names = ("Z.1", "Z.2")
        told = estimates([fitted.fit], form, known, likelihood="ml", X=rows.X, names=names)
        fits[method.key] = fitted.fit, told
    return fits


def test_every_method_is_certified_by_its_own_penalty(found):
    assert list(found) == ["em", "mfvi", "blocks"]
    assert all(fit.certificate.certified for fit, _ in found.values())
    assert all(told.method == fit.method.name for fit, told in found.values())


def test_an_approximation_by_blocks_lies_between_mean_field_and_exact(found):
    em, mfvi, blocks = (told for _, told in found.values())
    assert mfvi.objective < blocks.objective < em.objective
    assert mfvi.pve < blocks.pve < em.pve
    assert blocks.naive_pve_interval[1] < em.pve_interval[1]


def test_what_it_found_is_written_as_of_any_other(found, tmp_path):
    fit, told = found["blocks"]
    write_result(tmp_path / "estimates.json", told)
    assert read_result(tmp_path / "estimates.json", Estimates) == told
    assert told.elbo == pytest.approx(told.loglik - told.gap)
    assert told.lrt is None
    assert told.standard_errors is None
    write_traces(tmp_path / "trace.parquet", [fit])
    assert len(read_frame(tmp_path / "trace.parquet", TRACE_MFVI)) == 1
