"""Small studies for the tests of the report: the files of one data set, in memory.

The numbers are computed, not invented: a dense eigendecomposition, EM in three
schemes, coordinate sweeps for mean field, and one-dimensional optima by grid and
bounded search. Slow and obvious on purpose; nothing here uses the package.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import null_space, solve_triangular
from scipy.optimize import minimize_scalar

import study_inference as inference

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Theta:
    """Parameters: fixed effects w (c,) and the two variances."""

    w: Array
    sigma_beta2: float
    sigma_e2: float

    @property
    def q(self) -> float:
        """Variance ratio sigma_beta2 / sigma_e2."""
        return self.sigma_beta2 / self.sigma_e2

    @property
    def logs(self) -> Array:
        """Log variances, the coordinates in which steps are extrapolated."""
        return np.log([max(self.sigma_beta2, 1e-300), self.sigma_e2])


@dataclass(frozen=True)
class Problem:
    """A table y (n,), Z (n, c), X (n, p) with what its likelihood needs."""

    y: Array
    Z: Array
    X: Array
    w: Array
    beta: Array

    @cached_property
    def spectrum(self) -> tuple[Array, Array]:
        """Eigenvalues of XX' (n,), descending, and the eigenvectors (n, n)."""
        eigvals, vectors = np.linalg.eigh(self.X @ self.X.T)
        eigvals = np.where(eigvals > 1e-10 * eigvals[-1], eigvals, 0.0)
        return eigvals[::-1].copy(), vectors[:, ::-1].copy()

    @cached_property
    def gram(self) -> Array:
        """X'X (p, p)."""
        return self.X.T @ self.X

    @cached_property
    def norms2(self) -> Array:
        """Squared column norms d_j (p,)."""
        return np.einsum("ij,ij->j", self.X, self.X)

    def regress(self, target: Array) -> Array:
        """Return least-squares coefficients of ``target`` on Z."""
        return np.linalg.solve(self.Z.T @ self.Z, self.Z.T @ target)

    def at_ratio(self, q: float) -> Theta:
        """Return w and sigma_e2 that maximise the likelihood given q."""
        eigvals, U = self.spectrum
        root = np.sqrt(1 + q * eigvals)
        Uty, UtZ = U.T @ self.y / root, (U.T @ self.Z) / root[:, None]
        w = np.linalg.solve(UtZ.T @ UtZ, UtZ.T @ Uty)
        sigma_e2 = float(np.mean((Uty - UtZ @ w) ** 2))
        return Theta(w, q * sigma_e2, sigma_e2)

    def loglik(self, theta: Theta) -> float:
        """Return the exact log-likelihood."""
        eigvals, U = self.spectrum
        v = theta.sigma_beta2 * eigvals + theta.sigma_e2
        r = U.T @ (self.y - self.Z @ theta.w)
        return -0.5 * float(len(v) * math.log(2 * math.pi) + np.sum(np.log(v)) + np.sum(r**2 / v))

    def penalty(self, q: float) -> float:
        """Return g(q), the gap at the optimal mean-field posterior."""
        spectral = np.sum(np.log1p(q * self.spectrum[0]))
        return 0.5 * float(np.sum(np.log1p(q * self.norms2)) - spectral)

    def posterior(self, theta: Theta) -> tuple[Array, Array]:
        """Return the exact posterior mean (p,) and covariance (p, p) of beta."""
        V = theta.sigma_beta2 * self.X @ self.X.T + theta.sigma_e2 * np.eye(len(self.y))
        half = theta.sigma_beta2 * np.linalg.solve(V, self.X).T
        return (
            half @ (self.y - self.Z @ theta.w),
            theta.sigma_beta2 * (np.eye(self.X.shape[1]) - half @ self.X),
        )

    def optimum(self, objective: Callable[[float], float]) -> float:
        """Return the ratio q that maximises ``objective`` by grid and bounded search."""
        scale = len(self.y) / np.sum(self.norms2)
        grid = scale * np.logspace(-6, 6, 97)
        values = [objective(q) for q in grid]
        best = int(np.argmax(values))
        if best == 0:
            return 0.0
        bounds = np.log([grid[best - 1], grid[min(best + 1, 96)]])
        found = minimize_scalar(
            lambda log_q: -objective(math.exp(log_q)),
            bounds=bounds,
            method="bounded",
            options={"xatol": 1e-10},
        )
        return math.exp(found.x) if -found.fun > objective(0.0) else 0.0

    def pve(self, theta: Theta) -> float:
        """Return the share of variance explained by X beta."""
        explained = theta.sigma_beta2 * float(np.sum(self.norms2)) / len(self.y)
        return explained / (explained + theta.sigma_e2)


