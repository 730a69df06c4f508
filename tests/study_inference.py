"""How sure the estimates of a small study are: dense, slow and obvious, without the package."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import chi2

if TYPE_CHECKING:
    from studies import Problem, Theta

Array = NDArray[np.float64]

BOUNDARY = "the estimate lies at the boundary, where the curvature says nothing"
NOT_CONCAVE = "the objective is not concave at the estimate"
WITHIN = 0.5 * float(chi2.ppf(0.95, 1))  # nats below the optimum that a 95% interval holds
DRAWS = 40  # responses simulated at each true PVE


def information(
    problem: "Problem", theta: "Theta", *, penalised: bool = False, expected: bool = False
) -> Array:
    """Return minus the second derivatives (c + 2, c + 2) in (w, sigma_beta2, sigma_e2)."""
    K = problem.X @ problem.X.T
    Vi = np.linalg.inv(theta.sigma_beta2 * K + theta.sigma_e2 * np.eye(len(problem.y)))
    r = Vi @ (problem.y - problem.Z @ theta.w)
    parts = [K, np.eye(len(problem.y))]
    traces = np.array([[0.5 * np.trace(Vi @ A @ Vi @ B) for B in parts] for A in parts])
    mixed = np.column_stack([problem.Z.T @ Vi @ A @ r for A in parts])
    squares = np.array([[r @ A @ Vi @ B @ r for B in parts] for A in parts])
    variances = traces if expected else squares - traces
    if penalised:
        variances = variances + penalty_curvature(problem, theta)
    mixed = 0 * mixed if expected else mixed
    return np.block([[problem.Z.T @ Vi @ problem.Z, mixed], [mixed.T, variances]])


def penalty_curvature(problem: "Problem", theta: "Theta") -> Array:
    """Return the second derivatives (2, 2) of g in (sigma_beta2, sigma_e2)."""
    q, e2 = theta.q, theta.sigma_e2
    d, eigvals = (a / (1 + q * a) for a in (problem.norms2, problem.spectrum[0]))
    slope, bend = 0.5 * (d.sum() - eigvals.sum()), 0.5 * (eigvals @ eigvals - d @ d)
    by_variance = np.array([1 / e2, -q / e2])
    second = np.array([[0, -1 / e2**2], [-1 / e2**2, 2 * q / e2**2]])
    return np.asarray(bend * np.outer(by_variance, by_variance) + slope * second)


def standard_errors(
    problem: "Problem", theta: "Theta", names: list[str], *, boundary: bool, **kind: bool
) -> dict[str, Any]:
    """Return the block of standard errors, or nulls with the reason."""
    curved = information(problem, theta, **kind)
    concave = bool(np.all(np.linalg.eigvalsh(curved) > 0))
    if boundary or not concave:
        missing: dict[str, Any] = dict.fromkeys(("sigma_beta2", "sigma_e2", "pve"))
        reason = BOUNDARY if boundary else NOT_CONCAVE
        return missing | {"omega": omega_errors(problem, theta, names), "reason": reason}
    covariance = np.linalg.inv(curved)
    errors = np.sqrt(np.diag(covariance)).tolist()
    share = problem.pve(theta)
    slope = share * (1 - share) * np.array([1 / theta.sigma_beta2, -1 / theta.sigma_e2])
    return {
        "sigma_beta2": errors[-2],
        "sigma_e2": errors[-1],
        "pve": float(np.sqrt(slope @ covariance[-2:, -2:] @ slope)),
        "omega": dict(zip(names, errors[:-2], strict=True)),
        "reason": None,
    }


def pve_interval(
    problem: "Problem", objective: Callable[[float], float], best: float
) -> list[float]:
    """Return the shares within 1.92 nats of the optimum at the ratio ``best``."""
    scale = len(problem.y) / float(np.sum(problem.norms2))
    level = objective(best) - WITHIN
    above = lambda share: objective(share / (1 - share) * scale) - level  # noqa: E731
    peak = best / (best + scale)
    low = 0.0 if above(0.0) >= 0 else float(brentq(above, 0.0, peak))
    end = 1 - 1e-9
    return [low, 1.0 if above(end) >= 0 else float(brentq(above, peak, end))]


def ratio_test(objective: Callable[[float], float], best: float) -> dict[str, float]:
    """Return the likelihood-ratio test of no random effect."""
    statistic = max(2 * (objective(best) - objective(0.0)), 0.0)
    return {
        "statistic": statistic,
        "p_value": 0.5 * float(chi2.sf(statistic, 1)) if statistic else 1.0,
    }


def moments(problem: "Problem") -> dict[str, Any]:
    """Return Haseman and Elston's estimates with their standard errors."""
    n, Z = len(problem.y), problem.Z
    M = np.eye(n) - Z @ np.linalg.solve(Z.T @ Z, Z.T)
    parts = [M @ problem.X @ problem.X.T @ M, M]
    system = np.array([[np.trace(A @ B) for B in parts] for A in parts])
    b2, e2 = np.linalg.solve(system, [problem.y @ A @ problem.y for A in parts]).tolist()
    V = b2 * parts[0] + e2 * parts[1]
    spread = np.array([[2 * np.trace(A @ V @ B @ V) for B in parts] for A in parts])
    covariance = np.linalg.solve(system, np.linalg.solve(system, spread).T)
    unit = float(np.sum(problem.norms2)) / n
    total = b2 * unit + e2
    slope = np.array([unit * e2, -unit * b2]) / total**2
    return {
        "sigma_beta2": b2,
        "sigma_e2": e2,
        "pve": b2 * unit / total if total > 0 else None,
        "standard_errors": {
            "sigma_beta2": float(np.sqrt(covariance[0, 0])),
            "sigma_e2": float(np.sqrt(covariance[1, 1])),
            "pve": float(np.sqrt(slope @ covariance @ slope)) if total > 0 else None,
        },
    }


