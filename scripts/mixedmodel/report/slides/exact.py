"""EM with the exact posterior: E-step, M-step, likelihood on the spectrum, climb, certificate."""

from mixedmodel.model.results import Summary
from mixedmodel.report import wording
from mixedmodel.report.numbers import count, fixed
from mixedmodel.report.slides import sentences as say
from mixedmodel.report.slides.canvas import BODY
from mixedmodel.report.slides.deck import Deck
from mixedmodel.report.slides.material import Material
from mixedmodel.report.slides.place import add_derivation, add_equation_in, add_figure, add_text
from mixedmodel.report.style import MUTED


def add_exact(deck: Deck, material: Material) -> None:
    """Add the slides on EM."""
    s = material.summary
    deck.section("EM: the exact posterior")
    _posterior(deck)
    _dual(deck, s)
    _complete(deck)
    _updates(deck, s)
    if s.likelihood == wording.RESTRICTED:
        _restricted(deck, s)
    _spectral_likelihood(deck, s)
    _spectral_moments(deck, s)
    _certificate(deck, s)
    _accelerations(deck)
    if not say.flat(s):
        _climb(deck, material)


def _posterior(deck: Deck) -> None:
    slide = deck.slide(
        "E-step: completing the square gives a normal posterior and its moments",
        "With r equal to y minus Z w, the log posterior is the log likelihood of r given beta plus"
        " the log prior; everything without beta goes into the constant. The quadratic form in"
        " beta fixes the covariance Gamma, the linear one the mean mu. Gamma inverse is positive"
        " definite because of the prior, so this works for p larger than n.",
    )
    lines = [
        ("posterior_bayes", "r = y − Zw; likelihood times prior"),
        ("posterior_collect", "collect squares and linear terms in β"),
        ("posterior_square", "complete the square: β | y is normal"),
        ("posterior_moments", "match the two coefficients"),
    ]
    add_derivation(slide, BODY, lines)


def _dual(deck: Deck, s: Summary) -> None:
    d = s.data
    slide = deck.slide(
        say.dual_title(s),
        "Multiply Gamma inverse by X transposed from the right: V appears. Multiply by Gamma from"
        " the left and by V inverse from the right. For the covariance start from Gamma times"
        " Gamma inverse equals the identity, solve for Gamma and insert the second line. No p by p"
        f" matrix is formed: here p is {count(d.p)} and n is {count(d.n)}.",
    )
    lines = [
        ("dual_push", "K = XX′, V = σ²_{β}K + σ²_{e}I"),
        ("dual_gain", "Γ from the left, V^{−1} from the right"),
        ("dual_mean", "insert in μ = ΓX′r / σ²_{e}"),
        ("dual_covariance", "ΓΓ^{−1} = I solved for Γ, then the second line"),
        ("dual_variance", "all that is needed of Γ, one j at a time"),
    ]
    add_derivation(slide, BODY, lines)


def _complete(deck: Deck) -> None:
    slide = deck.slide(
        "M-step: the expected log joint density needs two moments of β",
        "Q is the expectation of the log joint density of y and beta under the posterior at the"
        " current parameters. For any random vector a, the expected squared norm is the squared"
        " norm of the mean plus the trace of the covariance: applied to y minus Z w minus X beta"
        " and to beta itself.",
    )
    define = [
        ("complete_definition", "average over β | y"),
        ("complete_expand", "two normal densities"),
    ]
    moments = [
        ("expected_residual", "squared mean, plus the trace of Cov(Xβ)"),
        ("expected_norm", "squared mean, plus the trace of Cov(β)"),
    ]
    add_derivation(slide, BODY.above(2.2), define)
    add_text(slide, BODY.below(2.6).above(0.4), ["The two expectations:"], colour=MUTED)
    add_derivation(slide, BODY.below(3.2), moments)


def _updates(deck: Deck, s: Summary) -> None:
    slide = deck.slide(
        "M-step: closed forms throughout, and the log-likelihood never falls",
        "Each derivative involves one parameter at its root, except that sigma e squared is taken"
        " at the new w. Since the gap is zero after the E-step and cannot be negative after the"
        " M-step, the log-likelihood gains at least what Q gains.",
    )
    pairs = [
        ("score_w", "update_w"),
        ("score_sigma_e2", "update_sigma_e2"),
        ("score_sigma_beta2", "update_sigma_beta2"),
    ]
    for row, (score, update) in zip(BODY.above(3.6).rows(1, 1, 1), pairs, strict=True):
        left, right = row.columns(1, 1, gap=0.6)
        add_equation_in(slide, left, score)
        add_equation_in(slide, right, update)
    text, equation = BODY.below(3.85).rows(0.45, 0.6, gap=0.1)
    add_text(slide, text, [say.step_line(s)], colour=MUTED)
    add_equation_in(slide, equation, "monotone")


def _restricted(deck: Deck, s: Summary) -> None:
    d = s.data
    slide = deck.slide(
        f"REML: the same model seen through {say.plural(d.n - d.c, 'contrast')}, free of w",
        "Restricted maximum likelihood (REML) rotates the table to the contrasts orthogonal to Z"
        " and counts only those, so that estimating w costs no degree of freedom of the noise."
        " E-step, M-step, mean field, the spectrum and the certificate are then those of a model"
        " without fixed effects; w is generalised least squares at the end. Programs differ in the"
        " constant; the one used here is written out, that of orthonormal contrasts.",
    )
    names = ("contrasts", "restricted_loglik", "restricted_w")
    for place, name in zip(BODY.above(3.3).rows(1, 1.2, 1), names, strict=True):
        add_equation_in(slide, place, name)
    add_text(
        slide,
        BODY.below(3.6),
        [
            "Contrasts carry no fixed effect and keep independent noise; w comes last.",
            "In this deck likelihood, log-likelihood and ELBO are restricted ones.",
            f"The derivations hold with C′y for y, C′X for X, {say.rows_named(s)} rows and no Z.",
        ],
    )


