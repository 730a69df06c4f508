import numpy as np
import pytest
from scipy import optimize

import oracles
from mixedmodel.model.likelihood import (
    Curvature,
    curvature,
    loglik,
    penalty,
    predicted_gain,
    profile,
)
from mixedmodel.model.types import Theta


def test_the_log_likelihood_is_the_density_of_the_response(case):
    expected = oracles.loglik(case.table, *case.parameters)
    assert loglik(case.form, case.theta) == pytest.approx(expected, rel=1e-10)


def test_the_penalty_is_the_log_determinant_lost_by_the_diagonal(case):
    expected = oracles.penalty(case.table, case.sb, case.se)
    assert penalty(case.form, case.theta.ratio) == pytest.approx(expected, abs=1e-9)


def test_the_profile_maximises_over_the_fixed_effects_and_the_noise(case):
    form, ratio = case.form, case.theta.ratio
    found = profile(form, ratio)
    assert found.loglik == pytest.approx(loglik(form, found.theta), abs=1e-9)
    w = form.omega(found.theta.w)
    expected = oracles.gls(case.table, ratio, 1.0)
    np.testing.assert_allclose(w, expected, rtol=1e-6, atol=1e-9 * np.abs(expected).max(initial=0))
    for factor in (0.97, 1.03):
        se = found.theta.sigma_e2 * factor
        assert loglik(form, Theta(found.theta.w, ratio * se, se)) < found.loglik


@pytest.mark.parametrize("penalised", [False, True])
def test_the_slope_is_the_derivative_of_the_profile_objective(case, penalised):
    form, theta = case.form, case.theta

    def objective(logs):
        sb, se = np.exp(logs) * [theta.sigma_beta2, theta.sigma_e2]
        w = form.R @ oracles.gls(case.table, sb, se)
        value = loglik(form, Theta(w, sb, se))
        return value - (penalty(form, sb / se) if penalised else 0.0)

    # central differences: error of order step^2, noise of order 1e-12 / step
    expected = optimize.approx_fprime(np.zeros(2), objective, 1e-6)
    found = curvature(form, theta, penalised=penalised)
    np.testing.assert_allclose(found.slope, expected, rtol=1e-4, atol=1e-4)
    moved = loglik(
        form, Theta(form.R @ oracles.gls(case.table, case.sb, case.se), case.sb, case.se)
    )
    assert found.fixed == pytest.approx(moved - loglik(form, theta), rel=1e-6, abs=1e-9)


def test_the_information_is_that_of_the_covariance_matrix(case):
    """tr(V^-1 V_a V^-1 V_b) / 2 for relative steps of the two variances."""
    X, n = case.table.X, len(case.table.y)
    parts = [case.sb * X @ X.T, case.se * np.eye(n)]
    inverse = np.linalg.inv(sum(parts))
    expected = [[np.trace(inverse @ a @ inverse @ b) / 2 for a in parts] for b in parts]
    found = curvature(case.form, case.theta).information
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_the_penalty_enters_the_information_with_its_second_derivatives(case):
    theta, form, step = case.theta, case.form, 1e-4

    def g(u, v):
        return penalty(form, theta.ratio * (1 + u) / (1 + v))

    hessian = np.empty((2, 2))
    for a, da in enumerate(np.eye(2) * step):
        for b, db in enumerate(np.eye(2) * step):
            corners = [g(*(i * da + j * db)) * i * j for i in (1, -1) for j in (1, -1)]
            hessian[a, b] = sum(corners) / (4 * step**2)
    plain, penalised = (curvature(form, theta, penalised=flag) for flag in (False, True))
    # second differences: noise of order 1e-15 * g / step^2
    np.testing.assert_allclose(
        penalised.information - plain.information, hessian, rtol=1e-4, atol=1e-5
    )


def _model(slope, information, fixed=0.0):
    return Curvature(np.array(slope, float), np.array(information, float), fixed)


def test_an_unrestricted_gain_is_that_of_newtons_step():
    a, b = np.array([0.1, -0.2]), np.array([[2.0, 0.5], [0.5, 1.0]])
    assert predicted_gain(_model(a, b, 0.25)) == pytest.approx(0.25 + a @ np.linalg.inv(b) @ a / 2)


@pytest.mark.parametrize("slope", [[-5.0, 0.3], [-5.0, -4.0], [0.3, -5.0], [2.0, -9.0]])
def test_a_restricted_gain_is_the_best_over_non_negative_variances(slope):
    a, b = np.array(slope), np.array([[2.0, 0.5], [0.5, 1.0]])
    found = optimize.minimize(
        lambda u: -(a @ u - u @ b @ u / 2), np.zeros(2), bounds=[(-1, None)] * 2, tol=1e-12
    )
    assert predicted_gain(_model(a, b)) == pytest.approx(-found.fun, rel=1e-6)


def test_a_place_that_is_not_concave_is_no_place_to_stop():
    assert predicted_gain(_model([0, 0], [[1.0, 2.0], [2.0, 1.0]])) == np.inf
    assert predicted_gain(_model([0, 0], [[-1.0, 0.0], [0.0, 1.0]])) == np.inf


def test_variances_that_cannot_be_told_apart_do_not_hinder_stopping():
    assert predicted_gain(_model([0, 0], [[1.0, 1.0], [1.0, 1.0]])) == 0
