"""What the plan asks of the workflow around it, perhaps another one that has ours as a module."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


def _as_it_is(path: str) -> str:
    return path


def _here() -> bool:
    return True


def _by_none(path: str) -> bool:
    return False


@dataclass(frozen=True)
class Surroundings:
    """Where the files are; by default no other workflow is around."""

    base: Path  # the folder of the Snakefile
    listing_of: Callable[[str], str]  # a data set's responses.json, once it has been made
    placed: Callable[[str], str] = _as_it_is  # where a file of ours is put, under a prefix perhaps
    unmoved: Callable[[str], str] = _as_it_is  # marks a file that a prefix leaves where it is
    is_here: Callable[[], bool] = _here  # whether jobs run on this machine, once that is known
    is_made: Callable[[str], bool] = _by_none  # whether some rule makes the file
