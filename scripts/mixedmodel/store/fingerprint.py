"""What a file holds, as a SHA-256 that the workflow compares with that of the run before.

Times alone don't tell: a file may be replaced by an older one. A file is hashed again only where
its size or one of its times differs from what was noted beside its hash. The notes lie in the
working directory; losing them costs time and nothing else.
"""

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from mixedmodel.errors import UserError
from mixedmodel.store.files import read_json

NOTES = Path(".snakemake", "mixedmodel", "fingerprints.json")


def fingerprint(path: str, notes: Path = NOTES) -> str:
    """Return the SHA-256 of a file, noted or computed; UserError when it can't be read."""
    try:
        stamp = _stamp(path)
        noted, known = _read(notes).get(path, (None, ""))
        if noted == stamp:
            return str(known)
        found = sha256(path)
    except OSError as error:
        raise UserError(
            f"{path}: {error.strerror}; expected a file that can be read: check its permissions"
        ) from error
    _note(notes, {path: (stamp, found)})
    return found


def sha256(path: str | Path) -> str:
    """Hash the bytes of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stamp(path: str) -> list[int]:
    """Return size and times; what is moved to ``path`` keeps when it was written, not the last."""
    status = os.stat(path)
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _read(notes: Path) -> dict[str, Any]:
    """Read the notes; none where there are none that can be read."""
    with suppress(OSError, ValueError):
        content = read_json(notes)
        return content if isinstance(content, dict) else {}
    return {}


def _note(notes: Path, new: dict[str, Any]) -> None:
    """Add to the notes; several runs may do so, and a folder may not be written to."""
    partial = notes.with_name(f"{notes.name}.{os.getpid()}")
    with suppress(OSError):
        notes.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(_read(notes) | new), encoding="utf-8")
        os.replace(partial, notes)
