"""Every figure in units and with values that nobody would choose, and yet somebody has."""

import logging
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.text import Text

from mixedmodel.report import style
from mixedmodel.report.figures.data import plot_spectrum
from mixedmodel.report.figures.profile import plot_profile
from report.figure_checks import check_readable, drawn, words_of
from report.scaled import all_the_same, far_apart, scaled
from report.test_figures import FIGURES
from studies import Study, study_of

UNITS = [
    *((1e-150, 1.0), (1e-5, 1.0), (1e9, 1.0), (1e150, 1.0)),
    *((1.0, 1e-70), (1.0, 1e70), (1e-40, 1e30)),
]
CHANGES: dict[str, Callable[[Study], Study]] = {
    **{f"y by {y:g}, X by {x:g}": lambda s, y=y, x=x: scaled(s, y, x) for y, x in UNITS},
    "far apart": far_apart,
    "all the same": all_the_same,
}


WITH_UNITS = (
    *("data_overview", "spectrum", "em_climb", "means", "variances", "fixed_effects"),
    "fitted_variance",
)
CASES = [("truth", change) for change in CHANGES] + [
    ("boundary", change) for change in ("y by 1e-150, X by 1", "y by 1e+150, X by 1", "far apart")
]


@pytest.mark.parametrize("name", WITH_UNITS)
@pytest.mark.parametrize(("case", "change"), CASES)
def test_it_is_readable(
    case: str, change: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    study = CHANGES[change](study_of(case))
    caplog.clear()  # of what its fits said
    with style.drawing(), caplog.at_level(logging.WARNING):
        check_readable(drawn(lambda figure: FIGURES[name](study, figure), style.SIZES[name]))
    assert caplog.messages == []


def bars(study: Study, panel: int) -> list[float]:
    """Heights of the bars of a histogram of the data overview, of those that are seen."""
    with style.drawing():
        figure = drawn(lambda f: FIGURES["data_overview"](study, f))
    return [bar.get_height() for bar in figure.axes[panel].patches if bar.get_height()]


@pytest.mark.parametrize("unit", [1e-12, 1e-6, 1e9])
def test_the_histogram_of_the_response_has_the_same_bars_in_all_units(unit: float) -> None:
    study = study_of("truth")
    assert bars(scaled(study, unit), 0) == bars(study, 0)
    assert len(bars(study, 0)) > 5


def test_powers_stand_in_a_line_of_their_own_where_labels_would_be_too_high() -> None:
    study = study_of("few_columns")
    with style.drawing():
        figure = drawn(lambda f: FIGURES["fixed_effects"](study, f))
    assert figure.axes[1].get_ylabel() == "(MFVI − EM) / s.e.\n(× 10$^{-3}$)"


def test_differences_of_fixed_effects_are_the_same_in_all_units() -> None:
    summary = study_of("truth").summary
    bars = []
    for study in (study_of("truth"), scaled(study_of("truth"), 1e9)):
        with style.drawing():
            figure = drawn(lambda f, s=study: FIGURES["fixed_effects"](s, f))
        bars.append([bar.get_height() for bar in figure.axes[1].patches])
    errors = summary.em.errors.omega
    expected = [(row.mfvi - row.em) / errors[row.name] for row in summary.fixed_effects.table]
    assert bars[0] == pytest.approx(expected)
    assert bars[1] == pytest.approx(expected)


@pytest.mark.parametrize("mean", [123_456.789, 2_019_123.4])
def test_ticks_with_long_labels_are_few(mean: float) -> None:
    study = study_of("truth")
    narrow = replace(study, response=mean + 1e-3 * study.response)
    with style.drawing():
        figure = drawn(lambda f: FIGURES["data_overview"](narrow, f))
        check_readable(figure)
    low, high = figure.axes[0].get_xlim()
    seen = [tick for tick in figure.axes[0].get_xticks() if low <= tick <= high]
    assert 2 <= len(seen) <= 4
    assert f"{mean:,.2f}"[:9] in words_of(figure)


def test_norms_that_are_decades_apart_are_drawn_on_a_logarithmic_axis() -> None:
    study = far_apart(study_of("truth"))
    with style.drawing():
        figure = drawn(lambda f: FIGURES["data_overview"](study, f))
    panel = next(ax for ax in figure.axes if "norms" in ax.get_title(loc="left"))
    assert panel.get_xscale() == "log"
    assert len(bars(study, figure.axes.index(panel))) > 10


def test_eigenvalues_beyond_whole_numbers_are_drawn() -> None:
    with style.drawing():
        figure = drawn(lambda f: plot_spectrum(np.logspace(20, -20, 30), f))
        check_readable(figure)
    assert figure.axes[0].get_ylim() == (1e-20, 1e20)


def test_a_fit_above_the_best_that_the_search_found_stays_in_view() -> None:
    study = study_of("not_certified")
    best = float(study.profile["loglik"].max())
    em = replace(study.summary.em, loglik=best + 24.0)
    summary = replace(study.summary, fits=study.summary.fits | {"em": em})
    with style.drawing():
        figure = drawn(lambda f: plot_profile(study.profile, summary, f))
        check_readable(figure)
    bottom, top = figure.axes[0].get_ylim()
    assert bottom < 0 < 24 < top


def test_powers_of_ten_stand_in_the_labels_and_titles_at_the_same_height() -> None:
    study = scaled(study_of("ordinary"), 1e-6)
    with style.drawing():
        figure = drawn(lambda f: FIGURES["means"](study, f))
        figure.draw_without_rendering()
    left, right = figure.axes
    assert left.get_ylabel() == "posterior mean, MFVI (× 10$^{-6}$)"
    assert left.get_xlabel() == "posterior mean, EM (× 10$^{-6}$)"
    assert right.get_ylabel() == "random effects"
    assert {ax.yaxis.get_offset_text().get_text() for ax in figure.axes} == {""}
    tops = {
        round(text.get_window_extent().y0)
        for ax in figure.axes
        for text in ax.get_children()
        if isinstance(text, Text) and text.get_text() == ax.get_title(loc="left")
    }
    assert len(tops) == 1