def shrinkage_curve(problem: "Problem") -> pd.DataFrame:
    """Return comparison/shrinkage_curve.parquet: the mean response, and draws for the spread."""
    n, Z, unit = len(problem.y), problem.Z, float(np.sum(problem.norms2)) / len(problem.y)
    K = problem.X @ problem.X.T
    shares = np.concatenate([[0.0], 1 / (1 + np.exp(-np.linspace(-7, 7, 120)))])
    true = np.linspace(0, 1, 101)
    few = true[::10]
    draws = responses(K / unit, few)
    traces, squares, rest = [], [], []
    for q in shares / (1 - shares) / unit:
        H = np.linalg.inv(np.eye(n) + q * K)
        P = H - H @ Z @ np.linalg.solve(Z.T @ H @ Z, Z.T @ H)
        traces.append((1 - true) * np.trace(P) + true * np.trace(P @ K) / unit)
        squares.append(np.einsum("kid,ij,kjd->kd", draws, P, draws, optimize=True))
        rest.append(0.5 * np.log1p(q * problem.spectrum[0]).sum() + problem.penalty(q))
    reported = shares[np.argmax(-0.5 * n * np.log(np.array(traces)) - np.c_[rest], axis=0)]
    each = -0.5 * n * np.log(np.array(squares)) - np.array(rest)[:, None, None]
    spread = shares[np.argmax(each, axis=0)].std(axis=1)
    return pd.DataFrame(
        {"pve_true": true, "pve_mfvi": reported, "deviation": np.interp(true, few, spread)}
    )


def responses(K: Array, shares: Array) -> Array:
    """Draw responses (k, n, draws) of variance share K + (1 - share) I."""
    rng = np.random.default_rng(0)
    values, vectors = np.linalg.eigh(K)
    noise = rng.normal(size=(len(values), DRAWS))
    roots = [np.sqrt(share * np.clip(values, 0, None) + 1 - share) for share in shares]
    return np.array([vectors @ (root[:, None] * noise) for root in roots])


def calibrated(curve: pd.DataFrame, reported: float) -> dict[str, float]:
    """Return the true share whose curve, or whose band's edge, lies at ``reported``."""
    middle, reach = curve["pve_mfvi"].to_numpy(), 1.96 * curve["deviation"].to_numpy()
    found = [
        float(np.interp(reported, np.maximum.accumulate(edge), curve["pve_true"]))
        for edge in (middle, middle + reach, middle - reach)
    ]
    return dict(zip(("estimate", "low", "high"), found, strict=True))


def sight(curve: pd.DataFrame, share: float) -> dict[str, float]:
    """Return what the summary holds of the curve."""
    true = curve["pve_true"]
    return {
        "pve_max": float(curve["pve_mfvi"].iloc[-1]),
        "pve_at_em": float(np.interp(share, true, curve["pve_mfvi"])),
        "deviation_at_em": float(np.interp(share, true, curve["deviation"])),
    }


def omega_errors(table: "Problem", theta: "Theta", names: list[str]) -> dict[str, float]:
    """Return the standard errors of generalised least squares at known variances."""
    V = theta.sigma_beta2 * table.X @ table.X.T + theta.sigma_e2 * np.eye(len(table.y))
    covariance = np.linalg.inv(table.Z.T @ np.linalg.solve(V, table.Z))
    return {name: math.sqrt(value) for name, value in zip(names, np.diag(covariance), strict=True)}
