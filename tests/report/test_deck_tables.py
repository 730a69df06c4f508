"""Tables fit whatever their numbers and names: type, padding, headers and names give way."""

from dataclasses import replace
from typing import Any

import pytest
from pptx import Presentation

from mixedmodel.model.results import FixedEffect
from mixedmodel.report.slides.canvas import BODY, Box
from mixedmodel.report.slides.columns import LEAST_NAME, MOST_SPARE, Fitted, fit_table
from mixedmodel.report.slides.fixed_effects import (
    COLUMNS,
    effect_rows,
    fit_effects,
    notation_of,
)
from mixedmodel.report.slides.grid import Table, add_table
from mixedmodel.report.slides.metrics import text_width
from mixedmodel.report.slides.place import Label

HEADER = ["Name", "EM (95% interval)", "MFVI"]
ROWS = [["height", "1.23 (0.12)", "0.12"], ["weight", "12.3 (1.2)", "1.2"]]
LONG = "measured_in_the_summer_of_2019_"


def wide(inches: float) -> Box:
    """Return a box of this width."""
    return Box(0, 0, inches, 4)


def width_at(size: float, padding: float = 0.12, header: list[str] = HEADER) -> float:
    """Return how wide the table is in one line a cell."""
    columns = zip(header, *ROWS, strict=True)
    return sum(
        max(text_width(head, size, bold=True), *(text_width(text, size) for text in texts))
        + 2 * padding
        for head, *texts in columns
    )


def test_a_table_that_fits_keeps_its_type_and_spreads_up_to_a_limit() -> None:
    found = fit_table(HEADER, ROWS, wide(8.0), 16)
    assert (found.shape.size, found.shape.padding, found.shape.header) == (16, 0.12, HEADER)
    assert sum(found.widths) == pytest.approx(width_at(16, 0.12) + 3 * MOST_SPARE)
    assert sum(fit_table(HEADER, ROWS, wide(5.0), 16).widths) == pytest.approx(5.0)
    assert found.rows == ROWS


def test_padding_gives_way_first_then_headers_then_the_type() -> None:
    shapes = [
        fit_table(HEADER, ROWS, wide(width + 1e-6), 16).shape
        for width in (
            width_at(16, 0.12),
            width_at(16, 0.06),
            width_at(16, 0.12, ["Name", "(95% interval)", "MFVI"]),
            width_at(13, 0.06, ["Name", "(95% interval)", "MFVI"]),
        )
    ]
    assert [shape.size for shape in shapes] == [16, 16, 16, 13]
    assert [shape.padding for shape in shapes] == [0.12, 0.06, 0.12, 0.06]
    assert [shape.header[1].count("\n") for shape in shapes] == [0, 0, 1, 1]


def test_names_are_cut_and_numbers_never() -> None:
    rows = [[LONG + "a" * 80 + end, *ROWS[0][1:]] for end in ("b", "c")]
    found = fit_table(HEADER, rows, wide(6.0), 16, names=True)
    assert (found.shape.size, found.fits, found.whole) == (16, True, False)
    assert [row[1:] for row in found.rows] == [row[1:] for row in rows]
    short = [row[0] for row in found.rows]
    assert short[0] != short[1]
    assert all("…" in name and text_width(name, 16) <= found.widths[0] for name in short)


def test_what_all_names_begin_with_is_told_under_the_header() -> None:
    rows = [[LONG + "a" * 12 + end, *ROWS[0][1:]] for end in ("b", "c")]
    found = fit_table(HEADER, rows, wide(6.4), 16, names=True)
    assert found.shape.size == 16
    assert [row[0] for row in found.rows] == ["…" + "a" * 12 + end for end in ("b", "c")]
    assert found.shape.header[0].startswith("Name\n… = measured")
    assert found.shape.head > found.shape.row


def test_names_keep_a_length_at_which_one_knows_them() -> None:
    rows = [[LONG * 3, *ROWS[0][1:]]]
    narrow = width_at(16) - text_width("height", 16) + LEAST_NAME - 0.2
    found = fit_table(["", *HEADER[1:]], rows, wide(narrow), 16, names=True)
    assert found.fits
    assert found.widths[0] >= LEAST_NAME


def test_a_table_that_has_to_stand_on_one_slide_is_set_smaller_before_it_is_too_high() -> None:
    width = width_at(16, 0.06, ["Name", "(95% interval)", "MFVI"]) + 1e-6
    lower = Box(0, 0, width, 3 * fit_table(HEADER, ROWS, wide(8), 16).shape.row)
    assert fit_table(HEADER, ROWS, wide(width), 16).shape.header[1] == "EM\n(95% interval)"
    found = fit_table(HEADER, ROWS, lower, 16)
    assert found.shape.size < 16
    assert sum(found.heights(lower, 2)) <= lower.height
    assert fit_table(HEADER, ROWS, lower, 16, pages=True).shape.size == 16


