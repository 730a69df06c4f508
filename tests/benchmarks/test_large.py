"""Large tables, made small: genotypes in blocks, the workflow on them, slopes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from matplotlib.figure import Figure

from benchmarks import genotypes
from benchmarks.genotypes import blocks, drawn_table, standardized, write_parquet, write_text
from benchmarks.growth import Growth, Size, _point, curve, sizes, slope
from benchmarks.growth_shown import draw
from benchmarks.large import RUNS, Large, Told, tell
from benchmarks.machine import this_machine
from benchmarks.workflow import ONE_SCHEME, Finished, Job, make_table, run_workflow
from mixedmodel.report.style import drawing
from mixedmodel.store.results import read_result, write_result

N, P = 40, 90


def test_genotypes_are_linked_and_go_on_from_block_to_block(monkeypatch) -> None:
    monkeypatch.setattr(genotypes, "CELLS", 2000 * 50)
    drawn = list(blocks(np.random.default_rng(3), 2000, 120))
    assert [len(block) for block in drawn] == [50, 50, 20]
    found = np.concatenate(drawn).astype(float)
    assert set(np.unique(found)) == {0, 1, 2}
    correlation = np.corrcoef(found)
    neighbours = correlation[np.arange(119), np.arange(1, 120)]
    assert neighbours.min() > 0.3  # where blocks meet, too
    assert np.abs(correlation[np.arange(70), np.arange(50, 120)]).mean() < 0.1
    assert 0.08 < found.mean(axis=1).min() / 2 < found.mean(axis=1).max() / 2 < 0.52


def test_the_response_is_made_of_the_genotypes(tmp_path: Path) -> None:
    with drawn_table(tmp_path, 300, 20, pve=0.99) as drawn:
        X = standardized(np.array(drawn.genotypes)).T
        Z = np.column_stack([X, drawn.age, np.ones(300)])
        left = drawn.y - Z @ np.linalg.lstsq(Z, drawn.y)[0]
    assert np.var(left) < 0.02
    assert [*tmp_path.iterdir()] == []


def test_text_and_parquet_hold_the_same_table(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(genotypes, "TEXT_CELLS", 7 * P)
    monkeypatch.setattr(genotypes, "ROW_GROUP", 16)
    with drawn_table(tmp_path, N, P, pve=0.4) as drawn:
        write_text(drawn, tmp_path / "t.txt")
        write_parquet(drawn, tmp_path / "t.parquet")
        expected = np.column_stack([drawn.y, drawn.age, *drawn.genotypes])
        names = drawn.names
    header = (tmp_path / "t.txt").read_text().partition("\n")[0]
    text = np.loadtxt(tmp_path / "t.txt", skiprows=1)
    parquet = pq.read_table(tmp_path / "t.parquet").to_pandas()
    assert header.split("\t") == [*parquet] == names
    np.testing.assert_array_equal(text, expected)
    np.testing.assert_array_equal(parquet.to_numpy(), expected)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("large")
    return run_workflow(make_table(folder, N, P, "parquet"), ONE_SCHEME)


@pytest.mark.xdist_group("large")
def test_the_workflow_tells_seconds_and_memory_of_each_job(finished: Finished) -> None:
    assert [job.name for job in finished.jobs][:2] == ["import_table", "decompose"]
    assert {job.name for job in finished.jobs[2:]} == {"fit_em", "fit_mfvi"}
    assert min(job.seconds for job in finished.jobs) > 0
    assert min(job.cpu_seconds for job in finished.jobs) > 0.1
    assert min(job.peak_mb for job in finished.jobs) > 20
    assert finished.sweeps() > 0


@pytest.mark.xdist_group("large")
def test_a_named_run_is_summed_up(finished: Finished, tmp_path: Path) -> None:
    told = tell(this_machine(), Large(N, P, "parquet", ONE_SCHEME), finished)
    write_result(tmp_path / "summary.json", told)
    assert read_result(tmp_path / "summary.json", Told) == told
    assert told.peak_mb == max(job.peak_mb for job in told.jobs)
    assert set(told.certified) == {"em", "mfvi"}


def test_the_named_runs_are_those_of_the_makefile() -> None:
    assert [f"{run.n}x{run.p}" for run in RUNS.values()] == [*RUNS]


def test_slopes() -> None:
    assert slope([1, 2, 4], [3, 12, 48]) == pytest.approx(2)
    assert slope([1, 2, 4], [0.01, 12, 48], least=1) == pytest.approx(2)
    assert slope([1, 2, 4], [None, None, None]) is None
    assert slope([1, 2, 4], [0.1, 0.2, 3], least=1) is None


def grown(n: int, p: int) -> tuple[Size, Finished]:
    """A run in which a job took a second for each million numbers of X, beyond two seconds."""
    jobs = tuple(
        Job(name, 9.0, 2 + n * p / 1e6, 150 + 16 * n * p / 1e6)
        for name in ("import_table", "fit_em")
    )
    return Size(n, p, 20), Finished(Path(), 1.0, 1.0, jobs)


def test_growth_is_what_comes_on_top_of_a_small_table() -> None:
    base = grown(60, 120)
    assert sizes((800, 8000))["n"][0] == (100, 8000)
    found = [
        curve(side, job, [(size, grown(*size)) for size in tables], base)
        for side, tables in sizes((800, 8000)).items()
        for job in ("import_table", "fit_em")
    ]
    assert [one.time_slope for one in found] == pytest.approx([1, 1, 1, 1], abs=0.02)
    assert [one.theory_time_slope for one in found] == pytest.approx([1, 2, 1, 1])
    assert found[0].theory_memory_slope is None
    growth = Growth(this_machine(), (_point(base, base, "fit_em", beyond=False),), tuple(found))
    with drawing():
        figure = Figure(figsize=(12, 9), layout="constrained")
        draw(growth, figure)
        figure.draw_without_rendering()
    told = [text.get_text() for ax in figure.axes for text in ax.get_legend().get_texts()]
    assert told[0] == "import_table: 1.0 (1.0)"
    assert "import_table: 1.0 (flat)" in told
    draw(replace(growth, curves=tuple(one for one in found if one.job == "fit_em")), Figure())
