"""Every sentence of the deck that depends on the results, from comparison/summary.json.

Pure functions of the summary. Variants: fewer random
effects than rows, boundary, coinciding fits, not certified, truth known. Undefined
numbers are null in the summary and never reach a sentence.
"""

import math
from collections.abc import Sequence
from typing import Literal

from mixedmodel.model.cautions import FAR_FROM_0, MANY_FIXED, counts_fixed
from mixedmodel.model.results import (
    CalibratedPve,
    Estimates,
    FittedVariance,
    Method,
    SchemeResult,
    Summary,
)
from mixedmodel.model.types import Stop
from mixedmodel.report import wording
from mixedmodel.report.names import cut, cut_all
from mixedmodel.report.numbers import (
    LARGEST_FIXED,
    MISSING,
    SMALLEST_FIXED,
    adding_up,
    count,
    fixed,
    given,
    interval,
    listed,
    nats,
    p_value,
    percent,
    rounded_share,
    share,
    significant,
)
from mixedmodel.report.rounding import least_difference
from mixedmodel.report.slides.metrics import fitting

Source = Literal["em", "mfvi", "moments", "truth"]  # of an estimate

CERTIFIED_WITHIN = "10⁻⁶ nats"
WELL_SEEN = 0.9  # a curve that ends above it hides little
BLIND = 0.01  # true PVE up to which a curve at 0 is not worth a headline
ROUNDING = 1e-6  # nats; sums of less are not written finer
MUCH_LESS = 0.5  # times EM's PVE, below which MFVI's is called only that
SAME = "the same"
NAME_INCHES = 1.6  # the most that a column's name takes inside a sentence
NAME_SIZE = 18.0
USUAL_CHOICE = (
    "For variances and PVE report EM; MFVI is for prediction when only sweeps are affordable"
)


def plural(number: int, noun: str) -> str:
    """Return a count with its noun: ``1 row``, ``6,000 rows``."""
    return f"{count(number)} {noun}" + ("" if number == 1 else "s")


def called(name: str) -> str:
    """Return a column's name, cut in the middle where it would fill the sentence."""
    return cut(name, fitting(NAME_SIZE, NAME_INCHES))


def all_called(names: Sequence[str]) -> list[str]:
    """Return the names that one sentence lists, cut so that they differ."""
    return cut_all(names, fitting(NAME_SIZE, NAME_INCHES))


def pve(s: Summary, method: Method) -> str:
    """Return the PVE of a method in words."""
    fit = s.fits[method]
    return wording.pve(fit.pve, fit.certificate)


def uncertified(s: Summary) -> list[str]:
    """Name the methods whose fit is not certified."""
    return [fit.method for fit in _missing(s)]


def _missing(s: Summary) -> list[Estimates]:
    return [fit for fit in s.fits.values() if not fit.certificate.certified]


def flat(s: Summary) -> bool:
    """Tell whether EM's two variances cannot be told apart, so that its estimates are withheld."""
    return bool(s.em.certificate.flat)


def incomparable(s: Summary) -> bool:
    """Tell whether EM has no estimates to compare: its objective is flat, or has no maximum."""
    return flat(s) or "EM" in unbounded(s)


def unbounded(s: Summary) -> list[str]:
    """Name the methods whose objective has no maximum before the pole at no noise."""
    return [fit.method for fit in s.fits.values() if fit.certificate.unbounded]


def noiseless(s: Summary) -> bool:
    """Tell whether EM's certified optimum leaves no noise."""
    return bool(s.em.certificate.certified and s.em.certificate.noise_boundary)


def _provisional(s: Summary) -> str:
    """Return the clause that goes with every number of a fit that is not certified."""
    methods = uncertified(s)
    return f" (provisional: {listed(methods)} not certified)" if methods else ""


def no_effect(s: Summary) -> bool:
    """Tell whether the data show no random effect: the certified optimum is the boundary."""
    return bool(s.case.boundary_em)


def settled(s: Summary) -> bool:
    """Tell whether both fits are certified, so that the laws of their optima apply."""
    return not uncertified(s)


# opening


def size(s: Summary) -> str:
    """Return the size of the table in words."""
    d = s.data
    return listed([plural(d.n, "row"), plural(d.c, "fixed effect"), plural(d.p, "random effect")])


def warning_title(s: Summary) -> str:
    """Return the headline of the warning slide."""
    methods, without = uncertified(s), unbounded(s)
    if without == methods:
        return f"{listed(without)} has no maximum to reach: read what follows as provisional"
    return f"{listed(methods)} did not reach the optimum: read what follows as provisional"


def not_identifiable_lines(s: Summary) -> list[str]:
    """Say what it means that the two variances cannot be told apart, and what would help."""
    rows = rows_counted(s)
    return [
        "Every ratio of σ²_{β} to σ²_{e} gives the same"
        f" {wording.loglik(s.likelihood)}, {fixed(s.em.loglik)}, in the {plural(rows, 'row')} that"
        " it counts.",
        "The fixed effects are estimated; the variances, PVE and the random effects are"
        " **withheld**.",
        "**What would help:** more rows, fewer fixed effects, or random-effect columns that make"
        " some rows more alike than others.",
    ]


