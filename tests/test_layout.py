"""The rooms of the project: imports point one way, rules mirror scripts, files say no secrets."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "scripts" / "mixedmodel"
SCRIPTS = sorted((ROOT / "scripts").glob("*.py"))
RULES = sorted((ROOT / "workflow" / "rules").glob("*.smk"))
MAY_IMPORT = {
    "model": {"model", "errors"},
    "store": {"store", "model", "errors"},
    "report": {"report", "model", "errors"},
}
LIBRARIES_OF_THE_MODEL = {"mixedmodel", "numpy", "scipy"}
HOSTS = {
    "doi.org",
    "json-schema.org",
    "schemas.microsoft.com",
    "schemas.openxmlformats.org",
    "www.w3.org",
}
NOT_OURS = "scripts/mixedmodel/report/fonts/"  # as they were published, with their licence
OF_THE_MAKEFILE = {"bench", "coverage_study"}
WITHOUT_TYPES = {  # parameters that are things of python-pptx and matplotlib
    *("slide", "shape", "presentation", "paragraph", "cell", "axis", "series", "master"),
    *("each", "target", "locs", "grid: table"),
    *("equation_pictures: content", "tables: rows"),  # pictures as JSON, cells of any kind
}
LINES_OF_A_SCRIPT = 60
LINES_OF_A_FUNCTION = 60


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "mixedmodel":
            yield from (f"mixedmodel.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_point_one_way(room: str) -> None:
    wrong = [
        (str(file.relative_to(PACKAGE)), name)
        for file in (PACKAGE / room).rglob("*.py")
        for name in imported(file)
        if name.startswith("mixedmodel.") and name.split(".")[1] not in MAY_IMPORT[room]
    ]
    assert wrong == []


def test_the_model_needs_numpy_and_scipy_only() -> None:
    libraries = {
        name.partition(".")[0]
        for file in (PACKAGE / "model").rglob("*.py")
        for name in imported(file)
    }
    assert libraries - sys.stdlib_module_names <= LIBRARIES_OF_THE_MODEL


def test_the_report_takes_results_by_their_types() -> None:
    loose = [
        (str(file.relative_to(PACKAGE)), node.arg)
        for file in (PACKAGE / "report").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.arg)
        and "Any" in re.findall(r"\w+", ast.unparse(node.annotation or ast.Constant(None)))
        and not {node.arg, f"{file.stem}: {node.arg}"} & WITHOUT_TYPES
    ]
    assert loose == []


def rules() -> dict[str, str]:
    """Body of each rule by its name."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in RULES)
    parts = re.split(r"^(?:rule|checkpoint) (\w+):\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("part", ["log", "benchmark", "threads", "resources", "message", "conda"])
def test_every_rule_has(part: str) -> None:
    assert [name for name, body in rules().items() if f"\n    {part}:" not in body] == []


def test_every_rule_asks_for_more_memory_and_time_when_it_is_tried_again() -> None:
    for resource in ("mem_mb", "runtime"):
        grows = re.compile(rf"{resource}=lambda [\w, ]*\battempt: attempt\s+\*")
        assert [name for name, body in rules().items() if not grows.search(body)] == []


def test_no_rule_has_a_run_or_a_shell_block() -> None:
    assert [name for name, body in rules().items() if re.search(r"\n    (run|shell):", body)] == []


def test_each_rule_runs_the_script_of_its_name_and_watches_what_that_imports() -> None:
    for name, body in rules().items():
        assert f'"../../scripts/{name}.py"' in body
        assert f'code=code("{name}.py")' in body
        assert f"/logs/{name}.log" in body
        assert f"/benchmarks/{name}.tsv" in body


def test_each_script_belongs_to_a_rule_or_to_the_makefile() -> None:
    assert {file.stem for file in SCRIPTS} == {*rules(), *OF_THE_MAKEFILE}


def test_scripts_are_short_and_leave_the_work_to_the_package() -> None:
    lengths = {
        file.name: len(file.read_text(encoding="utf-8").splitlines())
        for file in SCRIPTS
        if file.stem not in OF_THE_MAKEFILE
    }
    assert {name: lines for name, lines in lengths.items() if lines > LINES_OF_A_SCRIPT} == {}


def test_functions_fit_a_screen() -> None:
    long = [
        (str(file.relative_to(ROOT)), node.name)
        for file in (ROOT / "scripts").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LINES_OF_A_FUNCTION
    ]
    assert long == []


def test_the_snakefile_is_a_table_of_contents() -> None:
    assert len((ROOT / "Snakefile").read_text(encoding="utf-8").splitlines()) <= 40


def test_only_the_rules_know_config_and_snakemake() -> None:
    wrong = [
        str(file.relative_to(ROOT))
        for file in PACKAGE.rglob("*.py")
        if any(name.partition(".")[0] == "snakemake" for name in imported(file))
    ]
    assert wrong == []


def tracked() -> dict[str, str]:
    """Text of each tracked file that was written here, by its path."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, encoding="utf-8"
    )
    names = [name for name in listed.stdout.split("\0") if not name.startswith(NOT_OURS)]
    files = [name for name in names if name and (ROOT / name).is_file()]
    return {name: (ROOT / name).read_text(encoding="utf-8", errors="replace") for name in files}


def test_no_tracked_file_names_a_path_of_somebodys_machine() -> None:
    home = re.compile(r"(?<![\w.])/(home|root|work|Users)/\w")
    assert [name for name, text in tracked().items() if home.search(text)] == []


def test_tracked_files_point_only_to_standards_and_sources() -> None:
    link = re.compile(r"https?://([\w.-]+)")
    hosts = {host for text in tracked().values() for host in link.findall(text)}
    assert hosts <= HOSTS
