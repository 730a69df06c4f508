"""Which responses can be fitted in the rows they are observed in: as their import would say."""

import tempfile
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mixedmodel.errors import UserError
from mixedmodel.model.listing import LeftOut, Listed, Responses
from mixedmodel.store.importer import TableFiles, Wanted, import_table
from mixedmodel.store.observed import find_responses
from mixedmodel.store.table import read_rows

Write = Callable[..., Path]

FEW = "it has a value in no more rows"


def find(path: Path, response: Any = "t.", **options: Any) -> Responses:
    defaults = {"fixed_columns": "Z.", "random_columns": "X.", "intercept": False}
    return find_responses(path, response=response, **({"missing": "error"} | defaults | options))


def refusal(path: Path, response: Any, **options: Any) -> str:
    with pytest.raises(UserError) as caught:
        find(path, response, **options)
    return str(caught.value)


@pytest.fixture(params=[1, 1 << 20])
def _block_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read a line or everything at a time."""
    monkeypatch.setattr("mixedmodel.store.sources.TEXT_BYTES", request.param)


DEPENDENT = """t.1,t.2,t.3,t.4,Z.1,Z.2,X.1
1,4,NA,NA,1,0,3
5,6,NA,NA,2,0,1
2,3,3,1,1,0,4
3,NA,2,1,0,2,1
9,NA,8,2,2,2,5
7,NA,3,5,0,3,9
"""  # Z.2 is zero where t.2 has a value, and t.3 is 3 Z.1 + Z.2


@pytest.mark.usefixtures("_block_size")
@pytest.mark.parametrize("missing", ["drop_rows", "impute_mean"])
@pytest.mark.parametrize("response", ["t.", ["t.1", "t.2", "t.3", "t.4"]])
def test_a_response_that_fixed_effects_forbid_in_its_rows_leaves_the_others_alone(
    write: Write, caplog: pytest.LogCaptureFixture, response: Any, missing: str
) -> None:
    found = find(write(DEPENDENT), response, missing=missing)
    assert found.listed == (Listed("t.1", "t.1", 1, 6), Listed("t.4", "t.4", 2, 4))
    collinear = "the fixed effects are collinear in its rows: 'Z.2' is zero throughout"
    reproduced = "it is an exact linear combination of the fixed effects in its rows"
    assert found.left_out == (LeftOut("t.2", collinear), LeftOut("t.3", reproduced))
    assert f"responses left out: 't.2': {collinear}; 't.3': {reproduced}\n" in caplog.text


def test_reasons_that_are_alike_are_told_once(write: Write) -> None:
    path = write("t.1,t.2,t.3,Z.1,Z.2,X.1\n1,2,5,1,2,1\n2,1,5,2,4,1\n4,5,5,3,6,1\n")
    message = refusal(path, "t.")
    assert "'t.1', 't.2': the fixed effects are collinear in its rows: " in message
    assert "; 't.3': it is 5 wherever it has a value; expected" in message


def test_rows_that_are_dropped_do_not_count(write: Write) -> None:
    rows = [
        "t.1,t.2,t.3,Z.1,X.1",
        "1,4,NA,NA,3",
        "2,3,1,1,NA",
        "5,1,NA,1,1",
        "3,1,NA,2,1",
        "9,1,2,0,5",
    ]
    found = find(write("\n".join(rows)), missing="drop_rows")
    assert found.listed == (Listed("t.1", "t.1", 1, 3),)
    not_counted = ", rows that miss an effect not counted"
    assert found.left_out == (
        LeftOut("t.2", f"it is 1 wherever it has a value{not_counted}"),
        LeftOut("t.3", f"{FEW} (1) than there are fixed effects (1){not_counted}"),
    )


def test_a_fixed_effect_without_a_value_to_impute_from_leaves_the_response_out(
    write: Write,
) -> None:
    path = write("t.1,t.2,Z.1,X.1\n1,4,NA,3\n5,2,NA,1\n7,NA,2,4\n3,NA,1,2\n")
    found = find(path, missing="impute_mean")
    assert [each.response for each in found.listed] == ["t.1"]
    told = "its rows have no value to impute from in 'Z.1'"
    assert found.left_out == (LeftOut("t.2", told),)


@pytest.mark.usefixtures("_block_size")
def test_fixed_effects_are_imputed_from_the_rows_of_the_response(write: Write) -> None:
    path = write("t.1,t.2,Z.1,X.1\n1,4,2,3\n5,2,NA,1\n7,9,2,4\n3,NA,1,2\n")
    found = find(path, missing="impute_mean", intercept=True)
    assert [each.response for each in found.listed] == ["t.1"]
    told = "the fixed effects are collinear in its rows: 'Z.1' depends on 'intercept'"
    assert found.left_out == (LeftOut("t.2", told),)


@pytest.mark.usefixtures("_block_size")
def test_responses_that_part_late_are_not_mistaken_for_each_other(write: Write) -> None:
    path = write("t.1,t.2,Z.1,X.1\n1,2,1,3\n5,4,2,1\n4,6,3,4\n3,NA,1,2\n")
    found = find(path, missing="drop_rows")
    assert [each.response for each in found.listed] == ["t.1"]


@pytest.mark.parametrize(
    "cells", ["1,2,1|5,4,2|4,NA,0", "1,2,0|5,4,0|4,6,NA", "1,2,1|5,4,2|4,0,NA"]
)
def test_what_is_missing_although_nothing_may_be_is_left_to_the_import(
    write: Write, cells: str
) -> None:
    rows = [f"{row},{k}" for k, row in enumerate(cells.split("|"))]
    found = find(write("\n".join(["t.1,t.2,Z.1,X.1", *rows])))
    assert [each.response for each in found.listed] == ["t.1", "t.2"]


NAMES = ["t.1", "t.2", "t.3", "t.4", "Z.1", "Z.2", "X.1"]
IMPORT_ALONE_SEES = {"error": slice(None), "impute_mean": slice(6, 7), "drop_rows": slice(0)}
cells = st.sampled_from([0.0, 1.0, 2.0, 3.0, np.nan])


def rows_alone(source: Path, response: str, **options: Any) -> tuple[tuple[int, ...], ...] | None:
    """Rows that a response is fitted and predicted in when imported alone; None if it can't be."""
    folder = source.parent / response
    outputs = {name: folder / name for name in ("fixed", "random", "rows", "predict", "summary")}
    effects = {"fixed_columns": "Z.", "random_columns": "X.", "standardize": False}
    try:
        wanted = Wanted(response=response, **effects, **options)
        import_table(source, TableFiles(**outputs), wanted)
    except UserError:
        return None
    files = (outputs["rows"], outputs["predict"] / "rows.parquet")
    return tuple(tuple(read_rows(file).tolist()) for file in files)


