"""Run the workflow as a user does, in a folder of its own, and small tables to run it on."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
NO_NETWORK = ("unshare", "--map-root-user", "--net")
TREE = ("Snakefile", "config.yaml", "environment.yml", "workflow", "scripts")


@dataclass(frozen=True)
class Run:
    """What one call of Snakemake came to."""

    status: int
    text: str  # stdout and stderr

    @property
    def jobs(self) -> dict[str, int]:
        """Rules and how often each is to run, from the table of a dry run."""
        table = re.search(r"^job +count\n[- ]+\n(.*?)^total", self.text, re.DOTALL | re.MULTILINE)
        rows = [line.split() for line in table[1].splitlines()] if table else []
        return {rule: int(count) for rule, count in rows}

    @property
    def error(self) -> str:
        """The message that begins with ERROR, which there must be once."""
        [message] = re.findall(r"^ERROR: (.*)", self.text, re.MULTILINE)
        return str(message)


def snakemake(
    folder: Path,
    *arguments: str,
    tree: Path = ROOT,
    snakefile: Path | None = None,
    profile: str = "default",
    within: tuple[str, ...] = (),
) -> Run:
    """Run Snakemake in ``folder`` on the workflow of ``tree``; ``profile`` may be none.

    ``within`` is a command that runs another, such as ``NO_NETWORK``.
    """
    snakefile = snakefile or tree / "Snakefile"
    command = [*within, sys.executable, "-m", "snakemake", "--snakefile", str(snakefile)]
    path = "none" if profile == "none" else str(tree / "workflow" / "profiles" / profile)
    done = subprocess.run(
        [*command, *arguments, "--workflow-profile", path, "--cores", "2"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env={**os.environ, "NO_COLOR": "1"},
    )
    return Run(done.returncode, done.stdout)


def digests(results: Path) -> dict[str, str]:
    """Digest of each result by its path; logs and benchmarks differ from run to run."""
    return {
        str(file.relative_to(results)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in results.rglob("*")
        if file.is_file() and file.parent.name not in ("logs", "benchmarks")
    }


def copy_tree(target: Path) -> Path:
    """Copy what the workflow runs on to ``target``, for tests that edit it."""
    for name in TREE:
        if (ROOT / name).is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, target / name, ignore=ignore)
        else:
            shutil.copy2(ROOT / name, target / name)
    return target


def small_table(
    *, n: int = 40, c: int = 2, p: int = 60, pve: float = 0.5, seed: int = 1
) -> pd.DataFrame:
    """Draw a table with columns y, Z.1 ... Z.c, X.1 ... X.p whose true PVE is ``pve``."""
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(n, c))
    X = rng.normal(scale=p**-0.5, size=(n, p))
    beta = rng.normal(scale=pve**0.5, size=p)
    y = Z.sum(axis=1) + X @ beta + rng.normal(scale=(1 - pve) ** 0.5, size=n)
    names = ["y", *(f"Z.{i + 1}" for i in range(c)), *(f"X.{j + 1}" for j in range(p))]
    return pd.DataFrame(np.column_stack([y, Z, X]), columns=names)


def write_table(table: pd.DataFrame, path: Path) -> Path:
    """Write ``table`` as tab-separated text with every digit of its doubles."""
    table.to_csv(path, sep="\t", index=False)
    return path


def need(there: bool, what: str) -> None:
    """Skip without ``what``; where everything has to be checked, its absence is a failure."""
    if not there:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"needs {what}")
