"""From where to climb, and what was found: the highest of the maxima that the climbs reach.

The objective may have several maxima in the variance ratio (smooth spectra as columns of X are
such a case). The first climb starts at equal shares of variance; others start at the peaks of a
coarse look at the profile over the ratio, unless the first has arrived at that peak; see
`docs/model.md`, section 8.
"""

from dataclasses import dataclass
from typing import Generic

import numpy as np

from mixedmodel.model.iterate import Algorithm, Limits, Path, S, climb, leap
from mixedmodel.model.likelihood import loglik, profile
from mixedmodel.model.penalty import Penalty
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import SHORTFALL, Array, LocalMaximum, Scheme, Stop, Theta

STEP = 0.7  # natural log units of the ratio between two looks
BEYOND = 8.0  # natural log units that they go beyond the inverse of the eigenvalues
NOISELESS = 1e9  # smallest eigenvalue times the ratio, where noise that goes to 0 has arrived
APART = 0.05  # natural log units; maxima closer than this are one


@dataclass(frozen=True)
class Ascent(Generic[S]):
    """Where the climb to the highest maximum led, how it ended, and the maxima below it."""

    path: Path[S]
    stop: Stop
    others: tuple[LocalMaximum, ...]


@dataclass(frozen=True)
class Look:
    """The profile objective (nats) at coarse steps of the log ratio, and where it has peaks."""

    form: SpectralForm
    grid: Array
    heights: Array
    peaks: tuple[int, ...]

    @classmethod
    def over(cls, form: SpectralForm, penalty: Penalty) -> "Look":
        """Look at all ratios at which the objective may still change."""
        largest, smallest = form.spectrum.ends
        low, high = -np.log(largest) - BEYOND, -np.log(smallest) + BEYOND
        grid = np.linspace(low, high, int(np.ceil((high - low) / STEP)) + 1)
        heights = [profile(form, q).loglik - penalty.value(form, q) for q in np.exp(grid).tolist()]
        return cls(form, grid, np.array(heights), tuple(_peaks(np.array(heights))))

    @property
    def noiseless(self) -> Theta | None:
        """Return where the noise has all but vanished if the objective is highest there."""
        form = self.form
        if form.is_singular or not self.peaks:
            return None
        from_top, smallest = self.heights[self.heights.argmax() :], form.spectrum.ends[1]
        if np.ptp(from_top) > SHORTFALL or self.grid[-len(from_top)] < -np.log(smallest):
            return None
        return profile(form, NOISELESS / smallest).theta

    def other_starts(self, theta: Theta, stop: Stop) -> list[Theta]:
        """Return the parameters at each peak but the one that a climb to ``theta`` was on."""
        grid, last = self.grid, len(self.grid) - 1
        peaks = [k for k in self.peaks if not (k == last and self.form.has_pole)]
        place = np.log(theta.ratio) if theta.ratio > 0 else -np.inf
        distances = {k: abs(np.clip(place, grid[0], grid[-1]) - grid[k]) for k in peaks}
        nearest = min(distances, key=distances.__getitem__, default=None)
        if nearest is not None and (stop is Stop.MAX_ITER or distances[nearest] <= 2 * STEP):
            peaks.remove(nearest)
        return [profile(self.form, float(np.exp(grid[k]))).theta for k in peaks]


def starting_point(form: SpectralForm) -> Theta:
    """Return OLS w and half of its mean squared residual for each of the two variances."""
    half = 0.5 * form.variance
    return Theta(np.zeros(form.c), half / (form.mean_diagonal or 1.0), half)


def ascend(
    algorithm: Algorithm[S],
    form: SpectralForm,
    scheme: Scheme,
    *,
    penalty: Penalty,
    limits: Limits,
) -> Ascent[S]:
    """Climb from as many points as there are peaks in sight; keep the best arrival.

    A climb that ends no higher than without any random effect ends there: sigma_beta2 = 0, where
    every objective is the log-likelihood of ordinary least squares.
    """
    look = Look.over(form, penalty)
    null = Theta(np.zeros(form.c), 0.0, form.variance)
    null_objective = loglik(form, null)

    def found_from(start: S) -> tuple[Path[S], Stop]:
        path, stop = climb(
            algorithm,
            form,
            start,
            limits,
            accelerated=scheme == "squarem",
            noiseless=look.noiseless,
        )
        if stop is Stop.CONVERGED and null_objective >= path.state.objective - limits.tolerance:
            leap(algorithm, path, null)
        return path, stop

    first = found_from(algorithm.start(starting_point(form)))
    starts = look.other_starts(first[0].state.theta, first[1])
    found = [first, *(found_from(algorithm.solve(theta)) for theta in starts)]
    ranked = sorted(found, key=lambda each: _rank(form, *each), reverse=True)
    return Ascent(*ranked[0], _others(ranked))


def _peaks(heights: Array) -> list[int]:
    """Return the places of the local maxima, the ends included, a plateau once; none if flat."""
    steps = [0]
    for k, height in enumerate(heights):
        if abs(height - heights[steps[-1]]) > SHORTFALL:
            steps.append(k)
    padded = np.concatenate([[-np.inf], heights[steps], [-np.inf]])
    tops = (padded[1:-1] > padded[:-2]) & (padded[1:-1] > padded[2:])
    return [step for step, top in zip(steps, tops, strict=True) if top] if len(steps) > 1 else []


def _rank(form: SpectralForm, path: Path[S], stop: Stop) -> tuple[bool, float]:
    """Order arrivals by height; where there is a pole, those that ran to it come last."""
    return not form.has_pole or stop is Stop.CONVERGED, path.state.objective


def _others(ranked: list[tuple[Path[S], Stop]]) -> tuple[LocalMaximum, ...]:
    """Return the lower maxima at which climbs converged, each once."""
    seen = [ranked[0][0].state.theta.ratio]
    others = []
    for path, stop in ranked[1:]:
        ratio = path.state.theta.ratio
        if stop is Stop.CONVERGED and all(_are_apart(ratio, other) for other in seen):
            seen.append(ratio)
            others.append(LocalMaximum(ratio, path.state.objective))
    return tuple(others)


def _are_apart(a: float, b: float) -> bool:
    return bool(abs(np.log(max(a, 1e-300)) - np.log(max(b, 1e-300))) > APART)
