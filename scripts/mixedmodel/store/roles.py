"""Which columns are responses, which fixed effects and which random effects."""

import difflib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mixedmodel.errors import UserError

SHOWN = 5  # names shown in a message


@dataclass(frozen=True)
class Roles:
    """Positions of the columns of each role."""

    responses: tuple[int, ...]
    fixed: tuple[int, ...]
    random: tuple[int, ...]

    @property
    def columns(self) -> tuple[int, ...]:
        """Return the positions of all columns with a role: responses, fixed, random."""
        return (*self.responses, *self.fixed, *self.random)


def assign_roles(
    names: Sequence[str],
    *,
    source: Path,
    response: str | Sequence[str] | None,
    fixed: str | Sequence[str],
    random: str | Sequence[str],
) -> Roles:
    """Find the columns of each role by name or prefix.

    ``response`` is a name, else a prefix of several, a list of names, which may have none, or None
    for the first column with a name.

    Raises UserError for duplicate names, a name or prefix that is not there, a column
    claimed twice, and when no random-effect column is asked for.
    """
    _check_unique(names, source)
    roles = Roles(
        _responses(names, response, source),
        _select(names, fixed, "fixed", source),
        _select(names, random, "random", source),
    )
    if not roles.random:
        raise UserError(
            f"{source}: `random` names no column; expected at least one random effect: "
            "set it to a prefix such as 'X.' or to a list of names"
        )
    _check_claims(names, roles, source)
    return roles


def is_prefix(names: Sequence[str], response: str) -> bool:
    """Tell whether ``response`` is no column of its own but the beginning of several."""
    return response not in names and len(_beginning(names, response)) > 1


def _beginning(names: Iterable[str], start: str) -> list[str]:
    """List the names that begin with ``start``."""
    return [name for name in names if name and name.startswith(start)]


def told_without_role(names: Sequence[str], roles: Roles) -> str:
    """Say how many columns are not read, to end a sentence; nothing if all are."""
    used = {names[column] for column in roles.columns}
    others = [repr(name) for name in names if name and name not in used]
    if not others:
        return ""
    columns = "1 column has" if len(others) == 1 else f"{len(others)} columns have"
    return f"; {columns} no role: {shown(others)}"


def shown(names: Iterable[str], separator: str = ", ") -> str:
    """List the first names, and say when there are more."""
    listed = list(names)
    more = f"{separator}... ({len(listed)} in all)" if len(listed) > SHOWN else ""
    return separator.join(listed[:SHOWN]) + more


def _check_unique(names: Sequence[str], source: Path) -> None:
    duplicates = {name: count for name, count in Counter(names).items() if name and count > 1}
    if duplicates:
        listed = shown(f"{name!r} ({count} times)" for name, count in duplicates.items())
        raise UserError(
            f"{source}: column names occur more than once: {listed}; "
            "expected a name of its own for each column: rename them"
        )


def _responses(
    names: Sequence[str], response: str | Sequence[str] | None, source: Path
) -> tuple[int, ...]:
    if response is None:
        return _listed(names, [next(name for name in names if name)], "response", source)
    if isinstance(response, str) and not is_prefix(names, response):
        return _listed(names, [response], "response", source)
    return _select(names, response, "response", source)


def _select(
    names: Sequence[str], wanted: str | Sequence[str], role: str, source: Path
) -> tuple[int, ...]:
    if not isinstance(wanted, str):
        return _listed(names, wanted, role, source)
    found = tuple(i for i, name in enumerate(names) if name and name.startswith(wanted))
    if not found:
        none = " ([] for none)" if role == "fixed" else ""
        raise UserError(
            f"{source}: no column name begins with {wanted!r}; the columns are "
            f"{shown(name for name in names if name)}: set `{role}` to the prefix of the "
            f"{role}-effect columns or to a list of names{none}"
        )
    return found


def _listed(
    names: Sequence[str], wanted: Sequence[str], role: str, source: Path
) -> tuple[int, ...]:
    positions = {name: i for i, name in enumerate(names) if name}
    for name in wanted:
        if name not in positions:
            raise UserError(
                f"{source}: there is no column {name!r}, named in `{role}` "
                f"({_hint(name, positions)}): correct `{role}` in the configuration"
            )
    return tuple(positions[name] for name in wanted)


def _hint(name: str, named: Collection[str]) -> str:
    """Suggest the one that goes on, or names that are near, or tell the first ones."""
    longer = _beginning(named, name)
    if len(longer) == 1:
        return f"one begins with it: did you mean {longer[0]!r}?"
    spellings = {other.casefold(): other for other in named}
    near = difflib.get_close_matches(name.casefold(), spellings, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(spellings[match] for match in near)}?"
    return f"there are {shown(named)}"


def _check_claims(names: Sequence[str], roles: Roles, source: Path) -> None:
    claims: dict[int, list[str]] = {}
    for role, columns in (
        ("response", roles.responses),
        ("fixed", roles.fixed),
        ("random", roles.random),
    ):
        for column in columns:
            claims.setdefault(column, []).append(role)
    twice = {names[i]: roles for i, roles in claims.items() if len(roles) > 1}
    if twice:
        listed = shown(f"{name!r} ({' and '.join(roles)})" for name, roles in twice.items())
        raise UserError(
            f"{source}: columns are claimed twice: {listed}; expected one role a column: correct "
            "`response` (by default the first column; [] for none), `fixed` and `random`"
        )
