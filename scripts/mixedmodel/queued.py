"""Jobs that an earlier run has left in the queue of a cluster.

When Snakemake itself is killed, or its machine dies, its jobs go on: nobody cancels them, and the
next run would start a second one for the same files. Slurm knows which they are.
"""

import os
import shutil
import subprocess
from pathlib import Path

from mixedmodel.errors import UserError


def check_nothing_is_queued(folder: Path) -> None:
    """Raise ``UserError`` if jobs of this user wait or work in ``folder``, with their numbers."""
    jobs = " ".join(_jobs(folder))
    if jobs:
        raise UserError(
            f"jobs that an earlier run left in the queue still wait or work here: {jobs}\n"
            f"They write the files that this run would write. Wait for them, or cancel them "
            f"(scancel {jobs}), and start again."
        )


def _jobs(folder: Path) -> list[str]:
    """List the numbers of Slurm's jobs in ``folder``; none where there is no Slurm."""
    if shutil.which("squeue") is None:
        return []
    command = ["squeue", "--me", "--noheader", "--format=%A %Z"]
    queue = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", check=False).stdout
    rows = [line.split(maxsplit=1) for line in queue.splitlines()]
    return [number for number, place in rows if os.path.realpath(place) == str(folder.resolve())]
