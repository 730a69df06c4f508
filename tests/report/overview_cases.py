"""Several responses to test the overview on: real summaries with estimates of choice."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np

from edited import edited
from mixedmodel.model.listing import LeftOut, Listed, Responses
from mixedmodel.model.overview import Overview, gather
from mixedmodel.model.results import Method, Summary
from mixedmodel.report.slides.deck import Settings
from mixedmodel.report.story.build import build_overview
from report.deck_cases import LONG_NAME, placeholder
from report.told import telling
from studies import study_of

CONSTANT = "it is 1 wherever it has a value"
DEPENDENT = "the fixed effects are collinear in its rows: " + ", ".join(
    f"'Z.{k}' depends on 'Z.{k + 1}', 'Z.{k + 2}'" for k in range(5)
)


@dataclass(frozen=True)
class Several:
    """What the overview of a data set is made from."""

    listing: Responses
    summaries: list[Summary] = field(repr=False)

    @property
    def overview(self) -> Overview:
        return gather(self.listing, self.summaries)

    def change(self, position: int, change: Callable[[dict[str, Any]], object]) -> None:
        """Change the summary of one response."""
        self.summaries[position] = edited(self.summaries[position], change)

    def with_p_value(self, position: int, p_value: float) -> None:
        """Change the p-value of one response."""
        self.change(position, lambda content: content["fits"]["em"]["lrt"].update(p_value=p_value))


def has(pve: float) -> dict[str, float]:
    """Return the estimates of a fit with this PVE."""
    return {"pve": pve, "sigma_beta2": pve, "sigma_e2": 1 - pve}


def summary(pve: float, rng: np.random.Generator, *, n: int = 120) -> Summary:
    """Return a summary with an EM estimate of ``pve``; 0 is a certified optimum at the boundary."""
    reach, seen = 0.1 + 0.1 * rng.uniform(), 0.3 * pve * rng.uniform(0.8, 1.2)
    statistic, middle = float(pve / reach) ** 2, min(seen / 0.3, 1.0)

    def change(found: dict[str, Any]) -> None:
        em, mfvi = found["fits"].values()
        em |= has(pve) | {"pve_interval": [max(pve - 2 * reach, 0.0), min(pve + 2 * reach, 1.0)]}
        em["standard_errors"]["pve"] = reach if pve else None
        em["lrt"] |= {"statistic": statistic, "p_value": float(np.exp(-statistic)) if pve else 1.0}
        mfvi |= has(seen) | {"naive_pve_interval": [max(seen - 0.06, 0.0), seen + 0.06]}
        span = {"low": max(middle - 0.25, 0.0), "high": min(middle + 0.25, 1.0)}
        found["calibrated_pve"] |= {"estimate": middle} | span
        found["data"] |= {"n": n, "c": 2, "p": 200}

    return edited(study_of("ordinary" if pve else "boundary").summary, change)


def several(
    pves: list[float],
    *,
    names: list[str] | None = None,
    left_out: int = 0,
    reason: str = CONSTANT,
    seed: int = 1,
) -> Several:
    """Return responses with these EM estimates."""
    rng = np.random.default_rng(seed)
    names = names or [f"trait {k + 1}" for k in range(len(pves))]
    sizes = [120 if k % 3 != 1 else 110 for k in range(len(pves))]
    return Several(
        Responses(
            tuple(
                Listed(name, f"trait_{k}", rows=1, n=n)
                for k, (name, n) in enumerate(zip(names, sizes, strict=True), start=1)
            ),
            tuple(LeftOut(f"trait const {k + 1}", reason) for k in range(left_out)),
        ),
        [summary(pve, rng, n=n) for pve, n in zip(pves, sizes, strict=True)],
    )


def drawn(count: int, **options: Any) -> Several:
    """Return ``count`` responses with estimates from 0 to 1, each fifth of them at 0."""
    values = np.random.default_rng(count).beta(1.3, 2.5, size=count)
    values[::5] = 0
    return several(values.tolist(), **options)


def not_certified(cases: Several, *which: tuple[int, Method]) -> Several:
    """Return the responses with the fits of these positions and methods not certified."""
    given_up = study_of("not_certified").summary
    for position, method in which:
        found, example = cases.summaries[position], given_up.fits[method]
        ended = {key: getattr(example, key) for key in ("certificate", "stop", "advice")}
        fits = found.fits | {method: replace(found.fits[method], **ended)}
        cases.summaries[position] = replace(found, fits=fits)
    return cases


def withheld() -> Several:
    """Return responses of which one has a flat likelihood and one a likelihood without bound."""
    cases = several([0.3, 0.5, 0.0, 0.4])
    for position, case in ((1, "flat_both"), (3, "unbounded")):
        cases.summaries[position] = study_of(case).summary
    return cases


def all_unbounded() -> Several:
    """Return responses of which none has an interval of EM's PVE."""
    cases = several([0.3, 0.5])
    cases.summaries[:] = [study_of("unbounded").summary] * 2
    return cases


def all_withheld() -> Several:
    """Return responses of which none can be told."""
    cases = several([0.3, 0.5])
    cases.summaries[:] = [study_of("flat_both").summary] * 2
    return cases


LONG_NAMES = [f"{k} {LONG_NAME}" for k in range(3)]
CASES: dict[str, Callable[[], Several]] = {
    "three": lambda: several([0.14, 0.52, 0.83], left_out=2),
    "one": lambda: several([0.45]),
    "one_at_boundary": lambda: several([0.0]),
    "one_uncertified": lambda: not_certified(several([0.45]), (0, "em"), (0, "mfvi")),
    "nothing_below_5%": lambda: several([0.05, 0.0, 0.07]),
    "all_at_boundary": lambda: several([0.0, 0.0]),
    "thirty": lambda: drawn(30, left_out=1),
    "uncertified": lambda: not_certified(drawn(30), (3, "em"), (3, "mfvi"), (5, "mfvi")),
    "all_uncertified": lambda: not_certified(
        drawn(12), *((k, m) for k in range(12) for m in ("em", "mfvi"))
    ),
    "hundreds": lambda: not_certified(drawn(150, left_out=20), (7, "em"), (70, "mfvi")),
    "withheld": withheld,
    "all_unbounded": all_unbounded,
    "all_withheld": all_withheld,
    "long_names": lambda: not_certified(
        several([0.2, 0.0, 0.999], names=LONG_NAMES, left_out=1, reason=DEPENDENT), (0, "mfvi")
    ),
}


def build(name: str, likelihood: str = "ml", **settings: Any) -> bytes:
    """Build the deck of a case afresh."""
    chosen = Settings("traits", **settings)
    overview = CASES[name]().overview
    return build_overview(
        overview, placeholder("responses"), chosen, telling(), likelihood=likelihood
    )


@cache
def deck_of(name: str) -> bytes:
    """Return the deck of a case, built once a test run."""
    return build(name)
