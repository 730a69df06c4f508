"""The log-likelihood on the spectral form, its derivatives, and the mean-field penalty.

Model y = Z w + X beta + e with V = sigma_beta2 K + sigma_e2 I, so that in rotated rows
v_i = sigma_beta2 lambda_i + sigma_e2 and r_i = (U'y - U'Q w)_i:

    loglik = -1/2 [n log 2 pi + sum log v_i + sum r_i^2 / v_i]            Patterson, Thompson (1971)
    g(q)   =  1/2 [sum_j log(1 + q d_j) - sum_i log(1 + q lambda_i)] >= 0      Hadamard's inequality

At the best factorised q(beta) for given parameters the ELBO is loglik - g(q), q the ratio.
"""

from dataclasses import dataclass

import numpy as np

from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array, Theta

LOG_2PI = float(np.log(2 * np.pi))
ROUNDING = 1e-12  # relative; correlations of the two scores closer to 1 count as 1


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


@dataclass(frozen=True)
class Curvature:
    """Local quadratic model of the objective in relative steps of (sigma_beta2, sigma_e2).

    ``slope`` (2,) and expected ``information`` (2, 2), both at the best w; ``fixed`` is the
    gain (nats) of moving w alone there.
    """

    slope: Array
    information: Array
    fixed: float


def curvature(form: SpectralForm, theta: Theta, *, penalised: bool = False) -> Curvature:
    """Return the local quadratic model of the objective around ``theta``.

    With the shares a_i = sigma_beta2 lambda_i / v_i and b_i = sigma_e2 / v_i the information
    of the log-likelihood is 1/2 sum a_i b_i and so on; ``penalised`` subtracts g(q).
    """
    v = theta.sigma_beta2 * form.eigvals + theta.sigma_e2
    best = Theta(gls(form, 1 / v), theta.sigma_beta2, theta.sigma_e2)
    slope = score(form, best, penalised=penalised) * [theta.sigma_beta2, theta.sigma_e2]
    shares = np.stack([theta.sigma_beta2 * form.eigvals / v, theta.sigma_e2 / v])
    information = 0.5 * (shares @ shares.T + np.diag([0, form.n_null]))
    if penalised:
        # relative steps u, t of the variances make the ratio q (1 + u) / (1 + t)
        first, second = (theta.ratio * g for g in penalty_derivatives(form, theta.ratio))
        second *= theta.ratio
        cross = -second - first
        information = information + np.array([[second, cross], [cross, second + 2 * first]])
    step = form.UtQ @ (best.w - theta.w)
    return Curvature(slope, information, float(0.5 * step @ (step / v)))


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


def predicted_gain(model: Curvature) -> float:
    """Return the gain (nats) still predicted by a local quadratic model.

    The steps are relative, sigma (1 + u), and restricted to u >= -1: non-negative variances.
    Infinite where the model is not concave, which is no place to stop.
    """
    idle = (np.diag(model.information) == 0) & (model.slope == 0)
    a, b = model.slope, model.information + np.diag(idle.astype(float))
    if not np.all(np.diag(b) > 0):
        return np.inf
    scale = np.sqrt(np.diag(b))
    correlation = b[0, 1] / (scale[0] * scale[1])
    if abs(correlation) > 1 + ROUNDING:
        return np.inf
    correlation = np.clip(correlation, ROUNDING - 1, 1 - ROUNDING)
    solve = np.array([[1, -correlation], [-correlation, 1]]) / (1 - correlation**2)
    free = solve @ (a / scale) / scale
    if np.all(free >= -1):
        return model.fixed + float(0.5 * a @ free)
    edges = []
    for k in (0, 1):
        u = np.full(2, -1.0)
        u[1 - k] = max((a[1 - k] + b[0, 1]) / b[1 - k, 1 - k], -1.0)
        edges.append(float(a @ u - 0.5 * u @ b @ u))
    return model.fixed + max(edges)
