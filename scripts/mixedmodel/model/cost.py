"""How much work a table is, known from its size before it is read."""

QUICK = 3e11  # floating-point operations, some seconds on one core
HEAVY = 3e12  # some minutes
EIGH = 10  # operations of an eigendecomposition over n^3
QR_SVD = 6  # operations of an orthonormal basis of tall columns over n p^2


def is_wide(n: int, p: int, c: int) -> bool:
    """Tell whether X X' is the smaller side of X (n, p) beside c fixed effects."""
    return n <= p + c + 1


def validation_operations(n: int, p: int, c: int, folds: int) -> float:
    """Estimate the floating-point operations of cross-validating a table of this size."""
    each = EIGH * float(n) ** 3 if is_wide(n, p, c) else QR_SVD * float(n) * p**2
    return folds * each


def is_quick(n: int, p: int, c: int, folds: int) -> bool:
    """Tell whether a table of this size is cross-validated without anybody asking for it."""
    return validation_operations(n, p, c, folds) <= QUICK
