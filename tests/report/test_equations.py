"""Each displayed equation: drawn, described, and true on small dense tables."""

import io
import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import msgspec
import numpy as np
import pytest
from lxml import etree
from numpy.typing import NDArray
from PIL import Image
from scipy.linalg import null_space
from scipy.optimize import approx_fprime, minimize
from scipy.stats import multivariate_normal, norm

from mixedmodel.report import equation_pictures
from mixedmodel.report.equation_pictures import Pictures
from mixedmodel.report.omml import dressed, native_file, read_native
from mixedmodel.report.slides.deck import Deck, Settings
from mixedmodel.report.slides.place import add_equation
from mixedmodel.report.story.equations import Equation, with_regimes
from mixedmodel.report.story.source import NATIVE
from mixedmodel.report.style import GAP, INK
from report.deck_checks import Opened, alternatives, shapes_of
from report.told import STORY, telling

EQUATIONS = telling().story.equations
Array = NDArray[np.float64]
LOG_2PI = np.log(2 * np.pi)


@dataclass(frozen=True)
class Table:
    """A small table, parameters, and everything dense that the equations speak of."""

    y: Array
    Z: Array
    X: Array
    w: Array
    b2: float
    e2: float
    m: Array
    s: Array
    beta: Array

    @cached_property
    def n(self) -> int:
        return len(self.y)

    @cached_property
    def p(self) -> int:
        return self.X.shape[1]

    @cached_property
    def q(self) -> float:
        return self.b2 / self.e2

    @cached_property
    def r(self) -> Array:
        return self.y - self.Z @ self.w

    @cached_property
    def K(self) -> Array:
        return self.X @ self.X.T

    @cached_property
    def V(self) -> Array:
        return self.b2 * self.K + self.e2 * np.eye(self.n)

    @cached_property
    def precision(self) -> Array:
        return self.X.T @ self.X / self.e2 + np.eye(self.p) / self.b2

    @cached_property
    def Gamma(self) -> Array:
        return np.linalg.inv(self.precision)

    @cached_property
    def mu(self) -> Array:
        return self.Gamma @ self.X.T @ self.r / self.e2

    @cached_property
    def d(self) -> Array:
        return (self.X**2).sum(axis=0)

    @cached_property
    def eigen(self) -> tuple[Array, Array]:
        values, vectors = np.linalg.eigh(self.K)
        return np.where(values > 1e-9, values, 0.0), vectors

    @cached_property
    def best_s(self) -> Array:
        return 1 / (self.d / self.e2 + 1 / self.b2)

    @cached_property
    def loglik(self) -> float:
        return float(multivariate_normal.logpdf(self.y, self.Z @ self.w, self.V))

    def log_joint(self, beta: Array) -> float:
        data = norm.logpdf(self.r - self.X @ beta, scale=np.sqrt(self.e2)).sum()
        return float(data + norm.logpdf(beta, scale=np.sqrt(self.b2)).sum())

    def log_posterior(self, beta: Array) -> float:
        return float(multivariate_normal.logpdf(beta, self.mu, self.Gamma))

    def mean_log_joint(self, mean: Array, covariance: Array) -> float:
        """Return E[log joint] for normal beta: exact, as the log joint is quadratic."""
        return self.log_joint(mean) - 0.5 * float(np.trace(self.precision @ covariance))

    def bound(self, mean: Array, variance: Array) -> float:
        entropy = norm.entropy(scale=np.sqrt(variance)).sum()
        return self.mean_log_joint(mean, np.diag(variance)) + float(entropy)

    def at(self, w: Array, b2: float, e2: float) -> "Table":
        return Table(self.y, self.Z, self.X, w, b2, e2, self.m, self.s, self.beta)

    def g(self, q: float) -> float:
        values = self.eigen[0]
        return 0.5 * float(np.log1p(q * self.d).sum() - np.log1p(q * values).sum())

    def best_at(self, q: float) -> "Table":
        """Return the table at the best w and e2 for a ratio, by least squares on whitened data."""
        half = np.linalg.inv(np.linalg.cholesky(np.eye(self.n) + q * self.K))
        w = np.linalg.lstsq(half @ self.Z, half @ self.y, rcond=None)[0]
        e2 = float(np.mean((half @ (self.y - self.Z @ w)) ** 2))
        return self.at(w, q * e2, e2)


def kl(mean: Array, covariance: Array, t: Table) -> float:
    """Return KL(N(mean, covariance) || posterior), the textbook formula."""
    shift = mean - t.mu
    trace = np.trace(t.precision @ covariance)
    logs = np.linalg.slogdet(t.Gamma)[1] - np.linalg.slogdet(covariance)[1]
    return float(0.5 * (shift @ t.precision @ shift + trace - t.p + logs))


def difference(f: Callable[[Array], float], t: Table) -> float:
    """Return f at one point minus f at another: what is left of "plus a constant"."""
    return f(t.beta) - f(t.m)


def quadratic(t: Table, beta: Array) -> float:
    residual = t.r - t.X @ beta
    return float(-residual @ residual / (2 * t.e2) - beta @ beta / (2 * t.b2))


def collected(t: Table, beta: Array) -> float:
    return float(-0.5 * beta @ t.precision @ beta + beta @ t.X.T @ t.r / t.e2)


def square(t: Table, beta: Array) -> float:
    return float(-0.5 * (beta - t.mu) @ t.precision @ (beta - t.mu))


