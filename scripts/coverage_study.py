"""How often intervals of PVE hold the truth, by repetition: `make coverage`, or with a FILE.

On each of a few X and Z, 300 responses are drawn at each of several true PVEs and fitted to the
optimum under ML and under REML. Writes one Markdown file, docs/coverage.md in the repository.
"""

import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mixedmodel.model.certificate import optimum
from mixedmodel.model.contrasts import counted_rows
from mixedmodel.model.design import Design
from mixedmodel.model.penalty import MEAN_FIELD, NONE
from mixedmodel.model.shrinkage import calibrate, shrinkage_curve
from mixedmodel.model.spectral import decompose, decompose_columns
from mixedmodel.model.types import Array, Likelihood
from mixedmodel.model.uncertainty import no_effect_test, pve_interval
from mixedmodel.store.files import whole_file

DRAWS = 300
TRUE = (0.0, 0.05, 0.2, 0.5, 0.8)
LIKELIHOODS: tuple[Likelihood, ...] = ("ml", "reml")

logger = logging.getLogger("mixedmodel.coverage_study")


@dataclass(frozen=True)
class Repetition:
    """What ``DRAWS`` responses at one true PVE gave under one likelihood, as shares and means.

    ``curve`` is what mean field should report at the expected response; ``rejected`` is the share
    of tests of no random effect with p <= 0.05.
    """

    likelihood: Likelihood
    true: float
    em_mean: float
    em_covered: float
    rejected: float
    mfvi_mean: float
    curve: float
    calibrated_covered: float


def independent(rng: np.random.Generator) -> tuple[Array, Array]:
    """Independent columns and an intercept."""
    return rng.standard_normal((200, 500)), np.ones((200, 1))


def correlated(rng: np.random.Generator) -> tuple[Array, Array]:
    """Columns that follow each other with a correlation of 0.9."""
    X = rng.standard_normal((200, 500))
    for j in range(1, X.shape[1]):
        X[:, j] = 0.9 * X[:, j - 1] + np.sqrt(1 - 0.9**2) * X[:, j]
    return X, np.ones((200, 1))


def spectra(rng: np.random.Generator) -> tuple[Array, Array]:
    """Smooth spectra from 12 peaks, few directions of which have nearly all of the variance."""
    places = np.linspace(0, 1, 401)
    peaks = np.exp(-(((places - rng.uniform(0, 1, (12, 1))) / 0.08) ** 2))
    X = rng.gamma(2, 1, (60, 12)) @ peaks
    return (X - X.mean(axis=0)) / X.std(axis=0), np.ones((60, 1))


def many_fixed(rng: np.random.Generator) -> tuple[Array, Array]:
    """Independent columns beside 14 fixed effects, 7% of the rows."""
    return rng.standard_normal((200, 500)), rng.standard_normal((200, 14))


DESIGNS: dict[str, Callable[[np.random.Generator], tuple[Array, Array]]] = {
    "Independent columns": independent,
    "Correlated neighbours": correlated,
    "Smooth spectra": spectra,
    "Many fixed effects": many_fixed,
}


def repetitions(Z: Array, X: Array, likelihood: Likelihood) -> Iterator[Repetition]:
    """Draw and fit the responses of each true PVE; X beta has it of the variance beside Z."""
    rng = np.random.default_rng(5)
    rows = counted_rows(likelihood, np.ones(len(X)), Z, Design.of(X))
    shared = decompose_columns(rows.X, rows.Z)
    scale = decompose(np.ones(len(X)), Z, Design.of(X)).mean_diagonal
    curve = shrinkage_curve(shared.rotate(rows.y, rows.Z))
    for true in TRUE:
        found = []
        for _ in range(DRAWS):
            signal = X @ rng.standard_normal(X.shape[1]) * np.sqrt(true / scale)
            y = signal + rng.standard_normal(len(X)) * np.sqrt(1 - true)
            drawn = counted_rows(likelihood, y, Z, Design.of(X[:, :0]))
            form = shared.rotate(drawn.y, drawn.Z)
            exact, naive = (optimum(form, g).theta.ratio for g in (NONE, MEAN_FIELD))
            low, high = pve_interval(form)
            calibrated = calibrate(form, naive)
            found.append(
                (
                    form.pve(exact),
                    low <= true <= high,
                    no_effect_test(form).p_value <= 0.05,
                    form.pve(naive),
                    calibrated.low <= true <= calibrated.high,
                )
            )
        em, covered, rejected, mfvi, calibrated_covered = np.mean(found, axis=0)
        expected = float(np.interp(true, curve.pve_true, curve.pve_mfvi))
        yield Repetition(
            likelihood, true, em, covered, rejected, mfvi, expected, calibrated_covered
        )
        logger.info("%s at %s: done", likelihood, true)


INTRODUCTION = f"""\
# Intervals under repetition

Made by `make coverage` (`scripts/coverage_study.py`). On each X and Z, {DRAWS} responses were drawn
at each true PVE and both methods were brought to their optimum. Shares of {DRAWS} draws have a
binomial standard error of 1.3% at 95%, so that 92.5% to 97.5% is what chance does to a right
interval.

- *EM covers*: the 95% interval of the profile likelihood holds the true PVE. At a true PVE of 0 its
  error is one-sided: 97.5% is right there.
- *Test*: share of tests of no random effect with p <= 5%: at 0 it should be 5%, elsewhere it is
  the test's power.
- *MFVI*: the mean of what mean field reports, and the shrinkage curve at that true PVE, which is
  the report at the expected response and not the mean of the reports.
- *Calibrated covers*: the 95% interval that the calibration makes of mean field's report holds the
  true PVE.
"""
HEADER = """\
| likelihood | true PVE | EM, mean | EM covers | test | MFVI, mean | curve | calibrated covers |
|---|---|---|---|---|---|---|---|
"""


def section(name: str) -> str:
    """Return the Markdown of one X and Z."""
    X, Z = DESIGNS[name](np.random.default_rng(1))
    about = (DESIGNS[name].__doc__ or "").rstrip(".")
    lines = [
        f"\n## {name}\n\n{about}: n = {len(X)}, c = {Z.shape[1]}, p = {X.shape[1]}.\n\n{HEADER}"
    ]
    for likelihood in LIKELIHOODS:
        for r in repetitions(Z, X, likelihood):
            lines.append(
                f"| {r.likelihood.upper()} | {r.true:.0%} | {r.em_mean:.1%} | {r.em_covered:.1%} "
                f"| {r.rejected:.1%} | {r.mfvi_mean:.1%} | {r.curve:.1%} "
                f"| {r.calibrated_covered:.1%} |\n"
            )
    return "".join(lines)


def main(target: Path) -> None:
    """Repeat on every X and Z, and write the tables to ``target``."""
    text = INTRODUCTION + "".join(map(section, DESIGNS))
    with whole_file(target) as file:
        file.write_text(text, encoding="utf-8")
    logger.info("written to %s", target)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main(Path(sys.argv[1]))
