"""The last lines of a run that failed: which steps, why, and where their logs are.

Snakemake tells of a failure when it happens; with other data sets going on, and with retries,
that may be far above the end.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

FAILURE = re.compile(r"^Error in rule (\w+):\n((?: {4}.*\n?)+)", re.MULTILINE)
SILENT = "the log names no error: cancelled perhaps, or out of time or memory"


def failures(run_logs: Iterable[str | Path]) -> str:
    """Say which steps failed for good, from the logs that Snakemake keeps of the run."""
    lines = dict(failure for log in run_logs for failure in _failures(_read(log)))
    return "\n".join(lines.values()) or "Stopped: a line above says why."


def _failures(text: str) -> Iterator[tuple[str, str]]:
    """Yield output and report of each attempt that failed, unless a later one made the output."""
    for rule, body in FAILURE.findall(text):
        output, logs = (_paths(body, part) for part in ("output", "log"))
        if not all(Path(file).exists() for file in output):
            why = next(filter(None, map(_error, logs)), SILENT)
            yield output[0], f"Failed: {rule}, see {' and '.join(logs)}\n    {why}"


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
