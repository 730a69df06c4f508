"""The oracle for tables that double precision resolves badly: dense formulas in sixty digits.

Model y = Z w + X beta + e, with w by generalised least squares; q = sigma_beta2 / sigma_e2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import mpmath as mp
import numpy as np

from oracles import Array, Table

DIGITS = 60


@dataclass(frozen=True)
class ManyDigits:
    """A table at one variance ratio q, with V/sigma_e2 = I + q X X'."""

    table: Table
    ratio: float

    def profile(self, *, penalised: bool = False) -> float:
        """Log-likelihood (nats) at the best w and sigma_e2, less the penalty of mean field."""
        with mp.workdps(DIGITS):
            n, V = len(self.table.y), self._V()
            r = self._residual(V)
            s = (r.T * mp.lu_solve(V, r))[0] / n
            log_det = mp.log(mp.det(V))
            value = -(n * (mp.log(2 * mp.pi * s) + 1) + log_det) / 2
            if penalised:
                norms2 = [(x.T * x)[0] for x in self._columns()]
                value -= (sum(mp.log(1 + self.ratio * d) for d in norms2) - log_det) / 2
            return float(value)

    def effects(self) -> tuple[Array, Array]:
        """Posterior means (p,) and variances over sigma_beta2 (p,) of the random effects."""
        with mp.workdps(DIGITS):
            V, q = self._V(), mp.mpf(self.ratio)
            inverse = V**-1
            weighted = inverse * self._residual(V)
            columns = self._columns()
            mean = [float(q * (x.T * weighted)[0]) for x in columns]
            variance = [float(1 - q * (x.T * (inverse * x))[0]) for x in columns]
            return np.array(mean), np.array(variance)

    def _V(self) -> Any:
        X = _matrix(self.table.X)
        return mp.eye(len(self.table.y)) + mp.mpf(self.ratio) * (X * X.T)

    def _columns(self) -> Sequence[Any]:
        X = _matrix(self.table.X)
        return [X[:, j] for j in range(self.table.X.shape[1])]

    def _residual(self, V: Any) -> Any:
        y, Z = _matrix(self.table.y[:, None]), _matrix(self.table.Z)
        if not self.table.Z.shape[1]:
            return y
        weighted = (V**-1) * Z
        return y - Z * mp.lu_solve(Z.T * weighted, weighted.T * y)


def _matrix(values: Array) -> Any:
    n, k = values.shape
    return mp.matrix(values.tolist()) if k else mp.matrix(n, 0)
