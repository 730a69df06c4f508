"""The exact identities and inequalities of the model, on tables that hypothesis makes up.

Model y = Z w + X beta + e; Gamma is the exact posterior covariance, s_j the variances of the
best factorised q, g(q) what the factorisation costs in nats at the variance ratio q.
"""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import oracles
from mixedmodel.model.certificate import certify
from mixedmodel.model.compare import (
    compare_objectives,
    exact_fitted_variance,
    factorised_fitted_variance,
)
from mixedmodel.model.design import Design
from mixedmodel.model.effects import exact_effects
from mixedmodel.model.em import fit_em
from mixedmodel.model.factors import factorised_variances
from mixedmodel.model.likelihood import loglik
from mixedmodel.model.mfvi import Sweeps, fit_mfvi
from mixedmodel.model.penalty import MEAN_FIELD, NONE
from mixedmodel.model.spectral import decompose
from mixedmodel.model.types import Stop, Theta
from oracles import Table
from small_tables import draw

ROUNDING = 1e-9  # nats; log-determinants of up to 40 x 40 matrices in double precision


@st.composite
def tables(draw_from: st.DrawFn) -> Table:
    """Tables of every shape, X with equal, spread or duplicated columns."""
    n = draw_from(st.integers(4, 30))
    c = draw_from(st.integers(0, min(3, n - 2)))
    p = draw_from(st.integers(1, 40))
    table = draw(draw_from(st.integers(0, 10**6)), n, c, p, pve=draw_from(st.floats(0, 0.9)))
    spread = draw_from(st.floats(0, 2))
    X = table.X * 10.0 ** (spread * np.linspace(-1, 1, p))
    if draw_from(st.booleans()):
        X = X[:, np.arange(p) // 2]
    return Table(table.y, table.Z, X)


ratios = st.floats(-6, 6).map(lambda exponent: 10.0**exponent)
few = settings(max_examples=40, deadline=None)


def decomposed(table: Table):
    return decompose(table.y, table.Z, Design.of(table.X))


@few
@given(tables(), ratios, st.integers(0, 1000))
def test_evidence_is_bound_plus_divergence_for_any_factorised_q(table, ratio, seed):
    rng = np.random.default_rng(seed)
    se = float(table.y @ table.y) / len(table.y)
    sb, p = ratio * se, table.X.shape[1]
    w = rng.standard_normal(table.Z.shape[1])
    m, s = rng.standard_normal(p) * np.sqrt(sb), sb * rng.uniform(0.1, 2, p)
    mu, Gamma = oracles.posterior(table, w, sb, se)
    form = decomposed(table)
    exact = loglik(form, Theta(form.from_omega(w), sb, se))
    divergence = oracles.kl(m, np.diag(s), mu, Gamma)
    bound = oracles.elbo(table, w, sb, se, m, s)
    assert exact - bound == pytest.approx(divergence, rel=1e-7, abs=1e-7)
    assert bound <= exact + ROUNDING * (1 + abs(exact))


@few
@given(tables(), ratios)
def test_the_gap_at_the_best_q_is_g_of_the_ratio_whatever_the_response(table, ratio):
    form = decomposed(table)
    se = 1.7
    w = np.zeros(table.Z.shape[1])
    mu, Gamma = oracles.posterior(table, w, ratio * se, se)
    s = factorised_variances(form, Theta(w, ratio * se, se))
    divergence = oracles.kl(mu, np.diag(s), mu, Gamma)
    assert MEAN_FIELD.value(form, ratio) == pytest.approx(divergence, rel=1e-6, abs=1e-7)


@few
@given(tables(), ratios, st.floats(1.0, 1e3))
def test_the_cost_of_the_factorisation_is_non_negative_and_grows_with_the_ratio(
    table, ratio, factor
):
    form = decomposed(table)
    low, high = MEAN_FIELD.value(form, ratio), MEAN_FIELD.value(form, ratio * factor)
    assert low >= -ROUNDING
    assert high >= low - ROUNDING


@few
@given(tables())
def test_mean_field_never_reports_more_than_maximum_likelihood(table):
    form = decomposed(table)
    assume(not form.has_pole)  # at one both optima are inner maxima, which no inequality orders
    theta = Theta(np.zeros(form.c), 1.0, 1.0)
    exact, bound = (
        certify(form, theta, 0.0, penalty=MEAN_FIELD if flag else NONE) for flag in (False, True)
    )
    assert bound.optimum <= exact.optimum + ROUNDING * (1 + abs(exact.optimum))
    ratios = [c.optimum_sigma_beta2 / c.optimum_sigma_e2 for c in (exact, bound)]
    assert ratios[1] <= ratios[0] * (1 + 1e-3)  # positions are known to sqrt of the rounding
    assert form.pve(ratios[1]) <= form.pve(ratios[0]) + 1e-3


@few
@given(tables(), ratios)
def test_each_variance_is_understated_and_their_sum_over_the_fit_overstated(table, ratio):
    form = decomposed(table)
    theta = Theta(np.zeros(form.c), ratio * 2.0, 2.0)
    _, Gamma = oracles.posterior(table, theta.w, theta.sigma_beta2, theta.sigma_e2)
    s = factorised_variances(form, theta)
    assert np.all(s <= np.diag(Gamma) * (1 + 1e-6))
    assert np.all(s <= exact_effects(form, theta, Design.of(table.X)).variance * (1 + 1e-9))
    exact = exact_fitted_variance(form, theta)
    factorised = factorised_fitted_variance(form, theta)
    assert factorised.uncertainty_part >= exact.uncertainty_part * (1 - 1e-9)
    assert factorised.mean_part == pytest.approx(exact.mean_part)


@few
@given(tables())
def test_at_its_optimum_the_factorised_mean_is_the_exact_one(table):
    form = decomposed(table)
    fit, effects = fit_mfvi(
        Sweeps.prepare(form, table.Z, Design.of(table.X)), "squarem", max_iter=5000, tolerance=1e-13
    )
    mu = exact_effects(form, fit.theta, Design.of(table.X)).mean
    assume(fit.stop is Stop.CONVERGED)
    # 1e-13 nats of 1/2 (m - mu)' Gamma^-1 (m - mu) are 1e-6 prior deviations at the most
    assert np.all(np.abs(effects.mean - mu) <= 1e-5 * np.sqrt(fit.theta.sigma_beta2))


@few
@given(st.integers(0, 10**6), st.integers(6, 30), st.integers(1, 5))
def test_with_orthogonal_columns_the_methods_coincide(seed, n, p):
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(rng.standard_normal((n, p)))[0]
    table = Table(rng.standard_normal(n) * 2, np.ones((n, 1)), Q * rng.uniform(0.5, 3, p))
    form = decomposed(table)
    assume(not form.has_pole)
    em = fit_em(form, "squarem", max_iter=20_000)
    mfvi, _ = fit_mfvi(
        Sweeps.prepare(form, table.Z, Design.of(table.X)), "squarem", max_iter=20_000
    )
    assert MEAN_FIELD.value(form, 3.0) == pytest.approx(0, abs=ROUNDING)
    assert mfvi.objective == pytest.approx(em.loglik, abs=2e-6)  # what two certificates allow


@few
@given(tables())
def test_the_gap_between_the_fits_splits_into_parameters_and_factorisation(table):
    form = decomposed(table)
    em = fit_em(form, "squarem", max_iter=5000)
    mfvi, _ = fit_mfvi(Sweeps.prepare(form, table.Z, Design.of(table.X)), "squarem", max_iter=5000)
    gap = compare_objectives(
        form,
        em_loglik=em.loglik,
        mfvi_loglik=mfvi.loglik,
        elbo=mfvi.objective,
        ratio=mfvi.theta.ratio,
    )
    size = 1 + abs(em.loglik)
    assert gap.total == pytest.approx(
        gap.parameters + gap.mean + gap.factorisation, abs=1e-9 * size
    )
    assert gap.mean >= -ROUNDING * size
    assert gap.factorisation == gap.log_det_diagonal - gap.log_det_spectrum


@few
@given(tables(), st.floats(-6, 6), st.floats(-6, 6))
def test_estimates_follow_the_units_of_the_table(table, log_y, log_x):
    """y times a and X times b: sigma_e2 times a^2, sigma_beta2 times a^2/b^2, shares unchanged."""
    a, b = 10.0**log_y, 10.0**log_x
    forms = [decomposed(table), decompose(a * table.y, table.Z, Design.of(b * table.X))]
    plain, scaled = (certify(form, Theta(np.zeros(form.c), 1.0, 1.0), 0.0, NONE) for form in forms)
    assert scaled.boundary == plain.boundary
    assert scaled.optimum == pytest.approx(plain.optimum - len(table.y) * np.log(a), abs=1e-6)
    fits = [fit_em(form, "squarem", max_iter=200) for form in forms]
    assert fits[1].theta.sigma_e2 / a**2 == pytest.approx(fits[0].theta.sigma_e2, rel=1e-2)
