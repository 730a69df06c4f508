"""A run on the terminal: a line for each step as it begins, with how far the run is.

Snakemake's records tell of the steps; its own handler writes everything else as it would.
"""

import logging
from typing import Any, TextIO

JOB_INFO, RUN_INFO, PROGRESS = "job_info", "run_info", "progress"  # events of Snakemake's records
BUSY = ("job_started", "resources_info", RUN_INFO, PROGRESS)  # that no line is spent on
CHOOSING = "Select jobs to execute..."  # said before every step, without an event


class Steps(logging.Handler):
    """A handler in place of ``own``, the one by which Snakemake writes to ``stream``."""

    def __init__(self, own: logging.Handler, stream: TextIO) -> None:
        super().__init__()
        self._own, self._stream = own, stream
        self._begun = self._total = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line where a step begins, count where steps are counted, pass the rest on."""
        told: dict[str, Any] = vars(record)
        event = told.get("event")
        if event == RUN_INFO:
            self._total = max(self._total, told["stats"]["total"])
        elif event == PROGRESS:
            self._total = max(self._total, told["total"])
        if event == JOB_INFO and told["rule_msg"]:
            self._begun += 1
            if self._own.filter(record):
                self._write(told["rule_msg"], told["indent"])
        elif event not in BUSY and record.msg != CHOOSING:
            self._own.handle(record)

    def _write(self, message: str, indent: bool) -> None:
        total = max(self._begun, self._total)
        count = f"[{self._begun:>{len(str(total))}}/{total}]"
        self._stream.write(f"{'    ' * indent}{count} {message}\n")
        self._stream.flush()


def show_steps(logger: logging.Logger) -> None:
    """Tell of steps in a line each, if Snakemake's own handler is the one that writes."""
    for own in [*logger.handlers]:
        if isinstance(own, logging.StreamHandler) and hasattr(own, "can_color_tty"):
            logger.removeHandler(own)
            logger.addHandler(Steps(own, own.stream))
