"""The comparison: estimates, curves, means, variances, truth, and when to use which."""

from typing import Any

from mixedmodel.report.numbers import MISSING, fixed, percent, significant
from mixedmodel.report.slides import canvas
from mixedmodel.report.slides import sentences as say
from mixedmodel.report.slides.canvas import BODY
from mixedmodel.report.slides.deck import Deck
from mixedmodel.report.slides.grid import add_table
from mixedmodel.report.slides.material import Material
from mixedmodel.report.slides.place import add_equation_in, add_figure, add_text
from mixedmodel.report.style import MUTED

QUANTITIES = {
    "sigma_beta2": "σ²_{β}, variance of a coefficient",
    "sigma_e2": "σ²_{e}, variance of the noise",
    "variance_ratio": "q = σ²_{β} / σ²_{e}",
    "pve": "PVE",
    "loglik": "Log-likelihood",
    "elbo": "ELBO",
    "gap": "Gap: log-likelihood − ELBO, nats",
}


def add_comparison(deck: Deck, material: Material) -> None:
    """Add the slides that compare the two fits."""
    s = material.summary
    deck.section("Comparison")
    _estimates(deck, material)
    _profile(deck, material)
    _means(deck, material)
    _variances(deck, material)
    _laws(deck)
    _fitted(deck, material)
    if s.case.truth_known:
        _truth(deck, s)
    _choice(deck, s)


def _estimates(deck: Deck, material: Material) -> None:
    s = material.summary
    slide = deck.slide(
        say.estimates_title(s),
        "Each method at its own optimum. For EM bound and log-likelihood are the same number, so"
        " it has no gap. Ratios are MFVI over EM; they are withheld where EM's estimate is at the"
        " boundary. The same numbers are in tables/parameters.csv.",
    )
    known = s.case.truth_known
    rows = [_estimate_row(s, row) for row in material.tables["parameters"]]
    add_table(
        slide,
        BODY.above(4.2),
        ["", "EM", "MFVI", "MFVI / EM", *(["Truth"] if known else [])],
        rows,
        name="Table: estimates",
        words="Variances, ratio, PVE and objectives under EM and MFVI",
        size=18,
    )
    add_text(slide, BODY.below(4.5), [_estimates_foot(s)], colour=MUTED)


def _estimate_row(s: Any, row: dict[str, str]) -> list[str]:
    key = row["quantity"]
    cells = [say.estimate(s, method, key, row[method]) for method in ("em", "mfvi")]
    truth = [say.estimate(s, "truth", key, row["truth"])] if s.case.truth_known else []
    return [QUANTITIES[key], *cells, say.estimate_ratio(s, row["mfvi_over_em"]), *truth]


def _estimates_foot(s: Any) -> str:
    if not say.settled(s):
        methods = " and ".join(say.uncertified(s))
        return f"Not certified: {methods}. The numbers are those where the iterations stopped."
    if say.no_effect(s):
        return "The data show no random effect. Ratios are withheld: there is nothing to divide by."
    return "Both fits are certified: the same optimum was found without them, in one dimension."


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
        words=f"Profile log-likelihood l, penalty g and l minus g; EM's optimum at a PVE of"
        f" {say.pve(s, 'em')}, MFVI's at {say.pve(s, 'mfvi')}.",
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


def _laws(deck: Deck) -> None:
    slide = deck.slide(
        "Both at once: too small one by one, too large in sum",
        "First line: for a positive definite matrix, one over a diagonal element of it is at most"
        " the diagonal element of its inverse (Schur complement). Second line: insert s j and the"
        " spectrum; the squared column norms are majorised by the eigenvalues and x over one plus"
        " q x is concave, so the sum over the norms is the larger one. Both hold at equal"
        " parameters and with equality for orthogonal columns.",
    )
    first, second = BODY.rows(1, 1, gap=0.4)
    for box, text, name, reason in (
        (
            first,
            "At equal parameters each marginal variance is understated",
            "variance_understated",
            "The factorised variance of β_{j} is the variance given all other coefficients. Not"
            " knowing them can only add to it.",
        ),
        (
            second,
            "At equal parameters the variance of the fitted values is overstated",
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


def _truth(deck: Deck, s: Any) -> None:
    t = s.truth
    slide = deck.slide(
        say.truth_title(s),
        "The data are simulated, so parameters and effects are known. Correlation and root mean"
        " squared error compare posterior means with the true effects; coverage counts the effects"
        " inside mean plus or minus 1.96 posterior standard deviations. One simulated table is one"
        " draw: an estimate may miss the truth by chance.",
    )
    rows = [
        ["PVE", percent(t.pve), say.pve(s, "em"), say.pve(s, "mfvi")],
        ["σ²_{β}", *map(significant, (t.sigma_beta2, s.em.sigma_beta2, s.mfvi.sigma_beta2))],
        ["σ²_{e}", *map(significant, (t.sigma_e2, s.em.sigma_e2, s.mfvi.sigma_e2))],
        [
            "Correlation of posterior means with true effects",
            MISSING,
            fixed(t.correlation_em, 3),
            fixed(t.correlation_mfvi, 3),
        ],
        [
            "Root mean squared error of posterior means",
            MISSING,
            significant(t.rmse_em),
            significant(t.rmse_mfvi),
        ],
        ["Coverage of 95% intervals", "95%", percent(t.coverage_em), percent(t.coverage_mfvi)],
    ]
    add_table(
        slide,
        BODY.above(3.7),
        ["", "Truth", "EM", "MFVI"],
        rows,
        name="Table: truth",
        words="Simulated truth against both fits",
        size=18,
    )


def _choice(deck: Deck, s: Any) -> None:
    slide = deck.slide(
        say.choice_title(s),
        "The numbers are this data set's. Cost: EM needs the smaller Gram matrix decomposed once,"
        " mean field only passes over the columns of X. With both at hand there is no reason to"
        " report mean field's variances: at equal parameters each marginal variance is understated,"
        " and the variance of the fitted values overstated.",
    )
    add_table(
        slide,
        BODY,
        ["Question", "EM", "MFVI"],
        say.choice_rows(s),
        name="Table: when to use which",
        words="For each question, what EM and MFVI give, with this data set's numbers",
        size=18,
        text_columns=3,
    )
