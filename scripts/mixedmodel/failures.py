"""The last lines of a run that failed: which steps, why, and where their logs are.

Snakemake tells of a failure when it happens; with other data sets going on, and with retries,
that may be far above the end.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

FAILURE = re.compile(r"^Error in rule (\w+):\n((?: {4}.*\n?)+)", re.MULTILINE)
SILENT = "the log names no error: cancelled perhaps, or out of time or memory"


@dataclass(frozen=True)
class Failure:
    """An attempt of a step that failed."""

    rule: str
    output: str  # first of its files
    logs: list[str]
    why: str


def failures(run_logs: Iterable[str | Path]) -> str:
    """Say which steps failed for good, from the logs that Snakemake keeps of the run."""
    last = {failure.output: failure for log in run_logs for failure in _failures(_read(log))}
    alike: dict[str, list[Failure]] = {}
    for failure in last.values():
        alike.setdefault(failure.why, []).append(failure)
    return "\n".join(map(_told, alike.values())) or "Stopped: a line above says why."


def _told(alike: list[Failure]) -> str:
    """Tell of steps that failed for the same reason."""
    rules = " and ".join(dict.fromkeys(failure.rule for failure in alike))
    logs = " and ".join(log for failure in alike for log in failure.logs)
    return f"Failed: {rules}, see {logs}\n    {alike[0].why}"


def _failures(text: str) -> Iterator[Failure]:
    """Yield each attempt that failed, unless a later one made the output."""
    for rule, body in FAILURE.findall(text):
        output, logs = (_paths(body, part) for part in ("output", "log"))
        if not all(Path(file).exists() for file in output):
            why = next(filter(None, map(_error, logs)), SILENT)
            yield Failure(rule, output[0], logs, why)


def _paths(body: str, part: str) -> list[str]:
    """Read one line of Snakemake's report, such as ``log: a, b (check log file(s) ...)``."""
    line = re.search(rf"^    {part}: (.*?)(?: \(.*\))?$", body, re.MULTILINE)
    return line[1].split(", ") if line else []


def _error(log: str) -> str:
    """Return the error that a step's log names, if it names one."""
    errors = re.findall(r" ERROR: (.*)", _read(log)) if Path(log).exists() else []
    return str(errors[-1]) if errors else ""


def _read(log: str | Path) -> str:
    return Path(log).read_text(encoding="utf-8", errors="replace")
