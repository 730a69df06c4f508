"""Every figure in every case: nothing overlaps, is cut off, warns or says nan."""

import itertools
import logging
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from PIL import Image
from scipy.stats import t

from mixedmodel.model.results import FixedEffect, Summary
from mixedmodel.report import style
from mixedmodel.report.figures.axes import GroupedFormatter, padded, spread, typeset
from mixedmodel.report.figures.data import plot_data_overview, plot_spectrum
from mixedmodel.report.figures.effects import plot_means, plot_variances
from mixedmodel.report.figures.em import plot_em_climb
from mixedmodel.report.figures.fitted_variance import plot_fitted_variance
from mixedmodel.report.figures.fixed_effects import plot_fixed_effects
from mixedmodel.report.figures.mfvi import plot_mfvi_gap
from mixedmodel.report.figures.profile import plot_profile
from mixedmodel.report.figures.shrinkage import plot_shrinkage
from mixedmodel.report.figures.two_coefficients import plot_two_coefficients
from mixedmodel.report.figures.uncertainty import plot_uncertainty
from mixedmodel.report.numbers import fixed
from mixedmodel.report.saving import render, saved_figure
from report.figure_checks import check_readable, drawn, words_of
from studies import Study, study_of

FIGURES: dict[str, Callable[[Study, Figure], None]] = {
    "data_overview": lambda s, f: plot_data_overview(
        s.response, s.fixed.to_numpy(), s.col_norms2, s.table_summary, f
    ),
    "spectrum": lambda s, f: plot_spectrum(s.spectrum["eigenvalue"].to_numpy(), f),
    "em_climb": lambda s, f: plot_em_climb(
        s.em_trace, s.summary.em.certificate, f, likelihood=s.summary.likelihood
    ),
    "mfvi_gap": lambda s, f: plot_mfvi_gap(
        s.mfvi_trace, s.summary.mfvi, f, likelihood=s.summary.likelihood
    ),
    "profile": lambda s, f: plot_profile(s.profile, s.summary, f),
    "two_coefficients": lambda s, f: plot_two_coefficients(f),
    "uncertainty": lambda s, f: plot_uncertainty(s.profile, s.summary, f),
    "shrinkage": lambda s, f: plot_shrinkage(s.shrinkage, s.summary, f),
    "means": lambda s, f: plot_means(s.effects, s.summary, f),
    "variances": lambda s, f: plot_variances(s.effects, s.summary, f),
    "fixed_effects": lambda s, f: plot_fixed_effects(s.summary, f),
    "fitted_variance": lambda s, f: plot_fitted_variance(s.summary, f),
}


def effect(name: str, em: float, mfvi: float, error: float = 1e-17) -> FixedEffect:
    return FixedEffect(name, em, error, mfvi, truth=None)


def with_effects(table: list[FixedEffect]) -> Summary:
    """Return a summary with these fixed effects of a response whose variance is 1."""
    found = study_of("ordinary").summary
    errors = replace(found.em.errors, omega={row.name: row.em_standard_error for row in table})
    return replace(
        found,
        fixed_effects=replace(found.fixed_effects, table=tuple(table)),
        fits=found.fits | {"em": replace(found.em, standard_errors=errors)},
        data=replace(found.data, response_variance=1.0),
    )


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_overlaps_or_is_cut_off(
    name: str, study: Study, caplog: pytest.LogCaptureFixture
) -> None:
    with style.drawing(), caplog.at_level(logging.WARNING):
        check_readable(drawn(lambda figure: FIGURES[name](study, figure), style.SIZES[name]))
    assert caplog.messages == []


def test_png_and_svg_are_the_same_bytes_twice(tmp_path: Path) -> None:
    study = study_of("truth")
    for run in "ab":
        with saved_figure("means", tmp_path / f"{run}.png", tmp_path / f"{run}.svg") as figure:
            plot_means(study.effects, study.summary, figure)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_files_have_the_size_of_the_slide_and_carry_no_date(
    ordinary: Study, tmp_path: Path
) -> None:
    png, svg = tmp_path / "a.png", tmp_path / "a.svg"
    with saved_figure("profile", png, svg) as figure:
        plot_profile(ordinary.profile, ordinary.summary, figure)
    with Image.open(png) as image:
        assert image.size == tuple(round(style.DPI * side) for side in style.FIGURE_INCHES)
        assert "Software" not in image.info
    text = svg.read_text(encoding="utf-8")
    assert "<text" not in text  # letters are paths: no font is needed to show them
    assert "dc:date" not in text


