"""Tables that break the numbers: eigenvalues lost in squaring X, columns far apart, two maxima."""

from collections.abc import Callable

import numpy as np
import pytest

from many_digits import ManyDigits
from mixedmodel.model.ascent import starting_point
from mixedmodel.model.design import Design
from mixedmodel.model.effects import exact_effects, unresolved
from mixedmodel.model.em import ExactEM, fit_em
from mixedmodel.model.iterate import Limits, climb
from mixedmodel.model.likelihood import profile
from mixedmodel.model.method import Fit
from mixedmodel.model.mfvi import Sweeps, fit_mfvi
from mixedmodel.model.penalty import MEAN_FIELD
from mixedmodel.model.spectral import SpectralForm, decompose
from mixedmodel.model.types import Scheme, Stop
from oracles import Array, Table
from small_tables import draw
from studies import normal, spectra

SCHEMES: tuple[Scheme, ...] = ("squarem", "px", "plain")


def decomposed(table: Table) -> SpectralForm:
    return decompose(table.y, table.Z, Design.of(table.X))


def both(table: Table, form: SpectralForm, scheme: Scheme = "squarem") -> dict[str, Fit]:
    sweeps = Sweeps.prepare(form, table.Z, Design.of(table.X))
    return {
        "EM": fit_em(form, scheme, max_iter=20_000),
        "MFVI": fit_mfvi(sweeps, scheme, max_iter=20_000)[0],
    }


def answered(X: Array, pve: float, seed: int, *, c: int = 1) -> Table:
    """A response of this PVE on columns of any length, each with its share; c - 1 covariates."""
    rng = np.random.default_rng(seed)
    n = len(X)
    signal = X @ (rng.standard_normal(X.shape[1]) / np.maximum(np.linalg.norm(X, axis=0), 1e-300))
    y = np.sqrt(pve) * signal / signal.std() + np.sqrt(1 - pve) * rng.standard_normal(n)
    return Table(y, np.column_stack([np.ones(n), rng.standard_normal((n, c - 1))])[:, :c], X)


def one_long_column() -> Table:
    """X of rank 4 but for a column that is 1e8 times longer: the others carry the response."""
    X = normal(16, 4, 1) @ normal(4, 24, 2)
    X[:, 17] = 1e8 * normal(16, 1, 3)[:, 0]
    y = X[:, :17] @ normal(17, 1, 4)[:, 0] + 0.3 * normal(16, 1, 5)[:, 0]
    return Table(y, np.ones((16, 1)), X)


def units_far_apart() -> Table:
    return answered(normal(14, 20, 6) * 10 ** np.random.default_rng(7).uniform(-10, 10, 20), 0.6, 8)


def copies_and_zeros() -> Table:
    X = normal(14, 5, 9)
    return answered(np.hstack([X, X, np.zeros((14, 4))]), 0.9, 10)


HARD: dict[str, Callable[[], Table]] = {
    "one long column": one_long_column,
    "units far apart": units_far_apart,
    "copies and zeros": copies_and_zeros,
    "spectra": lambda: answered(spectra(16, 30, 1), 0.9, 2),
    "spectra, hardly any noise": lambda: answered(spectra(16, 30, 3), 1 - 1e-6, 4),
    "a mean of 1e8 deviations": lambda: Table(
        answered(normal(16, 24, 11), 0.5, 12).y + 1e8, np.ones((16, 1)), normal(16, 24, 11)
    ),
}


@pytest.fixture(params=HARD)
def hard(request: pytest.FixtureRequest) -> Table:
    return HARD[request.param]()


def test_the_profile_is_right_at_every_ratio(hard: Table) -> None:
    form = decomposed(hard)
    low, high = -np.log(form.eigvals[0]) - 3, -np.log(form.eigvals[form.rank - 1]) + 3
    for q in np.exp(np.linspace(low, high, 5)).tolist():
        exact = ManyDigits(hard, q)
        assert profile(form, q).loglik == pytest.approx(exact.profile(), abs=1e-6)
        bound = profile(form, q).loglik - MEAN_FIELD.value(form, q)
        assert bound == pytest.approx(exact.profile(penalised=True), abs=1e-6)


def test_certified_means_at_the_true_optimum(hard: Table) -> None:
    form = decomposed(hard)
    for method, fit in both(hard, form).items():
        assert fit.certificate.certified
        penalised = method == "MFVI"
        at = [ManyDigits(hard, fit.theta.ratio * f) for f in (1.0, 0.8, 1.25)]
        here, below, above = (each.profile(penalised=penalised) for each in at)
        assert fit.objective == pytest.approx(here, abs=1e-6)
        assert max(below, above) <= here + 1e-6


