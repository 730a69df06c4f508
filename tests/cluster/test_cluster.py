"""The workflow on a real Slurm of two nodes: the same results as at home, whatever happens.

Jobs are held by ``faults/sitecustomize.py``, so that a fault strikes while a file is half-written.
"""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from mixedmodel.model.cost import WIDTH
from runs import ROOT, Run, digests, small_table, snakemake, write_table
from slurm import Job, Slurm, wait_until

pytestmark = pytest.mark.xdist_group("cluster")

SIMULATE = {"n": 80, "fixed": 3, "random": 120, "pve": 0.5, "seed": 7}
OVERVIEW = "results/many/tables/responses.csv"
IN_A_GROUP = {
    *("deck", "tables", "table_cross_validation"),
    *(f"plot_{what}" for what in ("em", "mfvi", "comparison", "predictions", "cross_validation")),
}
DISTURBED = ("cancelled", "slow", "greedy")
QUICK = {
    "slurm": "--slurm-init-seconds-before-status-checks",
    "cluster-generic": "--seconds-between-status-checks",
}
LIMIT = 900  # seconds for a run; the machine may be busy


@dataclass(frozen=True)
class Started:
    """A run of Snakemake on the cluster that is going on."""

    folder: Path
    process: subprocess.Popen[str]

    def finish(self) -> Run:
        """Wait until it ends."""
        text, _ = self.process.communicate(timeout=LIMIT)
        return Run(self.process.returncode, text)


