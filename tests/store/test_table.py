from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mixedmodel.errors import UserError
from mixedmodel.store.table import (
    count_responses,
    fixed_writer,
    read_fixed,
    read_fixed_effects,
)


def save_fixed(folder: Path, responses: list[str], names: list[str], *blocks: np.ndarray) -> Path:
    path = folder / "fixed.parquet"
    with fixed_writer(path, responses, names) as writer:
        for block in blocks:
            writer.write(block)
    return path


def test_response_and_fixed_effects_come_back(tmp_path: Path) -> None:
    values = np.arange(12.0).reshape(4, 3)
    fixed = read_fixed(save_fixed(tmp_path, ["y"], ["Z.1", "Z.2"], values[:3], values[3:]))
    assert (fixed.response, fixed.names) == ("y", ("Z.1", "Z.2"))
    assert fixed.y.tolist() == [0, 3, 6, 9]
    assert fixed.Z.tolist() == values[:, 1:].tolist()


def test_there_may_be_no_fixed_effect(tmp_path: Path) -> None:
    path = save_fixed(tmp_path, ["y"], [], np.ones((4, 1)))
    assert (read_fixed(path).Z.shape, read_fixed(path).names) == ((4, 0), ())
    assert read_fixed_effects(path, 4).shape == (4, 0)


def test_one_of_several_responses_is_read_by_its_name(tmp_path: Path) -> None:
    values = np.arange(12.0).reshape(4, 3)
    path = save_fixed(tmp_path, ["a", "b"], ["Z.1"], values)
    fixed = read_fixed(path, "b")
    assert (count_responses(path), fixed.response, fixed.names) == (2, "b", ("Z.1",))
    assert (fixed.y.tolist(), fixed.Z.tolist()) == ([1, 4, 7, 10], [[2], [5], [8], [11]])
    assert read_fixed_effects(path, 4).tolist() == fixed.Z.tolist()


@pytest.mark.parametrize("names", [["Z.1", "Z.2"], []])
def test_a_table_without_a_response_cannot_be_fitted(tmp_path: Path, names: list[str]) -> None:
    path = save_fixed(tmp_path, [], names, np.ones((3, len(names))))
    assert count_responses(path) == 0
    assert read_fixed_effects(path, 3).shape == (3, len(names))
    with pytest.raises(UserError, match=r"without a response.*set `response`"):
        read_fixed(path)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"f\.parquet: no such file"):
        read_fixed(tmp_path / "f.parquet")


@pytest.mark.parametrize("column", [[1, 2], ["a", "b"], [1.0, None]])
def test_a_file_of_somebody_else_is_refused(tmp_path: Path, column: list[object]) -> None:
    pq.write_table(pa.table({"y": column}), tmp_path / "f.parquet")
    with pytest.raises(UserError, match="not as the import writes it"):
        read_fixed(tmp_path / "f.parquet")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = save_fixed(tmp_path, ["y"], [], np.ones((2, 1)))
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(UserError, match="cannot be read as Parquet"):
        read_fixed(path)
