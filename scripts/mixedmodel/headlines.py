"""The few lines on the terminal after a run: where the decks are and what they say."""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mixedmodel.report.names import ELLIPSIS, at_most, plain, shorten
from mixedmodel.store.files import read_json

MOST_RESPONSES = 10  # of a data set, that get a line each
LEAST_SHARE = 0.0001  # PVEs below it, or above 1 less it, are told as bounds
PVES = {"by EM": "em", "by MFVI": "mfvi", "calibrated": "calibrated"}
LONGEST_NAME = 24  # letters of a response; longer names are cut


def headlines(results: Path, datasets: Iterable[str], groups: Collection[str] = ()) -> str:
    """Say where the deck of each data set is, if it has one, and what both methods found.

    ``groups`` are the data sets with several responses. One without any response has no deck:
    its line is what mean field can see.
    """
    lines = [line for name in datasets for line in _lines(results / name, name in groups)]
    return "\n".join(lines)


def _lines(folder: Path, several: bool) -> Iterator[str]:
    deck = (folder / "deck.pptx").exists()
    if several and deck and (folder / "tables" / "responses.csv").exists():
        yield from _overview(folder)
    elif not several and deck and (folder / "comparison" / "summary.json").exists():
        yield _headline(folder)
    elif not deck and (folder / "foresight.json").exists():
        yield _foresight(folder)


def _overview(folder: Path) -> Iterator[str]:
    """Say where the deck over several responses is, and what is found of the first of them."""
    table = folder / "tables" / "responses.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    fitted = [row for row in rows if not row["left_out"]]
    left_out = f", {len(rows) - len(fitted)} left out" if len(fitted) < len(rows) else ""
    first = fitted[:MOST_RESPONSES]
    shown = shorten([row["response"] for row in first], at_most(LONGEST_NAME))
    prefix = f"; {ELLIPSIS} stands for {plain(shown.prefix)}" if shown.prefix else ""
    yield f"{folder / 'deck.pptx'}  (responses: {len(fitted)}{left_out}{prefix})"
    width = max(map(len, shown.names), default=0)
    for name, row in zip(shown.names, first, strict=True):
        yield f"  {name:<{width}}  {_response(row)}"
    rest = fitted[MOST_RESPONSES:]
    if rest:
        missed = sum(not _certified(row) for row in rest)
        lost = f" ({missed} NOT CERTIFIED)" if missed else ""
        yield f"  and {len(rest)} more{lost}: {table}"


def _response(row: Mapping[str, str]) -> str:
    words = [f"{key} {_share(row[f'{column}_pve'])}" for key, column in PVES.items()]
    arrival = "certified" if _certified(row) else f"NOT CERTIFIED\n      {row['advice']}"
    return f"PVE {'   '.join(words)}   {arrival}"


def _share(pve: str | float | None) -> str:
    """Return a PVE to four decimals, never rounded to 0 or 1."""
    if pve in (None, ""):
        return "-"
    value = float(pve)
    if 0 < value < LEAST_SHARE:
        return f"< {LEAST_SHARE}"
    return f"> {1 - LEAST_SHARE}" if 0 < 1 - value < LEAST_SHARE else f"{value:.4f}"


def _certified(row: Mapping[str, str]) -> bool:
    return row["em_certified"] == row["mfvi_certified"] == "True"


def _foresight(folder: Path) -> str:
    path = folder / "foresight.json"
    seen = read_json(path)
    return f"{path}  ({_size(seen)}): mean field sees a PVE of at most {seen['pve_max']:.4f}"


def _size(content: Mapping[str, Any]) -> str:
    return "n = {n}, c = {c}, p = {p}".format(**content)


def _headline(folder: Path) -> str:
    summary = read_json(folder / "comparison" / "summary.json")
    size = _size(summary["data"])
    fits = [_fit(method, summary[method.lower()]) for method in ("EM", "MFVI")]
    return "\n".join([f"{folder / 'deck.pptx'}  ({size})", *fits])


def _fit(method: str, fit: dict[str, Any]) -> str:
    certificate = fit["certificate"]
    if certificate["flat"]:
        return f"  {method:<4}  {fit['advice']}"
    noiseless = certificate["certified"] and certificate["noise_boundary"]
    pve = "1, without noise" if noiseless else _share(fit["pve"])
    boundary = ", optimum at the boundary sigma_beta2 = 0" if certificate["boundary"] else ""
    advice = f"\n        {fit['advice']}" if fit["advice"] else ""
    return (
        f"  {method:<4}  PVE {pve}   sigma_beta2 {fit['sigma_beta2']:.4g}"
        f"   sigma_e2 {fit['sigma_e2']:.4g}   {_arrival(certificate)}{boundary}{advice}"
    )


def _arrival(certificate: Mapping[str, Any]) -> str:
    if certificate["certified"]:
        return "certified"
    return f"NOT CERTIFIED: {_missed(certificate)}"


def _missed(certificate: Mapping[str, Any]) -> str:
    if certificate["unbounded"]:
        return "the objective has no maximum"
    if certificate["shortfall"] < 0:
        return "near sigma_e2 = 0, where the objective has no bound"
    return f"{certificate['shortfall']:.3g} nats below the optimum"
