"""What a deck is made of: the finished results of one data set."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from mixedmodel.model.results import Summary, ValidationSummary
from mixedmodel.report.slides.place import Picture


@dataclass(frozen=True)
class Material:
    """The summary, the figures by name, predicted rows, both traces.

    ``cross_validation`` is None where it wasn't asked for, or was left out.
    """

    summary: Summary
    figures: Mapping[str, Picture]
    predictions: pd.DataFrame
    em_trace: pd.DataFrame
    mfvi_trace: pd.DataFrame
    cross_validation: ValidationSummary | None = None
