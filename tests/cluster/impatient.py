"""Run Snakemake that asks for the state of its jobs every second, however long none has ended.

By itself the Slurm executor waits ten seconds longer after each answer that nothing has ended.
"""

import sys

from snakemake.cli import main
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor


def one_second(executor: RemoteExecutor) -> int:
    return 1


def ignore(executor: RemoteExecutor, seconds: int) -> None:
    """Take no other interval."""


RemoteExecutor.next_seconds_between_status_checks = property(one_second, ignore)

if __name__ == "__main__":
    sys.exit(main())
