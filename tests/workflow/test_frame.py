"""The frame's own parts: watched files, the log of a job, the lines after a run."""

import ast
import io
import logging
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from mixedmodel.errors import UserError
from mixedmodel.headlines import headlines
from mixedmodel.job import running
from mixedmodel.memory import peak_mb
from mixedmodel.model.listing import LeftOut, Listed, Responses
from mixedmodel.model.overview import FittedResponse, Overview, gather
from mixedmodel.model.results import Foresight
from mixedmodel.modules import _names, imported_files
from mixedmodel.progress import CHOOSING, show_steps
from mixedmodel.store.results import write_result
from runs import ROOT
from studies import study_of


def write(path: Path, text: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_imported_files_follows_imports_and_skips_those_for_type_checking(tmp_path: Path) -> None:
    write(
        tmp_path / "job.py",
        "from typing import TYPE_CHECKING\n"
        "import numpy\n"
        "from kit.model import em\n"
        "if TYPE_CHECKING:\n    from kit.model import types\n",
    )
    write(tmp_path / "kit/__init__.py")
    write(tmp_path / "kit/model/__init__.py")
    write(tmp_path / "kit/model/em.py", "def f():\n    from kit.model.iterate import climb\n")
    for name in ("iterate", "types", "mfvi"):
        write(tmp_path / f"kit/model/{name}.py")
    found = [str(file.relative_to(tmp_path)) for file in imported_files(tmp_path / "job.py")]
    assert found == [
        "kit/__init__.py",
        "kit/model/__init__.py",
        "kit/model/em.py",
        "kit/model/iterate.py",
    ]


def parsed(file: Path) -> set[str]:
    """Return the names that the imports of a file run, by Python's own parser."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_no_import_is_missed_that_python_finds() -> None:
    files = [file for folder in ("scripts", "tests") for file in (ROOT / folder).rglob("*.py")]
    missed = {file.name: parsed(file) - {*_names(file)} for file in files}
    assert {name: names for name, names in missed.items() if names} == {}
    assert len(files) > 200


def test_a_mistake_of_the_user_is_one_message_without_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop, running(tmp_path / "job.log"):
        raise UserError("line 3 of t.txt has 4 cells, needed 5")
    assert stop.value.code == 1
    assert capsys.readouterr().err == "ERROR: line 3 of t.txt has 4 cells, needed 5\n"
    log = (tmp_path / "job.log").read_text(encoding="utf-8")
    assert log.endswith("ERROR: line 3 of t.txt has 4 cells, needed 5\n")
    assert log.count("\n") == 1


def test_a_bug_keeps_its_traceback_in_the_log_and_on_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop, running(tmp_path / "job.log"):
        raise ZeroDivisionError("one over nothing")
    assert stop.value.code == 1
    for text in (capsys.readouterr().err, (tmp_path / "job.log").read_text(encoding="utf-8")):
        assert "this is a bug in the pipeline" in text
        assert "ZeroDivisionError: one over nothing" in text


def test_warnings_and_what_is_marked_reach_the_terminal_and_other_records_only_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(tmp_path / "job.log"):
        logging.getLogger("mixedmodel.model.em").info("iteration 7")
        logging.getLogger("mixedmodel.store").warning("2 columns are constant")
        logging.getLogger("mixedmodel.store").info("n = 7", extra={"terminal": True})
        warnings.warn("overflow in exp", RuntimeWarning, stacklevel=1)
    terminal = capsys.readouterr().err.splitlines()
    assert terminal[0] == "WARNING: 2 columns are constant"
    assert terminal[1] == "INFO: n = 7"
    assert terminal[2].startswith("WARNING: overflow in exp (RuntimeWarning, test_frame.py:")
    assert len(terminal) == 3
    log = (tmp_path / "job.log").read_text(encoding="utf-8")
    assert [part for part in ("iteration 7", "n = 7") if f"INFO: {part}\n" not in log] == []
    assert re.search(r"INFO: done; \d+\.\d\d s of the processor, peak memory \d+ MB\n\Z", log)


def test_the_peak_memory_of_a_process_is_what_it_had_at_most(tmp_path: Path) -> None:
    code = (
        "import sys; from mixedmodel.memory import peak_mb; before = peak_mb(); "
        "held = bytearray(200_000_000); del held; print(before, peak_mb())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT / "scripts"
    )
    before, after = map(float, done.stdout.split())
    assert 190 < after - before < 220
    assert peak_mb(2**30) == 0  # no such process


class Own(logging.StreamHandler[io.StringIO]):
    """Snakemake's own handler, as far as it is asked."""

    def can_color_tty(self) -> bool:
        return False


def test_a_step_is_a_line_with_how_far_the_run_is_and_the_rest_is_as_it_was() -> None:
    screen = io.StringIO()
    watched = logging.Logger("of a run")
    watched.addHandler(Own(screen))
    show_steps(watched)
    records: list[tuple[str | None, dict[str, object]]] = [
        ("Building DAG", {}),
        ("Job stats", {"event": "run_info", "stats": {"total": 10}}),
        (CHOOSING, {}),
        ("Execute 1 jobs...", {"event": "job_started"}),
        ("Rule: a", {"event": "job_info", "rule_msg": "Read it", "indent": False}),
        (None, {"event": "progress", "done": 1, "total": 12}),
        ("Rule: b", {"event": "job_info", "rule_msg": "Fit it", "indent": True}),
        ("Rule: of another workflow", {"event": "job_info", "rule_msg": None, "indent": False}),
    ]
    for message, told in records:
        watched.info(message, extra=told)
    watched.handlers[0]._own.addFilter(lambda record: record.levelno > logging.INFO)  # type: ignore
    watched.info("Rule: c", extra={"event": "job_info", "rule_msg": "Unheard", "indent": False})
    assert screen.getvalue().splitlines() == [
        "Building DAG",
        "[ 1/10] Read it",
        "    [ 2/12] Fit it",
        "Rule: of another workflow",
    ]


def test_where_another_handler_writes_steps_are_left_to_it() -> None:
    watched, handler = logging.Logger("of a run"), logging.NullHandler()
    watched.addHandler(handler)
    show_steps(watched)
    assert watched.handlers == [handler]


def deck_of(case: str, folder: Path) -> list[str]:
    """Return the lines on a data set that came to what a study came to."""
    write(folder / case / "deck.pptx")
    write_result(folder / case / "comparison" / "summary.json", study_of(case).summary)
    return headlines(folder, [case, "without_a_deck"]).splitlines()


def test_headlines_say_where_the_deck_is_and_whether_the_fits_are_certified(tmp_path: Path) -> None:
    lines = deck_of("mfvi_uncertified", tmp_path)
    found = study_of("mfvi_uncertified").summary
    deck = tmp_path / "mfvi_uncertified" / "deck.pptx"
    assert lines[0] == f"{deck}  (n = 80, c = 3, p = 200)"
    em, missing = found.em, found.mfvi.certificate.shortfall
    assert " ".join(lines[1].split()) == (
        f"EM PVE {em.pve:.4f} sigma_beta2 {em.sigma_beta2:.4g} sigma_e2 {em.sigma_e2:.4g} certified"
    )
    assert f"PVE {found.mfvi.pve:.4f}" in lines[2]
    assert f"NOT CERTIFIED: {missing:.3g} nats below the optimum" in lines[2]
    assert lines[3].strip() == "raise `mfvi.max_iter`, and run again"
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("case", "line", "words"),
    [
        ("boundary", 1, "certified, optimum at the boundary sigma_beta2 = 0"),
        ("flat", 1, "EM    the two variances cannot be told apart"),
        ("noiseless", 1, "PVE 1, without noise"),
        ("noiseless", 2, "the objective is highest at sigma_e2 = 0"),
        ("unbounded", 1, "NOT CERTIFIED: the objective has no maximum"),
        ("unbounded", 2, "set `likelihood: reml`"),
    ],
)
def test_headlines_give_the_reason_where_a_fit_is_not_as_it_should_be(
    case: str, line: int, words: str, tmp_path: Path
) -> None:
    assert words in deck_of(case, tmp_path)[line]


