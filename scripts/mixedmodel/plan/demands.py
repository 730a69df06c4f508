"""Memory, time and cores that jobs ask for, by the size of the table; with each attempt more.

A job that uses X holds as much of it as the memory that it asks for leaves beside what the smaller
side of X takes (``model.cost``).
"""

import math
import os
from collections.abc import Callable, Mapping
from errno import ENOENT
from typing import Any

from mixedmodel.model.cost import (
    QUICK,
    beside_mb,
    decomposition_operations,
    machine_mb,
    wanted_mb,
)
from mixedmodel.plan.units import Wildcards
from mixedmodel.store.files import read_json

Demand = Callable[[Wildcards, Any, int], int]
Size = Callable[[Wildcards, Any], float]  # megabytes, from the wildcards and the inputs of a job

BASE_MB = 1000  # Python, the libraries and a table that is small
OPERATIONS_A_MB = 3e9  # floating-point operations in the time that a megabyte is given


def nothing(wildcards: Wildcards, input: Any) -> float:
    """Return 0: what the job takes doesn't grow with the table."""
    return 0


def memory(size: Size = nothing, *, times: int = 1) -> Demand:
    """Return a function that asks for a base and some ``times`` a size, in megabytes."""
    return lambda wildcards, input, attempt: (
        attempt * (BASE_MB + int(times * size(wildcards, input)))
    )


def holding(
    room_mb: Callable[[], float],
    *,
    folds: bool = False,
    predicts: bool = False,
    krylov: Callable[[Mapping[str, Any]], int | None] = lambda size: None,
) -> Demand:
    """Return a function that asks for what a job takes that holds X, or ``room_mb`` of it.

    ``krylov`` tells for the size of a table how many columns its Krylov form has, if it gets one.
    """

    def ask(wildcards: Wildcards, input: Any, attempt: int) -> int:
        size = table_size(input)
        n, p, new = size["n"], size["p"], size["rows_to_predict"] if predicts else 0
        held = min(wanted_mb(n, p, new=new), room_mb())
        beside = beside_mb(n, p, folds=folds, new=new, krylov=krylov(size))
        return attempt * math.ceil(beside + held)

    return ask


def half_of_the_machine() -> float:
    """Return half of the megabytes that this machine has."""
    return machine_mb() / 2


def minutes(least: int, size: Size = nothing, *, mb_a_minute: int = 100) -> Demand:
    """Return a function that asks for ``least`` minutes and those that a size takes."""
    return lambda wildcards, input, attempt: (
        attempt * (least + int(size(wildcards, input) / mb_a_minute))
    )


def cores(most: int) -> Demand:
    """Return a function that asks for ``most`` cores, of a table decomposed in seconds for one.

    On such a table the threads of BLAS wait for each other, and the job for a core to be free.
    """

    def ask(wildcards: Wildcards, input: Any, attempt: int) -> int:
        try:
            size = table_size(input)
        except FileNotFoundError:  # asked again before the job begins
            return most
        return most if decomposition_operations(size["n"], size["p"]) > QUICK else 1

    return ask


def inputs_mb(wildcards: Wildcards, input: Any) -> float:
    """Return the megabytes of all inputs.

    Snakemake's own ``size_mb`` warns on the terminal while a page of the results is made.
    """
    return sum(map(os.path.getsize, input)) / 2**20


def matrix_mb(wildcards: Wildcards, input: Any) -> float:
    """Return the megabytes of X in double precision."""
    size = table_size(input)
    return float(8 * size["n"] * size["p"] / 1e6)


def table_size(input: Any) -> dict[str, Any]:
    """Read n, c, p and the like from the summary of the table, which is among the inputs.

    It isn't while Snakemake doesn't know the responses yet: then FileNotFoundError on what it
    waits for, which makes it ask again.
    """
    for path in input:
        if path.endswith("table/summary.json"):
            return dict(read_json(path))
    raise FileNotFoundError(ENOENT, "no table yet", input[0])