def warning_lines(s: Summary) -> list[str]:
    """Say for each fit that is not certified how far it is from the optimum, and what to do."""
    lines = [_warning_line(fit) for fit in _missing(s)]
    todo = dict.fromkeys(_remedy(s, fit) for fit in _missing(s))
    return [
        *lines,
        "Estimates, gap and comparisons of such a fit describe where the iterations stopped, not"
        " the model's optimum.",
        f"**What to do:** {', and '.join(todo)}.",
    ]


def cautions(s: Summary) -> list[str]:
    """Return what a careful reader would ask about these data, if anything."""
    d, restricted = s.data, s.likelihood == wording.RESTRICTED
    lines = []
    if not restricted and d.c > MANY_FIXED * d.n:
        lines.append(
            f"{plural(d.c, 'fixed effect')} on {plural(d.n, 'row')}: maximum likelihood does not"
            " count what they take, so PVE and its interval are off, intervals of predictions too"
            " short and the test wrong. **likelihood: reml** counts it."
        )
    if not restricted and counts_fixed(d.share_in_fixed, d.n, d.c):
        lines.append(
            f"Z explains {percent(d.share_in_fixed)} of the squared columns of X. Mean field counts"
            f" that part in every d_{{j}} and shrinks the more; EM in {d.c} of {d.n} eigenvalues at"
            " most. **likelihood: reml** takes it out; **standardize: center** the part of an"
            " intercept."
        )
    if s.case.pole and not s.em.certificate.unbounded:
        lines.append(
            "The likelihood grows without bound as σ²_{e} goes to 0, because Z fits what X leaves;"
            " reported is its highest maximum before that. **likelihood: reml** has no such pole."
        )
    if d.mean_in_errors > FAR_FROM_0:
        lines.append(
            "The mean of the response, less the fixed effects, is"
            f" {significant(d.mean_in_errors)} standard errors from 0 and nothing takes it up."
            " **intercept: true** adds a column of ones."
        )
    lines += [_other_maxima(fit) for fit in s.fits.values() if fit.local_maxima]
    if noiseless(s):
        lines.append(
            "EM's likelihood is highest at σ²_{e} = 0: the variances mean little."
            + (" **likelihood: reml** counts what Z takes." if _counts_fixed_effects(s) else "")
        )
    return lines


def _other_maxima(fit: Estimates) -> str:
    """Tell of the lower maxima of a method's objective."""
    places = listed(
        [
            f"{rounded_share(other.pve)} ({nats(fit.objective - other.objective)} lower)"
            for other in fit.local_maxima
        ]
    )
    return (
        f"The objective of {fit.method} has more than one maximum; the highest is reported,"
        f" another lies at a PVE of {places}."
    )


def _warning_line(fit: Estimates) -> str:
    if fit.certificate.unbounded:
        return (
            f"The objective of {fit.method} grows without bound as σ²_{{e}} goes to 0: the fixed"
            " effects fit what X leaves, as an intercept does where its columns have mean 0."
        )
    return (
        f"{fit.method} stopped {missed(fit.certificate.shortfall)} found by the"
        f" one-dimensional search; a certified fit is within {CERTIFIED_WITHIN}."
    )


def _remedy(s: Summary, fit: Estimates) -> str:
    proof = fit.certificate
    at_pole = proof.unbounded or proof.noise_boundary or proof.shortfall < 0
    if at_pole and _counts_fixed_effects(s):
        return "set **likelihood: reml**, which counts what the fixed effects take"
    if fit.stop is Stop.MAX_ITER:
        scheme = "" if fit.scheme == "squarem" else ", or choose the scheme squarem,"
        return f"raise {fit.method.lower()}.max_iter in config.yaml{scheme} and run again"
    return "report the optimum of the certificate, whose variances are in the appendix"


def _counts_fixed_effects(s: Summary) -> bool:
    """Tell whether the likelihood counts rows with fixed effects in them."""
    return bool(s.data.c and s.likelihood != wording.RESTRICTED)


def missed(value: float) -> str:
    """Say how far a fit that is not certified ended from the optimum: its shortfall in nats."""
    if value < 0:
        return "on the way to σ²_{e} = 0, where its objective has no bound, beyond the optimum"
    return f"{nats(value)} below the optimum"


def answer_title(s: Summary) -> str:
    """Return the answer in one sentence."""
    em, mfvi = pve(s, "em"), pve(s, "mfvi")
    if "EM" in unbounded(s):
        return f"EM's likelihood has no maximum on these data; MFVI stands at a PVE of {mfvi}"
    if not settled(s):
        return f"EM stands at a PVE of {em}, MFVI at {mfvi}{_provisional(s)}"
    if no_effect(s):
        return "The data show no random effect: both methods put its variance at zero"
    if noiseless(s):
        return f"EM leaves no noise at all, a PVE of 100%; MFVI gives {mfvi}"
    if s.case.boundary_mfvi:
        return f"EM attributes {em} of the variance to the random effects, MFVI nothing"
    if s.case.coincide:
        return f"The two coincide: EM and MFVI both attribute {em} to the random effects"
    if em == mfvi:
        return f"EM and MFVI agree to the digits shown: {em} of the variance is random effects"
    only = "only " if given(s.mfvi.pve) < MUCH_LESS * given(s.em.pve) else ""
    return f"EM gives {em} of the variance to random effects, MFVI {only}{mfvi}"


