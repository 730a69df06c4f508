"""Run Snakemake that asks for the state of its jobs every SECONDS, however long none has ended.

By itself the Slurm executor waits ten seconds longer after each answer that nothing has ended.
"""

import os
import sys

from snakemake.cli import main
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor


def seconds(executor: RemoteExecutor) -> int:
    return int(os.environ["SECONDS"])


def ignore(executor: RemoteExecutor, other: int) -> None:
    """Take no other interval."""


RemoteExecutor.next_seconds_between_status_checks = property(seconds, ignore)

if __name__ == "__main__":
    sys.exit(main())
