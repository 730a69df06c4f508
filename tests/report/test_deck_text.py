"""Markup, measures, boxes and axes of the slides."""

import numpy as np
import pytest

from mixedmodel.report.names import cut
from mixedmodel.report.slides import charts
from mixedmodel.report.slides.canvas import Box
from mixedmodel.report.slides.markup import Run, hold_together, parse
from mixedmodel.report.slides.metrics import (
    count_lines,
    fit_heading,
    fit_text,
    fitting,
    text_height,
    text_width,
)
from mixedmodel.report.style import EM, MFVI


def test_markup_becomes_runs() -> None:
    assert parse("a **b** σ²_{β} 10^{6}") == [
        Run("a "),
        Run("b", bold=True),
        Run(" σ²"),
        Run("β", script="sub"),
        Run(" 10"),
        Run("6", script="super"),
    ]


def test_methods_take_their_colours_as_whole_words_only() -> None:
    runs = parse("EM, MFVI and SEMI")
    assert [(run.text, run.colour) for run in runs if run.colour] == [("EM", EM), ("MFVI", MFVI)]


def test_equalities_stay_on_one_line() -> None:
    assert hold_together("p < 1") == "p\N{NO-BREAK SPACE}<\N{NO-BREAK SPACE}1"
    assert hold_together("m = μ here") == "m\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}μ here"


def test_widths_are_those_of_arial() -> None:
    # "Hello" is 722 + 556 + 222 + 222 + 556 thousandths of an em wide; 2% is kept in reserve
    assert text_width("Hello", 72) == pytest.approx(2.278 * 1.02)
    assert text_width("**Hello**", 72) > text_width("Hello", 72)
    assert text_width("x_{12}", 72) < text_width("x12", 72)


def test_text_wraps_between_words() -> None:
    text = "one two three four"
    assert count_lines(text, 18, 10) == 1
    assert count_lines(text, 18, text_width("one two", 18) + 0.05) == 3
    assert count_lines("**one two** three four", 18, text_width("**one** **two**", 18) + 0.1) == 3


def test_height_grows_with_lines_and_gaps() -> None:
    single = text_height(["a"], 18, 5)
    assert text_height(["a", "a"], 18, 5, gap=9) == pytest.approx(2 * single + 9 / 72)


def test_a_word_wider_than_a_line_goes_on_in_the_next() -> None:
    width = text_width("x" * 10, 18)
    assert count_lines("x" * 25, 18, width) == 3
    assert count_lines("x" * 25 + " xxxx", 18, width) == 3
    assert count_lines("x" * 10, 18, width) == 1


def test_names_are_cut_only_when_they_must() -> None:
    fits = fitting(18, 3)
    assert cut("short", fits) == "short"
    short = cut("x" * 200 + "_end", fits)
    assert short.startswith("xxx")
    assert short.endswith("_end")
    assert 2.7 < text_width(short, 18) <= 3


BOX = Box(0, 0, 4, 1)
WORDS = "Seven words that are set in type"


def test_text_that_fits_keeps_its_size() -> None:
    assert fit_text([WORDS], 18, BOX) == ([WORDS], 18)


def test_text_that_does_not_fit_is_set_in_the_largest_type_that_does() -> None:
    texts = [f"{WORDS}, and again", WORDS]
    found, size = fit_text(texts, 24, BOX)
    assert found == texts
    assert 12 < size < 24
    assert text_height(texts, size, BOX.width) <= BOX.height
    assert text_height(texts, size + 1, BOX.width) > BOX.height


def test_text_too_long_even_so_keeps_its_first_words() -> None:
    texts = [WORDS, "**" + "and so on " * 100 + "for long**"]
    found, size = fit_text(texts, 18, BOX)
    assert size == 12
    assert found[0] == WORDS
    assert found[1].startswith("**and** **so**")
    assert found[1].endswith(" …")
    assert text_height(found, 12, BOX.width) <= BOX.height
    assert fit_text(["x" * 1000], 18, BOX) == (["…"], 12)


def test_headings_shrink_to_their_least_size_and_are_cut_in_the_middle() -> None:
    heading = "A headline about " + "-".join(["this"] * 8)
    assert fit_heading(heading, 20, BOX, least=18) == (heading, 20)
    assert fit_heading(heading, 26, BOX, least=18)[1] < 26
    assert fit_heading("A headline on what is short", 26, Box(0, 0, 3.6, 2), least=18) == (
        "A headline on\N{NO-BREAK SPACE}what\N{NO-BREAK SPACE}is\N{NO-BREAK SPACE}short",
        26,
    )
    cut_heading, size = fit_heading(f"{heading} {'and that ' * 50}end", 26, BOX, least=18)
    assert size == 18
    assert cut_heading.startswith("A headline about this")
    assert "…" in cut_heading
    assert cut_heading.endswith("that end")


def test_columns_and_rows_fill_their_box() -> None:
    box = Box(1, 1, 10, 4)
    left, right = box.columns(3, 1, gap=1)
    assert (left.width, right.left, right.right) == (6.75, 8.75, 11)
    top, bottom = box.rows(1, 1, gap=0.5)
    assert (top.height, bottom.bottom) == (1.75, 5)


def test_thinning_keeps_both_ends_and_the_start_dense() -> None:
    kept = charts.thin(26_306)
    assert len(kept) <= charts.MOST_POINTS
    assert (kept[0], kept[-1]) == (0, 26_305)
    assert list(kept[:5]) == [0, 1, 2, 3, 4]
    assert list(charts.thin(3)) == [0, 1, 2]


@pytest.mark.parametrize("values", [[-1425.2, -1423.0], [5.0, 5.0], [0.0, 1e-9], [-1e8, 3e8]])
def test_axes_hold_all_values_between_round_ends(values: list[float]) -> None:
    low, high, step = charts.span(np.array(values))
    assert low <= min(values)
    assert high >= max(values)
    assert 1 <= round((high - low) / step) <= 9


def test_logarithmic_axes_end_at_powers_of_ten() -> None:
    assert charts.decades(np.array([0.3, 180.0])) == pytest.approx((0.1, 1000.0))
    assert charts.decades(np.array([1.0])) == pytest.approx((1.0, 10.0))


def test_axis_numbers_have_true_minus_signs_and_the_decimals_of_the_step() -> None:
    assert charts.number_format(0.5) == "#,##0.0;−#,##0.0"
    assert charts.number_format(50) == "#,##0;−#,##0"
