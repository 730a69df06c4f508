"""The log-likelihood on the spectral form, its profile, and the score of an objective.

Model y = Z w + X beta + e with V = sigma_beta2 K + sigma_e2 I, so that in rotated rows
v_i = sigma_beta2 lambda_i + sigma_e2 and r_i = (U'y - U'Q w)_i:

    loglik = -1/2 [n log 2 pi + sum log v_i + sum r_i^2 / v_i]

(`docs/model.md`, sections 6 and 13). An objective is that less a ``Penalty`` on the ratio.
"""

from dataclasses import dataclass

import numpy as np

from mixedmodel.model.penalty import NONE, Penalty
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array, Theta

LOG_2PI = float(np.log(2 * np.pi))


def loglik(form: SpectralForm, theta: Theta) -> float:
    """Return the log-likelihood (nats, constants included) at ``theta``."""
    v = theta.sigma_beta2 * form.eigvals + theta.sigma_e2
    r = form.Uty - form.UtQ @ theta.w
    return float(-0.5 * (form.n * LOG_2PI + form.spectrum.log_det(theta) + r @ (r / v)))


@dataclass(frozen=True)
class Profile:
    """The log-likelihood maximised over w and sigma_e2 at one variance ratio."""

    theta: Theta
    loglik: float


def profile(form: SpectralForm, ratio: float) -> Profile:
    """Maximise over w and sigma_e2 in closed form at the variance ratio q.

    w is generalised least squares, sigma_e2 = s(q) = 1/n sum r_i^2 / (1 + q lambda_i), and
    l(q) = -1/2 [n log(2 pi s(q)) + sum log(1 + q lambda_i) + n].
    """
    h = 1 / (1 + ratio * form.eigvals)
    w = gls(form, h)
    r = form.Uty - form.UtQ @ w
    s = float(r @ (h * r)) / form.n
    value = -0.5 * (form.n * (LOG_2PI + np.log(s) + 1) + form.spectrum.log_det_ratio(ratio))
    return Profile(Theta(w, ratio * s, s), float(value))


def gls(form: SpectralForm, weights: Array) -> Array:
    """Return generalised least squares w (c,) for rotated rows weighted by ``weights`` (m,)."""
    if form.c == 0:
        return np.zeros(0)
    root = np.sqrt(weights)
    q, r = np.linalg.qr(root[:, None] * form.UtQ)
    return np.asarray(np.linalg.solve(r, q.T @ (root * form.Uty)))


def score(form: SpectralForm, theta: Theta, penalty: Penalty = NONE) -> Array:
    """Return the derivatives (2,) of the objective in sigma_beta2 and sigma_e2 at fixed w.

    1/2 [sum lambda_i r_i^2/v_i^2 - tr(V^-1 K)] and 1/2 [sum r_i^2/v_i^2 - tr(V^-1)] (nats per unit
    of the variance), less those of g(sigma_beta2 / sigma_e2).
    """
    v = theta.sigma_beta2 * form.eigvals + theta.sigma_e2
    r = form.Uty - form.UtQ @ theta.w
    by_response = np.stack([form.eigvals / v, 1 / v]) @ (r * r / v)
    value = 0.5 * (by_response - form.spectrum.by_variance(theta))
    first, _ = penalty.derivatives(form, theta.ratio)
    return np.asarray(value - first / theta.sigma_e2 * np.array([1, -theta.ratio]))