def test_no_file_is_left_when_drawing_fails(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match="halfway"),
        saved_figure("means", tmp_path / "a.png", tmp_path / "a.svg"),
    ):
        raise RuntimeError("halfway")
    assert list(tmp_path.iterdir()) == []


def test_thousands_of_points_are_counted_in_hexagons_and_stay_a_small_svg() -> None:
    study = study_of("ordinary")
    many = study.effects.loc[np.arange(20_000) % len(study.effects)].reset_index(drop=True)
    with style.drawing():
        figure = drawn(lambda figure: plot_means(many, study.summary, figure))
        svg = render(figure, "svg")
    (hexagons,) = (c for c in figure.axes[0].collections if isinstance(c, PolyCollection))
    assert np.sum(hexagons.get_array()) == 20_000
    assert len(svg) < 500_000


def test_em_climb_tells_where_each_scheme_stopped(ordinary: Study) -> None:
    with style.drawing():
        words = words_of(drawn(lambda f: FIGURES["em_climb"](ordinary, f)))
    for row in ordinary.summary.schemes[:3]:
        assert f"{row.map_evaluations:,} evaluations, certified" in words


def test_em_climb_marks_the_naive_stop_of_plain_em(ordinary: Study) -> None:
    plain = ordinary.em_trace.query("scheme == 'plain'")
    stop = int(np.flatnonzero(np.abs(np.diff(plain["loglik"])) < 1e-6)[0]) + 1
    with style.drawing():
        figure = drawn(lambda f: FIGURES["em_climb"](ordinary, f))
        words = words_of(figure)
    diamonds = [line for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert [int(line.get_xdata()[0]) for line in diamonds] == [plain["map_evaluations"].iloc[stop]]
    assert f"{plain['map_evaluations'].iloc[stop]} evaluations, " in words


def test_a_variance_that_is_far_off_is_told_as_a_factor() -> None:
    with style.drawing():
        words = words_of(drawn(lambda f: FIGURES["em_climb"](study_of("one_large_column"), f)))
    assert "1 evaluation, 16 nats short" in words
    assert "times too large" in words


def test_em_climb_never_calls_an_uncertified_scheme_certified() -> None:
    study = study_of("not_certified")
    with style.drawing():
        figure = drawn(lambda f: FIGURES["em_climb"](study, f))
        legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert len(legend) == 3
    assert all("nats short" in label and "certified" not in label for label in legend)


def test_em_climb_draws_a_trace_of_one_scheme_alone(ordinary: Study) -> None:
    trace = ordinary.em_trace.query("scheme == 'squarem'")
    with style.drawing():
        check_readable(drawn(lambda f: FIGURES["em_climb"](replace(ordinary, em_trace=trace), f)))


def test_mfvi_gap_labels_its_ends_with_the_values_reached(ordinary: Study) -> None:
    with style.drawing():
        words = words_of(drawn(lambda f: FIGURES["mfvi_gap"](ordinary, f)))
    assert f"ELBO\n{fixed(ordinary.summary.mfvi.elbo)}" in words
    assert f"log-likelihood\n{fixed(ordinary.summary.mfvi.loglik)}" in words


@pytest.mark.parametrize(("start", "shown"), [(-4.0, 4.0), (-1000.0, 10.0)])
def test_mfvi_gap_shows_ten_nats_of_a_longer_climb(
    start: float, shown: float, ordinary: Study
) -> None:
    end = float(ordinary.summary.mfvi.elbo)
    first = ordinary.mfvi_trace["map_evaluations"] == 0
    elbo = ordinary.mfvi_trace["elbo"].clip(lower=end - 1).mask(first, end + start)
    study = replace(ordinary, mfvi_trace=ordinary.mfvi_trace.assign(elbo=elbo))
    with style.drawing():
        left, _ = drawn(lambda f: FIGURES["mfvi_gap"](study, f)).axes
    assert end - 1.3 * shown < left.get_ylim()[0] < end - shown


@pytest.mark.parametrize(
    ("case", "title"),
    [
        ("ordinary", "The bound arrives, the gap stays (nats)"),
        ("coinciding", "The bound arrives, no gap is left (nats)"),
        ("not_certified", "The bound has not arrived (nats)"),
    ],
)
def test_mfvi_gap_says_whether_the_bound_arrived(case: str, title: str) -> None:
    with style.drawing():
        _, right = drawn(lambda f: FIGURES["mfvi_gap"](study_of(case), f)).axes
    assert right.get_title(loc="left") == title


@pytest.mark.parametrize("name", ["em_climb", "mfvi_gap"])
def test_where_all_ratios_fit_as_well_there_is_no_climb(name: str) -> None:
    with style.drawing():
        words = words_of(drawn(lambda f: FIGURES[name](study_of("flat_both"), f)))
    assert "there is no climb" in words


@pytest.mark.parametrize("case", ["ordinary", "boundary", "coinciding"])
def test_profile_marks_both_optima(case: str) -> None:
    study = study_of(case)
    with style.drawing():
        figure = drawn(lambda f: plot_profile(study.profile, study.summary, f))
    marks = {
        float(line.get_xdata()[0]): line.get_color()
        for line in figure.axes[0].lines
        if line.get_linestyle() == "--" and len(set(line.get_xdata())) == 1
    }
    em, mfvi = study.summary.em, study.summary.mfvi
    expected = {mfvi.pve: style.MFVI} | {em.pve: style.EM}
    assert marks == expected


def test_fits_that_are_not_certified_are_marked_as_such_and_stay_in_view() -> None:
    study = study_of("not_certified")
    mfvi = replace(study.summary.mfvi, elbo=study.summary.mfvi.objective - 20.0)
    far = replace(study.summary, fits=study.summary.fits | {"mfvi": mfvi})
    with style.drawing():
        figure = drawn(lambda f: plot_profile(study.profile, far, f))
        check_readable(figure)
        words = words_of(figure) + words_of(drawn(lambda f: FIGURES["mfvi_gap"](study, f)))
    crosses = [line for line in figure.axes[0].lines if line.get_marker() == "X"]
    bottom, top = figure.axes[0].get_ylim()
    assert len(crosses) == 2
    assert all(bottom < line.get_ydata()[0] < top for line in crosses)
    assert "MFVI: PVE 16.0%, not certified" in words
    assert "ELBO, not certified" in words


def test_profile_says_so_when_there_is_no_penalty() -> None:
    with style.drawing():
        words = words_of(drawn(lambda f: FIGURES["profile"](study_of("coinciding"), f)))
    assert "no penalty at these ratios" in words


def test_profile_intervals_are_drawn_where_the_profiles_cross_the_cut() -> None:
    study = study_of("restricted")
    with style.drawing():
        figure = drawn(lambda f: FIGURES["uncertainty"](study, f))
    bars = {
        line.get_color(): [float(x) for x in line.get_xdata()]
        for line in figure.axes[0].lines
        if line.get_linewidth() == 4
    }
    em, mfvi = (list(fit.interval) for fit in (study.summary.em, study.summary.mfvi))
    assert bars == {style.EM: em, style.MFVI: mfvi}
    curve, best = study.profile, study.profile["loglik"].max()
    # the curve is drawn at a hundred points: straight lines between them miss it by a little
    assert np.interp(em[0], curve["pve"], curve["loglik"]) == pytest.approx(best - 1.92, abs=0.03)


def test_estimates_are_listed_with_their_intervals() -> None:
    study = study_of("truth")
    with style.drawing():
        words = words_of(drawn(lambda f: FIGURES["uncertainty"](study, f)))
    assert "51.4%\n0.0237% to 96.9%" in words
    assert "MFVI,\nnaive" in words
    assert "line: truth 60.0%" in words


def test_moments_without_a_share_are_called_undefined(ordinary: Study) -> None:
    known = ordinary.summary.moments
    moments = replace(known, pve=None, standard_errors=replace(known.standard_errors, pve=None))
    study = replace(ordinary, summary=replace(ordinary.summary, moments=moments))
    with style.drawing():
        figure = drawn(lambda f: FIGURES["uncertainty"](study, f))
        check_readable(figure)
    assert "undefined" in words_of(figure)


def test_the_curve_is_read_backwards_at_the_estimate(ordinary: Study) -> None:
    calibrated = ordinary.summary.calibrated_pve
    with style.drawing():
        figure = drawn(lambda f: FIGURES["shrinkage"](ordinary, f))
    spans = [line for line in figure.axes[1].lines if line.get_color() == style.ACCENT]
    assert [calibrated.low, calibrated.high] in [list(line.get_xdata()) for line in spans]
    assert all(max(line.get_ydata()) == ordinary.summary.mfvi.pve for line in spans)
    assert "ceiling: 23.3%" in words_of(figure)


@pytest.mark.parametrize("name", ["em_climb", "mfvi_gap", "profile", "uncertainty"])
def test_a_restricted_likelihood_is_called_so(name: str, ordinary: Study) -> None:
    with style.drawing():
        restricted = words_of(drawn(lambda f: FIGURES[name](study_of("restricted"), f)))
        whole = words_of(drawn(lambda f: FIGURES[name](ordinary, f)))
    assert "restricted log-likelihood" in restricted.lower()
    assert "restricted" not in whole.lower()


@pytest.mark.parametrize(("case", "lines"), [("truth", 1), ("ordinary", 0)])
def test_the_truth_is_a_line_where_it_is_known(case: str, lines: int) -> None:
    study = study_of(case)
    with style.drawing():
        figure = drawn(lambda f: FIGURES["shrinkage"](study, f))
    for ax in figure.axes:
        assert len([line for line in ax.lines if line.get_color() == style.TRUTH]) == lines


def test_boundary_figures_withhold_slopes_and_ratios() -> None:
    study = study_of("boundary")
    with style.drawing():
        means = words_of(drawn(lambda f: FIGURES["means"](study, f)))
        variances = words_of(drawn(lambda f: FIGURES["variances"](study, f)))
    assert "every posterior mean is 0 under both methods" in means
    assert "slope" not in means
    assert "there is no ratio" in variances
    assert "median" not in variances


def test_means_show_the_truth_where_it_is_known() -> None:
    with style.drawing():
        known = words_of(drawn(lambda f: FIGURES["means"](study_of("truth"), f)))
        unknown = words_of(drawn(lambda f: FIGURES["means"](study_of("ordinary"), f)))
    assert "true effect" in known
    assert "true effect" not in unknown


def test_variances_give_the_median_ratios_of_the_summary(ordinary: Study) -> None:
    with style.drawing():
        words = words_of(drawn(lambda f: FIGURES["variances"](ordinary, f)))
    found = ordinary.summary.variances
    for block in (found.own_theta, found.equal_theta):
        assert f"median {block.median_ratio:.3f}" in words


@pytest.mark.parametrize("count", [1, 2, 30, 45, 46, 200])
@pytest.mark.parametrize("stem", ["Z.", "age_at_recruitment_in_years_"])
def test_fixed_effects_are_readable_however_many(count: int, stem: str) -> None:
    rng = np.random.default_rng(count)
    table = [
        effect(f"{stem}{j}", float(x), float(x + 0.01 * rng.normal()), error=0.2)
        for j, x in enumerate(rng.normal(size=count))
    ]
    with style.drawing():
        figure = drawn(lambda f: plot_fixed_effects(with_effects(table), f))
        check_readable(figure)
    assert figure.axes[0].lines[1].get_ydata().tolist() == [row.mfvi for row in table]
    (bars,) = figure.axes[0].collections
    lengths = [float(np.ptp(path.vertices[:, 1])) for path in bars.get_paths()]
    assert lengths == pytest.approx([2 * 1.96 * 0.2] * count)
    assert "EM ± 1.96 standard errors" in words_of(figure)


def names_under(figure: Figure) -> tuple[list[str], str, float]:
    """Return the names under the lowest panel, its label, and how the names are turned."""
    ax = figure.axes[-1]
    labels = ax.get_xticklabels()
    return [label.get_text() for label in labels], ax.get_xlabel(), labels[0].get_rotation()


@pytest.mark.parametrize(
    ("names", "shown", "label", "turned"),
    [
        (["height", "weight"], ["height", "weight"], "", 0),
        (
            [f"days from sowing to {what} in 2019" for what in "abcdefgh"],
            [f"…{what} in 2019" for what in "abcdefgh"],
            "… stands for days from sowing to ",
            0,
        ),
        (
            ["W" * 40 + end for end in "ab"],
            [f"{'W' * 8}…{'W' * 7}{end}" for end in "ab"],
            "",
            0,
        ),
        (
            ["x" * 40 + middle + "y" * 40 for middle in "abcdegh"],
            ["…x" + middle + "yyyy…yyyyyyy" for middle in "abcdegh"],
            "",
            90,
        ),
    ],
)
def test_names_under_a_panel_differ_and_tell_once_what_they_begin_with(
    names: list[str], shown: list[str], label: str, turned: float
) -> None:
    table = [effect(name, 1.0, 0.9) for name in names]
    with style.drawing():
        figure = drawn(lambda f: plot_fixed_effects(with_effects(table), f))
        check_readable(figure)
    assert names_under(figure) == (shown, label, turned)


def test_a_response_with_a_long_name_keeps_both_ends_of_it(ordinary: Study) -> None:
    table = replace(ordinary.table_summary, response=f"first\t{'$long' * 60} last")
    with style.drawing():
        study = replace(ordinary, table_summary=table)
        figure = drawn(lambda f: FIGURES["data_overview"](study, f))
        check_readable(figure)
    title = figure.axes[0].get_title(loc="left")
    assert title.startswith("Response first $long")
    assert "…" in title
    assert title.endswith("$long last")


def test_names_with_dollar_signs_are_shown_as_they_are(ordinary: Study) -> None:
    table = [effect("$x_1$", 1.0, 0.9), effect("a$^", 2.0, 2.1)]
    summary = replace(ordinary.table_summary, response="$cost$")
    with style.drawing():
        check_readable(drawn(lambda f: plot_fixed_effects(with_effects(table), f)))
        study = replace(ordinary, table_summary=summary)
        figure = drawn(lambda f: FIGURES["data_overview"](study, f))
        check_readable(figure)
    assert "Response $cost$" in words_of(figure)


def test_fixed_effects_of_rounding_size_are_drawn_as_zero() -> None:
    table = [effect("intercept", 5e-17, 2e-17)]
    with style.drawing():
        figure = drawn(lambda f: plot_fixed_effects(with_effects(table), f))
        check_readable(figure)
    assert [ax.get_yticks().tolist() for ax in figure.axes] == [[0]]
    assert "no difference beyond rounding" in words_of(figure)


def panel_of_fixed_effects(study: Study) -> list[Axes]:
    with style.drawing():
        figure = drawn(lambda f: FIGURES["data_overview"](study, f))
        check_readable(figure)
    return [ax for ax in figure.axes if "Fixed" in ax.get_title(loc="left")]


def test_fixed_effects_are_drawn_by_their_correlation_with_the_response(ordinary: Study) -> None:
    (panel,) = panel_of_fixed_effects(ordinary)
    expected = [np.corrcoef(column, ordinary.response)[0, 1] for column in ordinary.fixed.T.values]
    dots = next(line for line in panel.lines if line.get_marker() == "o")
    assert dots.get_ydata() == pytest.approx(expected)
    (band,) = panel.patches
    r = band.get_height() / 2  # the t statistic of this correlation is at its 97.5% quantile
    n = ordinary.response.size
    assert r * np.sqrt((n - 2) / (1 - r * r)) == pytest.approx(t.ppf(0.975, n - 2))


def test_an_intercept_among_the_fixed_effects_has_no_stem(ordinary: Study) -> None:
    study = replace(ordinary, fixed=ordinary.fixed.assign(intercept=1.0))
    (panel,) = panel_of_fixed_effects(study)
    dots = next(line for line in panel.lines if line.get_marker() == "o")
    assert dots.get_xdata().tolist() == [1, 2, 3]


def test_an_intercept_alone_needs_no_panel(ordinary: Study) -> None:
    alone = replace(ordinary, fixed=pd.DataFrame({"intercept": np.ones(80)}))
    assert panel_of_fixed_effects(alone) == []


def test_columns_of_one_length_have_a_number_and_no_panel(ordinary: Study) -> None:
    study = replace(ordinary, col_norms2=np.full(200, 0.25))
    with style.drawing():
        figure = drawn(lambda f: FIGURES["data_overview"](study, f))
        check_readable(figure)
    assert "0.250" in words_of(figure)
    assert "of each column" in words_of(figure)
    assert not any("norms" in ax.get_title(loc="left") for ax in figure.axes)


def test_no_fixed_effects_are_said_in_words() -> None:
    with style.drawing():
        words = words_of(drawn(lambda f: plot_fixed_effects(with_effects([]), f)))
    assert "This model has no fixed effects." in words


def test_fixed_effects_show_the_truth_where_it_is_known() -> None:
    with style.drawing():
        assert "simulated truth" in words_of(
            drawn(lambda f: FIGURES["fixed_effects"](study_of("truth"), f))
        )


def test_fitted_variance_bars_add_up(ordinary: Study) -> None:
    with style.drawing():
        figure = drawn(lambda f: plot_fitted_variance(ordinary.summary, f))
    widths = [patch.get_width() for patch in figure.axes[0].patches]
    totals = [a + b for a, b in zip(widths[::2], widths[1::2], strict=True)]
    fitted = ordinary.summary.fitted
    expected = [parts.total for parts in (fitted.em, fitted.mfvi_at_em, fitted.mfvi)]
    assert totals == pytest.approx(expected)


def test_the_data_overview_counts_what_the_import_counted(ordinary: Study) -> None:
    table = replace(ordinary.table_summary, cells_imputed=1234, n=5678)
    with style.drawing():
        words = words_of(
            drawn(lambda f: FIGURES["data_overview"](replace(ordinary, table_summary=table), f))
        )
    assert "1,234" in words
    assert "5,678" in words


@pytest.mark.parametrize("asked", [1234, 0])
def test_the_data_overview_counts_rows_to_predict_where_there_are_some(
    asked: int, ordinary: Study
) -> None:
    table = replace(ordinary.table_summary, rows_to_predict=asked)
    study = replace(ordinary, table_summary=table)
    with style.drawing():
        figure = drawn(lambda f: FIGURES["data_overview"](study, f))
        check_readable(figure)
    assert ("rows\npredicted" in words_of(figure)) is bool(asked)
    assert ("1,234" in words_of(figure)) is bool(asked)


def test_a_spectrum_of_many_decades_is_drawn_on_a_logarithmic_axis() -> None:
    eigvals = np.concatenate([np.logspace(5, -3, 300), np.zeros(20)])
    with style.drawing():
        figure = drawn(lambda f: plot_spectrum(eigvals, f))
        check_readable(figure)
    assert figure.axes[0].get_yscale() == "log"
    assert "300 of 320 positive" in words_of(figure)


@pytest.mark.parametrize(
    ("ticks", "labels", "offset"),
    [
        ([-1425.0, -1424.5, -1424.0], ["−1,425.0", "−1,424.5", "−1,424.0"], ""),
        ([0, 1000, 2000], ["0", "1,000", "2,000"], ""),
        ([0.272, 0.2745, 0.277], ["0.2720", "0.2745", "0.2770"], ""),
        ([-2e-6, 0, 2e-6], ["−2", "0", "2"], "× 10$^{-6}$"),
        ([0], ["0"], ""),
    ],
)
def test_tick_labels(ticks: list[float], labels: list[str], offset: str) -> None:
    formatter = GroupedFormatter()
    assert formatter.format_ticks(ticks) == labels
    assert formatter.get_offset() == offset


def test_superscripts_are_set_as_formulas() -> None:
    assert typeset("1.2 × 10⁻⁹ nats") == "1.2 × 10$^{-9}$ nats"


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0.1, 2)), min_size=1, max_size=5))
def test_labels_that_are_spread_keep_their_order_and_do_not_overlap(
    labels: list[tuple[float, float]],
) -> None:
    centres, sizes = (list(part) for part in zip(*labels, strict=True))
    places = spread(centres, sizes, 0.0, 10.0)
    order = np.argsort(centres, kind="stable")
    for a, b in itertools.pairwise(order):
        assert places[b] - places[a] >= (sizes[a] + sizes[b]) / 2 - 1e-9
    assert places[order[0]] - sizes[order[0]] / 2 >= -1e-9
    assert places[order[-1]] + sizes[order[-1]] / 2 <= 10 + 1e-9


def test_limits_of_constant_values_have_a_width() -> None:
    low, high = padded([3.0, 3.0], least=0.5)
    assert low < 3 < high
    assert math.isclose(high - low, 0.5 * 1.12)


def test_of_many_effects_groups_by_the_truth_are_drawn() -> None:
    summary = study_of("truth").summary
    truth = np.random.default_rng(5).normal(size=1000)
    effects = pd.DataFrame({"mean_em": 0.5 * truth, "mean_mfvi": 0.1 * truth, "truth": truth})
    figure = drawn(lambda f: plot_means(effects, summary, f))
    grouped = [line for line in figure.axes[1].lines if len(line.get_xdata()) == 20]
    lowest = np.sort(truth)[:50].mean()
    assert [line.get_ydata()[0] for line in grouped] == pytest.approx([0.5 * lowest, 0.1 * lowest])
    few = drawn(lambda f: plot_means(effects[:100], summary, f))
    assert not [line for line in few.axes[1].lines if len(line.get_xdata()) == 20]
