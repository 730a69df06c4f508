"""The opening: title, warning where needed, the answer, the data, the model."""

from mixedmodel.model.results import Estimates, Summary
from mixedmodel.report import wording
from mixedmodel.report.numbers import significant
from mixedmodel.report.slides import canvas
from mixedmodel.report.slides import sentences as say
from mixedmodel.report.slides.canvas import BODY, Box
from mixedmodel.report.slides.deck import DEFAULT_TITLE, Deck
from mixedmodel.report.slides.material import Material
from mixedmodel.report.slides.place import (
    add_derivation,
    add_figure,
    add_panel,
    add_text,
)
from mixedmodel.report.style import EM, MFVI, MUTED, WARNING

BIG_SIZE = 80


def add_opening(deck: Deck, material: Material) -> None:
    """Add the slides up to the model."""
    s = material.summary
    deck.section("Answer")
    _cover(deck, s)
    if say.flat(s):
        _not_identifiable(deck, s)
    else:
        if say.uncertified(s):
            _warning(deck, s)
        _answer(deck, s)
    deck.section("Data and model")
    _data(deck, material)
    if say.cautions(s):
        _cautions(deck, s)
    _model(deck, s)
    _evidence(deck, s)


def _cover(deck: Deck, s: Summary) -> None:
    lines = [f"{say.called(s.dataset)}: {say.size(s)}"]
    if deck.settings.author:
        lines.append(deck.settings.author)
    notes = (
        "The same linear mixed model, fitted twice: by EM with the exact posterior of the random"
        " effects, and by mean-field variational inference with a factorised one. Every number in"
        " this deck is taken from comparison/summary.json of this data set; every figure and"
        " table is also a file of its own."
    )
    deck.cover(deck.settings.title or DEFAULT_TITLE, lines, notes)


def _warning(deck: Deck, s: Summary) -> None:
    slide = deck.slide(
        say.warning_title(s),
        "A fit is certified when its objective is within a millionth of a nat of the optimum that"
        " a global one-dimensional search finds on its own. This one is not. Nothing in this deck"
        " claims that it converged.",
    )
    add_panel(slide, BODY.above(3.9), edge=WARNING)
    inside = Box(BODY.left + 0.4, BODY.top + 0.3, BODY.width - 0.8, 3.3)
    add_text(slide, inside, say.warning_lines(s), size=canvas.LEAD_SIZE, gap=14)


def _not_identifiable(deck: Deck, s: Summary) -> None:
    slide = deck.slide(
        "These data cannot tell the two variances apart, so none is reported",
        "The log-likelihood, maximised over everything else, is the same at every ratio of the two"
        " variances: the search over that one number found no difference beyond a millionth of a"
        " nat. Any split of the variance between random effects and noise fits as well as any"
        " other. That is so where K is a multiple of the identity in the rows that count, one"
        " row included. Estimates, effects and comparisons are left out of this deck.",
    )
    add_panel(slide, BODY.above(3.9), edge=WARNING)
    inside = Box(BODY.left + 0.4, BODY.top + 0.3, BODY.width - 0.8, 3.3)
    add_text(slide, inside, say.not_identifiable_lines(s), size=canvas.LEAD_SIZE, gap=14)


def _cautions(deck: Deck, s: Summary) -> None:
    slide = deck.slide(
        "Before the results: what these data ask to be read with care",
        "Each of these is checked in every run and told only where it applies.",
    )
    add_text(slide, BODY, say.cautions(s), size=canvas.LEAD_SIZE, gap=14)


