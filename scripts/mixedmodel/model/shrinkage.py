"""What mean field can see of X: the PVE that it reports for each true PVE.

Under a true ratio q0 the slope of the profile objective l(q) - g(q) in log q has the sign of

    sum_i omega_i z_i^2,    omega_i = (1 + q0 mu_i) h_i [n h_i mu_i - d(q)],    h_i = 1/(1 + q mu_i)

with z_i standard normal, n the rows counted, mu_i the eigenvalues of K in the n - c directions
orthogonal to Z, and d(q) = sum_j d_j / (1 + q d_j); see `docs/model.md`, section 20. The curve is
where sum_i omega_i = 0; the probability that the sum is positive gives the band around it and
calibrates an estimate. Spectrum, column norms and Z decide it all: no response is involved.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.optimize import elementwise

from mixedmodel.model.certificate import log_ratio_grid
from mixedmodel.model.quadratic import positive_probability
from mixedmodel.model.results import CalibratedPve
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.spectrum import Spectrum
from mixedmodel.model.types import SHORTFALL, Array

Flags = NDArray[np.bool_]

CURVE_POINTS = 101
LEVEL = 0.95
TAIL = 0.5 * (1 - LEVEL)
FARTHEST_LOGIT = 25.0  # of a true PVE; ends of intervals are looked for up to here
CUTS, NARROWINGS = 16, 6  # parts into which that range is cut, each time; 3e-6 are left of it
BEYOND = 20.0  # natural log units of the ratio below the grid of ratios
LEAST_SPREAD = 1e-9  # of the largest eigenvalue, between the largest and the smallest
LEAST_FLAT = 1e-3  # true PVE up to which a curve may be at 0 and count as rising from there


@dataclass(frozen=True)
class ShrinkageCurve:
    """Of each true PVE (k,), what mean field reports: at the expected response, and 95% of times.

    ``pve_mfvi`` is the maximum for the expected sum of squares; reports lie between ``low`` and
    ``high`` with a probability of 95%: 2.5% are lower and 2.5% higher, or 5% higher where so many
    are 0 that none is too low.
    """

    pve_true: Array
    pve_mfvi: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Reports:
    """The distribution of the variance ratio that mean field reports on one X and Z.

    n          rows counted
    spectrum   of the n - c eigenvalues mu_i
    norms2     (p,) d_j
    unit       what a ratio is multiplied with in PVE over 1 - PVE
    """

    n: int
    spectrum: Spectrum
    norms2: Array
    unit: float

    @classmethod
    def on(cls, form: SpectralForm) -> "Reports":
        """Look at the X and Z of ``form``; its response does not matter."""
        unit = form.mean_diagonal or 1.0
        return cls(form.n, form.free, form.col_norms2, unit)

    @property
    def depend_on_response(self) -> bool:
        """Whether responses differ in their report: not if all eigenvalues are one."""
        spectrum = np.append(self.spectrum.nodes, np.zeros(min(self.spectrum.n_null, 1)))
        return bool(np.ptp(spectrum) > LEAST_SPREAD * spectrum.max())

    def weights(self, ratio: Array, true: Array) -> tuple[Array, Array]:
        """Return the omega (k, m) of the nodes at ratios and true PVEs (k,), and that of a zero."""
        mu = self.spectrum.nodes
        h = 1 / (1 + ratio[:, None] * mu)
        d = self.pull(ratio)[:, None]
        variance = (1 - true[:, None]) + true[:, None] * mu / self.unit
        return variance * h * (self.n * h * mu - d), (true - 1) * d[:, 0]

    def pull(self, ratio: Array) -> Array:
        """Return d(q) (k,) at ratios (k,)."""
        return np.array([float((self.norms2 / (1 + q * self.norms2)).sum()) for q in ratio])

    def exceeding(self, ratio: Array, true: Array) -> Array:
        """Return the probability (k,) of a report above the ratios (k,) under true PVEs (k,)."""
        spectrum = self.spectrum
        return positive_probability(
            *self.weights(ratio, true), spectrum.n_null, counts=spectrum.weights
        )

    def upper_tail(self, true: Array) -> Array:
        """Return the probability (k,) of a report that counts as too high under true PVEs (k,)."""
        none_too_low = self.exceeding(np.zeros(len(true)), true) <= 1 - TAIL
        return np.where(none_too_low, 2 * TAIL, TAIL)

    def slope(self, ratio: Array, true: Array) -> Array:
        """Return the sum of the omega (k,), the sign of the slope at the expected response."""
        weights, of_zero = self.weights(ratio, true)
        return np.asarray(weights @ self.spectrum.weights + self.spectrum.n_null * of_zero)

    def objective(self, ratio: Array, true: Array) -> Array:
        """Return the objective (k, t), up to a constant, at the expected response."""
        mu, counts = self.spectrum.nodes, self.spectrum.weights
        h = 1 / (1 + ratio[:, None] * mu)
        noise, signal = h @ counts + self.spectrum.n_null, h @ (counts * mu) / self.unit
        s = np.outer(noise, 1 - true) + np.outer(signal, true)
        fixed = [float(np.log1p(q * self.norms2).sum()) for q in ratio]
        return np.asarray(-0.5 * self.n * np.log(s) - 0.5 * np.array(fixed)[:, None])

    def pve(self, ratio: Array) -> Array:
        """Return the PVEs of ratios, 1 where they are infinite."""
        explained = ratio * self.unit
        with np.errstate(invalid="ignore"):
            return np.where(np.isinf(explained), 1.0, explained / (1 + explained))


def shrinkage_curve(form: SpectralForm, *, points: int = CURVE_POINTS) -> ShrinkageCurve:
    """Evaluate curve and band at ``points`` true PVEs from 0 to 1."""
    reports, true = Reports.on(form), np.linspace(0.0, 1.0, points)
    grid = log_ratio_grid(form)
    middle = _expected(reports, grid, true)
    if not reports.depend_on_response:
        return ShrinkageCurve(true, *[reports.pve(middle)] * 3)
    tails = np.full(points, 1 - TAIL), reports.upper_tail(true)
    low, high = (_quantile(reports, grid, true, tail) for tail in tails)
    return ShrinkageCurve(true, *(reports.pve(ratio) for ratio in (middle, low, high)))


def _expected(reports: Reports, grid: Array, true: Array) -> Array:
    """Return the ratio (t,) that is best at each true PVE's expected response, 0 if all are."""
    ratios = np.concatenate([[0.0], np.exp(grid)])
    values = reports.objective(ratios, true)
    best = np.where(np.ptp(values, axis=0) <= SHORTFALL, 0, values.argmax(axis=0))
    found = ratios[best]
    inner = np.flatnonzero((best > 0) & (best < len(grid)))
    left = np.where(best[inner] > 1, grid[best[inner] - 2], grid[0] - BEYOND)
    right, share = grid[best[inner]], true[inner]
    falls = reports.slope(np.exp(right), share) < 0
    rises = reports.slope(np.exp(left), share) > 0
    if (rises & falls).any():
        top = rises & falls
        bracket = (left[top], right[top])
        roots = elementwise.find_root(_by_log(reports.slope), bracket, args=(share[top],)).x
        found[inner[top]] = np.exp(roots)
    return np.asarray(found)


