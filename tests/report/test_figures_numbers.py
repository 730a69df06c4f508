"""Numbers read the same everywhere: true minus, separators, real superscripts, en dash."""

import math

import pytest

from mixedmodel.report import numbers


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.031249, 3, "0.0312"),
        (-1584.72, 6, "−1,584.72"),
        (1234567.0, 3, "1,230,000"),
        (0.99996, 3, "1.00"),
        (1.23e-9, 2, "1.2 × 10⁻⁹"),
        (-4e12, 2, "−4.0 × 10¹²"),
        (0.0, 3, "0"),
        (6000, 2, "6,000"),
        (None, 3, "–"),
    ],
)
def test_significant_digits(value: float | None, digits: int, text: str) -> None:
    assert numbers.significant(value, digits) == text


def test_counts_have_thousands_separators() -> None:
    assert numbers.count(6000) == "6,000"
    assert numbers.count(None) == "–"


def test_a_negative_number_that_rounds_to_zero_loses_its_sign() -> None:
    assert numbers.fixed(-0.0004, 2) == "0.00"
    assert numbers.fixed(-0.04, 2) == "−0.04"


def test_percentages() -> None:
    assert numbers.percent(0.3141) == "31.4%"
    assert numbers.percent(0.0) == "0%"
    assert numbers.percent(None) == "–"


def test_nats_carry_their_unit() -> None:
    assert numbers.nats(38.24) == "38.2 nats"
    assert numbers.nats(2.1e-10, 2) == "2.1 × 10⁻¹⁰ nats"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1, "1"), (1e4, "10,000"), (1e6, "10⁶"), (0.01, "0.01"), (1e-9, "10⁻⁹")],
)
def test_decades_on_axes(value: float, text: str) -> None:
    assert numbers.decade(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "p = 1"), (0.0314, "p = 0.031"), (1.2e-9, "p = 1.2 × 10⁻⁹"), (0.0, "p < 10⁻¹⁶")],
)
def test_p_values(value: float, text: str) -> None:
    assert numbers.p_value(value) == text


def test_intervals_of_shares_may_reach_both_ends() -> None:
    assert numbers.interval(1e-9, 0.4567) == "0% to 45.7%"
    assert numbers.interval(0.5, 1.0) == "50.0% to 100%"
    assert numbers.interval(-0.163, 0.87) == "−16.3% to 87.0%"


def test_lists_read_as_sentences_do() -> None:
    assert numbers.listed(["a"]) == "a"
    assert numbers.listed(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_undefined_numbers_are_refused(value: float) -> None:
    for write in (numbers.fixed, numbers.significant, numbers.scientific, numbers.percent):
        with pytest.raises(ValueError, match="must be None"):
            write(value)
