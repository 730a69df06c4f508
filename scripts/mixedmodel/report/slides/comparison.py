"""The comparison: estimates, curves, means, variances, truth, and when to use which."""

from mixedmodel.model.results import Summary, ValidationSummary
from mixedmodel.report import wording
from mixedmodel.report.numbers import (
    MISSING,
    fixed,
    given,
    interval,
    percent,
    share,
    significant,
)
from mixedmodel.report.slides import canvas, prediction_sentences
from mixedmodel.report.slides import sentences as say
from mixedmodel.report.slides.canvas import BODY
from mixedmodel.report.slides.deck import Deck
from mixedmodel.report.slides.grid import add_table
from mixedmodel.report.slides.material import Material
from mixedmodel.report.slides.place import add_derivation, add_equation_in, add_figure, add_text
from mixedmodel.report.slides.prediction import add_prediction
from mixedmodel.report.style import MUTED
from mixedmodel.report.tables import Quantity, quantities

QUANTITIES = {
    "sigma_beta2": "σ²_{β}, variance of a coefficient",
    "sigma_e2": "σ²_{e}, variance of the noise",
    "variance_ratio": "q = σ²_{β} / σ²_{e}",
    "pve": "PVE",
    "elbo": "ELBO",
    "gap": "Gap: log-likelihood − ELBO, nats",
}
INTERVAL = "PVE, 95% interval"
CALIBRATED = "PVE, calibrated"
BEFORE_OBJECTIVE = 5  # rows of the last table on what is estimated


def add_comparison(deck: Deck, material: Material) -> None:
    """Add the slides that compare the two fits."""
    s = material.summary
    deck.section("Comparison")
    _estimates(deck, material)
    _how_sure(deck)
    _uncertainty(deck, material)
    _profile(deck, material)
    _sight_derived(deck)
    _sight(deck, material)
    _means(deck, material)
    _variances(deck, material)
    _laws(deck, s)
    _linear_response(deck, s)
    _fitted(deck, material)
    if s.case.truth_known:
        _truth(deck, s)
    add_prediction(deck, material)
    _choice(deck, s, material.cross_validation)


def add_withheld(deck: Deck, material: Material) -> None:
    """Add what is left of the comparison where EM has no estimates: the curves behind them."""
    deck.section("Comparison")
    _profile(deck, material)
    _sight_derived(deck)
    _sight(deck, material)


def _estimates(deck: Deck, material: Material) -> None:
    s = material.summary
    slide = deck.slide(
        say.estimates_title(s),
        "Each method at its own optimum. In brackets: standard errors, for EM from the curvature"
        f" of the {wording.loglik(s.likelihood)}, for MFVI the naive ones from that of its bound."
        " The method of moments is that of Haseman and Elston; it may be negative. The calibrated"
        " PVE inverts the shrinkage curve at MFVI's. For EM bound and log-likelihood are the same"
        " number, so it has no gap. Ratios are MFVI over EM; they are withheld where EM's estimate"
        f" is at a boundary. {say.why_no_errors(s)} {say.conventions(s)} The same numbers are in"
        " tables/parameters.csv.",
    )
    known = s.case.truth_known
    rows = [_estimate_row(s, row) for row in quantities(s)]
    rows[4:4] = _interval_rows(s)
    add_table(
        slide,
        BODY.above(3.9),
        ["", "EM (s.e.)", "MFVI (naive s.e.)", "Moments (s.e.)", "MFVI / EM", *["Truth"] * known],
        rows,
        name="Table: estimates",
        words="Variances, ratio, PVE and objectives under EM, MFVI and the method of moments",
    )
    add_text(
        slide, BODY.below(4.1), [say.no_effect_test(s), _estimates_foot(s)], colour=MUTED, gap=4
    )


def _estimate_row(s: Summary, row: Quantity) -> list[str]:
    key = row.quantity
    cells = [
        say.estimate(s, "em", key, row.em) + say.bracketed(key, row.em_standard_error),
        say.estimate(s, "mfvi", key, row.mfvi) + say.bracketed(key, row.mfvi_naive_standard_error),
        say.estimate(s, "moments", key, row.moments)
        + say.bracketed(key, row.moments_standard_error),
    ]
    truth = [say.estimate(s, "truth", key, row.truth)] if s.case.truth_known else []
    names = QUANTITIES | {"loglik": wording.loglik(s.likelihood).capitalize()}
    return [names[key], *cells, say.estimate_ratio(s, row.mfvi_over_em), *truth]


