import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixedmodel.errors import UserError
from mixedmodel.model import cost
from mixedmodel.store import spill
from mixedmodel.store.random_part import part_widths

Write = Callable[..., Path]
Load = Callable[..., Any]


@pytest.fixture(params=[1, 1 << 20], autouse=True)
def _sizes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read back a row or everything at a time; two columns a file."""
    monkeypatch.setattr(spill, "CHUNK_BYTES", request.param)
    monkeypatch.setattr(cost, "WIDTH", 2)


def as_text(X: np.ndarray) -> str:
    header = ["y", *(f"X.{j}" for j in range(X.shape[1]))]
    rows = ([repr(float(i)), *map(repr, row)] for i, row in enumerate(X.tolist()))
    return "".join("\t".join(row) + "\n" for row in [header, *rows])


def columns(*values: object, n: int = 6) -> np.ndarray:
    return np.column_stack([np.broadcast_to(np.asarray(value, float), n) for value in values])


VARIED = np.random.default_rng(1).normal(size=(6, 3))


@pytest.mark.parametrize("scale", [1.0, 1e-39, 1e33])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_standardised_columns_have_mean_0_and_variance_1_over_p(
    write: Write, load: Load, scale: float, offset: float
) -> None:
    path = write(as_text((VARIED + offset) * scale))
    X = load(path, fixed_columns=[], standardize=True).random.whole()
    deviations = VARIED + offset - (VARIED + offset).mean(axis=0)
    expected = deviations / np.sqrt(3 * (deviations**2).mean(axis=0))
    # decimals carry 16 digits, so a deviation carries 16 minus those of the offset
    np.testing.assert_allclose(X, expected, atol=1e-14 * max(1, offset))
    np.testing.assert_allclose((X**2).sum(axis=0), 6 / 3, rtol=1e-14 * max(1, offset))


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_centred_columns_have_mean_0_and_their_own_spread(
    write: Write, load: Load, offset: float
) -> None:
    table = load(
        write(as_text(columns(3, *(VARIED + offset).T))), fixed_columns=[], standardize="center"
    )
    expected = VARIED - VARIED.mean(axis=0)
    np.testing.assert_allclose(table.random.whole(), expected, atol=1e-14 * max(1, offset))
    assert table.summary.columns_dropped == ("X.0",)


def test_constant_columns_are_warned_of_once_and_kept(
    write: Write, load: Load, caplog: pytest.LogCaptureFixture
) -> None:
    X = columns(0, VARIED[:, 0], 0.1, 5, 6, 7, 8)
    path = write(as_text(X))
    table = load(path, fixed_columns=[])
    assert table.random.whole().tolist() == X.tolist()
    assert table.summary.constant_columns == ("X.0", "X.2", "X.3", "X.4", "X.5", "X.6")
    assert table.summary.columns_dropped == ()
    [record] = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert record.getMessage() == (
        f"{path}: 6 random-effect columns are constant and say nothing about the response: "
        "X.0, X.2, X.3, X.4, X.5, ... (6 in all)"
    )


def test_varying_columns_are_not_warned_of(
    write: Write, load: Load, caplog: pytest.LogCaptureFixture
) -> None:
    load(write(as_text(VARIED)), fixed_columns=[])
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_standardising_leaves_constant_columns_out_and_p_counts_the_rest(
    write: Write, load: Load, caplog: pytest.LogCaptureFixture
) -> None:
    table = load(write(as_text(columns(3, 0, *VARIED.T, 2))), fixed_columns=[], standardize=True)
    assert table.random.names == ("X.2", "X.3", "X.4")
    assert table.summary.p == 3
    assert table.summary.constant_columns == table.summary.columns_dropped == ("X.0", "X.1", "X.5")
    np.testing.assert_allclose((table.random.whole() ** 2).mean(axis=0), 1 / 3, rtol=1e-14)
    parts = sorted(path.name for path in (table.folder / "random").iterdir())
    assert parts == ["part-00000.parquet", "part-00001.parquet"]
    assert "left out by `standardize`" in caplog.text


@pytest.mark.parametrize(("option", "shown"), [(True, "true"), ("center", "center")])
def test_a_table_with_constant_columns_only_cannot_be_standardised(
    write: Write, load: Load, option: bool | str, shown: str
) -> None:
    path = write(as_text(columns(1, 2)))
    expected = f"all 2 random-effect columns are constant, so `standardize: {shown}` leaves none"
    with pytest.raises(UserError, match=expected):
        load(path, fixed_columns=[], standardize=option)


@pytest.mark.parametrize("p", [1, 2, 3, 128, 129, 6000, 500_000])
def test_blocks_hold_all_columns_in_few_files(p: int) -> None:
    widths = part_widths(p)
    assert sum(widths) == p
    assert len(widths) <= cost.MOST_BLOCKS
    assert min(widths) > 0
