"""What a deck is made of: the finished results of one data set."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mixedmodel.report.slides.place import Picture


@dataclass(frozen=True)
class Material:
    """The summary (attribute view), the figures by name, the tables' rows, both traces.

    ``cross_validation`` is the view of its summary, None where it wasn't asked for.
    """

    summary: Any
    figures: Mapping[str, Picture]
    tables: Mapping[str, list[dict[str, str]]]
    em_trace: pd.DataFrame
    mfvi_trace: pd.DataFrame
    cross_validation: Any | None = None
