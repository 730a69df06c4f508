import numpy as np
import pytest

from mixedmodel.store import row_names as module
from mixedmodel.store.cells import split_cells
from mixedmodel.store.row_names import RowNames, hash_first_fields


def seen(names: list[str], rows: int = 1000) -> RowNames:
    """Names of the lines 2, 3, ..., that come some rows at a time."""
    found = RowNames.none()
    for start in range(0, len(names), rows):
        text = "".join(f"{name},1,2\n" for name in names[start : start + rows])
        found = found.plus(split_cells(text.encode(), "comma"), start + 2)
    return found


@pytest.mark.parametrize("rows", [1, 3, 1000])
def test_the_first_name_that_repeats_is_found_with_its_lines(rows: int) -> None:
    assert seen(list("abcdef"), rows).alike() == ()
    assert seen(list("abcdcba"), rows).alike() == (4, 6)
    assert seen(["a", "", "b", ""], rows).alike() == (3, 5)


def test_names_that_differ_have_hashes_that_differ() -> None:
    words = ["", "a", "b", "aa", "ab", "ba", "a ", "\x00", "\x00\x00", "é", "A" * 300, "A" * 301]
    words += [f"sample {i}" for i in range(50_000)] + [f"{i}.{i}" for i in range(50_000)]
    cells = split_cells("".join(f"{word},1\n" for word in words).encode(), "comma")
    assert len(np.unique(hash_first_fields(cells))) == len(words)


@pytest.mark.parametrize("rows", [7, 1000])
def test_of_many_names_some_are_kept(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 100)
    found = seen([f"r{i}" for i in range(5000)], rows)
    assert found.alike() == ()
    assert 0 < len(found.lines) <= 100
    values = seen([str(i % 900) for i in range(5000)], rows).alike()
    assert values
    assert (values[1] - values[0]) % 900 == 0


def test_a_few_words_that_repeat_in_many_rows_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 100)
    assert seen(["u", "v"] * 2000, rows=7).alike() == (2, 4)
