"""How well the data determine the variances: standard errors, profile intervals, a test of none.

Model y = Z w + X beta + e on the spectral form. The objective is the log-likelihood, or that
less the ``penalty`` of an approximation, whose curvature gives what its user would report; see
`docs/model.md`, section 16.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize, special

from mixedmodel.model.certificate import log_ratio_grid, optimum, profile_objective
from mixedmodel.model.curvature import (
    SINGULAR,
    expected_information,
    observed_information,
    penalty_information,
)
from mixedmodel.model.likelihood import profile
from mixedmodel.model.penalty import NONE, Penalty
from mixedmodel.model.results import RatioTest
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array, Certificate, Theta

LEVEL = 0.95
NOT_CONCAVE = "the objective is not concave at the estimate: its curvature gives no standard error"
AT_BOUNDARY = "the optimum lies at a boundary, where the curvature gives no standard error"
NO_MAXIMUM = "the objective has no maximum, so its curvature gives no standard error"
FLAT = "the objective is the same at every variance ratio: it gives no standard error"


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


def no_errors(certificate: Certificate) -> str | None:
    """Say why the variances have no standard errors whatever the curvature; None if they may."""
    if certificate.flat:
        return FLAT
    if certificate.unbounded:
        return NO_MAXIMUM
    return AT_BOUNDARY if certificate.boundary or certificate.noise_boundary else None


def standard_errors(
    form: SpectralForm,
    theta: Theta,
    *,
    expected: bool = False,
    penalty: Penalty = NONE,
    reason: str | None = None,
) -> StandardErrors:
    """Invert the information at ``theta``: observed (the curvature) or ``expected``.

    The covariance of (w, sigma_beta2, sigma_e2) is the inverse of their joint information, its
    variance block the inverse curvature of the profile over w; PVE by the delta method. Where
    there is a ``reason`` for none only w has one, (Z'V^-1 Z)^-1.
    """
    if expected:
        information = _expected(form, theta, penalty)
    else:
        information = observed_information(form, theta, penalty)
    c = form.c
    concave = bool(np.all(linalg.eigvalsh(_scaled(information)[0]) > SINGULAR))
    if reason or not concave:
        omega = _omega_errors(form, _inverse(information[:c, :c]))
        return StandardErrors(None, None, None, omega, reason or NOT_CONCAVE)
    covariance = _inverse(information)
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


def pve_interval(form: SpectralForm, penalty: Penalty = NONE) -> tuple[float, float]:
    """Return the 95% interval of PVE by the profile of the objective.

    It reaches from the lowest to the highest ratio whose profile is within half the chi2_1 quantile
    (1.92 nats) of the optimum; an end that the profile never reaches is 0 or 1. Near a pole every
    profile is high enough, so that where there is one only ratios connected to the optimum count.
    """
    best = optimum(form, penalty)
    objective = profile_objective(form, penalty)
    level = best.value - 0.5 * float(special.chdtri(1, 1 - LEVEL))
    grid = log_ratio_grid(form)
    outside = np.array([objective(x) for x in grid]) < level
    peak = float(np.log(best.theta.ratio)) if best.theta.ratio > 0 else -np.inf

    def crossing(outside: float, inside: float) -> float:
        root = optimize.brentq(lambda x: objective(x) - level, outside, inside, xtol=1e-10)
        return form.pve(float(np.exp(root)))

    def left_out(side: NDArray[np.bool_]) -> int:
        """Count the places on a side, from its end inwards, that the interval leaves out."""
        if form.has_pole and side.any():
            return int(np.flatnonzero(side)[-1]) + 1
        return int(np.argmin(side))

    backwards = grid[::-1]
    below, above = left_out(outside & (grid < peak)), left_out(outside[::-1] & (backwards > peak))
    low = crossing(grid[below - 1], min(grid[below], peak)) if below else 0.0
    high = crossing(backwards[above - 1], max(backwards[above], peak)) if above else 1.0
    return low, high


def no_effect_test(form: SpectralForm) -> RatioTest:
    """Test sigma_beta2 = 0 by the likelihood ratio.

    Without a random effect the statistic is 0 half of the time and chi2_1 otherwise (Self,
    Liang 1987).
    """
    gain = optimum(form, NONE).value - profile(form, 0.0).loglik
    statistic = max(2 * gain, 0.0)
    return RatioTest(statistic, 0.5 * float(special.chdtrc(1, statistic)) if statistic else 1.0)


def _expected(form: SpectralForm, theta: Theta, penalty: Penalty) -> Array:
    """Return the expected information (c + 2, c + 2) of w and the relative variances."""
    v = theta.sigma_beta2 * form.eigvals + theta.sigma_e2
    by_w = form.UtQ.T @ (form.UtQ / v[:, None])
    by_variance = expected_information(form, theta)
    by_variance = by_variance + penalty_information(form, theta.ratio, penalty)
    return np.asarray(linalg.block_diag(by_w, by_variance))


def _scaled(information: Array) -> tuple[Array, Array]:
    """Return the information with a unit diagonal, its eigenvalues' signs kept, and the scales."""
    scale = np.sqrt(np.abs(np.diag(information)))
    scale[scale == 0] = 1.0
    return np.asarray(information / scale / scale[:, None]), scale


def _inverse(information: Array) -> Array:
    """Invert an information matrix of any units."""
    if not len(information):
        return np.zeros((0, 0))
    scaled, scale = _scaled(information)
    return np.asarray(linalg.inv(scaled) / scale / scale[:, None])


def _omega_errors(form: SpectralForm, covariance: Array) -> Array:
    """Return the standard errors (c,) of the columns of Z from the covariance of Q's."""
    if not form.c:
        return np.zeros(0)
    half = linalg.solve_triangular(form.R, covariance)
    return np.sqrt(np.diag(linalg.solve_triangular(form.R, half.T)))
