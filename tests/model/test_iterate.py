from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from mixedmodel.model.ascent import starting_point
from mixedmodel.model.curvature import Prospect
from mixedmodel.model.design import Design
from mixedmodel.model.em import ExactEM, fit_em
from mixedmodel.model.iterate import Limits, climb, extrapolate
from mixedmodel.model.mfvi import Sweeps, fit_mfvi
from mixedmodel.model.spectral import decompose
from mixedmodel.model.types import Stop, Theta


def theta(*logs, w=()):
    return Theta(np.array(w, float), float(np.exp(logs[0])), float(np.exp(logs[1])))


@dataclass(frozen=True)
class Point:
    theta: Theta
    objective: float
    loglik: float = 0.0


class Hill:
    """A made-up method whose objective follows a given list of heights."""

    def __init__(self, heights, gain=1.0):
        self.heights, self.last_gain, self.k = heights, gain, 0

    def start(self):
        return Point(theta(0, 0), self.heights[0])

    def step(self, state):
        self.k += 1
        return Point(theta(-self.k, 0), self.heights[self.k])

    def solve(self, target):
        return Point(target, self.heights[self.k])

    def prospect(self, state):
        return Prospect(self.last_gain, np.zeros(2))


FORM = SimpleNamespace(n=10, variance=1.0)


def climbed(hill, evaluations):
    return climb(hill, FORM, hill.start(), Limits(1e-9, evaluations), accelerated=False)


class Counting(ExactEM):
    """EM that counts how often its map is evaluated."""

    calls = 0

    def step(self, state):
        type(self).calls += 1
        return super().step(state)

    def solve(self, target):
        type(self).calls += 1
        return super().solve(target)


@pytest.mark.parametrize("accelerated", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 5000])
def test_every_evaluation_of_the_map_is_counted(case, accelerated, limit):
    algorithm, Counting.calls = Counting(case.form, expanded=True), 0
    start = algorithm.start(starting_point(case.form))
    path, _ = climb(algorithm, case.form, start, Limits(1e-10, limit), accelerated=accelerated)
    trace = path.trace("squarem")
    assert path.evaluations == Counting.calls == trace.map_evaluations[-1]
    assert np.all(np.diff(trace.map_evaluations) > 0)
    # an extrapolation that has begun is brought to its end
    assert path.evaluations <= limit + 3


def test_a_fall_of_the_objective_is_an_error_with_both_values():
    with pytest.raises(RuntimeError, match=r"fell from 2\.0 to 1\.5 at map evaluation 2"):
        climbed(Hill([1.0, 2.0, 1.5]), 9)


def test_small_progress_does_not_stop_while_a_gain_is_predicted():
    heights = list(1 + 1e-13 * np.arange(50))
    path, stop = climbed(Hill(heights), 40)
    assert stop is Stop.MAX_ITER
    assert path.evaluations == 40


def test_the_iterations_stop_where_nothing_is_left_to_gain():
    heights = list(1 + 1e-13 * np.arange(50))
    path, stop = climbed(Hill(heights, gain=0), 40)
    assert stop is Stop.CONVERGED
    assert path.evaluations == 1


@pytest.mark.parametrize("scheme", ["plain", "px", "squarem"])
def test_the_climb_to_a_pole_stops_where_the_noise_vanishes(scheme):
    """Orthogonal columns and an intercept span all rows but one, which the intercept fits."""
    rng = np.random.default_rng(3)
    X = np.linalg.qr(rng.standard_normal((6, 5)))[0]
    y, Z = rng.standard_normal(6), np.ones((6, 1))
    form = decompose(y, Z, Design.of(X))
    em = fit_em(form, scheme, max_iter=100_000)
    mfvi, _ = fit_mfvi(Sweeps.prepare(form, Z, Design.of(X)), scheme, max_iter=100_000)
    assert form.has_pole
    for fit in (em, mfvi):
        assert fit.stop is Stop.NO_NOISE
        assert fit.certificate.shortfall < 0  # beyond the highest maximum before the pole
        assert not fit.certificate.certified


def test_the_extrapolation_hits_the_limit_of_a_geometric_sequence():
    limit, rate = np.array([-2.0, 0.5]), 0.8
    points = [limit + rate**k * np.array([1.0, -0.4]) for k in range(3)]
    np.testing.assert_allclose(extrapolate(*points), limit, rtol=1e-9)


def test_a_crawl_is_not_extrapolated_beyond_its_reach():
    found = extrapolate(*(np.array([step, 0.0]) for step in (0.0, -0.1, -0.2)))
    np.testing.assert_allclose(found, [-4.2, 0.0], atol=1e-12)


def test_two_steps_that_slow_down_at_once_are_not_extrapolated():
    assert extrapolate(np.zeros(2), np.array([1.0, 0]), np.array([1.0, 0])) is None


def test_nothing_is_extrapolated_from_a_fixed_point():
    assert extrapolate(np.ones(2), np.ones(2), np.ones(2)) is None


def test_the_start_splits_the_residual_variance_evenly(case):
    form, table = case.form, case.table
    start = starting_point(form)
    residual = table.y - table.Z @ form.omega(start.w)
    np.testing.assert_allclose(
        table.Z.T @ residual, 0, atol=1e-9 * np.abs(table.Z).max(initial=0) * np.abs(table.y).sum()
    )
    variance = residual @ residual / form.n
    assert start.sigma_e2 + start.sigma_beta2 * form.mean_diagonal == pytest.approx(variance)
    assert form.pve(start.ratio) == pytest.approx(0.5)


@pytest.mark.parametrize("scheme", ["plain", "px", "squarem"])
def test_the_log_likelihood_never_falls(case, scheme):
    trace = fit_em(case.form, scheme, max_iter=3000).trace
    assert np.all(np.diff(trace.loglik) >= -1e-10 * (1 + np.abs(trace.loglik[1:])))
    assert np.all(np.diff(trace.map_evaluations) > 0)
