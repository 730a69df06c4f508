"""What the deck of one response may name besides the results: its cases and derived numbers.

A property that is true or false is a case of the story: it chooses a sentence, a line or a slide.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from mixedmodel.model.cautions import FAR_FROM_0, MANY_FIXED, counts_fixed
from mixedmodel.model.cost import Costs
from mixedmodel.model.method import BLOCK
from mixedmodel.model.results import (
    Estimates,
    Gain,
    Gap,
    Method,
    Recovery,
    SchemeResult,
    Score,
    Summary,
    ValidationSummary,
)
from mixedmodel.model.types import NORMAL_95, Stop
from mixedmodel.report import wording
from mixedmodel.report.numbers import (
    LARGEST_FIXED,
    SMALLEST_FIXED,
    SMALLEST_SHARE,
    given,
    interval,
    rounded_share,
    significant,
)
from mixedmodel.report.rounding import least_difference
from mixedmodel.report.story.checks import Checks
from mixedmodel.report.story.equations import Regime
from mixedmodel.report.story.formats import REACH_DIGITS

WELL_SEEN = 0.9  # a curve that ends above it hides little
BLIND = 0.01  # true PVE up to which a curve at 0 is not worth a headline
LEAST_GAP = 1e-9  # nats; smaller gaps are rounding and have no place on a log scale
ROUNDING = 1e-6  # nats; sums of less are not written finer
MUCH_LESS = 0.5  # times EM's PVE, below which MFVI's is called only that
ALIKE = 1e-9  # of the reach of an interval; predictions that differ by less are the same


def digits_apart(a: float, b: float) -> int:
    """Return how many significant digits (3 to 7) tell two numbers apart."""
    apart = (d for d in range(3, 8) if significant(a, d) != significant(b, d))
    return next(apart, 7)


def decimals_of(mean: float, reach: float) -> int | None:
    """Return the decimals by which a mean is as fine as its reach; None where they read badly."""
    if not SMALLEST_FIXED <= reach < LARGEST_FIXED or abs(mean) >= LARGEST_FIXED:
        return None
    return max(REACH_DIGITS - 1 - math.floor(math.log10(reach)), 0)


@dataclass(frozen=True)
class Maximum:
    """A maximum of an objective that lies lower than the one reported."""

    pve: float
    lower_by: float  # nats


@dataclass(frozen=True)
class Ending:
    """How iterations ended."""

    stop: Stop

    @property
    def converged(self) -> bool:
        """The gain still predicted is below the tolerance."""
        return self.stop is Stop.CONVERGED

    @property
    def without_noise(self) -> bool:
        """The noise variance vanished."""
        return self.stop is Stop.NO_NOISE


@dataclass(frozen=True)
class Program:
    """A program and its version."""

    program: str
    version: str


@dataclass(frozen=True)
class Scheme:
    """A scheme, whose shortfall may be beyond the optimum, at a pole."""

    base: SchemeResult
    has_optimum: bool

    @property
    def at_pole(self) -> bool:
        """It went past its optimum to where the objective has no bound."""
        return self.base.shortfall < 0


@dataclass(frozen=True)
class Fit:
    """A fit of one of the two methods."""

    base: Estimates
    key: Method
    summary: Summary

    @property
    def is_exact(self) -> bool:
        """It is EM's."""
        return self.key == "em"

    @property
    def left_to_chance(self) -> bool:
        """Random probes leave something of it to chance."""
        return self.base.spectral.leaves_to_chance

    @property
    def recovery(self) -> Recovery | None:
        """Return how it recovers the true effects; None where these aren't known."""
        truth = self.summary.truth
        return None if truth is None else truth.recovery[self.key]

    @property
    def beyond(self) -> bool:
        """It left its optimum for a pole."""
        return self.base.certificate.shortfall < 0

    @property
    def without_noise(self) -> bool:
        """Its certified optimum leaves no noise."""
        return self.base.certificate.certified and self.base.certificate.noise_boundary

    @property
    def at_pole(self) -> bool:
        """Its objective rises where the noise vanishes."""
        proof = self.base.certificate
        return proof.unbounded or proof.noise_boundary or proof.shortfall < 0

    @property
    def has_optimum(self) -> bool:
        """Its objective has one optimum that can be told."""
        return not (self.base.certificate.unbounded or self.base.certificate.flat)

    @property
    def out_of_evaluations(self) -> bool:
        """Its iterations were ended by their limit."""
        return self.base.stop is Stop.MAX_ITER

    @property
    def by_squarem(self) -> bool:
        """It was reached by the scheme squarem."""
        return self.base.scheme == "squarem"

    @property
    def other_maxima(self) -> list[Maximum]:
        """Return the lower maxima of its objective."""
        height = self.base.objective
        return [Maximum(each.pve, height - each.objective) for each in self.base.local_maxima]

    @property
    def has_other_maxima(self) -> bool:
        """Its objective has more than one maximum."""
        return bool(self.base.local_maxima)

    @property
    def all_schemes(self) -> list[Scheme]:
        """Return the schemes that were run."""
        return [Scheme(row, self.has_optimum) for row in self.base.schemes]


