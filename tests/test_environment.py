"""conda's environment.yml and pip's pyproject.toml ask for the same."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA_NAMES = {"matplotlib-base": "matplotlib", "snakemake-minimal": "snakemake"}
IMPORT_NAMES = {"pptx": "python-pptx", "pypandoc": "pypandoc-binary", "yaml": "pyyaml"}
OF_THE_PAGE = {"pygments"}  # which Snakemake takes for its report without asking for it
OF_WRITERS = {"mkdocs", "pypandoc-binary"}  # of documents and equations; a run needs neither


def split(requirement: str) -> tuple[str, str]:
    """Split ``numpy>=2,<3`` into name and range."""
    at = next((i for i, sign in enumerate(requirement) if sign in "<>=!~"), len(requirement))
    return requirement[:at], requirement[at:]


def conda_requirements() -> Iterator[tuple[str, str]]:
    environment: dict[str, Any] = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    for entry in environment["dependencies"]:
        for requirement in entry["pip"] if isinstance(entry, dict) else [entry]:
            name, versions = split(requirement)
            if name != "pip":
                yield CONDA_NAMES.get(name, name), versions


def test_both_ask_for_the_same_packages_in_the_same_versions() -> None:
    cluster = PROJECT["optional-dependencies"]["slurm"]
    asked = dict(map(split, [*PROJECT["dependencies"], *cluster]))
    assert dict(conda_requirements()) == {**asked, "python": PROJECT["requires-python"]}


PIN = re.compile(
    r"^([\w.-]+)==(\S+)(?: ; ([^\\]*?))? \\\n((?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M
)


def pinned(lock: str) -> list[tuple[str, str, str]]:
    """Name, version and marker of each package of a lock, in which there is nothing else."""
    text = (ROOT / "locks" / f"{lock}.txt").read_text(encoding="utf-8")
    assert PIN.sub("", text).splitlines() == [line for line in text.splitlines() if line[0] == "#"]
    return [(name, version, marker) for name, version, marker, _ in PIN.findall(text)]


@pytest.mark.parametrize(("lock", "extras"), [("run", []), ("test", ["test", "slurm"])])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
def test_a_lock_has_every_requirement_in_its_range_for_each_python(
    lock: str, extras: list[str], python: str
) -> None:
    surroundings = {"python_version": python, "python_full_version": f"{python}.0"}
    chosen = [
        (name, version)
        for name, version, marker in pinned(lock)
        if not marker or Marker(marker).evaluate(surroundings)
    ]
    assert len(chosen) == len(dict(chosen))
    asked = [*PROJECT["dependencies"], (ROOT / "locks" / "build.txt").read_text("utf-8")]
    asked += [each for extra in extras for each in PROJECT["optional-dependencies"][extra]]
    for requirement in map(Requirement, asked):
        assert dict(chosen)[requirement.name.lower()] in requirement.specifier


def test_what_runs_is_the_same_with_the_checks_and_without() -> None:
    assert set(pinned("run")) <= set(pinned("test"))


def test_every_package_that_the_code_imports_is_asked_for() -> None:
    names = set()
    for file in (ROOT / "scripts").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
    others = {IMPORT_NAMES.get(name, name) for name in names - sys.stdlib_module_names}
    asked = {split(requirement)[0] for requirement in PROJECT["dependencies"]}
    assert others - {"mixedmodel"} - OF_WRITERS == asked - OF_THE_PAGE
    tests = {split(requirement)[0] for requirement in PROJECT["optional-dependencies"]["test"]}
    assert tests >= OF_WRITERS


@pytest.mark.xdist_group("alone")
def test_tests_that_share_a_costly_fixture_share_a_worker(request: pytest.FixtureRequest) -> None:
    grouped = request.config.getoption("loadgroup", False)  # a worker is told so by xdist
    assert request.node.nodeid.endswith("@alone") is bool(grouped)
