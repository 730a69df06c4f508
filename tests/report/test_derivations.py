"""What the equations of a deck are made of: symbols told, letters of a smaller model, sources."""

import re
from collections.abc import Iterator

import pytest

from mixedmodel.report.story.cases import Results
from mixedmodel.report.story.equations import WHOLE, named
from mixedmodel.report.story.source import Block, Slide
from report.deck_cases import NAMES, deck_of, summary_of
from report.deck_checks import Opened
from report.told import results, stage, telling

REGIMES = {"ordinary": "", "few_columns": "", "no_fixed": "no_fixed", "restricted": "reml"}
NO_SYMBOLS = re.compile(  # words, and what stands for an operation
    r"\\(?:text|textcolor)\{[^}]*\}|\\mathrm\{(?:new|old|cal|EM|MFVI)\}|\\operatorname\{argmax\}"
    r"|\\(?:frac|left|right|sum|prod|limits|textstyle|quad|log|max|top|partial|mid|sim|approx|to)(?![a-zA-Z])"
    r"|\\(?:le|ge|ne|leftarrow|mapsto|Longrightarrow|Longleftrightarrow)(?![a-zA-Z])"
)
TOKEN = re.compile(
    r"\\(?:operatorname|mathrm|mathcal|mathbb)\{(\w+)\}|\\tilde ([a-z])|\\hat ?\\?([A-Za-z]+)"
    r"|\\([A-Za-z]+)|([^\W\d_])"
)
GREEK = {
    **{"alpha": "α", "beta": "β", "gamma": "γ", "Gamma": "Γ", "delta": "δ", "kappa": "κ"},
    **{"lambda": "λ", "mu": "μ", "nu": "ν", "rho": "ρ", "sigma": "σ", "theta": "θ"},
    **{"Theta": "Θ", "chi": "χ", "pi": "π", "ell": "ℓ", "L": "𝓛", "N": "𝓝"},
}
INDICES = set("ijk0123456789")


def slides(name: str) -> Iterator[Slide]:
    """Give the slides of the deck of a case."""
    scope = results(summary_of(name))
    for section in telling().story.decks["response"]:
        for slide in section.slides:
            if telling().teller.holds(slide.when, scope):
                yield slide


def blocks(parts: list[Block], scope: tuple[Results, ...]) -> Iterator[Block]:
    """Give the parts whose case holds, and theirs."""
    for block in parts:
        if telling().teller.holds(block.when, scope):
            yield block
            yield from blocks([*(block.beside or []), *(block.stacked or [])], scope)


def shown(name: str) -> dict[str, str]:
    """Return the LaTeX of the equations of a deck by their names."""
    scope, found = results(summary_of(name)), []
    for slide in slides(name):
        for block in blocks(slide.body, scope):
            found += [block.equation] if block.equation else []
            for line in block.derivation or []:
                if telling().teller.holds(line.get("when"), scope):
                    found += [key for key in line if key != "when"]
    equations = telling().story.equations
    special = {key: named(key, REGIMES[name]) for key in found}
    return {
        key: equations[each if each in equations else key].latex for key, each in special.items()
    }


def symbols(latex: str) -> set[str]:
    """Return the letters and operators of an equation."""
    calligraphic = latex.replace(r"\mathcal{L}", "𝓛").replace(r"\mathcal{N}", "𝓝")
    rest = NO_SYMBOLS.sub(" ", calligraphic)
    groups = (next(filter(None, found)) for found in TOKEN.findall(rest))
    return {GREEK.get(each, each) if len(each) > 1 else each for each in groups} - INDICES


def explained(name: str) -> set[str]:
    """Return what the tables of symbols tell."""
    scope = results(summary_of(name))
    cells = [
        row[0]
        for slide in slides(name)
        if slide.slide in ("symbols", "symbols_more")
        for block in blocks(slide.body, scope)
        if block.table
        for row in stage().rows(block.table, scope)
    ]
    return {word for cell in cells for word in re.findall(r"[A-Za-z]{2,}|[^\W\d_]", cell)}


@pytest.mark.parametrize("name", REGIMES)
def test_every_symbol_of_an_equation_is_explained(name: str) -> None:
    known = explained(name)
    missing = {key: symbols(latex) - known for key, latex in shown(name).items()}
    assert {key: left for key, left in missing.items() if left} == {}


def test_symbols_are_found_where_they_are() -> None:
    latex = (
        r"\mathcal{L} \ge \mathbb{E}_q\left[\hat q_{\mathrm{EM}}\right] + \tilde r_i^{\,2}\kappa"
    )
    assert symbols(latex) == {"𝓛", "E", "q", "r", "κ"}
    assert symbols(r"\hat\Theta = \operatorname{tr}(MK)") == {"Θ", "tr", "M", "K"}


def test_without_fixed_effects_nothing_is_said_of_them() -> None:
    for key, latex in shown("no_fixed").items():
        assert not symbols(latex) & {"w", "Z"}, key
    for place, text in Opened(deck_of("no_fixed")).texts():
        assert not re.search(r"\bZ ?w\b|\bw\b|\bZ′", text), (place, text)


def test_under_reml_equations_are_of_the_contrasts() -> None:
    for key, latex in shown("restricted").items():
        if key not in WHOLE and key != "residual_form":
            plain = re.sub(
                r"\\[a-zA-Z]+\{[^}]*\}|(?<=\^)\\top",
                lambda found: "" if found[0] != r"\top" else "T",
                latex,
            )
            for match in re.finditer(r"(?<![A-Za-z\\])y(?![a-z])", plain):
                assert re.search(r"C\^T ?\(?$", plain[: match.start()]), (key, latex)
            assert "w" not in symbols(latex), key


def test_what_names_no_matrix_is_the_same_in_each_regime() -> None:
    equations = telling().story.equations
    for key in ("evidence_jensen", "family", "posterior_square", "gap_slope", "update_sigma_beta2"):
        assert named(key, "reml") not in equations
        assert named(key, "no_fixed") not in equations


CITED = re.compile(
    r"([A-Z][\w-]+)(?:,? (?:and|[A-Z][\w-]+|et al\.|Van)){0,5},? \(?((?:19|20)\d\d)\b"
)
LISTED = re.compile(r"(?:[A-Z]\.[ -]?)+((?:Van )?[A-Z][\w-]+).*?\(((?:19|20)\d\d)\)")


@pytest.mark.parametrize("name", NAMES)
def test_references_are_those_that_are_cited(name: str) -> None:
    scope = results(summary_of(name))
    lines, rest = [], []
    for slide in slides(name):
        told = [telling().teller.plain(slide.notes, scope)]
        for block in blocks(slide.body, scope):
            told += telling().teller.paragraphs(block.text, scope) if block.text else []
            told += [
                telling().teller.plain(reason, scope)
                for line in block.derivation or []
                for key, reason in line.items()
                if key != "when"
            ]
        (lines if slide.slide == "references" else rest).extend(told)
    listed = {pair for line in lines for part in line.split("; ") for pair in LISTED.findall(part)}
    cited = {pair for text in rest for pair in CITED.findall(text)}
    assert len(listed) > 8
    assert listed == cited
