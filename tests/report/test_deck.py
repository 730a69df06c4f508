"""The deck of every case, checked part by part."""

import io
import re
import zipfile
from dataclasses import replace
from functools import cache

import pytest

import gallery
from mixedmodel.report import style
from mixedmodel.report.slides.deck import LEAST_COVER, Settings
from mixedmodel.report.story.build import build_deck
from report import deck_cases
from report.deck_checks import CHECKS, Opened, heading, shapes_of
from report.told import telling

LONG = "data" * 60

pytestmark = pytest.mark.xdist_group("decks")


@cache
def opened(name: str) -> Opened:
    return Opened(deck_cases.deck_of(name))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", deck_cases.NAMES)
def test_nothing_is_wrong_with(name: str, check) -> None:
    assert check(opened(name)) == []


def titles(name: str) -> list[str]:
    return [heading(slide) for slide in opened(name).slides]


def words(name: str) -> str:
    return "\n".join(text for _, text in opened(name).texts())


def test_the_same_input_gives_the_same_bytes() -> None:
    assert deck_cases.build("truth") == deck_cases.deck_of("truth")


def test_members_are_sorted_and_dateless_inside_and_out() -> None:
    deck = opened("ordinary")
    assert list(deck.parts) == sorted(deck.parts)
    assert deck.dates == {(1980, 1, 1, 0, 0, 0)}
    books = deck.named(r"ppt/embeddings/.*\.xlsx")
    assert len(books) == 5, "one workbook a native chart"
    for book in books:
        with zipfile.ZipFile(io.BytesIO(deck.parts[book])) as inner:
            assert {info.date_time for info in inner.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert b"2000-01-01T00:00:00Z" in inner.read("docProps/core.xml")


def test_the_story_is_complete() -> None:
    wanted = (
        "E-step: completing the square",
        "E-step in dual form",
        "M-step: the expected log joint density",
        "M-step: closed forms",
        "One eigendecomposition",
        "Mean field: the best factor",
        "Gauss-Seidel",
        "The bound has three parts",
        "The smallest gap depends on X",
        "The gap is a penalty",
        "How sure:",
        "What mean field reports of the expected response",
        "On this X mean field",
        "Linear response",
        "Both at once",
        "The symbols",
    )
    text = "\n".join(titles("ordinary"))
    assert [phrase for phrase in wanted if phrase not in text] == []


def links_of(deck: Opened) -> list[tuple[int, str, int]]:
    """Return number of the slide, text, number of the slide that it leads to."""
    numbers = {slide.slide_id: number for number, slide in enumerate(deck.slides, 1)}
    return [
        (number, shape.text_frame.text, numbers[shape.click_action.target_slide.slide_id])
        for number, slide in enumerate(deck.slides, 1)
        for shape in slide.shapes
        if shape.has_text_frame and not shape.is_placeholder and shape.click_action.target_slide
    ]


def test_links_lead_on_and_back() -> None:
    deck = opened("truth")
    found, told = links_of(deck), titles("truth")
    assert [told[to - 1] for _, text, to in found if text.endswith("the symbols")] == [
        "The symbols of the model, of EM and of the likelihood"
    ]
    there = {(number, to) for number, text, to in found if "back to" not in text}
    back = {(to, number) for number, text, to in found if "back to" in text}
    page = told.index("The whole comparison on one page") + 1
    assert sum(number == page for number, _ in there) == 5
    assert {pair for pair in there if pair[0] != page} == back
    assert len(back) > 20
    for _, text, to in found:
        if "back to" in text:
            assert text.endswith(f"back to {to}")


@pytest.mark.parametrize("name", ["truth", "no_fixed", "restricted", "unbounded", "flat"])
def test_a_short_deck_is_the_core(name: str) -> None:
    short = Opened(deck_cases.build(name, short=True))
    said = [heading(slide) for slide in short.slides]
    assert said == titles(name)[: len(said)]
    assert len(said) <= 20
    reml = deck_cases.summary_of(name).likelihood == "reml"
    first = "REML: the same model seen" if reml else "The log-likelihood is a bound"
    assert titles(name)[len(said)].startswith(first)
    assert [wrong for check in CHECKS for wrong in check(short)] == []


def test_every_slide_that_begins_something_has_its_own_name() -> None:
    names = [slide.name for slide in opened("truth").slides if slide.name]
    assert len(set(names)) == len(names)
    assert {*gallery.SLIDES} <= {*names}


@pytest.mark.parametrize("name", ["truth", "few_columns", "boundary_mfvi"])
def test_the_bound_is_charted_from_its_last_nats_on(name: str) -> None:
    [slide] = [each for each in opened(name).slides if each.name == "iterations"]
    chart = next(shape.chart for shape in slide.shapes if shape.has_chart)
    lines = {series.name: list(series.values) for series in chart.plots[0].series}
    last, axis = lines["ELBO"][-1], chart.value_axis
    assert axis.minimum_scale <= last <= axis.maximum_scale
    assert max(map(max, lines.values())) <= axis.maximum_scale
    assert last - axis.minimum_scale < 10 + axis.major_unit
    longer = last - lines["ELBO"][0] > 10 + axis.major_unit
    assert longer is (lines["ELBO"][0] < axis.minimum_scale)
    assert longer is (name != "few_columns")
    assert len(lines["ELBO"]) == len(lines["Log-likelihood"]) > 1


def test_every_equation_of_the_catalogue_is_on_a_slide() -> None:
    shown = {
        shape.name.removeprefix("Equation: ")
        for name in ("ordinary", "no_fixed", "restricted")
        for slide in opened(name).slides
        for shape in shapes_of(slide)
        if shape.name.startswith("Equation: ")
    }
    assert shown == set(telling().story.equations)


@pytest.mark.parametrize("name", ["truth", "many_fixed", "one_column"])
def test_all_fixed_effects_are_in_tables(name: str) -> None:
    names = [
        row.cells[0].text_frame.text
        for slide in opened(name).slides
        for shape in slide.shapes
        if shape.name.startswith("Table: fixed effects")
        for row in list(shape.table.rows)[1:]
    ]
    assert names == [row.name for row in deck_cases.summary_of(name).fixed_effects.table]


def test_thirty_fixed_effects_fit_one_slide() -> None:
    assert sum(title == "The 30 fixed effects by name" for title in titles("truth")) == 1


def test_without_fixed_effects_there_is_no_slide_of_them() -> None:
    assert not any("by name" in title for title in titles("no_fixed"))


@pytest.mark.parametrize("name", ["not_certified", "mfvi_uncertified"])
def test_a_fit_that_is_not_certified_is_warned_of_and_claims_nothing(name: str) -> None:
    assert "did not reach the optimum" in titles(name)[1]
    text = words(name)
    assert "Both fits are certified" not in text
    assert "certifies both fits" not in text
    assert "is at its optimum" not in text
    assert "provisional" in text


def test_a_certified_deck_has_no_warning() -> None:
    assert not any("did not reach the optimum" in title for title in titles("ordinary"))


def test_the_boundary_is_said_and_ratios_are_withheld() -> None:
    assert "The data show no random effect" in titles("boundary")[1]
    assert "withheld" in words("boundary")


def test_coinciding_fits_are_called_so() -> None:
    assert "coincide" in titles("coinciding")[1]
    assert "rounding level" in words("coinciding")


def test_reml_has_a_slide_of_its_own_where_it_is_used() -> None:
    assert sum("REML" in title for title in titles("restricted")) == 1
    assert "restricted" not in words("ordinary").lower()
    assert "Restricted log-likelihood" in words("restricted")


@pytest.mark.parametrize("name", ["ordinary", "boundary", "coinciding"])
def test_intervals_of_mean_field_are_called_naive(name: str) -> None:
    assert "Naive 95% interval" in words(name)
    assert ", naive" in words(name)


def test_truth_is_shown_where_it_is_known() -> None:
    assert any("simulated truth is a PVE" in title for title in titles("truth"))
    assert "simulated truth" not in "\n".join(titles("ordinary"))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ordinary", ["On rows left out EM removes"]),
        ("truth", ["On 3 rows without response"]),
        ("extreme_scale", ["Both methods predict rows left out worse", "On 12,345 rows without"]),
        ("restricted", []),
    ],
)
def test_prediction_stands_before_the_choice_where_there_is_some(
    name: str, told: list[str]
) -> None:
    last = next(
        number
        for number, slide in enumerate(opened(name).slides)
        if any(shape.name == "Table: when to use which" for shape in slide.shapes)
    )
    found = [k for k, title in enumerate(titles(name)) if re.search("left out|without resp", title)]
    assert found == list(range(last - len(told), last))
    assert all(titles(name)[k].startswith(text) for k, text in zip(found, told, strict=True))


