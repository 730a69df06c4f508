"""Figures as slides place them: at the size at which they are drawn, no text under 12 pt.

Those of one study are looked at in that size by ``test_figures``, in every case.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from io import BytesIO

import pytest
from matplotlib.figure import Figure
from pptx import Presentation

from mixedmodel.plan.products import FIGURES_SHOWN
from mixedmodel.report import style
from mixedmodel.report.figures.cross_validation import plot_cross_validation
from mixedmodel.report.figures.predictions import plot_predictions
from mixedmodel.report.figures.responses import plot_responses
from report import deck_cases, overview_cases
from report.figure_checks import LEAST_POINTS, drawn, texts_of
from report.prediction_cases import PROBLEMS, rows_predicted, validation_of
from report.test_figures import FIGURES

ALL = [*FIGURES_SHOWN["response"], *FIGURES_SHOWN["responses"]]
SHOWING = ("truth", "few_columns", "boundary", "one_column", "restricted", "long_names", "ordinary")
ROUNDING = 1e-3
Plot = Callable[[Figure], None]

pytestmark = pytest.mark.xdist_group("decks")


def placed(deck: bytes) -> Iterator[tuple[str, float]]:
    """Yield the figures of a deck by their names, and by what they are scaled."""
    for slide in Presentation(BytesIO(deck)).slides:
        for shape in slide.shapes:
            for key in shape._element.xpath(".//*[local-name()='svgBlip']/@r:embed"):
                (name,) = re.findall(rb"<!--(\w+)-->$", slide.part.related_part(key).blob)
                yield name.decode(), shape.width.inches / style.SIZES[name.decode()][0]


@cache
def scales() -> dict[str, list[float]]:
    """Return by what each figure is scaled wherever a deck shows it."""
    found: dict[str, list[float]] = {name: [] for name in ALL}
    decks = [deck_cases.deck_of(case) for case in SHOWING]
    decks += [overview_cases.deck_of(case) for case in ("three", "hundreds")]
    for deck in decks:
        for name, scale in placed(deck):
            found[name].append(scale)
    return found


def plots(name: str) -> Iterator[Plot]:
    """Yield what draws a figure that is not of a study alone in each of its cases."""
    if name == "cross_validation":
        found = (validation_of(problem).predictions for problem in PROBLEMS)
        yield from (partial(plot_cross_validation, rows) for rows in found)
    elif name == "predictions":
        several = map(rows_predicted, (0, 1, 30, 31, 1234))
        yield from (partial(plot_predictions, rows) for rows in several)
    else:
        cases = overview_cases.CASES.values()
        yield from (partial(plot_responses, case().overview) for case in cases)


@pytest.mark.parametrize("name", ALL)
def test_a_figure_is_placed_as_large_as_it_is_drawn(name: str) -> None:
    assert scales()[name] == pytest.approx([1.0] * len(scales()[name]), abs=ROUNDING)


@pytest.mark.parametrize("name", sorted({*ALL} - {*FIGURES}))
def test_no_text_of_a_figure_is_under_12_points(name: str) -> None:
    for plot in plots(name):
        with style.drawing():
            texts = texts_of(drawn(plot, style.SIZES[name]))
        points = {text.get_text(): text.get_fontsize() for text in texts}
        assert {text for text, size in points.items() if size < LEAST_POINTS - ROUNDING} == set()


def test_each_figure_has_a_size() -> None:
    assert set(style.SIZES) == set(ALL)
