from pathlib import Path
from typing import Any

import pytest

from mixedmodel.errors import UserError
from mixedmodel.store.roles import Roles, assign_roles, shown, told_without_role

NAMES = ("", "y", "Z.1", "X.1", "Z.2", "X.2", "age")


def roles(names: tuple[str, ...] = NAMES, **options: Any) -> Roles:
    defaults = {"response": None, "fixed": "Z.", "random": "X."}
    return assign_roles(names, source=Path("t.txt"), **defaults | options)


def test_the_response_is_the_first_column_with_a_name_by_default() -> None:
    assert roles() == Roles((1,), (2, 4), (3, 5))


def test_lists_of_names_keep_their_order() -> None:
    assert roles(response="age", fixed=["Z.2", "y"], random=["X.2", "X.1"]) == Roles(
        (6,), (4, 1), (5, 3)
    )


def test_there_may_be_no_fixed_effect() -> None:
    assert roles(fixed=[]).fixed == ()


def test_columns_are_listed_by_role() -> None:
    assert roles().columns == (1, 2, 4, 3, 5)


@pytest.mark.parametrize(
    ("names", "options", "parts"),
    [
        (("y", "X.1", "X.1"), {}, ["'X.1' (2 times)", "rename"]),
        (NAMES, {"fixed": "W."}, ["begins with 'W.'", "y, Z.1", "`fixed`", "[] for none"]),
        (NAMES, {"random": "W."}, ["begins with 'W.'", "`random`"]),
        (NAMES, {"random": []}, ["`random` names no column", "'X.'"]),
        (NAMES, {"response": "Y"}, ["no column 'Y'", "`response`", "(did you mean y?)"]),
        (
            NAMES,
            {"response": "ag"},
            ["no column 'ag'", "(one begins with it: did you mean 'age'?)"],
        ),
        (NAMES, {"response": ["ag"]}, ["no column 'ag'", "did you mean 'age'?)"]),
        (NAMES, {"response": "weight"}, ["no column 'weight'", "(there are y, Z.1,"]),
        (NAMES, {"random": ["X.1", "X.3"]}, ["no column 'X.3'", "`random`", "X.2 or X.1"]),
        (NAMES, {"fixed": ["ages"]}, ["no column 'ages'", "mean age?"]),
        (NAMES, {"response": "X.1"}, ["claimed twice", "'X.1' (response and random)"]),
        (NAMES, {"fixed": ["X.2"]}, ["claimed twice", "'X.2' (fixed and random)"]),
        (NAMES, {"fixed": ["Z.1", "Z.1"]}, ["claimed twice", "'Z.1' (fixed and fixed)"]),
        (NAMES, {"random": ""}, ["claimed twice", "'y' (response and random)"]),
        (NAMES, {"fixed": [""]}, ["no column ''"]),
    ],
)
def test_a_wrong_choice_of_columns_is_refused(
    names: tuple[str, ...], options: dict[str, Any], parts: list[str]
) -> None:
    with pytest.raises(UserError) as caught:
        roles(names, **options)
    message = str(caught.value)
    assert message.startswith("t.txt: ")
    assert [part for part in parts if part not in message] == []


def test_columns_without_a_role_are_counted_and_named() -> None:
    assert told_without_role(NAMES, roles(fixed=["Z.1", "Z.2", "age"])) == ""
    assert told_without_role(NAMES, roles()) == "; 1 column has no role: 'age'"
    found = told_without_role(NAMES, roles(fixed=[], random=["X.1"]))
    assert found == "; 4 columns have no role: 'Z.1', 'Z.2', 'X.2', 'age'"


def test_long_lists_of_names_are_cut() -> None:
    assert shown(map(str, range(7))) == "0, 1, 2, 3, 4, ... (7 in all)"