def test_the_scores_of_cross_validation_are_in_a_table() -> None:
    [table] = (
        shape.table
        for slide in opened("no_fixed").slides
        for shape in slide.shapes
        if shape.name == "Table: cross-validation"
    )
    cells = [[cell.text_frame.text for cell in row.cells] for row in table.rows]
    assert [row[0] for row in cells] == ["5 folds", "EM", "MFVI", "Zero for every row"]
    em = deck_cases.validation_of("no_fixed").methods["em"]
    assert cells[1][1] == f"{em.r2:.4f}"
    assert cells[1][4] == f"{100 * em.coverage_95:.1f}%"
    assert cells[3][2:4] == ["–", "–"]


def test_both_sides_of_law_five_stand_together() -> None:
    notes = [
        slide.notes_slide.notes_text_frame.text
        for slide in opened("ordinary").slides
        if "variances" in heading(slide) or "fitted values" in heading(slide)
    ]
    assert notes
    assert all("understated" in text and "overstated" in text for text in notes)


def test_numbers_in_tables_are_right_aligned() -> None:
    (table,) = (
        shape.table
        for slide in opened("ordinary").slides
        for shape in slide.shapes
        if shape.name == "Table: estimates"
    )
    for row in list(table.rows)[1:]:
        assert {str(cell.text_frame.paragraphs[0].alignment) for cell in list(row.cells)[1:]} == {
            "RIGHT (3)"
        }


