"""Everything that the JSON files of a run say, as types: the contract between fits and report.

Table and fits of y = Z w + X beta + e, variances in squared units of y, objectives in nats.
``None`` stands where a number has no meaning: at a boundary, or where the data don't determine it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from mixedmodel.model.types import (
    SOLVED,
    Certificate,
    EStep,
    Likelihood,
    Scheme,
    SpectralMethod,
    Stop,
    Theta,
)

if TYPE_CHECKING:
    from mixedmodel.model.spectral import SpectralForm

Method = Literal["em", "mfvi"]


# the table


@dataclass(frozen=True)
class MissingCells:
    """Rows of the input that miss their response, missing cells of the other roles."""

    response: int
    fixed: int
    random: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.response + self.fixed + self.random

    def plus(self, other: "MissingCells") -> "MissingCells":
        """Return the sum."""
        return MissingCells(
            self.response + other.response, self.fixed + other.fixed, self.random + other.random
        )


@dataclass(frozen=True)
class Response:
    """A response and its moments."""

    name: str
    mean: float
    variance: float  # sum of squares over n - 1


@dataclass(frozen=True)
class Imported:
    """What was read from the input, whatever the response."""

    source: str  # file name
    sha256: str
    separator: str
    n: int
    c: int
    p: int
    fixed_names: tuple[str, ...]
    rows_read: int
    rows_dropped: int
    rows_to_predict: int  # without a response, everything else there or imputed
    cells_imputed: int
    missing: MissingCells
    constant_columns: tuple[str, ...]  # random-effect columns with a single value
    columns_dropped: tuple[str, ...]  # those of them left out by standardize
    ignored_columns: int  # columns with a name and no role


@dataclass(frozen=True)
class TableSummary(Imported):
    """What table/summary.json holds."""

    responses: tuple[Response, ...]


@dataclass(frozen=True)
class ResponseTable(Imported):
    """The same with one response and its moments, as a fit meets it."""

    response: str
    response_mean: float
    response_variance: float


@dataclass(frozen=True)
class TableFacts(ResponseTable):
    """The same with what the decomposition says of X beside Z.

    rank                 number of eigenvalues of K that are not 0, None where they are not known
    mean_diagonal        tr(MK)/(n - c)
    share_in_fixed       share of the squared columns of X that lies in Z
    mean_in_errors       mean of what Z leaves of the response, in its standard errors
    """

    rank: int | None
    mean_diagonal: float
    share_in_fixed: float
    mean_in_errors: float
    eigval_max: float
    eigval_min_positive: float | None


# a fit


@dataclass(frozen=True)
class NamedErrors:
    """Standard errors, those of the fixed effects by name; None for variances with a ``reason``."""

    sigma_beta2: float | None
    sigma_e2: float | None
    pve: float | None
    omega: dict[str, float]
    reason: str | None


@dataclass(frozen=True)
class LowerMaximum:
    """A maximum of the objective below the one that is reported."""

    variance_ratio: float
    pve: float
    objective: float


@dataclass(frozen=True)
class SchemeResult:
    """Where one scheme of a method arrived and what it took."""

    method: str
    scheme: Scheme
    iterations: int
    map_evaluations: int
    objective: float
    shortfall: float
    certified: bool
    stop: Stop
    sigma_beta2: float
    sigma_e2: float


@dataclass(frozen=True)
class PveConventions:
    """PVE by the definitions of GEMMA and of GCTA; None where the variances are unknown.

    gemma  sigma_beta2 tr(K)/n over that plus sigma_e2, K of centred columns (Zhou, Stephens 2012)
    gcta   sigma_beta2 over sigma_beta2 + sigma_e2, K as it is given (Yang et al. 2011)
    """

    gemma: float | None
    gcta: float | None


@dataclass(frozen=True)
class RatioTest:
    """Likelihood-ratio test of sigma_beta2 = 0; the statistic is twice a gain in nats."""

    statistic: float
    p_value: float


@dataclass(frozen=True)
class MonteCarloErrors:
    """Standard errors by random probes of the Krylov form; None where PVE has no standard error."""

    loglik: float
    variance_ratio: float | None
    pve: float | None


@dataclass(frozen=True)
class Spectral:
    """How the spectral form was found; None where that is exact.

    vectors      from which the quadratic part was found, and ``probes`` at random for traces
    steps        products of K with the vectors, trace_steps with the probes
    residual     largest relative residual of equations in I + q K
    tolerance    Monte-Carlo error of PVE asked for, as a share of its standard error
    share_of_standard_error  the one that was reached by this method
    """

    method: SpectralMethod
    vectors: int | None
    steps: int | None
    trace_steps: int | None
    probes: int | None
    residual: float | None
    tolerance: float | None
    share_of_standard_error: float | None
    monte_carlo_se: MonteCarloErrors | None

    @property
    def products(self) -> int:
        """Return how many products of K with one vector the Krylov form took, 0 without it."""
        return self.ritz + (self.trace_steps or 0) * (self.probes or 0)

    @property
    def ritz(self) -> int:
        """Return how many Ritz vectors it has at most, 0 without it."""
        return (self.vectors or 0) * (self.steps or 0)

    @property
    def leaves_to_chance(self) -> bool:
        """Return whether random probes leave something of the objective to chance."""
        found = self.monte_carlo_se
        return found is not None and (found.loglik > 0 and self.share_of_standard_error != 0)

    @property
    def unsolved(self) -> bool:
        """Return whether equations in it are not solved as they should be."""
        return self.residual is not None and self.residual > SOLVED

    @property
    def misses_tolerance(self) -> bool:
        """Return whether they leave more of PVE to chance than was asked for."""
        share, tolerance = self.share_of_standard_error, self.tolerance
        return share is not None and tolerance is not None and share > tolerance


@dataclass(frozen=True)
class Estimates:
    """The content of estimates.json; ``omega`` holds the fixed effects by name.

    Standard errors, interval and test are EM's; what MFVI's own curvature gives is named naive.
    Variances and PVE are None where they cannot be told apart (``certificate.flat``). ``e_step`` is
    that of MFVI: a sweep, or solved.
    """

    method: str
    likelihood: Likelihood
    loglik_constant: str
    n: int
    c: int
    p: int
    scheme: Scheme
    e_step: EStep | None
    sigma_beta2: float | None
    sigma_e2: float | None
    variance_ratio: float | None
    pve: float | None
    pve_conventions: PveConventions
    omega: dict[str, float]
    standard_errors: NamedErrors | None
    standard_errors_expected: NamedErrors | None
    pve_interval: tuple[float, float] | None
    lrt: RatioTest | None
    naive_standard_errors: NamedErrors | None
    naive_pve_interval: tuple[float, float] | None
    loglik: float
    elbo: float | None
    gap: float | None
    n_iter: int
    map_evaluations: int
    stop: Stop
    advice: str | None
    certificate: Certificate
    spectral: Spectral
    local_maxima: tuple[LowerMaximum, ...]
    schemes: tuple[SchemeResult, ...]

    def theta(self, form: "SpectralForm") -> Theta:
        """Return the parameters in the basis of ``form``, without random effect if withheld."""
        w = np.zeros(0)
        if form.c:
            w = form.from_omega(np.fromiter(self.omega.values(), float))
        if self.sigma_beta2 is None or self.sigma_e2 is None:
            return Theta(w, 0.0, form.variance)
        return Theta(w, self.sigma_beta2, self.sigma_e2)

    @property
    def ratio(self) -> float:
        """Return the variance ratio, 0 if withheld."""
        return self.variance_ratio or 0.0

    @property
    def objective(self) -> float:
        """Return what the method maximises."""
        return self.loglik if self.elbo is None else self.elbo

    @property
    def errors(self) -> NamedErrors:
        """Return the standard errors, or the naive ones; a fit has one of them."""
        found = self.naive_standard_errors if self.standard_errors is None else self.standard_errors
        assert found is not None
        return found

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return the 95% interval of PVE, or the naive one."""
        return self.naive_pve_interval if self.pve_interval is None else self.pve_interval


