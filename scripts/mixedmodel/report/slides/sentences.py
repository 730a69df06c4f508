"""Every sentence of the deck that depends on the results, from comparison/summary.json.

Pure functions of the summary (an attribute view of the JSON). Variants: fewer random
effects than rows, boundary, coinciding fits, not certified, truth known. Undefined
numbers are null in the summary and never reach a sentence.
"""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from mixedmodel.report import wording
from mixedmodel.report.names import cut, cut_all
from mixedmodel.report.numbers import (
    LARGEST_FIXED,
    MISSING,
    SMALLEST_FIXED,
    count,
    fixed,
    interval,
    listed,
    nats,
    p_value,
    percent,
    rounded_share,
    share,
    significant,
)
from mixedmodel.report.slides.metrics import fitting

Summary = Any  # an attribute view of the JSON; see ``view``

CERTIFIED_WITHIN = "10⁻⁶ nats"
WELL_SEEN = 0.9  # a curve that ends above it hides little
NAME_INCHES = 1.6  # the most that a column's name takes inside a sentence
NAME_SIZE = 18.0
USUAL_CHOICE = (
    "For variances and PVE report EM; MFVI is for prediction when only sweeps are affordable"
)


def view(content: Any) -> Any:
    """Turn the dictionaries of a JSON file into objects with attributes."""
    if isinstance(content, dict):
        return SimpleNamespace(**{key: view(value) for key, value in content.items()})
    return [view(each) for each in content] if isinstance(content, list) else content


def plural(number: int, noun: str) -> str:
    """Return a count with its noun: ``1 row``, ``6,000 rows``."""
    return f"{count(number)} {noun}" + ("" if number == 1 else "s")


def called(name: str) -> str:
    """Return a column's name, cut in the middle where it would fill the sentence."""
    return cut(name, fitting(NAME_SIZE, NAME_INCHES))


def all_called(names: Sequence[str]) -> list[str]:
    """Return the names that one sentence lists, cut so that they differ."""
    return cut_all(names, fitting(NAME_SIZE, NAME_INCHES))


def pve(s: Summary, method: str) -> str:
    """Return the PVE of "em" or "mfvi"; zero at the boundary."""
    fit = getattr(s, method)
    return "0%" if fit.certificate.boundary and fit.certificate.certified else share(fit.pve)


def uncertified(s: Summary) -> list[str]:
    """Name the methods whose fit is not certified."""
    return [
        method
        for method, certified in (("EM", s.case.certified_em), ("MFVI", s.case.certified_mfvi))
        if not certified
    ]


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
    methods = uncertified(s)
    return f"{listed(methods)} did not reach the optimum: read what follows as provisional"


def warning_lines(s: Summary) -> list[str]:
    """Say for each fit that is not certified how far it is from the optimum."""
    lines = []
    for method in uncertified(s):
        proof = getattr(s, method.lower()).certificate
        lines.append(
            f"{method} stopped {missed(proof.shortfall)} found by the"
            f" one-dimensional search; a certified fit is within {CERTIFIED_WITHIN}."
        )
    return lines


def missed(value: float) -> str:
    """Say how far a fit that is not certified ended from the optimum: its shortfall in nats."""
    if value < 0:
        return "at σ²_{e} = 0, where its objective has no bound, not at the optimum"
    return f"{nats(value)} below the optimum"


def answer_title(s: Summary) -> str:
    """Return the answer in one sentence."""
    em, mfvi = pve(s, "em"), pve(s, "mfvi")
    if not settled(s):
        return f"EM stands at a PVE of {em}, MFVI at {mfvi}{_provisional(s)}"
    if no_effect(s):
        return "The data show no random effect: both methods put its variance at zero"
    if s.case.boundary_mfvi:
        return f"EM attributes {em} of the variance to the random effects, MFVI nothing"
    if s.case.coincide:
        return f"The two coincide: EM and MFVI both attribute {em} to the random effects"
    if em == mfvi:
        return f"EM and MFVI agree to the digits shown: {em} of the variance is random effects"
    return f"EM gives {em} of the variance to random effects, MFVI only {mfvi}"


def answer_meaning(s: Summary, method: str) -> str:
    """Say what the PVE of "em" or "mfvi" means."""
    fit = getattr(s, method)
    if not fit.certificate.certified:
        return f"Not certified: {missed(fit.certificate.shortfall)}."
    if fit.certificate.boundary:
        return "The objective is highest at σ²_{β} = 0: no random effect."
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


