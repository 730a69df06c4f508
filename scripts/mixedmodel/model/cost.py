"""How much work and memory a table is, known from its size before it is read."""

QUICK = 3e11  # floating-point operations, some seconds on one core
HEAVY = 3e12  # some minutes
EIGH = 10  # operations of an eigendecomposition over n^3
QR_SVD = 6  # operations of an orthonormal basis of tall columns over n p^2

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
