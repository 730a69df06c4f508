"""Numbers of one table to put into the formulas of the derivations, each found on its own way.

Model y = Z w + X beta + e; `docs/model.md`, sections 4 to 7, 9 to 13 and 18. A check is of use only
if its two sides are not the same computation: sums over coefficients come from the columns of X,
sums over the spectrum from its eigenvalues, and M-steps from the code that iterates.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mixedmodel.model.design import Design
from mixedmodel.model.factors import factorised_variances
from mixedmodel.model.likelihood import LOG_2PI, profile
from mixedmodel.model.mstep import Moments, m_step
from mixedmodel.model.penalty import MEAN_FIELD
from mixedmodel.model.results import (
    Estimates,
    Method,
    Worked,
    WorkedBound,
    WorkedCoefficient,
    WorkedExpansion,
    WorkedSpectrum,
    WorkedStep,
)
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array, Effects, Theta


@dataclass(frozen=True)
class Worker:
    """A fit with mean and variances (p,) of its q(beta); ``X`` (n, p) has the rows that count."""

    form: SpectralForm
    theta: Theta
    mean: Array
    variance: Array
    X: Design

    @property
    def v(self) -> Array:
        """The eigenvalues (m,) of V."""
        return self.theta.sigma_beta2 * self.form.eigvals + self.theta.sigma_e2

    @property
    def r(self) -> Array:
        """The rotated response less the fixed effects (m,)."""
        return self.form.Uty - self.form.UtQ @ self.theta.w

    @cached_property
    def fitted(self) -> Array:
        """Return U'X m (m,) from the means themselves."""
        found = np.zeros(len(self.form.eigvals))
        found[: self.form.U.shape[1]] = self.form.U.T @ self.X.dot(self.mean)
        return found


def work(
    form: SpectralForm,
    fits: Mapping[Method, Estimates],
    posterior: Mapping[Method, Effects],
    X: Design,
    names: tuple[str, ...],
) -> Worked:
    """Return the numbers to check formulas by.

    None what needs a variance component that is 0 or unknown, or posterior variances withheld.
    """
    known = {key: _known(form, fit, posterior[key], X) for key, fit in fits.items()}
    return work_at(known["em"], known["mfvi"], names)


def _known(form: SpectralForm, fit: Estimates, effects: Effects, X: Design) -> Worker | None:
    if fit.certificate.flat or fit.certificate.unbounded or effects.variance is None:
        return None
    return Worker(form, fit.theta(form), effects.mean, effects.variance, X)


def work_at(em: Worker | None, mfvi: Worker | None, names: tuple[str, ...]) -> Worked:
    """Return the numbers at the parameters of two fits, None what has no parameters."""
    em_inside, mfvi_inside = (
        fit if fit is not None and fit.theta.sigma_beta2 > 0 else None for fit in (em, mfvi)
    )
    return Worked(
        spectrum=_spectrum(em) if em else None,
        coefficient=_coefficient(em_inside, names) if em_inside else None,
        em=_exact_step(em_inside) if em_inside else None,
        expansion=_expansion(em_inside) if em_inside else None,
        mfvi=_factorised_step(mfvi_inside) if mfvi_inside else None,
        bound=_bound(mfvi_inside) if mfvi_inside else None,
    )


def _spectrum(fit: Worker) -> WorkedSpectrum:
    form, theta, v = fit.form, fit.theta, fit.v
    found = profile(form, theta.ratio)
    reached = theta.sigma_beta2 * theta.sigma_e2 / v[: form.rank]
    return WorkedSpectrum(
        log_det=float(np.log(v).sum()) + (form.n - len(v)) * float(np.log(theta.sigma_e2)),
        quadratic=float(fit.r @ (fit.r / v)),
        reached=float(reached.sum()),
        log_det_ratio=float(np.log1p(theta.ratio * form.eigvals).sum()),
        s=found.theta.sigma_e2,
        profile=found.loglik,
        penalty=MEAN_FIELD.value(form, theta.ratio),
    )


