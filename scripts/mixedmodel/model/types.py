"""Parameters and results of the model y = Z w + X beta + e, as frozen dataclasses.

beta ~ N(0, sigma_beta2 I_p) and e ~ N(0, sigma_e2 I_n). Variances are in squared
units of y (``sigma_beta2`` per squared unit of X); objectives are in nats.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Scheme = Literal["plain", "px", "squarem"]
Likelihood = Literal["ml", "reml"]
SpectralMethod = Literal["exact", "krylov"]
EStep = Literal["sweep", "solved"]  # of mean field
NORMAL_95 = 1.959963984540054  # two-sided 95% quantile of the standard normal
TOLERANCE = 1e-10  # nats of predicted gain at which the iterations stop
SOLVED = 1e-7  # relative residual at which equations count as solved
SHORTFALL = 1e-6  # nats; a fit this close to the optimum is certified


@dataclass(frozen=True)
class Theta:
    """The parameters: fixed effects ``w (c,)`` and the two variances."""

    w: Array
    sigma_beta2: float
    sigma_e2: float

    @property
    def ratio(self) -> float:
        """The variance ratio q = sigma_beta2 / sigma_e2."""
        return self.sigma_beta2 / self.sigma_e2


class Stop(Enum):
    """Why the iterations ended; the values are the sentences shown to users."""

    CONVERGED = "converged: the gain still predicted is below the tolerance"
    NO_NOISE = "stopped where the noise variance vanishes: Z and X together fit the response"
    MAX_ITER = "reached the iteration limit before converging"


@dataclass(frozen=True)
class Trace:
    """One row an iteration: columns of equal length ``(n_rows,)``.

    ``map_evaluations`` counts the map evaluations (for MFVI: E-steps) spent up to the row;
    ``objective`` is what the method maximises.
    """

    scheme: Scheme
    map_evaluations: NDArray[np.int64]
    loglik: Array
    objective: Array
    sigma_beta2: Array
    sigma_e2: Array


@dataclass(frozen=True)
class Gradient:
    """Derivatives of an objective (nats) in the two variances."""

    sigma_beta2: float
    sigma_e2: float


@dataclass(frozen=True)
class Certificate:
    """What an independent one-dimensional optimisation says of a fit (objectives in nats).

    ``boundary``: the optimum lies at sigma_beta2 = 0; ``noise_boundary``: at sigma_e2 = 0.
    ``flat``: the objective is the same at every variance ratio, so none can be certified.
    ``unbounded``: it grows without bound as sigma_e2 -> 0 and has no maximum before.
    ``score``: of the objective at the reached point.
    """

    certified: bool
    optimum: float
    shortfall: float
    boundary: bool
    noise_boundary: bool
    flat: bool
    unbounded: bool
    optimum_sigma_beta2: float
    optimum_sigma_e2: float
    score: Gradient


@dataclass(frozen=True)
class LocalMaximum:
    """A maximum of the objective (nats) that is not the highest, and its variance ratio."""

    ratio: float
    objective: float


@dataclass(frozen=True)
class Effects:
    """Posterior ``mean (p,)`` and ``variance (p,)`` of each random effect beta_j.

    The exact variances are None where they would take the whole of K.
    """

    mean: Array
    variance: Array | None
