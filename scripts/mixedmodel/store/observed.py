"""Find the responses of a table, the rows that each is observed in, and a folder for each."""

import logging
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from mixedmodel.errors import UserError
from mixedmodel.store.responses import LeftOut, Listed, Responses
from mixedmodel.store.roles import Roles, assign_roles, shown
from mixedmodel.store.scan import Columns
from mixedmodel.store.sources import Source, open_source

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

    A response without any value, with a single value, or with no more values than there are
    fixed effects is left out with a warning where ``response`` is a prefix, and raises UserError
    where it is named.
    """
    table = open_source(source)
    roles = assign_roles(
        table.names, source=source, response=response, fixed=fixed_columns, random=random_columns
    )
    names = [table.names[column] for column in roles.responses]
    columns, patterns = _observe(table, roles)
    reasons = _reasons(columns, len(roles.fixed) + intercept)
    left_out = tuple(LeftOut(names[k], reason) for k, reason in reasons.items())
    _tell(source, left_out, named=not isinstance(response, str), everything=len(names))
    kept = [k for k in range(len(names)) if k not in reasons]
    # under `error` every response is to be complete, which the import of the table checks
    numbers = _numbered(b"" if missing == "error" else patterns[k] for k in kept)
    listed = zip(
        (names[k] for k in kept),
        folder_names(names[k] for k in kept),
        numbers,
        (int(columns.observed[k]) for k in kept),
        strict=True,
    )
    return Responses(tuple(Listed(*each) for each in listed), left_out)


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


def _observe(table: Source, roles: Roles) -> tuple[Columns, list[bytes]]:
    """Describe each response and list its observed rows as bits."""
    columns = Columns.of(np.empty((0, len(roles.responses))))
    bits: list[bytearray] = [bytearray() for _ in roles.responses]
    for block in table.blocks(roles.responses):
        columns = columns.plus(Columns.of(block.values))
        observed = np.packbits(~np.isnan(block.values), axis=0)
        for pattern, column in zip(bits, observed.T, strict=True):
            pattern.extend(column.tobytes())
    return columns, [bytes(pattern) for pattern in bits]


def _reasons(columns: Columns, c: int) -> dict[int, str]:
    """Say why some of the responses can't be fitted with ``c`` fixed effects."""
    reasons = {}
    for k, n in enumerate(columns.observed.tolist()):
        if n == 0:
            reasons[k] = "it has no value"
        elif n <= c:
            reasons[k] = f"it has a value in no more rows ({n}) than there are fixed effects ({c})"
        elif columns.constant[k]:
            reasons[k] = f"it is {columns.low[k]:g} wherever it has a value"
    return reasons


def _tell(source: Path, left_out: Sequence[LeftOut], *, named: bool, everything: int) -> None:
    if not left_out:
        return
    listed = shown(f"{each.response!r}: {each.reason}" for each in left_out)
    if named or len(left_out) == everything:
        raise UserError(
            f"{source}: responses that can't be fitted: {listed}; expected values that vary in "
            "more rows than there are fixed effects: take these names out of `response`"
        )
    logger.warning("%s: responses left out: %s", source, listed)


def _numbered(patterns: Iterable[bytes]) -> list[int]:
    """Number equal patterns alike, from 1 in the order of their first."""
    numbers: dict[bytes, int] = {}
    return [numbers.setdefault(pattern, len(numbers) + 1) for pattern in patterns]
