"""The spectral form: pay once for K = X X', then every likelihood costs O(n c).

With the eigenvectors U of K the model y = Z w + X beta + e becomes n independent rows,
U'y ~ N(U'Z w, diag(sigma_beta2 eigvals + sigma_e2)); `docs/model.md`, sections 6
and 22. Only the smaller side of X is ever decomposed: K itself when X is wide, the triangular
factor of X when it is tall. Squaring X spoils eigenvalues far below the largest; where K has such,
and they are no mere rounding, X is decomposed unsquared instead.

Where that is too much, Lanczos vectors and random probes stand in for the eigenvectors
(``krylov``): the same form with other nodes.

The response enters less its least-squares part, so that a mean far from 0 costs no digits.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from mixedmodel.model.cost import is_wide
from mixedmodel.model.design import Design
from mixedmodel.model.projection import contrasts_of, orthonormal, without
from mixedmodel.model.sampled import Sampled
from mixedmodel.model.singular import empty_directions, left_vectors
from mixedmodel.model.spectrum import Spectrum
from mixedmodel.model.types import Array, Theta

T = TypeVar("T", float, Array)

logger = logging.getLogger(__name__)

EPS = float(np.finfo(float).eps)
NO_RESIDUAL = 1e-12  # of the response less its least-squares part; rounding is some 1e-15
LARGE = 4000  # rows; an eigendecomposition of more takes a minute and more
SPOILT = 1e-8  # of the largest eigenvalue of K; those below lose more than 8 digits to squaring


@dataclass(frozen=True, eq=False)  # two forms are the same only if they are one object
class SpectralForm:
    """A table rotated to the eigenvectors of K = X X', its fixed effects orthonormalised.

    The m kept rows hold all of y and Z: eigenvectors of K plus, when X is tall, a basis of
    what they miss of y and Z. The other n - m rows have eigenvalue 0 and are 0 in y and Z.
    Z enters as Q R with orthonormal Q, and y less its least-squares part Q w_ls. Inside the
    model room ``w`` is what comes on top of ``w_ls``; ``omega`` gives the coefficients of Z.

    Where n x n is too much, U holds the Ritz vectors of a Krylov space that holds y and Z, and
    ``eigvals`` their Ritz values. They are right for whatever is a sum over y and Z; sums over all
    directions, traces, are taken over ``spectrum``, and over ``free`` where Z is left out.

    n, p        rows and random-effect columns
    rank        number of ``eigvals`` that are not 0
    eigvals     (m,) eigenvalues of K, largest first, exact zeros beyond the rank
    Uty         (m,) rotated response less its least-squares part
    UtQ         (m, c) rotated orthonormal basis of the fixed-effect columns
    w_ls        (c,) least-squares coefficients of Q
    residual    (n,) y less Q w_ls, not rotated
    Q           (n, c) the basis, not rotated
    R           (c, c) upper triangular, Z = Q R
    U           (n, k) the eigenvectors themselves, k >= rank, in the order of ``eigvals``
    col_norms2  (p,) squared norms d_j of the columns of X
    mean_diagonal  tr(MK)/(n - c), M = I - QQ': what sigma_beta2 is multiplied with in PVE, the
                same for a table and its contrasts
    sampled     what random probes say of all eigenvalues; None where ``eigvals`` are these
    """

    n: int
    p: int
    rank: int
    eigvals: Array
    Uty: Array
    UtQ: Array
    w_ls: Array
    residual: Array
    Q: Array
    R: Array
    U: Array
    col_norms2: Array
    mean_diagonal: float
    sampled: Sampled | None = None

    @property
    def c(self) -> int:
        """Number of fixed-effect columns."""
        return int(self.UtQ.shape[1])

    @property
    def is_exact(self) -> bool:
        """Whether ``eigvals`` are the eigenvalues of K."""
        return self.sampled is None

    @cached_property
    def spectrum(self) -> Spectrum:
        """The eigenvalues of K, for traces; rows not kept have eigenvalue 0.

        Where they are sampled, those of MKM are, and tr f(K) - tr f(MKM) is what f has more of the
        ``eigvals`` than of those that are left of them beside Z.
        """
        if self.sampled and not self.c:
            return self.free
        if self.sampled:
            free, less = self.free, self._beside_fixed
            weights = [free.weights, np.ones(len(self.eigvals)), -np.ones(len(less))]
            nodes = [free.nodes, self.eigvals, less]
            return Spectrum(np.concatenate(nodes), np.concatenate(weights), free.n_null)
        return Spectrum.of(self.eigvals, self.n - len(self.eigvals))

    @property
    def is_singular(self) -> bool:
        """Whether K has an eigenvalue that is 0, as far as the form shows."""
        spectrum = self.spectrum
        return bool(spectrum.n_null > 0 or np.any(spectrum.nodes == 0) or np.any(self.eigvals == 0))

    @property
    def variance(self) -> float:
        """Mean square of the response less its least-squares part."""
        return float(self.Uty @ self.Uty) / self.n

    def pve(self, ratio: float) -> float:
        """Return the proportion of variance explained at the variance ratio q.

        Of the variance that the fixed effects leave, the share that X beta is expected to have:
        sigma_beta2 tr(MK) over sigma_beta2 tr(MK) + sigma_e2 (n - c).
        """
        explained = ratio * self.mean_diagonal
        return explained / (1 + explained)

    def ratio(self, pve: T) -> T:
        """Return the variance ratio q at which a share ``pve`` below 1 is explained."""
        return pve / (1 - pve) / (self.mean_diagonal or 1.0)

    @cached_property
    def free(self) -> Spectrum:
        """The n - c eigenvalues of K in the directions orthogonal to Z.

        The rows not kept are orthogonal to Z and have eigenvalue 0.
        """
        if self.sampled:
            return self.sampled.free
        return Spectrum.of(self._beside_fixed, self.spectrum.n_null) if self.c else self.spectrum

    @property
    def _beside_fixed(self) -> Array:
        """Eigenvalues (m - c,) of the kept rows in the directions orthogonal to Z."""
        half = contrasts_of(self.UtQ, np.diag(np.sqrt(self.eigvals)))
        found = np.asarray(linalg.eigvalsh(half @ half.T, check_finite=False)[::-1])
        return np.maximum(found, 0.0)

    @property
    def has_pole(self) -> bool:
        """Whether the log-likelihood grows without bound as sigma_e2 -> 0.

        It does where the fixed effects fit all that X does not span: n - rank rows without
        residual give -(n - rank)/2 log sigma_e2. A centred X with an intercept is such a case,
        one row; its maximum worth reporting is the highest interior one.
        """
        null = self.eigvals == 0
        if not null.any():
            return False
        y, Q = self.Uty[null], self.UtQ[null]
        left = y - Q @ linalg.lstsq(Q, y)[0] if self.c else y
        rounding = EPS * np.linalg.norm(self.w_ls)  # of the response that was given
        tolerance = NO_RESIDUAL * np.linalg.norm(self.Uty) + 4 * rounding
        return bool(np.linalg.norm(left) <= tolerance)

    @property
    def is_noise_free(self) -> bool:
        """Whether Z and X reproduce y exactly although they have fewer dimensions than rows."""
        rank = self.rank if self.is_exact else min(self.n, self.p)
        return self.has_pole and self.n > rank + self.c

    def weights(self, theta: Theta) -> Array:
        """Return V^-1 (y - Zw) (n,), of which X'V^-1 (y - Zw) is made."""
        r = self.Uty - self.UtQ @ theta.w
        if not self.is_exact:
            return self.inverse_times(theta, self.residual - self.Q @ theta.w, r)
        v = theta.sigma_beta2 * self.eigvals[: self.rank] + theta.sigma_e2
        return self.U[:, : self.rank] @ (r[: self.rank] / v)

    def inverse_times(self, theta: Theta, B: Array, rotated: Array) -> Array:
        """Return V^-1 B for B (n,) or (n, k) of y and Z, and the same ``rotated``.

        It is [B - U (sigma_beta2 lambda / v) U'B] / sigma_e2. What the Ritz vectors of a tall X
        miss of y and Z is in it; not all of that is free of X.
        """
        eigvals = self.eigvals[: self.rank]
        share = theta.sigma_beta2 * eigvals / (theta.sigma_beta2 * eigvals + theta.sigma_e2)
        U, seen = self.U[:, : self.rank], rotated[: self.rank]
        return np.asarray((B - U @ (share * seen.T).T) / theta.sigma_e2)

    def omega(self, w: Array) -> Array:
        """Return the coefficients (c,) of Z from ``w``."""
        return linalg.solve_triangular(self.R, self.w_ls + w) if self.c else w

    def from_omega(self, omega: Array) -> Array:
        """Return the ``w`` (c,) that goes with coefficients of Z."""
        return self.R @ omega - self.w_ls