def _coefficient(fit: Worker, names: tuple[str, ...]) -> WorkedCoefficient:
    """Return the coefficient whose mean is farthest from 0."""
    form, theta, rank = fit.form, fit.theta, fit.form.rank
    j = int(np.argmax(np.abs(fit.mean)))
    x = form.U[:, :rank].T @ fit.X.columns(np.arange(form.p) == j).whole()[:, 0]
    residual = (fit.r - fit.fitted)[:rank]
    norm2, variance = float(form.col_norms2[j]), float(fit.variance[j])
    inner = float(x @ (x / fit.v[:rank]))
    return WorkedCoefficient(
        name=names[j],
        norm2=norm2,
        response=float(x @ fit.r[:rank]),
        residual=float(x @ residual),
        inner=inner,
        mean=float(fit.mean[j]),
        variance=variance,
        factorised=float(factorised_variances(form, theta)[j]),
        others=theta.sigma_beta2 * theta.sigma_e2 * inner - norm2 * variance,
    )


def _exact_trace(fit: Worker) -> float:
    """Return tr(X Gamma X')."""
    theta = fit.theta
    return float((theta.sigma_beta2 * theta.sigma_e2 * fit.form.eigvals / fit.v).sum())


def _exact_step(fit: Worker) -> WorkedStep:
    return _step(fit, fit.variance, _exact_trace(fit))


def _factorised_step(fit: Worker) -> WorkedStep:
    variances = factorised_variances(fit.form, fit.theta)
    return _step(fit, variances, float(fit.form.col_norms2 @ variances))


def _step(fit: Worker, variances: Array, trace_fitted: float) -> WorkedStep:
    """Return the moments of q(beta) and the plain M-step from them."""
    form, fitted = fit.form, fit.fitted
    norm2, trace = float(fit.mean @ fit.mean), float(variances.sum())
    moments = Moments(fitted, norm2, trace, trace_fitted)
    theta, _ = m_step(form.Uty, form.UtQ, moments, n=form.n, p=form.p, expanded=False)
    residual = form.Uty - form.UtQ @ theta.w - fitted
    return WorkedStep(
        residual2=float(residual @ residual),
        trace_fitted=trace_fitted,
        mean_norm2=norm2,
        trace=trace,
        sigma_beta2=theta.sigma_beta2,
        sigma_e2=theta.sigma_e2,
    )


def _expansion(fit: Worker) -> WorkedExpansion:
    """Return what gamma of the expanded M-step is a ratio of."""
    form, fitted, trace = fit.form, fit.fitted, _exact_trace(fit)
    free = fitted - form.UtQ @ (fitted @ form.UtQ)
    moments = Moments(fitted, 0.0, 0.0, trace)
    _, gamma = m_step(form.Uty, form.UtQ, moments, n=form.n, p=form.p, expanded=True)
    return WorkedExpansion(float(free @ form.Uty), float(free @ fitted), gamma)


def _bound(fit: Worker) -> WorkedBound:
    """Return the terms of the ELBO (nats) at the parameters of the fit."""
    form, theta, mean = fit.form, fit.theta, fit.mean
    variances = factorised_variances(form, theta)
    residual = fit.r - fit.fitted
    square = float(residual @ residual) + float(form.col_norms2 @ variances)
    norm2 = float(mean @ mean) + float(variances.sum())
    return WorkedBound(
        likelihood=-0.5 * form.n * (LOG_2PI + float(np.log(theta.sigma_e2)))
        - square / (2 * theta.sigma_e2),
        prior=-0.5 * form.p * (LOG_2PI + float(np.log(theta.sigma_beta2)))
        - norm2 / (2 * theta.sigma_beta2),
        entropy=0.5 * (form.p * (LOG_2PI + 1) + float(np.log(variances).sum())),
    )
