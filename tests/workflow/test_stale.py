"""Results that stand while their input is another, or gone: they don't pass as current."""

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from mixedmodel.store.files import read_json
from mixedmodel.store.fingerprint import sha256
from runs import Run, small_table, snakemake, write_table

pytestmark = pytest.mark.xdist_group("stale")

TARGET = "results/mine/table/summary.json"
LISTING = "results/traits/responses.json"
OLD = 978_307_200_000_000_000  # nanoseconds: the first day of 2001


def run(folder: Path, *arguments: str) -> Run:
    return snakemake(folder, *arguments, "--configfile", "mine.yaml")


def planned(folder: Path, *arguments: str) -> set[str]:
    return set(
        snakemake(folder, *arguments, "-n", "--configfile", "mine.yaml", profile="none").jobs
    )


def configure(folder: Path, **options: object) -> None:
    datasets = {
        "mine": {"path": "mine.txt", **options},
        "yours": {"path": "yours.txt"},
        "traits": {"path": "traits.txt", "response": "t."},
    }
    (folder / "mine.yaml").write_text(
        yaml.safe_dump({"run": "mine", "datasets": datasets}), encoding="utf-8"
    )


def digits(table: pd.DataFrame) -> pd.DataFrame:
    return table.round(3).map("{:+.3f}".format)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two imports and a list of responses, done."""
    folder = tmp_path_factory.mktemp("made")
    table = small_table(n=12, c=1, p=4)
    write_table(digits(table), folder / "mine.txt")
    write_table(table, folder / "yours.txt")
    traits = table.rename(columns={"y": "t.1", "X.1": "t.2"})
    write_table(digits(traits), folder / "traits.txt")
    configure(folder)
    done = run(folder, TARGET, LISTING)
    assert done.status == 0, done.text
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """What was made, moved to another folder."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def put_another(path: Path) -> None:
    """Put other numbers into a table that has the same size then, and an older time."""
    before, size = path.read_text(encoding="utf-8"), path.stat().st_size
    header, row, *rows = before.splitlines()
    path.write_text("\n".join([header, *rows, row]) + "\n", encoding="utf-8")
    assert path.stat().st_size == size
    os.utime(path, ns=(OLD, OLD))


def test_what_was_made_stands_in_another_folder_and_whatever_the_time(folder: Path) -> None:
    assert planned(folder, TARGET, LISTING) == set()
    os.utime(folder / "mine.txt", ns=(OLD, OLD))
    assert planned(folder, TARGET, LISTING) == set()


def test_another_table_with_an_older_time_is_imported(folder: Path) -> None:
    put_another(folder / "mine.txt")
    assert planned(folder, TARGET) == {"import_table"}
    assert run(folder, TARGET).status == 0
    assert read_json(folder / TARGET)["sha256"] == sha256(folder / "mine.txt")
    assert "Nothing to be done" in run(folder, TARGET).text


def test_responses_are_listed_anew_from_another_table(folder: Path) -> None:
    put_another(folder / "traits.txt")
    assert planned(folder, LISTING) == {"list_responses"}


def test_a_result_of_one_response_is_planned_while_they_are_listed_anew(folder: Path) -> None:
    put_another(folder / "traits.txt")
    target = "results/traits/t.1/em/estimates.json"
    done = snakemake(folder, target, "-n", "--configfile", "mine.yaml", profile="none")
    assert done.status == 0, done.text
    assert {"list_responses", "fit_em"} <= set(done.jobs)


def test_touch_takes_what_is_there_as_made_from_the_other_table(folder: Path) -> None:
    put_another(folder / "mine.txt")
    before = (folder / TARGET).read_bytes()
    assert run(folder, TARGET, "--touch").status == 0
    assert planned(folder, TARGET) == set()
    assert (folder / TARGET).read_bytes() == before


@pytest.mark.parametrize("options", [{}, {"missing": "drop_rows"}])
def test_a_table_that_is_gone_is_refused_although_results_stand(
    folder: Path, options: dict[str, object]
) -> None:
    (folder / "mine.txt").rename(folder / "elsewhere.txt")
    configure(folder, **options)
    failed = run(folder, TARGET)
    assert failed.status != 0
    assert "there is no file mine.txt, which `datasets.mine.path` names" in failed.error
    (folder / "elsewhere.txt").rename(folder / "mine.txt")
    assert run(folder, TARGET).status == 0


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("mien.txt", "there is no file mien.txt, which `datasets.mine.path` names"),
        ("results//mine", "results/mine is a folder, which `datasets.mine.path` names"),
    ],
)
def test_a_path_without_a_table_is_refused_although_results_stand(
    folder: Path, path: str, says: str
) -> None:
    configure(folder, path=path)
    failed = run(folder, TARGET, LISTING)
    assert failed.status != 0
    assert says in failed.error
    assert "Put the table there" in failed.text


def test_only_a_table_that_is_asked_for_has_to_be_there(folder: Path) -> None:
    (folder / "yours.txt").unlink()
    (folder / "traits.txt").unlink()
    assert "Nothing to be done" in run(folder, TARGET).text
    failed = run(folder, TARGET, TARGET.replace("mine", "yours"))
    assert failed.status != 0
    assert "no file yours.txt, which `datasets.yours.path` names" in failed.error


@pytest.mark.parametrize("file", ["responses.json", "t.1/em/estimates.json", "deck.pptx"])
def test_a_table_of_several_responses_that_is_gone_is_named(folder: Path, file: str) -> None:
    (folder / "traits.txt").unlink()
    failed = run(folder, f"results/traits/{file}")
    assert failed.status != 0
    assert "no file traits.txt, which `datasets.traits.path` names" in failed.error