# both fits


@dataclass(frozen=True)
class Gap:
    """The parts of loglik(EM) - ELBO(MFVI), in nats; see the module docstring."""

    total: float
    parameters: float
    bound: float
    factorisation: float
    mean: float
    log_det_diagonal: float
    log_det_spectrum: float


@dataclass(frozen=True)
class Means:
    """Posterior means of MFVI against those of EM; null where undefined."""

    correlation: float | None
    slope: float | None
    max_abs_difference: float
    max_abs_difference_name: str
    rms_em: float
    rms_mfvi: float
    rms_difference: float


@dataclass(frozen=True)
class CalibratedPve:
    """The true PVE at which the curve has the report, with its 95% interval.

    Below a true PVE of ``flat_below`` the curve is at 0. A report of 0 then has no ``estimate``.
    """

    estimate: float | None
    low: float
    high: float
    flat_below: float


@dataclass(frozen=True)
class Ratios:
    """MFVI over EM for each parameter; None where one is withheld or at a boundary of EM."""

    sigma_beta2: float | None
    sigma_e2: float | None
    variance_ratio: float | None
    pve: float | None


@dataclass(frozen=True)
class MomentErrors:
    """Standard errors of the method of moments."""

    sigma_beta2: float | None
    sigma_e2: float | None
    pve: float | None


