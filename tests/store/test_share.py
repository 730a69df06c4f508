"""Shares of the columns: every part belongs to one, and together they are the whole."""

from pathlib import Path

import numpy as np
import pytest

from mixedmodel.errors import UserError
from mixedmodel.store.share import Share, read_gram, write_gram


@pytest.mark.parametrize(("parts", "jobs"), [(1, 1), (5, 1), (5, 2), (5, 5), (256, 7)])
def test_every_part_belongs_to_one_share_in_order(parts: int, jobs: int) -> None:
    ranges = [Share.of("gram", f"{k}-of-{jobs}").range_of(parts) for k in range(1, jobs + 1)]
    assert [part for each in ranges for part in each] == list(range(parts))
    sizes = [len(each) for each in ranges]
    assert max(sizes) - min(sizes) <= 1


def test_more_jobs_than_parts_are_refused_with_what_to_set() -> None:
    with pytest.raises(UserError, match=r"X has 1 part, which 2 jobs .*scatter: \{effects: 1\}"):
        Share("effects", 1, 2).range_of(1)
    assert list(Share("effects", 2, 2).range_of(1)) == [0]


def test_what_shares_add_is_summed_in_their_order(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    pieces = [rng.normal(size=(4, 4)) * scale for scale in (1e-9, 1.0, 1e9)]
    paths = [tmp_path / f"{k}.npy" for k in range(3)]
    for path, piece in zip(paths, pieces, strict=True):
        write_gram(path, piece)
    assert read_gram(paths).tolist() == ((pieces[0] + pieces[1]) + pieces[2]).tolist()