def expectations(t: Table) -> tuple[float, float]:
    """Return E||y - Zw - X beta||^2 and E||beta||^2 under the posterior, from E beta beta'."""
    second = t.Gamma + np.outer(t.mu, t.mu)
    residual = t.r @ t.r - 2 * t.r @ t.X @ t.mu + np.trace(t.X.T @ t.X @ second)
    return float(residual), float(np.trace(second))


def complete(t: Table, theta: Array) -> float:
    """Return Q at theta = (w, e2, b2), the expectations taken at t."""
    c = t.Z.shape[1]
    new = t.at(theta[:c], theta[c + 1], theta[c])
    return new.mean_log_joint(t.mu, t.Gamma)


def theta_of(t: Table) -> Array:
    return np.array([*t.w, t.e2, t.b2])


def em_updates(t: Table) -> tuple[Array, float, float]:
    w = np.linalg.solve(t.Z.T @ t.Z, t.Z.T @ (t.y - t.X @ t.mu))
    fit = t.y - t.Z @ w - t.X @ t.mu
    e2 = (fit @ fit + np.trace(t.X @ t.Gamma @ t.X.T)) / t.n
    return w, float(e2), float((t.mu @ t.mu + np.trace(t.Gamma)) / t.p)


def em_score(t: Table, which: slice) -> tuple[Array, Array]:
    """Return the numerical derivative of Q and the displayed one."""
    numeric = approx_fprime(theta_of(t), lambda theta: complete(t, theta), 1e-7)
    residual, norm2 = expectations(t)
    score_w = t.Z.T @ (t.r - t.X @ t.mu) / t.e2
    score_e = -t.n / (2 * t.e2) + residual / (2 * t.e2**2)
    score_b = -t.p / (2 * t.b2) + norm2 / (2 * t.b2**2)
    return numeric[which], np.array([*score_w, score_e, score_b])[which]


def em_root(t: Table, which: slice) -> tuple[Array, float]:
    """Return the numerical derivative of Q at the updates, which is zero."""
    w, e2, b2 = em_updates(t)
    return approx_fprime(np.array([*w, e2, b2]), lambda x: complete(t, x), 1e-7)[which], 0.0


def mean_field_root(t: Table, which: slice) -> tuple[Array, float]:
    """Return the numerical derivative of the bound at mean field's updates, which is zero."""
    w = np.linalg.solve(t.Z.T @ t.Z, t.Z.T @ (t.y - t.X @ t.m))
    fit = t.y - t.Z @ w - t.X @ t.m
    e2, b2 = (fit @ fit + t.d @ t.s) / t.n, (t.m @ t.m + t.s.sum()) / t.p
    c = t.Z.shape[1]
    bound = lambda x: t.at(x[:c], x[c + 1], x[c]).bound(t.m, t.s)  # noqa: E731
    return approx_fprime(np.array([*w, e2, b2]), bound, 1e-7)[which], 0.0


def px_gamma(t: Table) -> tuple[Array, Array]:
    """Return gamma by the normal equations of (w, gamma), and as displayed."""
    a, extra = t.X @ t.mu, np.trace(t.X @ t.Gamma @ t.X.T)
    design = np.column_stack([t.Z, a])
    normal = design.T @ design
    normal[-1, -1] += extra
    M = np.eye(t.n) - t.Z @ np.linalg.solve(t.Z.T @ t.Z, t.Z.T)
    shown = a @ M @ t.y / (a @ M @ a + extra)
    return np.linalg.solve(normal, design.T @ t.y)[-1:], np.array([shown])


def px_fold(t: Table) -> tuple[float, float]:
    """Return the derivative of the expanded Q in the variance of gamma beta, and zero."""
    gamma = px_gamma(t)[1][0]
    norm2 = gamma**2 * expectations(t)[1]
    update = gamma**2 * em_updates(t)[2]
    return -t.p / (2 * update) + norm2 / (2 * update**2), 0.0


def squarem(t: Table) -> tuple[Array, Array]:
    """Return the limit of a geometric sequence, and the displayed jump from its first terms."""
    zero, one, two = (t.m + 0.7**k * t.beta for k in range(3))
    rho = one - zero
    nu = (two - one) - rho
    alpha = -np.linalg.norm(rho) / np.linalg.norm(nu)
    return t.m, zero - 2 * alpha * rho + alpha**2 * nu


def gain(t: Table) -> tuple[bool, bool]:
    w, e2, b2 = em_updates(t)
    gained = complete(t, np.array([*w, e2, b2])) - complete(t, theta_of(t))
    return t.at(w, b2, e2).loglik - t.loglik >= gained >= 0, True


def spectral(t: Table) -> tuple[Array, Array, Array]:
    values, vectors = t.eigen
    return values, t.b2 * values + t.e2, vectors.T @ t.r


def profile(t: Table) -> tuple[float, float]:
    best = t.best_at(t.q)
    values, vectors = best.eigen
    s = np.mean((vectors.T @ best.r) ** 2 / (1 + t.q * values))
    shown = -0.5 * (t.n * np.log(2 * np.pi * s) + np.log1p(t.q * values).sum() + t.n)
    return best.loglik, float(shown)


def gls(t: Table) -> tuple[Array, Array]:
    weight = np.linalg.inv(np.eye(t.n) + t.q * t.K)
    w = np.linalg.solve(t.Z.T @ weight @ t.Z, t.Z.T @ weight @ t.y)
    best = t.best_at(t.q)
    values, vectors = t.eigen
    s = np.mean((vectors.T @ (t.y - t.Z @ w)) ** 2 / (1 + t.q * values))
    return np.array([*best.w, best.e2]), np.array([*w, s])


