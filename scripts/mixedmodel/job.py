"""What every rule's script shares: its log file, its warnings, its way to fail.

``running`` sends the records of a job and whatever it writes to stderr to the rule's
log file, and in the end what it took; it repeats on the terminal warnings and records marked for it
(``extra={"terminal": True}``), and turns a ``UserError``, or a disk that is full, into one message
and exit status 1. Anything else is a bug of ours and keeps its traceback, in the log as on the
terminal.
"""

import errno
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import TextIO

from mixedmodel.errors import UserError
from mixedmodel.memory import peak_mb

DONE = "done; %.2f s of the processor, peak memory %.0f MB"
BUG = "this is a bug in the pipeline, please report it with this log"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
DISK_FULL = (
    "there is no room to write (%s); what was being written is gone again: make room on the disk "
    "or in your quota, and run again"
)

logger = logging.getLogger("mixedmodel")


@contextmanager
def running(log: str | Path) -> Iterator[None]:
    """Run the body of a job with its records in the file ``log``."""
    terminal = logging.StreamHandler(sys.stderr)
    terminal.addFilter(_is_for_the_terminal)
    with (
        Path(log).open("w", encoding="utf-8", buffering=1) as file,
        _records(terminal, "%(levelname)s: %(message)s"),
        _records(logging.StreamHandler(file), "%(asctime)s %(levelname)s: %(message)s"),
        redirect_stderr(file),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("default")
        warnings.showwarning = _log_warning
        try:
            yield
        except UserError as error:
            logger.error("%s", error)
            sys.exit(1)
        except OSError as error:
            _log_failure(error)
            sys.exit(1)
        except Exception:
            logger.exception(BUG)
            sys.exit(1)
        else:
            logger.info(DONE, sum(os.times()[:2]), peak_mb())


@contextmanager
def _records(handler: logging.Handler, layout: str) -> Iterator[None]:
    """Give the package's log records to ``handler`` while the body runs."""
    handler.setFormatter(logging.Formatter(layout))
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()


def _log_failure(error: OSError) -> None:
    """Tell a disk that is full, which is not our fault, from all else."""
    if error.errno in FULL:
        logger.error(DISK_FULL, error)
    else:
        logger.exception(BUG)


def _is_for_the_terminal(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or getattr(record, "terminal", False)


def _log_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    logger.warning("%s (%s, %s:%d)", message, category.__name__, Path(filename).name, lineno)
