import numpy as np
import pytest

import oracles
from mixedmodel.model.likelihood import loglik, profile
from mixedmodel.model.penalty import MEAN_FIELD
from mixedmodel.model.types import Theta


def test_the_log_likelihood_is_the_density_of_the_response(case):
    expected = oracles.loglik(case.table, *case.parameters)
    assert loglik(case.form, case.theta) == pytest.approx(expected, rel=1e-10)


def test_the_penalty_is_the_log_determinant_lost_by_the_diagonal(case):
    expected = oracles.penalty(case.table, case.sb, case.se)
    assert MEAN_FIELD.value(case.form, case.theta.ratio) == pytest.approx(expected, abs=1e-9)


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
