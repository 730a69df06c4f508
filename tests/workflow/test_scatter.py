"""Jobs that share the columns of X: the same results as from one, and what is set is heeded."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from mixedmodel.model.cost import WIDTH
from runs import Run, small_table, snakemake, write_table

SHAPES = {"wide": (60, 3 * WIDTH), "tall": (WIDTH + 60, WIDTH + 5)}
GOALS = [f"results/{name}/comparison/{file}" for name in SHAPES for file in ("effects.parquet",)]
ALONE, SHARED = ("gram=1", "effects=1"), ("gram=2", "effects=2")
JOBS = {"gram": 2, "effects": 4, "gather_effects": 1}  # of one data set, by their logs
ALIKE = 1e-8  # relative; where an optimum is flat, rounding moves its place by its square root


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scatter")
    for name, (n, p) in SHAPES.items():
        write_table(small_table(n=n, c=2, p=p), folder / f"{name}.txt")
    datasets = {
        "wide": {"path": "wide.txt", "likelihood": "reml"},
        "tall": {"path": "tall.txt", "likelihood": "ml"},
    }
    settings = {"run": list(SHAPES), "datasets": datasets}
    (folder / "mine.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    return folder


def run(folder: Path, scatter: tuple[str, ...], *arguments: str) -> Run:
    options = ("--configfile", "mine.yaml", "--set-scatter", *scatter)
    return snakemake(folder, *GOALS, *arguments, *options)


def counted(folder: Path, name: str) -> dict[str, int]:
    logs = folder / "results" / name / "logs"
    return {rule: len([*logs.glob(f"{rule}.*log")]) for rule in JOBS}


def effects(folder: Path, name: str) -> dict[str, pd.DataFrame]:
    results = folder / "results" / name
    found = {part: results / part / "effects.parquet" for part in ("em", "mfvi", "comparison")}
    return {part: pd.read_parquet(path) for part, path in found.items()}


def test_shared_columns_give_the_same_effects_but_for_rounding(folder: Path) -> None:
    done = run(folder, ALONE)
    assert done.status == 0, done.text
    assert counted(folder, "wide") == counted(folder, "tall") == dict.fromkeys(JOBS, 0)
    alone = {name: effects(folder, name) for name in SHAPES}
    done = run(folder, SHARED, "--forceall")
    assert done.status == 0, done.text
    assert counted(folder, "wide") == counted(folder, "tall") == JOBS
    for name in SHAPES:
        for part, found in effects(folder, name).items():
            assert found["name"].equals(alone[name][part]["name"])
            for column in found.columns.drop("name"):
                left, right = found[column].to_numpy(), alone[name][part][column].to_numpy()
                assert np.max(np.abs(left - right)) <= ALIKE * np.max(np.abs(right)), column
        assert not list((folder / "results" / name).rglob("*-of-2.[np]*"))


def test_more_jobs_than_parts_end_the_run_with_what_to_set(folder: Path) -> None:
    done = run(folder, ("gram=4", "effects=1"), "--forcerun", "gram")
    assert done.status != 0
    assert "which 4 jobs can't share: gram is scattered over 4" in done.error
    assert "set `scatter: {gram: " in done.error
