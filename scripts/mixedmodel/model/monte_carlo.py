"""What random probes leave to chance in a fit: Monte-Carlo standard errors.

The log-likelihood has a trace of the probes in it, 1/2 log|I + q K|, and its maximum in log q moves
by the error of the slope over the curvature. Mean field's bound has no trace in it, so its maximum
does not move (`docs/model.md`, section 23).
"""

from dataclasses import dataclass

import numpy as np

from mixedmodel.model.certificate import optimum
from mixedmodel.model.curvature import local_model
from mixedmodel.model.method import Fit
from mixedmodel.model.penalty import NONE
from mixedmodel.model.results import MonteCarloErrors, Spectral
from mixedmodel.model.sampled import Sampled
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array, Theta


@dataclass(frozen=True)
class Chance:
    """What chance adds at the maximum of the log-likelihood, and how sure the data make it.

    log_ratio        Monte-Carlo standard error of log q, None where it has no curvature
    share            the same as a share of the standard error of log q, which is also PVE's
    """

    log_ratio: float | None
    share: float | None


def chance(form: SpectralForm, sampled: Sampled, theta: Theta) -> Chance:
    """Return what the probes leave to chance in the maximum ``theta`` of the log-likelihood."""
    slope = 0.5 * sampled.standard_error(_shrink(sampled, theta.ratio))
    curvature = _curvature(form, theta)
    if curvature is None:
        return Chance(None, None)
    return Chance(slope / curvature, slope / curvature**0.5)


def log_det_error(sampled: Sampled, ratio: float) -> float:
    """Return the Monte-Carlo standard error of 1/2 log|I + q K| (nats)."""
    return 0.5 * sampled.standard_error(np.log1p(ratio * sampled.nodes))


def largest_share(forms: list[SpectralForm]) -> float:
    """Return the largest share of chance in the standard errors of PVE over some responses."""
    shares = [0.0]
    for form in forms:
        best = optimum(form, NONE)
        if form.sampled and best.theta.ratio > 0 and not (best.noise_boundary or best.flat):
            shares.append(chance(form, form.sampled, best.theta).share or 0.0)
    return max(shares)


def spectral(form: SpectralForm, fit: Fit) -> Spectral:
    """Return how the spectral form of a fit came about and what it leaves to chance."""
    sampled = form.sampled
    if sampled is None:
        return Spectral("exact", *[None] * 8)
    certificate = fit.certificate
    errors = MonteCarloErrors(log_det_error(sampled, fit.theta.ratio), None, None)
    found = Chance(None, None)
    if not fit.method.is_exact:
        found = Chance(0.0, 0.0)
    elif not (certificate.flat or certificate.boundary or certificate.noise_boundary):
        found = chance(form, sampled, fit.theta)
    if found.log_ratio is not None and not certificate.flat:
        ratio, pve = fit.theta.ratio, form.pve(fit.theta.ratio)
        by_pve = pve * (1 - pve) * found.log_ratio
        errors = MonteCarloErrors(errors.loglik, ratio * found.log_ratio, by_pve)
    return Spectral(
        method="krylov",
        vectors=sampled.vectors,
        steps=sampled.steps,
        trace_steps=sampled.trace_steps,
        residual=sampled.residual,
        probes=sampled.probes,
        tolerance=sampled.tolerance,
        share_of_standard_error=found.share,
        monte_carlo_se=errors,
    )


def _shrink(sampled: Sampled, ratio: float) -> Array:
    share = ratio * sampled.nodes
    return np.asarray(share / (1 + share))


def _curvature(form: SpectralForm, theta: Theta) -> float | None:
    """Return minus the second derivative of the profile in log q, None where it isn't positive."""
    information = local_model(form, theta, NONE).observed
    of_scale = float(information.sum())
    determinant = float(np.linalg.det(information))
    return determinant / of_scale if determinant > 0 and of_scale > 0 else None