@dataclass(frozen=True)
class MomentEstimates:
    """Haseman-Elston estimates; None where the moments don't tell the variances apart."""

    sigma_beta2: float | None
    sigma_e2: float | None
    pve: float | None
    standard_errors: MomentErrors


@dataclass(frozen=True)
class CurveEnds:
    """Where the shrinkage curve ends, and what it and its band say at EM's PVE."""

    pve_max: float
    pve_at_em: float | None
    low_at_em: float | None
    high_at_em: float | None


@dataclass(frozen=True)
class Variances:
    """Posterior variances, and their ratios MFVI / EM over the coefficients; None if EM's are 0."""

    mean_em: float
    mean_mfvi: float
    median_ratio: float | None
    min_ratio: float | None
    max_ratio: float | None


@dataclass(frozen=True)
class VarianceRatios:
    """Posterior variances of MFVI against EM's: own parameters, EM's, own with linear response.

    Exact ones take the whole of K; where it is not there, neither are these.
    """

    own_theta: Variances
    equal_theta: Variances
    lrvb: Variances


@dataclass(frozen=True)
class FittedVariance:
    """In-sample variance of X beta per row: from the mean and from its uncertainty."""

    mean_part: float
    uncertainty_part: float
    total: float


@dataclass(frozen=True)
class FittedVariances:
    """In-sample variance of X beta: of each method, and of MFVI at EM's parameters."""

    em: FittedVariance
    mfvi: FittedVariance
    mfvi_at_em: FittedVariance


@dataclass(frozen=True)
class FixedEffect:
    """One coefficient of Z under both methods, and the truth where a table was simulated."""

    name: str
    em: float
    em_standard_error: float
    mfvi: float
    truth: float | None

    @property
    def mfvi_minus_em(self) -> float:
        """Return the difference of the methods."""
        return self.mfvi - self.em


@dataclass(frozen=True)
class FixedEffects:
    """The coefficients of Z and where the methods differ most; None without any."""

    count: int
    max_abs_difference: float | None
    max_abs_difference_name: str | None
    table: tuple[FixedEffect, ...]


@dataclass(frozen=True)
class WorkedCoefficient:
    """The coefficient beta_j whose mean is farthest from 0, at EM's parameters, and its column x.

    norm2, response, residual  x'x, x'r and x'(r - X mu), with r = y - Zw
    inner       x'V^-1 x
    mean, variance, factorised  mu_j, Gamma_jj, and mean field's s_j
    others      sum over k other than j of x'x_k Gamma_kj
    """

    name: str
    norm2: float
    response: float
    residual: float
    inner: float
    mean: float
    variance: float
    factorised: float
    others: float


@dataclass(frozen=True)
class WorkedStep:
    """Moments of q(beta) of a fit, and the variances that one plain M-step makes of them.

    residual2 is the squared residual at the w of that step, trace_fitted tr(X S X'), trace tr(S).
    """

    residual2: float
    trace_fitted: float
    mean_norm2: float
    trace: float
    sigma_beta2: float
    sigma_e2: float


@dataclass(frozen=True)
class WorkedSpectrum:
    """Sums over the spectrum at EM's parameters.

    log_det, quadratic  sum log v_i, sum r_i^2 / v_i
    reached     sum of sigma_beta2 sigma_e2 / v_i over positive eigenvalues
    log_det_ratio, s, profile, penalty  sum log(1 + q lambda_i), s(q), l(q), g(q) (nats)
    """

    log_det: float
    quadratic: float
    reached: float
    log_det_ratio: float
    s: float
    profile: float
    penalty: float


@dataclass(frozen=True)
class WorkedExpansion:
    """The expansion gamma at EM's parameters: a'My over a'Ma + tr(X Gamma X'), a = X mu."""

    product: float
    norm2: float
    gamma: float


