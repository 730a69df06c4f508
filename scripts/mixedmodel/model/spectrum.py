"""The eigenvalues of a matrix as far as sums over them need: nodes with weights.

tr f(A) = sum_k weights_k f(nodes_k) + n_null f(0). The nodes are the eigenvalues themselves, each
of weight 1, or those of a quadrature (`docs/model.md`, sections 6 and 23).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mixedmodel.model.types import Array, Theta


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Nodes (k,) and their weights (k,), beside ``n_null`` eigenvalues that are 0."""

    nodes: Array
    weights: Array
    n_null: int

    @classmethod
    def of(cls, eigvals: Array, n_null: int) -> "Spectrum":
        """Take eigenvalues (k,) that are known."""
        return cls(eigvals, np.ones(len(eigvals)), n_null)

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The largest and the smallest node above 0; 1 and 1 without any."""
        positive = self.nodes[self.nodes > 0]
        return (float(positive.max()), float(positive.min())) if positive.size else (1.0, 1.0)

    def log_det(self, theta: Theta) -> float:
        """Return log|sigma_beta2 A + sigma_e2 I|."""
        v = theta.sigma_beta2 * self.nodes + theta.sigma_e2
        return float(self.weights @ np.log(v)) + self.n_null * float(np.log(theta.sigma_e2))

    def log_det_ratio(self, ratio: float) -> float:
        """Return log|I + q A|."""
        return float(self.weights @ np.log1p(ratio * self.nodes))

    def power_sum(self, ratio: float, power: int) -> float:
        """Return tr (A (I + q A)^-1)^power for a positive power."""
        return float(self.weights @ (self.nodes / (1 + ratio * self.nodes)) ** power)

    def by_variance(self, theta: Theta) -> Array:
        """Return tr(V^-1 A) and tr(V^-1) for V = sigma_beta2 A + sigma_e2 I."""
        v = theta.sigma_beta2 * self.nodes + theta.sigma_e2
        by_beta, by_e = self.weights @ (self.nodes / v), self.weights @ (1 / v)
        return np.array([by_beta, by_e + self.n_null / theta.sigma_e2])

    def shares(self, theta: Theta) -> Array:
        """Return tr(P_a P_b) (2, 2) for the shares of the two variances in V: they add up to I."""
        v = theta.sigma_beta2 * self.nodes + theta.sigma_e2
        shares = np.stack([theta.sigma_beta2 * self.nodes / v, theta.sigma_e2 / v])
        return (self.weights * shares) @ shares.T + np.diag([0, self.n_null])
