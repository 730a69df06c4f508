"""The workflow under a budget that X does not fit: the same results, and what is set is heeded."""

from pathlib import Path

import pytest
import yaml

from runs import Run, digests, small_table, snakemake, write_table

N, P = 253, 3000  # 6 MB of doubles; six blocks at a time are 3.1 MB
JOBS = ("decompose", "fit_em", "fit_mfvi", "compare", "predict", "cross_validate")
GOALS = tuple(
    f"results/t/{file}"
    for file in ("comparison/summary.json", "predictions.parquet", "cross_validation/summary.json")
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set with its results, made in memory."""
    folder = tmp_path_factory.mktemp("memory")
    table = small_table(n=N, c=2, p=P)
    table.loc[:2, "y"] = float("nan")
    write_table(table, folder / "t.txt")
    data = {"path": "t.txt", "missing": "drop_rows", "cross_validation": 2}
    settings = {"run": "t", "datasets": {"t": data}, "mfvi": {"e_step": "sweep"}}
    (folder / "mine.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    done = run(folder)
    assert done.status == 0, done.text
    return folder


def run(folder: Path, *arguments: str) -> Run:
    return snakemake(folder, *GOALS, "--configfile", "mine.yaml", *arguments)


def logged(folder: Path, rule: str) -> str:
    return (folder / "results" / "t" / "logs" / f"{rule}.log").read_text(encoding="utf-8")


def test_a_budget_changes_no_result_and_reruns_nothing(folder: Path) -> None:
    before = digests(folder / "results")
    assert all("is held in memory" in logged(folder, rule) for rule in JOBS)
    assert run(folder, "--config", "memory_mb=4", "--dry-run").jobs == {}
    done = run(folder, "--config", "memory_mb=4", "--forceall")
    assert done.status == 0, done.text
    assert all("read from disk block by block" in logged(folder, rule) for rule in JOBS)
    assert digests(folder / "results") == before


def test_the_memory_that_a_job_is_given_is_its_budget(folder: Path) -> None:
    """As under a profile: 400 MB for the libraries, 8 for four squares of 250, 4 for X."""
    given = ("--set-resources", "fit_em:mem_mb=406", "--forcerun", "fit_em", "--until", "fit_em")
    done = run(folder, *given)
    assert done.status == 0, done.text
    assert "read from disk block by block" in logged(folder, "fit_em")


def test_a_budget_too_small_ends_the_run_with_what_to_set(folder: Path) -> None:
    done = run(folder, "--config", "memory_mb=1", "--forcerun", "decompose")
    assert done.status != 0
    assert "of X (250 x 3000) a job holds some blocks" in done.error
    assert "set `memory_mb` to 4 or more" in done.error
    assert run(folder).status == 0