@dataclass(frozen=True, eq=False)
class Decomposition:
    """X decomposed: what all responses observed in the same rows share.

    n, p        rows and random-effect columns
    rank        number of eigenvalues of K = X X' that are not 0
    eigvals     (k,) eigenvalues, largest first, exact zeros beyond the rank
    U           (n, k) their eigenvectors: k = n, or the rank where X is tall
    col_norms2  (p,) squared norms d_j of the columns of X
    mean_diagonal  tr(MK)/(n - c), M = I - QQ'
    sampled     None, or what random probes say: then ``eigvals`` and U are Ritz values and vectors
    """

    n: int
    p: int
    rank: int
    eigvals: Array
    U: Array
    col_norms2: Array
    mean_diagonal: float
    sampled: Sampled | None = None

    @property
    def spoilt(self) -> NDArray[np.bool_]:
        """Flags (k,) of the eigenvalues that squaring X leaves few digits of, or none."""
        return np.asarray(self.eigvals <= SPOILT * self.eigvals.max(initial=0.0))

    def listed(self) -> Array:
        """Return all eigenvalues of the smaller side of X, the largest first.

        Where they are sampled, what the probes say of those of MKM.
        """
        if self.sampled:
            return self.sampled.listed()
        found = np.zeros(min(self.n, self.p))
        found[: self.rank] = self.eigvals[: self.rank]
        return found

    def without(self, rounding: NDArray[np.bool_]) -> "Decomposition":
        """Put the directions flagged as ``rounding`` (k,) last, with eigenvalue 0."""
        order = np.argsort(rounding, kind="stable")
        rank = len(order) - int(rounding.sum())
        order = order if self.sampled or len(order) == self.n else order[:rank]
        eigvals = self.eigvals[order]
        eigvals[rank:] = 0.0
        in_place = np.array_equal(order, np.arange(self.U.shape[1]))
        U = self.U if in_place else np.asfortranarray(self.U[:, order])
        return replace(self, rank=rank, eigvals=eigvals, U=U)

    def rotate(self, y: Array, Z: Array) -> SpectralForm:
        """Rotate y (n,) and Z (n, c) to the eigenvectors, and to a basis of what these miss."""
        Q, R = orthonormal(Z)
        residual = without(Q, y)
        fixed = np.column_stack([Q, residual])
        rotated, eigvals = self.U.T @ fixed, self.eigvals
        if len(eigvals) < self.n and not (self.sampled and self.sampled.holds_all):
            missed = linalg.qr(fixed - self.U @ rotated, mode="economic")[1]
            rotated = np.vstack([rotated, missed])
            eigvals = np.concatenate([eigvals, np.zeros(len(missed))])
        return SpectralForm(
            n=self.n,
            p=self.p,
            rank=self.rank,
            eigvals=eigvals,
            Uty=np.ascontiguousarray(rotated[:, -1]),
            UtQ=np.asfortranarray(rotated[:, :-1]),
            w_ls=Q.T @ y,
            residual=residual,
            Q=Q,
            R=R,
            U=self.U,
            col_norms2=self.col_norms2,
            mean_diagonal=self.mean_diagonal,
            sampled=self.sampled,
        )


