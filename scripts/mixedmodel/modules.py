"""Which files of this package a script runs: what Snakemake must watch to know when to rerun.

Each start of Snakemake asks for all of them, so that files are searched rather than parsed, which
takes ten times as long.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FOR_TYPES = re.compile(r"^if TYPE_CHECKING:\n(?:[ \t].*\n|\n)*", re.MULTILINE)
IMPORT = re.compile(r"^[ \t]*(?:from ([\w.]+) )?import (\([^)]*\)|.*)", re.MULTILINE)
COMMENT = re.compile(r"#.*")


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
    text = FOR_TYPES.sub("", file.read_text(encoding="utf-8"))
    for package, listed in IMPORT.findall(text):
        imported = COMMENT.sub("", listed).strip("()\n ").split(",")
        names = [words[0] for words in map(str.split, imported) if words]
        yield from [package, *(f"{package}.{name}" for name in names)] if package else names


@cache
def _files(room: Path, name: str) -> frozenset[Path]:
    """Return the files that importing ``name`` runs: the module and the packages around it."""
    path = room.joinpath(*name.split("."))
    here = [each for each in (path / "__init__.py", path.with_suffix(".py")) if each.is_file()]
    around, _, last = name.rpartition(".")
    return frozenset(here) | (_files(room, around) if around and last else frozenset())