def interval_line(s: Summary, method: str) -> str:
    """Return the 95% interval of PVE of "em", or the naive one of "mfvi"."""
    if method == "em":
        return f"95% interval: {interval(*s.em.pve_interval)}"
    return f"Naive 95% interval: {interval(*s.mfvi.naive_pve_interval)}"


def answer_foot(s: Summary) -> str:
    """Return the line under the two numbers: ratio, and truth where it is known."""
    if no_effect(s):
        line = "Ratios of the two are withheld: there is nothing to divide by."
    elif not settled(s):
        line = "No ratio is drawn from fits that are not certified."
    elif s.case.coincide:
        line = "The two differ by rounding only."
    else:
        line = f"MFVI's PVE is {ratio(s.ratios.pve)} times EM's."
    truth = f" The simulated truth is **{percent(s.truth.pve)}**." if s.case.truth_known else ""
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
    """Return evidence = bound + gap in this data set's numbers."""
    m = s.mfvi
    return f"Here, at MFVI's parameters: {fixed(m.loglik)} = {fixed(m.elbo)} + {gap_size(s)}"


def gap_size(s: Summary) -> str:
    """Return MFVI's gap in nats, or that it is at rounding level."""
    return "a gap at rounding level" if s.case.coincide else nats(max(s.mfvi.gap, 0.0))


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
    if not reached:
        return f"No scheme of EM reached the optimum within its limit{_provisional(s)}"
    if missed:
        stops = listed([f"{row.scheme} {nats(row.shortfall, 2)}" for row in missed])
        best = listed([row.scheme for row in reached])
        return f"EM reaches its optimum by {best}; short of it: {stops}"
    if len(rows) == 1:
        return f"EM by {rows[0].scheme} is certified after {steps(rows[0])}"
    many = max(rows, key=lambda row: row.map_evaluations)
    few = min(rows, key=lambda row: row.map_evaluations)
    return (
        f"{number_word(len(rows))} schemes of EM reach one optimum: {few.scheme} in"
        f" {count(few.map_evaluations)} map evaluations, {many.scheme} in"
        f" {count(many.map_evaluations)}"
    )


def steps(row: Any) -> str:
    """Return how often a scheme evaluated its map."""
    return plural(row.map_evaluations, "map evaluation")


def number_word(number: int) -> str:
    """Return a small number as a word that opens a sentence."""
    return {2: "Two", 3: "Three"}.get(number, count(number))


def certificate_title(s: Summary) -> str:
    """Return the headline of the certificate."""
    if not settled(s):
        return f"A one-dimensional search shows that {listed(uncertified(s))} fell short"
    return "A one-dimensional search, independent of the iterations, certifies both fits"


def certificate_line(s: Summary, method: str) -> str:
    """Say how far "em" or "mfvi" ended from the optimum."""
    proof = getattr(s, method).certificate
    verdict = "**certified**" if proof.certified else "**not certified**"
    edge = " at the boundary σ²_{β} = 0" if proof.boundary else ""
    edge += " at the boundary σ²_{e} = 0" if proof.noise_boundary else ""
    return (
        f"{method.upper()}: {shortfall(proof.shortfall)} below the optimum{edge}, {verdict}"
        f" (limit {CERTIFIED_WITHIN})"
    )


def shortfall(value: float) -> str:
    """Return a shortfall in nats; none where the search found nothing higher."""
    return nats(value, 2) if value > 0 else "0 nats"


# mean field


def trace_title(s: Summary) -> str:
    """Return the headline on MFVI's iterations."""
    m = s.mfvi
    if not s.case.certified_mfvi:
        return (
            f"After {plural(m.map_evaluations, 'sweep')} MFVI's bound is still"
            f" {nats(m.certificate.shortfall)} below its optimum: not certified"
        )
    if s.case.coincide:
        return "Bound and log-likelihood of MFVI coincide: the gap is at rounding level"
    return (
        f"After {plural(m.map_evaluations, 'sweep')} MFVI's bound is at its optimum,"
        f" {nats(m.gap)} below the log-likelihood"
    )


# comparison


