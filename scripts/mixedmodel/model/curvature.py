"""The objective around a point: its information, and what a quadratic model of it promises.

Model y = Z w + X beta + e on the spectral form, in w and in relative steps of the variances,
sigma (1 + u). The objective is the log-likelihood less a penalty g(q): the ELBO at its best
q(beta). Observed information is minus the second derivatives at the best w, expected
information that of the log-likelihood, tr(V^-1 V_a V^-1 V_b)/2; `docs/model.md`, sections 8 and 16.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from mixedmodel.model.likelihood import gls, score
from mixedmodel.model.penalty import Penalty
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array, Theta

SINGULAR = 1e-12  # correlations of the two variances closer to 1 count as 1


def observed_information(form: SpectralForm, theta: Theta, penalty: Penalty) -> Array:
    """Return minus the second derivatives (c + 2, c + 2) in w and the relative variances.

    With shares a, b in {sigma_beta2 lambda / v, sigma_e2 / v}: sum a b r^2/v - tr(a b)/2 for two
    variances, Q'(a r / v) for w and a variance, Q'V^-1 Q for w; r at the best w.
    """
    v = theta.sigma_beta2 * form.eigvals + theta.sigma_e2
    r = form.Uty - form.UtQ @ gls(form, 1 / v)
    shares = np.stack([theta.sigma_beta2 * form.eigvals / v, theta.sigma_e2 / v])
    variances = (shares * (r * r / v)) @ shares.T - expected_information(form, theta)
    variances = variances + penalty_information(form, theta.ratio, penalty)
    mixed = form.UtQ.T @ (shares * r / v).T
    by_w = form.UtQ.T @ (form.UtQ / v[:, None])
    return np.block([[by_w, mixed], [mixed.T, variances]])


def expected_information(form: SpectralForm, theta: Theta) -> Array:
    """Return the expected information (2, 2) of the log-likelihood in the relative variances."""
    return 0.5 * form.spectrum.shares(theta)


def penalty_information(form: SpectralForm, ratio: float, penalty: Penalty) -> Array:
    """Return the second derivatives (2, 2) of g(q (1 + u) / (1 + t)) in u and t at 0."""
    first, second = (ratio * g for g in penalty.derivatives(form, ratio))
    second *= ratio
    cross = -second - first
    return np.array([[second, cross], [cross, second + 2 * first]])


@dataclass(frozen=True)
class LocalModel:
    """Local quadratic model of the objective in relative steps of (sigma_beta2, sigma_e2).

    ``slope`` (2,), ``observed`` (2, 2), of the profile over w, and ``expected`` (2, 2) of the
    log-likelihood, all at the best w; ``fixed`` is the gain (nats) of moving w alone there.
    """

    slope: Array
    observed: Array
    expected: Array
    fixed: float


@dataclass(frozen=True)
class Prospect:
    """What a local model promises: a ``gain`` (nats) and the relative steps (2,) to it."""

    gain: float
    step: Array


def local_model(form: SpectralForm, theta: Theta, penalty: Penalty) -> LocalModel:
    """Return the local quadratic model of the objective around ``theta``."""
    v = theta.sigma_beta2 * form.eigvals + theta.sigma_e2
    best = Theta(gls(form, 1 / v), theta.sigma_beta2, theta.sigma_e2)
    slope = score(form, best, penalty) * [theta.sigma_beta2, theta.sigma_e2]
    information = observed_information(form, theta, penalty)
    by_w, mixed = information[:-2, :-2], information[:-2, -2:]
    taken = mixed.T @ np.linalg.solve(by_w, mixed) if form.c else 0.0
    step = form.UtQ @ (best.w - theta.w)
    return LocalModel(
        slope=slope,
        observed=information[-2:, -2:] - taken,
        expected=expected_information(form, theta),
        fixed=float(0.5 * step @ (step / v)),
    )


def prospect(model: LocalModel) -> Prospect:
    """Return what is still to be gained, in steps that leave the variances non-negative.

    Where the objective is concave that is Newton's gain. Elsewhere, which is no place to stop, it
    is the larger of that in the metric of the expected information and of what the bend itself
    promises within relative steps of 1.
    """
    if _is_concave(model.observed):
        found = _restricted(model.slope, model.observed)
    else:
        choices = (
            _restricted(model.slope, model.expected),
            _nearby(model.slope, model.observed),
        )
        found = max(choices, key=lambda choice: choice.gain)
    return Prospect(model.fixed + found.gain, found.step)


def _is_concave(information: Array) -> bool:
    """Tell whether an information matrix (2, 2) is positive definite."""
    a, b = np.diag(information)
    return bool(a > 0 and b > 0 and information[0, 1] ** 2 < (1 - SINGULAR) * a * b)


def _restricted(slope: Array, information: Array) -> Prospect:
    """Maximise slope'u - u'information u / 2 over u >= -1."""
    idle = np.diag(information) == 0
    b = information + np.diag(idle.astype(float))
    scale = np.sqrt(np.diag(b))
    correlation = np.clip(b[0, 1] / (scale[0] * scale[1]), SINGULAR - 1, 1 - SINGULAR)
    solve = np.array([[1, -correlation], [-correlation, 1]]) / (1 - correlation**2)
    free = solve @ (slope / scale) / scale
    if np.all(free >= -1):
        return Prospect(float(0.5 * slope @ free), free)
    edges = []
    for k in (0, 1):
        step = np.full(2, -1.0)
        step[1 - k] = max((slope[1 - k] + b[0, 1]) / b[1 - k, 1 - k], -1.0)
        edges.append(_promise(slope, b, step))
    return max(edges, key=lambda edge: edge.gain)


def _nearby(slope: Array, information: Array) -> Prospect:
    """Maximise slope'u - u'information u / 2 over -1 <= u <= 1 where it is not concave."""
    steps = [np.zeros(2), *map(np.array, product((-1.0, 1.0), repeat=2))]
    for k, edge in product((0, 1), (-1.0, 1.0)):
        bend = information[1 - k, 1 - k]
        if bend > 0:
            step = np.full(2, edge)
            step[1 - k] = np.clip((slope[1 - k] - information[0, 1] * edge) / bend, -1, 1)
            steps.append(step)
    promises = [_promise(slope, information, step) for step in steps]
    return max(promises, key=lambda promise: promise.gain)


def _promise(slope: Array, information: Array, step: Array) -> Prospect:
    return Prospect(float(slope @ step - 0.5 * step @ information @ step), step)