def _interval_rows(s: Summary) -> list[list[str]]:
    """Return the rows that PVE has besides its estimates."""
    rest = [MISSING] * (1 + s.case.truth_known)
    naive, calibrated = wording.interval_of(s.mfvi.naive_pve_interval), s.calibrated_pve
    return [
        [INTERVAL, wording.interval_of(s.em.pve_interval), f"{naive}, naive", MISSING, *rest],
        [CALIBRATED, MISSING, say.calibrated(calibrated), MISSING, *rest],
        [
            f"{CALIBRATED}, 95% interval",
            MISSING,
            interval(calibrated.low, calibrated.high),
            MISSING,
            *rest,
        ],
    ]


def _estimates_foot(s: Summary) -> str:
    if not say.settled(s):
        methods = " and ".join(say.uncertified(s))
        return f"Not certified: {methods}. The numbers are those where the iterations stopped."
    if say.no_effect(s):
        return "The data show no random effect. Ratios are withheld: there is nothing to divide by."
    if say.noiseless(s):
        return "Both fits are certified; EM's optimum leaves no noise. Ratios are withheld."
    return "Both fits are certified: the same optimum was found without them, in one dimension."


def _how_sure(deck: Deck) -> None:
    slide = deck.slide(
        "How sure: the curvature gives standard errors, the profile an interval, its height a test",
        "First line: the inverse of the observed information, the curvature of the log-likelihood"
        " at its top; the tables have the expected information beside it. Second: the delta method"
        " for PVE. Third: the interval by the profile stays between 0 and 1; where the true PVE is"
        " 0 it holds it in about 97 of 100 samples, more than the 95 elsewhere. Fourth: under no"
        " random effect the estimate is at the boundary half of the time, so the p-value is half"
        " that of chi squared with one degree of freedom. All of it is right for many rows, and"
        " under maximum likelihood for few fixed effects beside them: from one in twenty rows on,"
        " REML is due. Put into the first three lines, MFVI's bound gives the intervals called"
        " naive.",
    )
    lines = [
        ("information", "standard errors"),
        ("pve_error", "delta method"),
        ("profile_interval", "95% interval; may reach 0 or 1"),
        ("boundary_test", "for many rows: Self and Liang (1987)"),
    ]
    add_derivation(slide, BODY, lines)


def _uncertainty(deck: Deck, material: Material) -> None:
    s = material.summary
    slide = deck.slide(
        say.uncertainty_title(s),
        f"Left: the profile {wording.loglik(s.likelihood)} and the profile of MFVI's bound, each"
        " below its own maximum; a 95% interval ends where the curve is 1.92 nats down. MFVI's is"
        " called naive: a bound is no likelihood, and its peak is shifted. Right: all estimates of"
        " PVE; that by moments with 1.96 standard errors to either side. Standard errors"
        f" are those of the observed information. {say.expected_error(s)} As in"
        " tables/uncertainty.csv.",
    )
    add_figure(
        slide,
        material.figures["uncertainty"],
        say.uncertainty_facts(s),
        name="uncertainty of PVE",
        words=f"Profiles of both objectives and estimates of PVE: EM {say.pve(s, 'em')}, 95%"
        f" interval {wording.interval_of(s.em.pve_interval)}; MFVI {say.pve(s, 'mfvi')}, naive"
        f" {wording.interval_of(s.mfvi.naive_pve_interval)}.",
    )


def _sight_derived(deck: Deck) -> None:
    slide = deck.slide(
        "What mean field reports of the expected response follows from X and Z alone",
        "The profile objective sees y only through s of q, a quadratic form. Its expectation under"
        " a true ratio q zero is a trace, in which w has dropped out. The determinants in l and in"
        " g cancel: what is left of them is the sum over the squared column norms. The ratio that"
        " maximises this function is the report for the expected response; run through all true"
        " ratios it is a curve, before any response is seen. Single responses scatter around it,"
        " and the mean of their reports is not on it: at a true PVE of 0 many of them report 0 and"
        " the others more. How they scatter follows from X and Z too: a report is above q where a"
        " weighted sum of squared normals is positive, whose probability gives the band and, read"
        " backwards, the interval of the calibrated PVE.",
    )
    lines = [
        ("residual_form", "all that ℓ − g sees of y"),
        ("expected_form", "y under a true ratio q_{0}"),
        ("expected_objective", "expected s in ℓ − g; determinants cancel"),
        ("calibration", "the curve, and its inverse"),
    ]
    add_derivation(slide, BODY, lines)


