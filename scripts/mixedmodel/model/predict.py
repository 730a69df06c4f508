"""Mean and standard deviation of a response not seen: y* = z'w + x'beta + e.

Exact posterior, given the variances: beta | y ~ N(mu, Gamma), w by generalised least squares,
whose error C = (Z'V^-1 Z)^-1 comes on top (Henderson 1975; universal kriging), with k = X x:

    mean      z'w + x'mu
    variance  sigma_e2 + x'Gamma x + g'C g,    g = z - sigma_beta2 Z'V^-1 k

Mean field, q(beta) = prod_j N(m_j, s_j), with the fixed effects taken as known, as it does:

    mean      z'w + x'm
    variance  sigma_e2 + sum_j x_j^2 s_j

Neither counts the error of the estimated variances (`docs/model.md`, section 21).
Under restricted likelihood the rows are contrasts: a new row is first freed of its fixed part,
y* - h'y with h = Z (Z'Z)^-1 z, which has noise variance sigma_e2 (1 + h'h) and random-effect row
x - X'h, and then is a row like any other.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import linalg

from mixedmodel.model.contrasts import Rows
from mixedmodel.model.design import Design
from mixedmodel.model.projection import contrasts_of, orthonormal
from mixedmodel.model.solve import solve
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array, Likelihood, Theta


@dataclass(frozen=True)
class Predictions:
    """Predictive ``mean (s,)`` and standard ``deviation (s,)`` of new responses."""

    mean: Array
    deviation: Array


@dataclass(frozen=True)
class NewRows:
    """s rows to predict, as a spectral form of the rows fitted sees them.

    Z        (s, c) their fixed effects, for the form's orthonormal Q
    crossed  (s, rank) X_new X'U
    norms2   (s,) squared norms of the rows of X_new
    offset   (s,) what is known of their mean without any parameter: h'y
    noise    (s,) their noise variance over sigma_e2: 1 + h'h
    kernel   (s, n) X_new X' and the X of the rows fitted, where a Krylov form does not hold all;
             None where the form is exact
    """

    Z: Array
    crossed: Array
    norms2: Array
    offset: Array
    noise: Array
    kernel: tuple[Array, Design] | None = None

    @classmethod
    def rotated(cls, form: SpectralForm, kernel: Array, norms2: Array, Z: Array) -> "NewRows":
        """Rotate rows with fixed effects ``Z`` (s, c) and X_new X' ``kernel`` (s, n)."""
        s = len(norms2)
        by_Q = linalg.solve_triangular(form.R, Z.T, trans="T").T if form.c else np.empty((s, 0))
        crossed = kernel @ form.U[:, : form.rank]
        return cls(np.asarray(by_Q), crossed, norms2, np.zeros(s), np.ones(s))

    def freed(self, h: Array, y: Array) -> "NewRows":
        """Take these rows, without fixed effects, as y* - h'y for ``h`` (s, n), y (n,)."""
        return replace(self, offset=h @ y, noise=1 + np.einsum("ij,ij->i", h, h))


def new_rows(
    likelihood: Likelihood, form: SpectralForm, table: Rows, Z_new: Array, X_new: Design
) -> NewRows:
    """Rotate rows Z_new (s, c), X_new (s, p) to the form of the rows counted of ``table``."""
    restricted = likelihood == "reml" and table.Z.shape[1] > 0
    h = fixed_weights(table.Z, Z_new) if restricted else None
    kernel, norms2 = np.zeros((X_new.n, form.n)), np.zeros(X_new.n)
    for _, new, old in X_new.beside(table.X):
        if h is not None:
            new, old = new - h @ old, contrasts_of(table.Z, old)
        kernel += new @ old.T
        norms2 += np.einsum("ij,ij->i", new, new)
    rows = NewRows.rotated(form, kernel, norms2, Z_new)
    if not form.is_exact:
        rows = replace(rows, kernel=(kernel, table.X.contrasts(table.Z) if restricted else table.X))
    return rows if h is None else rows.freed(h, table.y)


