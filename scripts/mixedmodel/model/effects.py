"""Posterior mean and variance of every beta_j, without a p x p matrix.

Exact posterior: beta | y ~ N(mu, Gamma), Gamma^-1 = X'X/sigma_e2 + I/sigma_beta2, in model
y = Z w + X beta + e.
"""

import numpy as np

from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array, Effects, Theta

BLOCK = 1024  # columns of X rotated at a time


def exact_effects(form: SpectralForm, theta: Theta, X: Array) -> Effects:
    """Return mu (p,) and diag(Gamma) (p,) from X (n, p) and the spectral form.

    With X = U diag(sqrt(lambda)) W':  mu = sigma_beta2 X'U (r / v) and
    Gamma_jj = sigma_beta2 [1 - sum_i W_ji^2 + sum_i W_ji^2 / (1 + q lambda_i)],
    a sum of non-negative terms, so that no digits cancel where Gamma_jj is small.
    """
    eigvals, U = form.eigvals[: form.rank], form.U[:, : form.rank]
    residual = (form.Uty - form.UtQ @ theta.w)[: form.rank]
    scores = theta.sigma_beta2 * residual / (theta.sigma_beta2 * eigvals + theta.sigma_e2)
    mean, variance = np.empty(form.p), np.empty(form.p)
    for j in range(0, form.p, BLOCK):
        block = slice(j, min(j + BLOCK, form.p))
        rotated = U.T @ X[:, block]
        mean[block] = scores @ rotated
        loadings2 = np.square(rotated, out=rotated)
        loadings2 /= eigvals[:, None]
        unseen = np.maximum(1 - loadings2.sum(axis=0), 0.0) if form.rank < form.p else 0.0
        variance[block] = unseen + (1 / (1 + theta.ratio * eigvals)) @ loadings2
    return Effects(mean, theta.sigma_beta2 * variance)
