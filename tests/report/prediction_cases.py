"""Predictions to show: small tables cross-validated, and rows without response."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from edited import edited
from mixedmodel.model.contrasts import Rows
from mixedmodel.model.cross_validation import METHODS, summarise_validation, validate
from mixedmodel.model.design import Design
from mixedmodel.model.results import ValidationSummary
from runs import small_table

FOLDS, SEED = 5, 3
PROBLEMS = {
    "ordinary": lambda: rows_of(small_table(n=80, p=200, c=3, pve=0.6, seed=1)),
    "few_columns": lambda: rows_of(small_table(n=150, p=12, c=4, pve=0.5, seed=4)),
    "no_fixed": lambda: rows_of(small_table(n=80, p=150, c=0, pve=0.6, seed=6)),
    "boundary": lambda: rows_of(small_table(n=60, p=90, c=2, pve=0.0, seed=9)),
    "nothing": lambda: rows_of(small_table(n=60, p=90, c=0, pve=0.0, seed=12)),
    "tiny": lambda: rows_of(small_table(n=11, p=4, c=1, pve=0.5, seed=3)),
}


def rows_of(table: pd.DataFrame) -> Rows:
    """Return a table of y, Z.* and X.* as arrays."""
    Z, X = (table.filter(regex=f"^{letter}").to_numpy() for letter in "ZX")
    return Rows(table["y"].to_numpy(), Z, Design.of(X))


@dataclass(frozen=True)
class Validated:
    """The two files of a cross-validation, in memory."""

    predictions: pd.DataFrame
    summary: ValidationSummary


@cache
def validation_of(name: str) -> Validated:
    """Cross-validate a small table."""
    return validated(PROBLEMS[name]())


def validated(rows: Rows) -> Validated:
    y, n = rows.y, len(rows.y)
    chosen: dict[str, Any] = {"folds": FOLDS, "seed": SEED, "likelihood": "ml"}
    found = validate(rows, **chosen, asked=True)
    columns = {"row": np.arange(1, n + 1), "fold": found.labels, "response": y}
    columns |= {f"prediction_{method}": found.found[method].mean for method in METHODS}
    columns |= {f"deviation_{method}": found.found[method].deviation for method in METHODS}
    return Validated(pd.DataFrame(columns), summarise_validation(y, found, **chosen))


def with_gains(
    em: tuple[float, float], mfvi: tuple[float, float], error: float
) -> ValidationSummary:
    """Return a summary with these shares removed, their errors, and that of the difference."""

    def change(content: dict[str, Any]) -> None:
        methods, gains = content["methods"], content["gains"]
        for method, (share, standard_error) in (("em", em), ("mfvi", mfvi)):
            methods[method]["r2_over_fixed"] = share
            gains[f"{method}_over_fixed"] = {"share": share, "standard_error": standard_error}
        gains["em_over_mfvi"] = {"share": em[0] - mfvi[0], "standard_error": error}

    return edited(validation_of("ordinary").summary, change)


def extreme(summary: ValidationSummary) -> ValidationSummary:
    """Return a summary with numbers as long as they are written."""

    def change(content: dict[str, Any]) -> None:
        content |= {"folds": 1_000, "n": 1_234_567}
        for method in content["methods"].values():
            method |= {"r2": -1.234e12, "r2_over_fixed": -1.234e-2, "mean_deviation": 1.234e-12}
            method |= {"correlation": 0.99999, "coverage_95": 0.12345}

    return edited(summary, change)


def rows_predicted(number: int, *, scale: float = 1.0, first: int = 1) -> pd.DataFrame:
    """Draw predictions of so many rows, numbered from ``first`` on in threes."""
    rng = np.random.default_rng(number)
    em = 4 * rng.normal(size=number)
    content = {
        "row": first + 3 * np.arange(number),
        "prediction_em": scale * em,
        "prediction_mfvi": scale * (0.95 * em + 0.1 * rng.normal(size=number)),
        "deviation_em": scale * rng.uniform(1.0, 1.1, size=number),
        "deviation_mfvi": scale * rng.uniform(0.9, 0.95, size=number),
    }
    return pd.DataFrame(content)
