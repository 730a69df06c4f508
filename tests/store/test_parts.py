"""X on disk: the same doubles, small where values are few, and parts that belong together."""

import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mixedmodel.errors import UserError
from mixedmodel.model.cost import beside_mb, least_mb
from mixedmodel.store.parts import (
    FEW,
    Label,
    Parts,
    have_few_values,
    open_random,
    part_path,
    part_writer,
    read_random,
)


def save(
    folder: Path, part: int, parts: int, *blocks: np.ndarray, imported: str = "a", first: int = 0
) -> Path:
    folder.mkdir(exist_ok=True)
    path = part_path(folder, part)
    names = [f"X.{first + j + 1}" for j in range(blocks[0].shape[1])]
    with part_writer(path, names, Label(part, parts, imported)) as writer:
        for block in blocks:
            writer.write(block)
    return path


def genotypes(n: int, p: int) -> np.ndarray:
    return np.random.default_rng(3).binomial(2, 0.3, (n, p)).astype(float)


def encodings(path: Path) -> list[bool]:
    """Tell which columns are dictionaries."""
    group = pq.read_metadata(path).row_group(0)
    return [group.column(j).has_dictionary_page for j in range(group.num_columns)]


def test_parts_come_back_side_by_side_in_fortran_order(tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=(5, 3))
    save(tmp_path, 1, 2, values[:2, :2], values[2:, :2])
    save(tmp_path, 2, 2, values[:, 2:], first=2)
    X = read_random(tmp_path)
    assert X.names == ("X.1", "X.2", "X.3")
    assert X.whole().flags.f_contiguous
    assert X.whole().tolist() == values.tolist()
    assert [columns for columns, _ in X.blocks()] == [slice(0, 2), slice(2, 3)]


def test_columns_with_few_values_are_small_and_the_same_doubles(tmp_path: Path) -> None:
    n = 3000
    few = (genotypes(n, 4) - 0.6) / np.sqrt(0.42)
    few[7, 1] = -0.0
    many = np.random.default_rng(2).normal(size=(n, 2))
    path = save(tmp_path, 1, 1, np.hstack([few, many])[:2000], np.hstack([few, many])[2000:])
    assert encodings(path) == [True] * 4 + [False] * 2
    assert path.stat().st_size < 8 * n * 2 * 1.1 + 4 * n
    found = read_random(tmp_path).whole()
    assert (found.view(np.int64) == np.asfortranarray(np.hstack([few, many])).view(np.int64)).all()


def test_a_column_whose_many_values_come_late_is_still_the_same(tmp_path: Path) -> None:
    late = np.vstack([genotypes(2000, 1), np.random.default_rng(4).normal(size=(20_000, 1))])
    save(tmp_path, 1, 1, late)
    np.testing.assert_array_equal(read_random(tmp_path).whole(), late)


@pytest.mark.parametrize(
    ("rows", "distinct", "expected"),
    [(1024, FEW, True), (1024, FEW + 1, False), (40, 10, True), (40, 11, False), (3, 1, False)],
)
def test_few_values_are_few_of_many_rows(rows: int, distinct: int, expected: bool) -> None:
    assert have_few_values((np.arange(rows) % distinct)[:, None] * 1.0).tolist() == [expected]


def test_there_may_be_no_row(tmp_path: Path) -> None:
    save(tmp_path, 1, 1, np.empty((0, 2)))
    assert read_random(tmp_path).whole().shape == (0, 2)


def test_parts_of_different_length_are_refused(tmp_path: Path) -> None:
    save(tmp_path, 1, 2, np.ones((2, 1)))
    save(tmp_path, 2, 2, np.ones((3, 1)))
    with pytest.raises(UserError, match=r"\[2, 3\] rows.*import the table again"):
        read_random(tmp_path)


def test_an_empty_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no part-\*\.parquet"):
        read_random(tmp_path)


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_missing_part_is_named(tmp_path: Path, lost: int) -> None:
    for part in (1, 2, 3):
        save(tmp_path, part, 3, np.ones((2, 1)))
    part_path(tmp_path, lost).unlink()
    with pytest.raises(UserError, match=f"part {lost} of 3 is missing; delete the directory"):
        read_random(tmp_path)


def test_a_part_of_another_import_is_named(tmp_path: Path) -> None:
    save(tmp_path, 1, 2, np.ones((2, 1)))
    save(tmp_path, 2, 2, np.ones((2, 1)), imported="b")
    with pytest.raises(UserError, match=r"part-00001\.parquet: is of another import than part-000"):
        read_random(tmp_path)


def test_a_part_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    shutil.copy(save(tmp_path, 1, 1, np.ones((2, 1))), part_path(tmp_path, 2))
    with pytest.raises(UserError, match="not 1 parts"):
        read_random(tmp_path)


@pytest.mark.parametrize("column", [[1, 2], ["a", "b"], [1.0, None], [1.0, 2.0]])
def test_a_file_of_somebody_else_is_refused(tmp_path: Path, column: list[object]) -> None:
    pq.write_table(pa.table({"X.1": column}), part_path(tmp_path, 1))
    with pytest.raises(UserError, match="not as the import writes it"):
        read_random(tmp_path)


def test_a_damaged_part_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path, 1, 1, np.ones((2, 1)))
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(UserError, match="cannot be read as Parquet"):
        read_random(tmp_path)


def test_a_part_that_goes_or_changes_while_it_is_used_is_told(tmp_path: Path) -> None:
    path = save(tmp_path, 1, 1, np.ones((2, 1)))
    parts = Parts.open(tmp_path)
    save(tmp_path, 1, 1, np.ones((3, 1)))
    with pytest.raises(UserError, match="has changed while it was used"):
        parts.read(0)
    path.unlink()
    with pytest.raises(UserError, match="no such file"):
        parts.read(0)


def test_a_job_holds_x_where_it_fits_and_reads_blocks_where_not(tmp_path: Path) -> None:
    n, p, width = 1000, 2560, 256
    for part in range(10):
        save(tmp_path, part + 1, 10, np.ones((n, width)), first=part * width)
    beside, least = beside_mb(n, p), least_mb(n, p)
    assert open_random(tmp_path, beside + 20.48).is_held
    assert not open_random(tmp_path, beside + 20.47).is_held
    assert not open_random(tmp_path, beside + least).is_held
    expected = rf"1000 x 2560.* {least:.1f} MB, and has {least - 1:.1f} MB.*set `memory_mb` to 13 "
    with pytest.raises(UserError, match=expected):
        open_random(tmp_path, beside + least - 1)
