"""What every rule's script shares: its log file, its warnings, its way to fail.

``running`` sends the records of a job to the rule's log file, repeats warnings on
the terminal, and turns a ``UserError`` into one message and exit status 1. Anything
else is a bug of ours and keeps its traceback, in the log as on the terminal.
"""

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mixedmodel.errors import UserError

logger = logging.getLogger("mixedmodel")


@contextmanager
def running(log: str | Path) -> Iterator[None]:
    """Run the body of a job with its records in the file ``log``."""
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(logging.WARNING)
    terminal.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    file = logging.FileHandler(log, mode="w", encoding="utf-8")
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for handler in (terminal, file):
        logging.getLogger().addHandler(handler)
    logging.getLogger("mixedmodel").setLevel(logging.INFO)
    logging.captureWarnings(True)
    warnings.simplefilter("default")
    try:
        yield
    except UserError as error:
        logger.error("%s", error)
        sys.exit(1)
    except Exception:
        logger.exception("this is a bug in the pipeline, please report it with this log")
        sys.exit(1)
    finally:
        logging.captureWarnings(False)
        for handler in (terminal, file):
            logging.getLogger().removeHandler(handler)
            handler.close()
