from dataclasses import replace

import numpy as np
import pytest

from mixedmodel.model.certificate import optimum
from mixedmodel.model.likelihood import penalty
from mixedmodel.model.shrinkage import calibrate, shrinkage_curve
from mixedmodel.model.spectral import decompose

# PVE reported for true PVE 0.1, 0.3, 0.5, 0.7, 0.9 with independent normal columns
TRUE = (0.1, 0.3, 0.5, 0.7, 0.9)
EXPECTED = {
    (1000, 300): (0.080, 0.261, 0.468, 0.686, 0.898),
    (1000, 1000): (0.049, 0.145, 0.247, 0.365, 0.528),
    (1000, 2000): (0.032, 0.092, 0.148, 0.202, 0.256),
    (1000, 6000): (0.014, 0.040, 0.065, 0.088, 0.109),
}


def independent(n, p, c=0, seed=7):
    rng = np.random.default_rng(seed)
    X = np.asfortranarray(rng.standard_normal((n, p)) / np.sqrt(p))
    return X, decompose(rng.standard_normal(n), rng.standard_normal((n, c)), X)


@pytest.mark.parametrize("size", EXPECTED)
def test_the_curve_of_independent_columns_is_the_known_one(size):
    curve = shrinkage_curve(independent(*size)[1])
    found = np.interp(TRUE, curve.pve_true, curve.pve_mfvi)
    np.testing.assert_allclose(found, EXPECTED[size], atol=0.005)


@pytest.mark.parametrize(("n", "p", "c"), [(60, 90, 3), (60, 20, 3), (50, 50, 0)])
def test_the_curve_maximises_the_expected_objective(n, p, c):
    """Against the dense expectation n s(q) = tr P(q) (I + q0 K) on a fine grid of ratios."""
    X, form = independent(n, p, c)
    Q = np.linalg.qr(np.random.default_rng(0).standard_normal((n, c)))[0]
    form = decompose(np.ones(n), Q, X)
    K, u = X @ X.T, form.mean_diagonal
    curve = shrinkage_curve(form, points=6)
    shares = np.linspace(1e-6, 1 - 1e-6, 1500)
    values = np.empty((len(shares), 6))
    for row, share in zip(values, shares, strict=True):
        q = share / (1 - share) / u
        H = np.linalg.inv(np.eye(n) + q * K)
        P = H - H @ Q @ np.linalg.solve(Q.T @ H @ Q, Q.T @ H) if c else H
        s = (1 - curve.pve_true) * np.trace(P) + curve.pve_true * np.trace(P @ K) / u
        rest = np.linalg.slogdet(np.eye(n) + q * K)[1] / 2 + penalty(form, q)
        row[:] = -n / 2 * np.log(s) - rest
    np.testing.assert_allclose(curve.pve_mfvi, shares[values.argmax(axis=0)], atol=2e-3)


def test_the_curve_grows_and_stays_below_the_truth():
    for n, p in ((60, 90), (90, 60)):
        curve = shrinkage_curve(independent(n, p)[1])
        assert np.all(np.diff(curve.pve_mfvi) >= -1e-6)
        assert np.all(curve.pve_mfvi <= curve.pve_true + 1e-6)


@pytest.fixture(scope="module")
def simulated():
    """Mean-field PVEs of 20 responses at three true PVEs on one X, and its curve."""
    n, p = 400, 900
    X, form = independent(n, p)
    rng = np.random.default_rng(17)
    found = {}
    for pve in (0.2, 0.5, 0.8):
        reported = []
        for _ in range(20):
            beta, e = rng.standard_normal(p), rng.standard_normal(n)
            y = X @ beta * np.sqrt(pve / form.mean_diagonal) + e * np.sqrt(1 - pve)
            best = optimum(replace(form, Uty=form.U.T @ y), penalised=True).theta
            reported.append(form.pve(best.ratio))
        found[pve] = np.array(reported)
    return shrinkage_curve(form), found


def test_mean_field_estimates_scatter_around_the_curve_as_foretold(simulated):
    curve, found = simulated
    for pve, reported in found.items():
        expected = np.interp(pve, curve.pve_true, curve.pve_mfvi)
        deviation = np.interp(pve, curve.pve_true, curve.deviation)
        assert abs(reported.mean() - expected) <= 2 * reported.std(ddof=1) / np.sqrt(20)
        # the standard deviation of 20 draws is within 45% of its expectation, 3 errors of it
        assert reported.std(ddof=1) == pytest.approx(deviation, rel=0.45)


def test_calibrated_estimates_are_unbiased_and_their_intervals_hold_the_truth(simulated):
    curve, found = simulated
    inside = []
    for pve, reported in found.items():
        calibrated = [calibrate(curve, value) for value in reported]
        estimates = np.array([each.estimate for each in calibrated])
        # two errors, and what a curve that ends at 1 takes off the mean
        error = 2 * estimates.std(ddof=1) / np.sqrt(20)
        assert abs(estimates.mean() - pve) <= error + 0.02
        inside += [each.low <= pve <= each.high for each in calibrated]
        assert all(each.low <= each.estimate <= each.high for each in calibrated)
    assert np.mean(inside) >= 0.85  # of 60: 0.95 less three binomial errors
