"""The workflow killed at any moment and started again: the same bytes, and nothing half-written."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from runs import ROOT, digests, snakemake

pytestmark = pytest.mark.xdist_group("killed")

SETTINGS = {
    "run": ["small"],
    "datasets": {"small": {"simulate": {"n": 40, "fixed": 2, "random": 60, "pve": 0.5, "seed": 1}}},
}
NUMBERS, ALL = ("results/small/tables/parameters.csv",), ()
MOMENTS = 20


@dataclass(frozen=True)
class Undisturbed:
    """What the run makes when nothing happens, and the seconds that it takes up to each goal."""

    digests: dict[str, str]
    seconds: dict[tuple[str, ...], float]


def arguments(folder: Path, goal: tuple[str, ...]) -> list[str]:
    settings = folder / "mine.yaml"
    settings.write_text(yaml.safe_dump(SETTINGS), encoding="utf-8")
    return [*goal, "--configfile", str(settings)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    folder = tmp_path_factory.mktemp("undisturbed")
    start, seconds = time.monotonic(), {}
    for goal in (NUMBERS, ALL):
        done = snakemake(folder, *arguments(folder, goal))
        assert done.status == 0, done.text
        seconds[goal] = time.monotonic() - start
    return Undisturbed(digests(folder / "results"), seconds)


def run_and_kill(folder: Path, goal: tuple[str, ...], seconds: float, *, alone: bool) -> None:
    """Kill a run after some seconds: Snakemake ``alone``, whose steps then end, or all with it."""
    profile = ["--workflow-profile", str(ROOT / "workflow" / "profiles" / "default")]
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    run = subprocess.Popen(
        [*command, *arguments(folder, goal), *profile, "--cores", "2"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(seconds)
    with suppress(ProcessLookupError):
        (os.kill if alone else os.killpg)(run.pid, signal.SIGKILL)
    run.wait()
    while is_at_work(run.pid):
        time.sleep(0.1)


def is_at_work(group: int) -> bool:
    """Say whether a process group has a process that is more than an entry in a list."""
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            state, _, its_group = file.read_text("utf-8").rpartition(")")[2].split()[:3]
            if state != "Z" and int(its_group) == group:
                return True
    return False


def complete(results: Path) -> dict[str, str]:
    """Digests of the files under their final names: what begins with a dot isn't done yet."""
    found = digests(results) if results.exists() else {}
    return {file: digest for file, digest in found.items() if "/." not in file}


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_killed_run_is_taken_up_where_it_was(
    undisturbed: Undisturbed, tmp_path: Path, moment: int
) -> None:
    goal = ALL if moment % 10 == 0 else NUMBERS
    seconds = random.Random(moment).uniform(0.5, undisturbed.seconds[goal])
    run_and_kill(tmp_path, goal, seconds, alone=moment % 2 == 1)
    assert complete(tmp_path / "results").items() <= undisturbed.digests.items()
    unlocked = snakemake(tmp_path, "--unlock", *arguments(tmp_path, ()))
    assert unlocked.status == 0, unlocked.text
    again = snakemake(tmp_path, *arguments(tmp_path, goal))
    assert again.status == 0, again.text
    made = digests(tmp_path / "results")
    assert made == {file: undisturbed.digests[file] for file in made}
    assert ("small/deck.pptx" in made) is (goal == ALL)
    assert "small/comparison/summary.json" in made
    assert list(tmp_path.glob(".snakemake/locks/*")) == []
