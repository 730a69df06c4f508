"""Several responses of one table: what is found of them, and their import."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixedmodel.errors import UserError
from mixedmodel.model.listing import LeftOut, Listed, Responses
from mixedmodel.store.importer import TableFiles, Wanted, import_table
from mixedmodel.store.observed import find_responses, folder_names
from mixedmodel.store.parts import read_random
from mixedmodel.store.responses import has_several, read_responses
from mixedmodel.store.results import write_result
from mixedmodel.store.table import read_fixed, read_rows

Write = Callable[..., Path]

TABLE = """t.1,t.2,t.3,Z.1,X.1,X.2,t.4,t.5
1,NA,3,1,1,2,NA,5
2,2,1,0,3,5,NA,5
3,7,2,1,2,2,NA,5
4,5,9,5,7,1,8,5
5,NA,7,2,4,9,NA,5
"""
FEW = "it has a value in no more rows"
OPTIONS = {"fixed_columns": "Z.", "random_columns": "X.", "intercept": False, "missing": "error"}


def find(path: Path, response: Any = "t.", **options: Any) -> Responses:
    return find_responses(path, response=response, **(OPTIONS | options))


def refusal(path: Path, response: Any, **options: Any) -> str:
    with pytest.raises(UserError) as caught:
        find(path, response, **options)
    return str(caught.value)


@pytest.fixture(params=[1, 1 << 20])
def _block_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read a line or everything at a time."""
    monkeypatch.setattr("mixedmodel.store.sources.TEXT_BYTES", request.param)


