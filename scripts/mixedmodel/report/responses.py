"""All responses of one data set in one table, their ranks, and what is found in them as a whole."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

import numpy as np
import pandas as pd

FLAT = "its two variances cannot be told apart: every ratio of them fits as well"
LEVEL = 0.05  # of the test of no random effect
MOST_NAMES = 45  # names that fit side by side under the figure; beyond, ranks stand for them
COLUMNS = (
    "response",
    "folder",
    "n",
    "c",
    "p",
    "em_pve",
    "em_low",
    "em_high",
    "em_standard_error",
    "mfvi_pve",
    "mfvi_naive_low",
    "mfvi_naive_high",
    "calibrated_pve",
    "calibrated_low",
    "calibrated_high",
    "lrt_statistic",
    "lrt_p_value",
    "em_sigma_beta2",
    "em_sigma_e2",
    "mfvi_sigma_beta2",
    "mfvi_sigma_e2",
    "em_certified",
    "mfvi_certified",
    "em_boundary",
    "advice",
    "left_out",
)

WORDS = ("response", "folder", "advice", "left_out")
FLAGS = ("em_certified", "mfvi_certified", "em_boundary")


@dataclass(frozen=True)
class Found:
    """What the fitted responses come to; a ratio is None where none of them has one."""

    fitted: int
    below_level: int  # p-values of at most LEVEL
    below_bonferroni: int  # of at most LEVEL over the number of tests
    at_boundary: int  # certified optima of EM at sigma_beta2 = 0
    uncertified: int  # responses with a fit that is not certified
    compared: int  # responses that the medians are over
    mfvi_over_em: float | None  # median ratio of the PVEs
    calibrated_over_em: float | None


def responses(listing: Mapping[str, Any], summaries: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return one row a response: those fitted with their numbers, then those left out and why.

    ``listing`` is the content of responses.json, ``summaries`` that of each comparison/summary.json
    in the order of its ``listed``. Undefined cells are None.
    """
    fitted = [
        {"response": entry["response"], "folder": entry["folder"], **_found(summary)}
        for entry, summary in zip(listing["listed"], summaries, strict=True)
    ]
    left_out = [
        {"response": entry["response"], "left_out": entry["reason"]}
        for entry in listing["left_out"]
    ]
    rows = [dict.fromkeys(COLUMNS) | row for row in (*fitted, *left_out)]
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)


def from_csv(text: TextIO) -> pd.DataFrame:
    """Read the table back from tables/responses.csv, its numbers to the last digit."""
    rows = [{key: _value(key, cell) for key, cell in row.items()} for row in csv.DictReader(text)]
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)


def _found(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of a response, or why it has none."""
    if summary["em"]["certificate"]["flat"]:
        return {"left_out": FLAT}
    return _numbers(summary)


def _value(column: str, cell: str) -> str | bool | float | None:
    if not cell:
        return None
    if column in WORDS:
        return cell
    return cell == "True" if column in FLAGS else float(cell)


def _numbers(summary: Mapping[str, Any]) -> dict[str, Any]:
    em, mfvi, calibrated = summary["em"], summary["mfvi"], summary["calibrated_pve"]
    low, high = em["pve_interval"] or (None, None)
    naive_low, naive_high = mfvi["naive_pve_interval"] or (None, None)
    lrt = em["lrt"] or {}
    return {
        **{key: summary["data"][key] for key in ("n", "c", "p")},
        "em_pve": em["pve"],
        "em_low": low,
        "em_high": high,
        "em_standard_error": em["standard_errors"]["pve"],
        "mfvi_pve": mfvi["pve"],
        "mfvi_naive_low": naive_low,
        "mfvi_naive_high": naive_high,
        "calibrated_pve": calibrated["estimate"],
        "calibrated_low": calibrated["low"],
        "calibrated_high": calibrated["high"],
        "lrt_statistic": lrt.get("statistic"),
        "lrt_p_value": lrt.get("p_value"),
        "em_sigma_beta2": em["sigma_beta2"],
        "em_sigma_e2": em["sigma_e2"],
        "mfvi_sigma_beta2": mfvi["sigma_beta2"],
        "mfvi_sigma_e2": mfvi["sigma_e2"],
        "em_certified": em["certificate"]["certified"],
        "mfvi_certified": mfvi["certificate"]["certified"],
        "em_boundary": em["certificate"]["boundary"],
        "advice": _advice(summary),
    }


def _advice(summary: Mapping[str, Any]) -> str | None:
    """Return what to do about the fits that can't be reported as they are."""
    told = {name: summary[name.lower()]["advice"] for name in ("EM", "MFVI")}
    return "; ".join(f"{name}: {text}" for name, text in told.items() if text) or None


def ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Return the fitted responses by EM's PVE, the largest first, ties as the table has them."""
    fitted = table[table["left_out"].isna()]
    order = np.argsort(-fitted["em_pve"].to_numpy(float), kind="stable")
    return fitted.iloc[order].reset_index(drop=True)


def find(table: pd.DataFrame) -> Found:
    """Count the tests passed and take the medians of the ratios.

    Ratios are those of certified fits whose EM is not at the boundary.
    """
    fitted = table[table["left_out"].isna()]
    p_values = fitted["lrt_p_value"].to_numpy(float)
    certified = (fitted["em_certified"] & fitted["mfvi_certified"]).to_numpy(bool)
    compared = fitted[certified & ~fitted["em_boundary"].to_numpy(bool)]
    return Found(
        fitted=len(fitted),
        below_level=int(np.sum(p_values <= LEVEL)),
        below_bonferroni=int(np.sum(p_values <= LEVEL / max(len(fitted), 1))),
        at_boundary=int(np.sum(_at_boundary(fitted))),
        uncertified=int(np.sum(~certified)),
        compared=len(compared),
        mfvi_over_em=_median_ratio(compared, "mfvi_pve"),
        calibrated_over_em=_median_ratio(compared, "calibrated_pve"),
    )


def _at_boundary(fitted: pd.DataFrame) -> Any:
    return (fitted["em_certified"] & fitted["em_boundary"]).to_numpy(bool)


def _median_ratio(compared: pd.DataFrame, column: str) -> float | None:
    """Return the median of a column over EM's PVE, over the responses that have both."""
    known = compared.dropna(subset=[column])
    if known.empty:
        return None
    return float(np.median(known[column].to_numpy(float) / known["em_pve"].to_numpy(float)))
