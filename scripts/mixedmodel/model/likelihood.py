"""The log-likelihood on the spectral form, its score, and the mean-field penalty.

Model y = Z w + X beta + e with V = sigma_beta2 K + sigma_e2 I, so that in rotated rows
v_i = sigma_beta2 lambda_i + sigma_e2 and r_i = (U'y - U'Q w)_i:

    loglik = -1/2 [n log 2 pi + sum log v_i + sum r_i^2 / v_i]
    g(q)   =  1/2 [sum_j log(1 + q d_j) - sum_i log(1 + q lambda_i)] >= 0

(`docs/model.md`, sections 6, 12 and 13). At the best factorised q(beta) for given parameters the
ELBO is loglik - g(q), q the ratio.
"""

from dataclasses import dataclass

import numpy as np

from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array, Theta

LOG_2PI = float(np.log(2 * np.pi))


def loglik(form: SpectralForm, theta: Theta) -> float:
    """Return the log-likelihood (nats, constants included) at ``theta``."""
    v = theta.sigma_beta2 * form.eigvals + theta.sigma_e2
    r = form.Uty - form.UtQ @ theta.w
    log_det = np.log(v).sum() + form.n_null * np.log(theta.sigma_e2)
    return float(-0.5 * (form.n * LOG_2PI + log_det + r @ (r / v)))


def penalty(form: SpectralForm, ratio: float) -> float:
    """Return g(q) >= 0 (nats): what the factorisation takes off the log-likelihood."""
    diagonal, spectrum = log_dets(form, ratio)
    return diagonal - spectrum


def log_dets(form: SpectralForm, ratio: float) -> tuple[float, float]:
    """Return 1/2 sum log(1 + q d_j) and 1/2 sum log(1 + q lambda_i) (nats)."""
    diagonal = np.log1p(ratio * form.col_norms2).sum()
    spectrum = np.log1p(ratio * form.eigvals).sum()
    return float(0.5 * diagonal), float(0.5 * spectrum)


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
    value = -0.5 * (form.n * (LOG_2PI + np.log(s) + 1) - np.log(h).sum())
    return Profile(Theta(w, ratio * s, s), float(value))


def gls(form: SpectralForm, weights: Array) -> Array:
    """Return generalised least squares w (c,) for rotated rows weighted by ``weights`` (m,)."""
    if form.c == 0:
        return np.zeros(0)
    root = np.sqrt(weights)
    q, r = np.linalg.qr(root[:, None] * form.UtQ)
    return np.asarray(np.linalg.solve(r, q.T @ (root * form.Uty)))


def score(form: SpectralForm, theta: Theta, *, penalised: bool = False) -> Array:
    """Return the derivatives (2,) of the objective in sigma_beta2 and sigma_e2 at fixed w.

    1/2 sum lambda_i/v_i (r_i^2/v_i - 1) and 1/2 sum 1/v_i (r_i^2/v_i - 1) (nats per unit of the
    variance); ``penalised`` subtracts those of g(sigma_beta2 / sigma_e2).
    """
    v = theta.sigma_beta2 * form.eigvals + theta.sigma_e2
    r = form.Uty - form.UtQ @ theta.w
    by_variance = np.stack([form.eigvals / v, 1 / v])
    value = 0.5 * (by_variance @ (r * r / v - 1) - [0, form.n_null / theta.sigma_e2])
    if penalised:
        first, _ = penalty_derivatives(form, theta.ratio)
        value -= first / theta.sigma_e2 * np.array([1, -theta.ratio])
    return np.asarray(value)


def penalty_derivatives(form: SpectralForm, ratio: float) -> tuple[float, float]:
    """Return g'(q) and g''(q)."""
    d, eigvals = (a / (1 + ratio * a) for a in (form.col_norms2, form.eigvals))
    return 0.5 * float(d.sum() - eigvals.sum()), 0.5 * float(eigvals @ eigvals - d @ d)
