"""One Slurm for all tests here; where it can't run, they are skipped, but never in CI."""

from collections.abc import Iterator

import pytest

from runs import need
from slurm import Slurm, missing, running_slurm


@pytest.fixture(scope="session")
def slurm() -> Iterator[Slurm]:
    lack = missing()
    need(not lack, f"a machine for a Slurm of two nodes (slurm-wlm, munge); here: {lack}")
    with running_slurm() as started:
        yield started
