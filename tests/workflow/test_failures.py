"""What a run says at its end of the steps that failed, and of jobs that an earlier run has left."""

import os
from pathlib import Path

import pytest

from mixedmodel.errors import UserError
from mixedmodel.failures import failures
from mixedmodel.queued import check_nothing_is_queued

REPORT = """Error in rule {rule}:
    message: None
    jobid: 3
    output: results/{name}/em/estimates.json, results/{name}/em/trace.parquet
    log: {logs} (check log file(s) for error details)
    external_jobid: 7
Trying to restart job 3.
"""


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_last_attempt_of_a_failed_step_is_named_with_its_reason(folder: Path) -> None:
    attempts = [
        REPORT.format(rule="fit_em", name="a", logs=f"results/a/logs/fit_em.log, {number}.log")
        for number in (1, 2)
    ]
    write(folder / "run.log", "".join(attempts))
    write(
        folder / "results/a/logs/fit_em.log", "12:00:00 INFO: x\n12:00:01 ERROR: no such column\n"
    )
    assert failures(["run.log"]) == (
        "Failed: fit_em, see results/a/logs/fit_em.log and 2.log\n    no such column"
    )


def test_steps_that_fail_for_the_same_reason_are_told_together(folder: Path) -> None:
    text = REPORT.format(rule="fit_em", name="a", logs="em.log")
    other = REPORT.format(rule="fit_mfvi", name="a", logs="mfvi.log").replace("/em/", "/mfvi/")
    write(folder / "run.log", text + other)
    for log in ("em.log", "mfvi.log"):
        write(folder / log, "12:00:00 ERROR: no noise\n")
    assert failures(["run.log"]) == (
        "Failed: fit_em and fit_mfvi, see em.log and mfvi.log\n    no noise"
    )


def test_a_step_that_was_killed_says_nothing_itself(folder: Path) -> None:
    write(folder / "run.log", REPORT.format(rule="fit_em", name="a", logs="a.log"))
    write(folder / "a.log", "12:00:00 INFO: iteration 7\n")
    assert failures(["run.log"]).endswith("cancelled perhaps, or out of time or memory")


def test_a_step_that_a_later_attempt_has_done_is_not_named(folder: Path) -> None:
    write(folder / "run.log", REPORT.format(rule="fit_em", name="a", logs="a.log"))
    for file in ("estimates.json", "trace.parquet"):
        write(folder / "results/a/em" / file, "")
    assert failures(["run.log"]) == "Stopped: a line above says why."


def queue(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Put a ``squeue`` that prints ``text`` before all others."""
    write(folder / "bin" / "squeue", f"#!/bin/sh\ncat <<'END'\n{text}END\n")
    (folder / "bin" / "squeue").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")


def test_jobs_in_the_folder_are_refused_with_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(tmp_path, monkeypatch, f"12 {tmp_path}\n13 /elsewhere\n14 {tmp_path}\n")
    with pytest.raises(UserError, match=r"here: 12 14\n.*\(scancel 12 14\)"):
        check_nothing_is_queued(tmp_path)


def test_jobs_elsewhere_and_no_slurm_at_all_are_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(tmp_path, monkeypatch, f"13 {tmp_path / 'deeper'}\n")
    check_nothing_is_queued(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    check_nothing_is_queued(tmp_path)