def fixed_weights(Z: Array, Z_new: Array) -> Array:
    """Return h' (s, n), the least-squares weights of y in z'w: Z_new (Z'Z)^-1 Z'."""
    Q, R = orthonormal(Z)
    return np.asarray(linalg.solve_triangular(R, Z_new.T, trans="T").T @ Q.T)


def predict_exact(form: SpectralForm, theta: Theta, new: NewRows) -> Predictions:
    """Predict by the exact posterior."""
    return Predictions(exact_mean(form, theta, new), _exact_deviation(form, theta, new))


def predict_factorised(mean: Array, variance: Array, sigma_e2: float, X_new: Design) -> Predictions:
    """Predict by q(beta): ``mean`` z'w + x'm (s,), ``variance`` s_j (p,), rows X_new (s, p).

    At the optimal q(beta) the mean is ``exact_mean`` at mean field's own parameters.
    """
    by_beta = np.zeros(X_new.n)
    for columns, block in X_new.blocks():
        by_beta += np.einsum("ij,ij,j->i", block, block, variance[columns])
    return Predictions(mean, np.sqrt(by_beta + sigma_e2))


def exact_mean(form: SpectralForm, theta: Theta, new: NewRows) -> Array:
    """Return offset + z'w + x'mu (s,), x'mu = sigma_beta2 (X_new X'U) (r / v)."""
    known = new.offset + new.Z @ (form.w_ls + theta.w)
    if new.kernel:
        return np.asarray(known + theta.sigma_beta2 * new.kernel[0] @ form.weights(theta))
    r = (form.Uty - form.UtQ @ theta.w)[: form.rank]
    v = theta.sigma_beta2 * form.eigvals[: form.rank] + theta.sigma_e2
    return np.asarray(known + theta.sigma_beta2 * new.crossed @ (r / v))


def _exact_deviation(form: SpectralForm, theta: Theta, new: NewRows) -> Array:
    """Return the standard deviation (s,) of new responses under the exact posterior.

    With a = W'x for X = U diag(sqrt lambda) W':
    x'Gamma x = sigma_beta2 [ (x'x - a'a) + sum a_i^2 / (1 + q lambda_i) ], terms >= 0.
    """
    by_beta = theta.sigma_beta2 * _spread(form, theta, new)
    variance = theta.sigma_e2 * new.noise + by_beta + _variance_of_fixed(form, theta, new)
    return np.asarray(np.sqrt(variance))


def _spread(form: SpectralForm, theta: Theta, new: NewRows) -> Array:
    """Return x'Gamma x / sigma_beta2 (s,); from k = X x it is x'x - q k'(I + q K)^-1 k."""
    if new.kernel:
        k, X = new.kernel
        solved = solve(X, theta.ratio, k.T)
        explained = theta.ratio * np.einsum("sn,ns->s", k, solved)
        return np.asarray(np.maximum(new.norms2 - explained, 0.0))
    eigvals = form.eigvals[: form.rank]
    loadings2 = new.crossed**2 / eigvals
    unseen = np.maximum(new.norms2 - loadings2.sum(axis=1), 0.0) if form.rank < form.p else 0.0
    return np.asarray(unseen + loadings2 @ (1 / (1 + theta.ratio * eigvals)))


def _variance_of_fixed(form: SpectralForm, theta: Theta, new: NewRows) -> Array:
    """Return g'C g (s,) from the triangular factor of V^-1/2 Q."""
    if form.c == 0:
        return np.zeros(len(new.norms2))
    v = theta.sigma_beta2 * form.eigvals + theta.sigma_e2
    seen = slice(0, form.rank)
    if new.kernel:
        by_Q = new.kernel[0] @ form.inverse_times(theta, form.Q, form.UtQ)
    else:
        by_Q = (new.crossed / v[seen]) @ form.UtQ[seen]
    g = new.Z - theta.sigma_beta2 * by_Q
    factor = np.linalg.qr(form.UtQ / np.sqrt(v)[:, None], mode="r")
    return np.asarray(np.sum(linalg.solve_triangular(factor, g.T, trans="T") ** 2, axis=0))