@dataclass(frozen=True)
class Predicted:
    """What both methods predict for the rows without response, in units of y.

    number        of the rows
    row           the row on which the two differ most, as the table counts them
    em, mfvi      predictions of that row
    outside       rows whose prediction by MFVI is outside EM's 95% interval
    reach_em, reach_mfvi  mean reach of the 95% intervals to either side
    """

    number: int
    row: int
    em: float
    mfvi: float
    outside: int
    reach_em: float
    reach_mfvi: float

    @property
    def one(self) -> bool:
        """There is one row."""
        return self.number == 1

    @property
    def difference(self) -> float:
        """Return the largest difference between the two predictions of a row."""
        return abs(self.em - self.mfvi)

    @property
    def alike(self) -> bool:
        """All predictions are the same but for rounding."""
        return self.difference <= ALIKE * self.reach_em

    @property
    def em_decimals(self) -> int | None:
        """Return the decimals that EM's prediction of a row takes; None where they read badly."""
        return decimals_of(self.em, self.reach_em)

    @property
    def mfvi_decimals(self) -> int | None:
        """Return how many MFVI's takes."""
        return decimals_of(self.mfvi, self.reach_mfvi)

    @property
    def some_outside(self) -> bool:
        """Some predictions by MFVI are outside EM's intervals."""
        return self.outside > 0


def digest(rows: pd.DataFrame) -> Predicted | None:
    """Return what the rows of predictions.parquet come to; None if there are none."""
    if rows.empty:
        return None
    em, mfvi = (rows[f"prediction_{method}"].to_numpy() for method in ("em", "mfvi"))
    reach = NORMAL_95 * rows["deviation_em"].to_numpy()
    worst = int(np.argmax(np.abs(em - mfvi)))
    return Predicted(
        number=len(rows),
        row=int(rows["row"].iloc[worst]),
        em=float(em[worst]),
        mfvi=float(mfvi[worst]),
        outside=int(np.sum((mfvi < em - reach) | (mfvi > em + reach))),
        reach_em=float(reach.mean()),
        reach_mfvi=NORMAL_95 * float(rows["deviation_mfvi"].mean()),
    )


@dataclass(frozen=True)
class Scores:
    """The scores of a method on rows left out, and its gain over the fixed effects alone."""

    base: Score
    key: str
    gain: Gain | None

    @property
    def is_em(self) -> bool:
        """They are EM's."""
        return self.key == "em"

    @property
    def is_mfvi(self) -> bool:
        """They are MFVI's."""
        return self.key == "mfvi"


