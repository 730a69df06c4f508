"""The checks in the notes of the derivations: their numbers, put in again, give what is printed."""

import re
from collections.abc import Iterator

import pytest

from mixedmodel.report.numbers import MINUS, TIMES, fixed, result
from mixedmodel.report.story.checks import decimals_needed, digits_needed
from report.deck_cases import NAMES, summary_of
from report.told import notes, results, slide, telling, texts

SLIDES = [
    *("evidence", "posterior", "dual", "complete", "updates", "spectral_likelihood"),
    *("spectral_moments", "certificate", "factorisation", "coordinate", "sweep", "elbo"),
    *("mean_field_updates", "shrinkage_law", "laws", "linear_response", "accelerations"),
]
WITHOUT = {"flat", "flat_both", "one_row_left", "unbounded", "noiseless"}  # no optimum inside
SAID = re.compile(
    "Check, |Here, |Here both |nothing to put in|is a point at zero|and stay so|are put in here"
)
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"
PLAIN = str.maketrans(SUPERSCRIPTS + MINUS + TIMES, "0123456789--*")
NUMBER = rf"[\d.,\s{MINUS}{TIMES}{SUPERSCRIPTS}]*[\d{SUPERSCRIPTS}]"
FORMULA = re.compile(rf"[½(\d{MINUS}][\d.,\s½²()/+{MINUS}{TIMES}{SUPERSCRIPTS}]*={NUMBER}")


def formulas(text: str) -> Iterator[tuple[str, str]]:
    """Give the two sides of each formula of numbers in a text."""
    for found in FORMULA.findall(text.replace("\N{NO-BREAK SPACE}", " ")):
        left, right = found.split("=")
        yield left.strip(), right.strip()


def value(side: str) -> float:
    """Work out one side."""
    side = re.sub(r"10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", lambda power: f"1e{power[1].translate(PLAIN)}", side)
    side = re.sub(r"\b(\d[\d.]*) × 1e", r"\1e", side.replace(",", ""))
    side = side.replace("½", "0.5").replace("²", "**2").translate(PLAIN)
    return float(eval(side))  # of digits and signs that the pattern lets through


def as_written(number: float, sample: str) -> str:
    """Write a number with as many digits as another has."""
    if "." not in sample or TIMES in sample:
        return result(number)
    return fixed(number, len(sample.partition(".")[2]))


@pytest.mark.parametrize("name", NAMES)
def test_numbers_put_in_again_give_what_is_printed(name: str) -> None:
    scope = results(summary_of(name))
    for key in [*SLIDES, "restricted", "gap"]:
        if telling().teller.holds(slide(key).when, scope):
            said = " | ".join([notes(key, scope), *texts(key, scope)])
            for left, right in formulas(said):
                found = as_written(value(left), right)
                rounded = re.sub(rf"^{MINUS}?0$", "0", right)
                assert value(found) == pytest.approx(value(rounded), rel=1e-12), (key, left, right)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "extreme_scale"])
def test_each_derivation_has_its_check_or_says_why_not(name: str) -> None:
    found = summary_of(name)
    scope = results(found)
    for key in SLIDES:
        if not telling().teller.holds(slide(key).when, scope):
            continue
        said = notes(key, scope)
        silent = name in WITHOUT or (key == "shrinkage_law" and not scope[0].checks.shrinks)
        silent |= key == "linear_response" and scope[0].checks.response is None
        assert silent or SAID.search(said), (key, said)


def test_a_check_takes_the_digits_that_it_needs() -> None:
    assert digits_needed(lambda a, b: a * b, 0.5, 0.25, 2.0) == 4
    assert digits_needed(lambda a, b: a - b, 0.001235, 1.23456789, 1.23333289) == 7
    assert digits_needed(lambda a, b: a * b, 0.51, 0.25, 2.0) is None
    assert digits_needed(lambda a: 1 / a, 1.0, 0.0) is None
    assert decimals_needed(0.01, 0.004, 0.004) == 3
    assert decimals_needed(-1.0, 1.0, 1.0, factor=-0.5) == 2
    assert decimals_needed(0.02, 0.004, 0.004) is None
