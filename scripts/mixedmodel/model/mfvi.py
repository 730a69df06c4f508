"""Mean-field variational inference: q(beta) = prod_j N(m_j, s_j) by coordinate sweeps.

Model y = Z w + X beta + e; `docs/model.md`, sections 7, 9, 10 and 11. The updates of all m_j in
turn are a Gauss-Seidel sweep, and within a block B of columns one triangular solve for the change
dm of its means, (tril(X_B'X_B) + k I) dm = X_B' residual - k m_B with k = sigma_e2/sigma_beta2, so
that it runs at BLAS speed. Where SQUAREM extrapolates, the end of the sweeps, which is the exact
posterior mean, takes their place; ``solved`` takes it at every E-step.
"""

import logging
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg
from scipy.linalg.blas import dtrsv

from mixedmodel.model.ascent import Ascent, ascend
from mixedmodel.model.certificate import certify
from mixedmodel.model.curvature import Prospect, local_model, prospect
from mixedmodel.model.design import Design
from mixedmodel.model.factors import factorised_traces, factorised_variances
from mixedmodel.model.iterate import Limits, S
from mixedmodel.model.likelihood import LOG_2PI, loglik
from mixedmodel.model.method import BLOCK, Counted, Fit, Fitted, Method
from mixedmodel.model.mstep import Moments, m_step
from mixedmodel.model.penalty import MEAN_FIELD, log_dets
from mixedmodel.model.solved import SolvedMeanField
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import TOLERANCE, Array, Effects, EStep, Scheme, Theta

logger = logging.getLogger(__name__)

E_STEPS: dict[EStep, str] = {
    "sweep": "the E-step of mean field is a sweep over all coefficients",
    "solved": "the E-step of mean field is solved on the spectrum, where sweeps would end",
}


@dataclass(frozen=True)
class FactorisedPosterior:
    """q(beta) after a sweep at ``theta``; its variances s_j are the optimal ones there.

    objective  ELBO (nats)
    loglik     exact log-likelihood at the same parameters (nats)
    mean       (p,) m
    fitted     (n,) X m
    """

    theta: Theta
    objective: float
    loglik: float
    mean: Array
    fitted: Array


@dataclass(frozen=True)
class Sweeps:
    """The table as the sweeps need it: orthonormal Q (n, c), X (n, p) and, in ``form``, y.

    ``form`` is its spectral form, ``width`` how many columns one triangular solve updates at most.
    """

    form: SpectralForm
    Q: Array
    X: Design
    width: int

    @classmethod
    def prepare(cls, form: SpectralForm, Z: Array, X: Design, *, block: int = BLOCK) -> "Sweeps":
        """Cut X (n, p) into pieces of ``block`` columns; Z (n, c) enters as Q = Z R^-1."""
        Q = linalg.solve_triangular(form.R, Z.T, trans="T").T if form.c else Z
        return cls(form, Q, X, block)

    @cached_property
    def lower(self) -> tuple[tuple[Array, ...], ...]:
        """tril(X_B'X_B) of the columns B that are updated together, for each block of X."""
        return tuple(
            tuple(np.asfortranarray(np.tril(B.T @ B)) for B in _pieces(columns, self.width))
            for _, columns in self.X.blocks()
        )

    def sweep(self, theta: Theta, mean: Array, fitted: Array) -> tuple[Array, Array]:
        """Update every m_j in turn at ``theta``; return the new m (p,) and X m (n,).

        The system is multiplied by q = 1/k, so that q = 0 is a number like any other.
        """
        mean, target = mean.copy(), self.form.residual - self.Q @ theta.w
        residual = target - fitted
        for (place, block), triangles in zip(self.X.blocks(), self.lower, strict=True):
            means = _pieces(mean[None, place], self.width)
            for columns, m, lower in zip(_pieces(block, self.width), means, triangles, strict=True):
                system = np.multiply(lower, theta.ratio, order="F")
                system.ravel(order="K")[:: len(system) + 1] += 1
                pull = theta.ratio * (columns.T @ residual) - m[0]
                change = dtrsv(system, pull, lower=1)
                m += change
                residual -= columns @ change
        return mean, target - residual

    def solved(self, theta: Theta) -> tuple[Array, Array]:
        """Return the m (p,) at which sweeps at ``theta`` would end, and X m (n,).

        mu = sigma_beta2 X'V^-1 (y - Zw), at the cost of a sweep.
        """
        form = self.form
        weights = theta.sigma_beta2 * form.weights(theta)
        mean, fitted = np.empty(form.p), np.zeros(form.n)
        for columns, block in self.X.blocks():
            mean[columns] = weights @ block
            fitted += block @ mean[columns]
        return mean, fitted


