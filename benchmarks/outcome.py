"""What a contender comes to: estimates where it has some, and a remark."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from benchmarks.table import Table

Objective = Literal["ml", "reml", "elbo"]


@dataclass(frozen=True)
class Estimate:
    """Where a contender ended, and what it maximises.

    ``omega`` are the coefficients of Z; None: those of generalised least squares.
    """

    objective: Objective
    sigma_beta2: float
    sigma_e2: float
    omega: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Outcome:
    """What a contender says when it is done; ``peak_mb`` where the work is another program's."""

    remark: str = ""
    estimate: Estimate | None = None
    peak_mb: float | None = None


Work = Callable[[], Outcome]
Prepare = Callable[[Table], Work]  # what comes before the clock starts
