"""Mean field: factorisation, coordinate update, sweep, bound, iterations, gap, shrinkage."""

from mixedmodel.model.results import Summary
from mixedmodel.report.numbers import fixed, significant
from mixedmodel.report.slides import sentences as say
from mixedmodel.report.slides.canvas import BODY
from mixedmodel.report.slides.deck import Deck
from mixedmodel.report.slides.iterations import add_mfvi_charts
from mixedmodel.report.slides.material import Material
from mixedmodel.report.slides.place import add_derivation, add_equation_in, add_text
from mixedmodel.report.style import MUTED


def add_meanfield(deck: Deck, material: Material) -> None:
    """Add the slides on MFVI."""
    s = material.summary
    deck.section("MFVI: the factorised posterior")
    _factorisation(deck, s)
    _coordinate(deck)
    _sweep(deck, s)
    _elbo(deck)
    _updates(deck)
    if not say.flat(s):
        _iterations(deck, material)
    _gap(deck, s)
    _shrinkage(deck, s)


def _factorisation(deck: Deck, s: Summary) -> None:
    slide = deck.slide(
        "Mean field: the best factor averages the log joint density over the others",
        f"The {say.plural(s.data.p, 'coefficient')} are taken as independent under q. With all"
        " factors but one held fixed, the bound is minus a Kullback-Leibler divergence in that"
        " factor, so the best one is the normalised exponential of the averaged log joint density."
        " Nothing else is assumed: that the factors are normal follows.",
    )
    lines = [
        ("family", "the only restriction"),
        ("bound", "log q(β) is a sum over k"),
        ("bound_one_factor", "all factors but q_{j} held fixed"),
        ("bound_kl", "a divergence, zero at q_{j} = q_{j}*"),
        ("best_factor", "so this is the update"),
    ]
    add_derivation(slide, BODY, lines)


def _coordinate(deck: Deck) -> None:
    slide = deck.slide(
        "Each factor is normal: its variance is known at once, its mean a ridge step",
        "Average the log joint density over all beta k except beta j: their variances go into the"
        " constant, only their means remain. The square in beta j gives s j, the linear term m j."
        " d j is the squared norm of column j. s j does not depend on the other factors.",
    )
    lines = [
        ("coordinate_expectation", "r = y − Zw; only β_{j} matters"),
        ("coordinate_collect", "d_{j} = ‖x_{j}‖²; E_{−j}β_{k} = m_{k}"),
        ("coordinate_normal", "complete the square"),
        ("coordinate_moments", "match the two coefficients"),
    ]
    add_derivation(slide, BODY, lines)


def _sweep(deck: Deck, s: Summary) -> None:
    slide = deck.slide(
        "One pass over the coefficients is a Gauss-Seidel sweep with the exact mean as its limit",
        "Multiply the update of m j by d j plus kappa: row j of a linear system, with new values"
        " left of the diagonal and old ones right of it. The matrix is symmetric and positive"
        " definite, so the sweeps converge, and to mu. In blocks B of columns a sweep is one"
        " triangular solve, the same update to the last digits.",
    )
    lines = [
        ("sweep_ratio", "from the update of s_{j}"),
        ("sweep_row", "the update of m_{j}, times d_{j} + κ"),
        ("sweep_matrix", "all rows: L strictly lower, D diagonal"),
        ("sweep_fixed_point", "new = old; equals Γ^{−1}μ = X′r / σ²_{e}"),
        ("sweep_block", "a block B of columns at once"),
    ]
    add_derivation(slide, BODY, lines)


def _elbo(deck: Deck) -> None:
    slide = deck.slide(
        "The bound has three parts: expected log-likelihood, expected log prior, entropy",
        "The first two are the terms of EM's Q with Gamma replaced by the diagonal of the s j:"
        " squared residual at the mean plus the sum of d j s j, squared norm of the mean plus the"
        " sum of s j. The entropy of a normal density with variance s is half of log two pi e s."
        " In the sum the terms p over two log two pi cancel.",
    )
    lines = [
        ("elbo_likelihood", "y given β"),
        ("elbo_prior", "β"),
        ("elbo_entropy", "p independent normals"),
    ]
    add_derivation(slide, BODY.above(3.5), lines)
    text, total = BODY.below(3.65).above(0.35), BODY.below(4.05)
    add_text(slide, text, ["Their sum is the bound, constants included:"], colour=MUTED)
    add_equation_in(slide, total, "elbo_sum")


