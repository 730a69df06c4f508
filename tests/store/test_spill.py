from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from mixedmodel.store import spill as module
from mixedmodel.store.spill import Aside, Reread, Spill, narrowed, widened

TABLE = np.arange(35.0).reshape(7, 5)
KEPT = np.array([True, True, False, True, True, True, False])


def read(columns: Sequence[int]) -> Iterator[np.ndarray]:
    """Read the table again, other rows at a time than when it was looked at."""
    yield from np.split(TABLE[:, columns], [3, 5])


@pytest.fixture(params=["spill", "reread"])
def aside(request: pytest.FixtureRequest, tmp_path: Path) -> Aside:
    widths = [2, 3, 0]
    return Spill(tmp_path, widths) if request.param == "spill" else Reread(read, range(5), widths)


def test_rows_kept_come_back_by_groups_of_columns(
    aside: Aside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK_BYTES", 3 * 8 * 2)
    aside.append(TABLE[:4], KEPT[:4])
    aside.append(TABLE[4:], KEPT[4:])
    chunks = [list(aside.chunks(group)) for group in range(3)]
    assert max(map(len, chunks[0])) <= 3
    found = [np.vstack(each).tolist() for each in chunks]
    assert found == [TABLE[KEPT, :2].tolist(), TABLE[KEPT, 2:].tolist(), [[]] * 5]
    assert [numbers.tolist() for numbers in aside.chosen.numbers()] == [[1, 2, 4], [5, 6]]


def test_small_pieces_come_back_together(tmp_path: Path) -> None:
    spill = Spill(tmp_path, [2])
    for row in TABLE[:, :2]:
        spill.append(row[None], np.ones(1, bool))
    assert [chunk.tolist() for chunk in spill.chunks(0)] == [TABLE[:, :2].tolist()]


def test_a_discarded_group_leaves_no_file(tmp_path: Path) -> None:
    spill = Spill(tmp_path, [1])
    spill.append(np.ones((2, 1)), np.ones(2, bool))
    spill.discard(0)
    assert list(tmp_path.iterdir()) == []


def test_without_rows_there_is_no_file_and_no_chunk(aside: Aside, tmp_path: Path) -> None:
    aside.append(TABLE, np.zeros(7, bool))
    assert list(tmp_path.iterdir()) == []
    assert list(aside.chunks(0)) == []
    assert list(aside.chosen.numbers()) == []
    aside.discard(0)


def test_small_whole_numbers_take_a_byte_each(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    genotypes = rng.binomial(2, 0.3, (50, 4)).astype(float)
    genotypes[3, 2] = np.nan
    values = np.column_stack([genotypes, rng.standard_normal(50)])
    spill = Spill(tmp_path, [4, 1])
    spill.append(values, np.ones(50, bool))
    sizes = [path.stat().st_size for path in sorted(tmp_path.iterdir())]
    assert sizes == [50 * 4, 50 * 8]
    found = np.hstack([next(spill.chunks(group)) for group in range(2)])
    np.testing.assert_array_equal(found, values)


@pytest.mark.parametrize("value", [-128.0, 128.0, 0.5, -0.0, 1e300, np.inf])
def test_other_numbers_stay_doubles(value: float) -> None:
    assert narrowed(np.array([[1.0, value]])) is None


def test_every_byte_is_the_double_that_it_was() -> None:
    values = np.array([[np.nan, *np.arange(-127.0, 128.0)]])
    found = narrowed(values)
    assert found is not None
    np.testing.assert_array_equal(widened(found), values)
