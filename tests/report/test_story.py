"""The story as data: ours is whole, a user's is laid over it, a mistake is told with its slide."""

from dataclasses import replace
from pathlib import Path

import pytest

from mixedmodel.errors import UserError
from mixedmodel.model.results import Summary
from mixedmodel.plan.products import FIGURES_SHOWN
from mixedmodel.report.slides.deck import Settings
from mixedmodel.report.story import formats, paths
from mixedmodel.report.story.build import build_deck
from mixedmodel.report.story.cases import Results
from mixedmodel.report.story.check import check_own, check_story
from mixedmodel.report.story.language import language
from mixedmodel.report.story.telling import read_telling
from report import deck_cases, told
from report.deck_checks import CHECKS, Opened, heading, shapes_of

GERMAN = Path(__file__).parent / "german"
MEANS = "slides:\n- slide: means\n"
NEW = "slides:\n- slide: new\n  after: means\n  title: A\n  notes: B\n"


def check(folder: Path) -> None:
    check_own([str(told.STORY), str(folder)], "en", FIGURES_SHOWN)


def deck(folder: Path, name: str = "ordinary", tag: str = "en") -> Opened:
    telling = read_telling([str(told.STORY), str(folder)], tag)
    telling.pictures.take_over(told.telling().pictures)
    material = deck_cases.material_of(name)
    if material.cross_validation is None:
        figures = {key: each for key, each in material.figures.items() if key != "cross_validation"}
        material = replace(material, figures=figures)
    return Opened(build_deck(material, Settings(name), telling))


def titles(found: Opened) -> list[str]:
    return [heading(slide) for slide in found.slides]


def written(folder: Path, text: str, file: str = "mine.yaml") -> Path:
    (folder / file).write_text(text, encoding="utf-8")
    return folder


def test_ours_names_only_what_there_is() -> None:
    check_story(told.telling().story, FIGURES_SHOWN)


def test_a_section_in_another_language_a_slide_more_and_some_left_out() -> None:
    check(GERMAN)
    found, ours = deck(GERMAN, tag="de"), Opened(deck_cases.deck_of("ordinary"))
    assert len(found.slides) == len(ours.slides) + 1 - 2
    assert titles(found)[:4] == [
        "EM und Mean Field an einem gemischten Modell",
        "EM schreibt 57,2 % der Varianz den zufälligen Effekten zu, MFVI nur 11,3 %",
        "Ihre Aufgabe mit 80 Zeilen",
        "The penalty moves the peak from a PVE of 57,2 % to 11,3 %",
    ]
    assert not {"The symbols of the model, of EM and of the likelihood"} & {*titles(found)}
    sections = found.parts["ppt/presentation.xml"].decode()
    assert 'name="Antwort"' in sections
    assert 'name="Comparison"' in sections
    footer = next(s.text_frame.text for s in found.slides[0].shapes if "Footer" in s.name)
    assert footer == "EM und MFVI an ordinary"
    exercise = found.slides[2]
    assert [s.name for s in shapes_of(exercise) if s.name.startswith("Equation")] == [
        "Equation: of_the_course"
    ]
    [table] = [shape.table for shape in exercise.shapes if shape.has_table]
    assert [cell.text for cell in table.rows[2].cells] == ["MFVI", "0,126"]
    assert [wrong for each in CHECKS for wrong in each(found)] == []


