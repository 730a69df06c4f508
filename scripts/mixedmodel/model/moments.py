"""Method of moments for the two variances: Haseman-Elston regression with standard errors.

With M = I - QQ' over the fixed effects, equate y'MKMy and y'My with their expectations:

    [tr (MK)^2  tr MK] [sigma_beta2]   [y'MKMy]
    [tr MK      n - c] [sigma_e2   ] = [y'My  ]

The standard errors are those of quadratic forms in a normal y at the estimates (`docs/model.md`,
section 17).
"""

from dataclasses import dataclass

import numpy as np

from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array

LEAST_SPREAD = 1e-12  # of the mean square of the eigenvalues of MKM; less is none


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


def moments(form: SpectralForm) -> Moments | None:
    """Return the method-of-moments estimates, None where MKM is a multiple of M.

    tr (MK)^k is the sum of the k-th powers of the eigenvalues of MKM, here in units of their mean.
    """
    unit = form.mean_diagonal or 1.0
    mu, weights, r = form.free.nodes / unit, form.free.weights, form.Uty
    t = np.array([float(form.n - form.c), *(float(weights @ mu**k) for k in range(1, 5))])
    if t[2] * t[0] - t[1] ** 2 <= LEAST_SPREAD * t[2] * t[0]:
        return None
    system = np.array([[t[2], t[1]], [t[1], t[0]]])
    sb, se = np.linalg.solve(system, [float(r @ (form.eigvals / unit * r)), float(r @ r)])
    # tr A V B V with A, B in {MKM, M}: powers of MK from 2 + (number of K in A and B) down
    spread = [sb**2 * t[k + 2] + 2 * sb * se * t[k + 1] + se**2 * t[k] for k in range(3)]
    forms = 2 * np.array([[spread[2], spread[1]], [spread[1], spread[0]]])
    left = np.linalg.solve(system, forms)
    scale = np.array([1 / unit, 1.0])
    covariance = np.linalg.solve(system, left.T).T * scale * scale[:, None]
    return Moments(float(sb / unit), float(se), covariance)
