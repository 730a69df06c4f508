"""The figures of rows left out and of rows without response, from one row to very many."""

import logging

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from scipy.stats import norm

from mixedmodel.report import style
from mixedmodel.report.figures.cross_validation import (
    coverage,
    group_means,
    plot_cross_validation,
)
from mixedmodel.report.figures.predictions import plot_predictions
from mixedmodel.report.saving import render
from report.figure_checks import check_readable, drawn, words_of
from report.prediction_cases import PROBLEMS, rows_predicted, validation_of


def validation_figure(name: str, scale: float = 1.0) -> Figure:
    found = validation_of(name).predictions
    values = found.drop(columns=["row", "fold"]) * scale
    return drawn(lambda f: plot_cross_validation(values, f), style.FLAT_INCHES)


def predictions_figure(found: pd.DataFrame) -> Figure:
    return drawn(lambda f: plot_predictions(found, f))


def test_the_figure_of_a_table_without_cross_validation_says_so() -> None:
    none = validation_of(next(iter(PROBLEMS))).predictions.iloc[:0]
    with style.drawing():
        figure = drawn(lambda f: plot_cross_validation(none, f), style.FLAT_INCHES)
        check_readable(figure)
    assert "There is no cross-validation" in words_of(figure)


@pytest.mark.parametrize("scale", [1.0, 1e-7, 1e6, 1e-150, 1e150])
@pytest.mark.parametrize("name", PROBLEMS)
def test_cross_validation_is_readable(
    name: str, scale: float, caplog: pytest.LogCaptureFixture
) -> None:
    with style.drawing(), caplog.at_level(logging.WARNING):
        check_readable(validation_figure(name, scale))
    assert caplog.messages == []


def test_coverage_at_95_percent_is_that_of_the_scores() -> None:
    case = validation_of("ordinary")
    for method, scores in case.summary.methods.items():
        [share] = coverage(case.predictions, method, np.array([0.95]))
        assert share == scores.coverage_95


def test_coverage_of_right_intervals_is_nominal() -> None:
    n, levels = 4_000, np.array([0.1, 0.5, 0.9])
    y = norm.ppf((np.arange(n) + 0.5) / n, loc=3, scale=2)
    found = pd.DataFrame({"response": y, "prediction_em": 3.0, "deviation_em": 2.0}, range(n))
    assert coverage(found, "em", levels) == pytest.approx(levels, abs=1 / n)
    narrow = found.assign(deviation_em=1.0)
    assert coverage(narrow, "em", levels) == pytest.approx(
        2 * norm.cdf(norm.ppf(0.5 + levels / 2) / 2) - 1, abs=1 / n
    )


def test_groups_are_equal_and_ordered_by_the_prediction() -> None:
    x = np.random.default_rng(1).permutation(30).astype(float)
    mean_x, mean_y, reach = group_means(x, 10 * x)
    assert mean_x == pytest.approx([2.5, 8.5, 14.5, 20.5, 26.5])
    assert mean_y == pytest.approx(10 * mean_x)
    assert reach == pytest.approx(norm.ppf(0.975) * 10 * np.sqrt(3.5 / 6))


def test_what_the_random_effects_add_is_measured_from_the_fixed_effects() -> None:
    found = validation_of("ordinary").predictions
    with style.drawing():
        figure = validation_figure("ordinary")
    (dots, _, _), _ = (bars.lines for bars in figure.axes[1].containers)
    level = [c for c in figure.axes[1].collections if not np.ptp(c.get_segments()[0][:, 1])]
    predicted = [segment[0, 1] for segment in level[0].get_segments()]
    added = (found["prediction_em"] - found["prediction_fixed"]).to_numpy()
    beyond = (found["response"] - found["prediction_fixed"]).to_numpy()
    mean_x, mean_y, _ = group_means(added, beyond)
    assert predicted == pytest.approx(mean_x)
    assert dots.get_ydata() == pytest.approx(mean_y)
    assert mean_x.mean() == pytest.approx(added.mean())


def test_without_fixed_effects_the_axes_are_prediction_and_response() -> None:
    with style.drawing():
        without, within = (words_of(validation_figure(name)) for name in ("no_fixed", "ordinary"))
    assert "zero for every row" in without
    assert "fixed effects" not in without
    assert "response − fixed part" in within
    assert "response − fixed part" not in without


def test_where_nothing_is_added_it_is_said() -> None:
    with style.drawing():
        assert "predict as if there\nwere none." in words_of(validation_figure("boundary"))
        assert "Too few rows" in words_of(validation_figure("tiny"))
        assert "observed" not in words_of(validation_figure("tiny"))


@pytest.mark.parametrize("scale", [1.0, 1e-7, 1e6, 1e-150, 1e150])
@pytest.mark.parametrize("number", [0, 1, 2, 30, 31, 10_000])
def test_predictions_are_readable_however_many(
    number: int, scale: float, caplog: pytest.LogCaptureFixture
) -> None:
    found = rows_predicted(number, scale=scale, first=1_234_567)
    with style.drawing(), caplog.at_level(logging.WARNING):
        check_readable(predictions_figure(found))
    assert caplog.messages == []


def test_predictions_that_are_all_alike_are_readable() -> None:
    for number in (3, 50):
        found = rows_predicted(number).assign(prediction_em=0.0, prediction_mfvi=0.0)
        with style.drawing():
            check_readable(predictions_figure(found))


def test_few_rows_stand_in_the_order_of_the_exact_prediction_with_their_numbers() -> None:
    found = rows_predicted(5, first=17)
    with style.drawing():
        [ax] = predictions_figure(found).axes
    ordered = found.sort_values("prediction_em")
    assert [label.get_text() for label in ax.get_xticklabels()] == [str(r) for r in ordered["row"]]
    em, mfvi = (bars.lines[0].get_ydata() for bars in ax.containers)
    assert em.tolist() == ordered["prediction_em"].tolist()
    assert mfvi.tolist() == ordered["prediction_mfvi"].tolist()
    segments = ax.containers[0].lines[2][0].get_segments()
    lengths = [float(np.ptp(segment[:, 1])) for segment in segments]
    assert lengths == pytest.approx((2 * norm.ppf(0.975) * ordered["deviation_em"]).tolist())


def test_very_many_predictions_stay_a_small_svg() -> None:
    with style.drawing():
        svg = render(predictions_figure(rows_predicted(10_000)), "svg")
    assert len(svg) < 500_000


def test_without_rows_to_predict_the_figure_says_so() -> None:
    with style.drawing():
        words = words_of(predictions_figure(rows_predicted(0)))
    assert "Every row has its response" in words
