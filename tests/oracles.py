"""Slow, obvious mathematics: dense matrices, explicit inverses, scalar loops, definitions.

Model y = Z w + X beta + e with beta ~ N(0, sb I_p), e ~ N(0, se I_n); sb and se are variances.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """y (n,), Z (n, c), X (n, p)."""

    y: Array
    Z: Array
    X: Array


def loglik(table: Table, w: Array, sb: float, se: float) -> float:
    """Density of y under N(Z w, sb X X' + se I), by scipy."""
    n = len(table.y)
    V = sb * table.X @ table.X.T + se * np.eye(n)
    return float(stats.multivariate_normal(table.Z @ w, V).logpdf(table.y))


def posterior(table: Table, w: Array, sb: float, se: float) -> tuple[Array, Array]:
    """mu (p,) and Gamma (p, p), with Gamma the inverse of X'X/se + I/sb."""
    p = table.X.shape[1]
    Gamma = np.linalg.inv(table.X.T @ table.X / se + np.eye(p) / sb)
    return Gamma @ table.X.T @ (table.y - table.Z @ w) / se, Gamma


def least_squares(Z: Array, target: Array) -> Array:
    return np.linalg.solve(Z.T @ Z, Z.T @ target)


def em_step(table: Table, w: Array, sb: float, se: float) -> tuple[Array, float, float]:
    """One textbook EM iteration."""
    y, Z, X = table.y, table.Z, table.X
    mu, Gamma = posterior(table, w, sb, se)
    w = least_squares(Z, y - X @ mu)
    residual = y - Z @ w - X @ mu
    se = (residual @ residual + np.trace(X @ Gamma @ X.T)) / len(y)
    return w, float((mu @ mu + np.trace(Gamma)) / len(mu)), float(se)


def px_step(table: Table, w: Array, sb: float, se: float) -> tuple[Array, float, float]:
    """One EM iteration of y = Z w + gamma X beta + e, by the normal equations of (w, gamma)."""
    y, Z, X = table.y, table.Z, table.X
    mu, Gamma = posterior(table, w, sb, se)
    a, extra = X @ mu, np.trace(X @ Gamma @ X.T)
    design = np.column_stack([Z, a])
    normal = design.T @ design
    normal[-1, -1] += extra
    *w_list, gamma = np.linalg.solve(normal, design.T @ y)
    w = np.array(w_list)
    residual = y - Z @ w - gamma * a
    se = (residual @ residual + gamma**2 * extra) / len(y)
    return w, float(gamma**2 * (mu @ mu + np.trace(Gamma)) / len(mu)), float(se)


def sweep(table: Table, w: Array, sb: float, se: float, m: Array) -> Array:
    """One coordinate sweep, a scalar at a time."""
    m = m.copy()
    for j, x in enumerate(table.X.T):
        others = table.X @ m - x * m[j]
        s = 1 / (x @ x / se + 1 / sb)
        m[j] = s / se * x @ (table.y - table.Z @ w - others)
    return m


def elbo(table: Table, w: Array, sb: float, se: float, m: Array, s: Array) -> float:
    """E_q log p(y | beta) + E_q log p(beta) + entropy of q, for q = N(m, diag s)."""
    y, Z, X = table.y, table.Z, table.X
    residual = y - Z @ w - X @ m
    d = np.sum(X * X, axis=0)
    misfit = residual @ residual + d @ s
    likelihood = -0.5 * len(y) * np.log(2 * np.pi * se) - misfit / (2 * se)
    prior = -0.5 * len(m) * np.log(2 * np.pi * sb) - (m @ m + s.sum()) / (2 * sb)
    entropy = 0.5 * np.sum(np.log(2 * np.pi * np.e * s))
    return float(likelihood + prior + entropy)


def kl(m: Array, S: Array, mu: Array, Gamma: Array) -> float:
    """KL(N(m, S) || N(mu, Gamma))."""
    A = np.linalg.inv(Gamma)
    log_dets = np.linalg.slogdet(Gamma)[1] - np.linalg.slogdet(S)[1]
    return float(0.5 * ((m - mu) @ A @ (m - mu) + np.trace(A @ S) - len(m) + log_dets))


def gls(table: Table, sb: float, se: float) -> Array:
    n = len(table.y)
    weight = np.linalg.inv(sb * table.X @ table.X.T + se * np.eye(n))
    return np.linalg.solve(table.Z.T @ weight @ table.Z, table.Z.T @ weight @ table.y)


def penalty(table: Table, sb: float, se: float) -> float:
    """1/2 [log det diag(A) - log det A], A = I + X'X sb/se."""
    A = np.eye(table.X.shape[1]) + table.X.T @ table.X * sb / se
    return float(0.5 * (np.log(np.diag(A)).sum() - np.linalg.slogdet(A)[1]))


def best(table: Table, *, penalised: bool) -> tuple[float, float, float]:
    """Largest log-likelihood (or ELBO) with its sb and se: Nelder-Mead on dense matrices."""

    def loss(logs: Array) -> float:
        sb, se = np.exp(logs)
        value = loglik(table, gls(table, sb, se), sb, se)
        return -(value - (penalty(table, sb, se) if penalised else 0.0))

    scale = table.y.var()
    per_column = scale / max(np.sum(table.X**2) / len(table.y), 1e-300)
    found = [
        optimize.minimize(
            loss,
            np.log([share * per_column, (1 - share) * scale]),
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000, "maxfev": 4000},
        )
        for share in (0.02, 0.5, 0.95)
    ]
    top = min(found, key=lambda result: result.fun)
    return -float(top.fun), *np.exp(top.x)


def predict(table: Table, sb: float, se: float, Z_new: Array, X_new: Array) -> tuple[Array, Array]:
    """Mean and variance of new responses from the joint posterior of (w, beta), w flat.

    As one inverse of Henderson's equations, or, where X is wide, by universal kriging: an inverse
    of the first has no digits left where se is small.
    """
    (n, c), p = table.Z.shape, table.X.shape[1]
    if p >= n:
        return _kriging(table, sb, se, Z_new, X_new)
    both, new = np.column_stack([table.Z, table.X]), np.column_stack([Z_new, X_new])
    precision = both.T @ both / se
    precision[range(c, len(precision)), range(c, len(precision))] += 1 / sb
    covariance = np.linalg.inv(precision)
    mean = new @ covariance @ both.T @ table.y / se
    return mean, np.diag(new @ covariance @ new.T) + se


def _kriging(table: Table, sb: float, se: float, Z_new: Array, X_new: Array) -> tuple[Array, Array]:
    y, Z, X = table.y, table.Z, table.X
    V = sb * X @ X.T + se * np.eye(len(y))
    k = sb * X_new @ X.T
    w = gls(table, sb, se)
    weights = np.linalg.solve(V, k.T).T
    g = Z_new - weights @ Z
    mean = Z_new @ w + weights @ (y - Z @ w)
    by_w = np.diag(g @ np.linalg.inv(Z.T @ np.linalg.solve(V, Z)) @ g.T) if Z.shape[1] else 0.0
    own = sb * np.einsum("ij,ij->i", X_new, X_new) + se
    return mean, own - np.einsum("ij,ij->i", weights, k) + by_w