def response(name: str, *, certified: bool = True) -> FittedResponse:
    """Return a response of an overview, with what it would have of such a fit."""
    summary = study_of("ordinary" if certified else "mfvi_uncertified").summary
    listing = Responses((Listed(name, name, rows=1, n=summary.data.n),), ())
    return gather(listing, [summary]).fitted[0]


def several(folder: Path, fitted: list[FittedResponse], *left_out: LeftOut) -> list[str]:
    """Lines on a data set with these responses."""
    write(folder / "traits" / "deck.pptx")
    write_result(folder / "traits" / "overview.json", Overview(tuple(fitted), left_out))
    return headlines(folder, ["traits"], ["traits"]).splitlines()


def test_headlines_have_a_line_for_each_of_several_responses(tmp_path: Path) -> None:
    rows = [response("a"), response("b" * 30, certified=False)]
    lines = several(tmp_path, rows, LeftOut("c", "it has no value"))
    assert lines[0] == f"{tmp_path / 'traits' / 'deck.pptx'}  (responses: 2, 1 left out)"
    keys = ("em_pve", "mfvi_pve", "calibrated_pve")
    em, mfvi, seen = zip(
        *([f"{getattr(row, key):.4f}" for key in keys] for row in rows), strict=True
    )
    assert [" ".join(line.split()) for line in lines[1:]] == [
        f"a PVE by EM {em[0]} by MFVI {mfvi[0]} calibrated {seen[0]} certified",
        f"{'b' * 12}…{'b' * 11} PVE by EM {em[1]} by MFVI {mfvi[1]} calibrated {seen[1]}"
        " NOT CERTIFIED",
        "MFVI: raise `mfvi.max_iter`, and run again",
    ]
    assert lines[1].index("PVE") == lines[2].index("PVE")


def test_headlines_tell_responses_with_long_names_apart(tmp_path: Path) -> None:
    names = [f"measured_in_the_summer_of_2019_{k}" for k in ("height", "weight")]
    lines = several(tmp_path, [response(name) for name in names])
    assert lines[0].endswith("(responses: 2; … stands for measured_in_the_summer_of_2019_)")
    assert [line.split()[0] for line in lines[1:]] == ["…height", "…weight"]


def test_headlines_of_many_responses_are_about_a_dozen(tmp_path: Path) -> None:
    rows = [response(f"trait {k}", certified=k < 140) for k in range(150)]
    lines = several(tmp_path, rows)
    table = tmp_path / "traits" / "tables" / "responses.csv"
    assert len(lines) == 12
    assert lines[-1] == f"  and 140 more (10 NOT CERTIFIED): {table}"
    assert several(tmp_path, rows[:11])[-1] == f"  and 1 more: {table}"


def test_headlines_tell_what_mean_field_can_see_where_there_is_no_response(tmp_path: Path) -> None:
    found = Foresight(n=20, c=2, p=30, likelihood="ml", pve_max=0.328746, curve=())
    write_result(tmp_path / "x" / "foresight.json", found)
    assert headlines(tmp_path, ["x"]) == (
        f"{tmp_path / 'x' / 'foresight.json'}  (n = 20, c = 2, p = 30):"
        " mean field sees a PVE of at most 0.3287"
    )