def _spectral_likelihood(deck: Deck, s: Summary) -> None:
    slide = deck.slide(
        f"One eigendecomposition splits the {wording.loglik(s.likelihood)} into"
        f" {say.plural(say.rows_counted(s), 'term')}",
        "K is decomposed once; only the smaller of X X transposed and X transposed X is ever"
        " formed. In the basis U the covariance V is diagonal, so its determinant is a product and"
        " its inverse a division. Eigenvalues that are zero count too: their v is sigma e squared.",
    )
    lines = [
        ("spectrum", "V has the eigenvectors of K; write r̃ = U′(y − Zw)"),
        ("loglik_dense", "normal density of y with mean Zw and covariance V"),
        ("loglik_spectral", "determinant: a product of v_{i}; inverse: a division by v_{i}"),
    ]
    add_derivation(slide, BODY.above(4.1), lines)
    add_text(
        slide,
        BODY.below(4.0),
        [f"{say.iteration_cost(s)} Here {say.rows_named(s)}, p = {count(s.data.p)}."],
        colour=MUTED,
    )


def _spectral_moments(deck: Deck, s: Summary) -> None:
    slide = deck.slide(
        "Every quantity of the E-step is such a sum too",
        "Insert X transposed V inverse in the formulas of mu and Gamma and rotate by U. The trace"
        " of Gamma has p minus rank K directions that the data do not reach, each with the prior"
        f" variance: here {count(s.data.p - s.data.rank)} of {count(s.data.p)}.",
    )
    lines = [
        ("spectral_fit", "U′Xμ = σ²_{β} U′K V^{−1} r"),
        ("spectral_norm", "μ′μ = σ⁴_{β} r′V^{−1}K V^{−1}r"),
        ("spectral_trace", "prior variance where the data are silent"),
        ("spectral_fitted_trace", "σ²_{β} tr K − σ⁴_{β} tr(K V^{−1}K)"),
    ]
    add_derivation(slide, BODY, lines)


def _certificate(deck: Deck, s: Summary) -> None:
    slide = deck.slide(
        say.certificate_title(s),
        "Given the ratio q, the best w is generalised least squares and the best sigma e squared"
        " is s of q, so the log-likelihood is a function of q alone. It is searched globally, q"
        " equal to zero included, and compared with where the iterations ended. For MFVI the same"
        " is done with the penalty g subtracted. The iterations never see this search.",
    )
    lines = [
        ("ratio_covariance", "q: the only parameter inside V"),
        ("ratio_loglik", "insert v_{i} = σ²_{e}(1 + qλ_{i})"),
        ("ratio_gls", "best w and σ²_{e} at q"),
        ("profile", "one variable is left"),
    ]
    add_derivation(slide, BODY.above(3.95), lines)
    place = BODY.below(4.15)
    add_text(slide, place, [say.certificate_line(fit) for fit in s.fits.values()], gap=6)


def _accelerations(deck: Deck) -> None:
    slide = deck.slide(
        "Two accelerations climb the same log-likelihood in fewer steps",
        "Parameter expansion gives the M-step one more coefficient, gamma, estimated jointly with"
        " w and folded back into sigma beta squared; every step still climbs. SQUAREM takes two"
        " such steps and extrapolates the logarithms of the variances, as if the rest of the way"
        " were a geometric series; w follows by generalised least squares. One more step steadies"
        " the jump, and it counts only where the log-likelihood does not fall. Both serve the bound"
        " of MFVI in the same way, with m and the sum of s in place of mu and the trace; there the"
        " jump takes the means that sweeps would end at.",
    )
    lines = [
        ("px_model", "expansion: one more coefficient"),
        ("px_gamma", "least squares, jointly with w"),
        ("px_fold", "folded back into σ²_{β}"),
        ("squarem_steps", "extrapolation of two steps, θ = (log σ²_{β}, log σ²_{e})"),
        ("squarem_jump", "kept if the log-likelihood does not fall"),
    ]
    add_derivation(slide, BODY, lines)


def _climb(deck: Deck, material: Material) -> None:
    s = material.summary
    rows = [row for row in s.schemes if row.method == "EM"]
    slide = deck.slide(
        say.climb_title(s),
        "All schemes use the same EM map on the spectral form and start at the same parameters,"
        " and again at other peaks of the profile if a coarse look shows any; the highest climb is"
        " drawn. px rescales X beta by one more parameter, squarem extrapolates two steps and falls"
        " back where the log-likelihood would drop. They stop when the gain that a local quadratic"
        " model still predicts is below the tolerance. A rule on the change of the log-likelihood"
        " would mistake slow progress for arrival. The appendix has the same curves as a native"
        " chart.",
    )
    add_figure(
        slide,
        material.figures["em_climb"],
        (),
        name="EM by scheme",
        words="Shortfall and log-likelihood of EM against map evaluations for "
        + ", ".join(row.scheme for row in rows)
        + f". It ends at {fixed(s.em.loglik)} for {s.em.scheme}, the scheme reported.",
    )
