"""What a run says at its end of the steps that failed, and of jobs that an earlier run has left."""

import logging
import os
from pathlib import Path

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from mixedmodel.errors import UserError
from mixedmodel.failures import GROUP_ERROR, JOB_ERROR, Failures
from mixedmodel.queued import check_nothing_is_queued


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def failures() -> Failures:
    return Failures()


def tell(failures: Failures, event: str, **told: object) -> None:
    """Hand on a record as Snakemake does."""
    logger = logging.Logger("snakemake")
    logger.addHandler(failures)
    logger.error("Error", extra={"event": event, "indent": False, **told})


def step(rule: str, *logs: str, method: str = "em") -> dict[str, object]:
    """Return what a record says of a step that failed."""
    outputs = [f"results/a/{method}/{file}" for file in ("estimates.json", "trace.parquet")]
    return {"rule_name": rule, "output": outputs, "log": [*logs], "jobid": 3}


def fail(failures: Failures, rule: str, *logs: str, method: str = "em") -> None:
    """Tell of a failed attempt."""
    tell(failures, JOB_ERROR, **step(rule, *logs, method=method))


def test_failed_jobs_are_told_of_by_the_events_that_are_looked_for() -> None:
    assert (LogEvent.JOB_ERROR, LogEvent.GROUP_ERROR) == (JOB_ERROR, GROUP_ERROR)


def test_the_last_attempt_of_a_failed_step_is_named_with_its_reason(
    folder: Path, failures: Failures
) -> None:
    for number in (1, 2):
        fail(failures, "fit_em", "results/a/logs/fit_em.log", f"{number}.log")
    write(
        folder / "results/a/logs/fit_em.log", "12:00:00 INFO: x\n12:00:01 ERROR: no such column\n"
    )
    assert failures.summary() == (
        "Failed: fit_em, see results/a/logs/fit_em.log and 2.log\n    no such column"
    )


def test_steps_that_fail_for_the_same_reason_are_told_together(
    folder: Path, failures: Failures
) -> None:
    fail(failures, "fit_em", "em.log")
    fail(failures, "fit_mfvi", "mfvi.log", method="mfvi")
    for log in ("em.log", "mfvi.log"):
        write(folder / log, "12:00:00 ERROR: no noise\n")
    assert failures.summary() == (
        "Failed: fit_em and fit_mfvi, see em.log and mfvi.log\n    no noise"
    )


def test_a_step_that_was_killed_says_nothing_itself(folder: Path, failures: Failures) -> None:
    fail(failures, "fit_em", "a.log")
    write(folder / "a.log", "12:00:00 INFO: iteration 7\n")
    assert failures.summary().endswith("cancelled perhaps, or out of time or memory")


def test_a_step_that_a_later_attempt_has_done_is_not_named(
    folder: Path, failures: Failures
) -> None:
    fail(failures, "fit_em", "a.log")
    for file in ("estimates.json", "trace.parquet"):
        write(folder / "results/a/em" / file, "")
    assert failures.summary() == "Stopped: a line above says why."


def test_other_records_are_no_failures_of_steps(folder: Path, failures: Failures) -> None:
    tell(failures, LogEvent.ERROR, **step("fit_em", "a.log"))
    assert failures.summary() == "Stopped: a line above says why."


def test_of_a_group_the_step_that_failed_is_named_and_not_those_that_wait_for_it(
    folder: Path, failures: Failures
) -> None:
    steps = [step("deck", "deck.log"), step("plot_em", "plot_em.log", method="plot")]
    tell(failures, GROUP_ERROR, job_error_info=steps, aux_logs=["7.log"])
    for each in steps:
        tell(failures, JOB_ERROR, **each | {"indent": True})
    assert failures.summary().startswith("Failed: deck and plot_em, see deck.log and 7.log and ")
    write(folder / "plot_em.log", "12:00:00 ERROR: no letters\n")
    assert failures.summary() == "Failed: plot_em, see plot_em.log and 7.log\n    no letters"


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
