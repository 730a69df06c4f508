"""What a careful reader would ask about a table before believing its fits, in sentences."""

import logging
from collections.abc import Sequence

import numpy as np

from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array, Certificate, Likelihood

logger = logging.getLogger(__name__)

LARGEST_SHARE = 0.05  # of the squared columns of X that may lie in Z, beside what chance puts there
MANY_FIXED = 0.05  # fixed effects over rows, from which on maximum likelihood is off
FAR_FROM_0 = 5.0  # standard errors of the mean of a response
MUCH_LARGER = 1e6  # times the median column of X
MOST_NAMED = 3


def share_in_fixed(col_norms2: Array, mean_diagonal: float, rows: int) -> float:
    """Return the share of sum d_j that lies in Z, ``rows`` the n - c of ``mean_diagonal``."""
    total = float(col_norms2.sum())
    return max(1 - mean_diagonal * rows / total, 0.0) if total > 0 else 0.0


def counts_fixed(share: float, n: int, c: int) -> bool:
    """Tell whether the share of X in Z is more than c columns explain of n rows by chance."""
    return share > LARGEST_SHARE + c / n


def mean_in_errors(residual: Array) -> float:
    """Return the mean of what Z leaves of a response (n,) in its standard errors."""
    deviation = float(residual.std())
    return abs(float(residual.mean())) / deviation * len(residual) ** 0.5 if deviation > 0 else 0.0


def caution(sentences: Sequence[str]) -> None:
    """Log each sentence as a warning."""
    for sentence in sentences:
        logger.warning("%s", sentence)


def of_columns(
    col_norms2: Array,
    mean_diagonal: float,
    names: Sequence[str],
    *,
    n: int,
    c: int,
    likelihood: Likelihood,
) -> list[str]:
    """Return what there is to say of the columns of X (n, p) and Z (n, c), whatever the response.

    ``col_norms2`` and ``mean_diagonal`` are those of the rows that the likelihood counts.
    """
    found = []
    counted = share_in_fixed(col_norms2, mean_diagonal, n - c)
    if likelihood == "ml" and counts_fixed(counted, n, c):
        found.append(
            f"the fixed effects explain {counted:.0%} of the random-effect columns, and mean field "
            "counts that part as if it were seen, so its variance of the random effects comes out "
            "too small; `likelihood: reml` takes it out, `standardize: center` the part of an "
            "intercept"
        )
    if likelihood == "ml" and c > MANY_FIXED * n:
        found.append(
            f"{c} fixed effects on {n} rows: maximum likelihood does not count what they take, so "
            "its intervals are too short and its test is off; `likelihood: reml` does"
        )
    lengths = np.sqrt(col_norms2)
    usual = float(np.median(lengths[lengths > 0]))
    large = np.flatnonzero(lengths > MUCH_LARGER * usual).tolist()
    if large:
        found.append(
            f"random-effect columns more than {MUCH_LARGER:.0e} times as long as the median: "
            f"{_listed(names, large)}; a column's length decides its share of the variance: are "
            "the units meant, or is `standardize: true`?"
        )
    return found


def of_effects(names: Sequence[str], lost: Sequence[int]) -> list[str]:
    """Return what there is to say of coefficients, of which those of the columns ``lost`` are."""
    if not lost:
        return []
    return [
        f"the lengths of the random-effect columns are too far apart for double precision: the "
        f"posterior means and variances of {_listed(names, lost)} are not right to six digits; "
        "`standardize: true` brings all columns to one length"
    ]


def _listed(names: Sequence[str], columns: Sequence[int]) -> str:
    listed = ", ".join(repr(names[j]) for j in columns[:MOST_NAMED])
    more = f" and {len(columns) - MOST_NAMED} more" if len(columns) > MOST_NAMED else ""
    return listed + more


def of_pole(form: SpectralForm, certificate: Certificate) -> list[str]:
    """Return what there is to say of a likelihood without bound that has a maximum all the same."""
    if certificate.unbounded or not form.has_pole:
        return []
    return [
        "the likelihood grows without bound as sigma_e2 -> 0, because the fixed effects fit what "
        "the random effects leave; reported is its highest maximum before that; `likelihood: reml` "
        "has no such pole"
    ]


def of_response(form: SpectralForm) -> list[str]:
    """Return what there is to say of the response of ``form`` beside the fixed effects."""
    if mean_in_errors(form.residual) <= FAR_FROM_0:
        return []
    return [
        "the mean of the response, less what the fixed effects fit, is far from 0 and nothing "
        "takes it up; `intercept: true` adds a column of ones"
    ]
