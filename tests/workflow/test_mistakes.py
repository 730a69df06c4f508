"""Each mistake of a user, tried through Snakemake: one clear message, nothing left, then mended."""

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from runs import Run, small_table, snakemake, write_table

pytestmark = pytest.mark.xdist_group("mistakes")

TARGET = "results/mine/table/summary.json"


@dataclass(frozen=True)
class Mistake:
    """A spoilt table or a wrong setting, and what its message must say."""

    says: tuple[str, ...]
    spoil: Callable[[list[list[str]]], list[list[str]]] = field(default=lambda rows: rows)
    options: dict[str, object] = field(default_factory=dict)


def cell(row: int, column: int, text: str) -> Callable[[list[list[str]]], list[list[str]]]:
    def spoil(rows: list[list[str]]) -> list[list[str]]:
        rows[row][column] = text
        return rows

    return spoil


def holes(rows: list[list[str]]) -> list[list[str]]:
    rows[2][0], rows[3][4], rows[5][1], rows[7][6] = "NA", "", "NaN", "NA"
    return rows


def copied_column(rows: list[list[str]]) -> list[list[str]]:
    return [[*row[:2], row[1] if i else row[2], *row[3:]] for i, row in enumerate(rows)]


def response_of_fixed_effects(rows: list[list[str]]) -> list[list[str]]:
    return [rows[0], *([str(2 * float(row[1])), *row[1:]] for row in rows[1:])]


def constant_response(rows: list[list[str]]) -> list[list[str]]:
    return [rows[0], *(["2.5", *row[1:]] for row in rows[1:])]


def a_field_more(text: str) -> Callable[[list[list[str]]], list[list[str]]]:
    return lambda rows: [rows[0], *([*row, text] for row in rows[1:])]


MISTAKES = {
    "empty file": Mistake(("mine.txt", "empty"), lambda rows: []),
    "no header": Mistake(("line 1", "no header"), lambda rows: rows[1:]),
    "header only": Mistake(("no row below it",), lambda rows: rows[:1]),
    "ragged row": Mistake(
        ("line 4", "8 fields", "9"), lambda rows: [*rows[:3], rows[3][:-1], *rows[4:]]
    ),
    "text in a number column": Mistake(
        ("line 5", "'X.1'", "'tall'"), cell(row=4, column=3, text="tall")
    ),
    "quote within a number": Mistake(
        ("line 5", "'X.1'", "'1\"2\"'"), cell(row=4, column=3, text='1"2"')
    ),
    "nan with a number": Mistake(("line 3", "'X.2'", "'nan(1)'"), cell(2, 4, "nan(1)")),
    "separator at the end of rows": Mistake(
        ("rows end with a separator", "line 1"), a_field_more(""), {"missing": "drop_rows"}
    ),
    "name missing in the header": Mistake(
        ("'1' stands in line 2 and in line 3", "name of the first column to line 1"),
        lambda rows: [rows[0], *(["1", *row] for row in rows[1:])],
    ),
    "comment": Mistake(("line 1 begins with '#'", "delete"), lambda rows: [["# mine"], *rows]),
    "variants of PLINK": Mistake(
        ("a .bim file of PLINK", "plink2 --export A"),
        lambda rows: [["1", f"rs{i}", "0", str(i), "A", "G"] for i in range(9)],
    ),
    "infinite value": Mistake(("line 3", "'Z.2'", "inf"), cell(row=2, column=2, text="Inf")),
    "missing values": Mistake(
        ("missing values: 4", "line 3", "line 4", "line 6", "drop_rows", "predict it"), holes
    ),
    "duplicate names": Mistake(
        ("column names occur more than once", "'X.1'"), cell(row=0, column=4, text="X.1")
    ),
    "prefix without columns": Mistake(("begins with 'G.'", "`random`"), options={"random": "G."}),
    "unknown name": Mistake(("no column 'Z.7'", "`fixed`"), options={"fixed": ["Z.1", "Z.7"]}),
    "misspelt response": Mistake(
        ("no column 'X.6_ne'", "`response`", "one begins with it: did you mean 'X.6_new'?"),
        cell(row=0, column=8, text="X.6_new"),
        {"response": "X.6_ne", "random": ["X.1"]},
    ),
    "column claimed twice": Mistake(
        ("claimed twice", "'Z.1'"), options={"fixed": ["Z.1"], "random": ["Z.1", "X.1"]}
    ),
    "too few rows": Mistake(("n = 2", "c = 2"), lambda rows: rows[:3]),
    "collinear fixed effects": Mistake(("collinear", "'Z.2'"), copied_column),
    "response of fixed effects": Mistake(
        ("'y', is an exact linear combination of the fixed effects",), response_of_fixed_effects
    ),
    "constant response": Mistake(("'y'", "2.5 in each of the 12 rows"), constant_response),
}