def test_numbers_of_any_length_are_placed() -> None:
    rows = [["x", "9" * 300, "9" * 300]]
    found = fit_table(HEADER, rows, wide(5.0), 16)
    assert (found.shape.size, found.fits) == (12, False)
    assert sum(found.widths) == pytest.approx(5.0)


def test_the_table_on_the_slide_is_the_one_that_was_fitted() -> None:
    presentation: Any = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    box = Box(1, 1, 3.0, 3.0)
    add_table(slide, box, Table(HEADER, ROWS), Label("Table", "from a\x07 to b"))
    [frame] = slide.shapes
    assert frame._element.nvGraphicFramePr.cNvPr.get("descr") == "from a  to b"
    fitted = fit_table(HEADER, ROWS, wide(3.0), 16)
    assert [c.width.inches for c in frame.table.columns] == pytest.approx(fitted.widths, abs=1e-5)
    assert [p.text for p in frame.table.cell(0, 1).text_frame.paragraphs] == [
        *("EM", "(95% interval)")
    ]
    runs = [run for cell in frame.table.iter_cells() for p in cell.text_frame.paragraphs
            for run in p.runs]  # fmt: skip
    assert {run.font.size.pt for run in runs} == {fitted.shape.size}
    assert sum(row.height.inches for row in frame.table.rows) <= box.height


def effects(*values: float, name: str = "Z.") -> list[FixedEffect]:
    """Return effects with errors of a hundredth, which MFVI has a tenth smaller."""
    return [
        FixedEffect(f"{name}{k}", value, 0.01 * abs(value), 0.9 * value, truth=None)
        for k, value in enumerate(values)
    ]


def cells(*values: float) -> list[list[str]]:
    return effect_rows(effects(*values))


def fitted_effects(table: list[FixedEffect]) -> tuple[list[Box], Fitted]:
    rows = effect_rows(table)
    return fit_effects(["Name", "EM (s.e.)", "MFVI", "MFVI − EM", "Truth"][: len(rows[0])], rows)


def test_effects_are_as_fine_as_their_standard_errors() -> None:
    assert cells(1.5, -0.25) == [
        ["Z.0", "1.500 (0.015)", "1.350", "−0.15"],
        ["Z.1", "−0.2500 (0.0025)", "−0.2250", "0.025"],
    ]


@pytest.mark.parametrize(
    ("error", "written"), [(0.0996, "1.50 (0.10)"), (12.0, "2 (12)"), (0.0, "1.5000 (0)")]
)
def test_a_standard_error_says_how_many_decimals_there_are(error: float, written: str) -> None:
    assert effect_rows([FixedEffect("Z.0", 1.5, error, 1.4, truth=None)])[0][1] == written


@pytest.mark.parametrize(("unit", "power"), [(1e-6, "10⁻⁶"), (1e9, "10⁹"), (1e-150, "10⁻¹⁵⁰")])
def test_small_and_large_effects_leave_out_a_common_power_of_ten(unit: float, power: str) -> None:
    table = effects(1.5 * unit, -0.25 * unit)
    assert cells(1.5 * unit, -0.25 * unit)[0][1] == "1.500 (0.015)"
    assert notation_of(table).power == power


def test_effects_of_very_different_sizes_have_a_power_of_ten_each() -> None:
    shown = cells(1.5e-12, 0.25, -1.5e12)
    assert [row[1] for row in shown] == [
        "1.5000 × 10⁻¹² (1.5 × 10⁻¹⁴)",
        "0.25000 (0.0025)",
        "−1.5000 × 10¹² (1.5 × 10¹⁰)",
    ]


def test_effects_with_long_names_take_the_whole_width() -> None:
    assert fitted_effects(effects(1.5, 2.5))[0] == COLUMNS
    long = [*effects(1.5, name="days from sowing to harvest, "), *effects(2.5, name="y" * 60)]
    assert fitted_effects(long)[0] == [BODY]


@pytest.mark.parametrize("known", [False, True])
def test_the_widest_numbers_that_there_are_fit_with_all_their_digits(known: bool) -> None:
    table = effects(-1.5e-300, -1.5e300, name="a name that goes on and on " * 5)
    truth = -1.5e300 if known else None
    table = [replace(row, truth=truth, em_standard_error=1.5e-300) for row in table]
    places, fitted = fitted_effects(table)
    assert fitted.fits
    assert fitted.rows[0][1] == "−1.5000 × 10⁻³⁰⁰ (1.5 × 10⁻³⁰⁰)"
    assert places == [BODY]


def test_effects_without_errors_or_sizes_are_written() -> None:
    assert cells(0.0, 0.0)[0][1] == "0.0000 (0)"
