"""Several responses in one table: which rows each is observed in and where its results go.

Responses observed in the same rows share the imported table and the decomposition of its X.
They are numbered by their rows, 1 for those of the first response. The workflow asks here at
every start, so nothing heavy is imported before a table has to be opened.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from mixedmodel.errors import UserError
from mixedmodel.model.listing import Responses
from mixedmodel.store.results import read_result
from mixedmodel.store.roles import is_prefix


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
    return read_result(path, Responses)
