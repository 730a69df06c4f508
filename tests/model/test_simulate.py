import numpy as np
import pytest

from mixedmodel.model.simulate import simulate


def test_the_parts_add_up_to_the_response_with_the_share_asked_for():
    drawn = simulate(np.random.default_rng(1), n=4000, c=3, p=50, pve=0.3)
    explained = drawn.X @ drawn.beta
    noise = drawn.y - drawn.Z @ drawn.theta.w - explained
    assert noise.var() == pytest.approx(0.7, rel=0.1)  # 4 standard errors of n = 4000
    assert explained.var() == pytest.approx(0.3, rel=0.9)  # beta has 50 draws only
    assert np.sum(drawn.X**2) / 4000 == pytest.approx(1, rel=0.02)
    assert (drawn.theta.sigma_beta2, drawn.theta.sigma_e2) == (0.3, 0.7)


def test_the_same_seed_draws_the_same_table():
    first, second = (simulate(np.random.default_rng(7), n=20, c=2, p=5, pve=0.5) for _ in range(2))
    np.testing.assert_array_equal(first.y, second.y)
    np.testing.assert_array_equal(first.X, second.X)
