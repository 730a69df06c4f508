"""Probabilities of weighted sums of squared standard normals, by a saddlepoint.

For Q = sum_i omega_i z_i^2, each weight as often as ``counts`` says, with cumulant function
K(t) = -1/2 sum log(1 - 2 t omega_i) the
tail is Phi(r) + phi(r) (1/r - 1/u) turned around, with r = sign(t) sqrt(-2 K(t)) and
u = t sqrt(K''(t)) at the root t of K'(t) = 0 (`docs/model.md`, section 20).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special
from scipy.optimize import elementwise

from mixedmodel.model.types import Array

INSIDE = 1e-12  # relative; how near the root may come to the ends of the domain of K
CENTRAL = 1e-3  # |r| below which the formula is continued by its limit at 0


def positive_probability(
    weights: Array, extra: ArrayLike = 0.0, number: int = 0, *, counts: ArrayLike = 1.0
) -> Array:
    """Return P(Q > 0) (k,) for the ``weights`` (k, m) of each Q, ``counts`` (m,) squares of each.

    ``number`` more squares have the weight ``extra`` (k,).
    """
    counts = np.broadcast_to(np.asarray(counts, float), weights.shape[1])
    extra = np.broadcast_to(np.asarray(extra, float), len(weights))
    ends = np.concatenate([weights, extra[:, None]], axis=1) if number else weights
    scale = np.abs(ends).max(axis=1)
    safe = np.where(scale > 0, scale, 1.0)
    weights, extra = weights / safe[:, None], extra / safe
    low, high = ends.min(axis=1) / safe, ends.max(axis=1) / safe
    found = np.where(high > 0, 1.0, 0.0)
    mixed = np.flatnonzero((low < 0) & (high > 0))
    if mixed.size:
        several = _Several(weights[mixed], extra[mixed], counts, number)
        found[mixed] = _mixed(several, low[mixed], high[mixed])
    return found


@dataclass(frozen=True)
class _Several:
    """Several Q: weights (k, m) of ``counts`` (m,) squares, and extra (k,) of ``number`` more."""

    weights: Array
    extra: Array
    counts: Array
    number: int

    def of(self, k: NDArray[np.int64] | NDArray[np.bool_]) -> "_Several":
        return _Several(self.weights[k], self.extra[k], self.counts, self.number)


def _mixed(several: _Several, low: Array, high: Array) -> Array:
    def slope(t: Array, k: NDArray[np.int64]) -> Array:
        w, e = several.weights[k], several.extra[k]
        sums = w / (1 - 2 * t[..., None] * w) @ several.counts
        return np.asarray(sums + several.number * e / (1 - 2 * t * e))

    left, right = ((1 - INSIDE) / (2 * end) for end in (low, high))
    k = np.arange(len(low))
    at_ends = slope(left, k), slope(right, k)
    bracketed = (at_ends[0] < 0) & (at_ends[1] > 0)
    found = np.where(at_ends[0] >= 0, 1.0, 0.0)
    if bracketed.any():
        inside = k[bracketed]
        t = elementwise.find_root(slope, (left[inside], right[inside]), args=(inside,)).x
        found[inside] = _tail(t, several.of(inside))
    return found


def _tail(t: Array, several: _Several) -> Array:
    """Return P(Q > 0) at the saddlepoints t (k,)."""
    weights, extra, counts, number = vars(several).values()
    shrunk, by_extra = weights / (1 - 2 * t[:, None] * weights), extra / (1 - 2 * t * extra)
    K = -0.5 * (np.log1p(-2 * t[:, None] * weights) @ counts + number * np.log1p(-2 * t * extra))
    second = 2 * (np.square(shrunk) @ counts + number * by_extra**2)
    third = 8 * (shrunk**3 @ counts + number * by_extra**3)
    r = np.sign(t) * np.sqrt(np.maximum(-2 * K, 0.0))
    u = t * np.sqrt(second)
    central = np.abs(r) < CENTRAL
    limit = -third / (6 * second**1.5)
    safe_r, safe_u = np.where(central, 1.0, r), np.where(central, 1.0, u)
    correction = np.where(central, limit, 1 / safe_u - 1 / safe_r)
    density = np.exp(-0.5 * r**2) / np.sqrt(2 * np.pi)
    return np.asarray(np.clip(special.ndtr(-r) + density * correction, 0.0, 1.0))
