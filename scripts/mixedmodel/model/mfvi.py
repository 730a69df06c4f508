"""Mean-field variational inference: q(beta) = prod_j N(m_j, s_j) by coordinate sweeps.

Model y = Z w + X beta + e; `docs/model.md`, sections 7, 9, 10 and 11. The updates of all m_j in
turn are a Gauss-Seidel sweep, and within a block B of columns one triangular solve for the change
dm of its means, (tril(X_B'X_B) + k I) dm = X_B' residual - k m_B with k = sigma_e2/sigma_beta2, so
that it runs at BLAS speed. Where SQUAREM extrapolates, the end of the sweeps, which is the exact
posterior mean, takes their place.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg
from scipy.linalg.blas import dtrsv

from mixedmodel.model.ascent import ascend
from mixedmodel.model.certificate import certify
from mixedmodel.model.curvature import Prospect, local_model, prospect
from mixedmodel.model.design import Design
from mixedmodel.model.iterate import Limits
from mixedmodel.model.likelihood import LOG_2PI, loglik
from mixedmodel.model.method import BLOCK, Counted, Fit, Fitted, Method
from mixedmodel.model.mstep import Moments, m_step
from mixedmodel.model.penalty import MEAN_FIELD, log_dets
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import TOLERANCE, Array, Effects, Scheme, Theta


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

    ``form`` is its spectral form. ``lower`` holds, for each block of X, tril(X_B'X_B) of the
    columns B that one triangular solve updates: at most ``width`` of them, of one block of X.
    """

    form: SpectralForm
    Q: Array
    X: Design
    width: int
    lower: tuple[tuple[Array, ...], ...]

    @classmethod
    def prepare(cls, form: SpectralForm, Z: Array, X: Design, *, block: int = BLOCK) -> "Sweeps":
        """Cut X (n, p) into pieces of ``block`` columns; Z (n, c) enters as Q = Z R^-1."""
        Q = linalg.solve_triangular(form.R, Z.T, trans="T").T if form.c else Z
        lower = tuple(
            tuple(np.asfortranarray(np.tril(B.T @ B)) for B in _pieces(columns, block))
            for _, columns in X.blocks()
        )
        return cls(form, Q, X, block, lower)

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

        mu = sigma_beta2 X'U (r / v), at the cost of a sweep.
        """
        form = self.form
        v = theta.sigma_beta2 * form.eigvals + theta.sigma_e2
        scores = theta.sigma_beta2 * ((form.Uty - form.UtQ @ theta.w) / v)[: form.rank]
        weights = form.U[:, : form.rank] @ scores
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
        explained = theta.ratio * form.col_norms2
        explained /= 1 + explained
        moments = Moments(
            fitted=state.fitted,
            mean_norm2=float(state.mean @ state.mean),
            trace=theta.sigma_beta2 * (form.p - float(explained.sum())),
            trace_fitted=theta.sigma_e2 * float(explained.sum()),
        )
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
        X' V^-1 X): what the ELBO gains if the sweeps are carried to their end.
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
        inner = float(rho @ rho) - theta.sigma_beta2 * float(rotated @ (rotated / v))
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


def factorised_variances(form: SpectralForm, theta: Theta) -> Array:
    """Return s_j = 1 / (d_j/sigma_e2 + 1/sigma_beta2), the best q(beta) has, (p,)."""
    return theta.sigma_beta2 / (1 + theta.ratio * form.col_norms2)


def fit_mfvi(
    sweeps: Sweeps, scheme: Scheme, *, max_iter: int, tolerance: float = TOLERANCE
) -> tuple[Fit, Effects]:
    """Maximise the ELBO; return the certified fit and its q(beta).

    ``max_iter`` counts sweeps, ``tolerance`` is a predicted gain in nats. The final bound is
    evaluated afresh from the means.
    """
    form = sweeps.form
    found = ascend(
        MeanField(sweeps, expanded=scheme != "plain"),
        form,
        scheme,
        penalty=MEAN_FIELD,
        limits=Limits(tolerance, max_iter),
    )
    state = found.path.state
    residual = sweeps.form.residual - sweeps.Q @ state.theta.w - sweeps.X.dot(state.mean)
    bound = elbo(form, state.theta, state.mean, residual)
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
    )
    return fit, Effects(state.mean, factorised_variances(form, state.theta))


@dataclass(frozen=True)
class MeanFieldFitter:
    """Mean field on the rows of one table."""

    sweeps: Sweeps

    @classmethod
    def on(cls, counted: Counted) -> "MeanFieldFitter":
        """Make the blocks of X ready for sweeps."""
        rows = counted.rows
        return cls(Sweeps.prepare(counted.form, rows.Z, rows.X, block=counted.block))

    def fit(self, scheme: Scheme, *, max_iter: int, tolerance: float = TOLERANCE) -> Fitted:
        """Maximise the ELBO."""
        fit, effects = fit_mfvi(self.sweeps, scheme, max_iter=max_iter, tolerance=tolerance)
        return Fitted(fit, lambda: effects)


MFVI = Method("mfvi", "MFVI", is_exact=False, prepare=MeanFieldFitter.on)