def estimates_title(s: Summary) -> str:
    """Return the headline of the table of estimates."""
    if not settled(s):
        return f"The estimates side by side{_provisional(s)}"
    if no_effect(s):
        return "Both methods put the coefficients' variance at zero; ratios are withheld"
    if s.case.coincide:
        return "Side by side the estimates of EM and MFVI coincide"
    return (
        f"MFVI's variance ratio is {ratio(s.ratios.variance_ratio)} times EM's, its"
        f" {wording.loglik(s.likelihood)} {nats(max(s.gap.parameters, 0.0))} lower"
    )


def profile_title(s: Summary) -> str:
    """Return the headline of the profile curves."""
    if no_effect(s):
        return (
            f"The {wording.profile(s.likelihood)} falls from the start: its maximum is no random"
            " effect"
        )
    if s.case.coincide:
        return "The penalty of mean field vanishes on this X: both curves peak at the same place"
    where = f"from a PVE of {pve(s, 'em')} to {pve(s, 'mfvi')}"
    if not settled(s):
        return f"Why MFVI shrinks: a penalty moves the peak{_provisional(s)}"
    if pve(s, "em") == pve(s, "mfvi"):
        return f"A small penalty hardly moves the peak: PVE {pve(s, 'em')} under both"
    return f"The penalty moves the peak {where}"


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
    law = (
        "At equal parameters MFVI's means are **exact**, m = μ: the parameters make the difference."
    )
    if no_effect(s):
        return law, "At σ²_{β} = 0 both means are zero for every coefficient."
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
    if v.median_ratio is None:
        return "One by one, MFVI understates the posterior variances at equal parameters"
    if s.case.coincide:
        return "One by one, the posterior variances coincide: the columns are orthogonal"
    return (
        f"One by one, MFVI understates the posterior variances: median ratio"
        f" {ratio(v.median_ratio)} at equal parameters"
    )


def variances_facts(s: Summary) -> tuple[str, str]:
    """Say how the marginal variances compare, and that the sum goes the other way."""
    law = (
        "At equal parameters **each** variance of MFVI is too small, and yet the variance of Xβ"
        " is too large."
    )
    v, own = s.variances.equal_theta, s.variances.own_theta
    if s.case.coincide:
        law = "No variance of MFVI exceeds the exact one at equal parameters; here they are equal."
    if no_effect(s) or v.median_ratio is None or own.median_ratio is None:
        return law, "At σ²_{β} = 0 no coefficient has any variance left."
    return law, (
        f"MFVI / EM: {ratio(v.min_ratio)} to {ratio(v.max_ratio)} at equal parameters, median"
        f" {ratio(own.median_ratio)} at own."
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
        f"Total: EM {significant(f.em.total)}; MFVI {significant(f.mfvi_at_em.total)} at equal,"
        f" {significant(f.mfvi.total)} at own parameters."
    )
    return parts, own


def fitted_title(s: Summary) -> str:
    """Return the headline on the variance of the fitted values."""
    f = s.fitted
    if no_effect(s):
        return "Without a random effect the fitted values Xβ have no variance under either method"
    if s.case.coincide:
        return "In sum the variance of the fitted values Xβ coincides too"
    em, mfvi = distinct(f.em.uncertainty_part, f.mfvi_at_em.uncertainty_part)
    return (
        f"In sum, MFVI overstates the uncertainty of the fitted values: {mfvi} against {em}"
        " at equal parameters"
    )


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
    """Return question, EM's and MFVI's answer with this data set's numbers."""
    em_shares, mfvi_shares = _shares(s)
    em_fitted, mfvi_fitted = _fitted_uncertainty(s)
    return [
        ["How much variance? (PVE)", em_shares, mfvi_shares],
        [
            "95% interval of PVE",
            interval(*s.em.pve_interval),
            f"{interval(*s.mfvi.naive_pve_interval)}, naive",
        ],
        ["Mean of one coefficient", "exact", "exact for its own parameters"],
        ["Variance of one coefficient", "exact", _marginal(s)],
        ["Uncertainty of Xβ, per row", em_fitted, mfvi_fitted],
        [
            "Objective",
            f"{wording.loglik(s.likelihood)} {fixed(s.em.loglik)}",
            f"bound {fixed(s.mfvi.elbo)}",
        ],
        ["Paid once", "eigenvectors of the smaller Gram matrix", "squared column norms"],
        ["Paid each iteration", "O(nc)", "O(np): a sweep over X"],
        [
            "Iterations here",
            plural(s.em.map_evaluations, "map evaluation"),
            plural(s.mfvi.map_evaluations, "sweep"),
        ],
    ]


