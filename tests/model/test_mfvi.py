import numpy as np
import pytest

import oracles
from mixedmodel.model.contrasts import Rows
from mixedmodel.model.design import Design
from mixedmodel.model.factors import factorised_variances
from mixedmodel.model.method import Counted
from mixedmodel.model.mfvi import MeanField, MeanFieldFitter, Sweeps, elbo, fit_mfvi
from mixedmodel.model.solved import SolvedMeanField


def prepare(case, block=7):
    return Sweeps.prepare(case.form, case.table.Z, Design.of(case.table.X), block=block)


@pytest.fixture
def mean(case):
    """Arbitrary means in the units of beta."""
    rng = np.random.default_rng(4)
    return rng.standard_normal(case.form.p) * np.sqrt(case.sb)


def variances(case):
    return 1 / (np.sum(case.table.X**2, axis=0) / case.se + 1 / case.sb)


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_a_sweep_by_blocks_is_the_scalar_loop(case, mean, block):
    found, fitted = prepare(case, block).sweep(case.theta, mean, case.table.X @ mean)
    expected = oracles.sweep(case.table, *case.parameters, mean)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12 * scale)
    expected_fit = case.table.X @ expected
    np.testing.assert_allclose(fitted, expected_fit, atol=1e-11 * np.abs(expected_fit).max())


def test_the_variances_are_those_of_the_coordinate_update(case):
    np.testing.assert_allclose(factorised_variances(case.form, case.theta), variances(case))


def test_the_bound_is_the_sum_of_its_three_terms(case, mean):
    residual = case.table.y - case.table.Z @ case.omega - case.table.X @ mean
    expected = oracles.elbo(case.table, *case.parameters, mean, variances(case))
    assert elbo(case.form, case.theta, mean, residual) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("expanded", [False, True])
def test_the_m_step_maximises_the_bound(case, mean, expanded):
    """No small change of any parameter, of gamma neither, raises the ELBO of the old q."""
    field = MeanField(prepare(case), expanded=expanded)
    state = field._expect(case.theta, mean, case.table.X @ mean)
    theta, gamma = field.maximise(state)
    s = variances(case)

    def bound(w, sb, se, factor):
        m = factor * gamma * state.mean
        return oracles.elbo(case.table, case.form.omega(w), sb, se, m, (factor * gamma) ** 2 * s)

    w, sb, se = theta.w, theta.sigma_beta2, theta.sigma_e2
    top = bound(w, sb, se, 1.0)
    step = 1e-3
    for sign in (-step, step):
        assert bound(w, sb * (1 + sign), se, 1.0) < top
        assert bound(w, sb, se * (1 + sign), 1.0) < top
        if expanded:  # beta -> factor beta with sigma_beta2 following leaves the prior terms alone
            assert bound(w, sb * (1 + sign) ** 2, se, 1 + sign) < top
        for k in range(len(w)):
            shifted = w + sign * np.sqrt(se) * (np.arange(len(w)) == k)
            assert bound(shifted, sb, se, 1.0) < top


@pytest.mark.parametrize("expanded", [False, True])
def test_the_sweep_after_an_m_step_starts_from_its_means(case, mean, expanded):
    """Those of q once expanded: gamma m, with the new X m."""
    field = MeanField(prepare(case), expanded=expanded)
    state = field._expect(case.theta, mean, case.table.X @ mean)
    theta, gamma = field.maximise(state)
    after = field.step(state)
    parameters = (case.form.omega(theta.w), theta.sigma_beta2, theta.sigma_e2)
    expected = oracles.sweep(case.table, *parameters, gamma * state.mean)
    assert (abs(gamma - 1) > 1e-6) is expanded
    np.testing.assert_allclose(after.mean, expected, atol=1e-9 * np.abs(expected).max())
    fitted = case.table.X @ expected
    np.testing.assert_allclose(after.fitted, fitted, atol=1e-9 * np.abs(fitted).max())


def test_the_gain_of_the_means_is_their_part_of_the_divergence(case, mean):
    field = MeanField(prepare(case))
    state = field._expect(case.theta, mean, case.table.X @ mean)
    mu, Gamma = oracles.posterior(case.table, *case.parameters)
    difference = mu - state.mean
    expected = difference @ np.linalg.solve(Gamma, difference) / 2
    assert field.mean_gain(state) == pytest.approx(expected, rel=1e-6, abs=1e-10)


def test_what_is_predicted_counts_means_and_parameters(case, mean):
    """At the best parameters the means are all that is left; at the best means, the others."""
    field, X = MeanField(prepare(case)), case.table.X
    state = field._expect(case.theta, mean, X @ mean)
    solved = field.solve(case.theta)
    assert field.prospect(solved).gain > 0
    found = field.prospect(state).gain - field.prospect(solved).gain
    assert found == pytest.approx(field.mean_gain(state), rel=1e-6, abs=1e-9)


def test_sweeps_carried_to_their_end_give_the_exact_mean(case, mean):
    sweeps, fitted = prepare(case), case.table.X @ mean
    for _ in range(20_000):
        before = mean
        mean, fitted = sweeps.sweep(case.theta, mean, fitted)
        if np.abs(mean - before).max() <= 1e-14 * np.abs(mean).max():
            break
    mu, _ = oracles.posterior(case.table, *case.parameters)
    np.testing.assert_allclose(mean, mu, atol=1e-9 * np.abs(mu).max())


