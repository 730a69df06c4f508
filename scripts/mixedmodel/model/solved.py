"""Mean field with its E-step solved: the means that sweeps would end at, as sums over the spectrum.

At given parameters of y = Z w + X beta + e the best q(beta) = prod_j N(m_j, s_j) has the exact
posterior means, m = mu (`docs/model.md`, sections 9 and 11). So an iteration needs neither X nor
the means: X mu and ||mu||^2 are EM's, the traces are those of s_j, and the bound is the
log-likelihood less the penalty.
"""

from dataclasses import dataclass, replace

from mixedmodel.model.curvature import Prospect, local_model, prospect
from mixedmodel.model.em import ExactEM
from mixedmodel.model.factors import factorised_traces
from mixedmodel.model.mstep import Moments, m_step
from mixedmodel.model.penalty import MEAN_FIELD
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Theta


@dataclass(frozen=True)
class SolvedPosterior:
    """The best q(beta) at ``theta``.

    objective  ELBO (nats)
    loglik     exact log-likelihood (nats)
    moments    of q(beta), with U'X mu (m,)
    """

    theta: Theta
    objective: float
    loglik: float
    moments: Moments


@dataclass(frozen=True)
class SolvedMeanField:
    """Solved E-steps and M-steps in turn; ``expanded`` chooses the parameter-expanded M-step."""

    form: SpectralForm
    expanded: bool = False

    def start(self, theta: Theta) -> SolvedPosterior:
        """Do the E-step at ``theta``."""
        return self.solve(theta)

    def solve(self, theta: Theta) -> SolvedPosterior:
        """Return the best q(beta) at ``theta``, O(n + p)."""
        exact = ExactEM(self.form).expect(theta)
        trace, trace_fitted = factorised_traces(self.form, theta)
        return SolvedPosterior(
            theta=theta,
            objective=exact.loglik - MEAN_FIELD.value(self.form, theta.ratio),
            loglik=exact.loglik,
            moments=replace(exact.moments, trace=trace, trace_fitted=trace_fitted),
        )

    def step(self, state: SolvedPosterior) -> SolvedPosterior:
        """Do one M-step and the E-step at its result: one map evaluation."""
        form = self.form
        theta, _ = m_step(
            form.Uty, form.UtQ, state.moments, n=form.n, p=form.p, expanded=self.expanded
        )
        return self.solve(theta)

    def prospect(self, state: SolvedPosterior) -> Prospect:
        """Return what the local quadratic model still predicts; the means have nothing to gain."""
        return prospect(local_model(self.form, state.theta, MEAN_FIELD))