def _shares(s: Summary) -> tuple[str, str]:
    em, mfvi = pve(s, "em"), pve(s, "mfvi")
    method = "REML" if s.likelihood == wording.RESTRICTED else "maximum likelihood"
    if not settled(s):
        return f"{em}, provisional", f"{mfvi}, provisional"
    if s.case.coincide or no_effect(s):
        return f"{em}, {method}", f"{mfvi}, the same"
    return f"{em}, {method}", f"{mfvi}, shrunk"


def _marginal(s: Summary) -> str:
    median = s.variances.equal_theta.median_ratio
    if s.case.coincide:
        return "exact for these columns"
    if no_effect(s) or median is None:
        return "understated as a rule"
    return f"understated, median × {ratio(median)}"


def _fitted_uncertainty(s: Summary) -> tuple[str, str]:
    if no_effect(s):
        return "0", "0"
    em, mfvi = s.fitted.em.uncertainty_part, s.fitted.mfvi_at_em.uncertainty_part
    if s.case.coincide:
        return f"{significant(em)}, exact", f"{significant(em)}, the same"
    exact, overstated = distinct(em, mfvi)
    return f"{exact}, exact", f"{overstated}, overstated"


def estimate(s: Summary, method: str, quantity: str, text: str) -> str:
    """Return a cell of the table of estimates; ``text`` is the number as its CSV file has it."""
    value = float(text) if text else None
    if quantity == "pve" and method in ("em", "mfvi"):
        return pve(s, method)
    if quantity == "gap" and value is not None and s.case.coincide:
        return "rounding"
    show = {"pve": percent, "loglik": fixed, "elbo": fixed}.get(quantity, significant)
    return show(value)


def bracketed(quantity: str, text: str) -> str:
    """Return a standard error as it follows an estimate; nothing where there is none."""
    if not text:
        return ""
    value = float(text)
    plain = quantity == "pve" or SMALLEST_FIXED <= abs(value) < LARGEST_FIXED
    show = percent if quantity == "pve" else significant
    return f" ({show(value, 2 if plain else 1)})"


def why_no_errors(s: Summary) -> str:
    """Say why EM has no standard errors of its variances; nothing where it has them."""
    if s.em.standard_errors.reason is None:
        return ""
    proof = s.em.certificate
    if proof.boundary or proof.noise_boundary:
        return "No standard errors: at a boundary the curvature says nothing."
    return "No standard errors: the objective is not concave there."


def no_effect_test(s: Summary) -> str:
    """Return the test of no random effect in a sentence."""
    lrt = s.em.lrt
    if lrt.statistic <= 0:
        return "Test of no random effect: nothing speaks against it, p = 1."
    return (
        f"Test of no random effect: likelihood ratio {significant(lrt.statistic)}"
        f" (half-and-half mixture), {p_value(lrt.p_value)}."
    )


def uncertainty_title(s: Summary) -> str:
    """Return the headline on the intervals of PVE."""
    exact, naive = interval(*s.em.pve_interval), interval(*s.mfvi.naive_pve_interval)
    if not settled(s):
        return f"How sure the PVE is{_provisional(s)}"
    if no_effect(s):
        high = percent(s.em.pve_interval[1])
        return f"No random effect fits best, yet a PVE of up to {high} is not excluded"
    if s.case.coincide or exact == naive:
        return f"Both objectives give PVE the same 95% interval: {exact}"
    if s.mfvi.naive_pve_interval[1] < s.em.pve:
        return f"EM's 95% interval of PVE is {exact}; MFVI's naive one leaves EM's estimate out"
    return f"EM's 95% interval of PVE is {exact}, MFVI's naive one {naive}"


def uncertainty_facts(s: Summary) -> tuple[str, str]:
    """Return the test of no random effect and the standard errors of PVE."""
    error, naive = s.em.standard_errors.pve, s.mfvi.naive_standard_errors.pve
    if error is None:
        return no_effect_test(s), why_no_errors(s)
    other = "" if naive is None else f", MFVI {share(naive)} (naive)"
    return no_effect_test(s), f"Standard errors of PVE: EM {share(error)}{other}."