def test_the_effects_are_right_to_six_digits(hard: Table) -> None:
    form = decomposed(hard)
    theta = profile(form, 1 / float(np.median(form.eigvals[: form.rank]))).theta
    found = exact_effects(form, theta, Design.of(hard.X))
    exact = ManyDigits(hard, theta.ratio).effects()
    np.testing.assert_allclose(found.variance / theta.sigma_beta2, exact[1], rtol=1e-6)
    deviations = np.sqrt(exact[1] * theta.sigma_beta2)
    np.testing.assert_allclose(found.mean / deviations, exact[0] / deviations, atol=1e-6)
    assert unresolved(form, theta, found) == []


def test_effects_without_digits_are_owned_up_to() -> None:
    """Seventy columns 1e9 times longer than seventy others, which the response is made of."""
    X = np.hstack([normal(200, 70, 1), 1e9 * normal(200, 70, 2)])
    table = Table(X[:, :70].sum(axis=1) + normal(200, 1, 3)[:, 0], np.ones((200, 1)), X)
    form = decomposed(table)
    theta = profile(form, 1.0).theta
    assert unresolved(form, theta, exact_effects(form, theta, Design.of(X))) == list(range(70, 140))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("pve", [0.0, 0.5, 0.99])
def test_on_spectra_every_scheme_stops_where_it_is_certified(scheme: Scheme, pve: float) -> None:
    """There the expected information is indefinite once the penalty bends it."""
    table = answered(spectra(60, 401, 1), pve, 1) if pve else answered(spectra(60, 401, 1), 0.0, 3)
    for method, fit in both(table, decomposed(table), scheme).items():
        if scheme == "plain":
            assert fit.certificate.certified == (fit.stop is not Stop.MAX_ITER)
            continue
        assert fit.certificate.certified, method
        assert fit.stop is Stop.CONVERGED
        assert fit.trace.map_evaluations[-1] < 2_000


def two_scales(seed: int) -> SpectralForm:
    """A kernel of two scales with a response on both: the objective has two humps."""
    eigvals = np.repeat([1e6, 1.0, 1e-9], [3, 30, 30])
    deviations = np.sqrt(np.where(eigvals > 1e3, 60.0, 1 + 20 * eigvals))
    y = np.random.default_rng(seed).standard_normal(63) * deviations
    return decompose(y, np.zeros((63, 0)), Design.of(np.diag(np.sqrt(eigvals))))


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_the_higher_of_two_maxima_is_reported_and_the_other_told(seed: int) -> None:
    form = two_scales(seed)
    fit = fit_em(form, "squarem", max_iter=5000)
    heights = [profile(form, q).loglik for q in np.geomspace(1e-12, 1e12, 5001)]
    assert fit.certificate.certified
    assert fit.objective >= max(heights) - 1e-9
    algorithm = ExactEM(form, expanded=True)
    start = algorithm.start(starting_point(form))
    first, _ = climb(algorithm, form, start, Limits(1e-10, 5000), accelerated=True)
    assert first.state.objective < fit.objective - 1
    [other] = fit.others
    assert other.objective == pytest.approx(first.state.objective, abs=1e-6)


def test_a_response_without_noise_takes_few_evaluations() -> None:
    """sigma_e2 -> 0: a boundary that the map nears by ever smaller steps."""
    found = [fit_em(decomposed(draw(s, 40, 10, 60)), "squarem", max_iter=5000) for s in range(40)]
    edge = [fit for fit in found if fit.certificate.noise_boundary]
    assert len(edge) >= 2
    assert all(fit.certificate.certified for fit in found)
    assert all(fit.stop is Stop.NO_NOISE for fit in edge)
    assert max(int(fit.trace.map_evaluations[-1]) for fit in edge) < 500


@pytest.mark.parametrize("shift", [1e4, 1e8])
def test_what_the_fixed_effects_explain_costs_the_variances_no_digits(shift: float) -> None:
    table = draw(12, 40, 3, 60)
    moved = Table(table.y + table.Z @ np.full(3, shift), table.Z, table.X)
    ours, theirs = both(table, decomposed(table)), both(moved, decomposed(moved))
    # the sum itself is rounded: of the response 16 digits less those of the shift are left
    for method, fit in ours.items():
        assert theirs[method].certificate.certified
        ratio = theirs[method].theta.ratio
        assert ratio == pytest.approx(fit.theta.ratio, rel=1e-13 * shift + 1e-7)
