"""Native charts hold the numbers of the results: profiles with both optima, forests of PVEs."""

from typing import Any

import numpy as np
import pytest
from pptx.enum.chart import XL_MARKER_STYLE

from report import deck_cases, overview_cases
from report.deck_checks import Opened
from studies import study_of


def charts_of(deck: Opened, key: str) -> list[Any]:
    """Return the charts of the slide of this key."""
    [slide] = [slide for slide in deck.slides if slide.name == key]
    return [shape.chart for shape in slide.shapes if shape.has_chart]


def points(series: Any) -> list[tuple[float, float | None]]:
    """Return x and y of a series, None where it has a gap."""
    heights = dict(_cached(series, "yVal"))
    return [(x, heights.get(k)) for k, x in _cached(series, "xVal")]


def _cached(series: Any, axis: str) -> list[tuple[int, float]]:
    found = series._element.xpath(f"c:{axis}//c:pt")
    return [(int(each.get("idx")), float(each[0].text)) for each in found]


def test_the_profile_has_both_objectives_and_ends_its_marks_at_the_optima() -> None:
    study = study_of("ordinary")
    profile, fits = study.profile, study.summary.fits
    chart, penalty = charts_of(Opened(deck_cases.deck_of("ordinary")), "profile")
    loglik, elbo, *marks = chart.plots[0].series
    best = profile["loglik"].max()
    for series, column in ((loglik, "loglik"), (elbo, "elbo")):
        x, y = map(np.array, zip(*points(series), strict=True))
        np.testing.assert_allclose(y, np.interp(x, profile["pve"], profile[column]) - best)
    assert [points(mark)[-1] for mark in marks] == [
        (fit.pve, pytest.approx(fit.objective - best)) for fit in fits.values()
    ]
    g, *marks = penalty.plots[0].series
    x, y = map(np.array, zip(*points(g), strict=True))
    np.testing.assert_allclose(y, np.interp(x, profile["pve"], profile["penalty"]))
    for mark, fit in zip(marks, fits.values(), strict=True):
        place, height = points(mark)[-1]
        assert place == fit.pve
        assert height == pytest.approx(
            np.interp(place, profile["pve"], profile["penalty"]), rel=0.02
        )


@pytest.mark.parametrize(
    ("name", "curves", "marked"),
    [("unbounded", 2, ["MFVI"]), ("flat", 2, ["MFVI"]), ("coinciding", 1, ["EM", "MFVI"])],
)
def test_only_optima_that_there_are_get_marks(name: str, curves: int, marked: list[str]) -> None:
    charts = charts_of(Opened(deck_cases.deck_of(name)), "profile")
    assert len(charts) == curves
    names = [series.name for series in charts[0].plots[0].series]
    assert [each.split(":")[0] for each in names[2:]] == marked


def test_a_forest_has_each_estimate_between_the_ends_of_its_interval() -> None:
    ranked = overview_cases.CASES["three"]().overview.ranked
    [chart] = charts_of(Opened(overview_cases.deck_of("three")), "responses_answer")
    em, calibrated, mfvi = (points(series) for series in chart.plots[0].series)
    for k, row in enumerate(ranked):
        places = slice(4 * k, 4 * k + 3)
        assert [x for x, _ in em[places]] == [row.em_low, row.em_pve, row.em_high]
        assert [x for x, _ in mfvi[places]] == [
            row.mfvi_naive_low,
            row.mfvi_pve,
            row.mfvi_naive_high,
        ]
        assert [x for x, _ in calibrated[places]] == [
            *(row.calibrated_low, row.calibrated_pve, row.calibrated_high)
        ]
        assert {round(y or 0) for _, y in em[places]} == {len(ranked) - k}
        assert em[4 * k + 3][1] is None


def test_fits_that_are_not_certified_are_crosses_in_a_forest() -> None:
    [chart] = charts_of(Opened(overview_cases.deck_of("one_uncertified")), "responses_answer")
    styles = {series.points[1].marker.style for series in chart.plots[0].series}
    assert styles == {XL_MARKER_STYLE.X}


def test_more_responses_than_a_forest_has_room_for_are_a_figure() -> None:
    assert charts_of(Opened(overview_cases.deck_of("thirty")), "responses_answer") == []
