"""Several responses of one table, from the text to the overview; and a table without any."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from pptx import Presentation

from browser import CHROMIUM, chromium
from report.deck_checks import heading
from results_page import walk
from runs import Run, need, small_table, snakemake, write_table

pytestmark = pytest.mark.xdist_group("responses")

UNANSWERED = [5, 31]  # rows without the second response, counted from 1
LISTED = [  # response, folder, set of rows, number of rows
    ("t.1", "t.1", 1, 60),
    ("t (2)", "t__2_", 2, 58),
    ("t.3", "t.3", 1, 60),
]
OPTIONS = {"path": "mine.txt", "missing": "impute_mean", "likelihood": "reml"}
COLLINEAR = "the fixed effects are collinear in its rows: 'Z.2' is zero throughout"
DATASETS = {
    "traits": {"response": "t", **OPTIONS},
    "named": {"response": ["t.1", "t.5"], **OPTIONS},
    "alone": {"response": "t (2)", **OPTIONS},
    "none": {"response": [], **OPTIONS},
}
RESULTS = [
    "em/estimates.json",
    "em/effects.parquet",
    "em/trace.parquet",
    "mfvi/estimates.json",
    "mfvi/effects.parquet",
    "mfvi/trace.parquet",
    "comparison/effects.parquet",
    "comparison/profile.parquet",
    "comparison/shrinkage_curve.parquet",
    "predictions.parquet",
]
NUMBERS = {
    "n": ("data", "n"),
    "em_pve": ("fits", "em", "pve"),
    "em_low": ("fits", "em", "pve_interval", 0),
    "mfvi_pve": ("fits", "mfvi", "pve"),
    "mfvi_naive_high": ("fits", "mfvi", "naive_pve_interval", 1),
    "calibrated_pve": ("calibrated_pve", "estimate"),
    "lrt_p_value": ("fits", "em", "lrt", "p_value"),
}


def table() -> pd.DataFrame:
    """Three responses, of which two share their rows, a constant, one in rows where Z.2 is 0."""
    start = small_table(n=60, c=2, p=40, pve=0.6, seed=4).rename(columns={"y": "t.1"})
    X = start.filter(like="X.").to_numpy()
    rng = np.random.default_rng(6)
    for place, (name, pve) in enumerate((("t (2)", 0.3), ("t.3", 0.8)), start=1):
        signal = X @ rng.normal(scale=pve**0.5, size=40)
        start.insert(place, name, signal + rng.normal(scale=(1 - pve) ** 0.5, size=60))
    start.insert(3, "t.4", 2.5)
    start.insert(4, "t.5", start["t.3"].where(start.index < 9))
    start.loc[start.index < 9, "Z.2"] = 0.0
    start.loc[[row - 1 for row in UNANSWERED], "t (2)"] = np.nan
    return start


def run(folder: Path, *targets: str) -> Run:
    return snakemake(folder, *targets, "--configfile", "mine.yaml")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("responses")
    write_table(table(), folder / "mine.txt")
    config = {
        "run": ["traits", "none"],
        "datasets": DATASETS,
        "em": {"also": []},
        "mfvi": {"also": []},
    }
    (folder / "mine.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    files = [
        "traits/deck.pptx",
        "traits/t__2_/predictions.parquet",
        "traits/shared/1/foresight.json",
        "alone/comparison/summary.json",
        "alone/predictions.parquet",
        "none/foresight.json",
        "named/responses.json",
    ]
    done = run(folder, *(f"results/{file}" for file in files))
    assert done.status == 0, done.text
    (folder / "said.txt").write_text(done.text, encoding="utf-8")
    return folder


def read(folder: Path, file: str) -> Any:
    return json.loads((folder / "results" / file).read_text(encoding="utf-8"))


def test_responses_are_listed_by_their_rows_and_those_that_cannot_be_fitted_left_out(
    folder: Path,
) -> None:
    found = read(folder, "traits/responses.json")
    assert [tuple(entry.values()) for entry in found["listed"]] == LISTED
    left_out = {entry["response"]: entry["reason"] for entry in found["left_out"]}
    assert left_out == {"t.4": "it is 2.5 wherever it has a value", "t.5": COLLINEAR}


def test_a_response_named_in_a_list_is_left_out_too_with_a_warning(folder: Path) -> None:
    found = read(folder, "named/responses.json")
    assert [entry["response"] for entry in found["listed"]] == ["t.1"]
    assert found["left_out"] == [{"response": "t.5", "reason": COLLINEAR}]
    said = (folder / "said.txt").read_text(encoding="utf-8")
    assert f"WARNING: mine.txt: responses left out: 't.5': {COLLINEAR}\n" in said


def test_what_was_read_is_said_with_the_columns_that_have_no_role(folder: Path) -> None:
    said = (folder / "said.txt").read_text(encoding="utf-8").splitlines()
    assert "INFO: mine.txt: 3 responses, observed in 2 sets of rows" in said
    others = "3 columns have no role: 't (2)', 't.3', 't.4'"
    assert f"INFO: mine.txt: 1 response, observed in 1 set of rows; {others}" in said
    assert "INFO: mine.txt: n = 58, c = 2, p = 40, 2 rows to predict" in said
    others = "4 columns have no role: 't.1', 't.3', 't.4', 't.5'"
    assert f"INFO: mine.txt: n = 58, c = 2, p = 40, 2 rows to predict; {others}" in said


def test_a_response_has_the_results_that_it_has_alone(folder: Path) -> None:
    results = folder / "results"
    different = [
        file
        for file in RESULTS
        if (results / "traits" / "t__2_" / file).read_bytes()
        != (results / "alone" / file).read_bytes()
    ]
    assert different == []
    assert read(folder, "traits/t__2_/comparison/summary.json") == {
        **read(folder, "alone/comparison/summary.json"),
        "dataset": "traits/t__2_",
    }


def test_rows_of_a_response_that_miss_it_are_predicted(folder: Path) -> None:
    predictions = pd.read_parquet(folder / "results/traits/t__2_/predictions.parquet")
    assert predictions["row"].tolist() == UNANSWERED


def test_x_is_decomposed_once_for_each_set_of_rows(folder: Path) -> None:
    results = folder / "results" / "traits"
    made = {str(file.relative_to(results)) for file in results.rglob("decomposition.npz")}
    assert made == {f"shared/{rows}/spectral/decomposition.npz" for rows in (1, 2)}


def test_the_overview_has_the_numbers_of_the_summaries(folder: Path) -> None:
    path = folder / "results" / "traits" / "tables" / "responses.csv"
    *rows, constant, collinear = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    assert [(row["response"], row["folder"]) for row in rows] == [each[:2] for each in LISTED]
    assert constant["left_out"] == "it is 2.5 wherever it has a value"
    assert (collinear["response"], collinear["left_out"]) == ("t.5", COLLINEAR)
    for row in rows:
        summary = read(folder, f"traits/{row['folder']}/comparison/summary.json")
        for column, keys in NUMBERS.items():
            value = summary
            for key in keys:
                value = value[key]
            assert float(row[column]) == value
    found = read(folder, "traits/overview.json")
    assert [entry["em_pve"] for entry in found["fitted"]] == [float(row["em_pve"]) for row in rows]
    assert [entry["response"] for entry in found["left_out"]] == ["t.4", "t.5"]


def test_the_overview_has_a_figure_and_a_deck(folder: Path) -> None:
    results = folder / "results" / "traits"
    for kind in ("png", "svg"):
        assert (results / "figures" / f"responses.{kind}").stat().st_size > 10_000
    slides = list(Presentation(str(results / "deck.pptx")).slides)
    titles = [heading(slide) for slide in slides]
    assert titles[0] == "EM and mean field on 3 responses"
    assert titles[-1] == "2 responses were left out: they can't be fitted"


def test_the_page_has_all_responses_and_the_decks(folder: Path, tmp_path: Path) -> None:
    need(shutil.which(CHROMIUM) is not None, "Debian's package chromium")
    done = run(folder, "results/traits/deck.pptx", "--quiet", "all", "--report", "page.html")
    assert done.status == 0, done.text
    with chromium(tmp_path) as page:
        walked = walk(page, folder / "page.html")
    results = "results/traits"
    assert {each.path for each in walked.shown} == {
        *(f"{results}/figures/responses.{kind}" for kind in ("png", "svg")),
        f"{results}/tables/responses.html",
    }
    [table] = [each.text for each in walked.shown if each.text]
    assert [line.split("\t")[0] for line in table.splitlines()[1:6]] == [
        *(name for name, *_ in LISTED),
        *("t.4", "t.5"),
    ]
    deck = walked.captions[f"{results}/deck.pptx"]
    assert deck.startswith("All responses of the data set side by side")
    assert [address for address in walked.requests[1:] if not address.startswith("data:")] == []
    assert walked.errors == []


def test_the_run_ends_with_what_was_found(folder: Path) -> None:
    lines = (folder / "said.txt").read_text(encoding="utf-8").splitlines()
    start = lines.index("results/traits/deck.pptx  (responses: 3, 2 left out)")
    pves = [read(folder, f"traits/{name}/em/estimates.json")["pve"] for _, name, *_ in LISTED]
    for line, (name, *_), pve in zip(lines[start + 1 :], LISTED, pves, strict=False):
        assert line.split("PVE")[0].strip() == name
        assert f"by EM {pve:.4f} " in line
        assert line.endswith("   certified")
    seen = read(folder, "none/foresight.json")["pve_max"]
    assert lines[start + 4] == (
        "results/none/foresight.json  (n = 60, c = 2, p = 40):"
        f" mean field sees a PVE of at most {seen:.4f}"
    )


def test_without_a_response_the_same_is_foretold_as_with_one_of_all_rows(folder: Path) -> None:
    results = folder / "results"
    foretold = (results / "none" / "foresight.json").read_bytes()
    assert foretold == (results / "traits" / "shared" / "1" / "foresight.json").read_bytes()


def test_a_response_that_there_is_not_ends_with_one_line(folder: Path) -> None:
    done = run(folder, "results/traits/t.4/em/estimates.json")
    assert done.status != 0
    known = ", ".join(name for _, name, *_ in LISTED)
    assert done.error == f"traits has no response in a folder t.4; known: {known}"
    assert "Traceback" not in done.text


def test_a_table_not_yet_looked_at_keeps_no_other_waiting(tmp_path: Path) -> None:
    write_table(table(), tmp_path / "mine.txt")
    config = {"run": ["traits", "alone"], "datasets": DATASETS}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    planned = snakemake(tmp_path, "--dry-run", "--configfile", "mine.yaml", profile="none").jobs
    assert (planned["list_responses"], planned["fit_em"], planned["deck"]) == (1, 1, 1)
