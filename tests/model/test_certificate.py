import logging

import numpy as np
import pytest

import oracles
from mixedmodel.model.advice import announce
from mixedmodel.model.certificate import certify
from mixedmodel.model.design import Design
from mixedmodel.model.em import fit_em
from mixedmodel.model.likelihood import loglik, profile
from mixedmodel.model.mfvi import Sweeps, fit_mfvi
from mixedmodel.model.penalty import MEAN_FIELD, NONE
from mixedmodel.model.spectral import decompose
from small_tables import draw


def decomposed(table):
    return decompose(table.y, table.Z, Design.of(table.X))


def without_random_effect(n=120, p=200):
    """A response in which the random effects have no part, and the data say so."""
    table = draw(22, n, 2, p, pve=0.0)
    form = decomposed(table)
    assert profile(form, 1e-6).loglik < profile(form, 0.0).loglik
    return table, form


@pytest.mark.parametrize("penalised", [False, True])
def test_the_optimum_is_that_of_a_dense_search(case, penalised):
    expected, sb, se = oracles.best(case.table, penalised=penalised)
    value = loglik(case.form, case.theta)
    found = certify(case.form, case.theta, value, penalty=MEAN_FIELD if penalised else NONE)
    assert found.optimum == pytest.approx(expected, abs=1e-7)
    if not found.boundary:
        reached = (found.optimum_sigma_beta2, found.optimum_sigma_e2)
        assert reached == pytest.approx((sb, se), rel=1e-3)


def test_a_point_short_of_the_optimum_is_not_certified(case):
    value = loglik(case.form, case.theta)
    found = certify(case.form, case.theta, value, penalty=NONE)
    assert not found.certified
    assert found.shortfall == pytest.approx(found.optimum - value)


@pytest.mark.parametrize("side", [-1, 1])
def test_a_millionth_of_a_nat_is_what_a_certificate_allows(case, side):
    optimum = certify(case.form, case.theta, 0.0, penalty=MEAN_FIELD).optimum
    for missing, allowed in ((0.9e-6, True), (1.1e-6, False)):
        found = certify(case.form, case.theta, optimum + side * missing, penalty=MEAN_FIELD)
        assert found.certified is allowed


def test_the_score_is_the_derivative_in_the_variances_themselves(case):
    theta, form = case.theta, case.form
    found = certify(form, theta, 0.0, penalty=MEAN_FIELD)

    def objective(sb, se):
        return oracles.loglik(case.table, case.omega, sb, se) - MEAN_FIELD.value(form, sb / se)

    step = 1e-5
    sb, se = theta.sigma_beta2, theta.sigma_e2
    by_sb = (objective(sb * (1 + step), se) - objective(sb * (1 - step), se)) / (2 * step * sb)
    by_se = (objective(sb, se * (1 + step)) - objective(sb, se * (1 - step))) / (2 * step * se)
    # central differences of a dense log-likelihood: noise of order 1e-11 / step
    assert found.score.sigma_beta2 * sb == pytest.approx(by_sb * sb, rel=1e-4, abs=1e-4)
    assert found.score.sigma_e2 * se == pytest.approx(by_se * se, rel=1e-4, abs=1e-4)


def test_the_boundary_is_found_and_certified_for_both_methods():
    table, form = without_random_effect()
    em = fit_em(form, "squarem", max_iter=5000)
    mfvi, _ = fit_mfvi(Sweeps.prepare(form, table.Z, Design.of(table.X)), "squarem", max_iter=5000)
    for fit in (em, mfvi):
        assert fit.certificate.boundary
        assert fit.certificate.certified
        assert fit.certificate.optimum_sigma_beta2 == 0
        assert form.pve(fit.theta.ratio) < 1e-6


def test_plain_em_at_the_boundary_is_reported_as_not_arrived():
    _, form = without_random_effect()
    fit = fit_em(form, "plain", max_iter=2000)
    assert fit.certificate.boundary
    assert not fit.certificate.certified
    assert "iteration limit" in fit.stop.value


def test_an_optimum_without_noise_is_named():
    """p > n, and the response lies in the span of few strong directions of X."""
    rng = np.random.default_rng(8)
    X = rng.standard_normal((40, 60)) * np.geomspace(1, 1e-4, 60)
    form = decompose(X @ rng.standard_normal(60), np.ones((40, 1)), Design.of(X))
    fit = fit_em(form, "squarem", max_iter=200)
    assert fit.certificate.noise_boundary
    assert not fit.certificate.boundary


def test_a_pole_at_zero_noise_does_not_hide_the_maximum():
    """Centred X with an intercept: the likelihood grows without bound as sigma_e2 -> 0."""
    table = draw(31, 30, 0, 60, pve=0.5)
    X = table.X - table.X.mean(axis=0)
    form = decompose(table.y, np.ones((30, 1)), Design.of(X))
    assert form.has_pole
    assert not form.is_noise_free
    far = [profile(form, q).loglik for q in (1e150, 1e250)]
    assert far[1] - far[0] == pytest.approx(50 * np.log(10), rel=1e-6)
    fit = fit_em(form, "squarem", max_iter=5000)
    assert fit.certificate.certified
    assert not fit.certificate.noise_boundary
    nearby = [profile(form, fit.theta.ratio * factor).loglik for factor in (0.7, 1.4)]
    assert max(nearby) < fit.certificate.optimum


def test_a_response_without_noise_is_recognised():
    table = draw(32, 50, 2, 10)
    exact = table.Z @ [1.0, 2.0] + table.X @ np.arange(10.0)
    assert decompose(exact, table.Z, Design.of(table.X)).is_noise_free
    assert not decompose(table.y, table.Z, Design.of(table.X)).has_pole


def test_of_two_maxima_the_higher_one_is_found():
    """A kernel of two scales with a response on both: the objective has two humps."""
    eigvals = np.repeat([1e6, 1.0, 1e-9], [3, 30, 30])
    rng = np.random.default_rng(5)
    y = rng.standard_normal(63) * np.sqrt(np.where(eigvals > 1e3, 60.0, 1 + 20 * eigvals))
    form = decompose(y, np.zeros((63, 0)), Design.of(np.diag(np.sqrt(eigvals))))
    found = certify(form, profile(form, 1.0).theta, 0.0, penalty=NONE)
    fine = max(profile(form, q).loglik for q in np.geomspace(1e-12, 1e12, 20_001))
    assert found.optimum >= fine
    assert found.optimum == pytest.approx(fine, abs=1e-4)


def test_a_refused_certificate_is_a_warning_only_for_the_fit_reported(caplog):
    form = decomposed(draw(1, 100, 2, 300, pve=0.3))
    good, bad = (fit_em(form, "squarem", max_iter=k) for k in (5000, 3))
    caplog.clear()
    with caplog.at_level(logging.INFO):
        announce([good, bad], fixed_effects=True)
    assert [record.levelname for record in caplog.records] == ["INFO", "INFO"]
    caplog.clear()
    announce([bad, good], fixed_effects=True)
    assert caplog.records[0].levelname == "WARNING"
    assert "NOT certified" in caplog.records[0].message
    assert "do not report" in caplog.records[0].message
