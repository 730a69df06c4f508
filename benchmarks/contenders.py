"""Who is measured at what: our steps, bare operations, and other programs."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from benchmarks import floors, ours, peers, textbook
from benchmarks.outcome import Prepare

Kind = Literal["ours", "floor", "peer"]

LEFT_OUT = {
    "BOLT-LMM": "takes genotypes of PLINK's format only, and is made for 5,000 samples and more",
}


@dataclass(frozen=True)
class Contender:
    """One who does a task, with what comes before the clock starts.

    package   of Python that has to be installed
    program   that has to be on the path
    """

    name: str
    kind: Kind
    prepare: Prepare
    package: str | None = None
    program: str | None = None

    @property
    def is_installed(self) -> bool:
        """Whether what it needs is there."""
        package = self.package is None or find_spec(self.package) is not None
        return package and (self.program is None or shutil.which(self.program) is not None)


@dataclass(frozen=True)
class Task:
    """Something to be done, by ours first: the others are compared with it."""

    key: str
    title: str
    contenders: Sequence[Contender]


TASKS = (
    Task(
        "read",
        "Read the text",
        (
            Contender("import", "ours", ours.reading),
            Contender("pyarrow's parser", "floor", floors.parser),
        ),
    ),
    Task(
        "decompose",
        "Decompose X",
        (
            Contender("decomposition", "ours", ours.decomposition),
            Contender("BLAS and LAPACK", "floor", floors.decomposition),
        ),
    ),
    Task("em", "EM, X decomposed", (Contender("EM", "ours", ours.em),)),
    Task(
        "mfvi",
        "Mean field, X decomposed",
        (
            Contender("MFVI by sweeps", "ours", ours.mfvi),
            Contender("as many products", "floor", floors.sweeps),
        ),
    ),
    Task(
        "effects",
        "Effects, exact",
        (
            Contender("means and variances", "ours", ours.effects),
            Contender("one product", "floor", floors.effects),
        ),
    ),
    Task(
        "fit",
        "From arrays to the variances",
        (
            Contender("decomposition and EM", "ours", ours.fit),
            Contender("glimix-core", "peer", peers.glimix, package="glimix_core"),
            Contender("FaST-LMM", "peer", peers.fastlmm, package="fastlmm"),
            Contender("BayesianRidge", "peer", peers.bayesian_ridge, package="sklearn"),
            Contender("textbook EM", "peer", textbook.em),
        ),
    ),
    Task(
        "text",
        "From a text to the variances",
        (
            Contender("import to EM", "ours", ours.from_text),
            Contender("GEMMA", "peer", peers.Gemma, program="gemma"),
        ),
    ),
)


def of_task(key: str) -> Task:
    """Return a task by its key."""
    return next(task for task in TASKS if task.key == key)


def contender(key: str, name: str) -> Contender:
    """Return who does a task by name."""
    return next(each for each in of_task(key).contenders if each.name == name)
