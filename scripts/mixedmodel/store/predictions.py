"""Predictions as files: predictions.parquet, and those of cross-validation with their scores."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mixedmodel.model.cross_validation import Validation
from mixedmodel.model.predict import Predictions
from mixedmodel.model.types import Array
from mixedmodel.store.schemas import CROSS_VALIDATION, PREDICTIONS, write_frame

NOTHING = Predictions(np.empty(0), np.empty(0))

Numbers = NDArray[np.int64]


def write_predictions(
    path: str | Path, rows: Numbers, em: Predictions = NOTHING, mfvi: Predictions = NOTHING
) -> None:
    """Write both methods' predictions of the input's rows ``rows`` (s,), which may be none."""
    write_frame(path, PREDICTIONS, {"row": rows} | _columns({"em": em, "mfvi": mfvi}))


def write_cross_validation(path: str | Path, rows: Numbers, y: Array, found: Validation) -> None:
    """Write the fold of each row, its response and what the other folds predict."""
    size = len(found.labels)  # 0 where there is none
    content = {"row": rows[:size], "fold": found.labels, "response": y[:size]}
    write_frame(path, CROSS_VALIDATION, content | _columns(found.found))


def _columns(found: Mapping[str, Predictions]) -> dict[str, Array]:
    return {f"prediction_{method}": prediction.mean for method, prediction in found.items()} | {
        f"deviation_{method}": prediction.deviation for method, prediction in found.items()
    }
