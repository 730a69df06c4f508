"""The workflow killed at any moment and started again: the same bytes, and nothing half-written."""

import os
import random
import shutil
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
SPECTRUM = ("results/small/spectral/decomposition.npz",)
COMPARISON = ("results/small/comparison/summary.json",)
NUMBERS = ("results/small/tables/parameters.csv", "results/small/predictions.parquet")
FIGURES = tuple(
    f"results/small/figures/{stem}.png"
    for stem in ("data_overview", "em_climb", "mfvi_gap", "profile")
)
ALL = ()
STAGES = (SPECTRUM, COMPARISON, NUMBERS, FIGURES, ALL)  # each begins where the one before ended
MOMENTS = (*(SPECTRUM, COMPARISON, NUMBERS) * 5, *(FIGURES, ALL) * 2)  # their stages

STARTED = 0.3  # share of a stage, before which Snakemake only reads its rules


@dataclass(frozen=True)
class Stage:
    """A part of the way when nothing happens: where it begins, how long it takes."""

    folder: Path  # as it is left by the stage before
    seconds: float


@dataclass(frozen=True)
class Undisturbed:
    """What the run makes when nothing happens, in all and stage by stage."""

    digests: dict[str, str]
    stages: dict[tuple[str, ...], Stage]

    @property
    def seconds(self) -> float:
        return sum(stage.seconds for stage in self.stages.values())


def arguments(folder: Path, goal: tuple[str, ...]) -> list[str]:
    settings = folder / "mine.yaml"
    settings.write_text(yaml.safe_dump(SETTINGS), encoding="utf-8")
    return [*goal, "--configfile", str(settings)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    folder, stages = tmp_path_factory.mktemp("undisturbed"), {}
    for number, goal in enumerate(STAGES):
        before = tmp_path_factory.mktemp(f"stage{number}")
        shutil.copytree(folder, before, dirs_exist_ok=True)
        start = time.monotonic()
        done = snakemake(folder, *arguments(folder, goal))
        assert done.status == 0, done.text
        stages[goal] = Stage(before, time.monotonic() - start)
    return Undisturbed(digests(folder / "results"), stages)


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


def kill_and_take_up(
    undisturbed: Undisturbed, folder: Path, goal: tuple[str, ...], seconds: float, *, alone: bool
) -> dict[str, str]:
    """Kill a run, start it again, and return what it made in the end."""
    run_and_kill(folder, goal, seconds, alone=alone)
    assert complete(folder / "results").items() <= undisturbed.digests.items()
    unlocked = snakemake(folder, "--unlock", *arguments(folder, ()))
    assert unlocked.status == 0, unlocked.text
    again = snakemake(folder, *arguments(folder, goal))
    assert again.status == 0, again.text
    made = digests(folder / "results")
    assert made == {file: undisturbed.digests[file] for file in made}
    assert list(folder.glob(".snakemake/locks/*")) == []
    return made


def test_a_run_killed_on_its_whole_way_is_taken_up_where_it_was(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    seconds = random.Random(0).uniform(STARTED, 1) * undisturbed.seconds
    made = kill_and_take_up(undisturbed, tmp_path, ALL, seconds, alone=False)
    assert made == undisturbed.digests


@pytest.mark.parametrize("moment", range(len(MOMENTS)))
def test_a_run_killed_on_a_stage_of_its_way_is_taken_up_where_it_was(
    undisturbed: Undisturbed, tmp_path: Path, moment: int
) -> None:
    goal = MOMENTS[moment]
    stage = undisturbed.stages[goal]
    shutil.copytree(stage.folder, tmp_path, dirs_exist_ok=True)
    seconds = random.Random(moment).uniform(STARTED, 1) * stage.seconds
    made = kill_and_take_up(undisturbed, tmp_path, goal, seconds, alone=moment % 2 == 1)
    assert {file.removeprefix("results/") for file in goal} <= made.keys()
    assert (made == undisturbed.digests) is (goal == ALL)