def answer_meaning(s: Summary, method: Method) -> str:
    """Say what the PVE of a method means."""
    proof = s.fits[method].certificate
    if proof.unbounded:
        return "Not certified: the objective has no maximum."
    if not proof.certified:
        return f"Not certified: {missed(proof.shortfall)}."
    if proof.boundary:
        return "The objective is highest at σ²_{β} = 0: no random effect."
    if proof.noise_boundary:
        return "The objective is highest at σ²_{e} = 0: Z and X fit the response without noise."
    if method == "em":
        if s.likelihood == wording.RESTRICTED:
            return "Exact posterior: restricted maximum likelihood (REML)."
        return "Exact posterior: the maximum of the log-likelihood over all parameters."
    if s.case.coincide:
        return "Factorised posterior: here it loses nothing, the gap is at rounding level."
    return (
        f"Factorised posterior: the maximum of {wording.loglik(s.likelihood)} minus a penalty on"
        " σ²_{β} / σ²_{e}."
    )


def interval_line(s: Summary, method: Method) -> str:
    """Return the 95% interval of PVE, a naive one if the method is not EM."""
    name = "95% interval" if method == "em" else "Naive 95% interval"
    return f"{name}: {wording.interval_of(s.fits[method].interval)}"


def answer_foot(s: Summary) -> str:
    """Return the line under the two numbers: ratio, and truth where it is known."""
    if no_effect(s):
        line = "Ratios of the two are withheld: there is nothing to divide by."
    elif not settled(s):
        line = "No ratio is drawn from fits that are not certified."
    elif s.case.coincide:
        line = "The two differ by rounding only."
    elif s.case.boundary_mfvi:
        line = "MFVI finds no random effect where EM does."
    elif s.ratios.pve is None:
        line = "Ratios of the two are withheld: at σ²_{e} = 0 they mean little."
    else:
        line = f"MFVI's PVE is {ratio(s.ratios.pve)} times EM's."
    truth = f" The simulated truth is **{percent(s.truth.pve)}**." if s.truth else ""
    return line + truth


def ratio(value: float) -> str:
    """Return a ratio: three digits, more where it is close to one."""
    return fixed(value, 4) if 0.95 < value < 1.05 else significant(value)


def data_title(s: Summary) -> str:
    """Return the headline of the data slide."""
    d = s.data
    asked = f"; {plural(d.rows_to_predict, 'more row')} to predict" if d.rows_to_predict else ""
    if d.p == d.n:
        return f"{plural(d.n, 'row')} carry as many random effects{asked}"
    shape = "more rows than columns" if d.p < d.n else "more columns than rows"
    return f"{plural(d.n, 'row')} carry {plural(d.p, 'random effect')}: {shape}{asked}"


def data_facts(s: Summary) -> tuple[str, str]:
    """Return what the counts in the figure do not say: rank, and the response."""
    d = s.data
    if d.rank < d.p:
        reach = f"the data reach {count(d.rank)} of {plural(d.p, 'direction')} of β"
    else:
        reach = "the data reach every direction of β"
    return (
        f"K = XX′ has rank **{count(d.rank)}**: {reach}.",
        f"Response {called(d.response)}: mean {significant(d.response_mean)}, variance"
        f" {significant(d.response_variance)}.",
    )


def model_title(s: Summary) -> str:
    """Return the headline of the model slide."""
    d = s.data
    parameters = plural(d.c + 2, "parameter")
    if d.p == 1:
        return f"One random coefficient and its variance: {parameters} to estimate"
    return (
        f"{count(d.p)} coefficients share one variance: {parameters} are all there is to estimate"
    )


def evidence_example(s: Summary) -> str:
    """Return evidence = bound + gap in this data set's numbers, which add up as they stand."""
    m, bound = s.mfvi, s.gap.bound
    if bound <= ROUNDING:
        return f"Here, at MFVI's parameters, both are {fixed(m.loglik)}: the gap is rounding"
    decimals = max(2 - math.floor(math.log10(bound)), 2)
    gap = round(m.loglik, decimals) - round(m.objective, decimals)
    loglik, elbo, rest = (fixed(value, decimals) for value in (m.loglik, m.objective, gap))
    return f"Here, at MFVI's parameters: {loglik} = {elbo} + {rest} nats"


# EM


def dual_title(s: Summary) -> str:
    """Return the headline of the E-step's dual form."""
    if s.data.p < s.data.n:
        return "The same posterior from V: the smaller of the two sides does the work"
    return "E-step in dual form: an n × n matrix replaces the p × p one"


def step_line(s: Summary) -> str:
    """Say what the updates make together, and on which rows under REML."""
    if s.likelihood == wording.RESTRICTED:
        return "Under REML the same steps run on the n − c contrasts, without w; the step climbs:"
    return "Together they are one EM step, and the step climbs:"


def rows_counted(s: Summary) -> int:
    """Return how many rows the likelihood counts: under REML the contrasts."""
    return int(s.data.n - s.data.c if s.likelihood == wording.RESTRICTED else s.data.n)


def rows_named(s: Summary) -> str:
    """Return the number of rows that the likelihood counts with its symbol."""
    symbol = "n − c" if s.likelihood == wording.RESTRICTED else "n"
    return f"{symbol} = {count(rows_counted(s))}"