@dataclass(frozen=True)
class WorkedBound:
    """The terms of MFVI's ELBO (nats)."""

    likelihood: float
    prior: float
    entropy: float


@dataclass(frozen=True)
class Worked:
    """Numbers to put into formulas; None where a variance that they need is 0 or withheld."""

    spectrum: WorkedSpectrum | None
    coefficient: WorkedCoefficient | None
    em: WorkedStep | None
    expansion: WorkedExpansion | None
    mfvi: WorkedStep | None
    bound: WorkedBound | None


@dataclass(frozen=True)
class Case:
    """Which variants of the story apply."""

    boundary_em: bool
    boundary_mfvi: bool
    noise_boundary: bool
    coincide: bool
    orthogonal: bool
    flat_em: bool
    flat_mfvi: bool
    unbounded: bool
    pole: bool
    certified_em: bool
    certified_mfvi: bool
    p_less_than_n: bool
    truth_known: bool


@dataclass(frozen=True)
class Simulation:
    """The content of truth.json: what a table was drawn from, omega by name."""

    sigma_beta2: float
    sigma_e2: float
    pve: float
    omega: dict[str, float]


@dataclass(frozen=True)
class Recovery:
    """Posterior means and 95% intervals against the true effects of a simulated table.

    No coverage where the variances are not there.
    """

    correlation: float | None
    rmse: float
    coverage: float | None


@dataclass(frozen=True)
class Truth:
    """True variances of a simulated table, and how each posterior recovers its effects."""

    sigma_beta2: float
    sigma_e2: float
    pve: float
    recovery: dict[Method, Recovery]
    coverage_lrvb: float | None  # of intervals by linear response

    @property
    def variance_ratio(self) -> float:
        """Return sigma_beta2 over sigma_e2."""
        return self.sigma_beta2 / self.sigma_e2


@dataclass(frozen=True)
class Summary:
    """The content of comparison/summary.json: every number that the deck states."""

    dataset: str
    likelihood: Likelihood
    data: TableFacts
    fits: dict[Method, Estimates]
    ratios: Ratios
    gap: Gap
    means: Means
    moments: MomentEstimates
    shrinkage: CurveEnds
    calibrated_pve: CalibratedPve
    variances: VarianceRatios | None
    fitted: FittedVariances
    fixed_effects: FixedEffects
    worked: Worked
    case: Case
    truth: Truth | None
    versions: dict[str, str]

    @property
    def em(self) -> Estimates:
        """The fit by EM."""
        return self.fits["em"]

    @property
    def mfvi(self) -> Estimates:
        """The fit by mean field."""
        return self.fits["mfvi"]

    @property
    def schemes(self) -> tuple[SchemeResult, ...]:
        """Every scheme of every method that was run."""
        return tuple(row for fit in self.fits.values() for row in fit.schemes)


# what is foretold, predicted and listed


@dataclass(frozen=True)
class CurvePoint:
    """The shrinkage curve and its band at one true PVE."""

    pve_true: float
    pve_mfvi: float
    low: float
    high: float


@dataclass(frozen=True)
class Foresight:
    """The content of foresight.json: the curve at each tenth of a true PVE."""

    n: int
    c: int
    p: int
    likelihood: Likelihood
    pve_max: float
    curve: tuple[CurvePoint, ...]


@dataclass(frozen=True)
class Score:
    """How well a method predicts rows that it has not seen.

    r2            1 - sum of squared errors over that around the mean of y
    r2_over_fixed 1 - sum of squared errors over that of the fixed effects alone
    correlation   of response and prediction; None where either is constant
    coverage_95   share of the responses inside the 95% predictive intervals
    mean_deviation mean predictive standard deviation
    """

    r2: float
    r2_over_fixed: float
    correlation: float | None
    coverage_95: float
    mean_deviation: float


@dataclass(frozen=True)
class Gain:
    """How much less one method errs than another, row by row.

    share          its smaller sum of squared errors, over that of the fixed effects alone
    standard_error of the share, from the paired differences, rows taken as independent
    """

    share: float
    standard_error: float


@dataclass(frozen=True)
class ValidationSummary:
    """The content of cross_validation/summary.json; no scores where it was ``left_out``."""

    folds: int
    seed: int
    likelihood: Likelihood
    n: int
    left_out: str | None
    methods: dict[str, Score]
    gains: dict[str, Gain]  # "em_over_fixed" and so on