def moved(t: Table, j: int, mean: float, variance: float) -> tuple[Array, Array]:
    m, s = t.m.copy(), t.s.copy()
    m[j], s[j] = mean, variance
    return m, s


def one_factor(t: Table) -> tuple[float, float]:
    """Return the change of the bound, and of E_qj[E_-j log joint - log qj] by quadrature."""
    j, points = 1, np.polynomial.hermite_e.hermegauss(8)

    def shown(mean: float, variance: float) -> float:
        total = 0.0
        for node, weight in zip(*points, strict=True):
            value = mean + np.sqrt(variance) * node
            m, s = moved(t, j, value, 0.0)
            inner = t.mean_log_joint(m, np.diag(s)) - norm.logpdf(value, mean, np.sqrt(variance))
            total += weight / np.sqrt(2 * np.pi) * float(inner)
        return total

    change = t.bound(*moved(t, j, 0.3, 0.2)) - t.bound(*moved(t, j, -0.4, 0.5))
    return change, shown(0.3, 0.2) - shown(-0.4, 0.5)


def coordinate(t: Table, j: int) -> tuple[float, float]:
    """Return the best m_j and s_j as displayed."""
    rest = t.X @ t.m - t.X[:, j] * t.m[j]
    return float(t.best_s[j] / t.e2 * t.X[:, j] @ (t.r - rest)), float(t.best_s[j])


def coordinate_by_bound(t: Table) -> tuple[float, float]:
    """Return the m_j and s_j at which the bound is highest, by a numerical search."""
    start = np.array([0.0, np.log(0.5)])
    lowest = minimize(lambda x: -t.bound(*moved(t, 1, x[0], np.exp(x[1]))), start, tol=1e-12)
    return float(lowest.x[0]), float(np.exp(lowest.x[1]))


def bound_change(t: Table) -> tuple[float, float]:
    """Return the change of the bound, and of minus KL(q_j || q_j*)."""
    j = 1
    best, variance = coordinate(t, j)

    def shown(mean: float, own: float) -> float:
        return -0.5 * ((mean - best) ** 2 / variance + own / variance - 1 - np.log(own / variance))

    change = t.bound(*moved(t, j, 0.3, 0.2)) - t.bound(*moved(t, j, -0.4, 0.5))
    return change, shown(0.3, 0.2) - shown(-0.4, 0.5)


def averaged(t: Table, form: Callable[[float], float]) -> tuple[float, float]:
    """Return the change of E_-j log joint in beta_j, and of a displayed form."""
    j = 1

    def exact(value: float) -> float:
        m, s = moved(t, j, value, 0.0)
        return t.mean_log_joint(m, np.diag(s))

    return exact(0.7) - exact(-0.2), form(0.7) - form(-0.2)


def coordinate_expectation(t: Table) -> tuple[float, float]:
    rest = t.r - t.X @ t.m + t.X[:, 1] * t.m[1]

    def form(value: float) -> float:
        left = rest - t.X[:, 1] * value
        return float(-left @ left / (2 * t.e2) - value**2 / (2 * t.b2))

    return averaged(t, form)


def coordinate_collect(t: Table) -> tuple[float, float]:
    rest = t.r - t.X @ t.m + t.X[:, 1] * t.m[1]
    slope, curve = t.X[:, 1] @ rest / t.e2, t.d[1] / t.e2 + 1 / t.b2
    return averaged(t, lambda value: float(-(value**2) / 2 * curve + value * slope))


def coordinate_normal(t: Table) -> tuple[float, float]:
    mean, variance = coordinate(t, 1)
    return averaged(t, lambda value: -((value - mean) ** 2) / (2 * variance))


def swept(t: Table) -> Array:
    """Return m after one pass of scalar updates."""
    m = t.m.copy()
    for j in range(t.p):
        rest = t.r - t.X @ m + t.X[:, j] * m[j]
        m[j] = t.best_s[j] / t.e2 * t.X[:, j] @ rest
    return m


def sweep_row(t: Table) -> tuple[Array, Array]:
    new, gram = swept(t), t.X.T @ t.X
    lower, upper = np.tril(gram, -1), np.triu(gram, 1)
    return (t.d + 1 / t.q) * new + lower @ new + upper @ t.m, t.X.T @ t.r


def sweep_matrix(t: Table) -> tuple[Array, Array]:
    gram = t.X.T @ t.X
    system = np.tril(gram) + np.eye(t.p) / t.q
    return np.linalg.solve(system, t.X.T @ t.r - np.triu(gram, 1) @ t.m), swept(t)


def sweep_block(t: Table) -> tuple[Array, Array]:
    m, kappa = t.m.copy(), 1 / t.q
    for block in np.array_split(np.arange(t.p), 2):
        part = t.X[:, block]
        right = part.T @ (t.r - t.X @ m) - kappa * m[block]
        m[block] += np.linalg.solve(np.tril(part.T @ part) + kappa * np.eye(len(block)), right)
    return m, swept(t)


def elbo_parts(t: Table) -> tuple[float, float, float]:
    """Return the three displayed parts of the bound."""
    fit = t.r - t.X @ t.m
    data = -t.n / 2 * np.log(2 * np.pi * t.e2) - (fit @ fit + t.d @ t.s) / (2 * t.e2)
    prior = -t.p / 2 * np.log(2 * np.pi * t.b2) - (t.m @ t.m + t.s.sum()) / (2 * t.b2)
    entropy = t.p / 2 * LOG_2PI + t.p / 2 + 0.5 * np.log(t.s).sum()
    return float(data), float(prior), float(entropy)