def climb_title(s: Summary) -> str:
    """Return the headline on the schemes of EM."""
    rows = [row for row in s.schemes if row.method == "EM"]
    reached = [row for row in rows if row.certified]
    missed = [row for row in rows if not row.certified]
    if "EM" in unbounded(s):
        return "EM climbs without end: as σ²e goes to 0 its likelihood has no bound"
    if not reached:
        return f"No scheme of EM reached the optimum{_provisional(s)}"
    if missed:
        stops = listed([f"{row.scheme} {_short(row.shortfall)}" for row in missed])
        best = listed([row.scheme for row in reached])
        return f"EM reaches its optimum by {best}; short of it: {stops}"
    if len(rows) == 1:
        return f"EM by {rows[0].scheme} is certified after {steps(rows[0])}"
    many = max(rows, key=lambda row: row.map_evaluations)
    few = min(rows, key=lambda row: row.map_evaluations)
    return (
        f"{number_word(len(rows)).capitalize()} schemes of EM reach one optimum: {few.scheme} in"
        f" {count(few.map_evaluations)} map evaluations, {many.scheme} in"
        f" {count(many.map_evaluations)}"
    )


def _short(value: float) -> str:
    """Return by how much a scheme missed the optimum, or that it went past it to a pole."""
    return nats(value, 2) if value >= 0 else "(at a pole)"


def steps(row: SchemeResult) -> str:
    """Return how often a scheme evaluated its map."""
    return plural(row.map_evaluations, "map evaluation")


def number_word(number: int) -> str:
    """Return a small number as a word."""
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return words[number] if number < len(words) else count(number)


def certificate_title(s: Summary) -> str:
    """Return the headline of the certificate."""
    if flat(s):
        return "A one-dimensional search finds the same likelihood at every variance ratio"
    if unbounded(s) == uncertified(s) != []:
        return f"A one-dimensional search finds no maximum of {listed(unbounded(s))}'s objective"
    if not settled(s):
        return f"A one-dimensional search shows that {listed(uncertified(s))} missed the optimum"
    return "A one-dimensional search, independent of the iterations, certifies both fits"


def certificate_line(fit: Estimates) -> str:
    """Say how far a fit ended from the optimum."""
    proof, name = fit.certificate, fit.method
    if proof.flat:
        return f"{name}: the objective is the same at every ratio, there is no optimum to certify"
    if proof.unbounded:
        return f"{name}: the objective has no maximum, **not certified**"
    if proof.shortfall < 0 and not proof.certified:
        return f"{name}: {missed(proof.shortfall)}, **not certified**"
    verdict = "**certified**" if proof.certified else "**not certified**"
    edge = " at the boundary σ²_{β} = 0" if proof.boundary else ""
    edge += " at the boundary σ²_{e} = 0" if proof.noise_boundary else ""
    return (
        f"{name}: {shortfall(proof.shortfall)} below the optimum{edge}, {verdict}"
        f" (limit {CERTIFIED_WITHIN})"
    )


def shortfall(value: float) -> str:
    """Return a shortfall in nats; none where the search found nothing higher."""
    return nats(value, 2) if value > 0 else "0 nats"


# mean field


def trace_title(s: Summary) -> str:
    """Return the headline on MFVI's iterations."""
    m = s.mfvi
    sweeps = plural(m.map_evaluations, "sweep")
    if "MFVI" in unbounded(s) or (not s.case.certified_mfvi and m.certificate.shortfall < 0):
        return f"After {sweeps} MFVI is near σ²e = 0, where its bound has no bound: not certified"
    if not s.case.certified_mfvi:
        return (
            f"After {sweeps} MFVI's bound is still"
            f" {nats(m.certificate.shortfall)} below its optimum: not certified"
        )
    if s.case.coincide:
        return "Bound and log-likelihood of MFVI coincide: the gap is at rounding level"
    if s.case.boundary_mfvi:
        return f"After {sweeps} MFVI is at no random effect, where its bound has no gap"
    return f"After {sweeps} MFVI's bound is at its optimum, {nats(m.gap)} below the log-likelihood"


# comparison


def estimates_title(s: Summary) -> str:
    """Return the headline of the table of estimates."""
    if not settled(s):
        return f"The estimates side by side{_provisional(s)}"
    if no_effect(s):
        return "Both methods put the coefficients' variance at zero; ratios are withheld"
    if s.case.coincide:
        return "Side by side the estimates of EM and MFVI coincide"
    lower = f"{wording.loglik(s.likelihood)} {nats(max(s.gap.parameters, 0.0))} lower"
    if s.ratios.variance_ratio is None:
        return f"EM leaves no noise; MFVI does, with a {lower}"
    return f"MFVI's variance ratio is {ratio(s.ratios.variance_ratio)} times EM's, its {lower}"


def profile_title(s: Summary) -> str:
    """Return the headline of the profile curves."""
    if flat(s):
        return f"The {wording.profile(s.likelihood)} is flat: every variance ratio fits as well"
    if "EM" in unbounded(s):
        return f"The {wording.profile(s.likelihood)} has no maximum: it rises on to a PVE of 100%"
    if no_effect(s):
        return f"The {wording.profile(s.likelihood)} is highest where there is no random effect"
    if s.case.orthogonal:
        return "The penalty of mean field vanishes on this X: both curves peak at the same place"
    if not settled(s):
        return f"Why MFVI shrinks: a penalty moves the peak{_provisional(s)}"
    if pve(s, "em") == pve(s, "mfvi"):
        return f"A small penalty hardly moves the peak: PVE {pve(s, 'em')} under both"
    return f"The penalty moves the peak from a PVE of {pve(s, 'em')} to {pve(s, 'mfvi')}"


