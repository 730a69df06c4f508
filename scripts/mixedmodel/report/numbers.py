"""Numbers as people read them: one way in figures, tables and slides.

Every function turns a missing value (``None``) into an en dash, writes true minus
signs and groups thousands with commas. NaN and infinity never come this far: the
results hold ``None`` where a number is undefined, so they are refused as a bug.
"""

import math
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

MISSING = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

# Outside this range a fixed-point number is harder to read than a power of ten.
SMALLEST_FIXED = 1e-4
LARGEST_FIXED = 1e7
LEAST_EXPONENT = -300  # doubles hardly go on below it
SMALLEST_SHARE = 1e-4  # below it a share is written as "below 0.01%"
RESULT_DIGITS = 4
LARGEST_COUNT = 1e5  # operations; more are written with a power of ten
BYTES = ("kB", "MB", "GB", "TB")
SMALLEST_P = 1e-16  # smaller p-values say no more than that


def count(value: float | None) -> str:
    """Return a whole number with thousands separators: ``6,000``."""
    return fixed(value, 0)


def fixed(value: float | None, decimals: int = 2) -> str:
    """Return a number with a set number of decimals: ``−1,584.72``."""
    if value is None:
        return MISSING
    text = f"{_finite(value):,.{decimals}f}"
    return text.removeprefix("-") if _is_zero(text) else text.replace("-", MINUS)


def given(value: T | None) -> T:
    """Return a number that the case at hand has; that it hasn't is a bug."""
    assert value is not None
    return value


def significant(value: float | None, digits: int = 3) -> str:
    """Return a number to ``digits`` significant digits: ``0.0312``, ``1,230``, ``1.2 × 10⁻⁹``."""
    if value is None:
        return MISSING
    if value == 0:
        return "0"
    if not SMALLEST_FIXED <= abs(_finite(value)) < LARGEST_FIXED:
        return scientific(value, digits)
    rounded = float(f"{value:.{digits - 1}e}")
    decimals = digits - 1 - math.floor(math.log10(abs(rounded)))
    return fixed(rounded, max(decimals, 0))


def result(value: float | None) -> str:
    """Return what a formula gives to four digits, and all of those before the decimal point."""
    size = 0.0 if value is None else abs(value)
    whole = math.floor(math.log10(size)) + 1 if 1 <= size < LARGEST_FIXED else 0
    return significant(value, max(RESULT_DIGITS, whole))


def bracketed(text: str) -> str:
    """Return a number in brackets if it has a sign or a power of ten: ``(−1.23)``."""
    return f"({text})" if text.startswith(MINUS) or TIMES in text else text


def scientific(value: float | None, digits: int = 2) -> str:
    """Return a number as mantissa and power of ten: ``1.2 × 10⁻⁹``."""
    if value is None:
        return MISSING
    if value == 0:
        return "0"
    mantissa, exponent = f"{_finite(value):.{digits - 1}e}".split("e")
    return f"{mantissa.replace('-', MINUS)} {TIMES} {power_of_ten(int(exponent))}"


def power_of_ten(exponent: int) -> str:
    """Return ``10`` with the exponent as real superscripts: ``10⁻⁶``."""
    return "10" + str(exponent).translate(SUPERSCRIPTS)


def common_exponent(
    largest: float, low: float = SMALLEST_FIXED, high: float = LARGEST_FIXED
) -> int:
    """Return the power of ten that numbers leave out: 0 where the largest reads well without."""
    reads_well = low <= largest < high or largest == 0
    return 0 if reads_well else max(math.floor(math.log10(largest)), LEAST_EXPONENT)


def adding_up(parts: Sequence[float], digits: int = 3) -> list[str]:
    """Return a sum and its parts, in decimals by which the sum has ``digits`` and which add up."""
    size = max(abs(sum(parts)), *map(abs, parts))
    exponent = common_exponent(size)
    power = f" {TIMES} {power_of_ten(exponent)}" if exponent else ""
    scaled = [part / 10.0**exponent for part in parts]
    largest = size / 10.0**exponent or 1.0
    decimals = max(digits - 1 - math.floor(math.log10(largest)), 0)
    rounded = [round(part, decimals) for part in scaled]
    return [fixed(value, decimals) + power for value in (sum(rounded), *rounded)]


def decade(value: float) -> str:
    """Return a power of ten as an axis shows it: ``0``, ``0.01``, ``1``, ``10,000``, ``10⁻⁶``."""
    if value == 0:
        return "0"
    exponent = round(math.log10(value))
    return (
        fixed(10.0**exponent, max(-exponent, 0)) if -2 <= exponent <= 5 else power_of_ten(exponent)
    )


def percent(value: float | None, digits: int = 3) -> str:
    """Return a share as a percentage to ``digits`` significant digits: ``31.4%``."""
    return MISSING if value is None else significant(100 * value, digits) + "%"


def share(value: float, below: str = "below {}", above: str = "above {}") -> str:
    """Return a proportion as a percentage for a sentence, tiny ones and nearly 1 as bounds."""
    if 0 < value < SMALLEST_SHARE:
        return below.format("0.01%")
    return above.format("99.99%") if 0 < 1 - value < SMALLEST_SHARE else percent(value)


def rounded_share(value: float, digits: int = 3) -> str:
    """Return a share as a percentage, 0% where it is tiny: ends of intervals, calibrations."""
    return percent(0.0 if abs(value) < SMALLEST_SHARE else value, digits)


def interval(low: float, high: float, digits: int = 3, between: str = "{} to {}") -> str:
    """Return an interval of shares as percentages: ``8.12% to 52.3%``."""
    return between.format(*(rounded_share(end, digits) for end in (low, high)))


def p_value(value: float) -> str:
    """Return a p-value as a sentence states it: ``p = 0.031``, ``p < 10⁻¹⁶``, ``p = 1``."""
    if value >= 1:
        return "p = 1"
    if value < SMALLEST_P:
        return f"p < {power_of_ten(round(math.log10(SMALLEST_P)))}"
    return f"p = {significant(value, 2)}"


def nats(value: float | None, digits: int = 3) -> str:
    """Return a difference of log-likelihoods with its unit: ``38.2 nats``, ``1.2 × 10⁻⁹ nats``."""
    return MISSING if value is None else significant(value, digits) + " nats"


def operations(value: float) -> str:
    """Return a number of operations to two digits: ``36,000``, ``1.7 × 10¹⁰``."""
    return significant(value, 2) if value < LARGEST_COUNT else scientific(value)


def memory(value: float) -> str:
    """Return a size to two digits: ``12 kB``, ``8.0 MB``, ``1.2 GB``."""
    power = min(max(math.floor(math.log10(max(value, 1))) // 3, 1), len(BYTES))
    return f"{significant(value / 1000**power, 2)} {BYTES[power - 1]}"


def listed(words: Sequence[str], last: str = "{} and {}") -> str:
    """Return words as a sentence lists them: ``a``, ``a and b``, ``a, b and c``."""
    return last.format(", ".join(words[:-1]), words[-1]) if len(words) > 1 else "".join(words)


def _finite(value: float) -> float:
    """Return ``value``, or raise ValueError where it is NaN or infinite."""
    if not math.isfinite(value):
        raise ValueError(f"cannot write {value}: undefined numbers must be None in the results")
    return value


def _is_zero(text: str) -> bool:
    """Tell whether a formatted number shows no digit but 0."""
    return not any(digit in text for digit in "123456789")
