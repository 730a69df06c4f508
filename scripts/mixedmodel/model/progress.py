"""How far a long step is, said every few seconds: what, how much of it, how long still."""

import logging
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

EVERY = 5.0  # seconds between two lines
MINUTE, HOUR = 60, 3600  # seconds

logger = logging.getLogger(__name__)
clock = time.monotonic


class Ticker:
    """Tells when a line is due: a while after the last one, or after the beginning."""

    def __init__(self) -> None:
        self.begun = self._last = clock()

    def is_due(self) -> bool:
        """Tell whether it is time; then the next line is due a while from now."""
        now = clock()
        if now - self._last < EVERY:
            return False
        self._last = now
        return True


def told(items: Iterable[T], doing: str, total: int, unit: str) -> Iterator[T]:
    """Go over ``total`` items; say of long work how many are done and how long the rest takes."""
    ticker = Ticker()
    for done, item in enumerate(items):
        if done and ticker.is_due():
            left = (clock() - ticker.begun) / done * (total - done)
            say(f"{doing}: {done:,} of {total:,} {unit}, about {span(left)} left")
        yield item


def say(line: str) -> None:
    """Log a line that is shown on the terminal too."""
    logger.info("%s", line, extra={"terminal": True})


def span(seconds: float) -> str:
    """Write a length of time: 40 s, 7 min, 2 h 5 min."""
    if seconds < MINUTE:
        return f"{max(seconds, 1):.0f} s"
    minutes = round(seconds / MINUTE)
    hours, rest = divmod(minutes, HOUR // MINUTE)
    return f"{hours} h {rest} min" if hours else f"{minutes} min"