def means_title(s: Summary) -> str:
    """Return the headline on the posterior means."""
    m = s.means
    if no_effect(s):
        return "Without a random effect every posterior mean is zero under both methods"
    if s.case.boundary_mfvi:
        return "MFVI puts every posterior mean at zero, EM does not"
    if s.case.coincide:
        return "Posterior means coincide: same parameters, same means"
    if m.slope is None:
        return f"Posterior means differ by {significant(m.max_abs_difference)} at most"
    if m.correlation is None:
        return f"MFVI's posterior means are {ratio(m.slope)} times EM's"
    return (
        f"MFVI's posterior means are {ratio(m.slope)} times EM's,"
        f" with correlation {correlation(m.correlation)}"
    )


def correlation(value: float) -> str:
    """Return a correlation, never rounded up to one."""
    return "above 0.9999" if 0.99995 <= value < 1 else fixed(value, 4)


def means_facts(s: Summary) -> tuple[str, str]:
    """Say what the posterior means have in common and where they differ."""
    m = s.means
    law = "At equal parameters MFVI's means are **exact**, m = μ"
    if no_effect(s):
        return f"{law}.", "At σ²_{β} = 0 both means are zero for every coefficient."
    law += "." if s.case.coincide else ": the parameters make the difference."
    return law, (
        f"Largest difference **{significant(m.max_abs_difference)}**"
        f" ({called(m.max_abs_difference_name)}). RMS: EM {significant(m.rms_em)},"
        f" MFVI {significant(m.rms_mfvi)}."
    )


def variances_title(s: Summary) -> str:
    """Return the headline on the marginal posterior variances."""
    v = s.variances.equal_theta
    if no_effect(s):
        return "Without a random effect there is no posterior variance to compare"
    if s.case.coincide:
        return "One by one, the posterior variances of the two methods coincide"
    if v.median_ratio is None:
        return "One by one, MFVI understates the posterior variances at equal parameters"
    return (
        f"One by one, MFVI understates the posterior variances: median ratio"
        f" {ratio(v.median_ratio)} at equal parameters"
    )


def variances_facts(s: Summary) -> tuple[str, str]:
    """Say how the marginal variances compare, and that the sum goes the other way."""
    law = (
        "At equal parameters **no** coefficient's variance is too large, yet that of Xβ, summed"
        " over rows, is not too small."
    )
    if s.case.orthogonal:
        law = "The columns are orthogonal: at equal parameters MFVI's variances are the exact ones."
    v, own = s.variances.equal_theta, s.variances.own_theta
    if no_effect(s) or v.median_ratio is None or own.median_ratio is None:
        return law, "At σ²_{β} = 0 no coefficient has any variance left."
    low, high = ratio(given(v.min_ratio)), ratio(given(v.max_ratio))
    return law, (
        f"MFVI / EM: {low} to {high} at equal parameters, median {ratio(own.median_ratio)} at own."
    )


def fitted_facts(s: Summary) -> tuple[str, str]:
    """Say what the two parts of the variance of the fitted values are."""
    f = s.fitted
    parts = (
        "Mean part: ‖Xμ‖²/n. Uncertainty: tr(XΓX′)/n for EM, Σd_{j}s_{j}/n for MFVI, which is"
        " never smaller."
    )
    if no_effect(s):
        return parts, "At σ²_{β} = 0 both parts are zero."
    own = (
        f"Total: EM {_total(f.em)}; MFVI {_total(f.mfvi_at_em)} at equal, {_total(f.mfvi)} at own"
        " parameters."
    )
    return parts, own


def _total(parts: FittedVariance) -> str:
    """Return the sum of both parts as the figure writes it."""
    return adding_up([parts.mean_part, parts.uncertainty_part])[0]


def fitted_title(s: Summary) -> str:
    """Return the headline on the variance of the fitted values."""
    f = s.fitted
    if no_effect(s):
        return "Without a random effect the fitted values Xβ have no variance under either method"
    if s.case.coincide:
        return "In sum over the rows the variance of the fitted values Xβ coincides too"
    em, mfvi = distinct(f.em.uncertainty_part, f.mfvi_at_em.uncertainty_part)
    return (
        f"In sum over the rows MFVI overstates the uncertainty of Xβ: {mfvi} against {em} at equal"
        " parameters"
    )


def shrinkage_law_title(s: Summary) -> str:
    """Return the headline on what the gap does to the variance ratio."""
    effect = "it favours smaller ones" if s.case.pole else "mean field reports no more than EM"
    return f"The gap is a penalty that never falls with the ratio: {effect}"


def laws_title(s: Summary) -> str:
    """Return the headline of the two laws on variances."""
    if s.case.orthogonal:
        return "Two laws of mean field's variances, which with orthogonal columns are equalities"
    if s.case.coincide:
        return "Two laws of mean field's variances; on these data the differences are rounding"
    return "Both at once: too small one by one, too large in sum over the rows"


def distinct(a: float, b: float) -> tuple[str, str]:
    """Return two numbers with as many digits (3 to 7) as it takes to tell them apart."""
    for digits in range(3, 8):
        first, second = significant(a, digits), significant(b, digits)
        if first != second:
            break
    return first, second


def choice_title(s: Summary) -> str:
    """Return the conclusion."""
    if not settled(s):
        return "Before choosing between the two, let both fits reach their optimum"
    if no_effect(s):
        return "With no random effect in these data the choice of method does not matter"
    if s.case.coincide:
        return "On these data either method will do: they coincide"
    if pve(s, "em") == pve(s, "mfvi"):
        return "On these data MFVI is a close stand-in for EM; in general EM is the one to report"
    return USUAL_CHOICE


