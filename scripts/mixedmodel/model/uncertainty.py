"""How well the data determine the variances: standard errors, profile intervals, a test of none.

Model y = Z w + X beta + e on the spectral form. The objective is the log-likelihood, or the
ELBO at its best q(beta) (``penalised``), whose curvature gives what a mean-field user would
report.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg, optimize, special

from mixedmodel.model.certificate import log_ratio_grid, optimum, profile_objective
from mixedmodel.model.likelihood import curvature, gls, profile
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array, Theta

LEVEL = 0.95
NOT_CONCAVE = "the objective is not concave at the estimate: its curvature gives no standard error"
AT_BOUNDARY = "the optimum lies at a boundary, where the curvature gives no standard error"


@dataclass(frozen=True)
class StandardErrors:
    """Standard errors; None for those of the variances where there is a ``reason``.

    ``omega`` (c,) belongs to the columns of Z that the spectral form holds.
    """

    sigma_beta2: float | None
    sigma_e2: float | None
    pve: float | None
    omega: Array
    reason: str | None


@dataclass(frozen=True)
class RatioTest:
    """Likelihood-ratio test of sigma_beta2 = 0; the statistic is twice a gain in nats."""

    statistic: float
    p_value: float


def standard_errors(
    form: SpectralForm,
    theta: Theta,
    *,
    expected: bool = False,
    penalised: bool = False,
    boundary: bool = False,
) -> StandardErrors:
    """Invert the information at ``theta``: observed (the curvature) or ``expected``.

    The covariance of (w, sigma_beta2, sigma_e2) is the inverse of their joint information, its
    variance block the inverse curvature of the profile over w; PVE by the delta method. At a
    ``boundary`` only w has one, (Z'V^-1 Z)^-1.
    """
    information = (_expected if expected else _observed)(form, theta, penalised)
    c = form.c
    concave = bool(np.all(linalg.eigvalsh(_scaled(information)) > 0))
    if boundary or not concave:
        omega = _omega_errors(form, linalg.inv(information[:c, :c]) if c else np.zeros((0, 0)))
        return StandardErrors(None, None, None, omega, AT_BOUNDARY if boundary else NOT_CONCAVE)
    covariance = linalg.inv(information)
    by_beta, by_e = np.sqrt(np.diag(covariance)[c:]) * [theta.sigma_beta2, theta.sigma_e2]
    share = form.pve(theta.ratio)
    slope = share * (1 - share) * np.array([1, -1])
    return StandardErrors(
        sigma_beta2=float(by_beta),
        sigma_e2=float(by_e),
        pve=float(np.sqrt(slope @ covariance[c:, c:] @ slope)),
        omega=_omega_errors(form, covariance[:c, :c]),
        reason=None,
    )


def pve_interval(form: SpectralForm, *, penalised: bool = False) -> tuple[float, float]:
    """Return the 95% interval of PVE by the profile of the objective.

    It holds the ratios around the optimum whose profile is within half the chi2_1 quantile
    (1.92 nats) of it; an end that the profile never reaches is 0 or 1.
    """
    best = optimum(form, penalised=penalised)
    objective = profile_objective(form, penalised=penalised)
    level = best.value - 0.5 * float(special.chdtri(1, 1 - LEVEL))
    grid = log_ratio_grid(form)
    low_enough = np.array([objective(x) for x in grid]) < level
    peak = float(np.log(best.theta.ratio)) if best.theta.ratio > 0 else -np.inf

    def crossing(outside: float, inside: float) -> float:
        root = optimize.brentq(lambda x: objective(x) - level, outside, inside, xtol=1e-10)
        return form.pve(float(np.exp(root)))

    below, above = (np.flatnonzero(low_enough & side) for side in (grid < peak, grid > peak))
    low = crossing(grid[below[-1]], min(grid[below[-1] + 1], peak)) if below.size else 0.0
    high = crossing(grid[above[0]], max(grid[above[0] - 1], peak)) if above.size else 1.0
    return low, high


def no_effect_test(form: SpectralForm) -> RatioTest:
    """Test sigma_beta2 = 0 by the likelihood ratio.

    Without a random effect the statistic is 0 half of the time and chi2_1 otherwise (Self,
    Liang 1987).
    """
    gain = optimum(form, penalised=False).value - profile(form, 0.0).loglik
    statistic = max(2 * gain, 0.0)
    return RatioTest(statistic, 0.5 * float(special.chdtrc(1, statistic)) if statistic else 1.0)


def _expected(form: SpectralForm, theta: Theta, penalised: bool) -> Array:
    """Return the expected information (c + 2, c + 2) of w and the relative variances."""
    v = theta.sigma_beta2 * form.eigvals + theta.sigma_e2
    by_w = form.UtQ.T @ (form.UtQ / v[:, None])
    by_variance = curvature(form, theta, penalised=penalised).information
    return np.asarray(linalg.block_diag(by_w, by_variance))


def _observed(form: SpectralForm, theta: Theta, penalised: bool) -> Array:
    """Return minus the second derivatives (c + 2, c + 2) in w and the relative variances.

    With shares a, b in {sigma_beta2 lambda / v, sigma_e2 / v}: sum a b (r^2/v - 1/2) for two
    variances and Q'(a r / v) for w and a variance.
    """
    v = theta.sigma_beta2 * form.eigvals + theta.sigma_e2
    r = form.Uty - form.UtQ @ gls(form, 1 / v)
    shares = np.stack([theta.sigma_beta2 * form.eigvals / v, theta.sigma_e2 / v])
    variances = (shares * (r * r / v - 0.5)) @ shares.T - 0.5 * np.diag([0, form.n_null])
    if penalised:
        with_penalty = curvature(form, theta, penalised=True).information
        variances = variances + with_penalty - curvature(form, theta).information
    mixed = form.UtQ.T @ (shares * r / v).T
    by_w = form.UtQ.T @ (form.UtQ / v[:, None])
    return np.block([[by_w, mixed], [mixed.T, variances]])


def _scaled(information: Array) -> Array:
    """Return the information with a unit diagonal; signs of its eigenvalues are kept."""
    scale = np.sqrt(np.abs(np.diag(information)))
    scale[scale == 0] = 1.0
    return np.asarray(information / np.outer(scale, scale))


def _omega_errors(form: SpectralForm, covariance: Array) -> Array:
    """Return the standard errors (c,) of the columns of Z from the covariance of Q's."""
    if not form.c:
        return np.zeros(0)
    half = linalg.solve_triangular(form.R, covariance)
    return np.sqrt(np.diag(linalg.solve_triangular(form.R, half.T)))