def _sight(deck: Deck, material: Material) -> None:
    s = material.summary
    slide = deck.slide(
        say.sight_title(s),
        "Left: the PVE that mean field reports of the expected response at each true PVE on this"
        " X, with the band that holds 95% of the responses, and both estimates of this data set,"
        " drawn at the simulated truth where it is known, else at EM's estimate. Right: the same"
        " curve, larger; from MFVI's estimate across to the curve and down to the calibrated PVE,"
        " whose interval is cut from the band: it holds every true PVE in whose band the estimate"
        " lies. Where more than 2.5% of responses report 0, none is too low: there the band begins"
        " at 0 and leaves out 5% above it, elsewhere 2.5% on either side, hence its step. As in"
        " tables/shrinkage.csv.",
    )
    add_figure(
        slide,
        material.figures["shrinkage"],
        say.sight_facts(s),
        name="shrinkage curve",
        words="PVE that mean field reports against the true PVE, ending at"
        f" {share(s.shrinkage.pve_max)}; MFVI's {say.pve(s, 'mfvi')} is calibrated to"
        f" {say.calibrated(s.calibrated_pve)}.",
    )


def _linear_response(deck: Deck, s: Summary) -> None:
    slide = deck.slide(
        say.response_title(s),
        "Linear response (Giordano, Broderick and Jordan 2015): tilt the log joint density by t"
        " transposed beta and see how mean field's means move with t. The means are exact at any"
        " tilt, so they move exactly as the covariance says. The marginal variances that the"
        " factorisation understated, and the overstated variance of the fitted values, are both"
        " mended; the parameters are not.",
    )
    lines = [
        ("response_tilt", "means stay exact under every tilt"),
        ("response_covariance", "how they move is the exact covariance"),
    ]
    add_derivation(slide, BODY.above(2.4), lines)
    add_text(slide, BODY.below(2.9), say.response_facts(s), size=canvas.LEAD_SIZE, gap=12)


def _profile(deck: Deck, material: Material) -> None:
    s = material.summary
    slide = deck.slide(
        say.profile_title(s),
        "Each point is a closed form on the spectrum: at a ratio q the best w and sigma e squared"
        " are inserted. EM maximises the profile log-likelihood l; MFVI maximises l minus g. The"
        " two marked points are the optima.",
    )
    add_figure(
        slide,
        material.figures["profile"],
        (),
        name="profile curves",
        words=f"Profile log-likelihood l, penalty g and l minus g; PVE by EM: {say.pve(s, 'em')},"
        f" by MFVI: {say.pve(s, 'mfvi')}.",
    )


def _means(deck: Deck, material: Material) -> None:
    s = material.summary
    slide = deck.slide(
        say.means_title(s),
        "Each point is one random effect: its posterior mean under EM and under MFVI, each at the"
        " method's own parameters. The slope is that of a line through the origin. With MFVI's"
        " parameters inserted, the exact posterior would have the same means. RMS is the root mean"
        " square.",
    )
    add_figure(
        slide,
        material.figures["means"],
        say.means_facts(s),
        name="posterior means",
        words=f"Scatter of the posterior means of {say.plural(s.data.p, 'random effect')}, MFVI"
        " against EM.",
    )


def _variances(deck: Deck, material: Material) -> None:
    s = material.summary
    slide = deck.slide(
        say.variances_title(s),
        "Exact variances are the diagonal of Gamma, computed without a p by p matrix; MFVI's are"
        " the s j. Equal parameters means both at EM's estimates: only the factorisation differs."
        " At own parameters MFVI's smaller variance ratio comes on top. Law: each marginal"
        " variance is understated, and the variance of the fitted values overstated.",
    )
    add_figure(
        slide,
        material.figures["variances"],
        say.variances_facts(s),
        name="posterior variances",
        words="Posterior variances of the random effects, MFVI against EM, and the histogram of"
        " their ratio.",
    )


