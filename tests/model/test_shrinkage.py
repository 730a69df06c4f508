import numpy as np
import pytest

from mixedmodel.model.certificate import optimum
from mixedmodel.model.contrasts import counted_rows
from mixedmodel.model.design import Design
from mixedmodel.model.penalty import MEAN_FIELD
from mixedmodel.model.shrinkage import Reports, calibrate, shrinkage_curve
from mixedmodel.model.spectral import decompose, decompose_columns

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
    return X, decompose(rng.standard_normal(n), rng.standard_normal((n, c)), Design.of(X))


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
    form = decompose(np.ones(n), Q, Design.of(X))
    K, u = X @ X.T, form.mean_diagonal
    curve = shrinkage_curve(form, points=6)
    shares = np.linspace(1e-6, 1 - 1e-6, 1500)
    values = np.empty((len(shares), 6))
    for row, share in zip(values, shares, strict=True):
        q = share / (1 - share) / u
        H = np.linalg.inv(np.eye(n) + q * K)
        P = H - H @ Q @ np.linalg.solve(Q.T @ H @ Q, Q.T @ H) if c else H
        s = (1 - curve.pve_true) * np.trace(P) + curve.pve_true * np.trace(P @ K) / u
        rest = np.linalg.slogdet(np.eye(n) + q * K)[1] / 2 + MEAN_FIELD.value(form, q)
        row[:] = -n / 2 * np.log(s) - rest
    np.testing.assert_allclose(curve.pve_mfvi, shares[values.argmax(axis=0)], atol=2e-3)


def test_the_curve_grows_and_stays_below_the_truth():
    for n, p in ((60, 90), (90, 60)):
        curve = shrinkage_curve(independent(n, p)[1])
        assert np.all(np.diff(curve.pve_mfvi) >= -1e-6)
        assert np.all(curve.pve_mfvi <= curve.pve_true + 1e-6)


@pytest.mark.parametrize(("n", "p", "c"), [(60, 90, 3), (60, 20, 3)])
def test_every_point_of_the_curve_is_polished(n, p, c):
    """No nearby ratio is better for the expected response, to a millionth of the ratio."""
    _, form = independent(n, p, c)
    reports, curve = Reports.on(form), shrinkage_curve(form, points=9)
    for true, reported in zip(curve.pve_true[2:-1], curve.pve_mfvi[2:-1], strict=True):
        q = form.ratio(reported) * np.array([1 - 1e-6, 1 + 1e-6])
        slopes = reports.slope(q, np.full(2, true))
        assert slopes[0] > 0 > slopes[1]


def spectra(seed, n=60, p=101):
    """Smooth spectra from 12 peaks, standardised: columns as correlated as they come."""
    rng = np.random.default_rng(seed)
    places = np.linspace(0, 1, p)
    peaks = np.exp(-(((places - rng.uniform(0, 1, (12, 1))) / 0.08) ** 2))
    X = rng.gamma(2, 1, (n, 12)) @ peaks
    return (X - X.mean(axis=0)) / X.std(axis=0) / np.sqrt(p)


DESIGNS = {
    "independent": lambda rng: (rng.standard_normal((80, 160)), np.ones((80, 1)), "ml"),
    "many fixed effects": lambda rng: (
        rng.standard_normal((80, 160)),
        rng.standard_normal((80, 6)),
        "ml",
    ),
    "spectra": lambda rng: (spectra(3), np.ones((60, 1)), "reml"),
    "tall": lambda rng: (rng.standard_normal((90, 20)), np.ones((90, 1)), "ml"),
}