@pytest.mark.parametrize("name", ["boundary", "not_certified", "noiseless", "flat", "large_units"])
def test_the_translated_section_fits_every_case(name: str) -> None:
    found = deck(GERMAN, name, "de")
    assert [wrong for each in CHECKS for wrong in each(found)] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (MEANS + "  title: A {means.slop}", "no `slop` in `means.slop`; did you mean `slope`?"),
        (MEANS + "  title: '{em}'", "slide `means`, title: `em` has to be written in a format"),
        (MEANS + "  title: '{data.n pumpkin}'", "a format, not pumpkin; known: plain, "),
        (MEANS + "  title: '{data.response share}'", "`data.response` can't be written as `share`"),
        (MEANS + "  title: '{em.pve row}'", "`em.pve` can't be counted as `row`"),
        (MEANS + "  title: '{loglik fixed}'", "`loglik` is a phrase and takes no format"),
        (MEANS + "  title: '{em.loglik fixed 1 2}'", "`fixed` takes 1 arguments, not 2"),
        (MEANS + "  title: '{em.loglik fixed dataset}'", "a number of digits, not `dataset`"),
        (MEANS + "  title: {boundary_em: no}", "there is no `boundary_em`"),
        (MEANS + "  title: {data.n: many}", "`data.n` is no case"),
        (MEANS + "  title: {3: many}", "title: 3 is no case"),
        (MEANS + "  layout: ranking\n  parts: {foot: a}", "what this kind of deck does not have"),
        (MEANS + "  title: {otherwise: a, no_effect: b}", "after `otherwise` is never told"),
        (MEANS + "  title: {each: data.n, say: b}", "`data.n` is no list"),
        (MEANS + "  title: {join: and}", "needed are join and of, not join"),
        (MEANS + "  title: 3", "title: 3 is no text; put it in quotes"),
        (MEANS + "  title: ''", "slide `means`, title: it has none"),
        (MEANS + "  titel: A", "slide `means`: object contains unknown field `titel`"),
        (MEANS + "  title: A\n  title: B", "`title` is there twice in what begins in line 2"),
        (MEANS + "  layout: panorama", "layout: there is no `panorama`; known: body, cover"),
        (MEANS + "  parts: {head: a}", "parts: this layout has none, not head"),
        ("slides:\n- slide: cover\n  body: [text: a]", "body: this layout has 0 parts, not 1"),
        (NEW + "  body: [{figure: menas, words: a}]", "body 1: no figure `menas`; known: data_ov"),
        (NEW + "  body: [figure: means]", "body 1: `words` are missing, for who can't see it"),
        (NEW + "  body: [equation: nope]", "body 1: no equation `nope` in equations.yaml"),
        (NEW + "  body: [derivation: [nope: a]]", "body 1: no equation `nope`"),
        (NEW + "  body: [{chart: pie, words: a}]", "no chart `pie`; known: em, objectives, gap"),
        (NEW + "  see: {nowhere: a}", "see: there is no slide `nowhere`"),
        (NEW + "  see: {means: '{nope}'}", "see.means: there is no `nope`"),
        (NEW + "  body: [{text: a, to: nowhere}]", "body 1.to: there is no slide `nowhere`"),
        (NEW + "  body: [{text: a, colour: pink}]", "body 1: no colour `pink`; known: ink"),
        (NEW + "  body: [{text: a, equation: model}]", "needed is one of text, derivation"),
        (NEW + "  body: [{text: a, height: low}]", "expected `float | null`, got `str`"),
        (NEW + "  body: [{beside: [text: a], shares: [1, 2]}]", "body 1.shares: 2 for 1 parts"),
        (NEW + "  body: [{words: a, table: [{row: 1}]}]", "a row is a list of cells, or `cells`"),
        ("slides:\n- slide: new\n  title: A", "slide `new`: `after` is missing"),
        ("slides:\n- slide: new\n  after: meens", "there is no slide `meens` to add it after"),
        ("leave_out: [symbolz]", "slide `symbolz`: there is no such slide to leave out"),
        ("section: Mine\nlevel: high", "invalid enum value 'high'"),
        ("section: Mine", "mine.yaml is a section that no deck of story.yaml names"),
        ("slides: [", "while parsing a flow"),
        ("slide: means", "object contains unknown field `slide`"),
    ],
)
def test_a_mistake_is_told_with_file_slide_and_reason(
    text: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError) as error:
        check(written(tmp_path, text))
    assert str(error.value).startswith("the story can't be told\n  ")
    assert message in str(error.value)
    assert "mine.yaml" in str(error.value)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (
            "equations.yaml",
            "a:\n  latex: \\frac{a}{\n  words: b",
            "equations.yaml, `a`: this LaTeX",
        ),
        ("equations.yaml", "a:\n  latex: \\nosuch{a}\n  words: b", "there is no command \\nosuch"),
        ("equations.yaml", "a: {latex: x}", "missing required field `words`"),
        ("story.yaml", "response: [answer, nope]", "names `nope`, but there is no nope.yaml"),
        ("story.yaml", "lecture: [answer]", "there is no kind of deck `lecture`; known: response"),
        ("phrases.yaml", "nouns: {row: {one: a, other: 3}}", "expected `str`, got `int`"),
        ("phrases.yaml", "nouns: {row: {one: Zeile}}", "the noun `row` has no form `other`"),
        ("phrases.yaml", "phrases: {size: '{data.m row}'}", "size: there is no `m` in `data.m`"),
        ("phrases.yaml", "phrases: {size: '{size}'}", "the phrase `size` tells itself"),
    ],
)
def test_a_mistake_in_what_all_share_is_told(
    file: str, text: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="the story can't be told") as error:
        check(written(tmp_path, text, file))
    assert message in str(error.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        check(written(tmp_path, MEANS + "  title: '{a} {b}'\n  notes: '{c}'"))
    assert str(error.value).count("there is no") == 3


def test_a_slide_of_ours_keeps_what_is_not_given(tmp_path: Path) -> None:
    found = deck(written(tmp_path, MEANS + "  title: Means of {data.p random effect}"))
    number = titles(found).index("Means of 200 random effects")
    facts = "".join(found.slides[number].element.itertext())
    assert "Largest difference" in facts


def test_a_section_of_ones_own_takes_the_place_of_ours(tmp_path: Path) -> None:
    written(tmp_path, "response: [mine]\nresponses: [responses_answer]", "story.yaml")
    written(tmp_path, "section: Mine\nslides:\n- slide: cover\n- slide: profile\n")
    with pytest.raises(UserError, match=r"algorithms\.yaml is a section that no deck"):
        check(tmp_path)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("text: " + "words that go on and on " * 200, "the text is too long for its place"),
        (
            "figure: means\n    words: a\n    facts: [" + "words that go on and on " * 40 + "]",
            "the text is too long for its place",
        ),
        ("equation: elbo_sum\n    height: 0.1", "the equation `elbo_sum` is 1"),
        ("height: 0.2\n    derivation: [hadamard: a, gap_slope: b]", "in too high"),
        ("derivation: [elbo_sum: a]", "the equations leave 0.0"),
        ("height: 0.5\n    words: a\n    header: [a]\n    table: [[a], [b], [c]]", "for 1 rows of"),
    ],
)
def test_what_has_no_room_is_told_with_its_slide(body: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        deck(written(tmp_path, f"{NEW}  body:\n  - {body}"))
    assert f"{tmp_path / 'mine.yaml'}, slide `new`: " in str(error.value)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("slides", "message"),
    [
        (NEW + "  body: [text: '{band_at_em interval}']", "`band_at_em` has no value here"),
        (NEW + "  body: [text: '{last_gap}']", "`last_gap` has no value here"),
        (NEW + "  body: [text: {em_nearer: a}]", "`em_nearer` has no value here"),
        (NEW + "  body: [text: '{bound_decimals}']", "`bound_decimals` has no value here"),
        (NEW + "  body: [{figure: cross_validation, words: a}]", "is not made of these data"),
        (
            NEW + "  body: [{chart: gap, axes: [a, b], series: [c], words: a}]",
            "the chart `gap` is not made of these data",
        ),
    ],
)
def test_what_these_data_do_not_have_is_told_with_its_slide(
    slides: str, message: str, tmp_path: Path
) -> None:
    """Nothing of it is there where no ratio of the variances fits better than another."""
    check(written(tmp_path, slides))
    with pytest.raises(UserError, match="slide `new`: ") as error:
        deck(tmp_path, "flat_both")
    assert message in str(error.value)


