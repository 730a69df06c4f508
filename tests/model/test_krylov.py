"""The Krylov form against the exact one, and what random probes leave to chance."""

import logging

import numpy as np
import pytest

import oracles
from mixedmodel.errors import UserError
from mixedmodel.model import krylov
from mixedmodel.model.certificate import optimum, profile_objective
from mixedmodel.model.contrasts import Rows, counted_rows, fixed_covariance
from mixedmodel.model.design import Design
from mixedmodel.model.effects import exact_effects
from mixedmodel.model.em import fit_em
from mixedmodel.model.factors import factorised_variances
from mixedmodel.model.krylov import decompose_krylov
from mixedmodel.model.likelihood import loglik, score
from mixedmodel.model.method import Counted
from mixedmodel.model.mfvi import MeanField, MeanFieldFitter, Sweeps
from mixedmodel.model.moments import moments
from mixedmodel.model.monte_carlo import chance, log_det_error, spectral
from mixedmodel.model.penalty import MEAN_FIELD, NONE
from mixedmodel.model.predict import new_rows, predict_exact
from mixedmodel.model.shrinkage import shrinkage_curve
from mixedmodel.model.solve import solve
from mixedmodel.model.spectral import SpectralForm, decompose
from mixedmodel.model.types import SOLVED, Theta
from mixedmodel.model.uncertainty import pve_interval, standard_errors
from oracles import Table

SMALL = 1e-9  # Monte-Carlo error asked for where there is none: all directions are looked at


def krylov_form(rows: Rows, tolerance: float = SMALL) -> SpectralForm:
    return decompose_krylov(rows.X, rows.Z, rows.y[:, None], tolerance=tolerance).rotate(
        rows.y, rows.Z
    )


def of(table: Table, likelihood="ml") -> Rows:
    return counted_rows(likelihood, table.y, table.Z, Design.of(table.X))


@pytest.fixture
def both(case):
    rows = of(case.table)
    return case.form, krylov_form(rows), rows


# small tables: all directions are probes, so that the two forms are the same


def test_with_many_steps_it_is_the_exact_form(both):
    exact, found, _ = both
    assert found.sampled.complete
    assert exact.has_pole == found.has_pole
    assert exact.is_noise_free == found.is_noise_free
    for penalty in (NONE, MEAN_FIELD):
        best = optimum(exact, penalty)
        if best.noise_boundary:
            continue
        # rounding of sums of logarithms in n eigenvalues
        assert optimum(found, penalty).value == pytest.approx(best.value, abs=1e-8)
        assert found.ratio(0.3) == pytest.approx(exact.ratio(0.3), rel=1e-12)
        reached = optimum(found, penalty).theta.ratio
        assert reached == pytest.approx(best.theta.ratio, rel=2e-6, abs=1e-12 * exact.ratio(0.5))


def test_likelihood_and_slope_are_those_of_dense_matrices(case, both):
    _, found, _ = both
    theta = Theta(found.from_omega(case.omega), case.sb, case.se)
    value = oracles.loglik(case.table, *case.parameters)
    assert loglik(found, theta) == pytest.approx(value, rel=1e-9)
    exact = score(case.form, case.theta, MEAN_FIELD)
    np.testing.assert_allclose(score(found, theta, MEAN_FIELD), exact, rtol=1e-6, atol=1e-9)


def test_traces_of_any_function_are_those_of_dense_matrices(case, both):
    """tr f(K) from the probes in what Z leaves free and the small matrices with and without Z."""
    _, found, _ = both
    X, Z = case.table.X, case.table.Z
    eigvals = np.maximum(np.linalg.eigvalsh(X @ X.T), 0)
    M = np.eye(len(X)) - Z @ np.linalg.pinv(Z) if Z.shape[1] else np.eye(len(X))
    free = np.maximum(np.linalg.eigvalsh(M @ X @ X.T @ M), 0)
    unit = 1 / found.mean_diagonal
    for f in (
        lambda x: np.log1p(x * unit),
        lambda x: x * unit / (1 + x * unit),
        lambda x: x * unit,
    ):
        whole, part = found.spectrum, found.free
        assert whole.weights @ f(whole.nodes) == pytest.approx(f(eigvals).sum(), rel=1e-9)
        assert part.weights @ f(part.nodes) == pytest.approx(f(free).sum(), rel=1e-9)
    assert found.spectrum.weights.sum() + found.spectrum.n_null == pytest.approx(found.n)
    assert found.free.weights.sum() + found.free.n_null == pytest.approx(found.n - found.c)