@dataclass(frozen=True)
class MeanField:
    """Sweeps and M-steps in turn; ``expanded`` chooses the parameter-expanded M-step."""

    sweeps: Sweeps
    expanded: bool = False

    def start(self, theta: Theta) -> FactorisedPosterior:
        """Sweep once from m = 0 at ``theta``."""
        form = self.sweeps.form
        return self._expect(theta, np.zeros(form.p), np.zeros(form.n))

    def solve(self, theta: Theta) -> FactorisedPosterior:
        """Return the q(beta) that sweeps at ``theta`` would end at: its means are mu."""
        return self._evaluate(theta, *self.sweeps.solved(theta))

    def step(self, state: FactorisedPosterior) -> FactorisedPosterior:
        """Do one M-step and one sweep at its result: one map evaluation."""
        theta, gamma = self.maximise(state)
        return self._expect(theta, gamma * state.mean, gamma * state.fitted)

    def prospect(self, state: FactorisedPosterior) -> Prospect:
        """Return what is still predicted: the gain of the means, and that of the parameters."""
        ahead = prospect(local_model(self.sweeps.form, state.theta, MEAN_FIELD))
        return Prospect(self.mean_gain(state) + ahead.gain, ahead.step)

    def maximise(self, state: FactorisedPosterior) -> tuple[Theta, float]:
        """Return the M-step and the expansion gamma by which the means are to be multiplied."""
        sweeps, form, theta = self.sweeps, self.sweeps.form, state.theta
        trace, trace_fitted = factorised_traces(form, theta)
        moments = Moments(state.fitted, float(state.mean @ state.mean), trace, trace_fitted)
        return m_step(form.residual, sweeps.Q, moments, n=form.n, p=form.p, expanded=self.expanded)

    def _expect(self, theta: Theta, mean: Array, fitted: Array) -> FactorisedPosterior:
        """Sweep once at ``theta`` and evaluate the bound there."""
        return self._evaluate(theta, *self.sweeps.sweep(theta, mean, fitted))

    def _evaluate(self, theta: Theta, mean: Array, fitted: Array) -> FactorisedPosterior:
        """Return q(beta) with these means (p,), X m (n,) and its bound at ``theta``."""
        sweeps = self.sweeps
        residual = sweeps.form.residual - sweeps.Q @ theta.w - fitted
        return FactorisedPosterior(
            theta=theta,
            objective=elbo(sweeps.form, theta, mean, residual),
            loglik=loglik(sweeps.form, theta),
            mean=mean,
            fitted=fitted,
        )

    def mean_gain(self, state: FactorisedPosterior) -> float:
        """Return 1/2 (mu - m)' Gamma^-1 (mu - m) = 1/2 rho' Gamma rho (nats).

        rho = X'(y - Qw - Xm)/sigma_e2 - m/sigma_beta2 and Gamma = sigma_beta2 (I - sigma_beta2
        X' V^-1 X): what the ELBO gains if the sweeps are carried to their end. Where V^-1 is known
        on y and Z only, Gamma is taken for sigma_beta2 I, which is larger.
        """
        sweeps, form, theta = self.sweeps, self.sweeps.form, state.theta
        if theta.sigma_beta2 == 0:
            return 0.0
        residual = sweeps.form.residual - sweeps.Q @ theta.w - state.fitted
        rho, fitted = np.empty(form.p), np.zeros(form.n)
        for columns, block in sweeps.X.blocks():
            rho[columns] = residual @ block / theta.sigma_e2
            rho[columns] -= state.mean[columns] / theta.sigma_beta2
            fitted += block @ rho[columns]
        rotated = fitted @ form.U
        v = theta.sigma_beta2 * form.eigvals[: len(rotated)] + theta.sigma_e2
        known = float(rotated @ (rotated / v)) if form.is_exact else 0.0
        inner = float(rho @ rho) - theta.sigma_beta2 * known
        return 0.5 * theta.sigma_beta2 * max(inner, 0.0)


