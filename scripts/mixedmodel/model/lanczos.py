"""Lanczos on a symmetric matrix A that is known by its products only.

From a block of columns B a basis V with V'AV = T block tridiagonal, kept orthonormal in full: what
B'f(A)B is for polynomials f of degree 2m - 1 after m steps it is for T (Golub, Meurant, *Matrices,
Moments and Quadrature with Applications*, chapters 4 and 6). From single vectors z the same with
three terms, without the basis: their quadratures of z'f(A)z don't suffer from what rounding does to
orthogonality (Knizhnerman 1996); see `docs/model.md`, section 23.
"""

import numpy as np
from scipy import linalg

from mixedmodel.model.types import Array

DEPENDENT = 1e-12  # of the largest entry of T; a new direction this short is none
BROKEN = 1e-13  # likewise, of a single vector


class BlockLanczos:
    """Block Lanczos from orthonormal columns (n, b)."""

    def __init__(self, start: Array, most: int) -> None:
        """Make room for ``most`` steps."""
        self.n, self.steps = len(start), 0
        room = start.shape[1] * (most + 1)
        self._basis = np.empty((self.n, min(room, self.n)), order="F")
        self._T = np.zeros((self._basis.shape[1],) * 2)
        self._edges = [0]
        self._coupling: Array = np.zeros((0, start.shape[1]))
        self._append(start)

    @property
    def current(self) -> Array:
        """The directions (n, b) whose products with A come next; none when there are no more."""
        return self._basis[:, self._edges[-2] : self._edges[-1]]

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to find."""
        return not self.current.shape[1]

    @property
    def T(self) -> Array:
        """V'AV (N, N) of the steps done."""
        done = self._done
        return self._T[:done, :done]

    @property
    def V(self) -> Array:
        """Orthonormal basis (n, N) of the steps done."""
        return self._basis[:, : self._done]

    @property
    def coupling(self) -> Array:
        """What the last directions (.., k) hold of the next ones: the residual of V in A."""
        return self._coupling

    @property
    def _done(self) -> int:
        return self._edges[self.steps]

    def extend(self, W: Array) -> None:
        """Take a step: W (n, b) is A times the current directions."""
        here, known = slice(*self._edges[-2:]), self._edges[-1]
        V, W = self._basis[:, :known], W.copy(order="F")
        inner = V.T @ W
        W -= V @ inner
        middle = inner[here]
        self._T[here, here] = 0.5 * (middle + middle.T)
        self.steps += 1
        scale = float(np.abs(self._T[:known, :known]).max(initial=0.0))
        found, coupling = independent(W, DEPENDENT * scale)
        found = _orthogonal(V, found)
        self._coupling = coupling
        stop = known + found.shape[1]
        self._T[known:stop, here] = coupling
        self._T[here, known:stop] = coupling.T
        self._append(found)

    def _append(self, found: Array) -> None:
        start = self._edges[-1]
        self._basis[:, start : start + found.shape[1]] = found
        self._edges.append(start + found.shape[1])


class ProbeLanczos:
    """Lanczos from each column of Z (n, S) by itself."""

    def __init__(self, Z: Array) -> None:
        """Begin with Z (n, S)."""
        self.sizes = np.einsum("ij,ij->j", Z, Z)
        lengths = np.sqrt(self.sizes)
        self.current = Z / np.where(lengths > 0, lengths, 1.0)
        self._before = np.zeros_like(Z)
        self._alpha: list[Array] = []
        self._beta: list[Array] = []
        self._largest = 0.0

    @property
    def steps(self) -> int:
        """Steps done."""
        return len(self._alpha)

    def extend(self, W: Array) -> None:
        """Take a step: W (n, S) is A times the current vectors."""
        W = W - (self._before * self._beta[-1] if self._beta else 0.0)
        alpha = np.einsum("ij,ij->j", self.current, W)
        W -= self.current * alpha
        beta = np.sqrt(np.einsum("ij,ij->j", W, W))
        self._largest = max(self._largest, float(np.abs(alpha).max(initial=0.0)))
        beta[beta <= BROKEN * self._largest] = 0.0
        self._alpha.append(alpha)
        self._beta.append(beta)
        self._before = self.current
        self.current = np.where(beta > 0, W / np.where(beta > 0, beta, 1.0), 0.0)

    def beside(self, other: "ProbeLanczos") -> "ProbeLanczos":
        """Return what both have found, to be asked for quadratures; no steps can follow."""
        both = ProbeLanczos(np.empty((0, 0)))
        both.sizes = np.concatenate([self.sizes, other.sizes])
        both._alpha = [np.concatenate(pair) for pair in zip(self._alpha, other._alpha, strict=True)]
        both._beta = [np.concatenate(pair) for pair in zip(self._beta, other._beta, strict=True)]
        return both

    def quadrature(self, steps: int) -> tuple[Array, Array]:
        """Return nodes and weights (S, steps) of z'f(A)z; weights of a row add up to z'z."""
        alpha = np.array(self._alpha[:steps])
        beta = np.array(self._beta[:steps])[:-1]
        nodes, weights = np.empty(alpha.T.shape), np.empty(alpha.T.shape)
        for k, size in enumerate(self.sizes):
            nodes[k], vectors = linalg.eigh_tridiagonal(alpha[:, k], beta[:, k])
            weights[k] = size * vectors[0] ** 2
        return nodes, weights


def independent(W: Array, least: float) -> tuple[Array, Array]:
    """Return an orthonormal basis (n, k) of W (n, b) and R (k, b) with W = basis R.

    Directions of which W has no more than ``least`` are left out.
    """
    if not W.shape[1]:
        return W, np.zeros((0, 0))
    Q, R, order = linalg.qr(W, mode="economic", pivoting=True)
    k = int((np.abs(np.diag(R)) > least).sum())
    in_place = np.empty((k, W.shape[1]))
    in_place[:, order] = R[:k]
    return np.asarray(Q[:, :k], float), in_place


def _orthogonal(V: Array, W: Array) -> Array:
    """Return W (n, k), nearly orthonormal and orthogonal to V, without the rounding in it."""
    if not W.shape[1]:
        return W
    Q, R = linalg.qr(W - V @ (V.T @ W), mode="economic")
    return np.asarray(Q * np.sign(np.diag(R)))