def test_what_is_derived_of_the_form_is_the_same(both):
    exact, found, _ = both
    a, b = moments(exact), moments(found)
    assert (a is None) == (b is None)
    if a and b:
        assert b.sigma_beta2 == pytest.approx(a.sigma_beta2, rel=1e-6, abs=1e-9 * exact.variance)
    if exact.has_pole:
        return  # the curve's upper end is at the end of the grid of ratios, wherever that is
    for one, other in zip(
        vars(shrinkage_curve(exact, points=11)).values(),
        vars(shrinkage_curve(found, points=11)).values(),
        strict=True,
    ):
        np.testing.assert_allclose(other, one, atol=1e-5)


@pytest.mark.parametrize("likelihood", ["ml", "reml"])
def test_posterior_means_are_those_of_the_exact_form(case, likelihood):
    rows = of(case.table, likelihood)
    exact, found = decompose(rows.y, rows.Z, rows.X), krylov_form(rows)
    theta = optimum(exact, NONE).theta
    if optimum(exact, NONE).noise_boundary:
        theta = Theta(theta.w, case.sb, case.se)
    one, other = (exact_effects(form, theta, rows.X) for form in (exact, found))
    assert other.variance is None
    # equations are solved to 1e-7
    np.testing.assert_allclose(
        other.mean, one.mean, atol=1e-6 * np.abs(one.mean).max(initial=1e-300)
    )


# tables with more directions than probes


