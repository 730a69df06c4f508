"""Results as JSON: written from the types of ``model.results``, read back into them strictly."""

from pathlib import Path
from typing import Any, TypeVar

import msgspec

from mixedmodel.errors import UserError
from mixedmodel.store.files import read_json, write_json

T = TypeVar("T")
OTHER_VERSION = (
    "{path} is not what this version writes: {what}; delete {folder} and run again, or use the "
    "version that wrote it"
)


def write_result(path: str | Path, result: Any) -> None:
    """Write a result as JSON, its keys in the order of its fields."""
    write_json(path, msgspec.to_builtins(result))


def read_result(path: str | Path, kind: type[T]) -> T:
    """Read a result; raises UserError, with file and key, unless its keys are those of ``kind``."""
    content = read_json(path)
    try:
        result = msgspec.convert(content, kind)
    except msgspec.ValidationError as error:
        raise _refusal(path, str(error)) from None
    if unknown := _unknown(content, msgspec.to_builtins(result), "$"):
        raise _refusal(path, f"unknown key `{unknown}`")
    return result


def _refusal(path: str | Path, what: str) -> UserError:
    return UserError(OTHER_VERSION.format(path=path, what=what, folder=Path(path).parent))


def _unknown(content: Any, understood: Any, place: str) -> str | None:
    """Return where ``content`` has the first key that was not understood."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key not in understood:
                return f"{place}.{key}"
            if found := _unknown(value, understood[key], f"{place}.{key}"):
                return found
    elif isinstance(content, list):
        for number, (value, known) in enumerate(zip(content, understood, strict=True)):
            if found := _unknown(value, known, f"{place}[{number}]"):
                return found
    return None
