"""Draw a table from the model y = Z w + X beta + e with a given share of explained variance."""

from dataclasses import dataclass

import numpy as np

from mixedmodel.model.types import Array, Theta


@dataclass(frozen=True)
class Simulated:
    """A drawn table with its truth: y (n,), Z (n, c), X (n, p), beta (p,) and the parameters."""

    y: Array
    Z: Array
    X: Array
    beta: Array
    theta: Theta


def simulate(rng: np.random.Generator, *, n: int, c: int, p: int, pve: float) -> Simulated:
    """Draw Z ~ N(0, 1), X ~ N(0, 1/p), w ~ N(0, 1), beta ~ N(0, pve), e ~ N(0, 1 - pve).

    A row of X beta has variance pve and a row of e has 1 - pve, so that ``pve`` in [0, 1) is
    the proportion of variance explained by the random effects.
    """
    Z = rng.standard_normal((n, c))
    X = np.asfortranarray(rng.standard_normal((n, p)) / np.sqrt(p))
    w = rng.standard_normal(c)
    beta = rng.standard_normal(p) * np.sqrt(pve)
    e = rng.standard_normal(n) * np.sqrt(1 - pve)
    return Simulated(Z @ w + X @ beta + e, Z, X, beta, Theta(w, pve, 1 - pve))
