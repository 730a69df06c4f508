"""EM with the exact posterior of beta, every iteration O(n c) on the spectral form.

Model y = Z w + X beta + e; `docs/model.md`, sections 4, 5, 6 and 7. SQUAREM extrapolates the map
of the expansion y = Z w + gamma X beta + e, folded back as sigma_beta2 <- gamma^2 sigma_beta2.
"""

from dataclasses import dataclass

import numpy as np

from mixedmodel.model.ascent import ascend
from mixedmodel.model.certificate import certify
from mixedmodel.model.curvature import Prospect, local_model, prospect
from mixedmodel.model.likelihood import LOG_2PI
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import TOLERANCE, Array, Fit, Scheme, Theta


@dataclass(frozen=True)
class ExactPosterior:
    """The E-step at ``theta``: what the M-step needs of beta | y ~ N(mu, Gamma).

    objective    log-likelihood (nats), which the same numbers give
    fitted       (m,) U'X mu
    mean_norm2   ||mu||^2
    trace        tr(Gamma)
    trace_fitted tr(X Gamma X')
    """

    theta: Theta
    objective: float
    fitted: Array
    mean_norm2: float
    trace: float
    trace_fitted: float

    @property
    def loglik(self) -> float:
        """The objective of EM is the log-likelihood."""
        return self.objective


@dataclass(frozen=True)
class ExactEM:
    """EM over the spectral form; ``expanded`` chooses the parameter-expanded M-step."""

    form: SpectralForm
    expanded: bool = False

    def start(self, theta: Theta) -> ExactPosterior:
        """Do the E-step at ``theta``."""
        return self.expect(theta)

    def solve(self, theta: Theta) -> ExactPosterior:
        """Do the E-step at ``theta``; it has no more to it."""
        return self.expect(theta)

    def step(self, state: ExactPosterior) -> ExactPosterior:
        """Do one M-step and the E-step at its result: one map evaluation."""
        return self.expect(self.maximise(state))

    def prospect(self, state: ExactPosterior) -> Prospect:
        """Return what the local quadratic model still predicts."""
        return prospect(local_model(self.form, state.theta, penalised=False))

    def expect(self, theta: Theta) -> ExactPosterior:
        """Return the posterior moments and the log-likelihood at ``theta``.

        U'X mu = shrink r, ||mu||^2 = sigma_beta2 sum shrink r^2 / v,
        tr Gamma = sigma_beta2 (p - sum shrink), tr(X Gamma X') = sigma_e2 sum shrink,
        with v = sigma_beta2 lambda + sigma_e2 and shrink = sigma_beta2 lambda / v.
        """
        form = self.form
        v = theta.sigma_beta2 * form.eigvals + theta.sigma_e2
        r = form.Uty - form.UtQ @ theta.w
        scaled = r / v
        shrink = theta.sigma_beta2 * form.eigvals / v
        shrunk = float(shrink.sum())
        log_det = float(np.log(v).sum()) + form.n_null * float(np.log(theta.sigma_e2))
        fitted = shrink * r
        return ExactPosterior(
            theta=theta,
            objective=-0.5 * (form.n * LOG_2PI + log_det + float(r @ scaled)),
            fitted=fitted,
            mean_norm2=theta.sigma_beta2 * float(fitted @ scaled),
            trace=theta.sigma_beta2 * (form.p - shrunk),
            trace_fitted=theta.sigma_e2 * shrunk,
        )

    def maximise(self, state: ExactPosterior) -> Theta:
        """Return the M-step: least squares for w (and gamma), mean squares for the variances."""
        form = self.form
        gamma = self._expansion(state) if self.expanded else 1.0
        target = form.Uty - gamma * state.fitted
        w = target @ form.UtQ
        residual = target - form.UtQ @ w
        return Theta(
            w=w,
            sigma_beta2=gamma**2 * (state.mean_norm2 + state.trace) / form.p,
            sigma_e2=(float(residual @ residual) + gamma**2 * state.trace_fitted) / form.n,
        )

    def _expansion(self, state: ExactPosterior) -> float:
        """Return gamma, jointly optimal with w: a'My / (a'Ma + tr(X Gamma X')), a = X mu."""
        form = self.form
        projected = state.fitted - form.UtQ @ (state.fitted @ form.UtQ)
        norm2 = float(projected @ state.fitted) + state.trace_fitted
        return float(projected @ form.Uty) / norm2 if norm2 > 0 else 1.0


def fit_em(
    form: SpectralForm, scheme: Scheme, *, max_iter: int, tolerance: float = TOLERANCE
) -> Fit:
    """Maximise the log-likelihood and have the result certified.

    ``max_iter`` counts map evaluations, ``tolerance`` is a predicted gain in nats.
    """
    found = ascend(
        ExactEM(form, expanded=scheme != "plain"),
        form,
        scheme,
        penalised=False,
        tolerance=tolerance,
        max_evaluations=max_iter,
    )
    state = found.path.state
    return Fit(
        method="EM",
        theta=state.theta,
        loglik=state.loglik,
        elbo=None,
        stop=found.stop,
        trace=found.path.trace(scheme, bound=False),
        certificate=certify(form, state.theta, state.loglik, penalised=False),
        others=found.others,
    )