@pytest.mark.usefixtures("_block_size")
def test_responses_are_numbered_by_the_rows_they_are_observed_in(
    write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        found = find(write(TABLE), missing="drop_rows")
    assert found.listed == (
        Listed("t.1", "t.1", 1, 5),
        Listed("t.2", "t.2", 2, 3),
        Listed("t.3", "t.3", 1, 5),
    )
    assert found.left_out == (
        LeftOut("t.4", f"{FEW} (1) than there are fixed effects (1)"),
        LeftOut("t.5", "it is 5 wherever it has a value"),
    )
    assert f"responses left out: 't.4': {FEW} (1)" in caplog.text


def test_of_responses_named_one_by_one_the_bad_ones_are_left_out_too(write: Write) -> None:
    path = write(TABLE)
    assert [each.response for each in find(path, ["t.3", "t.1"]).listed] == ["t.3", "t.1"]
    found = find(path, ["t.1", "t.4", "t.5"], missing="drop_rows")
    assert [each.response for each in found.listed] == ["t.1"]
    assert found.left_out == (
        LeftOut("t.4", f"{FEW} (1) than there are fixed effects (1)"),
        LeftOut("t.5", "it is 5 wherever it has a value"),
    )


@pytest.mark.parametrize("response", ["t.", ["t.1", "t.2"]])
def test_responses_of_which_nothing_is_left_are_refused(write: Write, response: Any) -> None:
    path = write("t.1,t.2,Z.1,X.1\n1,NA,1,2\n1,NA,3,4\n")
    message = refusal(path, response, missing="drop_rows")
    assert message.startswith(f"{path}: none of the responses can be fitted: ")
    assert "'t.1': it is 1 wherever it has a value; 't.2': it has no value; expected" in message


def test_where_nothing_may_be_missing_all_rows_are_everybodys(write: Write) -> None:
    assert {each.rows for each in find(write(TABLE), ["t.1", "t.2", "t.3"]).listed} == {1}


def test_a_response_may_not_be_an_effect_too(write: Write) -> None:
    assert "claimed twice: 'X.1' (response and random)" in refusal(write(TABLE), ["t.1", "X.1"])


@pytest.mark.parametrize(
    ("response", "several"),
    [
        *(("t.", True), ("t.1", False), ("u", False), (["t.1"], True), ([], False), (None, False)),
        ("Z", False),  # a beginning of one column only is a slip of the pen
    ],
)
def test_a_response_is_several_if_it_is_a_list_or_a_prefix_of_several(
    write: Write, response: Any, several: bool
) -> None:
    assert has_several(write(TABLE), response) is several


def test_a_table_that_is_not_there_says_nothing_of_its_responses(tmp_path: Path) -> None:
    assert not has_several(tmp_path / "none.txt", "t.")
    assert has_several(tmp_path / "none.txt", ["t.1"])


def test_what_was_found_comes_back_from_its_file(write: Write, tmp_path: Path) -> None:
    found = find(write(TABLE), missing="drop_rows")
    write_result(tmp_path / "responses.json", found)
    assert read_responses(tmp_path / "responses.json") == found


def test_folders_have_plain_names_of_their_own() -> None:
    names = ["CD8+ (%)", "CD8- (%)", "a/b", ".hidden", "-x", "Table", "shared", "größe", "y", "Y"]
    assert folder_names(names) == [
        "CD8_____",
        "CD8-____",
        "a_b",
        "_hidden",
        "_x",
        "Table-2",
        "shared-2",
        "gr__e",
        "y",
        "Y-2",
    ]


def imported(source: Path, folder: Path, response: Any, **options: Any) -> Any:
    names = ("fixed.parquet", "random", "rows.parquet", "predict", "summary.json")
    files = TableFiles(*(folder / name for name in names))
    wanted = Wanted(response=response, standardize=True, **(OPTIONS | options))
    return import_table(source, files, wanted)


@pytest.mark.parametrize("intercept", [True, False])
def test_responses_imported_together_are_as_each_alone(
    write: Write, tmp_path: Path, intercept: bool
) -> None:
    path = write(TABLE.replace("\n5,NA,7", "\nNA,NA,NA"))
    options = {"missing": "drop_rows", "intercept": intercept}
    together = imported(path, tmp_path / "together", ["t.1", "t.3"], **options)
    for position, name in enumerate(["t.1", "t.3"]):
        alone = imported(path, tmp_path / name, name, **options)
        assert alone.responses == (together.responses[position],)
        folders = (tmp_path / "together", tmp_path / name)
        first, second = (read_fixed(folder / "fixed.parquet", name) for folder in folders)
        assert (first.y.tolist(), first.Z.tolist()) == (second.y.tolist(), second.Z.tolist())
        for part in ("random", "predict/random"):
            first, second = (read_random(folder / part).whole().tolist() for folder in folders)
            assert first == second
        rows = [read_rows(folder / "predict/rows.parquet").tolist() for folder in folders]
        assert rows == [[5], [5]]
    assert together.missing == alone.missing


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("fixed", [[], "Z."])
def test_a_table_may_be_imported_before_it_has_a_response(
    write: Write, tmp_path: Path, intercept: bool, fixed: Any
) -> None:
    summary = imported(write(TABLE), tmp_path, [], fixed_columns=fixed, intercept=intercept)
    assert (summary.responses, summary.n, summary.rows_to_predict) == ((), 5, 0)
    assert summary.c == intercept + bool(fixed)
    assert read_random(tmp_path / "random").whole().shape == (5, 2)


def test_one_bad_response_of_several_is_named(write: Write, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"the response, column 't\.5', is 5 in each of the 5"):
        imported(write(TABLE), tmp_path, ["t.1", "t.5"])
    path = write(TABLE.replace("t.5", "t.6").replace(",5\n", ",9\n").replace("8,9", "8,3"))
    values = np.array([[float(x) for x in row.split(",")[3:4]] for row in TABLE.split()[1:]])
    text = path.read_text().splitlines()
    doubled = [f"{row},{2 * z}" for row, z in zip(text[1:], values[:, 0], strict=True)]
    path.write_text("\n".join([f"{text[0]},copy", *doubled]) + "\n")
    with pytest.raises(UserError, match=r"column 'copy', is an exact linear combination"):
        imported(path, tmp_path, ["t.1", "copy"])
