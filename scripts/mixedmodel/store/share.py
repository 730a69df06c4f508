"""Shares of the work on X: ranges of its parts, each for a job of its own.

Their results are put together in the order of the shares, so that they are the same bytes for the
same number of jobs, and the same but for rounding for another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mixedmodel.errors import UserError
from mixedmodel.model.types import Array
from mixedmodel.store.files import whole_file

TOO_MANY = (
    "X has {parts} part{plural}, which {jobs} jobs can't share: {rule} is scattered over {jobs}; "
    "expected at most {parts}: set `scatter: {{{rule}: {parts}}}`, or --set-scatter {rule}={parts}"
)


@dataclass(frozen=True)
class Share:
    """One of several jobs of a rule, counted from 1."""

    rule: str
    job: int
    jobs: int

    @classmethod
    def of(cls, rule: str, scatteritem: str) -> "Share":
        """Read what Snakemake calls it, such as 2-of-8."""
        job, _, jobs = scatteritem.partition("-of-")
        return cls(rule, int(job), int(jobs))

    def range_of(self, parts: int) -> range:
        """Return which of the parts of X are its own.

        Raises UserError where there are too few for all, in one of the jobs: it is told once.
        """
        if self.jobs > parts and self.job == 1:
            told = {"parts": parts, "plural": "s" * (parts > 1), "jobs": self.jobs}
            raise UserError(TOO_MANY.format(rule=self.rule, **told))
        start, stop = ((job * parts) // self.jobs for job in (self.job - 1, self.job))
        return range(start, stop)


def write_gram(path: str | Path, found: Array) -> None:
    """Write what a share adds to X X'."""
    with whole_file(path) as partial, partial.open("wb") as file:
        np.save(file, found)


def read_gram(paths: Sequence[str | Path]) -> Array:
    """Return X X' (n, n), the sum of what all shares add, in their order."""
    found = np.asfortranarray(np.load(paths[0], allow_pickle=False))
    for path in paths[1:]:
        found += np.load(path, mmap_mode="r", allow_pickle=False)
    return found
