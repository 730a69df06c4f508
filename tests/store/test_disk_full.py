"""A disk that fills while a table is imported: one message, nothing half-written."""

import errno
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from runs import small_table
from steps import Broken, Refused, Steps, import_table

TABLE = small_table(n=300, c=2, p=300)  # 720 kB of doubles


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """Have the system refuse what is written beyond ``size`` bytes of any file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def saved(table: pd.DataFrame, path: Path, kind: str) -> Path:
    """Write a table by rows, which is spilled, or by columns, which is written as parts at once."""
    if kind == "text":
        table.to_csv(path, sep="\t", index=False)
    else:
        table.to_parquet(path)
    return path


@pytest.mark.parametrize("kind", ["text", "parquet"])
def test_a_full_disk_is_told_and_a_rerun_works(tmp_path: Path, kind: str) -> None:
    source = saved(TABLE, tmp_path / "t", kind)
    steps = Steps(tmp_path / "results")
    with (
        no_file_beyond(200_000),
        pytest.raises(Refused, match=r"there is no room to write .*make room on the disk"),
    ):
        import_table(steps, source)
    assert list((steps.folder / "table").iterdir()) == []
    import_table(steps, source)
    parts = sorted((steps.folder / "table" / "random").iterdir())
    assert [pq.read_metadata(part).num_columns for part in parts] == [256, 44]


def test_other_errors_of_the_system_keep_their_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, "the disk is broken")

    monkeypatch.setattr("mixedmodel.store.spill.Spill.append", refuse)
    with pytest.raises(Broken, match="the disk is broken"):
        import_table(Steps(tmp_path / "results"), saved(TABLE, tmp_path / "t", "text"))
