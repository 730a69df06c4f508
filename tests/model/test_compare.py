import numpy as np
import pytest

import oracles
from mixedmodel.model import compare
from mixedmodel.model.design import Design
from mixedmodel.model.likelihood import loglik, profile
from mixedmodel.model.penalty import MEAN_FIELD
from mixedmodel.model.types import Effects, Theta


def test_means_are_compared_by_correlation_slope_and_distance():
    em, mfvi = np.array([1.0, -2.0, 3.0]), np.array([0.5, -1.0, 1.0])
    found = compare.compare_means(("a", "b", "c"), em, mfvi)
    assert found.correlation == pytest.approx(np.corrcoef(em, mfvi)[0, 1])
    assert found.slope == pytest.approx((em @ mfvi) / (em @ em))
    assert (found.max_abs_difference, found.max_abs_difference_name) == (2.0, "c")
    assert found.rms_em == pytest.approx(np.sqrt(14 / 3))


def test_means_that_do_not_vary_have_no_correlation():
    found = compare.compare_means(("a",), np.zeros(1), np.zeros(1))
    assert found.correlation is None
    assert found.slope is None


def test_variances_are_compared_by_their_ratios():
    found = compare.compare_variances(np.array([1.0, 2.0, 4.0]), np.array([0.5, 1.8, 4.0]))
    assert (found.min_ratio, found.median_ratio, found.max_ratio) == (0.5, 0.9, 1.0)
    assert found.mean_em == pytest.approx(7 / 3)


def test_the_fitted_variance_is_that_of_the_posterior_of_x_beta(case):
    X, n = case.table.X, len(case.table.y)
    mu, Gamma = oracles.posterior(case.table, *case.parameters)
    found = compare.exact_fitted_variance(case.form, case.theta)
    fitted = X @ mu
    assert found.mean_part == pytest.approx(fitted @ fitted / n, rel=1e-8)
    assert found.uncertainty_part == pytest.approx(np.trace(X @ Gamma @ X.T) / n, rel=1e-8)
    assert found.total == pytest.approx(found.mean_part + found.uncertainty_part)


def test_the_factorised_fitted_variance_adds_the_variances_column_by_column(case):
    d = np.sum(case.table.X**2, axis=0)
    s = 1 / (d / case.se + 1 / case.sb)
    found = compare.factorised_fitted_variance(case.form, case.theta)
    assert found.uncertainty_part == pytest.approx(d @ s / len(case.table.y))


def test_the_curves_are_the_profile_objectives_and_hold_both_optima(case):
    form = case.form
    curves = compare.profile_curves(form, 0.3 / form.mean_diagonal, 0.0)
    assert np.all(np.diff(curves.q) > 0)
    assert curves.q[0] == 0
    assert 0.3 / form.mean_diagonal in curves.q
    for k in (0, len(curves.q) // 2, -1):
        assert curves.loglik[k] == profile(form, curves.q[k]).loglik
        assert curves.penalty[k] == MEAN_FIELD.value(form, curves.q[k])
    np.testing.assert_array_equal(curves.elbo, curves.loglik - curves.penalty)


def test_the_curves_show_the_likelihood_falling_off_where_it_does():
    rng = np.random.default_rng(2)
    from mixedmodel.model.spectral import decompose

    X = rng.standard_normal((400, 20))
    y = X @ rng.standard_normal(20) * 0.1 + rng.standard_normal(400)
    form = decompose(y, np.ones((400, 1)), Design.of(X))
    curves = compare.profile_curves(form, 0.01, 0.009)
    assert curves.loglik.max() - curves.loglik[-1] > 1


def test_truth_is_compared_by_error_and_coverage():
    effects = Effects(np.array([0.0, 1.0, 2.0]), np.array([1.0, 1.0, 0.01]))
    found = compare.compare_with_truth(effects, np.array([1.9, 1.0, 3.0]))
    assert found.coverage == pytest.approx(2 / 3)
    assert found.rmse == pytest.approx(np.sqrt((1.9**2 + 1) / 3))


def test_only_a_gap_of_rounding_counts_as_the_same(case):
    value = loglik(case.form, Theta(case.theta.w, case.sb, case.se))

    def gap(elbo):
        return compare.compare_objectives(
            case.form, em_loglik=value, mfvi_loglik=value, elbo=elbo, ratio=case.theta.ratio
        )

    assert compare.coincide(gap(value - 1e-8))
    assert not compare.coincide(gap(value - 1e-3))
