from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixedmodel.errors import UserError
from mixedmodel.model.results import MissingCells
from mixedmodel.store import sources
from mixedmodel.store.parts import read_random
from mixedmodel.store.scan import Columns
from mixedmodel.store.table import read_fixed, read_rows

Write = Callable[..., Path]
Load = Callable[..., Any]

TEXT = """y,Z.1,X.1,X.2
1,1,0.5,1
NA,2,1.5,1
3,,2.5,NaN
4,4,NA,"NA"
5,6,4.5,2
7,7,6.5,9
"""
MISSING = MissingCells(response=1, fixed=1, random=3)


@pytest.fixture(params=[1, 1 << 20], autouse=True)
def _block_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read a line or everything at a time."""
    monkeypatch.setattr(sources, "TEXT_BYTES", request.param)


def test_missing_cells_are_an_error_with_their_number_and_first_places(
    write: Write, load: Load
) -> None:
    with pytest.raises(UserError) as caught:
        load(write(TEXT))
    message = str(caught.value)
    assert "missing values: 5 (response 1, fixed 1, random 3)" in message
    assert "line 3, column 'y'; line 4, column 'Z.1'; line 4, column 'X.2'; expected" in message
    assert "line 5" not in message
    assert "drop_rows or impute_mean, which both keep a row without a response" in message


def test_rows_with_a_missing_cell_are_dropped(write: Write, load: Load) -> None:
    table = load(write(TEXT), missing="drop_rows")
    assert table.fixed.y.tolist() == [1, 5, 7]
    assert table.fixed.Z.tolist() == [[1], [6], [7]]
    assert table.random.whole().tolist() == [[0.5, 1], [4.5, 2], [6.5, 9]]
    summary = table.summary
    assert (summary.n, summary.rows_read, summary.rows_dropped) == (3, 6, 2)
    assert (summary.missing, summary.cells_imputed) == (MISSING, 0)


def test_effects_are_imputed_by_their_mean_and_responses_never(write: Write, load: Load) -> None:
    table = load(write(TEXT), missing="impute_mean")
    assert table.fixed.y.tolist() == [1, 3, 4, 5, 7]
    assert table.fixed.Z[:, 0].tolist() == [1, (1 + 4 + 6 + 7) / 4, 4, 6, 7]
    assert table.random.whole()[:, 0].tolist() == [0.5, 2.5, (0.5 + 2.5 + 4.5 + 6.5) / 4, 4.5, 6.5]
    assert table.random.whole()[:, 1].tolist() == [1, 4, 4, 2, 9]
    summary = table.summary
    assert (summary.rows_dropped, summary.missing, summary.cells_imputed) == (0, MISSING, 4)


def test_missing_cells_of_columns_without_a_role_do_not_count(write: Write, load: Load) -> None:
    table = load(write(TEXT), response="Z.1", fixed_columns=[], random_columns=["X.1"],
                 missing="drop_rows")  # fmt: skip
    assert table.summary.missing == MissingCells(1, 0, 1)
    assert table.summary.n == 4


def test_standardising_comes_after_dropping_and_imputing(write: Write, load: Load) -> None:
    table = load(write(TEXT), missing="impute_mean", standardize=True)
    np.testing.assert_allclose(table.random.whole().mean(axis=0), 0, atol=1e-15)
    np.testing.assert_allclose((table.random.whole() ** 2).mean(axis=0), 1 / 2, rtol=1e-14)
    assert table.random.whole()[2, 0] == pytest.approx(0, abs=1e-15)


def test_a_constant_column_stays_constant_when_imputed(write: Write, load: Load) -> None:
    text = "y,X.1,X.2\n" + "1,0.1,1\n2,0.1,2\n3,0.1,2\n4,NA,1\n"
    table = load(write(text), fixed_columns=[], missing="impute_mean")
    assert table.random.whole()[:, 0].tolist() == [0.1] * 4
    assert table.summary.constant_columns == ("X.1",)


@pytest.mark.parametrize("rule", ["drop_rows", "impute_mean"])
def test_a_table_without_a_complete_row_is_refused(write: Write, load: Load, rule: str) -> None:
    with pytest.raises(UserError, match="each of its 2 rows has a missing value"):
        load(write("y,X.1\nNA,1\nNA,2\n"), fixed_columns=[], missing=rule)


def test_a_column_without_any_value_cannot_be_imputed(write: Write, load: Load) -> None:
    with pytest.raises(UserError, match=r"columns without any value: X\.1; .*leave"):
        load(write("y,X.1,X.2\n1,NA,3\n2,,4\n"), fixed_columns=[], missing="impute_mean")


def test_the_description_of_two_halves_is_that_of_the_whole() -> None:
    values = np.random.default_rng(1).normal(size=(20, 3))
    values[2:9, 1] = np.nan
    columns = Columns.of(values[:7]).plus(Columns.of(values[7:]))
    assert columns.observed.tolist() == [20, 13, 20]
    np.testing.assert_allclose(columns.mean, np.nanmean(values, axis=0), rtol=1e-13)
    assert columns.low.tolist() == np.nanmin(values, axis=0).tolist()
    assert columns.high.tolist() == np.nanmax(values, axis=0).tolist()


UNANSWERED = """y,Z.1,X.1,X.2
1,1,0.5,1
NA,2,1.5,1
3,5,2.5,7
NA,NA,3.5,3
,9,,8
5,6,4.5,2
"""


@pytest.mark.parametrize(
    ("rule", "rows", "Z", "X", "dropped"),
    [
        ("drop_rows", [2], [[2]], [[1.5, 1]], 2),
        ("impute_mean", [2, 4, 5], [[2], [4], [9]], [[1.5, 1], [3.5, 3], [2.5, 8]], 0),
    ],
)
def test_rows_that_miss_their_response_are_set_apart(
    write: Write, load: Load, rule: str, rows: list[int], Z: Any, X: Any, dropped: int
) -> None:
    table = load(write(UNANSWERED), missing=rule)
    assert table.fixed.y.tolist() == [1, 3, 5]
    assert read_rows(table.folder / "rows.parquet").tolist() == [1, 3, 6]
    summary = table.summary
    assert (summary.n, summary.rows_to_predict, summary.rows_dropped) == (3, len(rows), dropped)
    assert (summary.responses[0].mean, summary.cells_imputed) == (3, 0)
    apart = table.folder / "predict"
    fixed, random = read_fixed(apart / "fixed.parquet"), read_random(apart / "random")
    assert np.isnan(fixed.y).all()
    assert (fixed.names, random.names) == (table.fixed.names, table.random.names)
    assert fixed.Z.tolist() == Z
    assert random.whole().tolist() == X
    assert read_rows(apart / "rows.parquet").tolist() == rows


def test_rows_to_predict_are_standardised_with_the_moments_of_the_fit(
    write: Write, load: Load
) -> None:
    text = UNANSWERED.replace("X.2", "X.2,X.3").replace("\n", ",4\n").replace("X.3,4", "X.3")
    table = load(write(text), missing="drop_rows", standardize=True, intercept=True)
    apart = table.folder / "predict"
    fitted = np.array([[0.5, 1], [2.5, 7], [4.5, 2]])
    scale = fitted.std(axis=0) * np.sqrt(2)
    expected = (np.array([[1.5, 1]]) - fitted.mean(axis=0)) / scale
    np.testing.assert_allclose(read_random(apart / "random").whole(), expected, rtol=1e-14)
    assert read_random(apart / "random").names == ("X.1", "X.2")
    assert read_fixed(apart / "fixed.parquet").Z.tolist() == [[1, 2]]


def test_a_table_with_every_response_sets_no_row_apart(write: Write, load: Load) -> None:
    folder = load(write("y,X.1\n1,1\n3,2\n"), fixed_columns=[], missing="drop_rows").folder
    assert read_rows(folder / "predict" / "rows.parquet").tolist() == []
    assert read_random(folder / "predict" / "random").whole().shape == (0, 1)
