"""The only loop: plain fixed-point iteration or SQUAREM, the same for EM and MFVI.

SQUAREM extrapolates two steps of the map theta -> theta (Varadhan, Roland 2008, scheme S3)
in the logarithms of both variances, and gives w its best value there, generalised least squares;
an extrapolation, stabilised by one more step, counts only where the objective does not fall
(`docs/model.md`, sections 7 and 8).
Iterations stop when the algorithm's own local quadratic model predicts a gain below the tolerance,
so that slow progress is not mistaken for arrival.
"""

from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import numpy as np

from mixedmodel.model.curvature import Prospect
from mixedmodel.model.likelihood import gls
from mixedmodel.model.progress import Ticker, say
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array, Scheme, Stop, Theta, Trace

ROUNDING = 1e-10  # relative; a fall of the objective beyond it is a bug, not arithmetic
REACH = 4.0  # log units; the furthest that one extrapolation moves a variance
LEAST_NOISE = 1e-16  # of the response's variance; below it residuals are lost in rounding
EPS = float(np.finfo(float).eps)
CHECK_EVERY = 0.02  # of the evaluations so far; the stopping rule costs more than an EM step
PATIENCE = 100  # evaluations, and twice as many each time, after which it looks ahead anyway


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

    def start(self, theta: Theta, /) -> S:
        """Return the state at ``theta`` before the first step."""

    def solve(self, theta: Theta, /) -> S:
        """Do the E-step at ``theta`` to its end, from nothing."""

    def step(self, state: S, /) -> S:
        """Evaluate the map once: M-step, then E-step."""

    def prospect(self, state: S, /) -> Prospect:
        """Predict, without a global search, what is left to climb, and which way."""


@dataclass
class Path(Generic[S]):
    """Where an iteration on ``form`` stands and the rows of its trace so far."""

    form: SpectralForm
    state: S
    evaluations: int = 0
    rows: list[tuple[float, ...]] = field(default_factory=list)

    @property
    def least_noise(self) -> float:
        """Noise variance below which residuals are lost in rounding."""
        return LEAST_NOISE * self.form.variance

    @property
    def rounding(self) -> float:
        """What rounding may take off the objective (nats): more where the noise is small."""
        state, form = self.state, self.form
        of_residuals = EPS * float(np.sqrt(form.variance / state.theta.sigma_e2))
        return ROUNDING * (1 + abs(state.objective)) + 8 * form.n * of_residuals

    def keep(self, state: S) -> None:
        """Move to ``state`` and note it."""
        theta = state.theta
        self.state = state
        self.rows.append(
            (self.evaluations, state.loglik, state.objective, theta.sigma_beta2, theta.sigma_e2)
        )

    def trace(self, scheme: Scheme) -> Trace:
        """Return the rows as columns."""
        columns = np.array(self.rows).T
        return Trace(
            scheme=scheme,
            map_evaluations=columns[0].astype(np.int64),
            loglik=columns[1],
            objective=columns[2],
            sigma_beta2=columns[3],
            sigma_e2=columns[4],
        )


@dataclass(frozen=True)
class Limits:
    """When iterations end: at a predicted gain (nats), or after so many evaluations of the map."""

    tolerance: float
    max_evaluations: int


def climb(
    algorithm: Algorithm[S],
    form: SpectralForm,
    start: S,
    limits: Limits,
    *,
    accelerated: bool,
    noiseless: Theta | None = None,
) -> tuple[Path[S], Stop]:
    """Iterate from ``start`` until the predicted gain is within the tolerance.

    Where the local model points to no noise, ``noiseless`` parameters are tried if there are any.
    """
    path = Path(form, start)
    path.keep(path.state)
    next_check, next_look, ticker = 0, PATIENCE, Ticker()
    while path.evaluations < limits.max_evaluations:
        before = path.state
        after = _step(algorithm, path)
        if ticker.is_due():
            most = limits.max_evaluations
            say(
                f"iterations: {path.evaluations:,} of at most {most:,} map evaluations, objective "
                f"{after.objective:.6f}"
            )
        if after.theta.sigma_e2 < path.least_noise:
            if noiseless is not None:
                leap(algorithm, path, noiseless)
            return path, Stop.NO_NOISE
        arriving = after.objective - before.objective <= limits.tolerance
        if (arriving and path.evaluations >= next_check) or path.evaluations >= next_look:
            ahead = algorithm.prospect(after)
            if ahead.gain <= limits.tolerance:
                return path, Stop.CONVERGED
            vanishing = accelerated and ahead.step[1] <= -1
            if vanishing and noiseless is not None and leap(algorithm, path, noiseless):
                return path, Stop.NO_NOISE
            next_check = int(path.evaluations * (1 + CHECK_EVERY))
            next_look = 2 * path.evaluations
        if accelerated and path.evaluations < limits.max_evaluations:
            _accelerate(algorithm, path, before.theta, after.theta)
    return path, Stop.MAX_ITER


def _step(algorithm: Algorithm[S], path: Path[S]) -> S:
    """Evaluate the map once; it cannot lower the objective."""
    before = path.state
    after = algorithm.step(before)
    path.evaluations += 1
    if not after.objective >= before.objective - path.rounding:
        raise RuntimeError(
            f"the objective fell from {before.objective!r} to {after.objective!r} "
            f"at map evaluation {path.evaluations}"
        )
    path.keep(after)
    return after


def leap(algorithm: Algorithm[S], path: Path[S], edge: Theta) -> bool:
    """Go to an ``edge`` that the iterations near by ever smaller steps, if nothing is lost."""
    state = algorithm.solve(edge)
    path.evaluations += 1
    if not state.objective >= path.state.objective - path.rounding:
        return False
    path.keep(state)
    return True


def _accelerate(algorithm: Algorithm[S], path: Path[S], zero: Theta, one: Theta) -> None:
    """Take a second step and extrapolate; keep the result where the objective does not fall."""
    two = _step(algorithm, path)
    if two.theta.sigma_beta2 == 0:
        return
    logs = extrapolate(*map(_logs, (zero, one, two.theta)))
    if logs is None:
        return
    candidate = algorithm.step(algorithm.solve(_with_best_w(path.form, *np.exp(logs).tolist())))
    path.evaluations += 2
    path.keep(candidate if candidate.objective >= two.objective else two)


def extrapolate(zero: Array, one: Array, two: Array) -> Array | None:
    """Return the SQUAREM point (2,), or None where two steps suggest no acceleration.

    theta' = theta0 - 2 alpha r + alpha^2 v with r = theta1 - theta0, v = theta2 - 2 theta1 +
    theta0 and alpha = -||r|| / ||v||.
    """
    r, v = one - zero, two - 2 * one + zero
    length, bend = float(np.linalg.norm(r)), float(np.linalg.norm(v))
    if length <= bend or length == 0:
        return None
    alpha = -length / bend if bend > 0 else -1 / EPS
    jump = zero - 2 * alpha * r + alpha**2 * v - two
    furthest = float(np.abs(jump).max())
    return np.asarray(two + jump * min(1.0, REACH / furthest if furthest > 0 else 1.0))


def _logs(theta: Theta) -> Array:
    return np.log([theta.sigma_beta2, theta.sigma_e2])


def _with_best_w(form: SpectralForm, sigma_beta2: float, sigma_e2: float) -> Theta:
    """Return the parameters with generalised least squares w at these variances."""
    w = gls(form, 1 / (sigma_beta2 * form.eigvals + sigma_e2))
    return Theta(w, sigma_beta2, sigma_e2)