@dataclass(frozen=True)
class Validation:
    """Rows left out in turn; a method is better only beyond chance and rounding."""

    base: ValidationSummary

    @property
    def scores(self) -> list[Scores]:
        """Return the scores of each method."""
        gains = self.base.gains
        return [
            Scores(score, key, gains.get(f"{key}_over_fixed"))
            for key, score in self.base.methods.items()
        ]

    @property
    def same_predictions(self) -> bool:
        """Both methods give all rows left out the same prediction."""
        return all(self.base.methods[key].correlation is None for key in ("em", "mfvi"))

    @property
    def some_correlation_undefined(self) -> bool:
        """One of the methods gives all rows left out the same prediction."""
        return None in (self.base.methods["em"].correlation, self.base.methods["mfvi"].correlation)

    @property
    def worse_than_mean(self) -> bool:
        """Both predict worse than the mean of the rows left out would."""
        return max(self.base.methods["em"].r2, self.base.methods["mfvi"].r2) < 0

    @property
    def none_better(self) -> bool:
        """Neither surely predicts better than the fixed effects alone."""
        return not (self._surely("em_over_fixed") or self._surely("mfvi_over_fixed"))

    @property
    def em_better(self) -> bool:
        """EM surely predicts better."""
        return self._surely("em_over_mfvi")

    @property
    def mfvi_better(self) -> bool:
        """MFVI surely predicts better."""
        return self._surely("em_over_mfvi", sign=-1)

    @property
    def same_removed(self) -> bool:
        """Both remove the same share of the squared error, as it is written."""
        em, mfvi = (self.base.methods[key].r2_over_fixed for key in ("em", "mfvi"))
        return rounded_share(em) == rounded_share(mfvi)

    def _surely(self, key: str, sign: int = 1) -> bool:
        """Tell whether a gain is more than chance and rounding leave."""
        gain = self.base.gains[key]
        return bool(sign * gain.share > max(NORMAL_95 * gain.standard_error, SMALLEST_SHARE))


