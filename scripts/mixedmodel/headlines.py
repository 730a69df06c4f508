"""The few lines on the terminal after a run: where the deck is and what it says."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mixedmodel.store.files import read_json


def headlines(results: Path, datasets: Iterable[str]) -> str:
    """Say where the deck of each data set is, if it has one, and what both methods found."""
    folders = [results / name for name in datasets]
    return "\n".join(_headline(folder) for folder in folders if _is_built(folder))


def _is_built(folder: Path) -> bool:
    return (folder / "deck.pptx").exists() and (folder / "comparison" / "summary.json").exists()


def _headline(folder: Path) -> str:
    summary = read_json(folder / "comparison" / "summary.json")
    size = "n = {n}, c = {c}, p = {p}".format(**summary["data"])
    fits = [_fit(method, summary[method.lower()]) for method in ("EM", "MFVI")]
    return "\n".join([f"{folder / 'deck.pptx'}  ({size})", *fits])


def _fit(method: str, fit: dict[str, Any]) -> str:
    certificate = fit["certificate"]
    arrival = (
        "certified"
        if certificate["certified"]
        else f"NOT CERTIFIED: {certificate['shortfall']:.3g} nats below the optimum"
    )
    boundary = ", optimum at the boundary sigma_beta2 = 0" if certificate["boundary"] else ""
    return (
        f"  {method:<4}  PVE {fit['pve']:.4f}   sigma_beta2 {fit['sigma_beta2']:.4g}"
        f"   sigma_e2 {fit['sigma_e2']:.4g}   {arrival}{boundary}"
    )
