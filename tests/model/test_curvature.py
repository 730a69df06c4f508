import numpy as np
import pytest
from scipy import optimize

import oracles
from mixedmodel.model.curvature import (
    LocalModel,
    expected_information,
    local_model,
    penalty_information,
    prospect,
)
from mixedmodel.model.likelihood import loglik
from mixedmodel.model.penalty import MEAN_FIELD, NONE
from mixedmodel.model.types import Theta


@pytest.mark.parametrize("penalised", [False, True])
def test_the_slope_is_the_derivative_of_the_profile_objective(case, penalised):
    form, theta = case.form, case.theta

    def objective(logs):
        sb, se = np.exp(logs) * [theta.sigma_beta2, theta.sigma_e2]
        w = form.from_omega(oracles.gls(case.table, sb, se))
        value = loglik(form, Theta(w, sb, se))
        return value - (MEAN_FIELD.value(form, sb / se) if penalised else 0.0)

    # central differences: error of order step^2, noise of order 1e-12 / step
    expected = optimize.approx_fprime(np.zeros(2), objective, 1e-6)
    found = local_model(form, theta, penalty=MEAN_FIELD if penalised else NONE)
    np.testing.assert_allclose(found.slope, expected, rtol=1e-4, atol=1e-4)
    moved = loglik(
        form,
        Theta(form.from_omega(oracles.gls(case.table, case.sb, case.se)), case.sb, case.se),
    )
    assert found.fixed == pytest.approx(moved - loglik(form, theta), rel=1e-6, abs=1e-9)


def test_the_information_is_that_of_the_covariance_matrix(case):
    """tr(V^-1 V_a V^-1 V_b) / 2 for relative steps of the two variances."""
    X, n = case.table.X, len(case.table.y)
    parts = [case.sb * X @ X.T, case.se * np.eye(n)]
    inverse = np.linalg.inv(sum(parts))
    expected = [[np.trace(inverse @ a @ inverse @ b) / 2 for a in parts] for b in parts]
    found = expected_information(case.form, case.theta)
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_the_penalty_enters_the_information_with_its_second_derivatives(case):
    theta, form, step = case.theta, case.form, 1e-4

    def g(u, v):
        return MEAN_FIELD.value(form, theta.ratio * (1 + u) / (1 + v))

    hessian = np.empty((2, 2))
    for a, da in enumerate(np.eye(2) * step):
        for b, db in enumerate(np.eye(2) * step):
            corners = [g(*(i * da + j * db)) * i * j for i in (1, -1) for j in (1, -1)]
            hessian[a, b] = sum(corners) / (4 * step**2)
    # second differences: noise of order 1e-15 * g / step^2
    found = penalty_information(form, theta.ratio, MEAN_FIELD)
    np.testing.assert_allclose(found, hessian, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("penalised", [False, True])
def test_the_observed_curvature_is_that_of_the_profile_over_the_fixed_effects(case, penalised):
    form, theta, step = case.form, case.theta, 1e-3

    def objective(u):
        sb, se = theta.sigma_beta2 * (1 + u[0]), theta.sigma_e2 * (1 + u[1])
        w = form.from_omega(oracles.gls(case.table, sb, se))
        value = loglik(form, Theta(w, sb, se))
        return value - (MEAN_FIELD.value(form, sb / se) if penalised else 0.0)

    hessian = np.empty((2, 2))
    for a, da in enumerate(np.eye(2) * step):
        for b, db in enumerate(np.eye(2) * step):
            corners = [objective(i * da + j * db) * i * j for i in (1, -1) for j in (1, -1)]
            hessian[a, b] = sum(corners) / (4 * step**2)
    found = local_model(form, theta, penalty=MEAN_FIELD if penalised else NONE).observed
    # second differences: noise of order 1e-13 * objective / step^2
    np.testing.assert_allclose(found, -hessian, rtol=1e-3, atol=1e-4 * np.abs(hessian).max())


def promised(slope, observed, expected=None, fixed=0.0):
    matrices = (np.array(m, float) for m in (observed, observed if expected is None else expected))
    return prospect(LocalModel(np.array(slope, float), *matrices, fixed))


def test_an_unrestricted_gain_is_that_of_newtons_step():
    a, b = np.array([0.1, -0.2]), np.array([[2.0, 0.5], [0.5, 1.0]])
    found = promised(a, b, fixed=0.25)
    assert found.gain == pytest.approx(0.25 + a @ np.linalg.inv(b) @ a / 2)
    np.testing.assert_allclose(found.step, np.linalg.solve(b, a))


@pytest.mark.parametrize("slope", [[-5.0, 0.3], [-5.0, -4.0], [0.3, -5.0], [2.0, -9.0]])
def test_a_restricted_gain_is_the_best_over_non_negative_variances(slope):
    a, b = np.array(slope), np.array([[2.0, 0.5], [0.5, 1.0]])
    best = optimize.minimize(
        lambda u: -(a @ u - u @ b @ u / 2), np.zeros(2), bounds=[(-1, None)] * 2, tol=1e-12
    )
    found = promised(a, b)
    assert found.gain == pytest.approx(-best.fun, rel=1e-6)
    np.testing.assert_allclose(found.step, best.x, atol=1e-5)


@pytest.mark.parametrize(
    "observed", [[[1.0, 2.0], [2.0, 1.0]], [[-1.0, 0.0], [0.0, 1.0]], [[-1.0, 0.3], [0.3, -2.0]]]
)
@pytest.mark.parametrize("slope", [[0.0, 0.0], [0.4, -0.1]])
def test_a_place_that_is_not_concave_is_no_place_to_stop(slope, observed):
    """The bend itself promises a gain within steps of 1, the best of a fine search there."""
    a, b = np.array(slope), np.array(observed)
    steps = np.stack(np.meshgrid(*[np.linspace(-1, 1, 401)] * 2)).reshape(2, -1)
    nearby = (a @ steps - 0.5 * np.einsum("ij,ij->j", steps, b @ steps)).max()
    assert promised(a, b, 1e9 * np.eye(2)).gain == pytest.approx(nearby, rel=1e-4)
    assert promised(a, b, np.eye(2)).gain >= max(nearby * (1 - 1e-4), 0.5 * a @ a)


def test_on_the_way_to_the_boundary_the_promise_fades_with_the_slope():
    """A convex descent to sigma_beta2 = 0: relative slope and bend vanish together."""
    for size in (1e-3, 1e-6, 1e-9):
        found = promised([-size, 0.0], [[-(size**2), 0], [0, 10]], [[size**2, 0], [0, 10]])
        assert found.gain == pytest.approx(size, rel=1e-2)
        assert found.step[0] == -1


def test_variances_that_cannot_be_told_apart_do_not_hinder_stopping():
    assert promised([0, 0], [[1.0, 1.0], [1.0, 1.0]]).gain == 0
    assert promised([0, 0.0], [[0.0, 0.0], [0.0, 1.0]]).gain == 0
