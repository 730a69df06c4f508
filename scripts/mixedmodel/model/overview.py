"""Several responses side by side: what each came to, their ranks, and what is found as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mixedmodel.model.listing import LeftOut, Listed, Responses
from mixedmodel.model.results import Summary

FLAT = "its two variances cannot be told apart: every ratio of them fits as well"
LEVEL = 0.05  # of the test of no random effect


@dataclass(frozen=True)
class FittedResponse:
    """The numbers of one response; None where it has none."""

    response: str
    folder: str
    n: int
    c: int
    p: int
    em_pve: float
    em_low: float | None
    em_high: float | None
    em_standard_error: float | None
    mfvi_pve: float | None
    mfvi_naive_low: float | None
    mfvi_naive_high: float | None
    calibrated_pve: float | None
    calibrated_low: float
    calibrated_high: float
    lrt_statistic: float | None
    lrt_p_value: float | None
    em_sigma_beta2: float | None
    em_sigma_e2: float | None
    mfvi_sigma_beta2: float | None
    mfvi_sigma_e2: float | None
    em_certified: bool
    mfvi_certified: bool
    em_boundary: bool
    advice: str | None

    @property
    def certified(self) -> bool:
        """Whether both fits are."""
        return self.em_certified and self.mfvi_certified


@dataclass(frozen=True)
class Overview:
    """The content of overview.json: the responses with estimates, and those without."""

    fitted: tuple[FittedResponse, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def ranked(self) -> list[FittedResponse]:
        """The fitted responses by EM's PVE, the largest first, ties in their own order."""
        return sorted(self.fitted, key=lambda row: -row.em_pve)


@dataclass(frozen=True)
class Found:
    """What the fitted responses come to; a ratio is None where none of them has one."""

    fitted: int
    below_level: int  # p-values of at most LEVEL
    below_bonferroni: int  # of at most LEVEL over the number of tests
    at_boundary: int  # certified optima of EM at sigma_beta2 = 0
    uncertified: int  # responses with a fit that is not certified
    compared: int  # responses that the medians are over
    mfvi_over_em: float | None  # median ratio of the PVEs
    calibrated_over_em: float | None


def gather(listing: Responses, summaries: Sequence[Summary]) -> Overview:
    """Put the responses side by side; ``summaries`` are in the order of the ``listed``."""
    pairs = list(zip(listing.listed, summaries, strict=True))
    known = [(entry, summary) for entry, summary in pairs if not summary.em.certificate.flat]
    flat = [LeftOut(entry.response, FLAT) for entry, found in pairs if found.em.certificate.flat]
    fitted = tuple(_fitted(entry, summary) for entry, summary in known)
    return Overview(fitted, (*flat, *listing.left_out))


def _fitted(entry: Listed, summary: Summary) -> FittedResponse:
    em, mfvi, calibrated = summary.em, summary.mfvi, summary.calibrated_pve
    low, high = em.interval or (None, None)
    naive_low, naive_high = mfvi.interval or (None, None)
    told = [f"{fit.method}: {fit.advice}" for fit in summary.fits.values() if fit.advice]
    return FittedResponse(
        response=entry.response,
        folder=entry.folder,
        n=summary.data.n,
        c=summary.data.c,
        p=summary.data.p,
        em_pve=em.pve or 0.0,
        em_low=low,
        em_high=high,
        em_standard_error=em.errors.pve,
        mfvi_pve=mfvi.pve,
        mfvi_naive_low=naive_low,
        mfvi_naive_high=naive_high,
        calibrated_pve=calibrated.estimate,
        calibrated_low=calibrated.low,
        calibrated_high=calibrated.high,
        lrt_statistic=em.lrt.statistic if em.lrt else None,
        lrt_p_value=em.lrt.p_value if em.lrt else None,
        em_sigma_beta2=em.sigma_beta2,
        em_sigma_e2=em.sigma_e2,
        mfvi_sigma_beta2=mfvi.sigma_beta2,
        mfvi_sigma_e2=mfvi.sigma_e2,
        em_certified=em.certificate.certified,
        mfvi_certified=mfvi.certificate.certified,
        em_boundary=em.certificate.boundary,
        advice="; ".join(told) or None,
    )


def find(fitted: Sequence[FittedResponse]) -> Found:
    """Count the tests passed and take the medians of the ratios.

    Ratios are those of certified fits whose EM is not at the boundary.
    """
    p_values = [row.lrt_p_value for row in fitted if row.lrt_p_value is not None]
    compared = [row for row in fitted if row.certified and not row.em_boundary]
    return Found(
        fitted=len(fitted),
        below_level=sum(p <= LEVEL for p in p_values),
        below_bonferroni=sum(p <= LEVEL / len(fitted) for p in p_values),
        at_boundary=sum(row.em_certified and row.em_boundary for row in fitted),
        uncertified=sum(not row.certified for row in fitted),
        compared=len(compared),
        mfvi_over_em=_median([(row.mfvi_pve, row.em_pve) for row in compared]),
        calibrated_over_em=_median([(row.calibrated_pve, row.em_pve) for row in compared]),
    )


def _median(pairs: Sequence[tuple[float | None, float]]) -> float | None:
    """Return the median of a number over EM's PVE, over the responses that have both."""
    ratios = [value / em for value, em in pairs if value is not None]
    return float(np.median(ratios)) if ratios else None