def elbo_sum(t: Table) -> tuple[float, float]:
    fit = t.r - t.X @ t.m
    shown = (
        -t.n / 2 * np.log(2 * np.pi * t.e2)
        - (fit @ fit + t.d @ t.s) / (2 * t.e2)
        - t.p / 2 * np.log(t.b2)
        - (t.m @ t.m + t.s.sum()) / (2 * t.b2)
        + 0.5 * np.log(t.s).sum()
        + t.p / 2
    )
    return t.loglik - kl(t.m, np.diag(t.s), t), float(shown)


def gap_normal(t: Table) -> tuple[float, float]:
    shift, diagonal = t.m - t.mu, np.diag(t.precision)
    logs = np.log(t.s).sum() + np.linalg.slogdet(t.precision)[1]
    shown = 0.5 * (shift @ t.precision @ shift + t.s @ diagonal - t.p - logs)
    return t.loglik - t.bound(t.m, t.s), float(shown)


def penalised(t: Table) -> tuple[float, float]:
    best = t.best_at(t.q)
    return best.bound(best.mu, best.best_s), best.loglik - best.g(t.q)


def shrinks(t: Table) -> tuple[bool, bool]:
    grid = np.geomspace(1e-4, 1e4, 200)
    exact = np.array([t.best_at(q).loglik for q in grid])
    penalty = np.array([t.g(q) for q in grid])
    em, mfvi = int(np.argmax(exact)), int(np.argmax(exact - penalty))
    return penalty[mfvi] - penalty[em] <= exact[mfvi] - exact[em] <= 0 and mfvi <= em, True


def gap_slope(t: Table) -> tuple[float, float]:
    values = t.eigen[0]
    shown = 0.5 * ((t.d / (1 + t.q * t.d)).sum() - (values / (1 + t.q * values)).sum())
    assert shown >= 0
    step = 1e-6
    return (t.g(t.q + step) - t.g(t.q - step)) / (2 * step), float(shown)


def fitted(t: Table) -> tuple[float, float]:
    values = t.eigen[0]
    by_columns = (t.b2 * t.d / (1 + t.q * t.d)).sum()
    assert t.d @ t.best_s == pytest.approx(by_columns)
    by_spectrum = (t.b2 * values / (1 + t.q * values)).sum()
    assert by_columns >= by_spectrum
    return float(np.trace(t.X @ t.Gamma @ t.X.T)), float(by_spectrum)


def hadamard(t: Table) -> tuple[bool, bool]:
    whole = np.linalg.slogdet(np.eye(t.p) + t.q * t.X.T @ t.X)[1]
    return whole <= np.log1p(t.q * t.d).sum(), t.g(t.q) >= 0


def restricted_loglik(t: Table) -> tuple[float, float]:
    C = null_space(t.Z.T)
    exact = multivariate_normal.logpdf(C.T @ t.y, np.zeros(C.shape[1]), C.T @ t.V @ C)
    inner = t.Z.T @ np.linalg.solve(t.V, t.Z)
    r = t.y - t.Z @ best_w(t)
    logs = np.linalg.slogdet(t.V)[1] + np.linalg.slogdet(inner)[1]
    logs -= np.linalg.slogdet(t.Z.T @ t.Z)[1]
    c = t.Z.shape[1]
    return float(exact), -0.5 * ((t.n - c) * LOG_2PI + logs + r @ np.linalg.solve(t.V, r))


def best_w(t: Table) -> Array:
    """Return generalised least squares by whitening."""
    half = np.linalg.inv(np.linalg.cholesky(t.V))
    return np.linalg.lstsq(half @ t.Z, half @ t.y, rcond=None)[0]


def restricted_w(t: Table) -> tuple[Array, Array]:
    mu = t.at(best_w(t), t.b2, t.e2).mu
    return best_w(t), np.linalg.solve(t.Z.T @ t.Z, t.Z.T @ (t.y - t.X @ mu))


def share(t: Table, q: float) -> float:
    explained = q * np.trace(t.K) / t.n
    return float(explained / (explained + 1))


def pve_error(t: Table) -> tuple[float, float]:
    step = 1e-5
    numeric = (share(t, t.q * np.exp(step)) - share(t, t.q * np.exp(-step))) / (2 * step)
    return numeric, share(t, t.q) * (1 - share(t, t.q))


def projection(t: Table, q: float) -> Array:
    """Return P_q as displayed."""
    H = np.linalg.inv(np.eye(t.n) + q * t.K)
    return H - H @ t.Z @ np.linalg.solve(t.Z.T @ H @ t.Z, t.Z.T @ H)


def expected_square(t: Table, q: float, q0: float) -> float:
    """Return E[n s(q)] under q0, exact: s is quadratic in y, so 2n points have its mean."""
    root = np.linalg.cholesky(t.e2 * (np.eye(t.n) + q0 * t.K)) * np.sqrt(t.n)
    draws = [t.Z @ t.w + sign * column for column in root.T for sign in (1, -1)]
    return float(np.mean([t.n * replace(t, y=y).best_at(q).e2 for y in draws]))


