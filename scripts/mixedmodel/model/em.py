"""EM with the exact posterior of beta, every iteration O(n c) on the spectral form.

Model y = Z w + X beta + e; `docs/model.md`, sections 4, 5, 6 and 7. SQUAREM extrapolates the map
of the expansion y = Z w + gamma X beta + e, folded back as sigma_beta2 <- gamma^2 sigma_beta2.
"""

from dataclasses import dataclass

from mixedmodel.model.ascent import ascend
from mixedmodel.model.certificate import certify
from mixedmodel.model.curvature import Prospect, local_model, prospect
from mixedmodel.model.effects import exact_effects
from mixedmodel.model.iterate import Limits
from mixedmodel.model.likelihood import LOG_2PI
from mixedmodel.model.method import Counted, Fit, Fitted, Method
from mixedmodel.model.mstep import Moments, m_step
from mixedmodel.model.penalty import NONE
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import TOLERANCE, Scheme, Theta


@dataclass(frozen=True)
class ExactPosterior:
    """The E-step at ``theta``: what the M-step needs of beta | y ~ N(mu, Gamma).

    objective  log-likelihood (nats), which the same numbers give
    moments    of mu and Gamma, with U'X mu (m,)
    """

    theta: Theta
    objective: float
    moments: Moments

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
        return prospect(local_model(self.form, state.theta, NONE))

    def expect(self, theta: Theta) -> ExactPosterior:
        """Return the posterior moments and the log-likelihood at ``theta``.

        U'X mu = shrink r, ||mu||^2 = sigma_beta2 sum shrink r^2 / v,
        tr Gamma = sigma_beta2 (p - tr shrink), tr(X Gamma X') = sigma_e2 tr shrink,
        with v = sigma_beta2 lambda + sigma_e2 and shrink = sigma_beta2 lambda / v.
        """
        form = self.form
        v = theta.sigma_beta2 * form.eigvals + theta.sigma_e2
        r = form.Uty - form.UtQ @ theta.w
        scaled = r / v
        fitted = theta.sigma_beta2 * form.eigvals / v * r
        shrunk = theta.ratio * form.spectrum.power_sum(theta.ratio, 1)
        return ExactPosterior(
            theta=theta,
            objective=-0.5 * (form.n * LOG_2PI + form.spectrum.log_det(theta) + float(r @ scaled)),
            moments=Moments(
                fitted=fitted,
                mean_norm2=theta.sigma_beta2 * float(fitted @ scaled),
                trace=theta.sigma_beta2 * (form.p - shrunk),
                trace_fitted=theta.sigma_e2 * shrunk,
            ),
        )

    def maximise(self, state: ExactPosterior) -> Theta:
        """Return the M-step."""
        form = self.form
        theta, _ = m_step(
            form.Uty, form.UtQ, state.moments, n=form.n, p=form.p, expanded=self.expanded
        )
        return theta


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
        penalty=NONE,
        limits=Limits(tolerance, max_iter),
    )
    state = found.path.state
    return Fit(
        method=EM,
        penalty=NONE,
        theta=state.theta,
        loglik=state.loglik,
        objective=state.objective,
        stop=found.stop,
        trace=found.path.trace(scheme),
        certificate=certify(form, state.theta, state.objective, NONE),
        others=found.others,
    )


@dataclass(frozen=True)
class ExactFitter:
    """EM on the rows of one table."""

    counted: Counted

    def fit(self, scheme: Scheme, *, max_iter: int, tolerance: float = TOLERANCE) -> Fitted:
        """Maximise the log-likelihood; the effects cost a pass over X."""
        form, X = self.counted.form, self.counted.rows.X
        fit = fit_em(form, scheme, max_iter=max_iter, tolerance=tolerance)
        return Fitted(fit, lambda: exact_effects(form, fit.theta, X))


EM = Method("em", "EM", is_exact=True, prepare=ExactFitter)