def _answer(deck: Deck, s: Summary) -> None:
    slide = deck.slide(
        say.answer_title(s),
        "PVE, the proportion of variance explained, is the share of the random effects in the"
        " variance of the response that is left after the fixed effects: sigma beta squared times"
        " the trace of M K, divided by the same plus sigma e squared times n minus c, where M takes"
        " off what the fixed effects explain. It is computed from"
        f" the two estimated variances of each method, here by {wording.method(s.likelihood)} for"
        " EM. EM's interval reaches from the lowest to the highest PVE whose profile is within 1.92"
        " nats of the optimum, at a pole as far as these are connected to it;"
        " MFVI's is called naive because it treats the bound as if it were that profile.",
    )
    places = BODY.above(4.2).columns(1, 1)
    for place, (method, fit), colour in zip(places, s.fits.items(), (EM, MFVI), strict=True):
        add_panel(slide, place, edge=colour)
        rows = Box(place.left + 0.4, place.top + 0.2, place.width - 0.7, place.height - 0.35)
        head, number, sure, small, text = rows.rows(0.4, 1.35, 0.4, 0.4, 0.95, gap=0.08)
        add_text(slide, head, [f"{fit.method}: proportion of variance explained"])
        size = BIG_SIZE if len(say.pve(s, method)) < 7 else 44
        add_text(
            slide,
            number,
            [say.pve(s, method)],
            size=size,
            colour=colour,
            bold=True,
            anchor="middle",
        )
        add_text(slide, sure, [say.interval_line(s, method)])
        add_text(slide, small, [_variances(fit)])
        add_text(slide, text, [say.answer_meaning(s, method)], colour=MUTED)
    foot = BODY.below(4.45)
    add_text(slide, foot, [say.answer_foot(s)], size=canvas.LEAD_SIZE)


def _variances(fit: Estimates) -> str:
    proof = fit.certificate
    noise = "0" if proof.noise_boundary and proof.certified else significant(fit.sigma_e2)
    return f"σ²_{{β}} = {significant(fit.sigma_beta2)},   σ²_{{e}} = {noise}"


def _data(deck: Deck, material: Material) -> None:
    s = material.summary
    slide = deck.slide(
        say.data_title(s),
        f"Counted while the table was read: {say.size(s)}. The rank is the number of positive"
        " eigenvalues of K = X X transposed. Mean of the response"
        f" {significant(s.data.response_mean)}, variance {significant(s.data.response_variance)}.",
    )
    add_figure(
        slide,
        material.figures["data_overview"],
        say.data_facts(s),
        name="data overview",
        words=f"Overview of the data: the response {s.data.response} and the fixed effects of"
        f" {say.size(s)}.",
    )


def _model(deck: Deck, s: Summary) -> None:
    slide = deck.slide(
        say.model_title(s),
        "The parameters are w, sigma beta squared and sigma e squared; beta is not a parameter"
        " but a random vector, so it is integrated out. The last line defines the two summaries"
        " used throughout: the ratio q of the variances and the proportion of variance explained,"
        " of what the fixed effects leave: M projects them off, and c is their number."
        f" Here the trace of M K over n minus c is {significant(s.data.mean_diagonal, 4)}.",
    )
    lines = [
        (
            "model",
            f"y: {say.plural(s.data.n, 'row')}; Z: {say.plural(s.data.c, 'column')};"
            f" X: {say.plural(s.data.p, 'column')}",
        ),
        ("prior", "random effects, independent of the noise"),
        ("noise", "noise"),
        ("marginal", "β integrated out: all that the likelihood needs"),
        ("pve", "PVE: the random effects' share; q: the variance ratio"),
    ]
    add_derivation(slide, BODY, lines)


def _evidence(deck: Deck, s: Summary) -> None:
    slide = deck.slide(
        "The log-likelihood is a bound plus a gap that is never negative",
        "Bayes' rule holds for every beta, so it may be averaged over any density q of beta; add"
        " and subtract the expectation of log q. EM makes the gap zero by taking the posterior"
        " itself as q. Mean field restricts q to products and keeps the gap. Both then raise the"
        f" bound in the parameters. {_plain(say.evidence_example(s))}",
    )
    lines = [
        ("evidence_bayes", "Bayes' rule, for every β"),
        ("evidence_expectation", "average over any density q(β)"),
        ("evidence_sum", "bound (ELBO) plus gap"),
        ("evidence_jensen", "Jensen: log is concave; zero only for q = p"),
    ]
    add_derivation(slide, BODY.above(3.75), lines)
    left, right = BODY.below(4.0).columns(1, 1)
    add_text(
        slide,
        left,
        ["EM: q is the posterior, the gap is zero, the bound is the log-likelihood itself."],
    )
    add_text(slide, right, ["MFVI: q is a product, the gap stays. " + say.evidence_example(s)])


def _plain(text: str) -> str:
    return text.replace("**", "")
