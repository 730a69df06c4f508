"""Which of several responses are fitted, and where: the content of responses.json, as types."""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Listed:
    """A response to be fitted."""

    response: str  # its column
    folder: str  # of its results
    rows: int  # number of the set of rows that it is observed in
    n: int  # how many these are


@dataclass(frozen=True)
class LeftOut:
    """A response that can't be fitted, and why."""

    response: str
    reason: str


@dataclass(frozen=True)
class Responses:
    """What responses.json holds."""

    listed: tuple[Listed, ...]
    left_out: tuple[LeftOut, ...]

    @cached_property
    def by_folder(self) -> dict[str, Listed]:
        """Return those to be fitted by the folder of their results."""
        return {each.folder: each for each in self.listed}
