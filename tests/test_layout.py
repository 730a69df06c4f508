"""The rooms of the project: imports point one way, rules mirror scripts, files say no secrets."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import signature
from pathlib import Path

import pytest
from snakemake.api import SnakemakeApi
from snakemake.rules import Rule
from snakemake.settings.types import ResourceSettings

from mixedmodel.modules import imported_files
from mixedmodel.store.files import write_json

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
OF_THE_MAKEFILE = {
    "coverage_study",
    "gallery",
    "native_equations",
    "rule_graph",
    "site_pages",
    "story_names",
}
SCRIPT_OF = {"fit_em": "fit", "fit_mfvi": "fit"}  # of rules that share one
WITHOUT_TYPES = {  # parameters that are things of python-pptx and matplotlib
    *("slide", "shape", "presentation", "paragraph", "cell", "axis", "series", "master"),
    *("each", "target", "locs", "grid: table", "chart", "build: drawn", "links: links"),
    "finish: element",  # of XML
    *("equation_pictures: content", "equation_pictures: fields"),  # pictures as JSON
    "tables: rows",  # cells of any kind
}
OF_ANY_TYPE = {  # what reads texts from YAML and follows names through the types of the results
    *(f"story/{name}.py" for name in ("check", "drawing", "formats", "paths", "source", "telling")),
    *("omml.py", "slides/native.py"),  # elements of XML
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
        if file.relative_to(PACKAGE / "report").as_posix() not in OF_ANY_TYPE
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.arg)
        and "Any" in re.findall(r"\w+", ast.unparse(node.annotation or ast.Constant(None)))
        and not {node.arg, f"{file.stem}: {node.arg}"} & WITHOUT_TYPES
    ]
    assert loose == []


@pytest.fixture(scope="module")
def rules() -> Iterator[dict[str, Rule]]:
    """Each rule as Snakemake has read it, but for the one that gathers the goals."""
    with pytest.MonkeyPatch.context() as surroundings, SnakemakeApi() as api:
        surroundings.setattr(sys, "path", [*sys.path])
        for variable in ("MATPLOTLIBRC", "PYTHONPATH"):
            surroundings.setenv(variable, "")  # so that what the workflow sets is undone
        workflow = api.workflow(ResourceSettings(cores=1), snakefile=ROOT / "Snakefile")
        yield {rule.name: rule for rule in workflow._workflow.rules if rule.name != "all"}


@pytest.mark.parametrize(
    "part", ["log", "benchmark", "threads", "resources", "message", "conda_env"]
)
def test_every_rule_has(rules: dict[str, Rule], part: str) -> None:
    assert [name for name, rule in rules.items() if getattr(rule.ruleinfo, part) is None] == []


@dataclass(frozen=True)
class Inputs:
    """Inputs of any rule: the summary of a table."""

    summary: str

    def __iter__(self) -> Iterator[str]:
        return iter([self.summary])


def test_every_rule_asks_for_more_memory_and_time_when_it_is_tried_again(
    rules: dict[str, Rule], tmp_path: Path
) -> None:
    size = {"n": 1000, "c": 30, "p": 6000, "rows_to_predict": 5}
    write_json(tmp_path / "table" / "summary.json", size)
    inputs = Inputs(str(tmp_path / "table" / "summary.json"))
    demo = {"dataset": "demo"}
    for rule in rules.values():
        for resource in ("mem_mb", "runtime"):
            ask = rule.ruleinfo.resources[1][resource]
            asked = [ask(demo, input=inputs, attempt=attempt) for attempt in (1, 2, 3)]
            assert asked == [asked[0], 2 * asked[0], 3 * asked[0]], (rule.name, resource)
            assert asked[0] > 0, (rule.name, resource)


def test_every_rule_runs_a_script_and_has_no_run_or_shell_block(rules: dict[str, Rule]) -> None:
    assert [name for name, rule in rules.items() if not rule.is_script] == []
    assert [name for name, rule in rules.items() if rule.is_run or rule.is_shell] == []


def test_each_rule_runs_the_script_of_its_name_and_watches_what_that_imports(
    rules: dict[str, Rule],
) -> None:
    for name, rule in rules.items():
        script = (Path(rule.snakefile).parent / rule.script).resolve()
        assert script == ROOT / "scripts" / f"{SCRIPT_OF.get(name, name)}.py"
        assert [Path(file).resolve() for file in rule.input.code] == [*imported_files(script)]
        [log] = rule.log
        own = rf"{name}(\.\{{[^}}]+\}})*"  # of several jobs their wildcards too
        assert re.search(rf"/logs/{own}\.log$", log)
        assert re.search(rf"/benchmarks/{own}\.tsv$", rule.benchmark)


def test_each_script_belongs_to_a_rule_or_to_the_makefile(rules: dict[str, Rule]) -> None:
    of_rules = {SCRIPT_OF.get(name, name) for name in rules}
    assert {file.stem for file in SCRIPTS} == of_rules | OF_THE_MAKEFILE


def test_functions_that_rules_hand_to_snakemake_take_wildcards(rules: dict[str, Rule]) -> None:
    for rule in rules.values():
        parts = (rule.ruleinfo.input, rule.ruleinfo.params, rule.ruleinfo.resources)
        for part in filter(None, parts):
            functions = [value for value in part[1].values() if callable(value)]
            assert {next(iter(signature(each).parameters)) for each in functions} <= {"wildcards"}


def test_rules_hold_no_python_of_their_own() -> None:
    python = re.compile(r"^ *(def|class|for|if|with|import|from) |\blambda\b", re.MULTILINE)
    files = [file for file in RULES if file.stem not in ("common", "home")]
    assert [file.name for file in files if python.search(file.read_text(encoding="utf-8"))] == []


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
        for folder in ("scripts", "benchmarks")
        for file in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LINES_OF_A_FUNCTION
    ]
    assert long == []


def test_the_snakefile_is_a_table_of_contents() -> None:
    assert len((ROOT / "Snakefile").read_text(encoding="utf-8").splitlines()) <= 40


def test_benchmarks_know_the_package_and_nothing_knows_them() -> None:
    folders = (ROOT / "scripts", ROOT / "workflow")
    files = [file for folder in folders for file in folder.rglob("*.py")]
    assert [file.name for file in files if "benchmarks" in " ".join(imported(file))] == []


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
