"""One Slurm for all tests here; where it can't run, they are skipped, but never in CI."""

import os
from collections.abc import Iterator

import pytest

from slurm import Slurm, missing, running_slurm


@pytest.fixture(scope="session")
def slurm() -> Iterator[Slurm]:
    lack = missing()
    if lack and os.environ.get("CI") != "true":
        pytest.skip(f"a Slurm of two nodes needs Linux, root, slurm-wlm and munge: {lack}")
    assert lack == [], "in CI these tests must run: install slurm-wlm and munge"
    with running_slurm() as started:
        yield started