def drawn(kind: str, n: int, p: int, *, c: int = 2, pve: float = 0.5, seed: int = 1) -> Table:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    if kind == "neighbours":
        for j in range(1, p):
            X[:, j] = 0.9 * X[:, j - 1] + 0.19**0.5 * X[:, j]
    elif kind == "families":
        X = (X + rng.standard_normal((n // 5 + 1, p))[np.arange(n) // 5]) * 0.5**0.5
    elif kind == "genotypes":
        X = rng.binomial(2, rng.uniform(0.1, 0.5, p), (n, p)).astype(float)
    Z = np.column_stack([np.ones(n), rng.standard_normal((n, 5))])[:, :c]
    beta = rng.standard_normal(p) * (pve / p) ** 0.5 / X.std()
    y = Z.sum(axis=1) + X @ beta + rng.standard_normal(n) * (1 - pve) ** 0.5
    return Table(y, Z, X)


KINDS = {
    "independent": drawn("", 600, 1500),
    "neighbours": drawn("neighbours", 600, 1500),
    "families": drawn("families", 600, 1500, pve=0.4),
    "genotypes with an intercept": drawn("genotypes", 600, 1500, c=1),
    "more rows than columns": drawn("", 1100, 560),
    "genotypes, more rows than columns": drawn("genotypes", 1000, 530, c=1),
    "no fixed effects": drawn("", 600, 1200, c=0),
    "no random effect": drawn("", 600, 1500, pve=0.0, seed=2),
}
RESTRICTED = {"genotypes with an intercept", "independent"}


@pytest.fixture(scope="module")
def wide_blocks():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mixedmodel.model.cost.WIDTH", 400)
        yield


@pytest.fixture(scope="module")
def pairs(wide_blocks):
    found = {}
    for name, table in KINDS.items():
        for likelihood in ("ml", "reml") if name in RESTRICTED else ("ml",):
            rows = of(table, likelihood)
            exact = decompose(rows.y, rows.Z, rows.X)
            found[f"{name}, {likelihood}"] = exact, krylov_form(rows, 0.1), rows
    return found


PAIRS = [f"{k}, {x}" for k in KINDS for x in (("ml", "reml") if k in RESTRICTED else ("ml",))]


@pytest.mark.parametrize("name", PAIRS)
def test_pve_is_right_within_the_monte_carlo_error(pairs, name):
    exact, found, _ = pairs[name]
    assert not found.sampled.complete
    one, other = optimum(exact, NONE), optimum(found, NONE)
    error = standard_errors(exact, one.theta).pve if one.theta.ratio else 0.0
    reached = exact.pve(one.theta.ratio), found.pve(other.theta.ratio)
    # three times the tolerance: seeds are fixed
    assert reached[0] == pytest.approx(reached[1], abs=0.3 * error + 1e-9)
    told = log_det_error(found.sampled, other.theta.ratio)
    assert other.value == pytest.approx(one.value, abs=4 * told + 1e-7)
    np.testing.assert_allclose(pve_interval(exact), pve_interval(found), atol=0.3 * error + 1e-3)


@pytest.mark.parametrize("name", PAIRS)
def test_mean_field_is_right_without_any_monte_carlo_error(pairs, name):
    """The bound has no trace of a function of K in it: only the quadratic part, which is solved."""
    exact, found, _ = pairs[name]
    one, other = (profile_objective(form, MEAN_FIELD) for form in (exact, found))
    for pve in (0.01, 0.1, 0.3):
        x = np.log(exact.ratio(pve))
        assert other(x) == pytest.approx(one(x), abs=1e-7)
    best = optimum(exact, MEAN_FIELD)
    assert optimum(found, MEAN_FIELD).value == pytest.approx(best.value, abs=1e-8)


@pytest.mark.parametrize("name", PAIRS)
def test_the_slope_at_no_random_effect_has_no_monte_carlo_error(pairs, name):
    """tr K is known, so whether the optimum lies at the boundary is not left to chance."""
    exact, found, _ = pairs[name]
    null = Theta(np.zeros(exact.c), 0.0, exact.variance)
    one, other = (score(form, null)[0] for form in (exact, found))
    assert other == pytest.approx(one, rel=1e-8)


def test_the_monte_carlo_errors_are_as_large_as_told():
    """Over seeds of the probes: log-determinants and slopes, in the standard errors that are told.

    The mean square of 40 such errors has a standard deviation of 0.22, more where probes are few.
    """
    table = KINDS["families"]
    rows = of(table)
    exact = decompose(rows.y, rows.Z, rows.X)
    theta, logs, shifts = optimum(exact, NONE).theta, [], []
    errors = standard_errors(exact, theta)
    with pytest.MonkeyPatch.context() as patch:
        for seed in range(40):
            patch.setattr(krylov, "SEED", seed)
            found = krylov_form(rows, 10.0)
            best = optimum(found, NONE).theta
            off = found.spectrum.log_det_ratio(theta.ratio) - exact.spectrum.log_det_ratio(
                theta.ratio
            )
            logs.append(0.5 * off / log_det_error(found.sampled, theta.ratio))
            share = chance(found, found.sampled, best).share
            shift = found.pve(best.ratio) - exact.pve(theta.ratio)
            shifts.append(shift / (share * errors.pve))
    assert 0.5 < np.mean(np.square(logs)) < 1.8
    assert 0.5 < np.mean(np.square(shifts)) < 1.8


def test_probes_are_added_until_the_error_is_as_small_as_asked(caplog):
    rows = of(KINDS["families"])
    few, many = (krylov_form(rows, tolerance) for tolerance in (0.5, 0.02))
    assert few.sampled.probes == krylov.FEW < many.sampled.probes <= krylov.MOST
    best = optimum(many, NONE).theta
    assert chance(many, many.sampled, best).share <= 0.02


def test_what_cannot_be_reached_is_said(caplog):
    with caplog.at_level(logging.WARNING):
        found = krylov_form(of(KINDS["neighbours"]), 1e-4)
    assert found.sampled.probes == krylov.MOST
    assert "more than `spectral.tolerance: 0.0001`" in caplog.text


def test_too_few_steps_are_said(caplog, monkeypatch):
    monkeypatch.setattr(krylov, "CHECKS", (5, 8))
    with caplog.at_level(logging.WARNING):
        found = krylov_form(of(KINDS["neighbours"]), 0.1)
    assert found.sampled.residual > SOLVED
    assert "has not settled after 8 products" in caplog.text


def test_columns_of_lengths_far_apart_are_refused():
    """All but the longest would be rounding of it, and the likelihood another one."""
    table = KINDS["independent"]
    for factor, refused in ((1e3, False), (1e5, True)):
        X = table.X.copy()
        X[:, 7] *= factor
        rows = of(Table(table.y, table.Z, X))
        if not refused:
            best, exact = (
                optimum(form, MEAN_FIELD).value
                for form in (krylov_form(rows, 0.1), decompose(rows.y, rows.Z, rows.X))
            )
            assert best == pytest.approx(exact, abs=1e-6)
            continue
        with pytest.raises(UserError, match=r"has 9\.\de\+09 times .* `standardize: true`"):
            krylov_form(rows, 0.1)


def test_the_same_table_has_the_same_bytes():
    rows = of(KINDS["independent"])
    one, other = (
        decompose_krylov(rows.X, rows.Z, rows.y[:, None], tolerance=0.1) for _ in range(2)
    )
    np.testing.assert_array_equal(one.U, other.U)
    np.testing.assert_array_equal(one.sampled.nodes, other.sampled.nodes)


ARRIVING = ["neighbours, ml", "independent, reml", "no random effect, ml"]


@pytest.mark.parametrize("name", [*ARRIVING, "genotypes, more rows than columns, ml"])
def test_both_methods_arrive_and_are_certified(pairs, name):
    exact, found, rows = pairs[name]
    for scheme in ("squarem", "px"):
        fit = fit_em(found, scheme, max_iter=50_000)
        assert fit.certificate.certified
    told = spectral(found, fit)
    assert told.method == "krylov"
    if fit.certificate.boundary:
        assert told.monte_carlo_se.pve is None
    else:
        pve = found.pve(fit.theta.ratio)
        assert 0 < told.monte_carlo_se.pve < 0.1 * standard_errors(found, fit.theta).pve
        assert told.monte_carlo_se.variance_ratio / fit.theta.ratio == pytest.approx(
            told.monte_carlo_se.pve / (pve * (1 - pve))
        )
    for e_step in ("solved", "sweep"):
        fitter = MeanFieldFitter.on(Counted(found, rows, e_step=e_step))
        fitted = fitter.fit("squarem", max_iter=20_000)
        assert fitted.fit.certificate.certified
        assert fitted.fit.objective == pytest.approx(optimum(exact, MEAN_FIELD).value, abs=1e-6)
        np.testing.assert_allclose(
            fitted.effects().variance, factorised_variances(exact, fitted.fit.theta)
        )
        assert spectral(found, fitted.fit).monte_carlo_se.pve in (0.0, None)


@pytest.mark.parametrize("name", ["neighbours, ml", "more rows than columns, ml"])
def test_sweeps_do_not_stop_before_the_exact_form_would_let_them(pairs, name):
    """What the means still gain is not underrated where the form holds y and Z only."""
    exact, found, rows = pairs[name]
    theta = optimum(exact, MEAN_FIELD).theta
    gains = []
    for form in (exact, found):
        field = MeanField(Sweeps.prepare(form, rows.Z, rows.X))
        state = field.start(theta)
        gains.append([field.mean_gain(state), field.mean_gain(field.step(state))])
    assert np.all(np.array(gains[1]) >= np.array(gains[0]))
    assert np.all(np.array(gains[0]) > 0)


def test_several_responses_share_a_form(pairs):
    """Their quadratic parts are of one space, so that each is as good as alone."""
    table = KINDS["independent"]
    rng = np.random.default_rng(5)
    Y = np.column_stack([table.y, 1e6 * (table.y + rng.standard_normal(len(table.y))), 2 * table.y])
    rows = of(table)
    found = decompose_krylov(rows.X, rows.Z, Y, tolerance=0.1)
    for y in Y.T:
        exact = decompose(y, rows.Z, rows.X)
        form = found.rotate(y, rows.Z)
        one, other = (optimum(each, MEAN_FIELD) for each in (exact, form))
        assert other.value == pytest.approx(one.value, abs=1e-7)


@pytest.mark.parametrize("c", [0, 2])
def test_without_a_response_the_spectrum_alone_is_found(c):
    table = drawn("neighbours", 600, 1500, c=c)
    X, nothing = Design.of(table.X), np.empty((600, 0))
    found = decompose_krylov(X, table.Z, nothing, tolerance=0.1).rotate(np.zeros(600), table.Z)
    exact = decompose(np.zeros(600), table.Z, X)
    one, other = (shrinkage_curve(form, points=11) for form in (exact, found))
    np.testing.assert_allclose(other.pve_mfvi, one.pve_mfvi, atol=0.003)
    np.testing.assert_allclose(other.high, one.high, atol=0.01)


@pytest.mark.parametrize("likelihood", ["ml", "reml"])
@pytest.mark.parametrize(
    "name", ["genotypes with an intercept", "genotypes, more rows than columns"]
)
def test_new_rows_are_predicted_as_by_the_exact_form(likelihood, name):
    table = KINDS[name]
    rng = np.random.default_rng(7)
    Z_new, X_new = np.ones((4, 1)), rng.binomial(2, 0.3, (4, table.X.shape[1])).astype(float)
    rows, given = of(table, likelihood), of(table)
    exact, found = decompose(rows.y, rows.Z, rows.X), krylov_form(rows, 0.1)
    theta = optimum(exact, NONE).theta
    one, other = (
        predict_exact(form, theta, new_rows(likelihood, form, given, Z_new, Design.of(X_new)))
        for form in (exact, found)
    )
    np.testing.assert_allclose(other.mean, one.mean, rtol=1e-6)
    np.testing.assert_allclose(other.deviation, one.deviation, rtol=1e-7)


@pytest.mark.parametrize(
    "name", ["genotypes with an intercept", "genotypes, more rows than columns"]
)
def test_the_covariance_of_the_fixed_effects_under_reml_is_that_of_the_exact_form(name):
    table = KINDS[name]
    rows = of(table, "reml")
    exact, found = decompose(rows.y, rows.Z, rows.X), krylov_form(rows, 0.1)
    theta = optimum(exact, NONE).theta
    X = Design.of(table.X)
    one, other = (fixed_covariance(form, theta, table.Z, X, rows) for form in (exact, found))
    np.testing.assert_allclose(other, one, rtol=1e-7)


def test_equations_are_solved_by_conjugate_gradients(case):
    X, rng = case.table.X, np.random.default_rng(3)
    B = np.column_stack([rng.standard_normal((len(X), 3)), np.zeros(len(X))])
    ratio = 2.0 / case.form.mean_diagonal
    expected = np.linalg.solve(np.eye(len(X)) + ratio * X @ X.T, B)
    np.testing.assert_allclose(solve(Design.of(X), ratio, B), expected, atol=1e-7)


@pytest.mark.parametrize("name", ["neighbours, ml", "independent, reml"])
def test_the_probes_tell_how_the_eigenvalues_lie(pairs, name):
    """An estimate: each probe sees some ten nodes, not eigenvalues."""
    exact, found, _ = pairs[name]
    listed, known = found.sampled.listed(), np.sort(exact.free.nodes)[::-1]
    assert len(listed) == len(known)
    assert np.all(np.diff(listed) <= 0)
    assert listed.sum() == pytest.approx(known.sum(), rel=0.1)
    middle = slice(20, -20)
    np.testing.assert_allclose(listed[middle], known[middle], rtol=0.3, atol=0.02 * known[0])
