"""How far from the optimum, in one log-likelihood for all: ours, at what each has found.

Who maximises the likelihood is held to its certified optimum, who maximises the restricted one to
that of the restricted, and mean field to that of its bound.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks.outcome import Estimate, Objective
from mixedmodel.model.certificate import optimum
from mixedmodel.model.contrasts import CONSTANTS, counted_rows
from mixedmodel.model.design import Design
from mixedmodel.model.likelihood import gls, loglik
from mixedmodel.model.penalty import MEAN_FIELD, NONE, Penalty
from mixedmodel.model.spectral import SpectralForm, decompose
from mixedmodel.model.types import Array, Theta

CONVENTIONS: dict[Objective, str] = {
    "ml": f"maximum likelihood; {CONSTANTS['ml']}",
    "reml": f"restricted maximum likelihood; {CONSTANTS['reml']}",
    "elbo": "the bound of mean field at its best q(beta), constants as for maximum likelihood",
}


@dataclass(frozen=True)
class Judge:
    """A table with the spectral forms of both likelihoods."""

    y: Array
    Z: Array
    X: Array

    @cached_property
    def full(self) -> SpectralForm:
        """The form of all rows."""
        return decompose(self.y, self.Z, Design.of(self.X))

    @cached_property
    def restricted(self) -> SpectralForm:
        """The form of the contrasts."""
        rows = counted_rows("reml", self.y, self.Z, Design.of(self.X))
        return decompose(rows.y, rows.Z, rows.X)

    def optimum(self, objective: Objective) -> float:
        """Return the largest value (nats) of an objective."""
        return optimum(*self._held_to(objective)).value

    def shortfall(self, estimate: Estimate) -> float:
        """Return how much (nats) an estimate is below the optimum of what it maximises."""
        form, penalty = self._held_to(estimate.objective)
        ratio = estimate.sigma_beta2 / estimate.sigma_e2
        if estimate.omega is None or not form.c:
            w = gls(form, 1 / (1 + ratio * form.eigvals))
        else:
            w = form.from_omega(np.array(estimate.omega))
        reached = loglik(form, Theta(w, estimate.sigma_beta2, estimate.sigma_e2))
        return self.optimum(estimate.objective) - (reached - penalty.value(form, ratio))

    def _held_to(self, objective: Objective) -> tuple[SpectralForm, Penalty]:
        """Return the form and the penalty of an objective."""
        form = self.restricted if objective == "reml" else self.full
        return form, MEAN_FIELD if objective == "elbo" else NONE
