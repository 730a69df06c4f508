"""The numbers of the derivations' checks against dense matrices and definitions."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import oracles
from mixedmodel.model.cost import Costs
from mixedmodel.model.design import Design
from mixedmodel.model.effects import exact_effects
from mixedmodel.model.worked import Worker, work_at

CLOSE = 1e-6  # relative; eigenvalues of the squared tables lose some digits


@pytest.fixture
def exact(case):
    """EM's posterior at the parameters of the case."""
    X = Design.of(case.table.X)
    effects = exact_effects(case.form, case.theta, X)
    assert effects.variance is not None
    return Worker(case.form, case.theta, effects.mean, effects.variance, X)


@pytest.fixture
def swept(case):
    """Mean field's q(beta) with arbitrary means."""
    rng, X = np.random.default_rng(8), Design.of(case.table.X)
    mean = rng.standard_normal(case.form.p) * np.sqrt(case.sb)
    return Worker(case.form, case.theta, mean, np.zeros(case.form.p), X)


def named(form):
    return tuple(f"x{j}" for j in range(form.p))


def test_the_coefficient_is_that_of_the_dense_posterior(case, exact):
    table, X = case.table, case.table.X
    found = work_at(exact, None, named(case.form)).coefficient
    mu, Gamma = oracles.posterior(table, *case.parameters)
    j = int(found.name[1:])
    assert abs(mu[j]) == pytest.approx(np.abs(mu).max(), rel=CLOSE)
    x, r = X[:, j], table.y - table.Z @ case.omega
    V = case.sb * X @ X.T + case.se * np.eye(len(r))
    scale = np.linalg.norm(x) * np.linalg.norm(r)
    others = sum(x @ X[:, k] * Gamma[k, j] for k in range(len(mu)) if k != j)
    assert found.norm2 == pytest.approx(x @ x)
    assert found.response == pytest.approx(x @ r, abs=1e-9 * scale)
    assert found.residual == pytest.approx(x @ (r - X @ mu), abs=1e-9 * scale)
    assert found.inner == pytest.approx(x @ np.linalg.inv(V) @ x, rel=CLOSE)
    assert found.mean == pytest.approx(mu[j], rel=CLOSE)
    assert found.variance == pytest.approx(Gamma[j, j], rel=CLOSE)
    assert found.factorised == pytest.approx(1 / np.linalg.inv(Gamma)[j, j], rel=CLOSE)
    assert found.others == pytest.approx(others, rel=CLOSE, abs=CLOSE * x @ x * Gamma[j, j])


def test_the_step_of_em_is_the_textbook_step(case, exact):
    table, X = case.table, case.table.X
    found = work_at(exact, None, named(case.form)).em
    mu, Gamma = oracles.posterior(table, *case.parameters)
    w, sb, se = oracles.em_step(table, *case.parameters)
    residual = table.y - table.Z @ w - X @ mu
    assert found.residual2 == pytest.approx(residual @ residual, rel=CLOSE)
    assert found.trace_fitted == pytest.approx(np.trace(X @ Gamma @ X.T), rel=CLOSE)
    assert found.mean_norm2 == pytest.approx(mu @ mu, rel=CLOSE)
    assert found.trace == pytest.approx(np.trace(Gamma), rel=CLOSE)
    assert (found.sigma_beta2, found.sigma_e2) == pytest.approx((sb, se), rel=CLOSE)


def test_the_step_of_mean_field_has_sums_for_the_traces(case, swept):
    table, X, mean = case.table, case.table.X, swept.mean
    found = work_at(None, swept, named(case.form)).mfvi
    d = np.sum(X**2, axis=0)
    s = 1 / (d / case.se + 1 / case.sb)
    residual = table.y - X @ mean
    residual = residual - table.Z @ oracles.least_squares(table.Z, residual)
    assert found.residual2 == pytest.approx(residual @ residual, rel=CLOSE)
    assert found.trace_fitted == pytest.approx(d @ s)
    assert found.trace == pytest.approx(s.sum())
    assert found.sigma_e2 == pytest.approx((residual @ residual + d @ s) / len(residual), rel=CLOSE)
    assert found.sigma_beta2 == pytest.approx((mean @ mean + s.sum()) / len(s))