@settings(max_examples=150)
@given(
    values=st.integers(2, 7).flatmap(lambda n: arrays(float, (n, len(NAMES)), elements=cells)),
    missing=st.sampled_from(list(IMPORT_ALONE_SEES)),
    intercept=st.booleans(),
    block=st.sampled_from([1, 30, 1000]),
)
def test_responses_are_listed_as_the_import_of_each_alone_takes_them(
    values: np.ndarray, missing: str, intercept: bool, block: int
) -> None:
    unseen = IMPORT_ALONE_SEES[missing]
    values[:, unseen] = np.nan_to_num(values[:, unseen])
    options = {"missing": missing, "intercept": intercept}
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("mixedmodel.store.sources.TEXT_BYTES", block)
        source = Path(folder) / "t.csv"
        pd.DataFrame(values, columns=NAMES).to_csv(source, index=False, na_rep="NA")
        alone = {name: rows_alone(source, name, **options) for name in NAMES[:4]}
        taken = {name: rows for name, rows in alone.items() if rows}
        if not taken:
            assert "none of the responses can be fitted" in refusal(source, NAMES[:4], **options)
            return
        listed = {each.response: each for each in find(source, NAMES[:4], **options).listed}
    assert {name: each.n for name, each in listed.items()} == {
        name: len(fitted) for name, (fitted, _) in taken.items()
    }
    for one, other in combinations(listed, 2):
        assert (listed[one].rows == listed[other].rows) == (taken[one] == taken[other])
