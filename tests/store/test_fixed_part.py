from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixedmodel.errors import UserError
from mixedmodel.model.results import Response
from mixedmodel.store import spill

Write = Callable[..., Path]
Load = Callable[..., Any]


@pytest.fixture(params=[1, 1 << 20], autouse=True)
def _chunk_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read back a row or everything at a time."""
    monkeypatch.setattr(spill, "CHUNK_BYTES", request.param)


def columns(**named: object) -> str:
    """Write columns as text; a dot in a name is written as an underscore here."""
    arrays = [np.broadcast_to(values, 8).tolist() for values in named.values()]
    header = "\t".join(named).replace("_", ".")
    return "\n".join([header, *("\t".join(map(repr, row)) for row in zip(*arrays, strict=True))])


RNG = np.random.default_rng(7)
Y, A, B, X = RNG.normal(size=(4, 8))


def refusal(load: Load, path: Path, **options: object) -> str:
    with pytest.raises(UserError) as caught:
        load(path, **options)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    return message


@pytest.mark.parametrize("intercept", [True, False])
def test_as_many_fixed_effects_as_rows_are_refused(
    write: Write, load: Load, intercept: bool
) -> None:
    effects = {f"Z_{k}": RNG.normal(size=8) for k in range(7 if intercept else 8)}
    message = refusal(load, write(columns(y=Y, **effects, X_1=X)), intercept=intercept)
    assert "n = 8 rows are left for c = 8 fixed effects" in message
    assert ("intercept included" in message) == intercept
    assert "expected more rows" in message


def test_one_row_more_than_fixed_effects_is_enough(write: Write, load: Load) -> None:
    effects = {f"Z_{k}": RNG.normal(size=8) for k in range(7)}
    assert load(write(columns(y=Y, **effects, X_1=X))).summary.c == 7


def test_a_constant_response_is_refused(write: Write, load: Load) -> None:
    message = refusal(load, write(columns(y=0.1, Z_1=A, X_1=X)))
    assert "the response, column 'y', is 0.1 in each of the 8 rows" in message


def test_collinear_fixed_effects_are_named(write: Write, load: Load) -> None:
    text = columns(y=Y, Z_1=A, Z_2=1e6 * (A - B), Z_3=1e-6 * B, Z_4=0.0, X_1=X)
    message = refusal(load, write(text))
    assert "collinear" in message
    assert "'Z.4' is zero throughout" in message
    assert all(repr(name) in message for name in ["Z.1", "Z.2", "Z.3"])
    assert "take the dependent ones out" in message


def test_fixed_effects_that_add_up_to_the_intercept_are_named(write: Write, load: Load) -> None:
    odd = np.arange(8) % 2
    text = columns(y=Y, Z_odd=odd, Z_even=1 - odd, X_1=X)
    assert load(write(text)).summary.c == 2
    message = refusal(load, write(text), intercept=True)
    assert all(repr(name) in message for name in ["intercept", "Z.odd", "Z.even"])


def test_a_response_made_of_fixed_effects_is_refused(write: Write, load: Load) -> None:
    text = columns(y=3 + 2 * A - B, Z_1=A, Z_2=B, X_1=X)
    assert load(write(text)).summary.c == 2
    message = refusal(load, write(text), intercept=True)
    assert "'y', is an exact linear combination of the fixed effects" in message
    assert "likelihood has no bound" in message


def test_the_name_of_the_intercept_must_be_free(write: Write, load: Load) -> None:
    path = write(columns(y=Y, intercept=A, X_1=X))
    message = refusal(load, path, fixed_columns=["intercept"], intercept=True)
    assert "there is a column 'intercept' already" in message
    assert load(path, fixed_columns=[], intercept=True).summary.fixed_names == ("intercept",)


def test_the_variance_is_exact_for_a_response_far_from_zero(write: Write, load: Load) -> None:
    y = 1e9 + np.arange(8)
    summary = load(write(columns(y=y, Z_1=A, X_1=X))).summary
    assert summary.responses == (Response("y", 1e9 + 3.5, 6.0),)
