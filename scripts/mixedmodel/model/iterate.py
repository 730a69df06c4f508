"""The only loop: plain fixed-point iteration or SQUAREM, the same for EM and MFVI.

SQUAREM extrapolates two steps of the map theta -> theta (Varadhan, Roland 2008, scheme S3)
in w and the logarithms of both variances; an extrapolation, stabilised by one more step,
counts only where the objective does not fall. Iterations stop when the algorithm's own local
quadratic model predicts a gain below the tolerance, so that slow progress is not mistaken
for arrival.
"""

from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import numpy as np

from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array, Scheme, Stop, Theta, Trace

ROUNDING = 1e-10  # relative; a fall of the objective beyond it is a bug, not arithmetic
REACH = 4.0  # log units; the furthest that one extrapolation moves a variance
LEAST_NOISE = 1e-10  # of sigma_e2 at the start; below it residuals are lost in rounding
CHECK_EVERY = 0.02  # of the evaluations so far; the stopping rule costs more than an EM step


class State(Protocol):
    """A point of the iteration; objective and log-likelihood are in nats."""

    @property
    def theta(self) -> Theta:
        """The parameters."""

    @property
    def objective(self) -> float:
        """What the algorithm maximises."""

    @property
    def loglik(self) -> float:
        """The exact log-likelihood."""


S = TypeVar("S", bound=State)


class Algorithm(Protocol[S]):
    """What a method provides to be iterated."""

    def start(self) -> S:
        """Return the state before the first step."""

    def step(self, state: S, /) -> S:
        """Evaluate the map once: M-step, then E-step."""

    def jump(self, theta: Theta, state: S, /) -> S:
        """Do the E-step alone at other parameters."""

    def gain(self, state: S, /) -> float:
        """Predict, without a global search, what is left to climb (nats)."""


@dataclass
class Path(Generic[S]):
    """Where an iteration stands and the rows of its trace so far."""

    state: S
    evaluations: int = 0
    rows: list[tuple[float, ...]] = field(default_factory=list)

    def keep(self, state: S) -> None:
        """Move to ``state`` and note it."""
        theta = state.theta
        self.state = state
        self.rows.append(
            (self.evaluations, state.loglik, state.objective, theta.sigma_beta2, theta.sigma_e2)
        )

    def trace(self, scheme: Scheme, *, bound: bool) -> Trace:
        """Return the rows as columns; ``bound`` says that the objective is an ELBO."""
        columns = np.array(self.rows).T
        return Trace(
            scheme=scheme,
            map_evaluations=columns[0].astype(np.int64),
            loglik=columns[1],
            elbo=columns[2] if bound else None,
            sigma_beta2=columns[3],
            sigma_e2=columns[4],
        )


def starting_point(form: SpectralForm) -> Theta:
    """Return OLS w and half of its mean squared residual for each of the two variances."""
    w = form.Uty @ form.UtQ
    residual = form.Uty - form.UtQ @ w
    half = 0.5 * float(residual @ residual) / form.n
    return Theta(w, half / (form.mean_diagonal or 1.0), half)


def climb(
    algorithm: Algorithm[S], *, accelerated: bool, tolerance: float, max_evaluations: int
) -> tuple[Path[S], Stop]:
    """Iterate until the predicted gain is at most ``tolerance`` nats."""
    path = Path(algorithm.start())
    path.keep(path.state)
    least_noise = LEAST_NOISE * path.state.theta.sigma_e2
    next_check = 0
    while path.evaluations < max_evaluations:
        before = path.state
        after = _step(algorithm, path)
        if after.theta.sigma_e2 < least_noise:
            return path, Stop.NO_NOISE
        if after.objective - before.objective <= tolerance and path.evaluations >= next_check:
            if algorithm.gain(after) <= tolerance:
                return path, Stop.CONVERGED
            next_check = int(path.evaluations * (1 + CHECK_EVERY))
        if accelerated and path.evaluations < max_evaluations:
            _accelerate(algorithm, path, before.theta, after.theta)
    return path, Stop.MAX_ITER


def _step(algorithm: Algorithm[S], path: Path[S]) -> S:
    """Evaluate the map once; it cannot lower the objective."""
    before = path.state
    after = algorithm.step(before)
    path.evaluations += 1
    if not after.objective >= before.objective - ROUNDING * (1 + abs(before.objective)):
        raise RuntimeError(
            f"the objective fell from {before.objective!r} to {after.objective!r} "
            f"at map evaluation {path.evaluations}"
        )
    path.keep(after)
    return after


def _accelerate(algorithm: Algorithm[S], path: Path[S], zero: Theta, one: Theta) -> None:
    """Take a second step and extrapolate; keep the result where the objective does not fall."""
    two = _step(algorithm, path)
    theta = extrapolate(zero, one, two.theta)
    if theta is None:
        return
    candidate = algorithm.step(algorithm.jump(theta, two))
    path.evaluations += 2
    if candidate.objective >= two.objective:
        path.keep(candidate)


def extrapolate(zero: Theta, one: Theta, two: Theta) -> Theta | None:
    """Return the SQUAREM point, or None where two steps suggest no acceleration.

    theta' = theta0 - 2 alpha r + alpha^2 v with r = theta1 - theta0, v = theta2 - 2 theta1 +
    theta0 and alpha = -||r|| / ||v||, in (w / sd, log sigma_beta2, log sigma_e2), which makes
    the point independent of the units of y and X.
    """
    if two.sigma_beta2 == 0:
        return None
    sd = float(np.sqrt(two.sigma_e2))
    a, b, c = (_coordinates(theta, sd) for theta in (zero, one, two))
    r, v = b - a, c - 2 * b + a
    length, bend = float(np.linalg.norm(r)), float(np.linalg.norm(v))
    if length <= bend:
        return None
    alpha = -length / bend if bend > 0 else -1 / np.finfo(float).eps
    jump = a - 2 * alpha * r + alpha**2 * v - c
    point = c + jump * min(1.0, REACH / float(np.abs(jump[-2:]).max()))
    return Theta(point[:-2] * sd, float(np.exp(point[-2])), float(np.exp(point[-1])))


def _coordinates(theta: Theta, sd: float) -> Array:
    return np.concatenate([theta.w / sd, np.log([theta.sigma_beta2, theta.sigma_e2])])
