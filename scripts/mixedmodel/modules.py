"""Which files of this package a script runs: what Snakemake must watch to know when to rerun."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

BLOCKS = (ast.stmt, ast.excepthandler, ast.match_case)  # an import may stand in these only


def imported_files(script: Path) -> tuple[Path, ...]:
    """List the files of packages beside ``script`` that it imports, directly or through others.

    Imports under ``if TYPE_CHECKING:`` don't run and don't count. The order is sorted.
    """
    room = script.parent
    found: set[Path] = set()
    waiting = [script]
    while waiting:
        file = waiting.pop()
        new = _imported(file, room) - found - {script}
        found |= new
        waiting.extend(new)
    return tuple(sorted(found))


@cache
def _imported(file: Path, room: Path) -> frozenset[Path]:
    """Find the files below ``room`` that the imports of one file run; scripts share most files."""
    return frozenset(path for name in set(_names(file)) for path in _files(room, name))


def _names(file: Path) -> Iterator[str]:
    """Yield dotted names; ``from a import b`` gives ``a`` and ``a.b``, which may be a module."""
    waiting: list[ast.AST] = [ast.parse(file.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            waiting.extend(each for each in ast.iter_child_nodes(node) if isinstance(each, BLOCKS))


@cache
def _files(room: Path, name: str) -> frozenset[Path]:
    """Return the files that importing ``name`` runs: the module and the packages around it."""
    path = room.joinpath(*name.split("."))
    here = [each for each in (path / "__init__.py", path.with_suffix(".py")) if each.is_file()]
    around, _, last = name.rpartition(".")
    return frozenset(here) | (_files(room, around) if around and last else frozenset())