def choice_rows(s: Summary) -> list[list[str]]:
    """Return question, EM's answer, MFVI's at EM's parameters and as it is reported."""
    em_share, mfvi_share = _shares(s)
    naive = wording.interval_of(s.mfvi.naive_pve_interval)
    each = _each_iteration(s)
    return [
        ["How much variance? (PVE)", em_share, SAME, mfvi_share],
        ["95% interval of PVE", wording.interval_of(s.em.pve_interval), MISSING, f"{naive}, naive"],
        ["Mean of one coefficient", "exact", "exact", _slope(s)],
        ["Variance of one coefficient", "exact", *_marginal(s)],
        ["Uncertainty of Xβ, per row", *_fitted_uncertainty(s)],
        ["Objective", fixed(s.em.loglik), MISSING, f"{fixed(s.mfvi.elbo)}, a bound"],
        ["Paid once", _paid_once(s), MISSING, "O(np), column norms"],
        ["Paid each iteration", each, MISSING, "O(np), a sweep"],
        [
            "Iterations here",
            count(s.em.map_evaluations),
            MISSING,
            plural(s.mfvi.map_evaluations, "sweep"),
        ],
    ]


def _slope(s: Summary) -> str:
    """Return how MFVI's posterior means compare with EM's, each at its own parameters."""
    if s.case.coincide or no_effect(s):
        return SAME
    if s.case.boundary_mfvi or s.means.slope is None:
        return "0" if s.case.boundary_mfvi else "exact for its own"
    return f"× {ratio(s.means.slope)}"


def _paid_once(s: Summary) -> str:
    """Return what the spectral form costs."""
    return "O(np²), X decomposed" if _is_tall(s) else "O(n²p), XX′ decomposed"


def _is_tall(s: Summary) -> bool:
    return bool(s.data.p < s.data.n)


def _each_iteration(s: Summary) -> str:
    """Return what an iteration of EM costs on the spectral form: rows kept times fixed effects."""
    c = 0 if s.likelihood == wording.RESTRICTED else s.data.c
    rows = ("p" if c == 0 else "(p + c)") if _is_tall(s) else "n"
    return f"O({rows}c)" if c > 1 else f"O({rows.strip('()')})"


def iteration_cost(s: Summary) -> str:
    """Say what an iteration costs once X is decomposed."""
    other = "n" if _is_tall(s) else "p"
    return (
        "Paid once: the decomposition. After it, X is no longer needed: one iteration costs"
        f" {_each_iteration(s)}, whatever {other} is."
    )


def _shares(s: Summary) -> tuple[str, str]:
    em, mfvi = pve(s, "em"), pve(s, "mfvi")
    method = "REML" if s.likelihood == wording.RESTRICTED else "ML"
    if not settled(s):
        return f"{em}, provisional", f"{mfvi}, provisional"
    if s.case.coincide or no_effect(s):
        return f"{em}, {method}", f"{mfvi}, the same"
    return f"{em}, {method}", f"{mfvi}, shrunk"


def _marginal(s: Summary) -> tuple[str, str]:
    """Return MFVI's variance of one coefficient over EM's, at EM's parameters and at its own."""
    if s.case.coincide or no_effect(s):
        return SAME, SAME
    v = s.variances
    equal, own = (
        MISSING if part.median_ratio is None else f"median × {ratio(part.median_ratio)}"
        for part in (v.equal_theta, v.own_theta)
    )
    return equal, own


def _fitted_uncertainty(s: Summary) -> tuple[str, str, str]:
    if no_effect(s):
        return "0", "0", "0"
    f = s.fitted
    em, mfvi, own = (p.uncertainty_part for p in (f.em, f.mfvi_at_em, f.mfvi))
    if s.case.coincide:
        return significant(em), SAME, SAME
    return *distinct(em, mfvi), significant(own)


def estimate(s: Summary, source: Source, quantity: str, value: float | None) -> str:
    """Return a cell of the table of estimates."""
    if quantity == "pve" and (source == "em" or source == "mfvi"):
        return pve(s, source)
    if quantity == "gap" and value is not None and s.case.coincide:
        return "rounding"
    show = {"pve": percent, "loglik": fixed, "elbo": fixed}.get(quantity, significant)
    return show(value)


def bracketed(quantity: str, value: float | None) -> str:
    """Return a standard error as it follows an estimate; nothing where there is none."""
    if value is None:
        return ""
    plain = quantity == "pve" or SMALLEST_FIXED <= abs(value) < LARGEST_FIXED
    show = percent if quantity == "pve" else significant
    return f" ({show(value, 2 if plain else 1)})"


def why_no_errors(s: Summary) -> str:
    """Say why EM has no standard errors of its variances; nothing where it has them."""
    if s.em.errors.reason is None:
        return ""
    proof = s.em.certificate
    if proof.unbounded:
        return "No standard errors: the likelihood has no maximum."
    if proof.boundary or proof.noise_boundary:
        return "No standard errors: at a boundary the curvature says nothing."
    return "No standard errors: the objective is not concave there."


