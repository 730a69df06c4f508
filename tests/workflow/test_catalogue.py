"""What the workflow catalogue expects: places, a small run, a workflow that a repository hosts."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from runs import NO_NETWORK, ROOT, copy_tree, need, snakemake

DEPLOYED = """
configfile: "config/config.yaml"

module mixedmodel:
    snakefile: github("owner/mixedmodel", path="workflow/Snakefile", tag="v0.2.0")
    config: config

use rule * from mixedmodel

onsuccess:
    mixedmodel.onsuccess()
"""
SMALL = ROOT / ".test" / "config" / "config.yaml"


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@b.c"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_the_workflow_is_also_where_the_catalogue_looks_for_it(tmp_path: Path) -> None:
    of = [
        snakemake(tmp_path, "-n", "--configfile", str(SMALL), snakefile=ROOT / name, profile="none")
        for name in ("Snakefile", "workflow/Snakefile")
    ]
    assert of[0].status == of[1].status == 0, of[1].text
    assert of[0].jobs == of[1].jobs
    assert {"simulate", "cross_validate", "deck", "all"} <= set(of[0].jobs)


def test_the_configuration_is_one_and_described() -> None:
    assert (ROOT / "config" / "config.yaml").resolve() == ROOT / "config.yaml"
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text("utf-8"))["usage"]
    assert usage["software-stack-deployment"]["conda"] is True
    text = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
    assert f"--configfile {SMALL.relative_to(ROOT)}" in text


def test_checks_call_what_there_is() -> None:
    made = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    commands = []
    for file in (ROOT / ".github" / "workflows").glob("*.yml"):
        jobs = yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"]
        commands += [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    words = [command.split() for command in commands]
    assert {each[1] for each in words if each[0] == "make"} <= made
    files = [word for each in words for word in each if word.startswith((".ci/", ".test/", "work"))]
    assert len(files) >= 4
    assert [file for file in files if not (ROOT / file).exists()] == []


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Deploy a tag of a repository that Snakemake has cloned before, as snakedeploy does."""
    (tmp_path / "tree").mkdir()
    tree = copy_tree(tmp_path / "tree")
    git(tree, "init", "--quiet")
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--message", "0.2.0")
    git(tree, "tag", "v0.2.0")
    cache = tmp_path / "cache" / "snakemake" / "snakemake" / "source-cache"
    clone = cache / "snakemake-git-cache" / "github.com" / "owner" / "mixedmodel"
    git(tmp_path, "clone", "--quiet", "--bare", str(tree), str(clone))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tree / "Snakefile").unlink()
    here = tmp_path / "here"
    (here / "config").mkdir(parents=True)
    (here / "workflow").mkdir()
    (here / "config" / "config.yaml").write_text(SMALL.read_text("utf-8"), encoding="utf-8")
    (here / "workflow" / "Snakefile").write_text(DEPLOYED, encoding="utf-8")
    return here


def test_a_tag_of_a_hosted_repository_can_be_deployed(deployed: Path) -> None:
    snakefile = deployed / "workflow" / "Snakefile"
    target = "results/small/table/summary.json"
    done = snakemake(deployed, target, snakefile=snakefile, profile="none")
    assert done.status == 0, done.text
    assert (deployed / target).is_file()
    dry = snakemake(deployed, "-n", snakefile=snakefile, profile="none")
    assert dry.status == 0, dry.text
    assert {"decompose", "deck", "all"} <= set(dry.jobs)
    assert not {"simulate", "import_table"} & set(dry.jobs)


APPTAINER = """#!/bin/sh
[ "$1" = --version ] && echo "apptainer version 1.4.0" && exit
echo "$@" >> "{record}"
for command; do :; done
exec bash -c "$command"
"""


def test_a_run_needs_no_network(tmp_path: Path) -> None:
    tried = subprocess.run([*NO_NETWORK, "true"], capture_output=True).returncode
    need(tried == 0, "namespaces of users, to be without a network")
    options = ("--configfile", str(SMALL), "--until", "fit_em", "plot_data")
    done = snakemake(tmp_path, *options, within=NO_NETWORK)
    assert done.status == 0, done.text
    assert (tmp_path / "results" / "small" / "figures" / "spectrum.png").is_file()


def test_steps_run_in_the_image_that_the_settings_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Apptainer's part is taken by a command that notes how it is called.

    The image's Python is that of the tests: the machine's own has no packages.
    """
    command = tmp_path / "bin" / "apptainer"
    command.parent.mkdir()
    command.write_text(APPTAINER.format(record=tmp_path / "record"), encoding="utf-8")
    command.chmod(0o755)
    image = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{command.parent}:{image}:{os.environ['PATH']}")
    (tmp_path / "mixedmodel.sif").touch()
    target = "results/small/simulated/table.txt"
    options = ("--sdm", "apptainer", "--configfile", str(SMALL))
    done = snakemake(tmp_path, target, *options, "--config", "container=mixedmodel.sif")
    assert done.status == 0, done.text
    assert " mixedmodel.sif " in (tmp_path / "record").read_text(encoding="utf-8")
