"""The workflow as a module of another one, which makes the table and reads the results."""

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml

from runs import ROOT, small_table, snakemake, write_table

pytestmark = pytest.mark.xdist_group("module")

OUTER = """
configfile: "outer.yaml"

module house:
    snakefile: config["house_is_at"]
    config: config["house"]
    prefix: "made"

use rule * from house as mm_*

rule largest:
    default_target: True
    input:
        simulated="made/results/sim/table/summary.json",
        effects="made/results/mine/y/em/effects.parquet",
    output:
        "largest.txt",
    script:
        "largest.py"

rule everything:
    input:
        *rules.mm_all.input,

rule prepare:
    input:
        "source.txt",
    output:
        "prepared/table.txt",
    shell:
        "cp {input} {output}"

onsuccess:
    house.onsuccess()
"""
SCRIPT = """
import pandas as pd
effects = pd.read_parquet(snakemake.input.effects)
with open(snakemake.output[0], "w") as file:
    file.write(effects["name"][effects["mean"].abs().idxmax()])
"""
DATASETS = {
    "mine": {"path": "prepared/table.txt", "response": ["y", "Z.2"], "fixed": ["Z.1"]},
    "sim": {"simulate": {"n": 30, "fixed": 1, "random": 40}},
}


def configure(folder: Path, **house: object) -> None:
    settings = {"run": ["mine", "sim"], "datasets": DATASETS, **house}
    outer = {"house_is_at": str(ROOT / "Snakefile"), "house": settings, "ours": "not the house's"}
    (folder / "outer.yaml").write_text(yaml.safe_dump(outer), encoding="utf-8")


@pytest.fixture(scope="module")
def outer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run an outer workflow up to its own rule on what EM found, under our default profile."""
    folder = tmp_path_factory.mktemp("outer")
    (folder / "Snakefile").write_text(OUTER, encoding="utf-8")
    (folder / "largest.py").write_text(SCRIPT, encoding="utf-8")
    write_table(small_table(n=30, c=2, p=40), folder / "source.txt")
    configure(folder)
    done = snakemake(folder, snakefile=folder / "Snakefile")
    assert done.status == 0, done.text
    return folder


def test_a_rule_of_the_outer_workflow_reads_what_is_put_under_the_prefix(outer: Path) -> None:
    effects = pd.read_parquet(outer / "made" / "results" / "mine" / "y" / "em" / "effects.parquet")
    largest = effects.set_index("name")["mean"].abs().idxmax()
    assert (outer / "largest.txt").read_text(encoding="utf-8") == largest
    assert not (outer / "results").exists()


def test_the_table_is_the_one_that_the_outer_workflow_makes(outer: Path) -> None:
    mine, sim = (outer / "made" / "results" / name for name in ("mine", "sim"))
    listing = json.loads((mine / "responses.json").read_text(encoding="utf-8"))
    assert [each["response"] for each in listing["listed"]] == ["y", "Z.2"]
    assert json.loads((sim / "table" / "summary.json").read_text(encoding="utf-8"))["n"] == 30


def test_it_is_made_once_and_all_the_rest_is_to_be_had_by_its_rules(outer: Path) -> None:
    dry = snakemake(outer, "-n", snakefile=outer / "Snakefile")
    assert "Nothing to be done" in dry.text
    jobs = snakemake(outer, "-n", "everything", snakefile=outer / "Snakefile", profile="none").jobs
    assert not {"prepare", "mm_simulate", "mm_list_responses"} & set(jobs)
    assert (jobs["mm_deck"], jobs["mm_overview_deck"], jobs["mm_fit_em"]) == (3, 1, 2)


def test_a_table_that_no_rule_makes_is_asked_for(outer: Path) -> None:
    gone = {**DATASETS, "mine": {"path": "gone.txt", "response": "y"}}
    configure(outer, datasets=gone)
    dry = snakemake(outer, "-n", "made/results/mine/deck.pptx", snakefile=outer / "Snakefile")
    configure(outer)
    assert dry.status == 1
    assert dry.error.startswith("there is no file gone.txt, which `datasets.mine.path` names")


def test_a_mistake_in_the_part_of_the_settings_that_is_ours_is_one_message(outer: Path) -> None:
    configure(outer, emm={"scheme": "px"})
    dry = snakemake(outer, "-n", snakefile=outer / "Snakefile")
    configure(outer)
    assert dry.status == 1
    assert dry.error == "the configuration can't be used"
    assert "unknown key `emm` (did you mean 'em'?)" in dry.text
