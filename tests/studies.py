"""Small studies for the tests of the report: what the workflow leaves of one table, in memory.

Every number is made by the steps themselves, from a table as a user has it: nothing is filled in
by hand. Each case is a regime in which a sentence, a figure or a table could be wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import steps
from mixedmodel.model.results import ResponseTable, Summary
from mixedmodel.store.prepared import read_summary
from mixedmodel.store.results import read_result
from mixedmodel.store.table import read_fixed
from runs import small_table

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Study:
    """What the pipeline leaves of one data set, in memory."""

    response: Array
    fixed: pd.DataFrame
    table_summary: ResponseTable
    col_norms2: Array
    spectrum: pd.DataFrame
    em_trace: pd.DataFrame
    mfvi_trace: pd.DataFrame
    summary: Summary
    effects: pd.DataFrame
    profile: pd.DataFrame
    shrinkage: pd.DataFrame


def build_study(table: pd.DataFrame | dict[str, Any], **options: Any) -> Study:
    """Take a table through the steps to the comparison and read what they wrote."""
    with TemporaryDirectory() as place:
        return read_study(steps.fit(table, Path(place) / "study", **options))


def read_study(made: steps.Steps) -> Study:
    """Read what the steps have left in a folder."""
    fixed = read_fixed(made.path("table/fixed.parquet"))
    return Study(
        response=fixed.y,
        fixed=pd.DataFrame(fixed.Z, columns=list(fixed.names)),
        table_summary=read_summary(made.path("table/summary.json"), None),
        col_norms2=np.load(made.path("spectral/decomposition.npz"))["col_norms2"],
        spectrum=made.frame("spectral/spectrum.parquet"),
        em_trace=made.frame("em/trace.parquet"),
        mfvi_trace=made.frame("mfvi/trace.parquet"),
        summary=read_result(made.path("comparison/summary.json"), Summary),
        effects=made.frame("comparison/effects.parquet"),
        profile=made.frame("comparison/profile.parquet"),
        shrinkage=made.frame("comparison/shrinkage_curve.parquet"),
    )


def drawn(n: int, c: int, p: int, pve: float, seed: int) -> dict[str, Any]:
    """Return the settings of a simulated table, whose truth is known."""
    return {"n": n, "fixed": c, "random": p, "pve": pve, "seed": seed}


def with_columns(X: Array, *, c: int = 0, pve: float = 0.5, seed: int = 1) -> pd.DataFrame:
    """Draw a response on these random-effect columns (n, p) and c fixed effects."""
    rng = np.random.default_rng(seed)
    n, p = X.shape
    size = float(np.sqrt(np.sum(np.square(X - X.mean(axis=0))) / n)) or 1.0
    Z = rng.normal(size=(n, c))
    y = Z.sum(axis=1) + X @ rng.normal(size=p) * (pve**0.5 / size)
    y += rng.normal(size=n) * (1 - pve) ** 0.5
    names = ["y", *(f"Z.{k + 1}" for k in range(c)), *(f"X.{j + 1}" for j in range(p))]
    return pd.DataFrame(np.column_stack([y, Z, X]), columns=names)


def normal(n: int, p: int, seed: int) -> Array:
    return np.random.default_rng(seed).normal(size=(n, p))


def orthogonal(n: int, p: int, seed: int) -> Array:
    """Columns at right angles, of different lengths."""
    return np.linalg.qr(normal(n, p, seed))[0] * np.linspace(0.5, 1.5, p)


def genotypes(n: int, p: int, seed: int) -> Array:
    """Counts of an allele, 0, 1 or 2, whose means an intercept explains."""
    rng = np.random.default_rng(seed)
    return rng.binomial(2, rng.uniform(0.2, 0.5, p), (n, p)).astype(float)


def spectra(n: int, p: int, seed: int) -> Array:
    """Smooth curves of twelve peaks at p places, standardised."""
    rng = np.random.default_rng(seed)
    places, widths = np.linspace(0, 1, p), rng.uniform(0.03, 0.15, (12, 1))
    peaks = np.exp(-0.5 * ((places - rng.uniform(0, 1, (12, 1))) / widths) ** 2)
    X = rng.gamma(2, 1, (n, 12)) @ peaks
    return (X - X.mean(axis=0)) / X.std(axis=0) / np.sqrt(p)


def scaled(table: pd.DataFrame, **factors: float) -> pd.DataFrame:
    """Return a table in other units: columns that begin with a letter, times its factor."""
    return table.apply(lambda column: column * factors.get(str(column.name)[0], 1.0))


CASES: dict[str, Callable[[], Study]] = {
    "ordinary": lambda: build_study(small_table(n=80, c=3, p=200, pve=0.6, seed=2)),
    "truth": lambda: build_study(drawn(120, 30, 240, 0.6, 2)),
    "boundary": lambda: build_study(small_table(n=60, c=2, p=90, pve=0.0, seed=9)),
    "no_true_effect": lambda: build_study(drawn(80, 2, 160, 0.0, 7)),
    "few_columns": lambda: build_study(small_table(n=150, c=4, p=12, pve=0.5, seed=4)),
    "coinciding": lambda: build_study(with_columns(orthogonal(90, 20, 5), c=2)),
    "no_fixed": lambda: build_study(small_table(n=80, c=0, p=150, pve=0.6, seed=6)),
    "one_column": lambda: build_study(with_columns(normal(60, 1, 8), c=1, pve=0.7, seed=2)),
    "not_certified": lambda: build_study(
        small_table(n=80, c=3, p=200, pve=0.6, seed=2), max_iter={"em": 5, "mfvi": 5}
    ),
    "mfvi_uncertified": lambda: build_study(
        small_table(n=80, c=3, p=200, pve=0.6, seed=2), max_iter={"mfvi": 3}
    ),
    "beyond_the_curve": lambda: build_study(small_table(n=40, c=2, p=60, pve=0.8, seed=7)),
    "solved": lambda: build_study(
        small_table(n=70, c=2, p=160, pve=0.6, seed=5), intercept=True, e_step="solved"
    ),
    "krylov": lambda: build_study(drawn(540, 3, 620, 0.5, 2), spectral="krylov"),
    "krylov_all_directions": lambda: build_study(
        small_table(n=90, c=3, p=200, pve=0.6, seed=2), spectral="krylov", likelihood="reml"
    ),
    "restricted": lambda: build_study(drawn(90, 4, 160, 0.5, 3), likelihood="reml"),
    "many_fixed": lambda: build_study(small_table(n=160, c=50, p=20, pve=0.5, seed=9)),
    "boundary_mfvi": lambda: build_study(
        with_columns(genotypes(80, 120, 3), pve=0.7, seed=4), intercept=True
    ),
    "spectra": lambda: build_study(with_columns(spectra(60, 101, 1), pve=0.99), intercept=True),
    "unbounded": lambda: build_study(
        with_columns(normal(30, 60, 1), pve=0.9, seed=3), intercept=True, standardize=True
    ),
    "pole_beyond": lambda: build_study(
        with_columns(normal(80, 120, 5), pve=0.3, seed=5), intercept=True, standardize=True
    ),
    "noiseless": lambda: build_study(small_table(n=40, c=10, p=60, pve=0.5, seed=0)),
    "flat": lambda: build_study(small_table(n=8, c=7, p=12, pve=0.5, seed=1), likelihood="reml"),
    "flat_both": lambda: build_study(with_columns(np.linalg.qr(normal(30, 30, 2))[0], c=2)),
    "one_row_left": lambda: build_study(small_table(n=8, c=7, p=60, pve=0.5, seed=3)),
    "far_mean": lambda: build_study(
        small_table(n=60, c=0, p=90, pve=0.5, seed=8).assign(y=lambda t: t["y"] + 80)
    ),
    "one_large_column": lambda: build_study(
        small_table(n=40, c=1, p=60, pve=0.5, seed=5).assign(**{"X.17": lambda t: 1e8 * t["X.17"]})
    ),
    "small_units": lambda: build_study(
        scaled(small_table(n=40, c=3, p=60, pve=0.5, seed=6), y=1e-6, X=1e5)
    ),
    "large_units": lambda: build_study(scaled(drawn_table(), y=1e9, Z=1e-7, X=1e-6)),
}


def drawn_table() -> pd.DataFrame:
    return small_table(n=40, c=3, p=60, pve=0.5, seed=6)


@lru_cache
def study_of(case: str) -> Study:
    """Return the study of a named case, computed once a test run."""
    return CASES[case]()
