"""The deck over several responses: the same checks as every deck, and what its sentences say."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mixedmodel.model.overview import Overview
from mixedmodel.report.slides.deck import Settings
from mixedmodel.report.story.build import build_overview
from mixedmodel.report.story.layouts import MOST_PAGES
from mixedmodel.report.story.telling import Scope
from mixedmodel.store.results import read_result, write_result
from report import told
from report.deck_cases import LONG_NAME, placeholder
from report.deck_checks import CHECKS, Opened, heading
from report.overview_cases import CASES, build, deck_of, drawn, several


@cache
def opened(name: str) -> Opened:
    return Opened(deck_of(name))


def scope(name: str) -> Scope:
    return told.several(CASES[name]().overview)


def own_decks(name: str) -> str:
    """Tell the line of the cover on the decks of each response."""
    lines = told.slide("responses_cover").parts["lines"]
    return told.telling().teller.paragraphs(lines, scope(name))[1]


def titles(name: str) -> list[str]:
    return [heading(slide) for slide in opened(name).slides]


def words(name: str) -> str:
    return "\n".join(text for _, text in opened(name).texts())


def tables(name: str, kind: str) -> list[list[str]]:
    return [
        [cell.text_frame.text for cell in row.cells]
        for slide in opened(name).slides
        for shape in slide.shapes
        if shape.name == f"Table: {kind}"
        for row in list(shape.table.rows)[1:]
    ]


@pytest.mark.parametrize("check", CHECKS[:-1], ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", CASES)
def test_nothing_is_wrong_with(name: str, check) -> None:
    assert check(opened(name)) == []


def test_the_same_input_gives_the_same_bytes() -> None:
    assert build("uncertified") == deck_of("uncertified")


@pytest.mark.parametrize("name", CASES)
def test_the_deck_of_the_overview_read_back_is_the_same(name: str, tmp_path: Path) -> None:
    write_result(tmp_path / "overview.json", CASES[name]().overview)
    found = read_result(tmp_path / "overview.json", Overview)
    chosen = Settings("traits")
    assert build_overview(
        found, placeholder("responses"), chosen, told.telling(), likelihood="ml"
    ) == deck_of(name)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        (
            "three",
            "2 of 3 responses show random effects at 5%, after Bonferroni too; in the median"
            " MFVI's PVE is 0.354 times EM's",
        ),
        ("one", "EM gives 45.0% of the variance of trait 1 to random effects, MFVI only 15.9%"),
        ("one_at_boundary", "trait 1 shows no random effect: EM puts its variance at zero"),
        (
            "one_uncertified",
            "EM gives 45.0% of the variance of trait 1 to random effects, MFVI only 15.9%"
            " (provisional: not all fits are certified)",
        ),
        (
            "nothing_below_5%",
            "Not one of the 3 responses shows random effects at 5%; in the median MFVI's PVE is"
            " 0.322 times EM's",
        ),
        (
            "all_at_boundary",
            "Not one of the 2 responses shows a random effect: EM puts every variance at zero",
        ),
        (
            "uncertified",
            "18 of 30 responses show random effects at 5%, 11 after Bonferroni (provisional: not"
            " all fits are certified)",
        ),
    ],
)
def test_the_answer_depends_on_the_results(name: str, title: str) -> None:
    assert told.title("responses_answer", scope(name)) == title
    assert title in titles(name)


def test_all_tests_and_none_after_bonferroni_are_said() -> None:
    case = several([0.5, 0.5])
    for position in range(2):
        case.with_p_value(position, 0.04)
    title = told.title("responses_answer", told.several(case.overview))
    assert title.startswith("All 2 responses show random effects at 5%, none after Bonferroni;")


def test_agreeing_methods_are_said_to_agree() -> None:
    def agree(content: dict[str, Any]) -> None:
        content["fits"]["mfvi"]["pve"] = content["fits"]["em"]["pve"]

    case, one = several([0.5, 0.6]), several([0.5])
    for position in range(2):
        case.change(position, agree)
    one.change(0, agree)
    titles = [told.title("responses_answer", told.several(each.overview)) for each in (case, one)]
    assert titles[0].endswith("MFVI agrees with EM")
    assert titles[1] == "EM and MFVI both give 50.0% of the variance of trait 1 to random effects"


def test_many_tests_are_set_against_chance() -> None:
    tests, medians = told.texts("responses_answer", scope("hundreds"))
    assert tests == (
        "150 tests: by chance alone about 7.5 fall below 5%. Bonferroni's limit p = 0.00033 leaves"
        " **44**."
    )
    assert re.fullmatch(r"PVE relative to EM's, medians over 119: MFVI \*\*0\.3.*", medians)


def test_a_single_test_is_told_in_full() -> None:
    assert told.texts("responses_answer", scope("one"))[0] == (
        "Test of no random effect: likelihood ratio 8.86, p = 0.00014."
    )
    at_boundary = told.texts("responses_answer", scope("one_at_boundary"))
    assert at_boundary[0] == "Test of no random effect: nothing speaks against it, p = 1."
    assert "no ratio" in at_boundary[1]


@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("all_at_boundary", "No certified fit has a random effect: there is no ratio .*"),
        ("all_uncertified", "No ratio is drawn from fits that are not certified."),
    ],
)
def test_a_ratio_that_means_nothing_is_not_drawn(name: str, fact: str) -> None:
    tests, ratio = told.texts("responses_answer", scope(name))
    assert re.fullmatch(fact, ratio)
    assert ("leaves **none**" in tests) is (name == "all_at_boundary")


def test_fits_that_are_not_certified_are_named_on_a_slide_of_their_own() -> None:
    found = titles("uncertified")
    assert found[1].startswith("2 of 30 responses have fits that are not certified")
    assert titles("all_uncertified")[1].startswith("All 12 responses have fits")
    text = words("uncertified")
    assert "EM did not reach its optimum on trait 4." in text
    assert "MFVI did not reach its optimum on trait 4 and trait 6." in text
    assert sum("†" in cell for row in tables("uncertified", "responses") for cell in row) == 5
    assert titles("one_uncertified")[1].startswith("EM and MFVI did not reach the optimum")
    assert "1 of 3 responses has a fit that is not certified" in titles("long_names")[1]


def test_many_uncertified_fits_are_named_up_to_a_limit() -> None:
    line = told.texts("responses_warning", scope("all_uncertified"))[0]
    assert re.fullmatch(r"EM did not .* on (trait \d+, ){5}trait \d+ and 6 more\.", line)


@pytest.mark.parametrize("name", ["three", "one", "all_at_boundary", "thirty"])
def test_certified_fits_are_not_warned_of(name: str) -> None:
    assert "certified:" not in " ".join(titles(name))
    assert "provisional" not in words(name)


def test_every_response_is_in_the_tables_by_its_rank() -> None:
    found, rows = tables("thirty", "responses"), CASES["thirty"]().overview.ranked
    assert [row[:3] for row in found] == [
        [row.response, str(rank), str(row.n)] for rank, row in enumerate(rows, 1)
    ]
    first = rows[0]
    assert found[0][3] == f"{100 * first.em_pve:.1f}% ({100 * first.em_low:.1f}% to 100%)"
    assert found[-1][3:] == ["0% (0% to 33.7%)", "0%", "0% (0% to 25.0%)", "1"]


def test_the_tables_of_hundreds_end_and_say_where_the_rest_is() -> None:
    pages = [title for title in titles("hundreds") if title.startswith("Ranks")]
    assert len(pages) == MOST_PAGES
    shown = len(tables("hundreds", "responses"))
    assert f"{150 - shown} more, with a smaller PVE, are in tables/responses.csv." in words(
        "hundreds"
    )


def test_what_was_left_out_is_listed_with_its_reason_if_anything() -> None:
    assert tables("three", "left out") == [
        [f"trait const {k}", "it is 1 wherever it has a value"] for k in (1, 2)
    ]
    [[_, cut]] = tables("long_names", "left out")
    assert cut.startswith("the fixed effects are collinear in its rows: ")
    assert "…" in cut
    assert titles("three")[-1] == "2 responses were left out: they can't be fitted"
    assert titles("thirty")[-1] == "1 response was left out: it can't be fitted"
    assert not any("left out" in title for title in titles("one"))
    assert "8 more with their reasons are in tables/responses.csv." in words("hundreds")


def test_the_cover_says_how_large_and_where_the_other_decks_are() -> None:
    cover = "".join(opened("three").slides[0].element.itertext())
    assert "EM and mean field on 3 responses" in cover
    assert "traits: 110 to 120 rows, 2 fixed effects and 200 random effects" in cover
    assert "trait_1/deck.pptx, trait_2/deck.pptx and trait_3/deck.pptx" in cover
    assert own_decks("hundreds") == (
        "A deck of each, beside this file: trait_1/deck.pptx, trait_2/deck.pptx and 148 more"
    )
    assert own_decks("one").endswith("this file: trait_1/deck.pptx")


def test_title_and_author_are_the_users() -> None:
    deck = Opened(build("three", title="My traits", author="A. Statistician"))
    assert heading(deck.slides[0]) == "My traits"
    assert "A. Statistician" in "".join(deck.slides[0].element.itertext())
    properties = opened("three").presentation.core_properties
    assert properties.title == "EM and mean field on 3 responses"


def test_the_notes_name_the_likelihood() -> None:
    texts = ["\n".join(t for _, t in Opened(build("one", kind)).texts()) for kind in ("ml", "reml")]
    assert ["(REML)" in text for text in texts] == [False, True]


def test_long_names_are_cut_and_stay_apart() -> None:
    assert LONG_NAME not in " ".join(titles("long_names"))
    names = [row[0] for row in tables("long_names", "responses")]
    assert len(set(names)) == 3
    assert all("…" in name for name in names)


def test_names_listed_in_a_sentence_are_cut_and_stay_apart() -> None:
    names = [f"{'a' * 40}{k}{'b' * 40}" for k in range(3)]
    shown = told.write(names, "names").replace(" and ", ", ").split(", ")
    assert len(set(shown)) == 3
    assert all("…" in name for name in shown)
    decks = set(re.findall(r"\S+/deck.pptx", told.write(names, "decks")))
    assert len(decks) == 3
    assert all("…" in deck for deck in decks)


def test_names_of_one_family_lose_what_they_begin_with_on_all_pages() -> None:
    names = [f"measured_in_the_summer_of_2019_{k}" for k in range(30)]
    case = drawn(30, names=names)
    deck = Opened(
        build_overview(
            case.overview, placeholder("responses"), Settings("t"), told.telling(), likelihood="ml"
        )
    )
    tables = [s.table for slide in deck.slides for s in slide.shapes if s.has_table]
    assert len(tables) > 1
    [head] = {table.cell(0, 0).text_frame.text for table in tables}
    assert head.startswith("Response\n… = measured")
    shown = [row.cells[0].text_frame.text for table in tables for row in list(table.rows)[1:]]
    assert sorted(shown) == sorted(f"…{k}" for k in range(30))
