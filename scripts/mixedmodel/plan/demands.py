"""Memory and time that jobs ask for, by the size of the table; with each attempt more."""

import os
from collections.abc import Callable
from errno import ENOENT
from typing import Any

from mixedmodel.plan.units import Wildcards
from mixedmodel.store.files import read_json

Demand = Callable[[Wildcards, Any, int], int]
Size = Callable[[Wildcards, Any], float]  # megabytes, from the wildcards and the inputs of a job

BASE_MB = 1000  # Python, the libraries and a table that is small


def nothing(wildcards: Wildcards, input: Any) -> float:
    """Return 0: what the job takes doesn't grow with the table."""
    return 0


def memory(size: Size = nothing, *, times: int = 1) -> Demand:
    """Return a function that asks for a base and some ``times`` a size, in megabytes."""
    return lambda wildcards, input, attempt: (
        attempt * (BASE_MB + int(times * size(wildcards, input)))
    )


def minutes(least: int, size: Size = nothing, *, mb_a_minute: int = 100) -> Demand:
    """Return a function that asks for ``least`` minutes and those that a size takes."""
    return lambda wildcards, input, attempt: (
        attempt * (least + int(size(wildcards, input) / mb_a_minute))
    )


def inputs_mb(wildcards: Wildcards, input: Any) -> float:
    """Return the megabytes of all inputs.

    Snakemake's own ``size_mb`` warns on the terminal while a page of the results is made.
    """
    return sum(map(os.path.getsize, input)) / 2**20


def matrix_mb(wildcards: Wildcards, input: Any) -> float:
    """Return the megabytes of X in double precision."""
    size = table_size(input)
    return 8 * size["n"] * size["p"] / 1e6


def prediction_mb(wildcards: Wildcards, input: Any) -> float:
    """Return what predicting takes: the table, its new rows and products; 0 without new rows."""
    size = table_size(input)
    rows, new = size["n"], size["rows_to_predict"]
    return 8 * 3 * (rows + new) * (size["p"] + rows) / 1e6 if new else 0


def table_size(input: Any) -> dict[str, int]:
    """Read n, c, p and the like from the summary of the table, which is among the inputs.

    It isn't while Snakemake doesn't know the responses yet: then FileNotFoundError on what it
    waits for, which makes it ask again.
    """
    for path in input:
        if path.endswith("table/summary.json"):
            return dict(read_json(path))
    raise FileNotFoundError(ENOENT, "no table yet", input[0])
