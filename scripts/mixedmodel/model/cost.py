"""How much work and memory a table is, known from its size before it is read."""

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
    are swept at once. EM's map is evaluated on the spectral form, mean field's by a sweep.
    """

    n: int
    p: int
    c: int
    block: int

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
        """Return n^2 p + 10 n^3, or 6 n p^2: X is decomposed, once."""
        n, p = float(self.n), float(self.p)
        return n**2 * p + EIGH * n**3 if self.wide else QR_SVD * n * p**2

    @property
    def step(self) -> float:
        """Return (6c + 20) m, with the m rows of the spectral form: n, or p + c + 1."""
        rows = self.n if self.wide else self.p + self.c + 1
        return float((6 * self.c + BY_ROW) * rows)

    @property
    def sweep(self) -> float:
        """Return (4n + b) p: two products with X, and a triangular solve of each b columns."""
        return float(4 * self.n + self.columns) * self.p

    @property
    def vectors(self) -> float:
        """Return the bytes of the eigenvectors."""
        return float(BYTES * self.n * (self.n if self.wide else self.p))

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


def beside_mb(n: int, p: int, *, folds: bool = False, new: int = 0) -> float:
    """Return what a job takes beside X (n, p): the libraries, and squares of the smaller side.

    ``folds`` where it cross-validates, ``new`` the rows that it predicts.
    """
    squares = (FOLD_SQUARES if folds else SQUARES) * matrix_mb(n, min(n, p))
    return LIBRARIES_MB + squares + PRODUCTS * matrix_mb(new, n)
