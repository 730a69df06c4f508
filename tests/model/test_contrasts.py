import numpy as np
import pytest
from scipy import linalg, stats

import oracles
from mixedmodel.model.contrasts import counted_rows, decoupled_fixed_effects, fixed_covariance
from mixedmodel.model.design import Design
from mixedmodel.model.effects import exact_effects
from mixedmodel.model.em import fit_em
from mixedmodel.model.likelihood import loglik
from mixedmodel.model.spectral import decompose
from mixedmodel.model.types import Theta


def restricted(case):
    table = case.table
    rows = counted_rows("reml", table.y, table.Z, Design.of(table.X))
    return rows, decompose(rows.y, rows.Z, rows.X)


def at(case):
    return Theta(np.zeros(0), case.sb, case.se)


def test_under_ml_all_rows_count(case):
    table = case.table
    X = Design.of(table.X)
    rows = counted_rows("ml", table.y, table.Z, X)
    assert rows.y is table.y
    assert rows.X is X


def test_the_contrasts_see_nothing_of_the_fixed_effects(case):
    table, c = case.table, case.table.Z.shape[1]
    shifted = table.y + table.Z @ np.arange(1.0, c + 1)
    first, second = (
        counted_rows("reml", y, table.Z, Design.of(table.X)).y for y in (table.y, shifted)
    )
    assert len(first) == len(table.y) - c
    np.testing.assert_allclose(first, second, atol=1e-9 * np.abs(shifted).max())


def test_the_restricted_likelihood_is_the_density_of_orthonormal_contrasts(case):
    table, n = case.table, len(case.table.y)
    C = linalg.qr(table.Z)[0][:, table.Z.shape[1] :] if table.Z.shape[1] else np.eye(n)
    V = case.sb * table.X @ table.X.T + case.se * np.eye(n)
    expected = stats.multivariate_normal(np.zeros(C.shape[1]), C.T @ V @ C).logpdf(C.T @ table.y)
    _, form = restricted(case)
    assert loglik(form, at(case)) == pytest.approx(float(expected), rel=1e-10)


def test_its_constant_is_the_one_that_is_named(case):
    """-(n-c)/2 log 2 pi - 1/2 log|V| - 1/2 log|Z'V^-1 Z| + 1/2 log|Z'Z| - 1/2 y'Py."""
    table, n = case.table, len(case.table.y)
    Z, c = table.Z, table.Z.shape[1]
    V = case.sb * table.X @ table.X.T + case.se * np.eye(n)
    r = table.y - Z @ oracles.gls(table, case.sb, case.se)
    dets = [np.linalg.slogdet(a)[1] for a in (V, Z.T @ np.linalg.solve(V, Z), Z.T @ Z)]
    expected = (n - c) * np.log(2 * np.pi) + dets[0] + dets[1] - dets[2] + r @ np.linalg.solve(V, r)
    _, form = restricted(case)
    assert loglik(form, at(case)) == pytest.approx(-0.5 * expected, rel=1e-8)


def test_the_fixed_effects_with_the_exact_means_are_least_squares(case):
    rows, form = restricted(case)
    table = case.table
    mean = exact_effects(form, at(case), rows.X).mean
    found = decoupled_fixed_effects(table.y, table.Z, Design.of(table.X), mean)
    expected = oracles.gls(table, case.sb, case.se)
    np.testing.assert_allclose(
        found, expected, rtol=1e-6, atol=1e-9 * np.abs(expected).max(initial=0)
    )


def test_their_covariance_is_that_of_generalised_least_squares(case):
    rows, form = restricted(case)
    Z, X = case.table.Z, case.table.X
    V = case.sb * X @ X.T + case.se * np.eye(len(X))
    expected = np.linalg.inv(Z.T @ np.linalg.solve(V, Z))
    found = fixed_covariance(form, at(case), Z, Design.of(X), rows)
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    np.testing.assert_allclose(found / scale, expected / scale, atol=1e-8)


def test_a_centred_table_with_an_intercept_has_no_pole_under_reml():
    rng = np.random.default_rng(31)
    X = rng.standard_normal((30, 60))
    X -= X.mean(axis=0)
    y, Z = rng.standard_normal(30) + X @ rng.standard_normal(60) / 8, np.ones((30, 1))
    rows = counted_rows("reml", y, Z, Design.of(X))
    form = decompose(rows.y, rows.Z, rows.X)
    assert decompose(y, Z, Design.of(X)).has_pole
    assert not form.has_pole
    assert fit_em(form, "squarem", max_iter=10_000).certificate.certified
