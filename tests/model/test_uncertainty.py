from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import oracles
from mixedmodel.model.contrasts import Rows, counted_rows
from mixedmodel.model.design import Design
from mixedmodel.model.effects import exact_effects
from mixedmodel.model.em import fit_em
from mixedmodel.model.inference import infer
from mixedmodel.model.likelihood import profile
from mixedmodel.model.mfvi import Sweeps, fit_mfvi
from mixedmodel.model.penalty import MEAN_FIELD, NONE
from mixedmodel.model.spectral import decompose
from mixedmodel.model.types import Theta
from mixedmodel.model.uncertainty import no_effect_test, pve_interval, standard_errors
from small_tables import draw


def hessian(f, x, step=1e-4):
    """Second derivatives of f at x by central differences."""
    steps = np.eye(len(x)) * step
    return np.array(
        [
            [sum(s * t * f(x + s * a + t * b) for s in (1, -1) for t in (1, -1)) for b in steps]
            for a in steps
        ]
    ) / (4 * step**2)


def fitted(seed=3, n=80, c=2, p=40, pve=0.5):
    table = draw(seed, n, c, p, pve=pve)
    form = decompose(table.y, table.Z, Design.of(table.X))
    return table, form, fit_em(form, "squarem", max_iter=5000, tolerance=1e-14).theta


@pytest.mark.parametrize("penalised", [False, True])
@pytest.mark.parametrize("n", [80, 30])
def test_the_observed_errors_come_from_the_curvature_of_the_dense_objective(n, penalised):
    table, form, theta = fitted(n=n)
    omega, sb, se = form.omega(theta.w), theta.sigma_beta2, theta.sigma_e2
    theta = replace(theta, w=form.from_omega(oracles.gls(table, sb, se)))

    def objective(x):
        shifted = sb * (1 + x[-2]), se * (1 + x[-1])
        cost = oracles.penalty(table, *shifted) if penalised else 0.0
        return oracles.loglik(table, form.omega(theta.w) + x[:-2], *shifted) - cost

    covariance = np.linalg.inv(-hessian(objective, np.zeros(len(omega) + 2)))
    found = standard_errors(form, theta, penalty=MEAN_FIELD if penalised else NONE)
    expected = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(found.omega, expected[:-2], rtol=1e-4)
    assert found.sigma_beta2 == pytest.approx(expected[-2] * sb, rel=1e-4)
    assert found.sigma_e2 == pytest.approx(expected[-1] * se, rel=1e-4)


def test_the_error_of_pve_is_that_of_its_profile_curvature():
    _, form, theta = fitted()
    t = np.log(theta.ratio)
    step = 1e-3
    values = [profile(form, float(np.exp(t + k * step))).loglik for k in (-1, 0, 1)]
    by_log_ratio = 1 / np.sqrt(-(values[0] - 2 * values[1] + values[2]) / step**2)
    share = form.pve(theta.ratio)
    expected = share * (1 - share) * by_log_ratio
    assert standard_errors(form, theta).pve == pytest.approx(expected, rel=1e-4)


def test_the_expected_errors_come_from_the_covariance_matrix():
    table, form, theta = fitted()
    sb, se, n = theta.sigma_beta2, theta.sigma_e2, len(table.y)
    K = table.X @ table.X.T
    inverse = np.linalg.inv(sb * K + se * np.eye(n))
    parts = [K, np.eye(n)]
    information = [[np.trace(inverse @ a @ inverse @ b) / 2 for a in parts] for b in parts]
    expected = np.sqrt(np.diag(np.linalg.inv(information)))
    found = standard_errors(form, theta, expected=True)
    assert (found.sigma_beta2, found.sigma_e2) == pytest.approx(tuple(expected), rel=1e-8)
    covariance = np.linalg.inv(table.Z.T @ inverse @ table.Z)
    np.testing.assert_allclose(found.omega, np.sqrt(np.diag(covariance)), rtol=1e-8)


def test_where_the_objective_is_not_concave_there_is_a_reason_instead():
    _, form, theta = fitted()
    far = Theta(theta.w, theta.sigma_beta2 * 1e-3, theta.sigma_e2 * 1e3)
    found = standard_errors(form, far)
    assert (found.sigma_beta2, found.sigma_e2, found.pve) == (None, None, None)
    assert "not concave" in found.reason
    assert np.all(found.omega > 0)


def test_at_a_boundary_only_the_fixed_effects_have_standard_errors():
    _, form, theta = fitted()
    found = standard_errors(form, theta, reason="a boundary")
    assert found.pve is None
    assert found.reason == "a boundary"
    assert np.all(found.omega > 0)


