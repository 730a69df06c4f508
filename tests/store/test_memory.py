"""Every step of the workflow with X in memory and with X from disk: the same bytes."""

import filecmp
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mixedmodel.model import cost
from mixedmodel.model.cost import beside_mb, krylov_columns, least_mb
from mixedmodel.model.design import Design
from mixedmodel.store.files import read_json
from runs import small_table
from steps import Refused, Steps, fit, predict, validate

WIDTH = 16  # of blocks, so that small tables have many


def genotypes(n: int, p: int) -> pd.DataFrame:
    """A table of 0, 1, 2 with some responses missing."""
    table = small_table(n=n, c=2, p=p)
    rng = np.random.default_rng(2)
    columns = [name for name in table if name.startswith("X.")]
    table[columns] = rng.binomial(2, rng.uniform(0.1, 0.5, p), (n, p)).astype(float)
    table.loc[[3, 8, 20], "y"] = np.nan
    return table


def collinear(n: int, p: int) -> pd.DataFrame:
    """A table whose X X' has eigenvalues spoilt by squaring."""
    table = small_table(n=n, c=1, p=p)
    columns = [name for name in table if name.startswith("X.")]
    table[columns] = table[columns] @ np.diag(10.0 ** -np.linspace(0, 6, p))
    table["X.1"] *= 1e5
    return table


TABLES = {"wide": genotypes(50, 200), "tall": genotypes(230, 150), "spoilt": collinear(40, 120)}


@pytest.fixture(autouse=True)
def narrow_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "WIDTH", WIDTH)


def all_steps(table: pd.DataFrame, folder: Path, likelihood: str, room_mb: float) -> Steps:
    """Make all results, each step with room for so much of X."""
    new = int(table["y"].isna().sum())
    n, p = len(table) - new, sum(column.startswith("X.") for column in table)
    given = {"likelihood": likelihood, "missing": "drop_rows", "e_step": "sweep"}
    steps = fit(table, folder, **given, mem_mb=beside_mb(n, p) + room_mb)
    predict(replace(steps, mem_mb=beside_mb(n, p, new=new) + room_mb))
    validate(replace(steps, mem_mb=beside_mb(n, p, folds=True) + room_mb), 3)
    return steps


def files_of(steps: Steps) -> list[str]:
    """Name all results; times and logs are none."""
    found = [path.relative_to(steps.folder) for path in steps.folder.rglob("*") if path.is_file()]
    return sorted(str(path) for path in found if path.parts[0] not in ("logs", "table.txt"))


@pytest.mark.parametrize("likelihood", ["ml", "reml"])
@pytest.mark.parametrize("name", TABLES)
def test_results_are_the_same_bytes_from_memory_and_from_disk(
    tmp_path: Path, name: str, likelihood: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = TABLES[name]
    n, p = int(table["y"].notna().sum()), sum(column.startswith("X.") for column in table)
    folders = tmp_path / "memory" / "t", tmp_path / "disk" / "t"
    held = all_steps(table, folders[0], likelihood, 100)
    designs: list[bool] = []
    blocks = Design.blocks

    def noted(design: Design, *doing: str):
        designs.append(design.is_held)
        return blocks(design, *doing)

    monkeypatch.setattr(Design, "blocks", noted)
    read = all_steps(table, folders[1], likelihood, least_mb(n, p))
    assert 0 < designs.count(True) < designs.count(False) / 4  # contrasts or rows, if anything
    assert files_of(held) == files_of(read)
    _, other, failed = filecmp.cmpfiles(*folders, files_of(held), shallow=False)
    assert (other, failed) == ([], [])


@pytest.mark.parametrize("name", ["wide", "tall"])
@pytest.mark.parametrize("likelihood", ["ml", "reml"])
def test_the_krylov_form_is_the_same_bytes_from_memory_and_from_disk(
    tmp_path: Path, name: str, likelihood: str
) -> None:
    table = TABLES[name]
    n, p = int(table["y"].notna().sum()), sum(column.startswith("X.") for column in table)
    columns = krylov_columns(3)
    beside = beside_mb(n, p, new=len(table) - n, krylov=columns)
    folders = tmp_path / "memory" / "t", tmp_path / "disk" / "t"
    for folder, room in zip(folders, (100, least_mb(n, p)), strict=True):
        given = {"likelihood": likelihood, "missing": "drop_rows", "spectral": "krylov"}
        held = fit(table, folder, **given, e_step="solved", mem_mb=beside + room)
        predict(held)
        told = "held in memory" if room == 100 else "read from disk"
        assert told in (folder / "logs" / "decompose.log").read_text()
    assert held.json("em/estimates.json")["spectral"]["method"] == "krylov"
    _, other, failed = filecmp.cmpfiles(*folders, files_of(held), shallow=False)
    assert (other, failed) == ([], [])


def test_by_itself_mean_field_sweeps_in_memory_and_is_solved_from_disk(tmp_path: Path) -> None:
    table = TABLES["wide"]
    rooms = {"sweep": 100, "solved": least_mb(47, 200)}
    found = {
        e_step: fit(table, tmp_path / e_step, missing="drop_rows", mem_mb=beside_mb(47, 200) + room)
        for e_step, room in rooms.items()
    }
    told = {e_step: steps.json("mfvi/estimates.json") for e_step, steps in found.items()}
    for e_step, steps in found.items():
        assert told[e_step]["e_step"] == e_step
        assert set(steps.frame("mfvi/trace.parquet")["e_step"]) == {e_step}
        assert told[e_step]["certificate"]["certified"]
    assert abs(told["sweep"]["elbo"] - told["solved"]["elbo"]) < 1e-8
    assert found["sweep"].json("em/estimates.json")["e_step"] is None


def test_a_budget_too_small_for_its_blocks_ends_with_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"of X \(47 x 200\) a job holds some blocks.*`memory_mb`"):
        fit(TABLES["wide"], tmp_path / "t", missing="drop_rows", mem_mb=100)


@pytest.mark.parametrize("lost", [0, 5, 12])
def test_a_part_that_is_gone_ends_each_step_with_one_message(tmp_path: Path, lost: int) -> None:
    steps = fit(TABLES["wide"], tmp_path / "t", missing="drop_rows")
    (steps.folder / "table" / "random" / f"part-{lost:05d}.parquet").unlink()
    before = read_json(steps.path("em/estimates.json"))
    for step in (predict, lambda steps: validate(steps, 3)):
        with pytest.raises(Refused, match=f"part {lost + 1} of 13 is missing; delete"):
            step(steps)
    assert read_json(steps.path("em/estimates.json")) == before


def test_rows_to_predict_of_another_import_are_refused(tmp_path: Path) -> None:
    steps = fit(TABLES["wide"], tmp_path / "a", missing="drop_rows")
    renamed = TABLES["wide"].rename(columns={"X.7": "X.seven"})
    other = fit(renamed, tmp_path / "b", missing="drop_rows")
    mixed = replace(steps)
    with pytest.raises(Refused, match=r"predict/random: is of another import"):
        predict(mixed, {"predict": other.path("table/predict")})


def test_the_log_says_where_x_is(tmp_path: Path) -> None:
    steps = fit(TABLES["wide"], tmp_path / "t", missing="drop_rows")
    log = (steps.folder / "logs" / "decompose.log").read_text()
    assert "X (47 x 200), 0.1 MB, is held in memory" in log
    assert logging.getLogger("mixedmodel").handlers == []
