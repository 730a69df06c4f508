"""Which part of the profile curves is shown: both optima, and l down to where it says no more."""

from dataclasses import dataclass

import pandas as pd

from mixedmodel.model.results import Estimates, Summary

EMPTY = 0.25  # of the view at its left, in which no curve is seen; more of it is left out


@dataclass(frozen=True)
class Edges:
    """The part in view: PVE from left to right, nats from the best from floor to ceiling."""

    left: float
    right: float
    floor: float
    ceiling: float


def has_optimum(fit: Estimates) -> bool:
    """Tell whether a fit has an optimum to mark."""
    return fit.pve is not None and not fit.certificate.unbounded


def edges(profile: pd.DataFrame, summary: Summary) -> Edges:
    """Return the edges of the view of a profile with columns pve, loglik, elbo.

    A fit that is not certified may be above the best that the search found.
    """
    best = float(profile["loglik"].max())
    fits = [fit for fit in summary.fits.values() if has_optimum(fit)]
    reached = [fit.objective for fit in fits]
    lowest = min(*reached, float(profile["elbo"].max()), best)
    floor = min(-2.0, 1.8 * (lowest - best))
    ceiling = max(-0.1 * floor, 1.15 * (max([best, *reached]) - best))
    seen = profile.loc[profile["loglik"] - best >= floor, "pve"]
    shares = [fit.pve or 0.0 for fit in fits]
    right = max(float(seen.max()), 1.15 * max(shares, default=0.0))
    right = min(right, float(profile["pve"].max()))
    empty = min([float(seen.min()), *shares])
    return Edges(0.0 if empty < EMPTY * right else 0.9 * empty, right, floor, ceiling)