def configure(folder: Path, path: str = "mine.txt", **options: object) -> None:
    entry = {"run": "mine", "datasets": {"mine": {"path": path, **options}}}
    (folder / "mine.yaml").write_text(yaml.safe_dump(entry), encoding="utf-8")


def run(folder: Path, *arguments: str) -> Run:
    return snakemake(folder, *arguments, "--configfile", "mine.yaml")


def rows_of_a_table() -> list[list[str]]:
    table = small_table(n=12, c=2, p=6)
    return [list(table.columns), *(list(map(repr, row)) for row in table.to_numpy().tolist())]


def write_rows(rows: list[list[str]], path: Path) -> None:
    path.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")


def finished(folder: Path) -> list[Path]:
    """Files under results that a rule declares as its output, and partial ones."""
    kept = ("logs", "benchmarks")
    files = (file for file in (folder / "results").rglob("*") if file.is_file())
    return [file for file in files if file.parent.name not in kept]


@dataclass(frozen=True)
class Tried:
    """A run of all mistakes in tables, a data set each, and the run after they were mended."""

    folder: Path
    failed: Run
    left: list[Path]  # files that the failed run finished, or left under a partial name
    logs: dict[str, str]
    mended: Run


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    folder = tmp_path_factory.mktemp("mistakes")
    lay_out(folder, {name: mistake.options for name, mistake in MISTAKES.items()})
    for name, mistake in MISTAKES.items():
        write_rows(mistake.spoil(rows_of_a_table()), folder / table_of(name))
    targets = [target_of(name) for name in MISTAKES]
    failed = run(folder, *targets, "--keep-going")
    left, logs = finished(folder), {name: log_of(folder, name) for name in MISTAKES}
    lay_out(folder, {name: {} for name in MISTAKES})
    for name in MISTAKES:
        write_rows(rows_of_a_table(), folder / table_of(name))
    return Tried(folder, failed, left, logs, run(folder, *targets))


def lay_out(folder: Path, options: dict[str, dict[str, object]]) -> None:
    """Write settings with a data set of these options for each mistake."""
    datasets = {key(name): {"path": table_of(name), **more} for name, more in options.items()}
    entry = {"run": list(datasets), "datasets": datasets}
    (folder / "mine.yaml").write_text(yaml.safe_dump(entry), encoding="utf-8")


def key(name: str) -> str:
    return name.replace(" ", "_")


def table_of(name: str) -> str:
    return f"{key(name)}-mine.txt"


def target_of(name: str) -> str:
    return f"results/{key(name)}/table/summary.json"


def log_of(folder: Path, name: str) -> str:
    log = folder / "results" / key(name) / "logs" / "import_table.log"
    return log.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_the_table_is_told_and_mended(tried: Tried, name: str) -> None:
    assert tried.failed.status != 0
    assert "Traceback" not in tried.failed.text
    [error] = re.findall(r" ERROR: (.*)\n", tried.logs[name])
    assert [part for part in MISTAKES[name].says if part not in error] == []
    assert tried.failed.text.count(f"ERROR: {error}\n") == 1
    assert tried.left == []

    assert tried.mended.status == 0, tried.mended.text
    assert (tried.folder / target_of(name)).is_file()


def test_each_mistake_is_told_in_one_message(tried: Tried) -> None:
    assert tried.failed.text.count("ERROR: ") == len(MISTAKES)


def test_a_missing_file_is_named_with_its_setting(tmp_path: Path) -> None:
    configure(tmp_path, path="folder/mine.txt")
    failed = run(tmp_path)
    assert failed.status != 0
    assert "Traceback" not in failed.text
    assert "no file folder/mine.txt, which `datasets.mine.path` names" in failed.error
    assert "Put the table there" in failed.text
    assert not (tmp_path / "results").exists()

    (tmp_path / "folder").mkdir()
    write_rows(rows_of_a_table(), tmp_path / "folder" / "mine.txt")
    assert run(tmp_path, TARGET).status == 0


