from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mixedmodel.errors import UserError
from mixedmodel.store import schemas
from mixedmodel.store.schemas import read_frame, write_frame

EFFECTS = {"name": ["a", "b"], "mean": [0.1, -1e-300], "variance": np.array([1.0, 2.0])}
SCHEMAS = [name for name in dir(schemas) if isinstance(getattr(schemas, name), pa.Schema)]


def example(schema: pa.Schema) -> dict[str, list[object]]:
    values = {pa.string(): ["u", "v"], pa.int64(): [1, 2], pa.float64(): [0.5, -1e300]}
    return {field.name: values[field.type] for field in schema}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_frame_comes_back_as_it_was_written(tmp_path: Path, name: str) -> None:
    schema = getattr(schemas, name)
    frame = pd.DataFrame(example(schema))
    write_frame(tmp_path / "a.parquet", schema, frame)
    pd.testing.assert_frame_equal(read_frame(tmp_path / "a.parquet", schema), frame)


@pytest.mark.parametrize("with_truth", [True, False])
def test_the_truth_is_there_or_not(tmp_path: Path, with_truth: bool) -> None:
    columns = example(schemas.COMPARISON_EFFECTS)
    if not with_truth:
        del columns["truth"]
    write_frame(tmp_path / "a.parquet", schemas.COMPARISON_EFFECTS, columns)
    frame = read_frame(tmp_path / "a.parquet", schemas.COMPARISON_EFFECTS)
    assert ("truth" in frame) == with_truth


def test_what_may_be_withheld_is_there_with_nothing_in_it(tmp_path: Path) -> None:
    write_frame(tmp_path / "a.parquet", schemas.EFFECTS, {**EFFECTS, "variance": None})
    frame = read_frame(tmp_path / "a.parquet", schemas.EFFECTS)
    assert frame["variance"].isna().all()
    with pytest.raises(ValueError, match="column mean"):
        write_frame(tmp_path / "b.parquet", schemas.EFFECTS, {**EFFECTS, "mean": None})
    with pytest.raises(ValueError, match="column variance has missing values"):
        write_frame(tmp_path / "b.parquet", schemas.EFFECTS, EFFECTS | {"variance": [1.0, None]})


def test_columns_are_written_in_the_order_of_the_schema(tmp_path: Path) -> None:
    write_frame(tmp_path / "a.parquet", schemas.EFFECTS, dict(reversed(EFFECTS.items())))
    assert list(read_frame(tmp_path / "a.parquet", schemas.EFFECTS)) == list(EFFECTS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"extra": [1.0, 2.0]}, "not expected: \\['extra'\\]"),
        ({"mean": [0.1, None]}, "column mean has missing values"),
        ({"mean": [0.1, np.nan]}, "column mean has values that are not finite"),
        ({"mean": [0.1, np.inf]}, "column mean has values that are not finite"),
        ({"mean": ["a", "b"]}, "column mean does not fit double"),
        ({"name": ["a", None]}, "column name has missing values"),
    ],
)
def test_a_wrong_frame_is_not_written(
    tmp_path: Path, change: dict[str, list[object]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        write_frame(tmp_path / "a.parquet", schemas.EFFECTS, EFFECTS | change)
    assert list(tmp_path.iterdir()) == []


def test_an_absent_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"absent: \['variance'\]"):
        write_frame(tmp_path / "a.parquet", schemas.EFFECTS, {"name": ["a"], "mean": [0.1]})


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"name": ["a"]}, "absent"),
        (EFFECTS | {"mean": [1, 2]}, "column mean is int64, expected double"),
        (EFFECTS | {"mean": [1.0, None]}, "missing values"),
    ],
)
def test_a_wrong_file_is_not_read(
    tmp_path: Path, columns: dict[str, list[object]], message: str
) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table(columns), path)
    with pytest.raises(UserError, match=rf"a\.parquet: not the file .*{message}.*run again"):
        read_frame(path, schemas.EFFECTS)


def test_a_damaged_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_frame(path, schemas.EFFECTS, EFFECTS)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(UserError, match=r"a\.parquet: cannot be read as Parquet"):
        read_frame(path, schemas.EFFECTS)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"a\.parquet: no such file"):
        read_frame(tmp_path / "a.parquet", schemas.EFFECTS)


def test_the_same_frame_gives_the_same_bytes(tmp_path: Path) -> None:
    write_frame(tmp_path / "a.parquet", schemas.EFFECTS, EFFECTS)
    write_frame(tmp_path / "b.parquet", schemas.EFFECTS, pd.DataFrame(EFFECTS))
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_a_file_without_rows_is_written_and_read(tmp_path: Path) -> None:
    nothing = {"name": [], "mean": np.empty(0), "variance": np.empty(0)}
    write_frame(tmp_path / "e.parquet", schemas.EFFECTS, nothing)
    assert read_frame(tmp_path / "e.parquet", schemas.EFFECTS).shape == (0, 3)
