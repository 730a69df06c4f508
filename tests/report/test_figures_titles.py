"""Titles of panels: as large as they fit, broken where they don't, cut as a last resort."""

import pytest
from matplotlib.figure import Figure

from mixedmodel.report import style
from mixedmodel.report.figures.finish import finish
from report.figure_checks import check_readable


def panels(*titles: str) -> Figure:
    """Return a row of panels with these titles."""
    figure = Figure(figsize=style.FLAT_INCHES, dpi=100, layout="constrained")
    for ax, title in zip(figure.subplots(1, len(titles)), titles, strict=True):
        ax.set_title(title, parse_math=False)
        ax.set_ylabel("a label")
    return figure


def fitted(*titles: str) -> tuple[list[str], float]:
    """Return the titles as they are drawn, and their size."""
    with style.drawing():
        figure = panels(*titles)
        finish(figure)
        check_readable(figure)
    texts = [t for ax in figure.axes for t in ax.get_children() if hasattr(t, "get_fontsize")]
    (points,) = {t.get_fontsize() for t in texts if t.get_text()}
    return [ax.get_title(loc="left") for ax in figure.axes], points


def test_titles_that_fit_keep_their_size() -> None:
    assert fitted("One", "Two", "Three") == (["One", "Two", "Three"], style.TEXT_POINTS)


@pytest.mark.parametrize(
    ("place", "title"),
    [
        (0, "A title that is somewhat wider than its panel"),
        (1, "A title that is somewhat wider than its panel"),
        (2, "One at the edge of the page, too wide"),
    ],
)
def test_a_wide_title_makes_all_smaller(place: int, title: str) -> None:
    titles = ["One", "Two", "Three"]
    titles[place] = title
    shown, points = fitted(*titles)
    assert shown == titles
    assert style.LEAST_POINTS <= points < style.TEXT_POINTS


@pytest.mark.parametrize("place", range(3))
def test_a_title_too_wide_at_the_least_size_is_broken_into_two_lines(place: int) -> None:
    titles = ["One", "Two", "Three"]
    titles[place] = "A title that is wider than its panel at twelve points even so"
    shown, points = fitted(*titles)
    assert points == style.LEAST_POINTS
    assert shown[place] == "A title that is wider than its\npanel at twelve points even so"


def test_a_name_too_wide_for_a_line_is_cut_in_the_middle() -> None:
    shown, _ = fitted("Response " + "$a" * 100 + "_end", "Two", "Three")
    first, second = shown[0].split("\n")
    assert first == "Response"
    assert second.startswith("$a$a")
    assert "…" in second
    assert second.endswith("a_end")


def test_without_them_titles_would_overlap() -> None:
    with style.drawing(), pytest.raises(AssertionError):
        check_readable(
            panels("A title that is far wider than its panel at any size", "Two", "Three")
        )