def _pieces(columns: Array, width: int) -> list[Array]:
    """Cut columns (n, k) into views of at most ``width`` of them."""
    return [columns[:, start : start + width] for start in range(0, columns.shape[1], width)]


def elbo(form: SpectralForm, theta: Theta, mean: Array, residual: Array) -> float:
    """Return the bound (nats) at means ``mean`` (p,), with the s_j optimal for ``theta``.

    ``residual`` (n,) is y - Zw - Xm. At those s_j the terms in s_j sum to p/2 and cancel the
    entropy's constant:  -n/2 log(2 pi sigma_e2) - ||residual||^2 / (2 sigma_e2)
    - ||m||^2 / (2 sigma_beta2) - 1/2 sum log(1 + q d_j).
    """
    misfit = float(residual @ residual) / theta.sigma_e2
    shrinkage = float(mean @ mean) / theta.sigma_beta2 if theta.sigma_beta2 > 0 else 0.0
    constant = form.n * (LOG_2PI + float(np.log(theta.sigma_e2)))
    return -0.5 * (constant + misfit + shrinkage) - log_dets(form, theta.ratio)[0]


def fit_mfvi(
    sweeps: Sweeps,
    scheme: Scheme,
    *,
    max_iter: int,
    tolerance: float = TOLERANCE,
    e_step: EStep = "sweep",
) -> tuple[Fit, Effects]:
    """Maximise the ELBO; return the certified fit and its q(beta).

    ``max_iter`` counts E-steps, ``tolerance`` is a predicted gain in nats. The final bound is
    evaluated afresh from the means.
    """
    form, expanded, limits = sweeps.form, scheme != "plain", Limits(tolerance, max_iter)
    if e_step == "sweep":
        field = MeanField(sweeps, expanded)
        swept = ascend(field, form, scheme, penalty=MEAN_FIELD, limits=limits)
        return _arrived(sweeps, scheme, swept, swept.path.state.mean, e_step)
    closed = SolvedMeanField(form, expanded)
    solved = ascend(closed, form, scheme, penalty=MEAN_FIELD, limits=limits)
    mean, _ = sweeps.solved(solved.path.state.theta)
    return _arrived(sweeps, scheme, solved, mean, e_step)


def _arrived(
    sweeps: Sweeps, scheme: Scheme, found: Ascent[S], mean: Array, e_step: EStep
) -> tuple[Fit, Effects]:
    """Return the fit at which an ascent ended with ``mean`` (p,), certified."""
    form, state = sweeps.form, found.path.state
    residual = form.residual - sweeps.Q @ state.theta.w - sweeps.X.dot(mean)
    bound = elbo(form, state.theta, mean, residual)
    fit = Fit(
        method=MFVI,
        penalty=MEAN_FIELD,
        theta=state.theta,
        loglik=state.loglik,
        objective=bound,
        stop=found.stop,
        trace=found.path.trace(scheme),
        certificate=certify(form, state.theta, bound, MEAN_FIELD),
        others=found.others,
        e_step=e_step,
    )
    return fit, Effects(mean, factorised_variances(form, state.theta))


@dataclass(frozen=True)
class MeanFieldFitter:
    """Mean field on the rows of one table."""

    sweeps: Sweeps
    e_step: EStep

    @classmethod
    def on(cls, counted: Counted) -> "MeanFieldFitter":
        """Make ready for sweeps, and choose the E-step where nothing is asked for."""
        rows = counted.rows
        sweeps = Sweeps.prepare(counted.form, rows.Z, rows.X, block=counted.block)
        chosen: EStep = "sweep" if rows.X.is_held else "solved"
        logger.info(E_STEPS[counted.e_step or chosen])
        return cls(sweeps, counted.e_step or chosen)

    def fit(self, scheme: Scheme, *, max_iter: int, tolerance: float = TOLERANCE) -> Fitted:
        """Maximise the ELBO."""
        fit, effects = fit_mfvi(
            self.sweeps, scheme, max_iter=max_iter, tolerance=tolerance, e_step=self.e_step
        )
        return Fitted(fit, lambda: effects)


MFVI = Method("mfvi", "MFVI", is_exact=False, prepare=MeanFieldFitter.on)
