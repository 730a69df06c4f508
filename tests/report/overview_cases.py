"""Several responses to test the overview on: real summaries with estimates of choice."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from mixedmodel.report.responses import responses
from mixedmodel.report.slides.deck import Settings
from mixedmodel.report.slides.overview import build_overview
from report.deck_cases import LONG_NAME, placeholder
from studies import study_of

CONSTANT = "it is 1 wherever it has a value"
DEPENDENT = "the fixed effects are collinear in its rows: " + ", ".join(
    f"'Z.{k}' depends on 'Z.{k + 1}', 'Z.{k + 2}'" for k in range(5)
)


@dataclass(frozen=True)
class Several:
    """What the overview of a data set is made from."""

    listing: dict[str, Any]
    summaries: list[dict[str, Any]] = field(repr=False)

    @property
    def table(self) -> Any:
        return responses(self.listing, self.summaries)


def fit(found: dict[str, Any], pve: float) -> dict[str, Any]:
    """Return a fit as it would be with another PVE."""
    return found | {"pve": pve, "sigma_beta2": pve, "sigma_e2": 1 - pve}


def summary(pve: float, rng: np.random.Generator, *, n: int = 120) -> dict[str, Any]:
    """Return a summary with an EM estimate of ``pve``; 0 is a certified optimum at the boundary."""
    found = deepcopy(study_of("ordinary" if pve else "boundary").summary)
    reach, seen = 0.1 + 0.1 * rng.uniform(), 0.3 * pve * rng.uniform(0.8, 1.2)
    statistic = float(pve / reach) ** 2
    em, mfvi = fit(found["em"], pve), fit(found["mfvi"], seen)
    em["pve_interval"] = [max(pve - 2 * reach, 0.0), min(pve + 2 * reach, 1.0)]
    em["standard_errors"]["pve"] = reach if pve else None
    em["lrt"] |= {"statistic": statistic, "p_value": float(np.exp(-statistic)) if pve else 1.0}
    mfvi["naive_pve_interval"] = [max(seen - 0.06, 0.0), seen + 0.06]
    middle = min(seen / 0.3, 1.0)
    span = {"low": max(middle - 0.25, 0.0), "high": min(middle + 0.25, 1.0)}
    return found | {
        "data": found["data"] | {"n": n, "c": 2, "p": 200},
        "em": em,
        "mfvi": mfvi,
        "calibrated_pve": found["calibrated_pve"] | {"estimate": middle} | span,
    }


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
        {
            "listed": [
                {"response": name, "folder": f"trait_{k + 1}", "rows": 1, "n": n}
                for k, (name, n) in enumerate(zip(names, sizes, strict=True))
            ],
            "left_out": [
                {"response": f"trait const {k + 1}", "reason": reason} for k in range(left_out)
            ],
        },
        [summary(pve, rng, n=n) for pve, n in zip(pves, sizes, strict=True)],
    )


def drawn(count: int, **options: Any) -> Several:
    """Return ``count`` responses with estimates from 0 to 1, each fifth of them at 0."""
    values = np.random.default_rng(count).beta(1.3, 2.5, size=count)
    values[::5] = 0
    return several(values.tolist(), **options)


def not_certified(cases: Several, *which: tuple[int, str]) -> Several:
    """Return the responses with the fits of these positions and methods not certified."""
    given_up = study_of("not_certified").summary
    for position, method in which:
        fit, example = cases.summaries[position][method], given_up[method]
        fit |= {key: deepcopy(example[key]) for key in ("certificate", "stop", "advice")}
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
    return build_overview(CASES[name]().table, placeholder(), chosen, likelihood=likelihood)


@cache
def deck_of(name: str) -> bytes:
    """Return the deck of a case, built once a test run."""
    return build(name)