def test_a_table_of_fixed_effects_without_any_and_a_panel_that_says_nothing_are_left_out(
    tmp_path: Path,
) -> None:
    panel = "  body: [{text: a}, {panel: warning, top: 1, height: 1, text: {truth: b}}]\n"
    written(tmp_path, NEW + panel + "- slide: fixed_effects_table\n  when: null\n")
    check(tmp_path)
    found = deck(tmp_path, "no_fixed")
    assert not any("by name" in title for title in titles(found))
    slide = found.slides[titles(found).index("A")]
    assert not [shape.name for shape in slide.shapes if shape.name.startswith("Panel")]


def test_a_headline_of_a_users_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="slide `means`: the headline is too long"):
        deck(written(tmp_path, MEANS + "  title: " + "a headline that goes on and on " * 12))


def test_a_number_that_is_missing_is_told_with_its_slide(tmp_path: Path) -> None:
    text = NEW + "  body: [text: 'PVE {truth.pve share}']"
    check(written(tmp_path, text))
    with pytest.raises(UserError, match=r"slide `new`: `truth.pve` has no value here"):
        deck(tmp_path)
    assert "PVE 60.0%" in "".join(text for _, text in deck(tmp_path, "truth").texts())


@pytest.mark.parametrize(
    ("tag", "shown"),
    [("en", "1,234.50 (57.2%)"), ("de", "1.234,50 (57,2\N{NO-BREAK SPACE}%)"), ("pl", "57,2%")],
)
def test_numbers_have_the_marks_of_the_language(tag: str, shown: str) -> None:
    assert shown in language(tag).localised("1,234.50 (57.2%)")


@pytest.mark.parametrize(
    ("tag", "regional"),
    [
        ("en", "en-GB"),
        ("de", "de-DE"),
        ("pt_BR", "pt-BR"),
        ("zh-Hant", "zh-TW"),
        ("en-US", "en-US"),
    ],
)
def test_spelling_is_checked_by_the_language_of_a_region(tag: str, regional: str) -> None:
    assert language(tag).regional == regional


def test_nouns_have_the_forms_of_the_language() -> None:
    forms = {"one": "wiersz", "few": "wiersze", "many": "wierszy", "other": "wiersza"}
    polish = formats.Formats(language("pl"), {}, [])
    assert [polish.noun(number, forms) for number in (1, 3, 5, 22, 1000)] == [
        *("1 wiersz", "3 wiersze", "5 wierszy", "22 wiersze", "1\N{NO-BREAK SPACE}000 wierszy")
    ]


def test_a_language_that_is_none_is_refused() -> None:
    with pytest.raises(UserError, match="no language 'klingon'"):
        language("klingon")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("em.pve", float | None),
        ("data.n", int),
        ("truth.recovery.em.rmse", float | None),
        ("em.interval.1", float | None),
        ("base.dataset", str),
        ("em.stop.value", str),
    ],
)
def test_paths_have_the_types_of_what_they_lead_to(path: str, kind: object) -> None:
    assert paths.type_of(path, (Results,)) == kind
    assert paths.type_of(path.removeprefix("base."), (Summary,)) == kind


def test_every_format_says_what_it_takes() -> None:
    assert set(formats.FORMATS) > {"share", "fixed", "pve", "listed"}
    assert "return" not in {str(kind) for kind in formats.FORMATS.values()}
