"""Results with some of their numbers changed."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def edited(result: T, change: Callable[[dict[str, Any]], object]) -> T:
    """Return a result as ``change`` leaves the dictionaries that its file would hold."""
    content = msgspec.to_builtins(result)
    change(content)
    made = msgspec.convert(content, type(result))
    assert _text(msgspec.to_builtins(made)) == _text(content), "an edit of no field"
    return made


def _text(content: Any) -> str:
    return json.dumps(content, sort_keys=True)