def _quantile(reports: Reports, grid: Array, true: Array, tail: Array) -> Array:
    """Return the ratio (t,) that mean field's report exceeds with the probabilities ``tail``."""

    def excess(ratio: Array, share: Array, tail: Array) -> Array:
        return reports.exceeding(ratio, share) - tail

    low, high = (excess(np.full(len(true), np.exp(end)), true, tail) for end in grid[[0, -1]])
    found = np.where(high >= 0, np.inf, 0.0)
    some = (low > 0) & (high < 0)
    if some.any():
        found[some] = np.exp(
            elementwise.find_root(
                _by_log(excess),
                (grid[0], grid[-1]),
                args=(true[some], tail[some]),
                tolerances={"xatol": 1e-8, "xrtol": 0.0},
            ).x
        )
    return found


def _by_log(function: Callable[..., Array]) -> Callable[..., Array]:
    return lambda x, *rest: function(np.exp(x), *rest)


def calibrate(form: SpectralForm, ratio: float) -> CalibratedPve:
    """Invert the curve, and the band around it, at a reported variance ``ratio``.

    The interval holds the true PVEs in whose band ``ratio`` lies. Nothing is known of the true PVE
    where the report is the same for every response.
    """
    reports = Reports.on(form)
    if not reports.depend_on_response:
        return CalibratedPve(None, 0.0, 1.0, 1.0)

    def exceeding(true: Array) -> Array:
        return reports.exceeding(np.full(len(true), ratio), true)

    def too_high(true: Array) -> Flags:
        return exceeding(true) < reports.upper_tail(true)

    def not_too_low(true: Array) -> Flags:
        return exceeding(true) <= 1 - TAIL

    flat_below = _inverse(reports, 0.0)
    return CalibratedPve(
        estimate=_inverse(reports, ratio) if ratio > 0 or flat_below < LEAST_FLAT else None,
        low=_last(too_high) if ratio > 0 else 0.0,
        high=_last(not_too_low),
        flat_below=flat_below,
    )


def _inverse(reports: Reports, ratio: float) -> float:
    """Return the true PVE whose expected response has its best ratio at ``ratio``.

    The slope there is linear in the true PVE.
    """
    at_0, at_1 = reports.slope(np.full(2, ratio), np.array([0.0, 1.0]))
    if at_0 >= 0:
        return 0.0
    return float(at_0 / (at_0 - at_1)) if at_1 > 0 else 1.0


def _last(holds: Callable[[Array], Flags]) -> float:
    """Return the largest PVE at which ``holds`` is true, which it is up to some PVE or nowhere."""
    low, high = -FARTHEST_LOGIT, FARTHEST_LOGIT
    for _ in range(NARROWINGS):
        places = np.linspace(low, high, CUTS + 1)
        last = int(np.count_nonzero(holds(special.expit(places)))) - 1
        if last < 0:
            return 0.0
        if last == CUTS and high == FARTHEST_LOGIT:
            return 1.0
        low, high = places[last], places[min(last + 1, CUTS)]
    return float(special.expit(low))