def simulate(n: int, p: int, c: int, pve: float, seed: int, *, orthogonal: bool = False) -> Problem:
    """Draw a table with independent normal columns, or with orthogonal columns of X."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) / math.sqrt(p)
    if orthogonal:
        X = np.linalg.qr(X)[0] * rng.uniform(0.5, 1.5, size=p)
    Z = rng.normal(size=(n, c))
    beta = rng.normal(size=p)
    explained = X @ beta
    noise = rng.normal(size=n) * math.sqrt((1 - pve) / max(pve, 0.5))
    scale = math.sqrt(pve / max(pve, 0.5)) / max(float(np.std(explained)), 1e-12)
    w = rng.normal(size=c)
    return Problem(Z @ w + scale * explained + noise, Z, X, w, scale * beta)


@dataclass(frozen=True)
class State:
    """Where an iteration is: parameters, and the mean (p,) that sweeps carry along."""

    theta: Theta
    mean: Array


Step = Callable[[Problem, State], State]


def em_step(problem: Problem, state: State, *, expand: bool = False) -> State:
    """Return one EM update, parameter-expanded where ``expand``."""
    theta = state.theta
    eigvals, U = problem.spectrum
    v = theta.sigma_beta2 * eigvals + theta.sigma_e2
    r = U.T @ (problem.y - problem.Z @ theta.w)
    p = problem.X.shape[1]
    fitted = U @ (theta.sigma_beta2 * eigvals / v * r)
    spread = float(np.sum(theta.sigma_beta2 * theta.sigma_e2 * eigvals / v))
    mean2 = float(np.sum(theta.sigma_beta2**2 * eigvals * r**2 / v**2))
    trace = p * theta.sigma_beta2 - float(np.sum(theta.sigma_beta2**2 * eigvals / v))
    gamma = 1.0
    if expand:
        target = problem.y - problem.Z @ theta.w
        gamma = float(fitted @ target) / (float(fitted @ fitted) + spread)
    w = problem.regress(problem.y - gamma * fitted)
    residual = problem.y - problem.Z @ w - gamma * fitted
    sigma_e2 = (float(residual @ residual) + gamma**2 * spread) / len(problem.y)
    return State(Theta(w, gamma**2 * (mean2 + trace) / p, sigma_e2), state.mean)


def mfvi_step(problem: Problem, state: State) -> State:
    """Return one coordinate sweep over all of beta and the update of the parameters."""
    theta, X = state.theta, problem.X
    p = X.shape[1]
    k = theta.sigma_e2 / theta.sigma_beta2
    residual = problem.y - problem.Z @ theta.w - X @ state.mean
    system = np.tril(problem.gram) + k * np.eye(p)
    mean = state.mean + solve_triangular(system, X.T @ residual - k * state.mean, lower=True)
    s = 1 / (problem.norms2 / theta.sigma_e2 + 1 / theta.sigma_beta2)
    w = problem.regress(problem.y - X @ mean)
    residual = problem.y - problem.Z @ w - X @ mean
    sigma_e2 = float(residual @ residual + problem.norms2 @ s) / len(residual)
    return State(Theta(w, float(mean @ mean + np.sum(s)) / p, sigma_e2), mean)


def elbo(problem: Problem, state: State) -> float:
    """Return the evidence lower bound at the optimal variances."""
    theta = state.theta
    s = 1 / (problem.norms2 / theta.sigma_e2 + 1 / theta.sigma_beta2)
    residual = problem.y - problem.Z @ theta.w - problem.X @ state.mean
    n, p = problem.X.shape
    return (
        -n / 2 * math.log(2 * math.pi * theta.sigma_e2)
        - float(residual @ residual + problem.norms2 @ s) / (2 * theta.sigma_e2)
        - p / 2 * math.log(theta.sigma_beta2)
        - float(state.mean @ state.mean + np.sum(s)) / (2 * theta.sigma_beta2)
        + 0.5 * float(np.sum(np.log(s)))
        + p / 2
    )


def squarem(
    problem: Problem, state: State, step: Step, objective: Callable[[State], float]
) -> State:
    """Return the best of a squared extrapolation of two steps and the two steps."""
    one = step(problem, state)
    two = step(problem, one)
    first = one.theta.logs - state.theta.logs
    curve = two.theta.logs - one.theta.logs - first
    length = -float(np.clip(np.linalg.norm(first) / max(np.linalg.norm(curve), 1e-16), 1.0, 1e8))
    logs = np.clip(state.theta.logs - 2 * length * first + length**2 * curve, -40, 40)
    jump = replace(two, theta=Theta(two.theta.w, *np.exp(logs).tolist()))
    landed = step(problem, jump)
    return landed if objective(landed) >= objective(two) else two


def trace_of(
    problem: Problem,
    scheme: str,
    step: Step,
    objective: Callable[[State], float],
    *,
    max_evaluations: int,
    target: float,
    bound: bool,
) -> tuple[pd.DataFrame, State]:
    """Iterate until the objective is within 1e-8 of ``target``; return trace and last state."""
    theta = problem.at_ratio(0.0)
    state = State(replace(theta, sigma_beta2=theta.sigma_e2), np.zeros(problem.X.shape[1]))
    rows, evaluations = [], 0
    cost = 3 if scheme == "squarem" else 1
    while True:
        value = problem.loglik(state.theta)
        row = {
            "scheme": scheme,
            "iteration": len(rows),
            "map_evaluations": evaluations,
            "loglik": value,
            "sigma_beta2": state.theta.sigma_beta2,
            "sigma_e2": state.theta.sigma_e2,
        }
        if bound:
            row |= {"elbo": objective(state), "gap": value - objective(state)}
        rows.append(row)
        if target - objective(state) < 1e-8 or evaluations + cost > max_evaluations:
            return pd.DataFrame(rows), state
        accelerated = scheme == "squarem"
        state = squarem(problem, state, step, objective) if accelerated else step(problem, state)
        evaluations += cost


@dataclass(frozen=True)
class Study:
    """What the pipeline leaves of one data set, in memory."""

    response: Array
    fixed: pd.DataFrame
    table_summary: dict[str, Any]
    col_norms2: Array
    spectrum: pd.DataFrame
    em: dict[str, Any]
    em_trace: pd.DataFrame
    mfvi: dict[str, Any]
    mfvi_trace: pd.DataFrame
    summary: dict[str, Any]
    effects: pd.DataFrame
    profile: pd.DataFrame
    shrinkage: pd.DataFrame


def contrasts(table: Problem) -> Problem:
    """Return the n - c contrasts orthogonal to Z, which the restricted likelihood counts."""
    C = null_space(table.Z.T)
    return Problem(C.T @ table.y, C.T @ table.Z[:, :0], C.T @ table.X, table.w[:0], table.beta)


def certificate(
    problem: Problem, objective: Callable[[float], float], reached: float
) -> dict[str, Any]:
    """Return the certificate of a fit as its JSON holds it."""
    q = problem.optimum(objective)
    best, theta = objective(q), problem.at_ratio(q)
    return {
        "certified": best - reached <= 1e-6,
        "optimum": best,
        "shortfall": max(best - reached, 0.0),
        "boundary": q == 0,
        "score": {"sigma_beta2": -0.1 if q == 0 else 0.0, "sigma_e2": 0.0},
        "optimum_sigma_beta2": theta.sigma_beta2,
        "optimum_sigma_e2": theta.sigma_e2,
        "noise_boundary": False,
    }


def estimates(
    problem: Problem, trace: pd.DataFrame, theta: Theta, proof: dict[str, Any]
) -> dict[str, Any]:
    """Return the block of one method in comparison/summary.json."""
    last = trace.iloc[-1]
    stopped = "predicted gain below 1e-8 nats" if proof["certified"] else "iteration limit reached"
    block = {
        "scheme": "squarem",
        "sigma_beta2": theta.sigma_beta2,
        "sigma_e2": theta.sigma_e2,
        "variance_ratio": theta.q,
        "pve": problem.pve(theta),
        "loglik": float(last["loglik"]),
        "n_iter": int(last["iteration"]),
        "map_evaluations": int(last["map_evaluations"]),
        "stop": stopped,
        "certificate": proof,
    }
    if "elbo" in trace:
        block |= {
            "elbo": float(last["elbo"]),
            "gap": float(last["gap"]),
            "sweeps": int(last["map_evaluations"]),
        }
    return block


def build_study(
    table: Problem, *, truth: bool = False, restricted: bool = False, max_evaluations: int = 3000
) -> Study:
    """Fit both methods, compare them, and return everything the report reads."""
    n, p = table.X.shape
    c = table.Z.shape[1]
    problem = contrasts(table) if restricted else table
    exact = lambda q: problem.loglik(problem.at_ratio(q))  # noqa: E731
    bound = lambda q: exact(q) - problem.penalty(q)  # noqa: E731
    ratio, ratio_bound = problem.optimum(exact), problem.optimum(bound)
    best, best_bound = exact(ratio), bound(ratio_bound)
    reached = lambda state: problem.loglik(state.theta)  # noqa: E731
    reached_bound = lambda state: elbo(problem, state)  # noqa: E731
    px_step = lambda problem, state: em_step(problem, state, expand=True)  # noqa: E731
    limits = {"max_evaluations": max_evaluations}
    runs = {
        name: trace_of(problem, name, step, reached, target=best, bound=False, **limits)
        for name, step in (("squarem", em_step), ("px", px_step), ("plain", em_step))
    }
    mf_trace, mf_state = trace_of(
        problem, "squarem", mfvi_step, reached_bound, target=best_bound, bound=True, **limits
    )
    em_theta, mf_theta = runs["squarem"][1].theta, mf_state.theta
    em_block = estimates(
        problem,
        runs["squarem"][0],
        em_theta,
        certificate(problem, exact, reached(runs["squarem"][1])),
    )
    mf_block = estimates(
        problem, mf_trace, mf_theta, certificate(problem, bound, reached_bound(mf_state))
    )
    names = [f"Z.{j + 1}" for j in range(c)]
    table_summary = {
        "source": "study.txt",
        "sha256": "0" * 64,
        "separator": "tab",
        "n": n,
        "c": c,
        "p": p,
        "response": "y",
        "fixed_names": names,
        "rows_read": n + 2,
        "rows_dropped": 2,
        "rows_to_predict": 0,
        "cells_imputed": 0,
        "missing": {"response": 2, "fixed": 0, "random": 0},
        "constant_columns": [],
        "columns_dropped": [],
        "response_mean": float(np.mean(table.y)),
        "response_variance": float(np.var(table.y, ddof=1)),
        "ignored_columns": 0,
    }
    effects, fitted = compare_effects(problem, em_theta, mf_theta, mf_state.mean)
    em_w, mf_w = em_theta.w, mf_theta.w
    if restricted:
        em_w, mf_w = (
            table.regress(table.y - table.X @ effects[f"mean_{m}"].to_numpy())
            for m in ("em", "mfvi")
        )
    em_block |= {
        "loglik_constant": "a sentence",
        **how_sure(table, problem, em_theta, names, boundary=em_block["certificate"]["boundary"]),
        "pve_interval": inference.pve_interval(problem, exact, ratio),
        "lrt": inference.ratio_test(exact, ratio),
    }
    mf_block |= {
        "loglik_constant": "a sentence",
        "naive_standard_errors": inference.standard_errors(
            problem,
            mf_theta,
            names if not restricted else [],
            penalised=True,
            boundary=mf_block["certificate"]["boundary"],
        ),
        "naive_pve_interval": inference.pve_interval(problem, bound, ratio_bound),
    }
    curve = inference.shrinkage_curve(problem)
    if truth:
        effects["truth"] = problem.beta
    eigvals = problem.spectrum[0][: min(problem.X.shape)]
    data = {key: value for key, value in table_summary.items() if key != "ignored_columns"} | {
        "rank": int(np.sum(eigvals > 0)),
        "trace_k_over_n": float(np.sum(problem.norms2)) / n,
        "eigval_max": float(eigvals[0]),
        "eigval_min_positive": float(eigvals[eigvals > 0][-1]),
    }
    summary = {
        "dataset": "study",
        "likelihood": "reml" if restricted else "ml",
        "data": data,
        "em": em_block,
        "mfvi": mf_block,
        "ratios": {
            key: None if em_block["certificate"]["boundary"] else mf_block[key] / em_block[key]
            for key in ("sigma_beta2", "sigma_e2", "variance_ratio", "pve")
        },
        "gap": gap_parts(problem, em_block, mf_block),
        "means": compare_means(effects),
        "variances": {
            "own_theta": compare_variances(effects, "variance_mfvi"),
            "equal_theta": compare_variances(effects, "variance_mfvi_at_em"),
            "lrvb": compare_variances(effects, "variance_lrvb"),
        },
        "moments": inference.moments(problem),
        "shrinkage": inference.sight(curve, em_block["pve"]),
        "calibrated_pve": inference.calibrated(curve, mf_block["pve"]),
        "fitted": fitted,
        "schemes": [scheme_row("EM", trace, best, "loglik") for trace, _ in runs.values()]
        + [scheme_row("MFVI", mf_trace, best_bound, "elbo")],
        "fixed_effects": fixed_table(names, em_w, mf_w, table.w if truth else None),
        "case": {
            "boundary_em": em_block["certificate"]["boundary"],
            "boundary_mfvi": mf_block["certificate"]["boundary"],
            "coincide": problem.penalty(em_theta.q) < 1e-6,
            "certified_em": em_block["certificate"]["certified"],
            "certified_mfvi": mf_block["certificate"]["certified"],
            "p_less_than_n": p < n,
            "truth_known": truth,
        },
        "truth": truth_block(effects, em_theta, mf_theta) if truth else None,
        "versions": {"python": "3.11", "numpy": np.__version__},
    }
    return Study(
        response=table.y,
        fixed=pd.DataFrame(table.Z, columns=names),
        table_summary=table_summary,
        col_norms2=problem.norms2,
        spectrum=pd.DataFrame({"index": np.arange(1, len(eigvals) + 1), "eigenvalue": eigvals}),
        em=em_block,
        em_trace=pd.concat([trace for trace, _ in runs.values()], ignore_index=True),
        mfvi=mf_block,
        mfvi_trace=mf_trace,
        summary=summary,
        effects=effects,
        profile=profile_frame(problem, exact, (em_theta.q, mf_theta.q)),
        shrinkage=curve,
    )


def how_sure(
    table: Problem, problem: Problem, theta: Theta, names: list[str], *, boundary: bool
) -> dict[str, Any]:
    """Return EM's standard errors, observed and expected; those of omega from the whole table."""
    inner = names[: problem.Z.shape[1]]
    blocks = {
        key: inference.standard_errors(problem, theta, inner, boundary=boundary, expected=expected)
        for key, expected in (("standard_errors", False), ("standard_errors_expected", True))
    }
    for block in blocks.values():
        if len(inner) < len(names):
            block["omega"] = inference.omega_errors(table, theta, names)
    return blocks


