"""Names that are cut keep both ends, lose what all begin with, and are never shown alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixedmodel.report.names import at_most, cut, cut_all, family_prefix, shorten

LONG = "days_from_sowing_to_harvest_in_2019"


def test_a_name_that_fits_stays_as_it_is() -> None:
    assert cut("yield", at_most(5)) == "yield"


def test_a_name_is_cut_in_the_middle() -> None:
    assert cut(LONG, at_most(11)) == "days_…_2019"
    assert cut(LONG, at_most(12)) == "days_f…_2019"


def test_where_nothing_fits_an_ellipsis_is_left() -> None:
    assert cut(LONG, at_most(1)) == "…"
    assert cut(LONG, at_most(0)) == "…"


def test_names_that_differ_in_the_middle_only_are_shown_from_there() -> None:
    names = [f"{'a' * 30}{letter}{'b' * 30}" for letter in "xy"]
    assert cut_all(names, at_most(9)) == ["…axb…bbbb", "…ayb…bbbb"]


def test_names_that_differ_in_several_places_are_numbered_by_their_place_in_the_list() -> None:
    names = [f"{'a' * 20}{x}{'b' * 20}{y}{'c' * 20}" for x in "xy" for y in "xy"]
    assert cut_all(["first", *names], at_most(10)) == [
        *("first", "aaa…cc (2)", "aaa…cc (3)", "aaa…cc (4)", "aaa…cc (5)")
    ]


def test_the_same_name_twice_is_shown_alike() -> None:
    assert len(set(cut_all([LONG, LONG], at_most(9)))) == 1


@given(
    st.lists(st.text("abc_", min_size=1, max_size=12), min_size=1, max_size=8),
    st.integers(8, 12),
)
def test_names_fit_and_differ_where_they_did(names: list[str], letters: int) -> None:
    for shown in (cut_all(names, at_most(letters)), shorten(names, at_most(letters)).names):
        assert max(map(len, shown)) <= letters
        assert len(set(shown)) == len(set(names))


def test_a_family_loses_its_first_words_where_names_would_be_cut() -> None:
    names = [f"measured_in_2019_{what}" for what in ("height", "weight", "width")]
    shown = shorten([*names, "intercept"], at_most(12))
    assert shown.prefix == "measured_in_2019_"
    assert shown.names == ["…height", "…weight", "…width", "intercept"]


def test_a_family_keeps_its_first_words_where_all_fits() -> None:
    names = [f"measured_in_2019_{what}" for what in ("height", "weight")]
    assert shorten(names, at_most(40)).names == names
    assert shorten(names, at_most(40)).prefix == ""


@pytest.mark.parametrize(
    ("names", "prefix"),
    [
        (["snp.1", "snp.2"], "snp."),
        (["Z.1", "Z.2"], ""),
        (["height", "weight"], ""),
        (["chr1_1", "chr1_2", "chr2_1", "chr2_2"], ""),
        (["trait one", "trait two", "age"], "trait "),
        (["only.one"], ""),
        (["trait_", "trait_a", "trait_b"], "trait_"),
        ([], ""),
    ],
)
def test_a_family_is_most_of_the_names_and_its_prefix_whole_words(
    names: list[str], prefix: str
) -> None:
    assert family_prefix(names) == prefix