def expected_error(s: Summary) -> str:
    """Return EM's standard error of PVE by the expected information; nothing where it has none."""
    error = s.em.standard_errors_expected.pve
    return "" if error is None else f"By the expected information EM's is {share(error)}."


def sight_title(s: Summary) -> str:
    """Return the headline on what mean field can see of this X."""
    seen, most = s.shrinkage.pve_at_em, share(s.shrinkage.pve_max)
    if s.case.coincide and not no_effect(s):
        return "On this X mean field loses nothing: what it reports is true on average"
    if s.shrinkage.pve_max > WELL_SEEN:
        here = "" if no_effect(s) else f": {share(s.em.pve)} is reported as {share(seen)}"
        return f"On this X mean field sees nearly all of the PVE{here}"
    return f"On this X mean field cannot report a PVE above {most} on average, whatever the truth"


def sight_facts(s: Summary) -> tuple[str, str]:
    """Say where MFVI's estimate lies on the curve, and what it is calibrated to."""
    seen, calibrated = s.shrinkage, s.calibrated_pve
    place = (
        f"At a true PVE of {pve(s, 'em')} MFVI reports {rounded_share(seen.pve_at_em)} on average"
        f" (s.d. {percent(seen.deviation_at_em)}); here {pve(s, 'mfvi')}."
    )
    end = ", the end of the curve" if calibrated.estimate >= 1 else ""
    span = interval(calibrated.low, calibrated.high)
    truth = f" Truth: {percent(s.truth.pve)}." if s.case.truth_known else ""
    estimate = f"**{rounded_share(calibrated.estimate)}**{end}"
    return place, f"Calibrated PVE: {estimate}; 95% interval {span}.{truth}"


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
    words = [f"{interval(*pair)}: {_covers(s, *pair)}" for pair in pairs]
    return [words[0], f"naive {words[1]}"]


def covering_calibrated(s: Summary) -> str:
    """Return the calibrated PVE, its interval and whether that covers the truth."""
    found = s.calibrated_pve
    span = interval(found.low, found.high)
    return f"{rounded_share(found.estimate)} ({span}: {_covers(s, found.low, found.high)})"


def _covers(s: Summary, low: float, high: float) -> str:
    return "yes" if low <= s.truth.pve <= high else "no"


def estimate_ratio(s: Summary, text: str) -> str:
    """Return a ratio MFVI / EM, withheld where a fit is not certified or at the boundary."""
    return ratio(float(text)) if text and settled(s) else MISSING


def truth_title(s: Summary) -> str:
    """Return the headline of the comparison with the simulated truth."""
    t = s.truth
    if not settled(s):
        return f"Against the simulated truth{_provisional(s)}"
    em, mfvi = abs(s.em.pve - t.pve), abs(s.mfvi.pve - t.pve)
    if s.case.coincide or pve(s, "em") == pve(s, "mfvi"):
        return f"Both methods give a PVE of {pve(s, 'em')}; the simulated truth is {percent(t.pve)}"
    nearer = "EM" if em < mfvi else "MFVI"
    return f"The simulated truth is a PVE of {percent(t.pve)}: {nearer} comes nearer"


# appendix


def fixed_table_title(s: Summary) -> str:
    """Return the headline of the tables of the fixed effects."""
    c = s.fixed_effects.count
    return "The one fixed effect by name" if c == 1 else f"All {count(c)} fixed effects by name"


def fixed_title(s: Summary) -> str:
    """Return the headline of the figure of the fixed effects."""
    f = s.fixed_effects
    if f.max_abs_difference == 0:
        return "The fixed effects are the same under both methods"
    where = called(f.max_abs_difference_name)
    difference = significant(f.max_abs_difference)
    return f"The fixed effects of EM and MFVI differ by {difference} at most ({where})"


def gap_table_title(s: Summary) -> str:
    """Return the headline of the split of the gap."""
    if s.case.coincide:
        return "From EM's log-likelihood to MFVI's bound: nothing beyond rounding"
    return f"From EM's log-likelihood to MFVI's bound: {nats(max(s.gap.total, 0.0))} in two parts"


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
    if d.eigval_min_positive is None:
        return "K has no positive eigenvalue: X is zero"
    low, high = significant(d.eigval_min_positive), significant(d.eigval_max)
    return f"The {count(d.rank)} positive eigenvalues of K run from {low} to {high}"
