"""How much work and memory a table is, known from its size before it is read."""

import os
from dataclasses import dataclass

QUICK = 3e11  # floating-point operations, some seconds on one core
HEAVY = 3e12  # some minutes
EIGH = 10  # operations of an eigendecomposition over n^3
QR_SVD = 6  # operations of an orthonormal basis of tall columns over n p^2
BY_ROW = 20  # operations of an EM step on a row of the spectral form, beside those with w
BYTES = 8  # of a number

WIDTH = 256  # columns of X in a block, a file of the imported table
MOST_BLOCKS = 256  # wider ones rather than more
LIBRARIES_MB = 400  # Python, the libraries and what is small
LARGEST_EXACT = 30_000  # of the smaller side; an eigendecomposition of more takes hours
KRYLOV_STEPS, KRYLOV_PROBES = 60, 64  # as many as usual, and in between
KRYLOV_COPIES = 2  # of the basis: Lanczos vectors and Ritz vectors
PROBE_COPIES = 6  # the last two vectors, products and what comes of them
SQUARES = 4  # n x min(n, p) at the same time: K, its eigenvectors, these in order, a product
FOLD_SQUARES = 8  # with parts of K for a fold and its contrasts
PRODUCTS = 4  # of new rows and the table's at the same time
IN_FLIGHT = 6  # blocks at the same time: being read, read, worked on, and what comes of them


def is_wide(n: int, p: int, c: int) -> bool:
    """Tell whether X X' is the smaller side of X (n, p) beside c fixed effects."""
    return n <= p + c + 1


def decomposition_operations(n: int, p: int) -> float:
    """Estimate the floating-point operations of decomposing X (n, p)."""
    small = min(n, p)
    return 2 * float(n) * p * small + EIGH * float(small) ** 3


def krylov_operations(n: int, p: int, vectors: int) -> float:
    """Estimate those of a Krylov form of X (n, p) from so many vectors and random probes."""
    return 4 * float(n) * p * KRYLOV_STEPS * (vectors + KRYLOV_PROBES)


def machine_mb() -> float:
    """Return the megabytes of memory that this machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e6


def is_krylov(method: str, n: int, p: int, memory_mb: float) -> bool:
    """Tell whether X (n, p) gets the Krylov form: where asked for, or by itself (``auto``).

    By itself where the smaller side is so large that its square does not fit into ``memory_mb`` or
    takes too long.
    """
    if method != "auto":
        return method == "krylov"
    return min(n, p) > LARGEST_EXACT or beside_mb(n, p) > memory_mb


def krylov_columns(vectors: int) -> int:
    """Return how many columns of length n a Krylov form from so many vectors takes."""
    return KRYLOV_COPIES * vectors * KRYLOV_STEPS + PROBE_COPIES * KRYLOV_PROBES


def validation_operations(n: int, p: int, c: int, folds: int) -> float:
    """Estimate the floating-point operations of cross-validating a table of this size."""
    each = EIGH * float(n) ** 3 if is_wide(n, p, c) else QR_SVD * float(n) * p**2
    return folds * each


def is_quick(n: int, p: int, c: int, folds: int) -> bool:
    """Tell whether a table of this size is cross-validated without anybody asking for it."""
    return validation_operations(n, p, c, folds) <= QUICK


@dataclass(frozen=True)
class Costs:
    """Leading terms of what both algorithms take, in floating-point operations and bytes.

    The table has n rows that count, p random-effect columns and c fixed effects; ``block`` columns
    are swept at once. EM's map is evaluated on the spectral form, mean field's by a sweep. A Krylov
    form took ``products`` of X X' with one vector; it has ``ritz`` vectors for eigenvectors.
    """

    n: int
    p: int
    c: int
    block: int
    products: int = 0
    ritz: int = 0

    @property
    def wide(self) -> bool:
        """X X' is decomposed, not the triangular factor of X."""
        return is_wide(self.n, self.p, self.c)

    @property
    def columns(self) -> int:
        """Return how many columns are swept at once."""
        return min(self.block, self.p)

    @property
    def decomposition(self) -> float:
        """Return n^2 p + 10 n^3, or 6 n p^2: X is decomposed, once; 4 n p a product otherwise."""
        n, p = float(self.n), float(self.p)
        if self.products:
            return 4 * n * p * self.products
        return n**2 * p + EIGH * n**3 if self.wide else QR_SVD * n * p**2

    @property
    def step(self) -> float:
        """Return (6c + 20) m, with the m rows of the spectral form: n, or p + c + 1, or nodes."""
        rows = self.products or (self.n if self.wide else self.p + self.c + 1)
        return float((6 * self.c + BY_ROW) * rows)

    @property
    def sweep(self) -> float:
        """Return (4n + b) p: two products with X, and a triangular solve of each b columns."""
        return float(4 * self.n + self.columns) * self.p

    @property
    def vectors(self) -> float:
        """Return the bytes of the eigenvectors, or Ritz vectors."""
        return float(BYTES * self.n * (self.ritz or (self.n if self.wide else self.p)))

    @property
    def blocks(self) -> float:
        """Return the bytes of the triangles that sweeps solve with."""
        return float(BYTES * self.p * self.columns)


def width(p: int) -> int:
    """Return how many of p columns a block has."""
    return max(WIDTH, -(-p // MOST_BLOCKS))


def matrix_mb(n: int, p: int) -> float:
    """Return the megabytes of X (n, p) in double precision."""
    return 8 * n * p / 1e6


def least_mb(n: int, p: int) -> float:
    """Return what a job holds of X (n, p) that it reads block by block."""
    return matrix_mb(n, min(IN_FLIGHT * width(p), p))


def wanted_mb(n: int, p: int, *, new: int = 0) -> float:
    """Return what a job holds of X (n, p) if it may: the table and its contrasts, or a fold.

    ``new`` rows to predict come on top.
    """
    return 2 * matrix_mb(n, p) + matrix_mb(new, p) + least_mb(n, p)


def beside_mb(
    n: int, p: int, *, folds: bool = False, new: int = 0, krylov: int | None = None
) -> float:
    """Return what a job takes beside X (n, p): the libraries, and squares of the smaller side.

    ``folds`` where it cross-validates, ``new`` the rows that it predicts; ``krylov`` columns of
    length n stand in place of squares where the form is none of these.
    """
    squares = (FOLD_SQUARES if folds else SQUARES) * matrix_mb(n, min(n, p))
    if krylov is not None:
        squares = matrix_mb(max(n, p), krylov)
    return LIBRARIES_MB + squares + PRODUCTS * matrix_mb(new, n)
