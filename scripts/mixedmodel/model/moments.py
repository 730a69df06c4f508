"""Method of moments for the two variances: Haseman-Elston regression with standard errors.

With M = I - QQ' over the fixed effects, equate y'MKMy and y'My with their expectations:

    [tr (MK)^2  tr MK] [sigma_beta2]   [y'MKMy]
    [tr MK      n - c] [sigma_e2   ] = [y'My  ]          Haseman, Elston (1972)

The standard errors are those of quadratic forms in a normal y at the estimates:
cov(y'Ay, y'By) = 2 tr(A V B V) for V = sigma_beta2 MKM + sigma_e2 M.
"""

from dataclasses import dataclass

import numpy as np

from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array


@dataclass(frozen=True)
class Moments:
    """The estimates, unrestricted in sign, with their covariance (2, 2)."""

    sigma_beta2: float
    sigma_e2: float
    covariance: Array

    def pve(self, form: SpectralForm) -> float | None:
        """Return the PVE of the estimates, None where the total variance is not positive."""
        explained = self.sigma_beta2 * form.mean_diagonal
        total = explained + self.sigma_e2
        return explained / total if total > 0 else None

    def pve_error(self, form: SpectralForm) -> float | None:
        """Return its standard error by the delta method."""
        unit = form.mean_diagonal
        total = self.sigma_beta2 * unit + self.sigma_e2
        if total <= 0:
            return None
        slope = unit / total**2 * np.array([self.sigma_e2, -self.sigma_beta2])
        return float(np.sqrt(slope @ self.covariance @ slope))


def moments(form: SpectralForm) -> Moments:
    """Return the method-of-moments estimates from the spectral form."""
    t = _traces(form)  # tr (MK)^k, k = 0..4
    r = form.Uty - form.UtQ @ (form.Uty @ form.UtQ)
    system = np.array([[t[2], t[1]], [t[1], t[0]]])
    sb, se = np.linalg.solve(system, [float(r @ (form.eigvals * r)), float(r @ r)])
    # tr A V B V with A, B in {MKM, M}: powers of MK from 2 + (number of K in A and B) down
    spread = [sb**2 * t[k + 2] + 2 * sb * se * t[k + 1] + se**2 * t[k] for k in range(3)]
    forms = 2 * np.array([[spread[2], spread[1]], [spread[1], spread[0]]])
    left = np.linalg.solve(system, forms)
    return Moments(float(sb), float(se), np.linalg.solve(system, left.T).T)


def _traces(form: SpectralForm) -> Array:
    """Return tr (MK)^k for k = 0..4, M = I - QQ', from c x c matrices T_k = Q'K^k Q."""
    lam, Q = form.eigvals, form.UtQ
    T = [Q.T @ (lam[:, None] ** k * Q) for k in range(5)]
    tr = [float((lam**k).sum()) for k in range(5)]
    return np.array(
        [
            form.n - form.c,
            tr[1] - np.trace(T[1]),
            tr[2] - 2 * np.trace(T[2]) + np.trace(T[1] @ T[1]),
            tr[3] - 3 * np.trace(T[3]) + 3 * np.trace(T[2] @ T[1]) - np.trace(T[1] @ T[1] @ T[1]),
            tr[4]
            - 4 * np.trace(T[4])
            + 4 * np.trace(T[3] @ T[1])
            + 2 * np.trace(T[2] @ T[2])
            - 4 * np.trace(T[2] @ T[1] @ T[1])
            + np.trace(np.linalg.matrix_power(T[1], 4)),
        ]
    )
