"""What to say of fits on the terminal, and what to do where one can't be reported as it is."""

import logging

from mixedmodel.model.method import Fit
from mixedmodel.model.types import SHORTFALL, Stop

logger = logging.getLogger(__name__)

REML = "set `likelihood: reml`, which counts what the fixed effects take"
FLAT = (
    "the two variances cannot be told apart: the objective is the same at every variance ratio, so "
    "variances and PVE are withheld; more rows, fewer fixed effects or other random effects are "
    "needed"
)
UNBOUNDED = (
    "the likelihood grows without bound as sigma_e2 -> 0 and has no maximum: the fixed effects fit "
    "what the random effects leave, as an intercept does where their columns have mean 0; " + REML
)
NO_NOISE = (
    "the objective is highest at sigma_e2 = 0: fixed and random effects together fit the response "
    "without noise, so the variances mean little"
)
LOWER = (
    "the iterations converged to a lower maximum of the objective than the one-dimensional search "
    "found; its variances stand in the certificate"
)


def advice(fit: Fit, *, fixed_effects: bool) -> str | None:
    """Say what to do about ``fit``; None where it can be reported as it is.

    ``fixed_effects``: the likelihood counts rows with fixed effects in them, as REML does not.
    """
    certificate = fit.certificate
    if certificate.flat:
        return FLAT
    if certificate.unbounded:
        return UNBOUNDED
    if certificate.noise_boundary:
        return f"{NO_NOISE}; {REML}" if fixed_effects else NO_NOISE
    if certificate.certified:
        return None
    if fit.stop is Stop.MAX_ITER:
        other = "" if fit.trace.scheme == "squarem" else ", or use the scheme squarem"
        return f"raise `{fit.method.key}.max_iter`{other}, and run again"
    return UNBOUNDED if fit.stop is Stop.NO_NOISE and fixed_effects else LOWER


def announce(fits: list[Fit], *, fixed_effects: bool) -> None:
    """Log where each fit arrived; warn of what is not as it should be with the one reported."""
    for fit in fits:
        refused = fit is fits[0] and not (fit.certificate.certified or fit.certificate.flat)
        logger.log(logging.WARNING if refused else logging.INFO, _arrival(fit))
    reported = fits[0]
    if found := advice(reported, fixed_effects=fixed_effects):
        logger.warning("%s: %s", reported.method.name, found)
    if reported.certificate.boundary and reported.certificate.certified:
        logger.info("the optimum lies at sigma_beta2 = 0: the data show no random effect")
    for other in reported.others:
        logger.info(
            "%s: another maximum, %.3g nats lower, at the variance ratio %.4g",
            *(reported.method.name, reported.objective - other.objective, other.ratio),
            extra={"terminal": True},
        )


def _arrival(fit: Fit) -> str:
    certificate = fit.certificate
    if certificate.flat:
        return f"{fit.method.name} ({fit.trace.scheme}) has a flat objective"
    verdict = (
        "certified"
        if certificate.certified
        else "NOT certified, do not report its estimates as converged"
    )
    spent = fit.trace.map_evaluations[-1]
    return (
        f"{fit.method.name} ({fit.trace.scheme}) is {verdict}: {distance(fit)}, after {spent} map "
        f"evaluations; it {fit.stop.value}"
    )


def distance(fit: Fit) -> str:
    """Say how far a fit ended from the optimum that was found independently."""
    certificate = fit.certificate
    if certificate.unbounded:
        return "its objective has no maximum"
    if certificate.shortfall < -SHORTFALL:
        return "at sigma_e2 -> 0, where its objective has no bound, beyond its highest maximum"
    below = max(certificate.shortfall, 0.0)
    return f"{below:.2g} nats below the optimum {certificate.optimum:.6f}, found independently"
