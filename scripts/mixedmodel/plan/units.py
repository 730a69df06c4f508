"""Units of work: what a job is about, as the path of its results says, and where these go."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

RESPONSE = "/(?!shared/)[^/]+"  # what may follow the name of a data set with several
ROWS = "/shared/[0-9]+"  # likewise
UNITS = ("dataset", "group", "table")  # wildcards that say what a job is about, not which share


class Wildcards(Protocol):
    """Names and values that Snakemake reads out of a path."""

    def keys(self) -> Iterable[str]:
        """Return the names."""

    def __getitem__(self, name: str, /) -> str:
        """Return the value of one."""


@dataclass(frozen=True)
class Unit:
    """A data set, or one of its several responses, or one set of the rows these are observed in."""

    dataset: str
    response: str | None = None  # folder of one of several responses
    rows: int | None = None  # number of a set of rows

    @property
    def folder(self) -> str:
        """Return the folder of its results."""
        inner = self.response if self.rows is None else f"shared/{self.rows}"
        return f"results/{self.dataset}/{inner}" if inner else f"results/{self.dataset}"


def unit_of(wildcards: Wildcards) -> Unit:
    """Return the unit that a job is about; every rule that is about one names it once."""
    [path] = (value for name, value in dict(wildcards).items() if name in UNITS)
    dataset, _, inner = path.partition("/")
    if inner.startswith("shared/"):
        return Unit(dataset, rows=int(inner.removeprefix("shared/")))
    return Unit(dataset, response=inner or None)


def either(datasets: Iterable[str], inner: dict[str, str]) -> str:
    """Return a regular expression of data sets; ``inner`` is what follows the names of some."""
    return "|".join(re.escape(name) + inner.get(name, "") for name in datasets) or "(?!)"