def start(
    slurm: Slurm, folder: Path, *arguments: str, profile: str = "slurm", seconds: int = 1
) -> Started:
    """Start Snakemake in ``folder`` with a profile of the project, asking Slurm every ``seconds``.

    It heeds an interrupt also where these tests run in the background of a shell, which ignores it.
    """
    paths = ["--snakefile", str(ROOT / "Snakefile")]
    paths += ["--workflow-profile", str(ROOT / "workflow" / "profiles" / profile)]
    options = ["--configfile", "mine.yaml", "--retries", "1", QUICK[profile], "1"]
    here = Path(__file__).parent
    command = [sys.executable, str(here / "impatient.py"), *arguments, *paths, *options]
    faults = {"PYTHONPATH": str(here / "faults"), "FAULTS": str(folder), "NO_COLOR": "1"}
    faults["SECONDS"] = str(seconds)
    process = subprocess.Popen(
        slurm.inside("env", "--default-signal=INT", *command, folder=folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env={**os.environ, **faults},
    )
    return Started(folder, process)


def fit_of(dataset: str) -> str:
    return f"results/{dataset}/mfvi/estimates.json"


@dataclass(frozen=True)
class Hold:
    """A request that holds the mean-field fit of a data set before its first file is done."""

    request: Path

    def wait_until_seen(self) -> None:
        """Wait until a job is held, and forget that it was seen."""
        seen = self.request.with_name(f"{self.request.name}.seen")
        wait_until(seen.exists, f"a job comes to {self.request.name}")
        seen.unlink()

    def release(self) -> None:
        """Let jobs go on, those to come too."""
        self.request.unlink()


def hold(folder: Path, dataset: str, megabytes: int = 0) -> Hold:
    """Ask that the fit of ``dataset`` be held, with this memory, under a partial name."""
    request = folder / f"{dataset}-mfvi-estimates.json"
    request.write_text(str(megabytes), encoding="ascii")
    return Hold(request)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run ``a``, ``b`` and ``many`` at home, and the others up to the fits, to be copied."""
    folder = tmp_path_factory.mktemp("home")
    lay_out(folder)
    goals = [
        "all",
        OVERVIEW,
        *(f"results/{dataset}/spectral/decomposition.npz" for dataset in DISTURBED),
    ]
    done = snakemake(folder, *goals, "--configfile", "mine.yaml", "--config", "run=[a, b]")
    assert done.status == 0, done.text
    return folder


def lay_out(folder: Path) -> None:
    """Write three tables, one of them spoilt, and settings that name them and simulated ones.

    The responses of ``many`` are observed in different rows.
    """
    table = small_table(n=40, c=2, p=60, seed=3)
    write_table(table, folder / "b.txt")
    spoilt = table.astype(object)
    spoilt.iloc[4, 0] = "tall"
    write_table(spoilt, folder / "spoilt.txt")
    table.insert(1, "u", 2 * table["X.1"] + table["X.2"] - table["y"])
    table.loc[[3, 8], "u"] = float("nan")
    write_table(table, folder / "many.txt")
    datasets = {
        "b": {"path": "b.txt", "cross_validation": 0},
        "many": {"path": "many.txt", "response": ["y", "u"], "missing": "drop_rows"},
        "spoilt": {"path": "spoilt.txt"},
        "wide": {"simulate": {**SIMULATE, "random": 2 * WIDTH}, "cross_validation": 0},
        **{name: {"simulate": SIMULATE} for name in ("a", *DISTURBED)},
    }
    settings = yaml.safe_dump({"run": ["a", "b", "spoilt"], "datasets": datasets})
    (folder / "mine.yaml").write_text(settings, encoding="utf-8")


@pytest.fixture
def copy(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what was made at home, with what Snakemake knows of it."""
    return copy_to(tmp_path_factory.mktemp("copy"), home)


def copy_to(folder: Path, home: Path) -> Path:
    """Copy ``home`` to a folder of the same depth, as Snakemake remembers relative paths."""
    return Path(shutil.copytree(home, folder, dirs_exist_ok=True))


def assert_as_at_home(home: Path, folder: Path, dataset: str) -> None:
    """Check the fit of a disturbed data set, whose table is that of ``a``, and what is left."""
    there = digests(folder / "results" / dataset / "mfvi")
    assert there == digests(home / "results" / "a" / "mfvi")
    assert len(there) == 3
    assert_nothing_is_left(folder)


def assert_nothing_is_left(folder: Path) -> None:
    places = (".snakemake/locks/*", ".snakemake/incomplete/*", "results/**/*.partial")
    assert [str(file) for place in places for file in folder.glob(place)] == []


@dataclass(frozen=True)
class Runs:
    """Runs on the cluster that went on at the same time, their folders and Slurm's jobs."""

    folders: dict[str, Path]
    slurm: Run
    generic: Run
    disturbed: Run
    jobs: dict[str, list[Job]]


@pytest.fixture(scope="module")
def runs(slurm: Slurm, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Run ``a`` and ``many`` on Slurm, ``b`` by the generic executor, and fits that Slurm ends."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("slurm", "generic", "disturbed")}
    disturbed = start_disturbed(slurm, copy_to(folders["disturbed"], home))
    for name in ("slurm", "generic"):
        lay_out(folders[name])
    partitions = ["fit_em:slurm_partition=one", "fit_mfvi:slurm_partition=two"]
    spoilt = ("--config", "run=[a, spoilt]")
    options = (*spoilt, "--set-resources", *partitions)
    everything = start(slurm, folders["slurm"], "all", OVERVIEW, *options)
    only_b = ("--config", "run=b")
    generic = start(slurm, folders["generic"], *only_b, profile="cluster-generic")
    disturb(slurm, disturbed.folder)
    ended = [started.finish() for started in (everything, generic, disturbed)]
    return Runs(folders, *ended, {name: slurm.jobs(folders[name]) for name in folders})


def start_disturbed(slurm: Slurm, folder: Path) -> Started:
    """Start fits that are held; one of them needs more memory than it asks for at first."""
    for dataset in DISTURBED:
        hold(folder, dataset, megabytes=700 if dataset == "greedy" else 0)
    resources = ["fit_mfvi:runtime=1*attempt", "fit_mfvi:mem_mb=600*attempt"]
    goals = [fit_of(dataset) for dataset in DISTURBED]
    return start(slurm, folder, *goals, "--set-resources", *resources)


def disturb(slurm: Slurm, folder: Path) -> None:
    """Cancel one job, wait until the others are too long and too big, and let the next ones go."""

    def ended(dataset: str) -> list[Job]:
        jobs = [job for job in slurm.jobs(folder) if job.dataset == dataset]
        return [job for job in jobs if job.state in ("CANCELLED", "FAILED", "TIMEOUT")]

    held = {dataset: Hold(folder / f"{dataset}-mfvi-estimates.json") for dataset in DISTURBED}
    held["cancelled"].wait_until_seen()
    [job] = [job for job in slurm.queue(folder) if job.dataset == "cancelled"]
    slurm.call("scancel", job.number)
    for dataset in DISTURBED:
        wait_until(lambda: ended(dataset), f"Slurm ends the job of {dataset}")  # noqa: B023
        held[dataset].release()


@pytest.mark.parametrize(("run", "dataset"), [("slurm", "a"), ("generic", "b")])
def test_every_result_is_that_of_the_run_at_home(
    runs: Runs, home: Path, run: str, dataset: str
) -> None:
    there, at_home = (digests(folder / "results" / dataset) for folder in (runs.folders[run], home))
    assert there == at_home
    assert len(there) > 40
    assert_nothing_is_left(runs.folders[run])


def test_several_responses_find_their_rows_on_the_cluster_too(runs: Runs, home: Path) -> None:
    there, at_home = (
        digests(folder / "results" / "many") for folder in (runs.folders["slurm"], home)
    )
    assert there == at_home
    decomposed = [file for file in there if file.endswith("decomposition.npz")]
    assert sorted(decomposed) == [f"shared/{k}/spectral/decomposition.npz" for k in (1, 2)]


def test_nothing_fails_through_the_generic_executor(runs: Runs) -> None:
    assert runs.generic.status == 0, runs.generic.text
    logs = (runs.folders["generic"] / "results/b/logs").iterdir()
    rules = {log.stem for log in logs} - IN_A_GROUP | {"draw_equations", "GROUP"}
    assert sorted(job.rule for job in runs.jobs["generic"]) == sorted(rules)
    assert {job.state for job in runs.jobs["generic"]} == {"COMPLETED"}


@pytest.mark.parametrize(("run", "name"), [("slurm", "report_"), ("generic", "GROUP")])
def test_what_follows_the_comparison_is_one_job_of_two_cores(
    runs: Runs, run: str, name: str
) -> None:
    [group] = [job for job in runs.jobs[run] if job.rule.startswith(name)]
    assert (group.state, group.cores) == ("COMPLETED", 2)
    assert {job.rule for job in runs.jobs[run]} & IN_A_GROUP == set()


def test_both_methods_run_at_the_same_time_on_different_nodes(runs: Runs) -> None:
    jobs = {job.rule: job for job in runs.jobs["slurm"] if job.dataset == "a"}
    em, mfvi = jobs["fit_em"], jobs["fit_mfvi"]
    assert (em.node, mfvi.node) == ("node1", "node2")
    assert max(em.start, mfvi.start) < min(em.end, mfvi.end)


def test_jobs_are_spread_over_the_nodes(runs: Runs) -> None:
    for jobs in runs.jobs.values():
        others = [job for job in jobs if job.rule not in ("fit_em", "fit_mfvi")]
        assert not others or {job.node for job in others} == {"node1", "node2"}


def test_a_data_set_that_fails_stops_no_other_and_is_named_at_the_end(runs: Runs) -> None:
    assert runs.slurm.status != 0
    end = runs.slurm.text.rpartition("Exiting because a job execution failed")[2]
    assert "Failed: import_table, see results/spoilt/logs/import_table.log" in end
    assert end.count("Failed: ") == 1
    assert "spoilt.txt: line 6, column 'y' holds 'tall'" in end
    folder = runs.folders["slurm"] / "results"
    assert {deck.parent.name for deck in folder.glob("*/deck.pptx")} == {"a"}
    assert {path.name for path in (folder / "spoilt").iterdir()} <= {"logs", "benchmarks"}


@pytest.mark.parametrize(
    ("dataset", "state"), [("cancelled", "CANCELLED"), ("slow", "TIMEOUT"), ("greedy", "FAILED")]
)
def test_a_job_that_slurm_ends_is_tried_again(
    runs: Runs, home: Path, dataset: str, state: str
) -> None:
    assert runs.disturbed.status == 0, runs.disturbed.text
    jobs = [job for job in runs.jobs["disturbed"] if job.dataset == dataset]
    assert [job.state for job in jobs] == [state, "COMPLETED"]
    assert_as_at_home(home, runs.folders["disturbed"], dataset)


def test_what_slurm_killed_for_its_memory_says_so(runs: Runs) -> None:
    logs = (runs.folders["disturbed"] / ".snakemake" / "slurm_logs").rglob("*.log")
    texts = [log.read_text(encoding="utf-8") for log in logs]
    assert len([text for text in texts if "exceeded memory limit" in text]) == 1


def test_a_node_that_dies_is_replaced_by_the_other(slurm: Slurm, home: Path, copy: Path) -> None:
    held = hold(copy, "slow")
    started = start(slurm, copy, fit_of("slow"))
    held.wait_until_seen()
    [job] = slurm.queue(copy)
    slurm.crash(job)
    try:
        held.wait_until_seen()
        held.release()
        done = started.finish()
        assert done.status == 0, done.text
        first, second = slurm.jobs(copy)
        assert (first.state, second.state) == ("NODE_FAIL", "COMPLETED")
        assert first.node != second.node
        assert_as_at_home(home, copy, "slow")
    finally:
        slurm.start_node(job.node)
        slurm.wait_until_idle()


def test_jobs_that_share_the_columns_run_at_the_same_time_on_both_nodes(
    slurm: Slurm, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folders = [tmp_path_factory.mktemp(name) for name in ("shared", "alone")]
    for folder in folders:
        lay_out(folder)
    wide = "results/wide/comparison/summary.json"
    goals = (wide, "--set-scatter", "gram=2", "effects=2")
    one_a_node = ("--set-resources", "gram:mem_mb=9000", "effects:mem_mb=9000")
    held = {
        kind: [Hold(folders[0] / f"{kind}-{k}-of-2.{ending}") for k in (1, 2)]
        for kind, ending in (("spectral-gram", "npy"), ("em-seen", "parquet"))
    }
    for each in (each for jobs in held.values() for each in jobs):
        each.request.write_text("0", encoding="ascii")
    started = start(slurm, folders[0], *goals, *one_a_node)
    for jobs in held.values():
        for each in jobs:
            each.wait_until_seen()
        sharing = [job for job in slurm.queue(folders[0]) if job.rule in ("gram", "effects")]
        both = [job for job in sharing if job.state == "RUNNING" and "mfvi" not in job.dataset]
        assert {job.node for job in both} == {"node1", "node2"}
        for each in jobs:
            each.release()
    done = started.finish()
    assert done.status == 0, done.text
    done = snakemake(folders[1], *goals, "--configfile", "mine.yaml")
    assert done.status == 0, done.text
    assert digests(folders[0] / "results") == digests(folders[1] / "results")


@pytest.mark.parametrize("profile", QUICK)
def test_an_interrupted_run_cancels_its_jobs(
    slurm: Slurm, home: Path, copy: Path, profile: str
) -> None:
    held = hold(copy, "slow")
    # while Snakemake asks for their state it has no list of its jobs: not often here
    started = start(slurm, copy, fit_of("slow"), profile=profile, seconds=20)
    held.wait_until_seen()
    os.kill(started.process.pid, signal.SIGINT)
    assert started.finish().status != 0
    wait_until(lambda: not slurm.queue(copy), "the queue is empty")
    assert not (copy / fit_of("slow")).exists()
    assert list(copy.glob(".snakemake/locks/*")) == []
    held.release()
    again = start(slurm, copy, fit_of("slow"), profile=profile).finish()
    assert again.status == 0, again.text
    assert_as_at_home(home, copy, "slow")


@pytest.mark.parametrize("profile", QUICK)
def test_jobs_of_a_killed_run_are_not_overlooked(
    slurm: Slurm, home: Path, copy: Path, profile: str
) -> None:
    held = hold(copy, "slow")
    started = start(slurm, copy, fit_of("slow"), profile=profile)
    held.wait_until_seen()
    started.process.kill()
    started.finish()
    [job] = slurm.queue(copy)
    assert not (copy / fit_of("slow")).exists()
    assert "--unlock" in start(slurm, copy, fit_of("slow"), profile=profile).finish().text
    unlocked = start(slurm, copy, "--unlock", profile=profile).finish()
    assert unlocked.status == 0, unlocked.text
    refused = start(slurm, copy, fit_of("slow"), profile=profile).finish()
    assert refused.status != 0
    assert f"still wait or work here: {job.number}" in refused.error
    slurm.call("scancel", job.number)
    wait_until(lambda: not slurm.queue(copy), "the queue is empty")
    held.release()
    again = start(slurm, copy, fit_of("slow"), profile=profile).finish()
    assert again.status == 0, again.text
    assert_as_at_home(home, copy, "slow")
