import numpy as np
import pytest
from scipy import integrate, stats

from mixedmodel.model.quadratic import positive_probability


def imhof(weights):
    """P(sum w z^2 > 0) by numerical inversion of the characteristic function (Imhof 1961)."""

    def integrand(u):
        angle = 0.5 * np.sum(np.arctan(weights * u))
        return np.sin(angle) / (u * np.prod((1 + (weights * u) ** 2) ** 0.25))

    return 0.5 + integrate.quad(integrand, 0, np.inf, limit=500)[0] / np.pi


@pytest.mark.parametrize("m", [4, 12, 60])
@pytest.mark.parametrize("shift", [-0.6, -0.2, 0.0, 0.4])
def test_the_saddlepoint_is_near_the_inverted_characteristic_function(m, shift):
    weights = np.random.default_rng(m).standard_normal(m) + shift
    found = positive_probability(weights[None])[0]
    assert found == pytest.approx(imhof(weights / np.abs(weights).max()), abs=0.01)


def test_one_weight_against_many_is_an_f_probability():
    found = positive_probability(np.array([[3.0, *[-0.1] * 20]]))[0]
    assert found == pytest.approx(stats.f.sf(0.1 * 20 / 3, 1, 20), abs=0.01)


def test_weights_of_one_sign_leave_no_doubt():
    weights = np.array([[1.0, 0.0], [-1.0, -2.0], [0.0, 0.0]])
    np.testing.assert_array_equal(positive_probability(weights), [1.0, 0.0, 0.0])


def test_a_weight_may_stand_for_many():
    weights = np.random.default_rng(1).standard_normal((3, 5))
    extra = np.array([-0.3, 0.2, -1.0])
    spelled_out = np.hstack([weights, np.repeat(extra[:, None], 4, axis=1)])
    np.testing.assert_allclose(
        positive_probability(weights, extra, 4), positive_probability(spelled_out), rtol=1e-12
    )


def test_the_formula_is_continued_where_it_is_0_over_0():
    """Mean zero: the saddlepoint is at 0, where 1/r - 1/u has a limit."""
    weights = np.array([2.0, -0.5, -0.5, -0.5, -0.5])
    around = positive_probability(weights + np.array([[-1e-4], [0.0], [1e-4]]))
    assert around[0] < around[1] < around[2]
    assert around[1] == pytest.approx(around[[0, 2]].mean(), abs=1e-5)
    assert around[1] == pytest.approx(imhof(weights), abs=0.02)


def test_any_scale_will_do():
    weights = np.random.default_rng(2).standard_normal((1, 8))
    for scale in (1e-150, 1e150):
        np.testing.assert_allclose(
            positive_probability(scale * weights), positive_probability(weights), rtol=1e-10
        )


def test_weights_may_be_counted_several_times():
    weights = np.random.default_rng(6).standard_normal((2, 3))
    counts = np.array([2, 1, 4])
    np.testing.assert_allclose(
        positive_probability(weights, counts=counts),
        positive_probability(np.repeat(weights, counts, axis=1)),
        rtol=1e-10,
    )