def expected_objective(t: Table) -> tuple[float, float]:
    """Return how l - g at the expected squares changes with q, and as displayed."""
    q0 = 0.9

    def objective(q: float) -> float:
        s = expected_square(t, q, q0) / t.n
        logs = np.log1p(q * t.eigen[0]).sum()
        return -0.5 * (t.n * np.log(2 * np.pi * s) + logs + t.n) - t.g(q)

    def shown(q: float) -> float:
        trace = np.trace(projection(t, q) @ (np.eye(t.n) + q0 * t.K))
        return float(-t.n / 2 * np.log(trace) - 0.5 * np.log1p(q * t.d).sum())

    return objective(t.q) - objective(0.2), shown(t.q) - shown(0.2)


def response_tilt(t: Table) -> tuple[Array, Array]:
    """Return the numerical slope of the tilted bound at the displayed m(t), which is zero."""
    m = np.linalg.solve(t.precision, t.X.T @ t.r / t.e2 + t.beta)
    tilted = lambda mean: t.bound(mean, t.s) + t.beta @ mean  # noqa: E731
    return approx_fprime(m, tilted, 1e-7), np.zeros(t.p)


def response_covariance(t: Table) -> tuple[Array, Array]:
    """Return how the limit of tilted coordinate updates moves with t, and Gamma."""

    def limit(tilt: Array) -> Array:
        m = np.zeros(t.p)
        for _ in range(4000):
            for j in range(t.p):
                rest = t.r - t.X @ m + t.X[:, j] * m[j]
                m[j] = t.best_s[j] * (t.X[:, j] @ rest / t.e2 + tilt[j])
        return m

    base = limit(np.zeros(t.p))
    moved_by = [limit(step) - base for step in np.eye(t.p)[:3]]
    return np.array(moved_by), t.Gamma[:3]


def pair(t: Table) -> tuple[Table, float]:
    """Return a table of two of the columns, and their posterior correlation."""
    two = replace(t, X=t.X[:, :2], m=t.m[:2], s=t.s[:2], beta=t.beta[:2])
    return two, float(two.Gamma[0, 1] / np.sqrt(two.Gamma[0, 0] * two.Gamma[1, 1]))


def pair_variance(t: Table) -> tuple[Array, float]:
    two, rho = pair(t)
    return two.best_s / np.diag(two.Gamma), 1 - rho**2


def pair_gap(t: Table) -> tuple[float, float]:
    two, rho = pair(t)
    return two.loglik - two.bound(two.mu, two.best_s), -0.5 * np.log(1 - rho**2)


def px_rest(t: Table) -> tuple[Array, float]:
    """Return the derivative of the expanded Q in w and e2 at the displayed updates, and zero."""
    gamma = px_gamma(t)[1][0]
    w = np.linalg.solve(t.Z.T @ t.Z, t.Z.T @ (t.y - gamma * t.X @ t.mu))
    extra = gamma**2 * np.trace(t.X @ t.Gamma @ t.X.T)
    e2 = (np.sum((t.y - t.Z @ w - gamma * t.X @ t.mu) ** 2) + extra) / t.n

    def expected(x: Array) -> float:
        fit = t.y - t.Z @ x[:-1] - gamma * t.X @ t.mu
        return float(-t.n / 2 * np.log(x[-1]) - (fit @ fit + extra) / (2 * x[-1]))

    return approx_fprime(np.array([*w, e2]), expected, 1e-7), 0.0


