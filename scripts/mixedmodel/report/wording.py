"""What the objective of EM is called: it is restricted where the likelihood is."""

RESTRICTED = "reml"


def loglik(likelihood: str) -> str:
    """Return what the log-likelihood is called under ``ml`` or ``reml``."""
    return "restricted log-likelihood" if likelihood == RESTRICTED else "log-likelihood"


def profile(likelihood: str) -> str:
    """Return what the log-likelihood at the best other parameters is called."""
    return f"profile {loglik(likelihood)}"


def method(likelihood: str) -> str:
    """Return what maximising it is called."""
    restricted = "restricted maximum likelihood (REML)"
    return restricted if likelihood == RESTRICTED else "maximum likelihood"
