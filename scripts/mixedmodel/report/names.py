"""Names that the user chose, made to fit: cut in the middle, without what all of them begin with.

Two names that differ are never shown alike. ``fits`` tells of a text whether there is room for it:
letters on a terminal, inches on a slide or under a figure.
"""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

ELLIPSIS = "…"
LEAST_PREFIX = 4  # letters; to take off less saves no room
_ENDS_A_PART = re.compile(r".*[\W_]", re.DOTALL)  # where a prefix may end: age_, snp., "trait "

Fits = Callable[[str], bool]


@dataclass(frozen=True)
class Shown:
    """Names as they are shown, and what the ellipsis that one begins with stands for, if any."""

    names: list[str]
    prefix: str = ""


def plain(name: str) -> str:
    """Return a name on one line: a blank for each sign that cannot be printed."""
    return "".join(letter if letter.isprintable() else " " for letter in name)


def at_most(letters: int) -> Fits:
    """Return what tells whether a text has at most so many letters."""
    return lambda text: len(text) <= letters


def cut(name: str, fits: Fits) -> str:
    """Return a name that fits: its beginning and its end, as much of both, around an ellipsis."""
    name = plain(name)
    if fits(name):
        return name
    low, high = 0, len(name) - 1  # letters that are kept: of these low fit, high + 1 don't
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(_keep(name, middle)) else (low, middle - 1)
    return _keep(name, low)


def cut_all(names: Sequence[str], fits: Fits) -> list[str]:
    """Return names that fit, each cut in the middle, and differ where the names do.

    Where what is left of two is the same, it is taken from where they differ, or numbered.
    """
    shown = {name: cut(name, fits) for name in names}
    for alike in _alike(shown):
        shown |= {name: cut(_from_where_they_differ(name, alike), fits) for name in alike}
    still = {name for alike in _alike(shown) for name in alike}
    for number, name in enumerate(shown, start=1):
        if name in still:
            shown[name] = _numbered(name, number, fits)
    return [shown[name] for name in names]


def shorten(names: Sequence[str], fits: Fits) -> Shown:
    """Return names that fit; if not all do, those of one family without what they begin with."""
    shown = Shown(list(names)) if all(map(fits, names)) else without_prefix(names)
    return Shown(cut_all(shown.names, fits), shown.prefix)


def without_prefix(names: Sequence[str]) -> Shown:
    """Return names, those of one family with an ellipsis for what they begin with."""
    prefix = family_prefix(names)
    rest = [ELLIPSIS + name.removeprefix(prefix) if _has(name, prefix) else name for name in names]
    return Shown(rest, prefix)


def family_prefix(names: Sequence[str]) -> str:
    """Return what most of the names begin with, up to the end of a word; mostly nothing."""
    ordered, most = sorted(set(names)), len(set(names)) // 2 + 1
    runs = [ordered[k : k + most] for k in range(len(ordered) - most + 1)]
    prefixes = [_ENDS_A_PART.match(_common_start(run)) for run in runs if len(run) > 1]
    longest = max((found[0] for found in prefixes if found), key=len, default="")
    return longest if len(longest) >= LEAST_PREFIX else ""


def _common_start(names: Sequence[str]) -> str:
    """Return the letters that all names begin with."""
    first, last = min(names), max(names)
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(letter for letter, _ in same)


def _has(name: str, prefix: str) -> bool:
    """Tell whether a name goes on after the prefix."""
    return bool(prefix) and name.startswith(prefix) and name != prefix


def _keep(name: str, letters: int) -> str:
    """Keep so many letters of a name, half of them from either end."""
    end = letters // 2
    return name[: letters - end] + ELLIPSIS + name[len(name) - end :]


def _alike(shown: dict[str, str]) -> list[list[str]]:
    """Return the groups of names that are shown alike."""
    times = Counter(shown.values())
    groups = [short for short, number in times.items() if number > 1]
    return [[name for name, short in shown.items() if short == group] for group in groups]


def _from_where_they_differ(name: str, alike: list[str]) -> str:
    """Return a name from a little before the first letter in which the names differ."""
    return ELLIPSIS + name[max(len(_common_start(alike)) - 1, 0) :]


def _numbered(name: str, number: int, fits: Fits) -> str:
    """Return a name that ends with a number, cut before it."""
    end = f" ({number})"
    return cut(name, lambda text: fits(text + end)) + end
