import numpy as np
import pytest

import oracles
from mixedmodel.model.design import Design
from mixedmodel.model.effects import exact_effects
from mixedmodel.model.em import ExactEM, fit_em
from mixedmodel.model.spectral import decompose
from mixedmodel.model.types import Theta


def test_the_e_step_gives_the_moments_of_the_posterior(case):
    X = case.table.X
    mu, Gamma = oracles.posterior(case.table, *case.parameters)
    state = ExactEM(case.form).expect(case.theta)
    rotated = case.form.U.T @ (X @ mu)
    np.testing.assert_allclose(
        state.moments.fitted[: len(rotated)], rotated, atol=1e-9 * np.abs(rotated).max()
    )
    assert state.moments.mean_norm2 == pytest.approx(mu @ mu, rel=1e-9)
    assert state.moments.trace == pytest.approx(np.trace(Gamma), rel=1e-9)
    assert state.moments.trace_fitted == pytest.approx(np.trace(X @ Gamma @ X.T), rel=1e-9)
    assert state.loglik == pytest.approx(oracles.loglik(case.table, *case.parameters), rel=1e-10)


@pytest.mark.parametrize(
    ("expanded", "textbook"), [(False, oracles.em_step), (True, oracles.px_step)]
)
def test_a_step_is_the_textbook_iteration(case, expanded, textbook):
    em = ExactEM(case.form, expanded=expanded)
    theta = em.step(em.expect(case.theta)).theta
    w, sb, se = textbook(case.table, *case.parameters)
    scale = np.abs(w).max(initial=0)
    np.testing.assert_allclose(case.form.omega(theta.w), w, rtol=1e-8, atol=1e-12 * scale)
    assert (theta.sigma_beta2, theta.sigma_e2) == pytest.approx((sb, se), rel=1e-9)


def test_the_effects_have_the_mean_and_variance_of_the_posterior(case):
    mu, Gamma = oracles.posterior(case.table, *case.parameters)
    effects = exact_effects(case.form, case.theta, Design.of(case.table.X))
    np.testing.assert_allclose(effects.mean, mu, rtol=1e-8, atol=1e-10 * np.abs(mu).max())
    np.testing.assert_allclose(effects.variance, np.diag(Gamma), rtol=1e-9)


def test_variances_far_below_the_prior_keep_their_digits():
    """sigma_beta2 - sigma_beta2^2 x'V^-1 x would lose all of them here."""
    rng = np.random.default_rng(1)
    table = oracles.Table(rng.standard_normal(50), np.ones((50, 1)), rng.standard_normal((50, 4)))
    form = decompose(table.y, table.Z, Design.of(table.X))
    theta = Theta(np.zeros(1), 1e14, 1.0)
    expected = np.diag(np.linalg.inv(table.X.T @ table.X))
    found = exact_effects(form, theta, Design.of(table.X)).variance
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize("scheme", ["plain", "px", "squarem"])
def test_every_scheme_reaches_the_dense_optimum(case, scheme):
    optimum, sb, se = oracles.best(case.table, penalised=False)
    fit = fit_em(case.form, scheme, max_iter=200_000)
    assert fit.certificate.certified, fit.certificate
    assert fit.loglik == pytest.approx(optimum, abs=1e-6)
    if not fit.certificate.boundary:
        found = (fit.theta.sigma_beta2, fit.theta.sigma_e2)
        assert found == pytest.approx((sb, se), rel=1e-3)  # 1e-6 nats on a flat top


@pytest.mark.parametrize("p", [3, 60])
@pytest.mark.parametrize("scheme", ["plain", "px", "squarem"])
def test_columns_of_zeros_alone_tell_nothing(scheme, p):
    rng = np.random.default_rng(1)
    form = decompose(rng.standard_normal(30), np.ones((30, 1)), Design.of(np.zeros((30, p))))
    fit = fit_em(form, scheme, max_iter=500)
    assert fit.certificate.flat
    assert not fit.certificate.certified
    assert form.pve(fit.theta.ratio) == 0
