"""What can't be reported as it stands is said on the terminal, in JSON and on slides."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from pptx import Presentation

from runs import Run, small_table, snakemake, write_table
from studies import genotypes, normal, with_columns

pytestmark = pytest.mark.xdist_group("withheld")

UNBOUNDED = "grows without bound as sigma_e2 -> 0 and has no maximum"
FLAT = "the two variances cannot be told apart"
DATASETS = {
    "unbounded": {"path": "centred.txt", "response": "y", "fixed": [], "intercept": True},
    "restricted": {"path": "centred.txt", "response": "y", "fixed": [], "intercept": True}
    | {"likelihood": "reml"},
    "several": {"path": "centred.txt", "response": "y", "fixed": [], "intercept": True}
    | {"response": ["y", "y2"]},
    "flat": {"path": "few.txt", "likelihood": "reml"},
    "noiseless": {"path": "noiseless.txt"},
    "genotypes": {"path": "genotypes.txt", "intercept": True, "fixed": []},
    "centred": {"path": "genotypes.txt", "intercept": True, "fixed": [], "standardize": "center"},
    "octane": {"path": "octane.txt", "fixed": [], "standardize": True},
}


LOOKED_AT = [  # of the data sets whose other results nobody looks at
    "results/restricted/comparison/summary.json",
    "results/several/tables/responses.csv",
    "results/several/deck.pptx",
]


def centred() -> pd.DataFrame:
    X = normal(30, 60, 1)
    table = with_columns(X - X.mean(axis=0), pve=0.9, seed=3)
    table.insert(1, "y2", 0.1 * np.random.default_rng(5).normal(size=30) - table["y"])
    return table


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    folder = tmp_path_factory.mktemp("withheld")
    tables = {
        "centred": centred(),
        "few": small_table(n=8, c=7, p=12, seed=1),
        "noiseless": small_table(n=40, c=10, p=60, pve=0.5, seed=0),
        "genotypes": with_columns(genotypes(80, 120, 3), pve=0.7, seed=4),
        "octane": small_table(n=40, c=0, p=60, pve=0.9, seed=2).assign(y=lambda t: 87 + t["y"]),
    }
    for name, table in tables.items():
        write_table(table, folder / f"{name}.txt")
    datasets = {name: given | {"cross_validation": 0} for name, given in DATASETS.items()}
    whole = [name for name in datasets if name not in ("restricted", "several")]
    config = {"run": whole, "datasets": datasets}
    (folder / "mine.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    run = snakemake(folder, "all", *LOOKED_AT, "--configfile", "mine.yaml")
    assert run.status == 0, run.text
    return folder / "results", run


def estimates(results: Path, dataset: str, method: str = "em") -> Any:
    return json.loads((results / dataset / method / "estimates.json").read_text(encoding="utf-8"))


def words(deck: Path) -> str:
    return "\n".join("".join(slide.element.itertext()) for slide in Presentation(str(deck)).slides)


def test_no_file_holds_a_number_that_is_none(done: tuple[Path, Run]) -> None:
    results, _ = done
    files = [file for file in results.rglob("*.json") if "_equations" not in file.parts]
    assert len(files) > 30
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert not any(word in text for word in ("NaN", "Infinity")), file


def test_a_likelihood_without_bound_is_advised_about_everywhere(done: tuple[Path, Run]) -> None:
    results, run = done
    em = estimates(results, "unbounded")
    assert em["certificate"]["unbounded"]
    assert not em["certificate"]["certified"]
    assert UNBOUNDED in em["advice"]
    assert "set `likelihood: reml`" in em["advice"]
    assert em["pve_interval"] is None
    assert em["lrt"] is None
    assert f"WARNING: EM: the likelihood {UNBOUNDED}" in run.text
    deck = words(results / "unbounded" / "deck.pptx")
    assert "EM has no maximum to reach" in deck
    assert "likelihood: reml" in deck
    assert "max_iter" not in deck
    assert "100% to 100%" not in deck
    restricted = estimates(results, "restricted")
    assert restricted["certificate"]["certified"]
    assert 0 < restricted["pve"] < 1


def test_with_several_responses_the_reason_is_given_for_each(done: tuple[Path, Run]) -> None:
    results, run = done
    listed = json.loads((results / "several" / "responses.json").read_text(encoding="utf-8"))
    folders = [entry["folder"] for entry in listed["listed"]]
    for folder in folders:
        assert UNBOUNDED in estimates(results / "several", folder)["advice"]
    with (results / "several/tables/responses.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(UNBOUNDED in row["advice"] and row["em_low"] == "" for row in rows)
    assert run.text.count("likelihood: reml") >= 3
    assert "likelihood: reml" in words(results / "several" / "deck.pptx")


def test_a_flat_likelihood_is_withheld(done: tuple[Path, Run]) -> None:
    results, run = done
    em = estimates(results, "flat")
    assert em["certificate"]["flat"]
    assert not em["certificate"]["certified"]
    assert [em[key] for key in ("pve", "sigma_beta2", "sigma_e2")] == [None] * 3
    assert FLAT in em["advice"]
    assert f"WARNING: EM: {FLAT}" in run.text
    deck = words(results / "flat" / "deck.pptx")
    assert "These data cannot tell the two variances apart" in deck
    assert "What the approximation costs" not in deck


def test_an_optimum_without_noise_is_certified_and_explained(done: tuple[Path, Run]) -> None:
    results, run = done
    em = estimates(results, "noiseless")
    assert em["certificate"]["certified"]
    assert em["certificate"]["noise_boundary"]
    assert "highest at sigma_e2 = 0" in em["advice"]
    assert "max_iter" not in em["advice"]
    assert "highest at sigma_e2 = 0" in run.text


def test_columns_that_the_fixed_effects_explain_are_warned_of(done: tuple[Path, Run]) -> None:
    results, run = done
    assert "and mean field counts that part as if it were seen" in run.text
    assert estimates(results, "genotypes", "mfvi")["pve"] == 0
    assert estimates(results, "centred", "mfvi")["pve"] > 0.05
    # EM counts the means of the columns in one of its 80 eigenvalues
    one, other = (estimates(results, name)["pve"] for name in ("genotypes", "centred"))
    assert one == pytest.approx(other, rel=0.2)
    assert "standardize: center" in words(results / "genotypes" / "deck.pptx")
    assert "standardize: center" not in words(results / "centred" / "deck.pptx")


def test_a_mean_that_nothing_takes_up_is_warned_of(done: tuple[Path, Run]) -> None:
    results, run = done
    assert estimates(results, "octane")["pve"] < 1e-6
    assert "`intercept: true` adds a column of ones" in run.text
    assert "intercept: true" in words(results / "octane" / "deck.pptx")


def test_many_fixed_effects_under_maximum_likelihood_are_warned_of(done: tuple[Path, Run]) -> None:
    results, run = done
    assert "10 fixed effects on 40 rows: maximum likelihood does not count" in run.text
    assert "likelihood: reml" in words(results / "noiseless" / "deck.pptx")