def test_the_trace_is_a_bound_below_the_likelihood_and_never_falls(case):
    trace = fit_mfvi(prepare(case), "squarem", max_iter=500)[0].trace
    rounding = 1e-10 * np.abs(trace.loglik).max()
    assert np.all(trace.objective <= trace.loglik + rounding)
    assert np.all(np.diff(trace.objective) >= -rounding)


@pytest.mark.parametrize("scheme", ["px", "squarem"])
def test_the_accelerated_schemes_reach_the_dense_optimum(case, scheme):
    optimum, sb, se = oracles.best(case.table, penalised=True)
    fit, _ = fit_mfvi(prepare(case), scheme, max_iter=20_000)
    assert fit.certificate.certified, fit.certificate
    assert fit.objective == pytest.approx(optimum, abs=1e-6)
    if not fit.certificate.boundary:
        found = (fit.theta.sigma_beta2, fit.theta.sigma_e2)
        assert found == pytest.approx((sb, se), rel=1e-3)  # 1e-6 nats on a flat top


def test_the_plain_scheme_climbs_to_the_same_place(case):
    fit, _ = fit_mfvi(prepare(case), "plain", max_iter=100_000)
    assert fit.certificate.certified, fit.certificate


def test_the_effects_are_the_q_of_the_fit(case):
    fit, effects = fit_mfvi(prepare(case), "squarem", max_iter=20_000)
    theta = fit.theta
    bound = oracles.elbo(
        case.table, case.form.omega(theta.w), theta.sigma_beta2, theta.sigma_e2, *vars_of(effects)
    )
    assert fit.objective == pytest.approx(bound, rel=1e-9)


def vars_of(effects):
    return effects.mean, effects.variance


def test_the_solved_e_step_is_where_sweeps_end(case):
    swept = MeanField(prepare(case)).solve(case.theta)
    solved = SolvedMeanField(case.form).solve(case.theta)
    assert solved.objective == pytest.approx(swept.objective, rel=1e-10)
    assert solved.loglik == swept.loglik
    assert solved.moments.mean_norm2 == pytest.approx(float(swept.mean @ swept.mean), rel=1e-9)
    fitted = float(swept.fitted @ swept.fitted)
    assert solved.moments.fitted @ solved.moments.fitted == pytest.approx(fitted, rel=1e-9)
    s = variances(case)
    assert solved.moments.trace == pytest.approx(s.sum(), rel=1e-9)
    norms2 = np.sum(case.table.X**2, axis=0)
    assert solved.moments.trace_fitted == pytest.approx(norms2 @ s, rel=1e-9)


@pytest.mark.parametrize("expanded", [False, True])
def test_a_step_from_solved_means_is_that_of_the_means_themselves(case, expanded):
    field = MeanField(prepare(case), expanded=expanded)
    expected, _ = field.maximise(field.solve(case.theta))
    solved = SolvedMeanField(case.form, expanded=expanded)
    found = solved.step(solved.solve(case.theta)).theta
    assert found.sigma_beta2 == pytest.approx(expected.sigma_beta2, rel=1e-8)
    assert found.sigma_e2 == pytest.approx(expected.sigma_e2, rel=1e-8)
    scale = np.abs(expected.w).max(initial=1e-300)
    np.testing.assert_allclose(found.w, expected.w, atol=1e-8 * scale)


@pytest.mark.parametrize("scheme", ["px", "squarem"])
def test_solved_and_swept_fits_end_at_the_same_optimum(case, scheme):
    swept, q = fit_mfvi(prepare(case), scheme, max_iter=20_000)
    solved, p = fit_mfvi(prepare(case), scheme, max_iter=20_000, e_step="solved")
    assert (swept.e_step, solved.e_step) == ("sweep", "solved")
    assert solved.certificate.certified
    assert solved.objective == pytest.approx(swept.objective, abs=1e-8)
    ratio = swept.theta.ratio
    assert solved.theta.ratio == pytest.approx(ratio, rel=1e-3)  # 1e-8 nats on a flat top
    np.testing.assert_allclose(p.mean, q.mean, atol=2e-3 * np.abs(q.mean).max(initial=0))
    np.testing.assert_allclose(p.variance, q.variance, rtol=2e-3)


def test_the_bound_of_solved_steps_never_falls(case):
    trace = fit_mfvi(prepare(case), "plain", max_iter=300, e_step="solved")[0].trace
    rounding = 1e-10 * np.abs(trace.loglik).max()
    assert np.all(np.diff(trace.objective) >= -rounding)
    assert np.all(trace.objective <= trace.loglik + rounding)


@pytest.mark.parametrize(
    ("room", "asked", "expected"),
    [
        (np.inf, None, "sweep"),
        (0, None, "solved"),
        (np.inf, "solved", "solved"),
        (0, "sweep", "sweep"),
    ],
)
def test_the_e_step_is_as_asked_for_or_by_where_x_is(case, room, asked, expected):
    X = Design(Design.of(case.table.X).source, room)
    rows = Rows(case.table.y, case.table.Z, X)
    fitter = MeanFieldFitter.on(Counted(case.form, rows, e_step=asked))
    assert fitter.e_step == expected
    fitted = fitter.fit("squarem", max_iter=20_000)
    assert fitted.fit.e_step == expected
    assert fitted.fit.certificate.certified
