from pathlib import Path

import numpy as np
import pytest

from mixedmodel.store import spill as module
from mixedmodel.store.spill import Spill


def test_rows_come_back_by_groups_of_columns_in_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK_BYTES", 3 * 8 * 2)
    table = np.arange(35.0).reshape(7, 5)
    spill = Spill(tmp_path, [2, 3])
    spill.append(table[:4])
    spill.append(table[4:])
    assert [len(chunk) for chunk in spill.chunks(0)] == [3, 3, 1]
    assert np.vstack(list(spill.chunks(0))).tolist() == table[:, :2].tolist()
    assert np.vstack(list(spill.chunks(1))).tolist() == table[:, 2:].tolist()


def test_a_discarded_group_leaves_no_file(tmp_path: Path) -> None:
    spill = Spill(tmp_path, [1])
    spill.append(np.ones((2, 1)))
    spill.discard(0)
    assert list(tmp_path.iterdir()) == []


def test_a_spill_without_rows_has_no_file_and_no_chunk(tmp_path: Path) -> None:
    spill = Spill(tmp_path, [1, 2])
    spill.append(np.empty((0, 3)))
    assert list(tmp_path.iterdir()) == []
    assert list(spill.chunks(0)) == []
    spill.discard(0)
