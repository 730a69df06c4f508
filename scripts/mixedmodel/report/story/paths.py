"""What a story may name: dotted paths through the types of the results, known without any data.

A view is a dataclass that adds to what its field ``base`` holds; whatever the base has, the view
has too. ``None`` on the way makes the whole path ``None``.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from enum import Enum
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from mixedmodel.errors import UserError

BASE = "base"


class NoValue(UserError):
    """Nothing is there in the results at hand; the message is a clause that says what."""


class Unknown(Exception):
    """A name that the results don't have; the message is a clause that says which."""


@cache
def members(kind: Any) -> Mapping[str, Any]:
    """Return the fields and properties of a class with their types, those of its base included."""
    if not is_dataclass(kind):
        return {"value": str} if isinstance(kind, type) and issubclass(kind, Enum) else {}
    hints = get_type_hints(kind)
    own = {field.name: hints[field.name] for field in fields(kind)}
    for name in dir(kind):
        if isinstance(found := getattr(kind, name), property) and not name.startswith("_"):
            own[name] = get_type_hints(found.fget)["return"]
    return {**members(hints.get(BASE)), **own}


def parts(kind: Any) -> tuple[Any, bool]:
    """Return a type without ``None``, and whether it had it."""
    if get_origin(kind) not in (Union, UnionType):
        return kind, False
    rest = [each for each in get_args(kind) if each is not type(None)]
    return reduce(or_, rest), len(rest) < len(get_args(kind))


def type_of(path: str, kinds: tuple[Any, ...]) -> Any:
    """Return the type at a path from the first of these types that has its first name.

    Raises
    ------
    Unknown
        If none has it.
    """
    names = path.split(".")
    for kind in kinds:
        if names[0] in members(kind):
            optional = False
            for name in names:
                kind, missing = parts(_step(kind, name, path))
                optional |= missing
            return kind | None if optional else kind
    raise Unknown(_unknown(path, names[0], {name for kind in kinds for name in members(kind)}))


def item_type(kind: Any) -> Any:
    """Return the type of the items of a sequence; None if it is none."""
    origin, arguments = get_origin(kind), get_args(kind)
    return arguments[0] if origin in (list, tuple) and arguments else None


def value_of(path: str, scope: tuple[Any, ...]) -> Any:
    """Return the value at a path from the first object that has its first name.

    Raises
    ------
    NoValue
        If what it is derived from is not there: the truth, an interval, a first of none.
    """
    names = path.split(".")
    value = next(each for each in scope if names[0] in members(each.__class__))
    for name in names:
        if value is None:
            return None
        try:
            value = _follow(value, name)
        except (AssertionError, LookupError, ValueError):
            raise no_value(path) from None
    return value


def no_value(path: str) -> NoValue:
    """Return the message on a name that is asked for where it has no value."""
    return NoValue(f"`{path}` has no value here; tell it in a case where it has one")


def _step(kind: Any, name: str, path: str) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is dict:
        keys = get_args(arguments[0])  # of a Literal; none for any text
        if name in keys or not keys:
            return arguments[1]
        raise Unknown(_unknown(path, name, keys))
    if origin in (list, tuple) and name.isdigit():
        return arguments[0] if origin is list or arguments[-1] is ... else arguments[int(name)]
    if name not in members(kind):
        raise Unknown(_unknown(path, name, members(kind)))
    return members(kind)[name]


def _follow(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value[name]
    if isinstance(value, list | tuple):
        return value[int(name)]
    own = hasattr(type(value), name) or name in vars(value)
    return getattr(value, name) if own else _follow(getattr(value, BASE), name)


def _unknown(path: str, name: str, known: Any) -> str:
    close = get_close_matches(name, [*known], n=1)
    inside = f" in `{path}`" if path != name else ""
    return f"there is no `{name}`{inside}" + (f"; did you mean `{close[0]}`?" if close else "")
