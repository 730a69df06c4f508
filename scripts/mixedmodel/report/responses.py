"""All responses of one data set in one table: those fitted with their numbers, then the others."""

from dataclasses import fields

import pandas as pd

from mixedmodel.model.overview import FittedResponse, Overview

MOST_NAMES = 45  # names that fit side by side under the figure; beyond, ranks stand for them
COLUMNS = (*(field.name for field in fields(FittedResponse)), "left_out")


def responses(found: Overview) -> pd.DataFrame:
    """Return one row a response, with the reason of those left out. Undefined cells are None."""
    rows = [
        *(vars(row) for row in found.fitted),
        *({"response": row.response, "left_out": row.reason} for row in found.left_out),
    ]
    empty = dict.fromkeys(COLUMNS)
    return pd.DataFrame([empty | row for row in rows], columns=COLUMNS, dtype=object)
