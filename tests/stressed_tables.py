"""Tables that a user may have and that break numbers, sentences or layouts, each seen to do so."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from runs import small_table
from studies import Array, genotypes, normal, orthogonal, scaled, spectra, with_columns


@dataclass(frozen=True)
class Stressed:
    """A table, how it is read, and what it must end in: a deck, or words to the user."""

    table: pd.DataFrame
    options: dict[str, Any] = field(default_factory=dict)
    refusal: str = ""  # what the message says, as a regular expression; none: a deck


def joined(y: Array, Z: Array, X: Array) -> pd.DataFrame:
    names = ["y", *(f"Z.{k + 1}" for k in range(Z.shape[1]))]
    names += [f"X.{j + 1}" for j in range(X.shape[1])]
    return pd.DataFrame(np.column_stack([y, Z, X]), columns=names)


def large_column(size: float) -> pd.DataFrame:
    """X of rank 4 but for one column, which is larger than the others."""
    X = normal(40, 4, 1) @ normal(4, 60, 2)
    X[:, 17] = size * normal(40, 1, 3)[:, 0]
    y = X[:, :17] @ normal(17, 1, 4)[:, 0] + 0.3 * normal(40, 1, 5)[:, 0]
    return joined(y, np.empty((40, 0)), X)


def spread_columns(low: float, high: float) -> pd.DataFrame:
    """X in units between 10^low and 10^high."""
    units = 10 ** np.random.default_rng(6).uniform(low, high, 60)
    return joined(normal(40, 1, 7)[:, 0], normal(40, 1, 8), normal(40, 60, 9) * units)


def few_rows(n: int, c: int, p: int, seed: int = 10) -> pd.DataFrame:
    return joined(normal(n, 1, seed)[:, 0], normal(n, c, seed + 1), normal(n, p, seed + 2))


def explained(noise: float, where: str) -> pd.DataFrame:
    """A response in the span of Z or X, or orthogonal to both, but for a little noise."""
    Z, X, e = normal(40, 3, 11), normal(40, 60, 12), noise * normal(40, 1, 13)[:, 0]
    if where == "Z":
        return joined(Z @ [1.0, 2.0, 3.0] + e, Z, X)
    if where == "X":
        return joined(X[:, :5] @ normal(5, 1, 14)[:, 0] + e, Z, X)
    X = X[:, :10]
    y = normal(40, 1, 15)[:, 0]
    both = np.column_stack([Z, X])
    return joined(y - both @ np.linalg.lstsq(both, y)[0] + e, Z, X)


def with_response(change: Callable[[Array], Array], c: int = 2) -> pd.DataFrame:
    table = small_table(n=40, c=c, p=60, seed=16)
    return table.assign(y=change(table["y"].to_numpy()))


def outlier(y: Array) -> Array:
    return np.where(np.arange(len(y)) == 3, 1e12, y)


def units(y: float, X: float = 1.0) -> pd.DataFrame:
    return scaled(small_table(n=40, c=3, p=60, seed=17), y=y, X=X)


def copies() -> pd.DataFrame:
    """X with columns twice and columns of zeros."""
    X = normal(40, 20, 18)
    y = X @ normal(20, 1, 19)[:, 0] + 0.1 * normal(40, 1, 20)[:, 0]
    return joined(y, np.ones((40, 1)), np.hstack([X, X, np.zeros((40, 20))]))


def in_span_of_fixed() -> pd.DataFrame:
    Z = normal(40, 3, 21)
    return joined(normal(40, 1, 22)[:, 0], Z, Z @ normal(3, 60, 23))


def proportional_to_identity(wide: bool) -> pd.DataFrame:
    Q = np.linalg.qr(normal(30, 30, 24))[0]
    X = np.hstack([0.6 * Q, 0.8 * Q]) if wide else Q
    return joined(normal(30, 1, 25)[:, 0], normal(30, 2, 26), X)


def centred(decimals: int = 17) -> pd.DataFrame:
    X = normal(40, 60, 27)
    X -= X.mean(axis=0)
    y = X @ normal(60, 1, 28)[:, 0] / 8 + 0.3 * normal(40, 1, 29)[:, 0]
    return joined(y, np.empty((40, 0)), np.round(X, decimals))


REML: dict[str, Any] = {"likelihood": "reml"}
MEAN: dict[str, Any] = {"intercept": True}
STANDARD: dict[str, Any] = {"intercept": True, "standardize": True}
CENTRED: dict[str, Any] = {"intercept": True, "standardize": "center"}

NOTHING_LEFT = "is left beside the fixed effects"
TOO_FEW = "rows"

CASES: dict[str, Callable[[], Stressed]] = {
    # spectra: eigenvalues over ten orders of magnitude
    "spectra": lambda: Stressed(with_columns(spectra(60, 401, 1), pve=0.9), MEAN),
    "spectra, reml": lambda: Stressed(with_columns(spectra(60, 401, 2), pve=0.99), MEAN | REML),
    "spectra, no noise": lambda: Stressed(with_columns(spectra(60, 101, 3), pve=1 - 1e-6), MEAN),
    "spectra, no effect": lambda: Stressed(with_columns(spectra(60, 101, 4), pve=0.0), STANDARD),
    # columns of X
    "one column 1e8 times larger": lambda: Stressed(large_column(1e8), MEAN),
    "one column 1e15 times larger": lambda: Stressed(large_column(1e15), MEAN),
    "one column 1e30 times larger": lambda: Stressed(large_column(1e30), MEAN),
    "columns from 1e-10 to 1e10": lambda: Stressed(spread_columns(-10, 10)),
    "columns from 1e-39 to 1e39": lambda: Stressed(spread_columns(-39, 39)),
    "columns twice and of zeros": lambda: Stressed(copies()),
    "columns that Z spans": lambda: Stressed(in_span_of_fixed(), refusal=NOTHING_LEFT),
    "columns that Z spans, reml": lambda: Stressed(in_span_of_fixed(), REML, NOTHING_LEFT),
    "zeros alone": lambda: Stressed(
        joined(normal(20, 1, 1)[:, 0], normal(20, 2, 2), np.zeros((20, 5))), refusal=NOTHING_LEFT
    ),
    "one constant column": lambda: Stressed(
        joined(normal(20, 1, 1)[:, 0], np.empty((20, 0)), np.ones((20, 1))), MEAN, NOTHING_LEFT
    ),
    "one constant column, no intercept": lambda: Stressed(
        joined(normal(20, 1, 1)[:, 0], np.empty((20, 0)), np.ones((20, 1)))
    ),
    "orthogonal columns": lambda: Stressed(with_columns(orthogonal(60, 20, 3), c=2)),
    "K is the identity": lambda: Stressed(proportional_to_identity(False)),
    "K is the identity, reml": lambda: Stressed(proportional_to_identity(False), REML),
    "K is the identity, p = 2 n": lambda: Stressed(proportional_to_identity(True)),
    "genotypes": lambda: Stressed(with_columns(genotypes(60, 90, 5), pve=0.6), MEAN),
    "genotypes, centred": lambda: Stressed(with_columns(genotypes(60, 90, 5), pve=0.6), CENTRED),
    "genotypes, standardised": lambda: Stressed(with_columns(genotypes(60, 90, 5)), STANDARD),
    # a likelihood without bound
    "centred columns": lambda: Stressed(centred(), MEAN),
    "centred columns, reml": lambda: Stressed(centred(), MEAN | REML),
    "columns centred to 4 digits": lambda: Stressed(centred(4), MEAN),
    "centred columns, no intercept": lambda: Stressed(centred()),
    # few rows
    **{
        f"n = c + {k}, p = {p}, {likelihood}": lambda k=k, p=p, likelihood=likelihood: Stressed(
            few_rows(3 + k, 3, p), {"likelihood": likelihood}
        )
        for k in (1, 2, 3, 4)
        for p in (1, 60)
        for likelihood in ("ml", "reml")
    },
    "n = c": lambda: Stressed(few_rows(3, 3, 60), refusal=TOO_FEW),
    "n = 2, nothing fixed": lambda: Stressed(few_rows(2, 0, 5)),
    "n = 2, an intercept": lambda: Stressed(few_rows(2, 0, 5), MEAN),
    # the response
    **{
        f"y in the span of {where} plus {noise:g}": lambda where=where, noise=noise: Stressed(
            explained(noise, where)
        )
        for where in ("Z", "X")
        for noise in (1e-9, 1e-5)
    },
    "y in the span of X": lambda: Stressed(explained(0.0, "X")),
    "y in the span of Z": lambda: Stressed(
        explained(0.0, "Z"), refusal="an exact linear combination of the fixed effects"
    ),
    "y orthogonal to Z and X": lambda: Stressed(explained(0.0, "neither")),
    "y of a mean of 1e8 deviations": lambda: Stressed(with_response(lambda y: y + 1e8), MEAN),
    "y of a far mean, no intercept": lambda: Stressed(with_response(lambda y: y + 100, c=0)),
    "y in epoch seconds": lambda: Stressed(with_response(lambda y: 1.7e9 + 30 * y), MEAN),
    "y with an outlier": lambda: Stressed(with_response(outlier)),
    "y of 0 and 1": lambda: Stressed(with_response(lambda y: (y > 0).astype(float)), MEAN),
    "y almost constant": lambda: Stressed(
        with_response(lambda y: (np.arange(len(y)) == 3).astype(float)), MEAN
    ),
    # where the noise vanishes
    **{
        f"no noise, {seed}": lambda seed=seed: Stressed(
            small_table(n=40, c=10, p=60, pve=0.5, seed=seed)
        )
        for seed in range(6)
    },
    # units
    **{f"y times {y:g}": lambda y=y: Stressed(units(y)) for y in (1e-30, 1e-6, 1e-4, 1e9, 1e30)},
    **{f"X times {x:g}": lambda x=x: Stressed(units(1.0, x)) for x in (1e-36, 1e-8, 1e8, 1e36)},
    "y times 1e36, X times 1e-36": lambda: Stressed(units(1e36, 1e-36)),
    "y times 1e-36, X times 1e36": lambda: Stressed(units(1e-36, 1e36)),
    "X times 1e100": lambda: Stressed(units(1.0, 1e100), refusal="use a larger unit"),
    "X times 1e-100": lambda: Stressed(units(1.0, 1e-100), refusal="expected a smaller unit"),
    "y times 1e80": lambda: Stressed(units(1e80), refusal="use a larger unit"),
    "Z from 1e-12 to 1e12": lambda: Stressed(
        small_table(n=40, c=3, p=60, seed=30).assign(
            **{"Z.1": lambda t: 1e-12 * t["Z.1"], "Z.3": lambda t: 1e12 * t["Z.3"]}
        )
    ),
    "Z and y from 1e-36 to 1e36": lambda: Stressed(
        scaled(small_table(n=40, c=3, p=60, seed=31), y=1e-36, Z=1e36)
    ),
    "Z nearly collinear": lambda: Stressed(
        small_table(n=40, c=3, p=60, seed=32).assign(
            **{"Z.3": lambda t: t["Z.1"] + 1e-6 * t["Z.3"]}
        )
    ),
}