def decompose(y: Array, Z: Array, X: Design) -> SpectralForm:
    """Rotate y (n,), Z (n, c), X (n, p) to the spectral form; see ``decompose_columns``."""
    return decompose_columns(X, Z).rotate(y, Z)


def decompose_columns(
    X: Design, Z: Array, gram: Callable[[], Array] | None = None
) -> Decomposition:
    """Decompose X (n, p), to be seen with the fixed effects Z (n, c).

    ``gram`` returns X X' where that has been found elsewhere.

    X is tall when n > p + c + 1; then its thin QR is followed by the SVD of its p x p factor.
    Otherwise K is eigendecomposed, and X itself where squaring it has spoilt eigenvalues.
    """
    n, p, c = X.n, X.p, Z.shape[1]
    mean_diagonal = free_norm2(X, Z) / (n - c)
    if is_wide(n, p, c):
        found = decompose_kernel(
            (gram or X.gram)(), col_norms2=X.norms2, mean_diagonal=mean_diagonal
        )
        small = found.spoilt
        if np.all(empty_directions(X, found.U[:, small])):
            return found.without(small)
    U, eigvals = left_vectors(X)
    found = Decomposition(n, p, len(eigvals), eigvals, U, X.norms2, mean_diagonal)
    small = found.spoilt
    small[small] = empty_directions(X, U[:, small])
    return found.without(small)


def decompose_kernel(K: Array, *, col_norms2: Array, mean_diagonal: float) -> Decomposition:
    """Decompose K = X X' (n, n), which is overwritten; small eigenvalues may be rounding."""
    logger.info(
        "eigendecomposition of X X' (%d x %d)", *K.shape, extra={"terminal": len(K) > LARGE}
    )
    eigvals, vectors = linalg.eigh(K, overwrite_a=True, check_finite=False)
    eigvals, U = np.maximum(eigvals[::-1], 0.0), np.asfortranarray(vectors[:, ::-1])
    n, p = len(K), len(col_norms2)
    return Decomposition(n, p, n, eigvals, U, col_norms2, mean_diagonal)


def free_norm2(X: Design, Z: Array) -> float:
    """Return ||MX||^2 = tr(MK), M the projection on what is orthogonal to Z (n, c)."""
    Q, _ = orthonormal(Z)
    return float(sum(np.sum(np.square(without(Q, block))) for _, block in X.blocks()))
