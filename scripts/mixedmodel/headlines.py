"""The few lines on the terminal after a run: where the decks are and what they say."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from mixedmodel.model.overview import FittedResponse, Overview
from mixedmodel.model.results import Estimates, Foresight, Summary, TableFacts
from mixedmodel.model.types import Certificate
from mixedmodel.report.names import ELLIPSIS, at_most, plain, shorten
from mixedmodel.store.results import read_result

MOST_RESPONSES = 10  # of a data set, that get a line each
LEAST_SHARE = 0.0001  # PVEs below it, or above 1 less it, are told as bounds
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
    if several and deck and (folder / "overview.json").exists():
        yield from _overview(folder)
    elif not several and deck and (folder / "comparison" / "summary.json").exists():
        yield _headline(folder)
    elif not deck and (folder / "foresight.json").exists():
        yield _foresight(folder)


def _overview(folder: Path) -> Iterator[str]:
    """Say where the deck over several responses is, and what is found of the first of them."""
    found = read_result(folder / "overview.json", Overview)
    left_out = f", {len(found.left_out)} left out" if found.left_out else ""
    first, rest = found.fitted[:MOST_RESPONSES], found.fitted[MOST_RESPONSES:]
    shown = shorten([row.response for row in first], at_most(LONGEST_NAME))
    prefix = f"; {ELLIPSIS} stands for {plain(shown.prefix)}" if shown.prefix else ""
    yield f"{folder / 'deck.pptx'}  (responses: {len(found.fitted)}{left_out}{prefix})"
    width = max(map(len, shown.names), default=0)
    for name, row in zip(shown.names, first, strict=True):
        yield f"  {name:<{width}}  {_response(row)}"
    if rest:
        missed = sum(not row.certified for row in rest)
        lost = f" ({missed} NOT CERTIFIED)" if missed else ""
        yield f"  and {len(rest)} more{lost}: {folder / 'tables' / 'responses.csv'}"


def _response(row: FittedResponse) -> str:
    pves = {"by EM": row.em_pve, "by MFVI": row.mfvi_pve, "calibrated": row.calibrated_pve}
    words = [f"{name} {_share(pve)}" for name, pve in pves.items()]
    arrival = "certified" if row.certified else f"NOT CERTIFIED\n      {row.advice}"
    return f"PVE {'   '.join(words)}   {arrival}"


def _share(pve: float | None) -> str:
    """Return a PVE to four decimals, never rounded to 0 or 1."""
    if pve is None:
        return "-"
    if 0 < pve < LEAST_SHARE:
        return f"< {LEAST_SHARE}"
    return f"> {1 - LEAST_SHARE}" if 0 < 1 - pve < LEAST_SHARE else f"{pve:.4f}"


def _foresight(folder: Path) -> str:
    path = folder / "foresight.json"
    seen = read_result(path, Foresight)
    return f"{path}  ({_size(seen)}): mean field sees a PVE of at most {seen.pve_max:.4f}"


def _size(known: Foresight | TableFacts) -> str:
    return f"n = {known.n}, c = {known.c}, p = {known.p}"


def _headline(folder: Path) -> str:
    summary = read_result(folder / "comparison" / "summary.json", Summary)
    fits = [_fit(fit) for fit in summary.fits.values()]
    return "\n".join([f"{folder / 'deck.pptx'}  ({_size(summary.data)})", *fits])


def _fit(fit: Estimates) -> str:
    certificate = fit.certificate
    if certificate.flat:
        return f"  {fit.method:<4}  {fit.advice}"
    noiseless = certificate.certified and certificate.noise_boundary
    pve = "1, without noise" if noiseless else _share(fit.pve) + _chance(fit)
    boundary = ", optimum at the boundary sigma_beta2 = 0" if certificate.boundary else ""
    advice = f"\n        {fit.advice}" if fit.advice else ""
    return (
        f"  {fit.method:<4}  PVE {pve}   sigma_beta2 {fit.sigma_beta2:.4g}"
        f"   sigma_e2 {fit.sigma_e2:.4g}   {_arrival(fit)}{boundary}{advice}"
    )


def _chance(fit: Estimates) -> str:
    """Return what random probes leave to chance of a PVE, in brackets, where they do."""
    errors = fit.spectral.monte_carlo_se
    if errors is None or not errors.pve:
        return ""
    return f" (Monte-Carlo error {errors.pve:.2g})"


def _arrival(fit: Estimates) -> str:
    certificate = fit.certificate
    if certificate.certified:
        within = " within the Monte-Carlo error" if fit.spectral.leaves_to_chance else ""
        return f"certified{within}"
    return f"NOT CERTIFIED: {_missed(certificate)}"


def _missed(certificate: Certificate) -> str:
    if certificate.unbounded:
        return "the objective has no maximum"
    if certificate.shortfall < 0:
        return "near sigma_e2 = 0, where the objective has no bound"
    return f"{certificate.shortfall:.3g} nats below the optimum"
