"""The spectral form: pay once for K = X X', then every likelihood costs O(n c).

With the eigenvectors U of K the model y = Z w + X beta + e becomes n independent rows,
U'y ~ N(U'Z w, diag(sigma_beta2 eigvals + sigma_e2)); Lippert et al. (2011), eq. 2;
Zhou, Stephens (2012). Only the smaller side of X is ever decomposed: K itself when X is
wide, the triangular factor of X when it is tall.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from mixedmodel.model.cost import is_wide
from mixedmodel.model.types import Array

EPS = float(np.finfo(float).eps)
LEAST_SIZE = 100  # rows or columns; rounding of K is EPS times these, and in small tables more
NO_RESIDUAL = 1e-12  # of the norm of y; rounding of the rotation is some 1e-15


@dataclass(frozen=True, eq=False)  # two forms are the same only if they are one object
class SpectralForm:
    """A table rotated to the eigenvectors of K = X X', its fixed effects orthonormalised.

    The m kept rows hold all of y and Z: eigenvectors of K plus, when X is tall, a basis of
    what they miss of y and Z. The other n - m rows have eigenvalue 0 and are 0 in y and Z.
    Z enters as Q R with orthonormal Q; inside the model room ``w`` holds the coefficients
    of Q, and ``omega`` gives those of Z.

    n, p        rows and random-effect columns
    rank        number of eigenvalues above rounding
    eigvals     (m,) eigenvalues of K, largest first, exact zeros beyond the rank
    Uty         (m,) rotated response
    UtQ         (m, c) rotated orthonormal basis of the fixed-effect columns
    R           (c, c) upper triangular, Z = Q R
    U           (n, k) the eigenvectors themselves, k >= rank, in the order of ``eigvals``
    col_norms2  (p,) squared norms d_j of the columns of X
    mean_diagonal  mean squared norm of a row of the table's X: what sigma_beta2 is multiplied
                with in PVE, the same for a table and its contrasts
    """

    n: int
    p: int
    rank: int
    eigvals: Array
    Uty: Array
    UtQ: Array
    R: Array
    U: Array
    col_norms2: Array
    mean_diagonal: float

    @property
    def c(self) -> int:
        """Number of fixed-effect columns."""
        return int(self.UtQ.shape[1])

    @property
    def n_null(self) -> int:
        """Rows not kept: eigenvalue 0, and 0 in y and Z."""
        return self.n - len(self.eigvals)

    def pve(self, ratio: float) -> float:
        """Return the proportion of variance explained at the variance ratio q."""
        explained = ratio * self.mean_diagonal
        return explained / (1 + explained)

    @property
    def has_pole(self) -> bool:
        """Whether the log-likelihood grows without bound as sigma_e2 -> 0.

        It does where the fixed effects fit all that X does not span: n - rank rows without
        residual give -(n - rank)/2 log sigma_e2. A centred X with an intercept is such a case,
        one row; its maximum worth reporting is the highest interior one.
        """
        null = self.eigvals == 0
        if self.rank == self.n:
            return False
        y, Q = self.Uty[null], self.UtQ[null]
        left = y - Q @ linalg.lstsq(Q, y)[0] if self.c else y
        return bool(np.linalg.norm(left) <= NO_RESIDUAL * np.linalg.norm(self.Uty))

    @property
    def is_noise_free(self) -> bool:
        """Whether Z and X reproduce y exactly although they have fewer dimensions than rows."""
        return self.has_pole and self.n > self.rank + self.c

    def omega(self, w: Array) -> Array:
        """Return the coefficients (c,) of Z from those of its orthonormal basis Q."""
        return linalg.solve_triangular(self.R, w) if self.c else w


@dataclass(frozen=True, eq=False)
class Decomposition:
    """X decomposed: what all responses observed in the same rows share.

    n, p        rows and random-effect columns
    rank        number of eigenvalues of K = X X' above rounding
    eigvals     (k,) eigenvalues, largest first, exact zeros beyond the rank
    U           (n, k) their eigenvectors: k = n, or the rank where X is tall
    col_norms2  (p,) squared norms d_j of the columns of X
    mean_diagonal  mean squared norm of a row of the table's X
    """

    n: int
    p: int
    rank: int
    eigvals: Array
    U: Array
    col_norms2: Array
    mean_diagonal: float

    def rotate(self, y: Array, Z: Array) -> SpectralForm:
        """Rotate y (n,) and Z (n, c) to the eigenvectors, and to a basis of what these miss."""
        Q, R = linalg.qr(Z, mode="economic")
        fixed = np.column_stack([Q, y])
        rotated, eigvals = self.U.T @ fixed, self.eigvals
        if len(eigvals) < self.n:
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
            R=np.asarray(R, float),
            U=self.U,
            col_norms2=self.col_norms2,
            mean_diagonal=self.mean_diagonal,
        )


def decompose(y: Array, Z: Array, X: Array, *, mean_diagonal: float | None = None) -> SpectralForm:
    """Rotate y (n,), Z (n, c), X (n, p) to the spectral form; see ``decompose_columns``."""
    return decompose_columns(X, Z.shape[1], mean_diagonal=mean_diagonal).rotate(y, Z)


def decompose_columns(X: Array, c: int, *, mean_diagonal: float | None = None) -> Decomposition:
    """Decompose X (n, p), to be seen with ``c`` fixed effects.

    ``mean_diagonal`` is tr(K)/n of the table where these rows are contrasts of it.
    X is tall when n > p + c + 1; then the thin QR of X is followed by the SVD of its p x p
    factor (squaring X would lose its small singular values), otherwise K is eigendecomposed.
    """
    n, p = X.shape
    col_norms2 = np.einsum("ij,ij->j", X, X)
    if mean_diagonal is None:
        mean_diagonal = float(col_norms2.sum()) / n
    if is_wide(n, p, c):
        return decompose_kernel(X @ X.T, col_norms2=col_norms2, mean_diagonal=mean_diagonal)
    U, eigvals = _left_vectors(X)
    rank = _rank(eigvals, (max(n, p) * EPS) ** 2)
    return Decomposition(n, p, rank, eigvals[:rank], U[:, :rank], col_norms2, mean_diagonal)


def decompose_kernel(K: Array, *, col_norms2: Array, mean_diagonal: float) -> Decomposition:
    """Decompose K = X X' (n, n), which is overwritten."""
    n, p = len(K), len(col_norms2)
    eigvals, vectors = linalg.eigh(K, overwrite_a=True, check_finite=False)
    eigvals, U = np.maximum(eigvals[::-1], 0.0), np.asfortranarray(vectors[:, ::-1])
    rank = min(_rank(eigvals, max(n, p, LEAST_SIZE) * EPS), p)
    eigvals[rank:] = 0.0
    return Decomposition(n, p, rank, eigvals, U, col_norms2, mean_diagonal)


def _rank(eigvals: Array, rounding: float) -> int:
    """Count the eigenvalues above ``rounding``, relative to the largest."""
    return int(np.count_nonzero(eigvals > rounding * eigvals[0]))


def _left_vectors(X: Array) -> tuple[Array, Array]:
    """Return left singular vectors (n, p) and squared singular values (p,), largest first."""
    Q, R = linalg.qr(X, mode="economic", check_finite=False)
    V, singular, _ = linalg.svd(R, check_finite=False)
    return Q @ V, singular**2