def no_effect_test(s: Summary) -> str:
    """Return the test of no random effect in a sentence."""
    lrt = s.em.lrt
    if s.em.certificate.flat:
        return "Test of no random effect: withheld, every variance ratio fits as well."
    if lrt is None:
        return "Test of no random effect: withheld, the likelihood has no bound."
    if lrt.statistic <= 0:
        return "Test of no random effect: nothing speaks against it, p = 1."
    return (
        f"Test of no random effect: likelihood ratio {significant(lrt.statistic)}"
        f" (half-and-half mixture, asymptotic), {p_value(lrt.p_value)}."
    )


def uncertainty_title(s: Summary) -> str:
    """Return the headline on the intervals of PVE."""
    if s.em.pve_interval is None or s.mfvi.naive_pve_interval is None:
        return "A likelihood without bound gives its PVE no interval"
    exact, naive = interval(*s.em.pve_interval), interval(*s.mfvi.naive_pve_interval)
    if not settled(s):
        return f"How sure the PVE is{_provisional(s)}"
    if no_effect(s):
        high = percent(s.em.pve_interval[1])
        return f"No random effect fits best, yet a PVE of up to {high} is not excluded"
    if s.case.coincide or exact == naive:
        return f"Both objectives give PVE the same 95% interval: {exact}"
    if s.mfvi.naive_pve_interval[1] < given(s.em.pve):
        return f"EM's 95% interval of PVE is {exact}; MFVI's naive one leaves EM's estimate out"
    return f"EM's 95% interval of PVE is {exact}, MFVI's naive one {naive}"


def uncertainty_facts(s: Summary) -> tuple[str, str]:
    """Return the test of no random effect and the standard errors of PVE."""
    error, naive = s.em.errors.pve, s.mfvi.errors.pve
    if error is None:
        return no_effect_test(s), why_no_errors(s)
    other = "" if naive is None else f", MFVI {share(naive)} (naive)"
    return no_effect_test(s), f"Standard errors of PVE: EM {share(error)}{other}."


def expected_error(s: Summary) -> str:
    """Return EM's standard error of PVE by the expected information; nothing where it has none."""
    error = given(s.em.standard_errors_expected).pve
    return "" if error is None else f"By the expected information EM's is {share(error)}."


def sight_title(s: Summary) -> str:
    """Return the headline on what mean field can see of this X."""
    most, blind = s.shrinkage.pve_max, s.calibrated_pve.flat_below
    if s.case.orthogonal:
        return "On this X mean field loses nothing: its columns are orthogonal"
    if blind >= 1 and most > ROUNDING:
        return "On this X mean field reports the same of every response"
    if blind >= 1:
        return "On this X mean field reports no random effect, whatever the truth"
    if blind >= BLIND:
        return f"On this X mean field reports nothing of a true PVE below {percent(blind)}"
    if most > WELL_SEEN and s.shrinkage.pve_at_em is not None:
        seen = share(s.shrinkage.pve_at_em)
        here = "" if no_effect(s) else f": {pve(s, 'em')} is reported as {seen}"
        return f"On this X mean field sees nearly all of the PVE{here}"
    return f"On this X mean field reports a PVE of at most {share(most)}, but for chance"


def sight_facts(s: Summary) -> tuple[str, str]:
    """Say where MFVI's estimate lies on the curve, and what it is calibrated to."""
    seen, found = s.shrinkage, s.calibrated_pve
    if not s.case.certified_em:
        place = f"MFVI's estimate here: {pve(s, 'mfvi')}."
    else:
        at_em = rounded_share(given(seen.pve_at_em))
        band = interval(given(seen.low_at_em), given(seen.high_at_em))
        place = (
            f"Were PVE {pve(s, 'em')}, MFVI would report {at_em} (95% of the time {band}); here"
            f" {pve(s, 'mfvi')}."
        )
    truth = f" Truth: {percent(s.truth.pve)}." if s.truth else ""
    span = interval(found.low, found.high)
    return place, f"Calibrated PVE: **{calibrated(found)}**; 95% interval {span}.{truth}"


def calibrated(found: CalibratedPve) -> str:
    """Return the calibrated PVE, or where it cannot be told."""
    if found.estimate is None and found.flat_below >= 1:
        return "not identifiable"
    if found.estimate is None:
        return f"not identifiable below {rounded_share(found.flat_below)}"
    if found.estimate >= 1:
        return "100%, the end of the curve"
    return rounded_share(found.estimate)


def response_title(s: Summary) -> str:
    """Return the headline on linear response."""
    if no_effect(s):
        return "Linear response would restore exact variances; here there are none to mend"
    if s.case.coincide:
        return "Linear response gives the exact variances; here mean field has them already"
    return "Linear response restores the exact variances; what is left is the parameters"


def response_facts(s: Summary) -> list[str]:
    """Say what the corrected variances are and what they still lack."""
    corrected, own = s.variances.lrvb, s.variances.own_theta
    law = (
        "At MFVI's own parameters the corrected variances are the diagonal of Γ exactly: the"
        " posterior is normal, so the response is linear."
    )
    if no_effect(s) or corrected.median_ratio is None or own.median_ratio is None:
        return [law, "At σ²_{β} = 0 no coefficient has any variance left."]
    if s.case.coincide:
        return [law, f"Mean variance: {significant(own.mean_mfvi)} under both methods."]
    if s.case.boundary_mfvi:
        return [
            law,
            "At MFVI's σ²_{β} = 0 they are 0 before and after; the mean of EM's is"
            f" {significant(own.mean_em)}.",
        ]
    before, after = distinct(own.mean_mfvi, corrected.mean_mfvi)
    return [
        law,
        f"Here the correction raises their mean from {before} to **{after}**; EM's, at EM's"
        f" parameters, is {significant(own.mean_em)}. Corrected over EM's: median"
        f" {ratio(corrected.median_ratio)}, the parameters' part.",
    ]