def test_title_and_author_are_the_users() -> None:
    deck = Opened(deck_cases.build("ordinary", title="My table", author="A. Statistician"))
    cover = deck.slides[0]
    assert heading(cover) == "My table"
    assert "A. Statistician" in "".join(cover.element.itertext())
    assert deck.presentation.core_properties.author == "A. Statistician"


def sizes_of(shape) -> set[float]:
    """Sizes that the runs of a shape have of their own."""
    cells = shape.table.iter_cells() if shape.has_table else [shape]
    frames = [each.text_frame for each in cells if shape.has_table or shape.has_text_frame]
    runs = [run for frame in frames for paragraph in frame.paragraphs for run in paragraph.runs]
    return {run.font.size.pt for run in runs if run.font.size}


@pytest.mark.parametrize("name", ["ordinary", "truth", "restricted", "boundary", "not_certified"])
def test_where_names_and_numbers_are_ordinary_nothing_has_to_be_set_smaller(name: str) -> None:
    for slide in opened(name).slides:
        assert sizes_of(slide.shapes.title) == set()
        for shape in (shape for shape in slide.shapes if not shape.is_placeholder):
            if shape.name.startswith("Link"):
                continue
            usual = {14, 16, 18} if shape.has_table else {16, 18, 20, 22, 44, 80}
            assert sizes_of(shape) <= usual


def test_title_author_and_data_set_of_any_length_are_placed() -> None:
    words = "a title that goes on " * 40 + "and ends"
    summary = replace(deck_cases.summary_of("ordinary"), dataset=LONG)
    deck = build_deck(
        replace(deck_cases.material_of("ordinary"), summary=summary),
        Settings(dataset=LONG, title=words, author="A. Statistician, " * 60),
        telling(),
    )
    cover = Opened(deck).slides[0]
    title = heading(cover)
    assert title.startswith("a title that goes on")
    assert "…" in title
    assert title.endswith("and ends")
    assert sizes_of(cover.shapes.title) == {LEAST_COVER}
    text = next(shape for shape in cover.placeholders if shape != cover.shapes.title)
    assert sizes_of(text) < {12, 13, 14}
    footer = next(shape.text_frame.text for shape in cover.shapes if "Footer" in shape.name)
    assert footer.startswith("EM and MFVI on datadata")
    assert "…" in footer
    assert footer.endswith("data")
    assert [found for check in CHECKS for found in check(Opened(deck))] == []


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("paper", [style.PAPER, style.TINT])
@pytest.mark.parametrize("ink", ["EM", "MFVI", "INK", "MUTED"])
def test_text_stands_out_from_its_ground(ink: str, paper: str) -> None:
    light, dark = sorted((luminance(paper), luminance(getattr(style, ink))), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
