"""Formulas with the numbers of a data set put in, and the digits that make them come out.

A property of ``Checks`` that is a number of digits is a case of the story too: it is missing where
the check has no meaning, or where no number of digits would show it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from mixedmodel.model.results import Summary
from mixedmodel.report.numbers import RESULT_DIGITS, fixed, given, result, significant

RESULT_DECIMALS = 2  # of what comes out in nats
MOST_DIGITS = 10  # of what is put in; more is no check by hand
MOST_DECIMALS = 6
MOST_TIMES = 1e4  # its own variance; more of the posterior's is no check by hand


def digits_needed(formula: Callable[..., float], wanted: float, *inputs: float) -> int | None:
    """Return how many significant digits of the inputs give the result as it is written."""

    def kept(value: float, digits: int) -> float:
        return float(f"{value:.{digits - 1}e}")

    tried = range(RESULT_DIGITS, MOST_DIGITS + 1)
    return _first(tried, formula, inputs, kept, lambda found: result(found) == result(wanted))


def decimals_needed(wanted: float, *terms: float, factor: float = 1.0) -> int | None:
    """Return how many decimals of its terms give a sum, times a factor, as it is written."""

    def total(*rounded: float) -> float:
        return factor * sum(rounded)

    shown = fixed(wanted, RESULT_DECIMALS)
    tried = range(RESULT_DECIMALS, MOST_DECIMALS + 1)
    return _first(tried, total, terms, round, lambda found: fixed(found, RESULT_DECIMALS) == shown)


def _first(
    tried: range,
    formula: Callable[..., float],
    inputs: tuple[float, ...],
    kept: Callable[[float, int], float],
    agrees: Callable[[float], bool],
) -> int | None:
    for digits in tried:
        try:
            if agrees(formula(*(kept(value, digits) for value in inputs))):
                return digits
        except (ArithmeticError, ValueError):
            return None
    return None


@dataclass(frozen=True)
class Checks:
    """The checks of one data set; digits are those of what is put in.

    Without more said they are at EM's parameters, and of the coefficient whose mean is farthest
    from 0.
    """

    summary: Summary
    rows: int  # that the likelihood counts

    @property
    def _variances(self) -> tuple[float, float]:
        em = self.summary.em
        return given(em.sigma_beta2), given(em.sigma_e2)

    @property
    def constant(self) -> float:
        """Return n log 2 pi."""
        return self.rows * math.log(2 * math.pi)

    # EM

    @property
    def primal(self) -> int | None:
        """A row of the normal equations gives the posterior mean."""
        if (found := self.summary.worked.coefficient) is None:
            return None
        ratio = given(self.summary.em.variance_ratio)
        return digits_needed(lambda q, a: q * a, found.mean, ratio, found.residual)

    @property
    def dual(self) -> int | None:
        """The dual form gives the posterior variance."""
        if (found := self.summary.worked.coefficient) is None:
            return None
        beta, _ = self._variances
        return digits_needed(lambda b, a: b - b**2 * a, found.variance, beta, found.inner)

    @property
    def expected_residual(self) -> float:
        """Return the expected squared residual, n times the noise variance of the next step."""
        return self.rows * given(self.summary.worked.em).sigma_e2

    @property
    def expected_norm(self) -> float:
        """Return the expected squared norm of beta, p times its variance in the next step."""
        return self.summary.data.p * given(self.summary.worked.em).sigma_beta2

    @property
    def residual(self) -> int | None:
        """Squared mean residual and trace give the expected squared residual."""
        if (found := self.summary.worked.em) is None:
            return None
        parts = found.residual2, found.trace_fitted
        return digits_needed(lambda a, b: a + b, self.expected_residual, *parts)

    @property
    def norm(self) -> int | None:
        """Squared norm of the mean and trace give the expected squared norm."""
        if (found := self.summary.worked.em) is None:
            return None
        parts = found.mean_norm2, found.trace
        return digits_needed(lambda a, b: a + b, self.expected_norm, *parts)

    @property
    def next_noise(self) -> int | None:
        """The expected squared residual gives the noise variance of the next step."""
        if (found := self.summary.worked.em) is None:
            return None
        n = self.rows
        return digits_needed(lambda a: a / n, found.sigma_e2, self.expected_residual)

    @property
    def next_beta(self) -> int | None:
        """The expected squared norm gives the other variance of the next step."""
        if (found := self.summary.worked.em) is None:
            return None
        p = self.summary.data.p
        return digits_needed(lambda a: a / p, found.sigma_beta2, self.expected_norm)

    @property
    def spectral(self) -> int | None:
        """Three sums give the log-likelihood."""
        if (found := self.summary.worked.spectrum) is None:
            return None
        terms = self.constant, found.log_det, found.quadratic
        return decimals_needed(self.summary.em.loglik, *terms, factor=-0.5)

    @property
    def trace(self) -> int | None:
        """Unreached and reached directions give the sum of all posterior variances."""
        spectrum, found = self.summary.worked.spectrum, self.summary.worked.em
        if spectrum is None or found is None:
            return None
        unreached = self.summary.data.p - given(self.summary.data.rank)
        beta, _ = self._variances
        return digits_needed(lambda b, a: unreached * b + a, found.trace, beta, spectrum.reached)

    @property
    def profile(self) -> int | None:
        """Three terms give the profile log-likelihood at EM's ratio."""
        if (found := self.summary.worked.spectrum) is None:
            return None
        terms = self.profile_constant, found.log_det_ratio, self.rows
        return decimals_needed(found.profile, *terms, factor=-0.5)

    @property
    def profile_constant(self) -> float:
        """Return n log(2 pi s(q))."""
        s = given(self.summary.worked.spectrum).s
        return self.rows * math.log(2 * math.pi * s) if s > 0 else 0.0

    # mean field

    @property
    def fall(self) -> float:
        """Return what the bound falls by (nats) if one mean is put to 0, from its own terms."""
        found = given(self.summary.worked.coefficient)
        beta, noise = self._variances
        squares = 2 * found.mean * found.residual + found.norm2 * found.mean**2
        return squares / (2 * noise) - found.mean**2 / (2 * beta)

    @property
    def factor(self) -> int | None:
        """The divergence of one factor is what the bound falls by."""
        if (found := self.summary.worked.coefficient) is None:
            return None
        return digits_needed(lambda m, s: m**2 / (2 * s), self.fall, found.mean, found.factorised)

    @property
    def partial(self) -> float:
        """Return x'(r - the other columns' part)."""
        found = given(self.summary.worked.coefficient)
        return found.residual + found.norm2 * found.mean

    @property
    def factor_variance(self) -> int | None:
        """The update gives the variance of one factor."""
        if (found := self.summary.worked.coefficient) is None:
            return None
        inputs = found.norm2, *reversed(self._variances)
        return digits_needed(lambda d, e, b: 1 / (d / e + 1 / b), found.factorised, *inputs)

    @property
    def factor_mean(self) -> int | None:
        """The update leaves the mean where it is."""
        if (found := self.summary.worked.coefficient) is None:
            return None
        inputs = found.factorised, self._variances[1], self.partial
        return digits_needed(lambda s, e, a: s / e * a, found.mean, *inputs)

    @property
    def others_part(self) -> float:
        """Return the sum over the other columns k of x'x_k m_k."""
        found = given(self.summary.worked.coefficient)
        return found.response - self.partial

    @property
    def kappa(self) -> float:
        """Return 1 / q."""
        beta, noise = self._variances
        return noise / beta

    @property
    def sweep(self) -> int | None:
        """A row of the linear system holds at its solution."""
        if (found := self.summary.worked.coefficient) is None:
            return None
        inputs = found.norm2, self.kappa, found.mean, self.others_part
        return digits_needed(lambda d, k, m, a: (d + k) * m + a, found.response, *inputs)

    @property
    def bound(self) -> int | None:
        """Three terms give MFVI's bound, at its own parameters."""
        found, elbo = self.summary.worked.bound, self.summary.mfvi.elbo
        if found is None or elbo is None:
            return None
        return decimals_needed(elbo, found.likelihood, found.prior, found.entropy)

    @property
    def mean_field_noise(self) -> int | None:
        """Mean field's M-step gives the noise variance, from MFVI's own q(beta)."""
        if (found := self.summary.worked.mfvi) is None:
            return None
        n, parts = self.rows, (found.residual2, found.trace_fitted)
        return digits_needed(lambda a, b: (a + b) / n, found.sigma_e2, *parts)

    @property
    def mean_field_beta(self) -> int | None:
        """The same of the other variance."""
        if (found := self.summary.worked.mfvi) is None:
            return None
        p, parts = self.summary.data.p, (found.mean_norm2, found.trace)
        return digits_needed(lambda a, b: (a + b) / p, found.sigma_beta2, *parts)

    @property
    def penalty_lost(self) -> float:
        """Return g at MFVI's ratio less g at EM's (nats)."""
        return self.summary.gap.factorisation - given(self.summary.worked.spectrum).penalty

    @property
    def loglik_lost(self) -> float:
        """Return the profile log-likelihood at MFVI's ratio less that at EM's (nats)."""
        return -self.summary.gap.parameters

    @property
    def shrinks(self) -> bool:
        """There is something to say of both; neither is rounding."""
        case, lost = self.summary.case, self.summary.gap.parameters
        settled = case.certified_em and case.certified_mfvi and not case.pole
        if not settled or self.summary.worked.spectrum is None or case.coincide:
            return False
        return lost > 0 and self.penalty_lost <= self.loglik_lost

    @property
    def apart(self) -> int | None:
        """Return the digits that tell the two variances of the coefficient apart."""
        if (found := self.summary.worked.coefficient) is None:
            return None
        pair = found.factorised, found.variance
        tried = range(RESULT_DIGITS - 1, MOST_DIGITS + 1)
        return next((d for d in tried if significant(pair[0], d) != significant(pair[1], d)), None)

    @property
    def own(self) -> float:
        """Return what the coefficient itself adds to its row of the tilted system."""
        found = given(self.summary.worked.coefficient)
        return found.variance / found.factorised

    @property
    def others(self) -> float:
        """Return what the others add to it; both add up to 1."""
        return given(self.summary.worked.coefficient).others / self._variances[1]

    @property
    def response(self) -> int | None:
        """A row of the tilted system holds; digits are decimals that show the others' part."""
        if self.summary.worked.coefficient is None or not 0 < abs(self.others) < MOST_TIMES:
            return None
        decimals = max(2 - math.floor(math.log10(abs(self.others))), RESULT_DIGITS)
        adds_up = round(self.own, decimals) + round(self.others, decimals)
        return decimals if decimals <= MOST_DIGITS and abs(adds_up - 1) < 0.1**12 else None

    @property
    def expansion(self) -> int | None:
        """The ratio of two forms gives gamma."""
        found, step = self.summary.worked.expansion, self.summary.worked.em
        if found is None or step is None:
            return None
        inputs = found.product, found.norm2, step.trace_fitted
        return digits_needed(lambda a, b, t: a / (b + t), found.gamma, *inputs)
