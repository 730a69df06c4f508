"""EM as textbooks write it: the posterior covariance by a dense inverse in every iteration.

Model y = Z w + X beta + e. The inverse is that of the smaller side, of V (n, n) or of
Gamma^-1 (p, p); `docs/model.md`, section 4, has the updates.
"""

import numpy as np

from benchmarks.outcome import Estimate, Outcome, Work
from benchmarks.table import Table
from mixedmodel.model.likelihood import LOG_2PI
from mixedmodel.model.types import Array

RISE = 1e-6  # of the log-likelihood (nats), below which textbooks stop
MOST = 50  # iterations


def em(table: Table) -> Work:
    """Iterate until the log-likelihood hardly rises, or ``MOST`` times."""
    y, Z, X = table.y, table.Z, table.X
    return lambda: iterate(y, Z, X, most=MOST)


def iterate(y: Array, Z: Array, X: Array, *, most: int) -> Outcome:
    """Run EM from equal shares of the variance that the fixed effects leave."""
    n, p = X.shape
    w = np.linalg.lstsq(Z, y)[0]
    left = float(np.mean((y - Z @ w) ** 2))
    sigma_beta2, sigma_e2 = left / 2 / float(np.mean(np.sum(X * X, axis=1))), left / 2
    square = X @ X.T if n <= p else X.T @ X
    before, remark = -np.inf, f"{most} iterations, not at its end"
    for iteration in range(1, most + 1):
        r = y - Z @ w
        step = _by_rows if n <= p else _by_columns
        mean, trace, trace_fitted, loglik = step(r, X, square, sigma_beta2, sigma_e2)
        if loglik - before < RISE:
            remark = f"stopped after {iteration} iterations"
            break
        before, fitted = loglik, X @ mean
        w = np.linalg.lstsq(Z, y - fitted)[0]
        sigma_e2 = (float(np.sum((y - Z @ w - fitted) ** 2)) + trace_fitted) / n
        sigma_beta2 = (float(mean @ mean) + trace) / p
    return Outcome(remark, Estimate("ml", sigma_beta2, sigma_e2, tuple(w.tolist())))


def _by_rows(
    r: Array, X: Array, K: Array, sigma_beta2: float, sigma_e2: float
) -> tuple[Array, float, float, float]:
    """Return mu (p,), tr(Gamma), tr(X Gamma X') and the log-likelihood by V^-1 (n, n)."""
    n, p = X.shape
    V = sigma_beta2 * K + sigma_e2 * np.eye(n)
    inverse = np.linalg.inv(V)
    scaled = inverse @ r
    trace = p * sigma_beta2 - sigma_beta2**2 * float(np.sum(inverse * K))
    trace_fitted = sigma_e2 * sigma_beta2 * float(np.sum(inverse * K))
    loglik = -0.5 * (n * LOG_2PI + np.linalg.slogdet(V)[1] + r @ scaled)
    return sigma_beta2 * (X.T @ scaled), trace, trace_fitted, float(loglik)


def _by_columns(
    r: Array, X: Array, gram: Array, sigma_beta2: float, sigma_e2: float
) -> tuple[Array, float, float, float]:
    """Return the same by Gamma (p, p), the inverse of X'X/sigma_e2 + I/sigma_beta2."""
    n, p = X.shape
    precision = gram / sigma_e2 + np.eye(p) / sigma_beta2
    Gamma = np.linalg.inv(precision)
    pull = X.T @ r / sigma_e2
    mean = Gamma @ pull
    trace_fitted = float(np.sum(Gamma * gram))
    log_det = n * np.log(sigma_e2) + p * np.log(sigma_beta2) + np.linalg.slogdet(precision)[1]
    misfit = r @ r / sigma_e2 - pull @ mean
    loglik = -0.5 * (n * LOG_2PI + log_det + misfit)
    return mean, float(np.trace(Gamma)), trace_fitted, float(loglik)