@dataclass(frozen=True)
class Results:
    """All that the deck of one response speaks of."""

    base: Summary
    validation: Validation | None
    predicted: Predicted | None
    gaps: list[float]  # of MFVI's scheme along its sweeps, where they are more than rounding

    # fits

    @cached_property
    def _fits(self) -> list[Fit]:
        return [Fit(fit, key, self.base) for key, fit in self.base.fits.items()]

    @property
    def both(self) -> list[Fit]:
        """Return the fits of EM and of MFVI."""
        return self._fits

    @property
    def missing(self) -> list[Fit]:
        """Return the fits that are not certified."""
        return [fit for fit in self._fits if not fit.base.certificate.certified]

    @property
    def uncertified(self) -> list[str]:
        """Name the methods whose fit is not certified."""
        return [fit.base.method for fit in self.missing]

    @property
    def unbounded(self) -> list[str]:
        """Name the methods whose objective has no maximum before the pole at no noise."""
        return [fit.base.method for fit in self._fits if fit.base.certificate.unbounded]

    @property
    def settled(self) -> bool:
        """Both fits are certified, so that the laws of their optima apply."""
        return not self.missing

    @property
    def only_unbounded(self) -> bool:
        """Fits are not certified, and all of them because there is no maximum."""
        return self.unbounded == self.uncertified != []

    @property
    def em_unbounded(self) -> bool:
        """EM's likelihood has no maximum."""
        return self.base.em.certificate.unbounded

    @property
    def mfvi_beyond(self) -> bool:
        """MFVI's bound has no maximum, or its iterations left it for a pole."""
        proof = self.base.mfvi.certificate
        return proof.unbounded or (not proof.certified and proof.shortfall < 0)

    @property
    def flat(self) -> bool:
        """EM's two variances cannot be told apart, so that its estimates are withheld."""
        return self.base.em.certificate.flat

    @property
    def incomparable(self) -> bool:
        """EM has no estimates to compare: its objective is flat, or has no maximum."""
        return self.flat or self.em_unbounded

    @property
    def noiseless(self) -> bool:
        """EM's certified optimum leaves no noise."""
        return self._fits[0].without_noise

    @property
    def no_effect(self) -> bool:
        """The data show no random effect: EM's certified optimum is the boundary."""
        return self.base.case.boundary_em

    @property
    def all_zero(self) -> bool:
        """Every posterior mean and variance of a coefficient is zero, under both methods."""
        return self.no_effect and self.settled

    @property
    def same_pve(self) -> bool:
        """Both methods have the same PVE, as it is written."""
        em, mfvi = (wording.pve(fit.base.pve, fit.base.certificate) for fit in self._fits)
        return em == mfvi

    @property
    def much_less(self) -> bool:
        """MFVI's PVE is less than half of EM's."""
        return given(self.base.mfvi.pve) < MUCH_LESS * given(self.base.em.pve)

    @property
    def krylov(self) -> bool:
        """The spectral form is the Krylov one, from products with X."""
        return self.base.em.spectral.method == "krylov"

    @property
    def left_to_chance(self) -> bool:
        """Random probes leave something of EM's likelihood to chance."""
        return self.base.em.spectral.leaves_to_chance

    @property
    def too_much_chance(self) -> bool:
        """They leave more of EM's PVE to chance than was asked for."""
        return self.base.em.spectral.misses_tolerance

    # likelihood and data

    @property
    def reml(self) -> bool:
        """The likelihood is the restricted one."""
        return self.base.likelihood == wording.RESTRICTED

    @property
    def rows_counted(self) -> int:
        """Return how many rows the likelihood counts: under REML the contrasts."""
        return self.base.data.n - self.base.data.c if self.reml else self.base.data.n

    @property
    def costs(self) -> Costs:
        """Return what both algorithms cost on the rows that count."""
        data, form = self.base.data, self.base.em.spectral
        rows, fixed = self.rows_counted, 0 if self.reml else data.c
        return Costs(rows, data.p, fixed, BLOCK, products=form.products, ritz=form.ritz)

    @property
    def narrow(self) -> bool:
        """All columns are swept at once."""
        return self.costs.columns == self.base.data.p

    @property
    def regime(self) -> Regime:
        """Return in which form equations are shown."""
        return "reml" if self.reml else "" if self.fixed else "no_fixed"

    @property
    def fixed(self) -> bool:
        """There are fixed effects."""
        return self.base.data.c > 0

    @property
    def counts_fixed(self) -> bool:
        """The likelihood counts rows with fixed effects in them."""
        return self.fixed and not self.reml

    @property
    def many_fixed(self) -> bool:
        """Fixed effects are so many that maximum likelihood is off."""
        return not self.reml and self.base.data.c > MANY_FIXED * self.base.data.n

    @property
    def fixed_explain_columns(self) -> bool:
        """Fixed effects explain so much of X that mean field shrinks the more for it."""
        d = self.base.data
        return not self.reml and counts_fixed(d.share_in_fixed, d.n, d.c)

    @property
    def inner_maximum(self) -> bool:
        """EM's likelihood has a pole, and what is reported is its maximum before that."""
        return self.base.case.pole and not self.em_unbounded

    @property
    def far_mean(self) -> bool:
        """The mean of what the fixed effects leave is far from 0."""
        return self.base.data.mean_in_errors > FAR_FROM_0

    @property
    def tall(self) -> bool:
        """There are fewer random-effect columns than rows."""
        return self.base.data.p < self.base.data.n

    @property
    def square(self) -> bool:
        """There are as many random-effect columns as rows."""
        return self.base.data.p == self.base.data.n

    @property
    def one_column(self) -> bool:
        """There is one random-effect column."""
        return self.base.data.p == 1

    @property
    def several_fixed(self) -> bool:
        """An iteration on the spectral form has more than one fixed effect to solve for."""
        return self.base.data.c > 1 and not self.reml

    @property
    def rank_less(self) -> bool:
        """The data do not reach every direction of beta."""
        rank = self.base.data.rank
        return rank is not None and rank < self.base.data.p

    @property
    def one_eigenvalue(self) -> bool:
        """K has one positive eigenvalue."""
        return self.base.data.rank == 1

    @property
    def directions_unreached(self) -> int:
        """Return how many directions of beta the data do not reach."""
        return self.base.data.p - given(self.base.data.rank)

    @property
    def parameters(self) -> int:
        """Return how many parameters there are."""
        return self.base.data.c + 2

    @property
    def rows_asked(self) -> bool:
        """Rows without a response are to be predicted."""
        return self.base.data.rows_to_predict > 0

    @property
    def missing_cells(self) -> int:
        """Return how many cells of the table were missing."""
        return self.base.data.missing.total

    @property
    def constant_columns(self) -> int:
        """Return how many columns of X have a single value."""
        return len(self.base.data.constant_columns)

    @property
    def columns_dropped(self) -> int:
        """Return how many of them were left out."""
        return len(self.base.data.columns_dropped)

    @property
    def cells_missing(self) -> bool:
        """Cells of the table were missing."""
        return self.missing_cells > 0

    @property
    def columns_constant(self) -> bool:
        """Columns of X have a single value."""
        return self.constant_columns > 0

    @property
    def some_dropped(self) -> bool:
        """Columns of X were left out."""
        return self.columns_dropped > 0

    # schemes

    @cached_property
    def _schemes(self) -> list[Scheme]:
        return self._fits[0].all_schemes

    @property
    def em_schemes(self) -> list[Scheme]:
        """Return the schemes of EM that were run."""
        return self._schemes

    @property
    def em_schemes_run(self) -> int:
        """Return how many schemes of EM were run."""
        return len(self._schemes)

    @property
    def reached(self) -> list[Scheme]:
        """Return those that reached EM's optimum."""
        return [row for row in self._schemes if row.base.certified]

    @property
    def short(self) -> list[Scheme]:
        """Return those that did not."""
        return [row for row in self._schemes if not row.base.certified]

    @property
    def none_reached(self) -> bool:
        """No scheme reached EM's optimum."""
        return not self.reached

    @property
    def some_short(self) -> bool:
        """A scheme did not reach EM's optimum."""
        return bool(self.short)

    @property
    def one_scheme(self) -> bool:
        """EM was run by one scheme."""
        return len(self._schemes) == 1

    @property
    def slowest(self) -> SchemeResult:
        """Return the scheme of EM with the most map evaluations."""
        return max((row.base for row in self._schemes), key=lambda row: row.map_evaluations)

    @property
    def fastest(self) -> SchemeResult:
        """Return the scheme of EM with the fewest map evaluations."""
        return min((row.base for row in self._schemes), key=lambda row: row.map_evaluations)

    @property
    def schemes_run(self) -> int:
        """Return how many schemes of both methods were run."""
        return len(self.base.schemes)

    @property
    def schemes_reached(self) -> int:
        """Return how many of them ended at their optimum."""
        return sum(row.certified for row in self.base.schemes)

    @property
    def all_reached(self) -> bool:
        """All of them did."""
        return self.schemes_reached == self.schemes_run

    @property
    def all_schemes(self) -> list[Scheme]:
        """Return the schemes of both methods."""
        return [row for fit in self._fits for row in fit.all_schemes]

    @property
    def stops(self) -> list[Ending]:
        """Return how they ended, each way once."""
        return [Ending(stop) for stop in dict.fromkeys(row.stop for row in self.base.schemes)]

    # gap

    @property
    def solved(self) -> bool:
        """Mean field's E-steps were solved on the spectrum, not swept."""
        return self.base.mfvi.e_step == "solved"

    @property
    def gap_drawn(self) -> bool:
        """The gap along the sweeps can be drawn."""
        return len(self.gaps) > 1 and not self.base.case.coincide

    @property
    def first_gap(self) -> float:
        """Return the gap (nats) after the first sweep."""
        return self.gaps[0]

    @property
    def last_gap(self) -> float:
        """Return the gap (nats) after the last sweep."""
        return self.gaps[-1]

    @property
    def gap_is_rounding(self) -> bool:
        """Log-likelihood and bound are the same but for rounding."""
        return self.base.gap.bound <= ROUNDING

    @property
    def bound_decimals(self) -> int:
        """Return how many decimals show log-likelihood, bound and gap apart, and add up."""
        gap = self.base.gap.bound
        fewest = max(2 - math.floor(math.log10(gap)), 2)
        enough = (
            d for d in range(fewest, fewest + 3) if f"{gap:.{d}f}" == f"{self._apart(d):.{d}f}"
        )
        return next(enough, fewest)

    @property
    def bound_gap(self) -> float:
        """Return the difference of log-likelihood and bound as they are written."""
        return self._apart(self.bound_decimals)

    def _apart(self, decimals: int) -> float:
        return round(self.base.mfvi.loglik, decimals) - round(self.base.mfvi.objective, decimals)

    @property
    def determinants_apart(self) -> float:
        """Return the difference of the two sums of logarithms, each to three decimals."""
        return round(self.base.gap.log_det_diagonal, 3) - round(self.base.gap.log_det_spectrum, 3)

    @property
    def gap_decimals(self) -> int:
        """Return how many decimals four digits of the whole gap take."""
        size = max(abs(self.base.gap.total), ROUNDING)
        return max(3 - math.floor(math.log10(size)), 0)

    @property
    def gap_parts(self) -> Gap:
        """Return the gap (nats) with its leaves rounded, and sums of these, so that they add up."""
        g, decimals = self.base.gap, self.gap_decimals
        parameters, mean = round(g.parameters, decimals), round(g.mean, decimals)
        diagonal = round(g.log_det_diagonal, decimals)
        spectrum = round(g.log_det_spectrum, decimals)
        bound = diagonal - spectrum + mean
        return Gap(
            parameters + bound, parameters, bound, diagonal - spectrum, mean, diagonal, spectrum
        )

    @property
    def lost_by_parameters(self) -> float:
        """Return what MFVI's parameters lose of the log-likelihood, not below 0."""
        return max(self.base.gap.parameters, 0.0)

    @property
    def lost(self) -> float:
        """Return the whole way from EM's log-likelihood to MFVI's bound, not below 0."""
        return max(self.base.gap.total, 0.0)

    @property
    def checks(self) -> Checks:
        """Return formulas with numbers put in."""
        return Checks(self.base, self.rows_counted)

    # how sure

    @property
    def at_boundary(self) -> bool:
        """EM's fit is at an end of the range of PVE."""
        return self.base.em.certificate.boundary or self.base.em.certificate.noise_boundary

    @property
    def test_at_zero(self) -> bool:
        """Nothing speaks against no random effect."""
        return self.base.em.lrt is not None and self.base.em.lrt.statistic <= 0

    @property
    def some_interval_withheld(self) -> bool:
        """A likelihood without bound gives a PVE no interval."""
        return self.base.em.pve_interval is None or self.base.mfvi.naive_pve_interval is None

    @property
    def same_interval(self) -> bool:
        """Both objectives give PVE the same interval, as it is written."""
        em, mfvi = given(self.base.em.pve_interval), given(self.base.mfvi.naive_pve_interval)
        return self.base.case.coincide or interval(*em) == interval(*mfvi)

    @property
    def em_left_out(self) -> bool:
        """MFVI's naive interval ends below EM's estimate."""
        return given(self.base.mfvi.naive_pve_interval)[1] < given(self.base.em.pve)

    @property
    def calibrated_interval(self) -> tuple[float, float]:
        """Return the interval of the calibrated PVE."""
        return self.base.calibrated_pve.low, self.base.calibrated_pve.high

    @property
    def band_at_em(self) -> tuple[float, float]:
        """Return the band of MFVI's reports at EM's PVE."""
        seen = self.base.shrinkage
        return given(seen.low_at_em), given(seen.high_at_em)

    @property
    def beyond_curve(self) -> bool:
        """MFVI's report is beyond the end of the curve."""
        found = self.base.calibrated_pve.estimate
        return found is not None and found >= 1

    @property
    def always_blind(self) -> bool:
        """The curve is flat to its end."""
        return self.base.calibrated_pve.flat_below >= 1

    @property
    def blind(self) -> bool:
        """The curve is at 0 for a part that is worth a headline."""
        return self.base.calibrated_pve.flat_below >= BLIND

    @property
    def sees_something(self) -> bool:
        """The curve ends above 0."""
        return self.base.shrinkage.pve_max > ROUNDING

    @property
    def sees_nearly_all(self) -> bool:
        """The curve ends near 1."""
        seen = self.base.shrinkage
        return seen.pve_max > WELL_SEEN and seen.pve_at_em is not None

    # effects and variances

    @property
    def fitted_digits(self) -> int:
        """Return the digits that tell the two uncertainties of X beta at equal parameters apart."""
        f = self.base.fitted
        return digits_apart(f.em.uncertainty_part, f.mfvi_at_em.uncertainty_part)

    @property
    def variance_digits(self) -> int:
        """Return the digits that tell MFVI's mean variance from the corrected one."""
        v = given(self.base.variances)
        return digits_apart(v.own_theta.mean_mfvi, v.lrvb.mean_mfvi)

    @property
    def no_variance(self) -> bool:
        """No coefficient has a posterior variance, or ratios of them have no meaning."""
        v = self.base.variances
        if v is None:
            return True
        some = (v.equal_theta.median_ratio, v.own_theta.median_ratio)
        return self.no_effect or None in some

    @property
    def same_fixed_effects(self) -> bool:
        """Both methods have the same fixed effects but for rounding."""
        f = self.base.fixed_effects
        least = least_difference((row.em for row in f.table), self.base.data.response_variance)
        return given(f.max_abs_difference) <= least

    @property
    def one_fixed_effect(self) -> bool:
        """There is one fixed effect."""
        return self.base.fixed_effects.count == 1

    # truth and choice

    @property
    def em_nearer(self) -> bool:
        """EM's PVE is nearer to the truth than MFVI's."""
        truth = given(self.base.truth).pve
        return abs(given(self.base.em.pve) - truth) < abs(given(self.base.mfvi.pve) - truth)

    @property
    def em_covers(self) -> bool:
        """EM's interval covers the true PVE."""
        return self._covers(self.base.em.pve_interval)

    @property
    def mfvi_covers(self) -> bool:
        """MFVI's naive interval covers the true PVE."""
        return self._covers(self.base.mfvi.naive_pve_interval)

    @property
    def calibrated_covers(self) -> bool:
        """The interval of the calibrated PVE covers the true one."""
        return self._covers(self.calibrated_interval)

    @property
    def em_predicts_better(self) -> bool:
        """Rows left out were surely better predicted by EM."""
        return self.validation is not None and self.validation.em_better

    @property
    def programs(self) -> list[Program]:
        """Return the programs that were used."""
        return [Program(*pair) for pair in self.base.versions.items()]

    @property
    def fixed_shown(self) -> bool:
        """There are fixed effects to show."""
        return self.base.fixed_effects.count > 0

    @property
    def nothing_found(self) -> bool:
        """The checks at import found nothing."""
        return not (self.cells_missing or self.columns_constant or self.some_dropped)

    @property
    def no_corrected_variance(self) -> bool:
        """No coefficient has a posterior variance to correct, or ratios have no meaning."""
        v = self.base.variances
        if v is None:
            return True
        return self.no_effect or None in (v.lrvb.median_ratio, v.own_theta.median_ratio)

    def _covers(self, ends: tuple[float, float] | None) -> bool:
        return ends is not None and ends[0] <= given(self.base.truth).pve <= ends[1]


def above_rounding(trace: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of MFVI's trace whose gap can be drawn on a logarithmic scale."""
    return trace[trace["gap"] > LEAST_GAP]


def results(
    summary: Summary,
    predictions: pd.DataFrame,
    validation: ValidationSummary | None,
    trace: pd.DataFrame,
) -> Results:
    """Return what a deck speaks of; ``trace`` is that of the scheme reported for MFVI."""
    found = None if validation is None else Validation(validation)
    gaps = above_rounding(trace)["gap"].tolist()
    return Results(summary, found, digest(predictions), gaps)