def _laws(deck: Deck, s: Summary) -> None:
    slide = deck.slide(
        say.laws_title(s),
        "First line: for a positive definite matrix, one over a diagonal element of it is at most"
        " the diagonal element of its inverse (Schur complement). Second line: insert s j and the"
        " spectrum; the squared column norms are majorised by the eigenvalues and x over one plus"
        " q x is concave, so the sum over the norms is the larger one. Both hold at equal"
        " parameters and with equality for orthogonal columns. The second is about the sum over"
        " the rows: the variance of a single fitted value may be understated.",
    )
    first, second = BODY.rows(1, 1, gap=0.4)
    for box, text, name, reason in (
        (
            first,
            "At equal parameters no marginal variance is overstated",
            "variance_understated",
            "The factorised variance of β_{j} is the variance given all other coefficients. Not"
            " knowing them can only add to it.",
        ),
        (
            second,
            "At equal parameters the variance of the fitted values, summed, is not understated",
            "variance_overstated",
            "Under the exact posterior the errors of the coefficients partly cancel in Xβ. Under"
            " a product of factors they are independent: nothing cancels.",
        ),
    ):
        head, equation, why = box.rows(0.4, 0.95, 0.85, gap=0.1)
        add_text(slide, head, [f"**{text}**"], size=canvas.LEAD_SIZE)
        add_equation_in(slide, equation, name)
        add_text(slide, why, [reason], colour=MUTED)


def _fitted(deck: Deck, material: Material) -> None:
    s = material.summary
    slide = deck.slide(
        say.fitted_title(s),
        "The posterior variance of X beta, averaged over the rows, has two parts: the square of its"
        " mean and its uncertainty. The trace is a sum over the spectrum for EM and a sum over"
        " columns for MFVI. The middle bar is MFVI at EM's parameters: same mean part, larger"
        " uncertainty. Law: each marginal variance is understated, this sum overstated.",
    )
    add_figure(
        slide,
        material.figures["fitted_variance"],
        say.fitted_facts(s),
        name="variance of fitted values",
        words="Variance of the fitted values X beta per row, mean part and uncertainty part, for"
        " EM, MFVI at EM's parameters and MFVI at its own.",
    )


def _truth(deck: Deck, s: Summary) -> None:
    t = given(s.truth)
    em, mfvi = t.recovery["em"], t.recovery["mfvi"]
    slide = deck.slide(
        say.truth_title(s),
        "The data are simulated, so parameters and effects are known. Correlation and root mean"
        " squared error compare posterior means with the true effects; coverage counts the effects"
        " inside mean plus or minus 1.96 posterior standard deviations, for MFVI also with the"
        " variances corrected by linear response. One simulated table is one"
        " draw: an estimate may miss the truth by chance.",
    )
    rows = [
        ["PVE", percent(t.pve), say.pve(s, "em"), say.pve(s, "mfvi")],
        [f"{INTERVAL} (covers?)", MISSING, *say.covering_intervals(s)],
        [f"{CALIBRATED} (95% interval covers?)", MISSING, MISSING, say.covering_calibrated(s)],
        ["σ²_{β}", *map(significant, (t.sigma_beta2, s.em.sigma_beta2, s.mfvi.sigma_beta2))],
        ["σ²_{e}", *map(significant, (t.sigma_e2, s.em.sigma_e2, s.mfvi.sigma_e2))],
        [
            "Correlation of posterior means with β",
            MISSING,
            fixed(em.correlation, 3),
            fixed(mfvi.correlation, 3),
        ],
        [
            "Root mean squared error of the means",
            MISSING,
            significant(em.rmse),
            significant(mfvi.rmse),
        ],
        [
            "Coverage of β_{j} by 95% intervals",
            "95%",
            percent(em.coverage),
            percent(mfvi.coverage),
        ],
        ["Coverage with linear response", "95%", MISSING, percent(t.coverage_lrvb)],
    ]
    add_table(
        slide,
        BODY.above(4.2),
        ["", "Truth", "EM", "MFVI"],
        rows,
        name="Table: truth",
        words="Simulated truth against both fits",
        size=18,
    )


def _choice(deck: Deck, s: Summary, v: ValidationSummary | None) -> None:
    rows = say.choice_rows(s)
    if v is not None:
        rows.insert(BEFORE_OBJECTIVE, prediction_sentences.choice_row(s, v))
    slide = deck.slide(
        prediction_sentences.choice_title(s, v),
        "The numbers are this data set's. MFVI has two columns: what the factorisation does at EM's"
        " parameters, and what a user would report, at MFVI's own. Cost: EM needs X decomposed"
        " once, mean field only passes over the columns of X. With both at hand there is no reason"
        " to report mean field's variances: at equal parameters no marginal variance is overstated,"
        " and the variance of the fitted values, summed over the rows, not understated.",
    )
    add_table(
        slide,
        BODY,
        ["Question", "EM", "MFVI at EM's parameters", "MFVI as reported"],
        rows,
        name="Table: when to use which",
        words="For each question, what EM and MFVI give, with this data set's numbers",
        size=18,
        text_columns=4,
    )
