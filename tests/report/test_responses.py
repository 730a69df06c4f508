"""Several responses in one table and one figure: every number, its place, and what they come to."""

import csv
import logging
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from mixedmodel.model.listing import LeftOut, Listed, Responses
from mixedmodel.model.overview import Overview, find, gather
from mixedmodel.report import style
from mixedmodel.report.figures.responses import KINDS, MOST_NAMES, plot_responses
from mixedmodel.report.tables import RESPONSES, responses, to_csv
from mixedmodel.store.results import read_result, write_result
from report.overview_cases import CASES, Several, drawn, not_certified, several
from report.test_figures import check_readable, words_of
from report.test_figures import drawn as figure_of
from studies import study_of

WIDTHS = {
    "thirty": 30,
    "most names": MOST_NAMES,
    "one too many": MOST_NAMES + 1,
    "three hundred": 300,
}


def rows(case: Several) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(to_csv(responses(case.overview)))))


def figure(case: Several) -> Figure:
    with style.drawing():
        return figure_of(lambda target: plot_responses(case.overview, target))


def test_names_that_look_like_something_else_come_back_as_names(tmp_path: Path) -> None:
    names = ["NA", "007", 'a, "b"', "true"]
    case = several([0.2, 0.3, 0.4, 0.5], names=names)
    table, found = rows(case), case.overview
    write_result(tmp_path / "overview.json", found)
    assert read_result(tmp_path / "overview.json", Overview) == found
    assert [row.response for row in found.fitted] == [row["response"] for row in table] == names
    for column in ("em_pve", "lrt_p_value", "calibrated_high"):
        assert [float(row[column]) for row in table] == [getattr(r, column) for r in found.fitted]


def test_the_numbers_are_those_of_the_summary() -> None:
    summary = study_of("ordinary").summary
    (row,) = rows(Several(Responses((Listed("y", "y", rows=1, n=80),), ()), [summary]))
    em, mfvi, calibrated = summary.em, summary.mfvi, summary.calibrated_pve
    assert {key: row[key] for key in ("response", "folder", "n", "c", "p", "left_out")} == {
        "response": "y",
        "folder": "y",
        "n": "80",
        "c": "3",
        "p": "200",
        "left_out": "",
    }
    expected = {
        "em_pve": em.pve,
        "em_low": em.pve_interval[0],
        "em_high": em.pve_interval[1],
        "em_standard_error": em.standard_errors.pve,
        "mfvi_pve": mfvi.pve,
        "mfvi_naive_low": mfvi.naive_pve_interval[0],
        "mfvi_naive_high": mfvi.naive_pve_interval[1],
        "calibrated_pve": calibrated.estimate,
        "calibrated_low": calibrated.low,
        "calibrated_high": calibrated.high,
        "lrt_statistic": em.lrt.statistic,
        "lrt_p_value": em.lrt.p_value,
        "em_sigma_beta2": em.sigma_beta2,
        "em_sigma_e2": em.sigma_e2,
        "mfvi_sigma_beta2": mfvi.sigma_beta2,
        "mfvi_sigma_e2": mfvi.sigma_e2,
    }
    assert {key: float(row[key]) for key in expected} == expected
    assert (row["em_certified"], row["mfvi_certified"], row["em_boundary"]) == (
        "True",
        "True",
        "False",
    )


def test_what_has_no_number_stays_empty() -> None:
    study = study_of("boundary").summary
    left_out = LeftOut("NA", "it has no value")
    listing = Responses((Listed("y", "y", rows=1, n=60),), (left_out,))
    first, last = rows(Several(listing, [study]))
    assert (first["em_standard_error"], first["em_boundary"]) == ("", "True")
    assert last == dict.fromkeys(RESPONSES, "") | {"response": "NA", "left_out": "it has no value"}


def test_responses_keep_their_order_and_those_left_out_come_last() -> None:
    table = responses(CASES["three"]().overview)
    names = ["trait 1", "trait 2", "trait 3", "trait const 1", "trait const 2"]
    assert table["response"].tolist() == names


def test_each_summary_needs_its_entry() -> None:
    case = CASES["three"]()
    with pytest.raises(ValueError, match="shorter"):
        gather(case.listing, case.summaries[:2])


def test_ranks_are_by_the_pve_of_em_and_boundaries_are_zero() -> None:
    found = several([0.0, 0.3, 0.0, 0.7]).overview.ranked
    assert [row.response for row in found] == ["trait 4", "trait 2", "trait 1", "trait 3"]
    assert [row.em_pve for row in found] == [0.7, 0.3, 0.0, 0.0]