W, E, B = slice(0, -2), slice(-2, -1), slice(-1, None)
DEFINITIONS = {
    *("model", "prior", "noise", "marginal", "pve", "family", "bound"),
    *("px_model", "squarem_steps"),
    *("information", "profile_interval", "boundary_test", "calibration"),
}
TRUE: dict[str, Callable[[Table], tuple[object, object]]] = {
    "evidence_bayes": lambda t: (t.loglik, t.log_joint(t.beta) - t.log_posterior(t.beta)),
    "evidence_expectation": lambda t: (t.loglik, t.bound(t.m, t.s) + kl(t.m, np.diag(t.s), t)),
    "evidence_sum": lambda t: (t.loglik - t.bound(t.m, t.s), kl(t.m, np.diag(t.s), t)),
    "evidence_jensen": lambda t: (kl(t.m, np.diag(t.s), t) > 0, abs(kl(t.mu, t.Gamma, t)) < 1e-9),
    "posterior_bayes": lambda t: (
        difference(t.log_posterior, t),
        difference(lambda b: quadratic(t, b), t),
    ),
    "posterior_collect": lambda t: (
        difference(t.log_posterior, t),
        difference(lambda b: collected(t, b), t),
    ),
    "posterior_square": lambda t: (
        difference(lambda b: quadratic(t, b), t),
        difference(lambda b: square(t, b), t),
    ),
    "posterior_moments": lambda t: (t.precision @ t.mu, t.X.T @ t.r / t.e2),
    "dual_push": lambda t: (t.precision @ t.X.T, t.X.T @ t.V / (t.b2 * t.e2)),
    "dual_gain": lambda t: (t.Gamma @ t.X.T, t.b2 * t.e2 * t.X.T @ np.linalg.inv(t.V)),
    "dual_mean": lambda t: (t.mu, t.b2 * t.X.T @ np.linalg.solve(t.V, t.y - t.Z @ t.w)),
    "dual_covariance": lambda t: (
        t.b2 * (np.eye(t.p) - t.Gamma @ t.X.T @ t.X / t.e2),
        t.b2 * np.eye(t.p) - t.b2**2 * t.X.T @ np.linalg.solve(t.V, t.X),
    ),
    "dual_variance": lambda t: (
        np.diag(t.Gamma),
        [t.b2 - t.b2**2 * x @ np.linalg.solve(t.V, x) for x in t.X.T],
    ),
    "complete_definition": lambda t: (
        complete(t, theta_of(t)),
        t.loglik - float(multivariate_normal.entropy(t.mu, t.Gamma)),
    ),
    "complete_expand": lambda t: (complete(t, theta_of(t)), expanded(t)),
    "expected_residual": lambda t: (
        expectations(t)[0],
        np.sum((t.r - t.X @ t.mu) ** 2) + np.trace(t.X @ t.Gamma @ t.X.T),
    ),
    "expected_norm": lambda t: (expectations(t)[1], t.mu @ t.mu + np.trace(t.Gamma)),
    "score_w": lambda t: em_score(t, W),
    "update_w": lambda t: em_root(t, W),
    "score_sigma_e2": lambda t: em_score(t, E),
    "update_sigma_e2": lambda t: em_root(t, E),
    "score_sigma_beta2": lambda t: em_score(t, B),
    "update_sigma_beta2": lambda t: em_root(t, B),
    "monotone": gain,
    "px_gamma": px_gamma,
    "px_fold": px_fold,
    "px_rest": px_rest,
    "pair_variance": pair_variance,
    "pair_gap": pair_gap,
    "factor_mean": lambda t: (coordinate(t, 1), coordinate_by_bound(t)),
    "squarem_jump": squarem,
    "spectrum": lambda t: (t.V, t.eigen[1] @ np.diag(spectral(t)[1]) @ t.eigen[1].T),
    "loglik_dense": lambda t: (
        t.loglik,
        -0.5 * (t.n * LOG_2PI + np.linalg.slogdet(t.V)[1] + t.r @ np.linalg.solve(t.V, t.r)),
    ),
    "loglik_spectral": lambda t: (
        t.loglik,
        -0.5
        * (
            t.n * LOG_2PI
            + np.log(spectral(t)[1]).sum()
            + (spectral(t)[2] ** 2 / spectral(t)[1]).sum()
        ),
    ),
    "spectral_fit": lambda t: (
        t.eigen[1].T @ t.X @ t.mu,
        t.b2 * spectral(t)[0] / spectral(t)[1] * spectral(t)[2],
    ),
    "spectral_norm": lambda t: (
        t.mu @ t.mu,
        (t.b2**2 * spectral(t)[0] * spectral(t)[2] ** 2 / spectral(t)[1] ** 2).sum(),
    ),
    "spectral_trace": lambda t: (
        np.trace(t.Gamma),
        (t.p - np.linalg.matrix_rank(t.K)) * t.b2
        + (t.b2 * t.e2 / spectral(t)[1][spectral(t)[0] > 0]).sum(),
    ),
    "spectral_fitted_trace": lambda t: (
        np.trace(t.X @ t.Gamma @ t.X.T),
        (t.b2 * t.e2 * spectral(t)[0] / spectral(t)[1]).sum(),
    ),
    "ratio_covariance": lambda t: (t.V, t.e2 * (np.eye(t.n) + t.q * t.K)),
    "ratio_loglik": lambda t: (
        t.loglik,
        -0.5
        * (
            t.n * np.log(2 * np.pi * t.e2)
            + np.log1p(t.q * spectral(t)[0]).sum()
            + (spectral(t)[2] ** 2 / (1 + t.q * spectral(t)[0])).sum() / t.e2
        ),
    ),
    "ratio_gls": gls,
    "profile": profile,
    "bound_one_factor": one_factor,
    "bound_kl": bound_change,
    "best_factor": coordinate_normal,
    "coordinate_expectation": coordinate_expectation,
    "coordinate_collect": coordinate_collect,
    "coordinate_normal": coordinate_normal,
    "coordinate_moments": lambda t: (
        approx_fprime(
            np.array(coordinate(t, 1)), lambda x: t.bound(*moved(t, 1, x[0], x[1])), 1e-7
        ),
        0.0,
    ),
    "sweep_ratio": lambda t: (t.best_s / t.e2, 1 / (t.d + t.e2 / t.b2)),
    "sweep_row": sweep_row,
    "sweep_matrix": sweep_matrix,
    "sweep_fixed_point": lambda t: (
        np.linalg.solve(t.X.T @ t.X + np.eye(t.p) / t.q, t.X.T @ t.r),
        t.mu,
    ),
    "sweep_block": sweep_block,
    "elbo_likelihood": lambda t: (
        norm.logpdf(t.r - t.X @ t.m, scale=np.sqrt(t.e2)).sum()
        - np.trace(t.X @ np.diag(t.s) @ t.X.T) / (2 * t.e2),
        elbo_parts(t)[0],
    ),
    "elbo_prior": lambda t: (
        norm.logpdf(t.m, scale=np.sqrt(t.b2)).sum() - t.s.sum() / (2 * t.b2),
        elbo_parts(t)[1],
    ),
    "elbo_entropy": lambda t: (norm.entropy(scale=np.sqrt(t.s)).sum(), elbo_parts(t)[2]),
    "elbo_sum": elbo_sum,
    "mean_field_w": lambda t: mean_field_root(t, W),
    "mean_field_sigma_e2": lambda t: mean_field_root(t, E),
    "mean_field_sigma_beta2": lambda t: mean_field_root(t, B),
    "gap_normal": gap_normal,
    "gap_optimum": lambda t: (1 / np.diag(t.precision), t.b2 / (1 + t.q * t.d)),
    "gap_logs": lambda t: (
        t.loglik - t.bound(t.mu, t.best_s),
        0.5 * (np.log(np.diag(t.precision)).sum() - np.linalg.slogdet(t.precision)[1]),
    ),
    "gap_closed": lambda t: (t.loglik - t.bound(t.mu, t.best_s), t.g(t.q)),
    "hadamard": hadamard,
    "gap_slope": gap_slope,
    "penalised": penalised,
    "shrinks": shrinks,
    "contrasts": lambda t: (
        null_space(t.Z.T).T @ np.column_stack([t.Z, t.V @ null_space(t.Z.T)]),
        np.column_stack(
            [
                np.zeros((t.n - 2, 2)),
                t.b2 * null_space(t.Z.T).T @ t.K @ null_space(t.Z.T) + t.e2 * np.eye(t.n - 2),
            ]
        ),
    ),
    "restricted_loglik": restricted_loglik,
    "restricted_w": restricted_w,
    "pve_error": pve_error,
    "residual_form": lambda t: (t.n * t.best_at(t.q).e2, t.y @ projection(t, t.q) @ t.y),
    "expected_form": lambda t: (
        expected_square(t, t.q, 0.9),
        t.e2 * np.trace(projection(t, t.q) @ (np.eye(t.n) + 0.9 * t.K)),
    ),
    "expected_objective": expected_objective,
    "response_tilt": response_tilt,
    "response_covariance": response_covariance,
    "variance_understated": lambda t: (
        np.all(t.best_s <= np.diag(t.Gamma) + 1e-12),
        np.allclose(t.best_s, 1 / np.diag(t.precision)),
    ),
    "variance_overstated": fitted,
}


