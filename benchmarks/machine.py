"""The machine and the programs that numbers belong to."""

import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

PACKAGES = (
    *("numpy", "scipy", "pyarrow", "snakemake"),
    *("glimix-core", "fastlmm", "scikit-learn"),
)
CPU_INFO = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Machine:
    """What wall times depend on.

    load  processes that wanted to run, on average over the minute before
    """

    cpu: str
    cores: int
    memory_gb: float
    system: str
    load: float
    blas: str
    versions: dict[str, str]


def this_machine() -> Machine:
    """Describe the machine that this runs on, and what is installed."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    found = {name: _version(name) for name in PACKAGES}
    return Machine(
        cpu=_cpu(),
        cores=os.cpu_count() or 1,
        memory_gb=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        system=f"{platform.system()} {platform.machine()}",
        load=round(os.getloadavg()[0], 2),
        blas=f"{blas['name']} {blas['version']}",
        versions={"python": platform.python_version(), **found, "gemma": _gemma()},
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _cpu() -> str:
    text = CPU_INFO.read_text(encoding="utf-8") if CPU_INFO.exists() else ""
    named = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    return named[1] if named else platform.processor() or platform.machine()


def _gemma() -> str:
    if not shutil.which("gemma"):
        return "not installed"
    said = subprocess.run(["gemma", "-h"], capture_output=True, text=True).stdout
    named = re.search(r"GEMMA (\S+)", said)
    return named[1] if named else "unknown"