def test_a_response_without_noise_is_told(tmp_path: Path) -> None:
    table = small_table(n=20, c=1, p=4)
    table["y"] = table["X.1"] + table["X.2"]
    write_table(table, tmp_path / "mine.txt")
    configure(tmp_path)
    failed = run(tmp_path)
    assert failed.status != 0
    assert "'y' is reproduced exactly by the fixed and random columns" in failed.error
    end = failed.text.rpartition("Exiting because a job execution failed")[2]
    said = (
        "Failed: decompose, see results/mine/logs/decompose.log\n    the response 'y' is reproduced"
    )
    assert said in end
    assert not (tmp_path / "results/mine/spectral/decomposition.npz").exists()
    assert not (tmp_path / "results/mine/deck.pptx").exists()


def test_more_folds_than_rows_are_refused(tmp_path: Path) -> None:
    target = "results/mine/cross_validation/summary.json"
    write_rows(rows_of_a_table(), tmp_path / "mine.txt")
    configure(tmp_path, cross_validation=13)
    failed = run(tmp_path, target)
    assert failed.status != 0
    assert "cross-validation: 13 folds don't divide n = 12 rows" in failed.error
    assert not (tmp_path / "results/mine/cross_validation/summary.json").exists()
    configure(tmp_path, cross_validation=12)
    assert run(tmp_path, target).status == 0


def test_a_cut_archive_is_told(tmp_path: Path) -> None:
    whole = gzip.compress(write_table(small_table(), tmp_path / "mine.txt").read_bytes())
    (tmp_path / "mine.txt.gz").write_bytes(whole[: len(whole) // 2])
    configure(tmp_path, path="mine.txt.gz")
    failed = run(tmp_path, TARGET)
    assert failed.status != 0
    assert "mine.txt.gz" in failed.error
    assert "cut short" in failed.error
    assert finished(tmp_path) == []


def test_a_constant_random_effect_is_a_warning(tmp_path: Path) -> None:
    rows = rows_of_a_table()
    write_rows([rows[0], *([*row[:-1], "0"] for row in rows[1:])], tmp_path / "mine.txt")
    configure(tmp_path)
    done = run(tmp_path, TARGET)
    assert done.status == 0
    assert "WARNING: " in done.text
    assert "X.6" in done.text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("em: {max_itr: 3}", "`em`: unknown key `max_itr` (did you mean 'max_iter'?)"),
        ("mfvi: {block: 0}", "`mfvi.block` is 0; needed: a whole number, at least 1"),
        ("datasets: {a/b: {path: t}}", "`datasets`: bad name 'a/b'; needed: a name made of"),
        ("run: yours", "`run`: no data set 'yours'; known: demo, xyz_mom"),
        (
            "datasets: {m: null}",
            "`datasets.m` is null (empty); needed: a data set with exactly one",
        ),
        ("{datasets: {m: {path: t, response: [1]}}, run: m}", ': write it in quotes, "1"'),
        ("datasets: {demo: {path: t}}", "`datasets.demo` has `path` and `simulate`"),
        ("deck: {template: no.pptx}", "there is no file no.pptx, which `deck.template` names"),
        ("deck: {story: nowhere}", "there is no folder nowhere, which `deck.story` names"),
        ("deck: {language: klingon}", "`deck.language`: no language 'klingon'; needed: a tag"),
        ("deck: {story: .}", "mine.yaml: object contains unknown field `deck`"),
    ],
)
def test_a_mistake_in_the_settings_is_told(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    failed = run(tmp_path)
    assert failed.status != 0
    assert failed.error
    assert says in failed.text
    assert "Traceback" not in failed.text
    assert "additionalProperties" not in failed.text
    assert not (tmp_path / "results").exists()


def test_a_data_set_that_is_not_configured_is_refused_as_a_target(tmp_path: Path) -> None:
    failed = snakemake(tmp_path, "results/nobody/deck.pptx")
    assert failed.status != 0
    assert "results/nobody/deck.pptx" in failed.text
    assert "Traceback" not in failed.text