def expanded(t: Table) -> float:
    """Return Q at t as displayed."""
    residual, norm2 = expectations(t)
    data = -t.n / 2 * np.log(2 * np.pi * t.e2) - residual / (2 * t.e2)
    return float(data - t.p / 2 * np.log(2 * np.pi * t.b2) - norm2 / (2 * t.b2))


def table(n: int, p: int) -> Table:
    rng = np.random.default_rng(n)
    X = rng.normal(size=(n, p)) @ np.triu(rng.normal(size=(p, p)))
    return Table(
        y=rng.normal(size=n) * 2,
        Z=rng.normal(size=(n, 2)),
        X=X / np.sqrt(p),
        w=rng.normal(size=2),
        b2=0.8,
        e2=1.3,
        m=rng.normal(size=p),
        s=rng.uniform(0.2, 1.5, size=p),
        beta=rng.normal(size=p),
    )


@pytest.mark.parametrize("shape", [(7, 11), (12, 5)])
@pytest.mark.parametrize("name", sorted(TRUE))
def test_it_holds_on_a_small_table(name: str, shape: tuple[int, int]) -> None:
    left, right = TRUE[name](table(*shape))
    # finite differences of step 1e-7 are good to about 1e-6; everything else to rounding
    np.testing.assert_allclose(left, right, rtol=1e-5, atol=2e-5)


def test_every_equation_is_checked_or_a_definition() -> None:
    assert set(TRUE) | DEFINITIONS == {name for name in EQUATIONS if "@" not in name}
    assert not set(TRUE) & DEFINITIONS


@pytest.mark.parametrize(
    ("latex", "without", "on_contrasts"),
    [
        (r"V^{-1}\,(y - Zw)", r"V^{-1}\,y", r"V_C^{-1}\,C^\top y"),
        (
            r"\left\|y-Zw-X\mu\right\|^2",
            r"\left\|y-X\mu\right\|^2",
            r"\left\|C^\top(y-X\mu)\right\|^2",
        ),
        (r"x_j^\top x_k\,m_k", None, r"x_j^\top C C^\top x_k\,m_k"),
        (r"XX^\top + \frac{n}{2} I_n", None, r"C^\top XX^\top C + \frac{n-c}{2} I_{n-c}"),
        (r"\max_{w,\,s}\,n\log p(y)", r"\max_{s}\,n\log p(y)", r"\max_{s}\,(n-c)\log p(C^\top y)"),
        (r"\left\|\beta\right\|^2 + \max\mathrm{Kny}", None, None),
    ],
)
def test_what_an_equation_becomes_where_the_model_is_smaller(
    latex: str, without: str | None, on_contrasts: str | None
) -> None:
    found = with_regimes({"x": Equation(latex, "its words")})
    assert {key: each.latex for key, each in found.items()} == {
        "x": latex,
        **({"x@no_fixed": without} if without else {}),
        **({"x@reml": on_contrasts} if on_contrasts else {}),
    }


def test_what_is_written_for_a_regime_stays() -> None:
    given = {"x": Equation("y - Zw", "y minus Z w"), "x@reml": Equation("C", "contrasts")}
    found = with_regimes(given)
    assert found["x@reml"] == given["x@reml"]
    assert found["x@no_fixed"] == Equation("y", "y")
    assert with_regimes({"prior": Equation("y", "y")}).keys() == {"prior"}


def test_the_residual_form_on_contrasts_is_the_same() -> None:
    t = table(12, 5)
    C = null_space(t.Z.T)
    inner = np.linalg.inv(np.eye(C.shape[1]) + t.q * C.T @ t.K @ C)
    np.testing.assert_allclose(C @ inner @ C.T, projection(t, t.q), atol=1e-12)