def test_the_terms_of_the_bound_are_expectations_of_log_densities(case, swept):
    table, X, mean = case.table, case.table.X, swept.mean
    found = work_at(None, swept, named(case.form)).bound
    d = np.sum(X**2, axis=0)
    s = 1 / (d / case.se + 1 / case.sb)
    residual = table.y - table.Z @ case.omega - X @ mean
    noise, beta = np.sqrt(case.se), np.sqrt(case.sb)
    likelihood = stats.norm.logpdf(residual, scale=noise).sum() - d @ s / (2 * case.se)
    prior = stats.norm.logpdf(mean, scale=beta).sum() - s.sum() / (2 * case.sb)
    entropy = stats.norm.entropy(scale=np.sqrt(s)).sum()
    terms = found.likelihood, found.prior, found.entropy
    assert terms == pytest.approx((likelihood, prior, entropy), rel=CLOSE)
    elbo = oracles.elbo(table, *case.parameters, mean, s)
    assert sum(terms) == pytest.approx(elbo, rel=1e-9, abs=1e-9 * max(map(abs, terms)))


def test_the_sums_over_the_spectrum_are_dense_determinants_and_forms(case, exact):
    table, n = case.table, len(case.table.y)
    found = work_at(exact, None, named(case.form)).spectrum
    K, q = table.X @ table.X.T, case.sb / case.se
    V, r = case.sb * K + case.se * np.eye(n), table.y - table.Z @ case.omega
    _, Gamma = oracles.posterior(table, *case.parameters)
    w = oracles.gls(table, case.sb, case.se)
    best = table.y - table.Z @ w
    s = best @ np.linalg.solve(np.eye(n) + q * K, best) / n
    assert found.log_det == pytest.approx(np.linalg.slogdet(V)[1], rel=CLOSE)
    assert found.quadratic == pytest.approx(r @ np.linalg.solve(V, r), rel=CLOSE)
    unreached = (case.form.p - case.form.rank) * case.sb
    assert found.reached + unreached == pytest.approx(np.trace(Gamma), rel=CLOSE)
    assert found.log_det_ratio == pytest.approx(np.linalg.slogdet(np.eye(n) + q * K)[1], rel=CLOSE)
    assert found.s == pytest.approx(s, rel=CLOSE)
    assert found.profile == pytest.approx(oracles.loglik(table, w, q * s, s), rel=CLOSE)
    penalty = oracles.penalty(table, case.sb, case.se)
    assert found.penalty == pytest.approx(penalty, rel=CLOSE, abs=1e-8)


def test_the_expansion_is_that_of_the_normal_equations(case, exact):
    """Those of w and gamma jointly, as in the oracle's step."""
    table, X = case.table, case.table.X
    found = work_at(exact, None, named(case.form)).expansion
    mu, Gamma = oracles.posterior(table, *case.parameters)
    a, trace = X @ mu, np.trace(X @ Gamma @ X.T)
    design = np.column_stack([table.Z, a])
    normal = design.T @ design
    normal[-1, -1] += trace
    gamma = np.linalg.solve(normal, design.T @ table.y)[-1]
    assert found.gamma == pytest.approx(gamma, rel=CLOSE)
    assert found.product / (found.norm2 + trace) == pytest.approx(gamma, rel=CLOSE)


def test_nothing_is_worked_out_without_a_variance(case, exact):
    zero = replace(exact, theta=replace(case.theta, sigma_beta2=0.0))
    found = work_at(zero, zero, named(case.form))
    assert found.spectrum is not None
    assert {found.coefficient, found.em, found.mfvi, found.bound, found.expansion} == {None}
    assert work_at(None, None, named(case.form)).spectrum is None


@pytest.mark.parametrize(("n", "p", "c"), [(100, 300, 3), (100, 300, 0), (500, 40, 2), (50, 7, 0)])
def test_costs_are_those_of_the_products(n, p, c):
    """Counted product by product: 2ab for a times b, b^2 for a triangle."""
    found = Costs(n, p, c, block=128)
    blocks = [min(128, p - j) for j in range(0, p, 128)]
    sweep = sum(2 * 2 * n * b + b * b for b in blocks)
    assert found.sweep == pytest.approx(sweep, rel=0.15)  # the last block may be narrower
    rows = n if found.wide else p + c + 1
    with_w = 3 * 2 * rows * c  # y - Qw before and after the step, and Q'(y - X mu)
    assert found.step == with_w + 20 * rows
    assert found.vectors == 8 * n * (n if p + c + 1 >= n else p)
    assert found.blocks >= sum(8 * b * b for b in blocks)
