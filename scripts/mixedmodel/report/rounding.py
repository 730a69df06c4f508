"""What is rounding in fixed effects and their differences, for figures and sentences alike."""

import math
from collections.abc import Iterable

ZERO = 1e-13  # of the response's standard deviation; effects below it are 0
ROUNDING = 1e-9  # of the largest effect; differences below it are none


def least_effect(response_variance: float) -> float:
    """Return the size below which a fixed effect is 0."""
    return ZERO * math.sqrt(response_variance)


def least_difference(effects: Iterable[float], response_variance: float) -> float:
    """Return the size below which the difference of two estimates of ``effects`` is none."""
    largest = max(map(abs, effects), default=0.0)
    return max(least_effect(response_variance), ROUNDING * largest)