def compare_effects(
    problem: Problem, em: Theta, mfvi: Theta, mean: Array
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return comparison/effects.parquet and the block of the variance of X beta."""
    n, p = problem.X.shape
    mean_em, covariance = problem.posterior(em)
    s = 1 / (problem.norms2 / mfvi.sigma_e2 + 1 / mfvi.sigma_beta2)
    s_at_em = 1 / (problem.norms2 / em.sigma_e2 + 1 / em.sigma_beta2)
    effects = pd.DataFrame(
        {
            "name": [f"X.{j + 1}" for j in range(p)],
            "mean_em": mean_em,
            "mean_mfvi": mean,
            "variance_em": np.diag(covariance),
            "variance_mfvi": s,
            "variance_mfvi_at_em": s_at_em,
            "variance_lrvb": np.diag(problem.posterior(mfvi)[1]),
        }
    )
    parts = {
        "em": (mean_em, float(np.sum((problem.X @ covariance) * problem.X))),
        "mfvi": (mean, float(problem.norms2 @ s)),
        "mfvi_at_em": (mean_em, float(problem.norms2 @ s_at_em)),
    }
    fitted = {}
    for key, (m, spread) in parts.items():
        signal = float(np.sum((problem.X @ m) ** 2)) / n
        fitted[key] = {
            "mean_part": signal,
            "uncertainty_part": spread / n,
            "total": signal + spread / n,
        }
    return effects, fitted


def gap_parts(problem: Problem, em: dict[str, Any], mfvi: dict[str, Any]) -> dict[str, float]:
    """Return the gap between the two fits, split into its parts."""
    q = mfvi["variance_ratio"]
    spectral = 0.5 * float(np.sum(np.log1p(q * problem.spectrum[0])))
    return {
        "total": em["loglik"] - mfvi["elbo"],
        "parameters": em["loglik"] - mfvi["loglik"],
        "bound": mfvi["gap"],
        "factorisation": problem.penalty(q),
        "mean": mfvi["gap"] - problem.penalty(q),
        "log_det_diagonal": problem.penalty(q) + spectral,
        "log_det_spectrum": spectral,
    }


def compare_means(effects: pd.DataFrame) -> dict[str, Any]:
    """Return how the two posterior means differ."""
    em, mfvi = effects["mean_em"].to_numpy(), effects["mean_mfvi"].to_numpy()
    spread = float(np.std(em) * np.std(mfvi))
    worst = int(np.argmax(np.abs(em - mfvi)))
    return {
        "correlation": float(np.corrcoef(em, mfvi)[0, 1]) if spread > 1e-12 else None,
        "slope": float(em @ mfvi / (em @ em)),
        "max_abs_difference": float(abs(em[worst] - mfvi[worst])),
        "max_abs_difference_name": effects["name"].iloc[worst],
        "rms_em": float(np.sqrt(np.mean(em**2))),
        "rms_mfvi": float(np.sqrt(np.mean(mfvi**2))),
        "rms_difference": float(np.sqrt(np.mean((em - mfvi) ** 2))),
    }


def compare_variances(effects: pd.DataFrame, column: str) -> dict[str, float | None]:
    """Return how the posterior variances differ."""
    em, mfvi = effects["variance_em"].to_numpy(), effects[column].to_numpy()
    known = bool(np.all(em > 1e-12))
    ratios = mfvi / np.where(em > 1e-12, em, 1.0)
    return {
        "mean_em": float(np.mean(em)),
        "mean_mfvi": float(np.mean(mfvi)),
        "median_ratio": float(np.median(ratios)) if known else None,
        "min_ratio": float(np.min(ratios)) if known else None,
        "max_ratio": float(np.max(ratios)) if known else None,
    }


def scheme_row(method: str, trace: pd.DataFrame, best: float, objective: str) -> dict[str, Any]:
    """Return one row of the table of schemes."""
    last = trace.iloc[-1]
    shortfall = max(best - float(last[objective]), 0.0)
    return {
        "method": method,
        "scheme": last["scheme"],
        "iterations": int(last["iteration"]),
        "map_evaluations": int(last["map_evaluations"]),
        "objective": float(last[objective]),
        "shortfall": shortfall,
        "certified": shortfall <= 1e-6,
        "stop": "predicted gain below 1e-8 nats"
        if shortfall <= 1e-6
        else "iteration limit reached",
        "sigma_beta2": float(last["sigma_beta2"]),
        "sigma_e2": float(last["sigma_e2"]),
    }


def fixed_table(names: list[str], em: Array, mfvi: Array, truth: Array | None) -> dict[str, Any]:
    """Return the block of the fixed effects."""
    worst = int(np.argmax(np.abs(em - mfvi))) if names else 0
    return {
        "count": len(names),
        "max_abs_difference": float(abs(em[worst] - mfvi[worst])) if names else None,
        "max_abs_difference_name": names[worst] if names else None,
        "table": [
            {"name": name, "em": float(em[k]), "mfvi": float(mfvi[k])}
            | ({} if truth is None else {"truth": float(truth[k])})
            for k, name in enumerate(names)
        ],
    }


def correlation(mean: pd.Series, truth: pd.Series) -> float | None:
    """Return a correlation, or None where one side is constant."""
    return float(mean.corr(truth)) if min(mean.std(), truth.std()) > 1e-12 else None


def truth_block(effects: pd.DataFrame, em: Theta, mfvi: Theta) -> dict[str, float]:
    """Return how both fits compare with the simulated effects."""
    block = {"sigma_beta2": float(effects["truth"].var()), "sigma_e2": em.sigma_e2, "pve": 0.5}
    for method, column in (("em", "variance_em"), ("mfvi", "variance_mfvi")):
        error = effects[f"mean_{method}"] - effects["truth"]
        block |= {
            f"correlation_{method}": correlation(effects[f"mean_{method}"], effects["truth"]),
            f"rmse_{method}": float(np.sqrt(np.mean(error**2))),
            f"coverage_{method}": coverage(error, effects[column]),
        }
    error = effects["mean_mfvi"] - effects["truth"]
    return block | {"coverage_lrvb": coverage(error, effects["variance_lrvb"])}


def coverage(error: pd.Series, variance: pd.Series) -> float:
    """Return the share of 95% intervals that hold the truth."""
    return float(np.mean(np.abs(error) < 1.96 * np.sqrt(variance)))


def profile_frame(
    problem: Problem, exact: Callable[[float], float], optima: tuple[float, float]
) -> pd.DataFrame:
    """Return comparison/profile.parquet: the curves over the variance ratio."""
    scale = len(problem.y) / float(np.sum(problem.norms2))
    shares = np.linspace(0, 0.98, 120)
    q = np.unique(np.concatenate([shares / (1 - shares) * scale, optima]))
    loglik = np.array([exact(value) for value in q])
    penalty = np.array([problem.penalty(value) for value in q])
    return pd.DataFrame(
        {
            "q": q,
            "pve": q / (q + scale),
            "loglik": loglik,
            "penalty": penalty,
            "elbo": loglik - penalty,
        }
    )


CASES: dict[str, Callable[[], Study]] = {
    "ordinary": lambda: build_study(simulate(80, 200, 3, 0.6, 1)),
    "truth": lambda: build_study(simulate(120, 240, 30, 0.6, 2), truth=True),
    "boundary": lambda: build_study(simulate(60, 90, 2, 0.0, 11), max_evaluations=1500),
    "no_true_effect": lambda: build_study(simulate(80, 160, 2, 0.0, 7), truth=True),
    "few_columns": lambda: build_study(simulate(150, 12, 4, 0.5, 4)),
    "coinciding": lambda: build_study(simulate(90, 20, 2, 0.5, 5, orthogonal=True)),
    "no_fixed": lambda: build_study(simulate(80, 150, 0, 0.6, 6)),
    "one_column": lambda: build_study(simulate(60, 1, 1, 0.7, 8)),
    "not_certified": lambda: build_study(simulate(80, 200, 3, 0.6, 1), max_evaluations=9),
    "restricted": lambda: build_study(simulate(90, 160, 4, 0.5, 3), restricted=True, truth=True),
    "many_fixed": lambda: build_study(simulate(160, 20, 50, 0.5, 9)),
}


@lru_cache
def study_of(case: str) -> Study:
    """Return the study of a named case, computed once a test run."""
    return CASES[case]()
