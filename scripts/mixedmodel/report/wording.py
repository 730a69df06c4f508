"""What figures and slides call alike: the objective of EM, restricted or not, and a fit's PVE."""

from mixedmodel.model.types import Certificate
from mixedmodel.report.numbers import percent, share

RESTRICTED = "reml"


def loglik(likelihood: str) -> str:
    """Return what the log-likelihood is called under ``ml`` or ``reml``."""
    return "restricted log-likelihood" if likelihood == RESTRICTED else "log-likelihood"


def profile(likelihood: str) -> str:
    """Return what the log-likelihood at the best other parameters is called."""
    return f"profile {loglik(likelihood)}"


def pve(value: float | None, certificate: Certificate) -> str:
    """Return a fit's PVE: a percentage, the end of the range at a certified boundary, or none."""
    if value is None:
        return "not identifiable"
    end = certified_end(certificate)
    return share(value) if end is None else percent(end)


def certified_end(certificate: Certificate) -> float | None:
    """Return the end of the range of PVE at which a certified optimum lies, None inside."""
    if certificate.certified and certificate.boundary:
        return 0.0
    return 1.0 if certificate.certified and certificate.noise_boundary else None