@pytest.fixture(scope="module", params=DESIGNS)
def design(request):
    """One X and Z with the ratios that mean field reports of 300 responses at a true PVE."""
    X, Z, likelihood = DESIGNS[request.param](np.random.default_rng(11))
    counted = counted_rows(likelihood, np.ones(len(X)), Z, Design.of(X))
    shared = decompose_columns(counted.X, counted.Z)
    rng = np.random.default_rng(7)

    def reports_of(pve):
        forms = []
        for _ in range(300):
            signal = X @ rng.standard_normal(X.shape[1]) * np.sqrt(pve / shared.mean_diagonal)
            y = signal + rng.standard_normal(len(X)) * np.sqrt(1 - pve)
            rows = counted_rows(likelihood, y, Z, Design.of(X))
            forms.append(shared.rotate(rows.y, rows.Z))
        return forms[0], np.array([optimum(form, penalty=MEAN_FIELD).theta.ratio for form in forms])

    return {pve: reports_of(pve) for pve in (0.0, 0.05, 0.5)}


def test_reports_are_distributed_as_foretold(design):
    for pve, (form, found) in design.items():
        ratios = np.quantile(found, [0.3, 0.6, 0.9])
        foretold = Reports.on(form).exceeding(ratios, np.full(3, pve))
        seen = (found[:, None] > ratios).mean(axis=0)
        # three binomial standard errors of 300 draws, and 0.01 for the saddlepoint
        error = 3 * np.sqrt(foretold * (1 - foretold) / 300) + 0.01
        assert np.all(np.abs(seen - foretold) <= error), (pve, seen, foretold)


def test_95_percent_of_the_reports_lie_in_the_band(design):
    for pve, (form, found) in design.items():
        curve = shrinkage_curve(form, points=21)
        place = int(np.argmin(np.abs(curve.pve_true - pve)))
        reported = np.array([form.pve(ratio) for ratio in found])
        inside = (curve.low[place] <= reported) & (reported <= curve.high[place])
        assert 0.92 <= inside.mean() <= 0.98, (pve, inside.mean())  # 2.5 binomial errors


def test_the_calibrated_interval_holds_the_true_pve_of_all_reports_in_the_band(design):
    pve = 0.05
    form, found = design[pve]
    curve = shrinkage_curve(form, points=21)
    for ratio in found[:30]:
        interval = calibrate(form, float(ratio))
        in_band = curve.low[1] <= form.pve(ratio) <= curve.high[1]
        assert (interval.low <= pve <= interval.high) == in_band


def test_the_band_holds_what_the_interval_inverts(design):
    form, _ = design[0.5]
    curve = shrinkage_curve(form, points=5)
    for true, low, high in zip(
        curve.pve_true[1:-1], curve.low[1:-1], curve.high[1:-1], strict=True
    ):
        assert low <= high
        upper = calibrate(form, form.ratio(high))
        assert upper.low == pytest.approx(true, abs=1e-4)
        if low > 0:
            assert calibrate(form, form.ratio(low)).high == pytest.approx(true, abs=1e-4)


def test_a_point_of_the_curve_is_calibrated_to_its_true_pve():
    form = independent(60, 90, 3)[1]
    curve = shrinkage_curve(form, points=11)
    for true, reported in zip(curve.pve_true[1:-1], curve.pve_mfvi[1:-1], strict=True):
        assert calibrate(form, form.ratio(reported)).estimate == pytest.approx(true, abs=1e-6)
    assert calibrate(form, form.ratio(0.99)).estimate == 1.0  # beyond the end of the curve
    assert calibrate(form, 0.0).low == 0.0


def test_where_the_curve_is_flat_no_true_pve_is_told_from_another():
    """Columns that the intercept explains for the most part, as plain genotypes are."""
    rng = np.random.default_rng(4)
    X = rng.binomial(2, 0.4, (80, 120)).astype(float)
    form = decompose(rng.standard_normal(80), np.ones((80, 1)), Design.of(X))
    found, curve = calibrate(form, 0.0), shrinkage_curve(form)
    assert found.estimate is None
    assert found.flat_below > 0.1
    assert np.all(curve.pve_mfvi[curve.pve_true < found.flat_below - 0.01] == 0)
    assert np.all(curve.pve_mfvi[curve.pve_true > found.flat_below + 0.01] > 0)