@pytest.mark.parametrize("penalised", [False, True])
def test_the_interval_ends_where_the_profile_has_fallen_by_half_the_quantile(penalised):
    _, form, _ = fitted(n=300, p=40)

    def objective(share):
        q = share / (1 - share) / form.mean_diagonal
        return profile(form, q).loglik - (MEAN_FIELD.value(form, q) if penalised else 0.0)

    low, high = pve_interval(form, penalty=MEAN_FIELD if penalised else NONE)
    best = max(objective(share) for share in np.linspace(low, high, 4001))
    for end in (low, high):
        assert best - objective(end) == pytest.approx(stats.chi2.ppf(0.95, 1) / 2, abs=1e-5)


def test_the_interval_reaches_over_a_dip_between_two_maxima():
    """Every ratio whose profile is high enough lies in it, also beyond others that are not."""
    y = np.array([7.195, -6.095, 1.103, 0.407, -1.135, -0.913, 0.559, -1.699])
    X = np.diag(np.sqrt([1e6, 1e3, 1.0, 1e-3, 0.0, 0.0, 0.0, 0.0]))
    form = decompose(y, np.zeros((8, 0)), Design.of(X))
    ratios = np.geomspace(1e-12, 1e9, 5001)
    heights = np.array([profile(form, q).loglik for q in ratios])
    enough = heights >= heights.max() - stats.chi2.ppf(0.95, 1) / 2
    assert np.sum(np.diff(enough.astype(int)) == 1) == 2
    low, high = pve_interval(form)
    held = form.pve(ratios[enough][0]), form.pve(ratios[enough][-1])
    assert (low, high) == pytest.approx(held, abs=1e-3)


def test_an_interval_without_an_end_reaches_the_boundary():
    table = draw(22, 120, 2, 200, pve=0.0)
    assert pve_interval(decompose(table.y, table.Z, Design.of(table.X)))[0] == 0
    rng = np.random.default_rng(8)
    X = rng.standard_normal((40, 60)) * np.geomspace(1, 1e-4, 60)
    without_noise = decompose(X @ rng.standard_normal(60), np.ones((40, 1)), Design.of(X))
    assert pve_interval(without_noise)[1] == 1


def test_the_test_of_no_effect_halves_the_tail():
    _, form, theta = fitted()
    found = no_effect_test(form)
    gain = profile(form, theta.ratio).loglik - profile(form, 0.0).loglik
    assert found.statistic == pytest.approx(2 * gain, abs=1e-8)
    assert found.p_value == pytest.approx(stats.chi2.sf(2 * gain, 1) / 2)
    table = draw(22, 120, 2, 200, pve=0.0)
    at_zero = no_effect_test(decompose(table.y, table.Z, Design.of(table.X)))
    assert (at_zero.statistic, at_zero.p_value) == (0.0, 1.0)


@pytest.mark.parametrize("likelihood", ["ml", "reml"])
def test_the_fixed_effects_of_both_likelihoods_are_least_squares_with_its_errors(likelihood):
    drawn = draw(5, 90, 3, 150, pve=0.4)
    table = Rows(drawn.y, drawn.Z, Design.of(drawn.X))
    rows = counted_rows(likelihood, drawn.y, drawn.Z, Design.of(drawn.X))
    form = decompose(rows.y, rows.Z, rows.X)
    fit = fit_em(form, "squarem", max_iter=5000, tolerance=1e-14)
    effects = exact_effects(form, fit.theta, rows.X)
    found = infer(likelihood, form, fit, effects, table=table, counted=rows)
    sb, se = fit.theta.sigma_beta2, fit.theta.sigma_e2
    np.testing.assert_allclose(found.omega, oracles.gls(drawn, sb, se), rtol=1e-6)
    V = sb * drawn.X @ drawn.X.T + se * np.eye(90)
    expected = np.sqrt(np.diag(np.linalg.inv(drawn.Z.T @ np.linalg.solve(V, drawn.Z))))
    np.testing.assert_allclose(found.expected.omega, expected, rtol=1e-6)


def test_mean_field_has_naive_intervals_and_no_test():
    drawn = draw(5, 90, 3, 150, pve=0.4)
    table = Rows(drawn.y, drawn.Z, Design.of(drawn.X))
    form = decompose(table.y, table.Z, table.X)
    fit, effects = fit_mfvi(Sweeps.prepare(form, table.Z, table.X), "squarem", max_iter=5000)
    found = infer("ml", form, fit, effects, table=table, counted=table)
    assert found.no_effect is None
    assert found.pve_interval[0] <= form.pve(fit.theta.ratio) <= found.pve_interval[1]
    assert found.pve_interval[1] < pve_interval(form)[1]
