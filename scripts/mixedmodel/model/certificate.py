"""The certificate: an optimum found without EM or MFVI, and how far a fit is from it.

Given the variance ratio q, w and sigma_e2 have closed forms, so each method maximises a
function of q alone: l(q) for EM, l(q) - g(q) for MFVI (`docs/model.md`, section 13). A grid over
log q wide enough for both boundaries, then bounded scalar maximisation around every local
maximum of the grid, and q = 0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import optimize

from mixedmodel.model.likelihood import profile, score
from mixedmodel.model.penalty import Penalty
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import SHORTFALL, Array, Certificate, Gradient, Theta

SAME = 1e-9  # nats; an interior optimum this close to q = 0 is the boundary
GRID_STEP = 0.35  # natural log units of q
MARGIN = 21.0  # natural log units of q beyond 1/eigenvalue, where the objective is flat


@dataclass(frozen=True)
class Optimum:
    """The global maximum of a profile objective and where it lies; ``value`` in nats.

    ``flat``: the objective is the same at every ratio, to what a certificate allows.
    ``unbounded``: it has no maximum before the pole at sigma_e2 = 0.
    """

    theta: Theta
    value: float
    boundary: bool
    noise_boundary: bool
    flat: bool = False
    unbounded: bool = False


def certify(form: SpectralForm, theta: Theta, reached: float, penalty: Penalty) -> Certificate:
    """Compare the objective ``reached`` (nats) at ``theta`` with the global optimum."""
    best = optimum(form, penalty)
    by_beta, by_e = score(form, theta, penalty)
    shortfall = best.value - reached
    return Certificate(
        certified=abs(shortfall) <= SHORTFALL and not best.flat and not best.unbounded,
        optimum=best.value,
        shortfall=shortfall,
        boundary=best.boundary,
        noise_boundary=best.noise_boundary,
        flat=best.flat,
        unbounded=best.unbounded,
        optimum_sigma_beta2=best.theta.sigma_beta2,
        optimum_sigma_e2=best.theta.sigma_e2,
        score=Gradient(float(by_beta), float(by_e)),
    )


def profile_objective(form: SpectralForm, penalty: Penalty) -> Callable[[float], float]:
    """Return the profile objective l - g as a function of log q."""

    def objective(log_ratio: float) -> float:
        ratio = float(np.exp(log_ratio))
        return profile(form, ratio).loglik - penalty.value(form, ratio)

    return objective


@lru_cache(maxsize=2)
def optimum(form: SpectralForm, penalty: Penalty) -> Optimum:
    """Return the global optimum over q >= 0, searched once for all that ask in a row.

    Where the likelihood has a pole at sigma_e2 = 0 the end of the grid counts only if there is
    no maximum before it.
    """
    objective = profile_objective(form, penalty)
    grid = log_ratio_grid(form)
    values = np.array([objective(x) for x in grid])
    null = profile(form, 0.0)
    inner = _local_maxima(grid, values, objective)
    falls_at_once = score(form, null.theta, penalty)[0] <= 0
    ends_count = not (form.has_pole and (inner or falls_at_once))
    candidates = [*inner, float(grid[-1])] if ends_count else inner
    top = max(candidates, key=objective, default=None)
    flat = bool(np.ptp(values) <= SHORTFALL)
    if top is None or null.loglik >= objective(top) - SAME:
        return Optimum(null.theta, null.loglik, boundary=True, noise_boundary=False, flat=flat)
    theta = profile(form, float(np.exp(top))).theta
    at_end = bool(top == grid[-1])
    return Optimum(
        theta=theta,
        value=objective(top),
        boundary=False,
        noise_boundary=at_end,
        flat=flat,
        unbounded=at_end and form.has_pole,
    )


def log_ratio_grid(form: SpectralForm) -> Array:
    """Return log q from far below 1/max(eigvals) to far above 1/min(positive eigvals)."""
    largest, smallest = form.spectrum.ends
    low, high = -np.log(largest) - MARGIN, -np.log(smallest) + MARGIN
    return np.linspace(low, high, int(np.ceil((high - low) / GRID_STEP)) + 1)


def _local_maxima(grid: Array, values: Array, objective: Callable[[float], float]) -> list[float]:
    """Polish every local maximum inside the grid between its two neighbours."""
    padded = np.concatenate([[-np.inf], values, [-np.inf]])
    peaks = np.flatnonzero((values >= padded[:-2]) & (values >= padded[2:]))
    found = []
    for k in peaks[(peaks > 0) & (peaks < len(grid) - 1)]:
        polished = optimize.minimize_scalar(
            lambda x: -objective(x),
            bounds=(grid[k - 1], grid[k + 1]),
            method="bounded",
            options={"xatol": 1e-9},
        )
        found.append(float(polished.x))
    return found