def covering_intervals(s: Summary) -> list[str]:
    """Return the intervals of PVE and whether they cover the truth."""
    pairs = (s.em.pve_interval, s.mfvi.naive_pve_interval)
    words = [
        wording.WITHHELD if pair is None else f"{interval(*pair)}: {_covers(s, *pair)}"
        for pair in pairs
    ]
    return [words[0], f"naive {words[1]}"]


def covering_calibrated(s: Summary) -> str:
    """Return the calibrated PVE, its interval and whether that covers the truth."""
    found = s.calibrated_pve
    span = interval(found.low, found.high)
    return f"{calibrated(found)} ({span}: {_covers(s, found.low, found.high)})"


def _covers(s: Summary, low: float, high: float) -> str:
    return "yes" if low <= given(s.truth).pve <= high else "no"


def estimate_ratio(s: Summary, value: float | None) -> str:
    """Return a ratio MFVI / EM, withheld where a fit is not certified or at the boundary."""
    return MISSING if value is None or not settled(s) else ratio(value)


def conventions(s: Summary) -> str:
    """Return EM's PVE as other programs define it."""
    other = s.em.pve_conventions
    return (
        f"By the definition of GEMMA, tr(K)/n of centred columns, EM's PVE is"
        f" {share(given(other.gemma))}; by that of GCTA, without a trace,"
        f" {share(given(other.gcta))}."
    )


def truth_title(s: Summary) -> str:
    """Return the headline of the comparison with the simulated truth."""
    t = given(s.truth)
    if not settled(s):
        return f"Against the simulated truth{_provisional(s)}"
    em, mfvi = (abs(given(fit.pve) - t.pve) for fit in (s.em, s.mfvi))
    if s.case.coincide or pve(s, "em") == pve(s, "mfvi"):
        return f"Both methods give a PVE of {pve(s, 'em')}; the simulated truth is {percent(t.pve)}"
    nearer = "EM" if em < mfvi else "MFVI"
    return f"The simulated truth is a PVE of {percent(t.pve)}: {nearer} comes nearer"


# appendix


def fixed_table_title(s: Summary) -> str:
    """Return the headline of the tables of the fixed effects."""
    c = s.fixed_effects.count
    if c == 1:
        return "The one fixed effect by name"
    return f"The {number_word(c)} fixed effects by name"


def fixed_title(s: Summary) -> str:
    """Return the headline of the figure of the fixed effects."""
    f = s.fixed_effects
    estimates, difference = (row.em for row in f.table), given(f.max_abs_difference)
    if difference <= least_difference(estimates, s.data.response_variance):
        return "The fixed effects are the same under both methods"
    where = called(given(f.max_abs_difference_name))
    return f"The fixed effects of EM and MFVI differ by {significant(difference)} at most ({where})"


def gap_table_title(s: Summary) -> str:
    """Return the headline of the split of the gap."""
    if s.case.coincide:
        return "From EM's log-likelihood to MFVI's bound: nothing beyond rounding"
    return f"From EM's log-likelihood to MFVI's bound: {nats(max(s.gap.total, 0.0))} in two parts"


def gap_parts(s: Summary) -> dict[str, str]:
    """Return the parts of the gap (nats) with as many decimals as four digits of the whole take.

    The leaves are rounded and the sums are those of the rounded, so that they add up.
    """
    g, size = s.gap, max(abs(s.gap.total), ROUNDING)
    decimals = max(3 - math.floor(math.log10(size)), 0)
    leaves = ("parameters", "mean", "log_det_diagonal", "log_det_spectrum")
    parts = {key: round(getattr(g, key), decimals) for key in leaves}
    parts["factorisation"] = parts["log_det_diagonal"] - parts["log_det_spectrum"]
    parts["bound"] = parts["factorisation"] + parts["mean"]
    parts["total"] = parts["parameters"] + parts["bound"]
    return {key: fixed(value, decimals) for key, value in parts.items()}


def data_checks_title(s: Summary) -> str:
    """Return the headline of the checks at import."""
    d = s.data
    missing = d.missing.response + d.missing.fixed + d.missing.random
    if missing == 0 and not d.constant_columns and not d.columns_dropped:
        return "Checks at import: nothing missing, constant or dropped"
    found = [
        text
        for number, text in (
            (missing, plural(missing, "missing cell")),
            (len(d.constant_columns), plural(len(d.constant_columns), "constant column")),
            (len(d.columns_dropped), plural(len(d.columns_dropped), "dropped column")),
        )
        if number
    ]
    return f"Checks at import: {listed(found)}"


def schemes_title(s: Summary) -> str:
    """Return the headline of the table of schemes."""
    reached = sum(row.certified for row in s.schemes)
    if reached == len(s.schemes):
        return "Every scheme that was run ends at its optimum"
    return f"{count(reached)} of {plural(len(s.schemes), 'scheme')} end at the optimum"


def spectrum_title(s: Summary) -> str:
    """Return the headline of the spectrum."""
    d = s.data
    low, high = significant(d.eigval_min_positive), significant(d.eigval_max)
    if d.rank == 1:
        return f"The only positive eigenvalue of K is {high}"
    return f"The {count(d.rank)} positive eigenvalues of K run from {low} to {high}"
