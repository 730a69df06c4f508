"""Several responses in one table: which rows each is observed in and where its results go.

Responses observed in the same rows share the imported table and the decomposition of its X.
They are numbered by their rows, 1 for those of the first response. The workflow asks here at
every start, so nothing heavy is imported before a table has to be opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from mixedmodel.errors import UserError
from mixedmodel.store.files import read_json
from mixedmodel.store.roles import is_prefix


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


def has_several(path: Path, response: str | Sequence[str] | None) -> bool:
    """Tell whether ``response`` means several columns: a list, or a prefix of several names.

    A table that can't be read answers no; its import tells the mistake.
    """
    if not isinstance(response, str):
        return bool(response)
    from mixedmodel.store.sources import open_source

    try:
        return is_prefix(open_source(path).names, response)
    except UserError:
        return False


def read_responses(path: str | Path) -> Responses:
    """Read responses.json, which the workflow asks several times for each job."""
    return _read(str(path), Path(path).stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _read(path: str, written: int) -> Responses:
    """Read responses.json as it was ``written`` at some time."""
    content = read_json(path)
    return Responses(
        tuple(Listed(**each) for each in content["listed"]),
        tuple(LeftOut(**each) for each in content["left_out"]),
    )