@pytest.mark.parametrize("name", sorted(EQUATIONS))
def test_it_is_drawn_within_a_slide(name: str) -> None:
    drawn = telling().pictures[name]
    with Image.open(io.BytesIO(drawn.png)) as image:
        assert np.asarray(image)[..., 3].max() == 255, "the picture is blank"
        assert image.width / image.height == pytest.approx(drawn.width / drawn.height, rel=0.05)
    assert drawn.width < 12.1
    assert drawn.height < 1.3, "brackets that grew without reason"


@pytest.mark.parametrize("name", sorted(EQUATIONS))
def test_its_words_are_plain(name: str) -> None:
    words = EQUATIONS[name].words
    assert len(words) > 10
    assert not set(words) & set("\\{}$^_&=")


def test_native_equations_are_those_of_pandoc() -> None:
    latex = [each.latex for each in EQUATIONS.values()]
    assert (STORY.parent / NATIVE).read_bytes() == native_file(latex), "make native-equations"


@pytest.mark.parametrize("name", sorted(EQUATIONS))
def test_it_is_native_and_says_what_its_latex_says(name: str) -> None:
    """Letters and signs, in any order: those of the picture's MathML against those of the OMML."""
    omml = etree.fromstring(telling().pictures[name].omml)
    drawn = equation_pictures.set_latex(EQUATIONS[name].latex.replace("&", "")).mathml
    assert letters(omml.itertext()) == letters(drawn.itertext())


def letters(texts: Iterable[str]) -> Counter[str]:
    found = unicodedata.normalize("NFKD", "".join(texts))
    return Counter(letter for letter in found if letter.isalnum() and letter.isascii())


def test_a_coloured_term_is_coloured_in_both_forms() -> None:
    latex = r"a + \textcolor{gap}{\sum\limits_{j} d_j^{2}} + b"
    [omml] = read_native(io.BytesIO(native_file([latex]))).values()
    math = dressed(omml, 20, {"": "tx1", "gap": "accent3"})
    colours = {}
    for run in math.iter("{*}r"):
        [colour] = [each.get("val") for each in run.iter("{*}schemeClr")]
        colours.setdefault(colour, []).append(run.findtext("{*}t"))
    assert colours == {"tx1": ["a", "+", "+", "b"], "accent3": ["j", "d", "j", "2"]}
    assert [each.get("val") for each in math.find("{*}nary/{*}naryPr").iter("{*}schemeClr")] == [
        "accent3"
    ]
    picture = Pictures({"x": Equation(latex, "a plus a sum plus b")})["x"]
    with Image.open(io.BytesIO(picture.png)) as image:
        seen = np.asarray(image).reshape(-1, 4)
    solid = {tuple(map(int, pixel[:3])) for pixel in seen if pixel[3] == 255}
    assert {tuple(bytes.fromhex(hue[1:])) for hue in (INK, GAP)} <= solid


def test_what_pandoc_writes_badly_is_mended() -> None:
    latex = [r"\frac{\sum_j d_j}{2}", r"\log x + \text{const}", r"\max_{w}\,\log p"]
    total, function, limit = (
        etree.fromstring(read_native(io.BytesIO(native_file([each])))[each]) for each in latex
    )
    [place] = total.iter("{*}limLoc")
    assert set(place.attrib.values()) == {"subSup"}
    assert "\N{ZERO WIDTH SPACE}" not in "".join(total.itertext())
    assert ["".join(each.itertext()) for each in function.iter("{*}func")] == ["logx"]
    [normal] = [each for each in function.iter("{*}rPr") if each.find("{*}nor") is not None]
    assert len(normal) == 1
    assert next(limit.iter("{*}limLow")).getparent().tag.endswith("fName")


def test_an_equation_without_omml_is_a_picture() -> None:
    deck = Deck(Settings("x"), {"footer": "{}", "subject": "{}"}, "en-GB")
    deck.section("x")
    slide = deck.slide("x", "y")
    for name in ("model", "mine"):
        equation = Equation("a = b", "a is b") if name == "mine" else EQUATIONS[name]
        pictures = Pictures({name: equation}, native=telling().story.native)
        add_equation(slide, 1.0, 3.0, pictures[name])
    opened = Opened(deck.to_bytes())
    kinds = {each.name: type(each).__name__ for each in shapes_of(opened.slides[0])}
    assert kinds["Equation: mine"] == "Picture"
    assert kinds["Equation: model"] == "Shape"
    assert alternatives(opened) == []


def test_drawing_is_reproducible() -> None:
    first, again = (Pictures(EQUATIONS)["elbo_sum"] for _ in range(2))
    assert again == first
    assert again is not first


def test_finished_pictures_come_back_from_their_file(monkeypatch: pytest.MonkeyPatch) -> None:
    few = {name: EQUATIONS[name] for name in ("model", "elbo_sum", "dual_mean")}
    drawn = Pictures(few)
    kept = Pictures(few, json.loads(json.dumps(drawn.content())))
    monkeypatch.setattr(equation_pictures, "draw", None)
    assert {name: kept[name] for name in few} == {name: drawn[name] for name in few}


def test_a_finished_picture_of_another_equation_is_not_taken_over() -> None:
    content = Pictures({"model": EQUATIONS["model"]}).content()
    other = {"model": msgspec.structs.replace(EQUATIONS["model"], latex="a = b")}
    assert Pictures(other, content)["model"].latex == "a = b"


def test_lines_of_a_derivation_know_where_to_align() -> None:
    pictures = telling().pictures
    assert pictures["dual_mean"].anchor == pytest.approx(0.18, abs=0.05)
    assert pictures["posterior_square"].anchor == 0
    assert pictures["model"].anchor is None
