from pathlib import Path

import pytest

from mixedmodel.store.files import read_json, reason, whole_directory, whole_file, write_json


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    with whole_file(tmp_path / "new" / "a.txt") as partial:
        partial.write_text("whole")
        assert not (tmp_path / "new" / "a.txt").exists()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.txt"]


def test_a_failure_leaves_the_file_before(tmp_path: Path) -> None:
    def fail() -> None:
        with whole_file(tmp_path / "a.txt") as partial:
            partial.write_text("half")
            raise KeyError

    (tmp_path / "a.txt").write_text("before")
    with pytest.raises(KeyError):
        fail()
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]


def test_a_directory_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "stale").touch()
    (tmp_path / ".d.partial").mkdir()
    (tmp_path / ".d.partial" / "killed").touch()
    with whole_directory(tmp_path / "d") as partial:
        (partial / "fresh").touch()
    assert [path.name for path in tmp_path.rglob("*")] == ["d", "fresh"]


def test_a_failure_leaves_the_directory_before(tmp_path: Path) -> None:
    def fail() -> None:
        with whole_directory(tmp_path / "d") as partial:
            (partial / "half").touch()
            raise KeyError

    (tmp_path / "d").mkdir()
    with pytest.raises(KeyError):
        fail()
    assert [path.name for path in tmp_path.rglob("*")] == ["d"]


def test_json_keeps_every_bit_and_every_letter(tmp_path: Path) -> None:
    content = {"ü": [0.1, 1e-320, -0.0, None, True], "b": "ß"}
    write_json(tmp_path / "a.json", content)
    assert read_json(tmp_path / "a.json") == content
    assert "ü" in (tmp_path / "a.json").read_text(encoding="utf-8")


def test_json_has_no_nan(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"a": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_a_reason_is_one_line() -> None:
    assert reason(OSError("first\nsecond")) == "first"
    assert reason(OSError()) == "OSError"
