"""One contender in a process of its own: python -m benchmarks.measure TABLE TASK NAME.

What it took and what it said is printed as JSON on the last line.
"""

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.contenders import Contender, contender
from benchmarks.outcome import Outcome, Work
from benchmarks.table import Table
from mixedmodel.memory import peak_mb

QUICK = 1.0  # seconds; less is measured at the second time, when nothing is new to the machine


@dataclass(frozen=True)
class Measured:
    """What one run took, and what came of it; ``cpu_seconds`` are little troubled by others."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    outcome: Outcome


def measure(chosen: Contender, table: Table) -> Measured:
    """Prepare, and time the work alone; the memory is that of the whole process."""
    work = chosen.prepare(table)
    found = _timed(work)
    return _timed(work) if found.seconds < QUICK else found


def _timed(work: Work) -> Measured:
    start, cpu = time.perf_counter(), sum(os.times()[:4])
    outcome = work()
    seconds, cpu_seconds = time.perf_counter() - start, sum(os.times()[:4]) - cpu
    return Measured(seconds, cpu_seconds, outcome.peak_mb or peak_mb(), outcome)


if __name__ == "__main__":
    folder, task, name = sys.argv[1:]
    found = measure(contender(task, name), Table(Path(folder)))
    print(json.dumps(msgspec.to_builtins(found)))
