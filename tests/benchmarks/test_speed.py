"""Speed side by side, on tiny tables: who is measured, and how far from the optimum each is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from benchmarks import contenders, textbook
from benchmarks.contenders import TASKS, Contender, Task, of_task
from benchmarks.judge import Judge
from benchmarks.machine import this_machine
from benchmarks.measure import measure
from benchmarks.outcome import Estimate
from benchmarks.published import PLACE, published
from benchmarks.speed import (
    CONVENTIONS,
    LEFT_OUT,
    NOT_INSTALLED,
    ROOT,
    Compared,
    Measured,
    Summary,
    compare,
    make_table,
    rows_of,
)
from benchmarks.speed_shown import draw, markdown, write_tables
from benchmarks.table import Table
from mixedmodel.model.certificate import optimum
from mixedmodel.model.em import ExactEM
from mixedmodel.model.penalty import NONE
from mixedmodel.model.types import Theta
from mixedmodel.report.style import LEAST_POINTS, drawing
from mixedmodel.store.results import read_result, write_result

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of the other programs
    pytest.mark.xdist_group("benchmarks"),
]
SIZES = {"wide": (60, 90), "tall": (90, 40)}
ARRIVED = 1e-6  # nats
NEAR = 0.01  # nats; FaST-LMM's search is a coarse one


@pytest.fixture(scope="module", params=SIZES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    return make_table(tmp_path_factory.mktemp(request.param), *SIZES[request.param])


def runs(table: Table) -> dict[Contender, list[Measured]]:
    everybody = [each for task in TASKS for each in task.contenders if each.is_installed]
    return {each: [measure(each, table)] for each in everybody}


@pytest.fixture(scope="module")
def compared(made: tuple[Table, Judge]) -> Compared:
    table, judge = made
    found = runs(table)
    n, p = judge.X.shape
    rows = tuple(row for task in TASKS for row in rows_of(task, found, {}, judge))
    optima = {objective: judge.optimum(objective) for objective in CONVENTIONS}
    return Compared(n, judge.Z.shape[1], p, 0.1, optima, rows)


def test_each_installed_contender_is_measured_and_others_are_named(compared: Compared) -> None:
    for row in compared.rows:
        installed = next(
            each.is_installed for each in of_task(row.task).contenders if each.name == row.name
        )
        assert (row.seconds is not None) is installed
        if row.seconds is None:
            assert row.remark == NOT_INSTALLED
        else:
            assert row.seconds.lower <= row.seconds.median <= row.seconds.upper
            assert row.peak_mb is not None
            assert row.peak_mb > 1


def test_ours_and_glimix_arrive_and_nobody_is_beyond_the_optimum(compared: Compared) -> None:
    short = {row.name: row.nats for row in compared.rows if row.nats is not None}
    assert min(short.values()) > -ARRIVED
    ours = ("EM", "MFVI by sweeps", "decomposition and EM", "import to EM", "glimix-core")
    assert max(short[name] for name in ours) < ARRIVED
    others = {name: value for name, value in short.items() if name not in (*ours, "textbook EM")}
    assert max(others.values(), default=0.0) < NEAR


def test_the_textbook_stops_short_of_the_optimum(compared: Compared) -> None:
    [row] = [row for row in compared.rows if row.name == "textbook EM"]
    assert row.nats is not None
    assert row.nats > 1e-7


def test_the_textbook_takes_the_steps_of_plain_em(made: tuple[Table, Judge]) -> None:
    _, judge = made
    form, plain = judge.full, ExactEM(judge.full)
    left = form.variance / 2
    start = Theta(np.zeros(form.c), left / (form.eigvals.sum() / form.n), left)
    state = plain.expect(start)
    for _ in range(3):
        state = plain.step(state)
    found = textbook.iterate(judge.y, judge.Z, judge.X, most=3).estimate
    assert found is not None
    expected = (state.theta.sigma_beta2, state.theta.sigma_e2)
    assert (found.sigma_beta2, found.sigma_e2) == pytest.approx(expected)
    np.testing.assert_allclose(found.omega, form.omega(state.theta.w))


def test_the_judge_sees_what_an_estimate_is_short_of(made: tuple[Table, Judge]) -> None:
    _, judge = made
    best = optimum(judge.full, NONE).theta
    omega = tuple(judge.full.omega(best.w).tolist())
    there = Estimate("ml", best.sigma_beta2, best.sigma_e2, omega)
    assert abs(judge.shortfall(there)) < 1e-9
    assert judge.shortfall(replace(there, omega=None)) == pytest.approx(0, abs=1e-9)
    V = best.sigma_beta2 * judge.X @ judge.X.T + best.sigma_e2 * np.eye(len(judge.y))
    off = np.array(omega) + 0.1
    r, r_off = judge.y - judge.Z @ omega, judge.y - judge.Z @ off
    worse = 0.5 * (r_off @ np.linalg.solve(V, r_off) - r @ np.linalg.solve(V, r))
    assert judge.shortfall(replace(there, omega=tuple(off))) == pytest.approx(worse)


def test_each_has_a_process_of_its_own_and_one_that_fails_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = of_task("fit").contenders[0]
    unknown = Contender("nobody", "peer", ours.prepare)
    tasks = (Task("fit", "Fit", (ours, unknown)),)
    monkeypatch.setattr("benchmarks.speed.TASKS", tasks)
    fitted, failed = compare(tmp_path, 50, 60, runs=1).rows
    assert fitted.nats == pytest.approx(0, abs=ARRIVED)
    assert fitted.peak_mb is not None
    assert 20 < fitted.peak_mb < 1000
    assert failed.seconds is None
    assert failed.remark.startswith("failed: StopIteration")


def test_the_readme_tells_of_every_contender() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = PLACE.search(text)
    assert found
    names = [line.split(" | ")[1] for line in found[0].splitlines() if line.startswith("| ")][1:]
    assert names == [each.name for task in TASKS for each in task.contenders]


def test_what_is_not_installed_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contenders, "find_spec", lambda name: None)
    monkeypatch.setattr(contenders.shutil, "which", lambda name: None)
    missing = [each.name for task in TASKS for each in task.contenders if not each.is_installed]
    assert missing == ["glimix-core", "FaST-LMM", "BayesianRidge", "GEMMA"]


def test_summary_table_and_figure_tell_the_same(compared: Compared, tmp_path: Path) -> None:
    summary = Summary(this_machine(), 1, 1, CONVENTIONS, LEFT_OUT, (compared,))
    write_result(tmp_path / "summary.json", summary)
    assert read_result(tmp_path / "summary.json", Summary) == summary
    write_tables(summary, tmp_path)
    assert (tmp_path / "table.md").read_text(encoding="utf-8") == markdown(summary)
    assert "nan" not in markdown(summary).lower()
    assert len((tmp_path / "table.csv").read_text().splitlines()) == 1 + len(compared.rows)
    with drawing():
        figure = Figure(figsize=(12, 9), layout="constrained")
        draw(summary, figure)
        figure.draw_without_rendering()
    told = published("a\n<!-- speed -->\nold\n<!-- speed ends -->\nb\n", summary)
    assert told == f"a\n<!-- speed -->\n\n{markdown(summary)}\n<!-- speed ends -->\nb\n"
    [ax] = figure.axes
    names = [label.get_text().rpartition(":  ")[2] for label in ax.get_yticklabels()]
    assert names == [row.name for row in compared.rows]
    assert min(label.get_fontsize() for label in ax.get_yticklabels()) >= LEAST_POINTS
