"""The last lines of a run that failed: which steps, why, and where their logs are.

Snakemake tells of a failure when it happens; with other data sets going on, and with retries,
that may be far above the end. Its records carry rule, files and logs, so none of its text is read.
"""

import logging
import re
from dataclasses import dataclass
from pathlib import Path

JOB_ERROR = "job_error"  # the event of Snakemake's records that tell of an attempt that failed
SILENT = "the log names no error: cancelled perhaps, or out of time or memory"


@dataclass(frozen=True)
class Failure:
    """An attempt of a step that failed."""

    rule: str
    outputs: list[str]
    logs: list[str]

    @property
    def why(self) -> str:
        """Return the error that a log of the step names, if one does."""
        return next(filter(None, map(_error, self.logs)), SILENT)

    @property
    def is_final(self) -> bool:
        """Tell whether no later attempt has made the outputs."""
        return not all(Path(file).exists() for file in self.outputs)


class Failures(logging.Handler):
    """A handler of Snakemake's records that keeps the last failure of each step."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._last: dict[tuple[str, ...], Failure] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record if it tells of a failed attempt."""
        if getattr(record, "event", None) == JOB_ERROR:
            told = vars(record)
            failure = Failure(told["rule_name"], told["output"], told["log"])
            self._last[tuple(failure.outputs)] = failure

    def summary(self) -> str:
        """Say which steps failed for good, those for the same reason together."""
        alike: dict[str, list[Failure]] = {}
        for failure in self._last.values():
            if failure.is_final:
                alike.setdefault(failure.why, []).append(failure)
        return "\n".join(map(_told, alike.values())) or "Stopped: a line above says why."


def _told(alike: list[Failure]) -> str:
    """Tell of steps that failed for the same reason."""
    rules = " and ".join(dict.fromkeys(failure.rule for failure in alike))
    logs = " and ".join(log for failure in alike for log in failure.logs)
    return f"Failed: {rules}, see {logs}\n    {alike[0].why}"


def _error(log: str) -> str:
    """Return the error that a step's log names, if it names one."""
    if not Path(log).exists():
        return ""
    errors = re.findall(r" ERROR: (.*)", Path(log).read_text(encoding="utf-8", errors="replace"))
    return str(errors[-1]) if errors else ""
