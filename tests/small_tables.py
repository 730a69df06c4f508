"""Small tables on which every identity is tried: ordinary ones and the awkward ones."""

import numpy as np

from oracles import Table


def draw(seed: int, n: int, c: int, p: int, *, pve: float = 0.5) -> Table:
    """Draw a table from the model."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) / np.sqrt(p)
    Z = rng.standard_normal((n, c))
    beta = rng.standard_normal(p) * np.sqrt(pve)
    y = Z @ rng.standard_normal(c) + X @ beta + rng.standard_normal(n) * np.sqrt(1 - pve)
    return Table(y, Z, X)


def _rank_deficient() -> Table:
    table = draw(5, 40, 3, 30)
    rng = np.random.default_rng(50)
    X = table.X[:, :7] @ rng.standard_normal((7, 30)) / 3
    return Table(table.Z.sum(axis=1) + X @ rng.standard_normal(30) + table.y, table.Z, X)


def _duplicated_columns() -> Table:
    table = draw(6, 45, 2, 12)
    return Table(table.y, table.Z, np.column_stack([table.X, table.X[:, :5], table.X[:, :5]]))


def _orthogonal_to_fixed() -> Table:
    table = draw(7, 40, 4, 60)
    Q = np.linalg.qr(table.Z)[0]
    return Table(table.y - Q @ (Q.T @ table.y), table.Z, table.X)


def _extreme_units() -> Table:
    table = draw(8, 50, 3, 80, pve=0.4)
    return Table(table.y * 1e-6, table.Z, table.X * 1e6)


def _zero_column() -> Table:
    table = draw(9, 40, 2, 25)
    X = table.X.copy()
    X[:, 4] = 0
    return Table(table.y, table.Z, X)


def _spread_fixed() -> Table:
    table = draw(13, 40, 3, 60, pve=0.3)
    return Table(table.y, table.Z * [1e-5, 1.0, 1e5], table.X)


TABLES = {
    "wide": draw(1, 40, 3, 90),
    "tall": draw(2, 60, 3, 10),
    "just wide": draw(3, 30, 3, 27),
    "just tall": draw(3, 32, 3, 27),
    "no fixed effects": draw(4, 35, 0, 70),
    "no fixed effects, tall": draw(4, 35, 0, 6),
    "one random effect": draw(11, 30, 2, 1),
    "rank-deficient": _rank_deficient(),
    "duplicated columns": _duplicated_columns(),
    "response orthogonal to the fixed effects": _orthogonal_to_fixed(),
    "extreme units": _extreme_units(),
    "a column of zeros": _zero_column(),
    "fixed effects in spread units": _spread_fixed(),
}
