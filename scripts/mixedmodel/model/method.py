"""A method is an objective, the moments of its q(beta), how it iterates, and its certificate.

The objective is the log-likelihood of y = Z w + X beta + e less a penalty on the variance ratio,
which also certifies it; moments and iteration are an algorithm of ``iterate`` (`docs/model.md`,
section 1). Each method is defined in a file of its own and named in ``methods``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mixedmodel.model.contrasts import Rows
from mixedmodel.model.penalty import Penalty
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import (
    Certificate,
    Effects,
    EStep,
    LocalMaximum,
    Scheme,
    Stop,
    Theta,
    Trace,
)

BLOCK = 128  # columns of X updated by one triangular solve, where nothing else is asked for


@dataclass(frozen=True)
class Method:
    """What a method is called and how it begins.

    key       of its folder, its columns and its settings
    name      as people read it
    is_exact  whether its objective is the log-likelihood itself
    prepare   made ready for the ``Counted`` rows of a table
    """

    key: str
    name: str
    is_exact: bool
    prepare: Callable[["Counted"], "Fitter"]


@dataclass(frozen=True)
class Counted:
    """The rows that the likelihood counts, rotated, and how mean field does its E-step.

    block   columns that a sweep takes at once
    e_step  None: by sweeps where X is held in memory, solved where it is not
    """

    form: SpectralForm
    rows: Rows
    block: int = BLOCK
    e_step: EStep | None = None


class Fitter(Protocol):
    """A method on the rows of one table."""

    def fit(self, scheme: Scheme, *, max_iter: int, tolerance: float) -> "Fitted":
        """Maximise the objective; ``max_iter`` map evaluations, ``tolerance`` in nats of gain."""


@dataclass(frozen=True)
class Fit:
    """A fitted model: where one scheme arrived, how, and what the certificate says.

    ``objective`` (nats) is the log-likelihood, or the bound (ELBO) of an approximation: at the best
    q(beta) the log-likelihood less the ``penalty``. ``others`` are lower maxima, at which the
    iterations ended from other starting points.
    """

    method: Method
    penalty: Penalty
    theta: Theta
    loglik: float
    objective: float
    stop: Stop
    trace: Trace
    certificate: Certificate
    others: tuple[LocalMaximum, ...] = ()
    e_step: EStep | None = None  # of mean field

    @property
    def n_iter(self) -> int:
        """Iterations taken: rows of the trace after the start."""
        return len(self.trace.loglik) - 1


@dataclass(frozen=True)
class Fitted:
    """A fit with the moments of its q(beta), found when they are asked for."""

    fit: Fit
    effects: Callable[[], Effects]
