"""Find the responses of a table, the rows that each is observed in, and a folder for each."""

import logging
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from mixedmodel.errors import UserError
from mixedmodel.model.listing import LeftOut, Listed, Responses
from mixedmodel.store.names import Names
from mixedmodel.store.roles import assign_roles, shown, told_without_role
from mixedmodel.store.row_sets import Found, RowSet, find_row_sets
from mixedmodel.store.sources import open_source

logger = logging.getLogger(__name__)

# What lies beside the folders of the responses.
TAKEN = (
    *("shared", "table", "spectral", "figures", "tables", "logs", "benchmarks"),
    *("responses.json", "foresight.json", "deck.pptx"),
)


def find_responses(
    source: Path,
    *,
    response: str | Sequence[str],
    fixed_columns: str | Sequence[str],
    random_columns: str | Sequence[str],
    intercept: bool,
    missing: str,
) -> Responses:
    """Group the responses of a table by the rows that they are observed in.

    A response that can't be fitted in its rows is left out with a warning: one without a value,
    with a single value, with no more values than there are fixed effects, where these are collinear
    in its rows, or where they reproduce it. Raises UserError where none is left.
    """
    table = open_source(source)
    roles = assign_roles(
        table.names, source=source, response=response, fixed=fixed_columns, random=random_columns
    )
    names = Names.of(table, roles, intercept=intercept)
    found = find_row_sets(table, roles, intercept=intercept, missing=missing)
    why = {k: reason for each in found.sets for k, reason in _reasons(each, found, names)}
    left_out = tuple(LeftOut(names.responses[k], why[k]) for k in sorted(why))
    if left_out:
        _tell(source, left_out, everything=len(left_out) == len(names.responses))
    listed = _listed(names, found, [k for k in range(len(names.responses)) if k not in why])
    responses, sets = _counted("response", listed), _counted("set", {each.rows for each in listed})
    others = told_without_role(table.names, roles)
    told = f"{responses}, observed in {sets} of rows{others}"
    logger.info("%s: %s", source, told, extra={"terminal": True})
    return Responses(listed, left_out)


def folder_names(responses: Iterable[str]) -> list[str]:
    """Name a folder after each response, with letters, digits, '.', '_' and '-' only.

    Names that differ in nothing else, or are taken, get a number; case doesn't count.
    """
    taken, folders = {name.casefold() for name in TAKEN}, []
    for response in responses:
        plain = re.sub(r"[^A-Za-z0-9._-]", "_", response)
        plain = f"_{plain[1:]}" if plain[0] in ".-" else plain
        folder, number = plain, 1
        while folder.casefold() in taken:
            number += 1
            folder = f"{plain}-{number}"
        taken.add(folder.casefold())
        folders.append(folder)
    return folders


def _reasons(rows: RowSet, found: Found, names: Names) -> Iterator[tuple[int, str]]:
    """Say why some of the responses of a set of rows can't be fitted."""
    of_all = rows.wrong_with_fixed(names)
    for k in rows.responses:
        why = _wrong_with_response(found, k, len(names.fixed)) or of_all
        if not why and found.responses.observed[k] == rows.n and rows.reproduces(k):
            why = "it is an exact linear combination of the fixed effects in its rows"
        if why:
            yield k, why


def _wrong_with_response(found: Found, k: int, c: int) -> str:
    """Say why a response can't be fitted with ``c`` fixed effects whatever these are."""
    n, not_counted = int(found.responses.observed[k]), ""
    if found.dropped:
        not_counted = ", rows that miss an effect not counted"
    if n == 0:
        return f"it has no value{not_counted}"
    if n <= c:
        few = f"it has a value in no more rows ({n}) than there are fixed effects ({c})"
        return few + not_counted
    if found.responses.constant[k]:
        return f"it is {found.responses.low[k]:g} wherever it has a value{not_counted}"
    return ""


def _tell(source: Path, left_out: Sequence[LeftOut], *, everything: bool) -> None:
    """Warn of responses that are left out, told together where the reason is the same."""
    alike: dict[str, list[str]] = {}
    for each in left_out:
        alike.setdefault(each.reason, []).append(repr(each.response))
    told = shown((f"{shown(named)}: {reason}" for reason, named in alike.items()), "; ")
    if everything:
        raise UserError(
            f"{source}: none of the responses can be fitted: {told}; expected values that vary, in "
            "more rows than there are fixed effects, and fixed effects that are independent in "
            "these rows: correct `response` or `fixed`"
        )
    logger.warning("%s: responses left out: %s", source, told)


def _counted(noun: str, items: Collection[object]) -> str:
    return f"{len(items)} {noun}" if len(items) == 1 else f"{len(items)} {noun}s"


def _listed(names: Names, found: Found, kept: Sequence[int]) -> tuple[Listed, ...]:
    """List the responses that can be fitted; sets of rows are numbered by their first one."""
    set_of = {k: place for place, each in enumerate(found.sets) for k in each.responses}
    numbers: dict[int, int] = {}
    rows = [numbers.setdefault(set_of[k], len(numbers) + 1) for k in kept]
    responses = [names.responses[k] for k in kept]
    counts = found.responses.observed[list(kept)].tolist()
    each = zip(responses, folder_names(responses), rows, counts, strict=True)
    return tuple(Listed(*parts) for parts in each)