def test_a_fit_that_missed_the_boundary_keeps_its_number() -> None:
    case = not_certified(several([0.0]), (0, "em"))
    case.change(0, lambda content: content["fits"]["em"].update(pve=1e-9))
    assert [row.em_pve for row in case.overview.ranked] == [1e-9]
    assert find(case.overview.fitted).at_boundary == 0


def test_tests_are_counted_with_and_without_bonferroni() -> None:
    case = several([0.5] * 4)
    for position, p_value in enumerate((0.05, 0.0125, 0.0126, 0.051)):
        case.with_p_value(position, p_value)
    found = find(case.overview.fitted)
    assert (found.fitted, found.below_level, found.below_bonferroni) == (4, 3, 1)


def test_medians_are_those_of_certified_fits_off_the_boundary() -> None:
    case = not_certified(several([0.5, 0.4, 0.0, 0.2, 0.3]), (1, "mfvi"), (4, "em"))
    found = find(case.overview.fitted)
    ratios, calibrated = (
        [value(case.summaries[k]) / case.summaries[k].em.pve for k in (0, 3)]
        for value in (lambda s: s.mfvi.pve, lambda s: s.calibrated_pve.estimate)
    )
    assert (found.compared, found.uncertified, found.at_boundary) == (2, 2, 1)
    assert found.mfvi_over_em == pytest.approx(sum(ratios) / 2)
    assert found.calibrated_over_em == pytest.approx(sum(calibrated) / 2)


@pytest.mark.parametrize("name", ["all_at_boundary", "all_uncertified"])
def test_without_such_fits_there_is_no_ratio(name: str) -> None:
    found = find(CASES[name]().overview.fitted)
    assert (found.compared, found.mfvi_over_em, found.calibrated_over_em) == (0, None, None)


@pytest.mark.parametrize("name", CASES)
def test_the_figure_is_readable(name: str, caplog: pytest.LogCaptureFixture) -> None:
    case = CASES[name]()
    caplog.clear()
    with style.drawing(), caplog.at_level(logging.WARNING):
        check_readable(figure(case))
    assert caplog.messages == []


@pytest.mark.parametrize("count", [30, MOST_NAMES, MOST_NAMES + 1, 300])
def test_names_stand_under_the_figure_while_they_fit_then_ranks(count: int) -> None:
    case = drawn(count, names=[f"{k} with a name that is long" for k in range(count)])
    with style.drawing():
        picture = figure(case)
        check_readable(picture)
    words = words_of(picture)
    assert ("…" in words) is (count <= MOST_NAMES)
    assert ("rank by EM's PVE" in words) is (count > MOST_NAMES)


def marks(picture: Figure, marker: str) -> dict[str, list[float]]:
    """Heights of the marks by colour."""
    return {
        str(line.get_color()): [float(height) for height in np.asarray(line.get_ydata())]
        for ax in picture.axes
        for line in ax.lines
        if line.get_marker() == marker
    }


@pytest.mark.parametrize("name", ["three", "hundreds"])
def test_each_estimate_is_drawn_with_its_interval_in_its_methods_colour(name: str) -> None:
    case = CASES[name]()
    fitted, picture = case.overview.fitted, figure(case)
    discs, crosses = marks(picture, "o"), marks(picture, "X")
    for kind in KINDS:
        drawn_heights = sorted(discs[kind.color] + crosses.get(kind.color, []))
        assert drawn_heights == sorted(getattr(row, kind.estimate) for row in fitted)
    spans = {
        tuple(float(end) for end in segment[:, 1])
        for ax in picture.axes
        for lines in ax.collections
        if isinstance(lines, LineCollection)
        for segment in lines.get_segments()
    }
    for kind in KINDS:
        assert {tuple(getattr(row, end) for end in kind.ends) for row in fitted} <= spans


def test_fits_that_are_not_certified_are_crosses_and_the_legend_says_so() -> None:
    case = not_certified(several([0.6, 0.2]), (1, "mfvi"))
    picture = figure(case)
    crosses = marks(picture, "X")
    assert crosses == {
        style.ACCENT: [case.summaries[1].calibrated_pve.estimate],
        style.MFVI: [case.summaries[1].mfvi.pve],
    }
    assert "not certified" in words_of(picture)
    assert "not certified" not in words_of(figure(several([0.6, 0.2])))


@pytest.mark.parametrize(("pves", "written"), [([0.25], True), ([0.25] * 5, False)])
def test_few_estimates_have_their_numbers_beside_them(pves: list[float], written: bool) -> None:
    assert ("25.0%" in words_of(figure(several(pves)))) is written


def test_all_at_the_boundary_stands_on_the_axis() -> None:
    picture = figure(CASES["all_at_boundary"]())
    bottom, top = picture.axes[0].get_ylim()
    assert bottom == 0 < top
    assert marks(picture, "o")[style.EM] == [0.0, 0.0]
