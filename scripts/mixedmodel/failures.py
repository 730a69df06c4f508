"""The last lines of a run that failed: which steps, why, and where their logs are.

Snakemake tells of a failure when it happens; with other data sets going on, and with retries,
that may be far above the end. Its records carry rule, files and logs, so none of its text is read.
"""

import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JOB_ERROR, GROUP_ERROR = "job_error", "group_error"  # events of Snakemake's records
SILENT = "the log names no error: cancelled perhaps, or out of time or memory"


@dataclass(frozen=True)
class Failure:
    """An attempt of a step that failed."""

    rule: str
    outputs: tuple[str, ...]
    logs: tuple[str, ...]

    @property
    def error(self) -> str:
        """Return the error that a log of the step names, if one does."""
        return next(filter(None, map(_error, self.logs)), "")

    @property
    def is_final(self) -> bool:
        """Tell whether no later attempt has made the outputs."""
        return not all(Path(file).exists() for file in self.outputs)


class Failures(logging.Handler):
    """A handler of Snakemake's records that keeps the last failure of each step."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._last: dict[tuple[str, ...], list[Failure]] = {}  # by outputs; a group has several

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record if it tells of a failed attempt of a step or of a group of steps."""
        told = vars(record)
        if told.get("event") == GROUP_ERROR:
            self._keep(told["job_error_info"], told["aux_logs"])
        elif told.get("event") == JOB_ERROR and not told["indent"]:  # else its group has told of it
            self._keep([told], [])

    def _keep(self, steps: list[dict[str, Any]], logs: list[str]) -> None:
        failures = [
            Failure(step["rule_name"], tuple(step["output"]), (*step["log"], *logs))
            for step in steps
        ]
        self._last[tuple(file for failure in failures for file in failure.outputs)] = failures

    def summary(self) -> str:
        """Say which steps failed for good, those for the same reason together.

        Steps of a group that only wait for another one haven't failed.
        """
        alike: dict[str, list[Failure]] = {}
        for group in self._last.values():
            final = [failure for failure in group if failure.is_final]
            for failure in [failure for failure in final if failure.error] or final:
                alike.setdefault(failure.error or SILENT, []).append(failure)
        return (
            "\n".join(_told(*item) for item in alike.items()) or "Stopped: a line above says why."
        )


def _told(why: str, alike: list[Failure]) -> str:
    """Tell of steps that failed for the same reason."""
    rules = " and ".join(dict.fromkeys(failure.rule for failure in alike))
    logs = " and ".join(dict.fromkeys(log for failure in alike for log in failure.logs))
    return f"Failed: {rules}, see {logs}\n    {why}"


def _error(log: str) -> str:
    """Return the error that a step's log names, if it names one."""
    if not Path(log).exists():
        return ""
    errors = re.findall(r" ERROR: (.*)", Path(log).read_text(encoding="utf-8", errors="replace"))
    return str(errors[-1]) if errors else ""
