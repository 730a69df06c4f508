"""The whole way on tables in units and with names that nobody would choose, yet somebody has.

The one with the names goes it by the workflow, where they pass through Snakemake.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import steps
from report.deck_checks import CHECKS, Opened
from runs import small_table, snakemake, write_table

pytestmark = pytest.mark.xdist_group("extreme tables")

NAMES = {
    "y": "yield_of_" + "wheat_and_" * 20 + "rye",
    "Z.1": "Z." + "a" * 60 + "1" + "b" * 60,
    "Z.2": "Z." + "a" * 60 + "2" + "b" * 60,
    "Z.3": 'Z.\x07<&"収量>',
    "X.1": "X." + "snp" * 50,
}


def small_units() -> pd.DataFrame:
    table = small_table(c=3)
    return table.assign(y=1e-6 * table["y"]).rename(columns=NAMES)


def large_units() -> pd.DataFrame:
    table = small_table(c=3, seed=2)
    return table.assign(y=1e9 * table["y"])


def outlier() -> pd.DataFrame:
    table = small_table(c=3, seed=3)
    table.loc[3, "y"] = 1e12
    return table


def far_apart() -> pd.DataFrame:
    table = small_table(c=3, seed=4)
    units = 10 ** np.random.default_rng(4).uniform(-10, 10, size=60)
    units[0] = 1e10
    table[[f"X.{j + 1}" for j in range(60)]] *= units
    table[["Z.1", "Z.2", "Z.3"]] *= [1e-12, 1.0, 1e12]
    return table


FOLDS = 5
OTHERS = {"large": large_units, "outlier": outlier, "apart": far_apart}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("extreme")
    write_table(small_units(), folder / "small.txt")
    datasets = {"small": {"path": "small.txt", "cross_validation": FOLDS}}
    config = {"run": "small", "datasets": datasets}
    (folder / "mine.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    done = snakemake(folder, "--configfile", "mine.yaml")
    assert done.status == 0, done.text
    return folder / "results"


def wrong(deck: Path) -> list[str]:
    opened = Opened(deck.read_bytes())
    return [found for check in CHECKS for found in check(opened)]


def test_there_is_a_deck_of_long_and_odd_names_with_nothing_wrong(results: Path) -> None:
    assert wrong(results / "small" / "deck.pptx") == []


@pytest.mark.parametrize("name", OTHERS)
def test_there_is_a_deck_with_nothing_wrong(name: str, results: Path, tmp_path: Path) -> None:
    made = steps.fit(OTHERS[name](), tmp_path / name)
    equations = str(results / "_equations" / "pictures.json")
    assert wrong(steps.report(made, equations, folds=FOLDS)) == []


def test_names_that_differ_in_the_middle_only_are_told_apart(results: Path) -> None:
    deck = Opened((results / "small" / "deck.pptx").read_bytes())
    tables = [s.table for slide in deck.slides for s in slide.shapes if "fixed eff" in s.name
              and s.has_table]  # fmt: skip
    names = [row.cells[0].text_frame.text for table in tables for row in list(table.rows)[1:]]
    assert len(set(names)) == 3
    assert '<&"収量>' in names[2]
