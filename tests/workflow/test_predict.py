"""Missing responses predicted and folds left out, from the text table on, by ML and REML."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

import oracles
from oracles import Table
from runs import small_table, snakemake, write_table

pytestmark = pytest.mark.xdist_group("predict")

UNANSWERED = [3, 17, 44]  # rows without a response, counted from 1
INCOMPLETE = 29  # a row without response that misses an effect, too
DATASETS = {
    "ml": {"missing": "drop_rows", "likelihood": "ml", "cross_validation": 5},
    "reml": {
        "missing": "impute_mean",
        "likelihood": "reml",
        "cross_validation": {"folds": 4, "seed": 2},
    },
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("predict")
    table = small_table(n=70, c=2, p=25, pve=0.6, seed=2)
    table.loc[[row - 1 for row in [*UNANSWERED, INCOMPLETE]], "y"] = np.nan
    table.loc[INCOMPLETE - 1, "X.4"] = np.nan
    write_table(table, folder / "mine.txt")
    datasets = {name: {"path": "mine.txt", **entry} for name, entry in DATASETS.items()}
    config = {"run": list(DATASETS), "datasets": datasets}
    (folder / "mine.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    files = ("predictions.parquet", "cross_validation/summary.json", "tables/cross_validation.csv")
    targets = [f"results/{name}/{file}" for name in DATASETS for file in files]
    done = snakemake(folder, *targets, "--configfile", "mine.yaml")
    assert done.status == 0, done.text
    return folder


def read(folder: Path, file: str) -> dict[str, Any]:
    return dict(json.loads((folder / "results" / file).read_text(encoding="utf-8")))


def as_imported(folder: Path, likelihood: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows fitted and rows to predict, with their numbers as index."""
    table = pd.read_csv(folder / "mine.txt", sep="\t")
    table.index += 1
    fitted, asked = table.dropna(), table[table["y"].isna()]
    if likelihood == "ml":
        return fitted, asked.loc[UNANSWERED]
    return fitted, asked.fillna({"X.4": fitted["X.4"].mean()})


def parts(table: pd.DataFrame) -> Table:
    names = [[name for name in table if name.startswith(kind)] for kind in ("Z.", "X.")]
    return Table(table["y"].to_numpy(), *(table[columns].to_numpy() for columns in names))


@pytest.mark.parametrize("likelihood", DATASETS)
def test_missing_responses_are_predicted_from_the_estimates(folder: Path, likelihood: str) -> None:
    fitted, asked = as_imported(folder, likelihood)
    summary = read(folder, f"{likelihood}/table/summary.json")
    assert (summary["n"], summary["rows_to_predict"]) == (len(fitted), len(asked))
    assert summary["rows_dropped"] == (1 if likelihood == "ml" else 0)
    found = pd.read_parquet(folder / "results" / likelihood / "predictions.parquet")
    assert found["row"].tolist() == asked.index.tolist()
    new, em = parts(asked), read(folder, f"{likelihood}/em/estimates.json")
    mean, variance = oracles.predict(parts(fitted), em["sigma_beta2"], em["sigma_e2"], new.Z, new.X)
    # under ml, w comes from iterations that end 1e-10 nats below its optimum
    assert found["prediction_em"].to_numpy() == pytest.approx(mean, abs=1e-4)
    assert found["deviation_em"].to_numpy() == pytest.approx(variance**0.5, rel=1e-9)

    mfvi = read(folder, f"{likelihood}/mfvi/estimates.json")
    q = pd.read_parquet(folder / "results" / likelihood / "mfvi/effects.parquet")
    mean = new.Z @ list(mfvi["omega"].values()) + new.X @ q["mean"].to_numpy()
    spread = new.X**2 @ q["variance"].to_numpy() + mfvi["sigma_e2"]
    assert found["prediction_mfvi"].to_numpy() == pytest.approx(mean, rel=1e-12)
    assert found["deviation_mfvi"].to_numpy() == pytest.approx(spread**0.5, rel=1e-12)


@pytest.mark.parametrize("likelihood", DATASETS)
def test_cross_validation_scores_the_predictions_of_every_row(
    folder: Path, likelihood: str
) -> None:
    fitted, _ = as_imported(folder, likelihood)
    summary = read(folder, f"{likelihood}/cross_validation/summary.json")
    folds, seed = (5, 1) if likelihood == "ml" else (4, 2)
    assert [summary[key] for key in ("folds", "seed", "n")] == [folds, seed, len(fitted)]
    assert summary["likelihood"] == likelihood
    found = pd.read_parquet(
        folder / "results" / likelihood / "cross_validation" / "predictions.parquet"
    )
    assert found["row"].tolist() == fitted.index.tolist()
    assert found["response"].tolist() == fitted["y"].tolist()
    assert found["fold"].value_counts().max() == -(-len(fitted) // folds)
    y = found["response"]
    for method in ("em", "mfvi", "fixed"):
        errors, scores = y - found[f"prediction_{method}"], summary["methods"][method]
        assert scores["r2"] == pytest.approx(1 - (errors**2).sum() / ((y - y.mean()) ** 2).sum())
        inside = errors.abs() <= 1.959964 * found[f"deviation_{method}"]
        assert scores["coverage_95"] == pytest.approx(inside.mean())
    assert summary["methods"]["em"]["r2"] > summary["methods"]["fixed"]["r2"]
    table = pd.read_csv(folder / "results" / likelihood / "tables" / "cross_validation.csv")
    shares = dict(zip(table["method"], table["r2_over_fixed"], strict=True))
    gains = summary["gains"]
    assert shares["em"] == pytest.approx(gains["em_over_fixed"]["share"])
    assert shares["em"] - shares["mfvi"] == pytest.approx(gains["em_over_mfvi"]["share"])


def test_the_same_settings_give_the_same_folds_and_bytes(folder: Path) -> None:
    files = [folder / "results/reml" / file for file in ("cross_validation/summary.json",
             "cross_validation/predictions.parquet", "predictions.parquet")]  # fmt: skip
    before = [file.read_bytes() for file in files]
    rules = ("-R", "cross_validate", "predict")
    targets = (str(files[0].relative_to(folder)), str(files[2].relative_to(folder)))
    done = snakemake(folder, *targets, "--configfile", "mine.yaml", *rules)
    assert done.status == 0, done.text
    assert [file.read_bytes() for file in files] == before


def test_a_large_table_is_not_cross_validated_unless_somebody_asks(tmp_path: Path) -> None:
    write_table(small_table(n=1500, c=1, p=1500).round(1), tmp_path / "mine.txt")
    config = {"run": "large", "datasets": {"large": {"path": "mine.txt"}}}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    files = [f"results/large/{name}" for name in ("cross_validation", "tables", "figures")]
    targets = [f"{files[0]}/summary.json", f"{files[1]}/cross_validation.csv",
               f"{files[2]}/cross_validation.png"]  # fmt: skip
    done = snakemake(tmp_path, *targets, "--configfile", "mine.yaml")
    assert done.status == 0, done.text
    found = read(tmp_path, "large/cross_validation/summary.json")
    assert found["methods"] == found["gains"] == {}
    assert "1500 rows and 1500 random effects in 10 folds would take long" in found["left_out"]
    assert f"WARNING: no {found['left_out']}" in done.text
    assert len((tmp_path / targets[1]).read_text(encoding="utf-8").splitlines()) == 1
