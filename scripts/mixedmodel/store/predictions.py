"""Predictions as files: predictions.parquet, and those of cross-validation with their scores."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mixedmodel.model.cross_validation import METHODS, gain, score
from mixedmodel.model.predict import Predictions
from mixedmodel.model.types import Array
from mixedmodel.store.schemas import CROSS_VALIDATION, PREDICTIONS, write_frame

PAIRS = (("em", "fixed"), ("mfvi", "fixed"), ("em", "mfvi"))
NOTHING = Predictions(np.empty(0), np.empty(0))

Numbers = NDArray[np.int64]


def write_predictions(
    path: str | Path, rows: Numbers, em: Predictions = NOTHING, mfvi: Predictions = NOTHING
) -> None:
    """Write both methods' predictions of the input's rows ``rows`` (s,), which may be none."""
    write_frame(path, PREDICTIONS, {"row": rows} | _columns({"em": em, "mfvi": mfvi}))


def write_cross_validation(
    path: str | Path,
    rows: Numbers,
    labels: Numbers,
    y: Array,
    found: Mapping[str, Predictions],
) -> None:
    """Write the fold of each row, its response and what the other folds predict."""
    content = {"row": rows, "fold": labels, "response": y} | _columns(found)
    write_frame(path, CROSS_VALIDATION, content)


def scores(y: Array, found: Mapping[str, Predictions]) -> dict[str, Any]:
    """Return the scores of each method, as cross_validation/summary.json holds them."""
    return {method: asdict(score(y, found[method], found["fixed"])) for method in METHODS}


def gains(y: Array, found: Mapping[str, Predictions]) -> dict[str, Any]:
    """Return by how much methods err less than others, as cross_validation/summary.json does."""
    fixed = found["fixed"]
    return {
        f"{method}_over_{other}": asdict(gain(y, found[method], found[other], fixed))
        for method, other in PAIRS
    }


def _columns(found: Mapping[str, Predictions]) -> dict[str, Array]:
    return {f"prediction_{method}": prediction.mean for method, prediction in found.items()} | {
        f"deviation_{method}": prediction.deviation for method, prediction in found.items()
    }