def _updates(deck: Deck) -> None:
    slide = deck.slide(
        "Mean field's M-step is EM's, with sums over coefficients for the traces",
        "Set the derivatives of the bound in w, sigma e squared and sigma beta squared to zero."
        " Compared with EM, tr of X Gamma X transposed becomes the sum of d j s j, and tr of Gamma"
        " the sum of s j. This is the only difference between the two algorithms.",
    )
    names = [
        ("update_w", "mean_field_w"),
        ("update_sigma_e2", "mean_field_sigma_e2"),
        ("update_sigma_beta2", "mean_field_sigma_beta2"),
    ]
    heads, body = BODY.above(0.45), BODY.below(0.6).above(3.0)
    for place, text in zip(heads.columns(1, 1, gap=0.6), ("EM", "MFVI"), strict=True):
        add_text(slide, place, [text], size=22)
    for row, pair in zip(body.rows(1, 1, 1), names, strict=True):
        for place, name in zip(row.columns(1, 1, gap=0.6), pair, strict=True):
            add_equation_in(slide, place, name)
    add_text(
        slide,
        BODY.below(4.0),
        [
            "At equal parameters the means agree, Σs_{j} ≤ tr Γ, and Σd_{j}s_{j} ≥ tr(XΓX′).",
            "So after converged sweeps its next σ²_{β} is no larger than EM's, its next σ²_{e} no"
            " smaller.",
        ],
    )


def _iterations(deck: Deck, material: Material) -> None:
    s = material.summary
    slide = deck.slide(
        say.trace_title(s),
        f"The scheme is {s.mfvi.scheme}: one evaluation of the map is one sweep over all"
        " coefficients and one M-step. The bound never falls; the log-likelihood may, because it is"
        " not what is maximised. The gap is their difference. Both charts are native: their data"
        f" can be edited. At the end: log-likelihood {fixed(s.mfvi.loglik)}, bound"
        f" {fixed(s.mfvi.elbo)}.",
    )
    add_mfvi_charts(slide, BODY, material)


def _gap(deck: Deck, s: Summary) -> None:
    slide = deck.slide(
        "The smallest gap depends on X and the variance ratio only, not on y",
        "The gap is the divergence between two normal densities. At the best factors the means"
        " agree and s j is one over the diagonal of Gamma inverse, so the quadratic form vanishes"
        " and the sum of s j times that diagonal is p. What is left are two sums of logarithms;"
        " the determinant is the same for X transposed X and for K (Sylvester).",
    )
    lines = [
        ("gap_normal", "two normals"),
        ("gap_optimum", "best factors, earlier slides"),
        ("gap_logs", "quadratic part 0, trace part p"),
        ("gap_closed", "as |I_{p} + qX′X| = |I_{n} + qK|"),
    ]
    add_derivation(slide, BODY.above(4.35), lines)
    add_text(slide, BODY.below(4.65), [_gap_example(s)])


def _gap_example(s: Summary) -> str:
    """Return g = difference of the two sums in this data set's numbers, which add up."""
    g = s.gap
    letters = "(q alone is the variance ratio; q(β) is the density.)"
    if s.case.coincide:
        return f"Here g is at rounding level: the two posteriors are the same. {letters}"
    diagonal, spectrum = round(g.log_det_diagonal, 3), round(g.log_det_spectrum, 3)
    return (
        f"Here, at MFVI's ratio q = {significant(s.mfvi.variance_ratio)}: g ="
        f" {fixed(diagonal, 3)} − {fixed(spectrum, 3)} = {fixed(diagonal - spectrum, 3)} nats."
        f" {letters}"
    )


def _shrinkage(deck: Deck, s: Summary) -> None:
    lines = [
        ("hadamard", "Hadamard; equality for orthogonal columns"),
        ("gap_slope", "Schur-Horn, and x/(1 + qx) is concave: g is non-decreasing"),
        ("penalised", "MFVI is penalised maximum likelihood"),
    ]
    notes = (
        "First line: Hadamard's inequality for a positive definite matrix. Second: the squared"
        " column norms d are majorised by the eigenvalues lambda of X transposed X (Schur-Horn),"
        " and x over one plus q x is concave, so the sum over d is the larger one. Third: g does"
        " not involve w or sigma e squared, so they can be maximised out first."
    )
    if s.case.pole:
        notes += (
            " That mean field reports no more than EM follows where both are at global maxima. Here"
            " the likelihood has none, and inner maxima are in no order."
        )
    else:
        lines.append(("shrinks", "each is best for its own objective"))
        notes += (
            " Fourth: compare the two maximisers. PVE increases with q, so it never exceeds EM's"
            " either."
        )
    slide = deck.slide(say.shrinkage_law_title(s), notes)
    add_derivation(slide, BODY, lines)
