import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mixedmodel.errors import UserError
from mixedmodel.store import fingerprint as module
from mixedmodel.store.fingerprint import fingerprint, sha256

Write = Callable[..., Path]

OLD = 978_307_200_000_000_000  # nanoseconds: the first day of 2001


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Files that were read to be hashed, one after the other."""
    found: list[str] = []

    def reading(path: str) -> str:
        found.append(path)
        return sha256(path)

    monkeypatch.setattr(module, "sha256", reading)
    return found


def test_a_file_is_known_by_its_bytes(write: Write, tmp_path: Path) -> None:
    path = str(write(b"y\tX.1\n"))
    expected = hashlib.sha256(b"y\tX.1\n").hexdigest()
    assert fingerprint(path, tmp_path / "notes.json") == expected


def test_a_file_that_is_as_it_was_is_not_read_again(
    write: Write, tmp_path: Path, hashed: list[str]
) -> None:
    notes = tmp_path / "new" / "notes.json"
    first, second = str(write("a", "first.txt")), str(write("b", "second.txt"))
    found = [fingerprint(path, notes) for path in (first, second, first, second)]
    assert found[:2] == found[2:]
    assert hashed == [first, second]
    assert os.listdir(notes.parent) == ["notes.json"]


@pytest.mark.parametrize("time", [OLD, None])
def test_other_bytes_are_noticed_although_size_or_time_are_the_same(
    write: Write, tmp_path: Path, hashed: list[str], time: int | None
) -> None:
    notes, path = tmp_path / "notes.json", str(write("before"))
    before, kept = fingerprint(path, notes), os.stat(path).st_mtime_ns
    write("after!")
    os.utime(path, ns=(time or kept, time or kept))
    assert fingerprint(path, notes) == hashlib.sha256(b"after!").hexdigest() != before
    assert hashed == [path, path]


def test_another_time_alone_says_nothing(write: Write, tmp_path: Path) -> None:
    notes, path = tmp_path / "notes.json", str(write("content"))
    before = fingerprint(path, notes)
    os.utime(path, ns=(OLD, OLD))
    assert fingerprint(path, notes) == before


@pytest.mark.parametrize("content", ["", "[1]", '{"a": ', "\x00"])
def test_notes_that_are_damaged_are_made_anew(
    write: Write, hashed: list[str], content: str
) -> None:
    path, notes = str(write("content")), write(content, "notes.json")
    assert [fingerprint(path, notes) for _ in range(2)] == [sha256(path)] * 2
    assert hashed == [path]


def test_a_folder_that_cannot_be_written_to_has_no_notes(
    write: Write, tmp_path: Path, hashed: list[str]
) -> None:
    path, notes = str(write("content")), write("a file in the way", "file") / "notes.json"
    assert [fingerprint(path, notes) for _ in range(2)] == [sha256(path)] * 2
    assert hashed == [path, path]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Is a directory; expected a file that can be read"):
        fingerprint(str(tmp_path), tmp_path / "notes.json")
