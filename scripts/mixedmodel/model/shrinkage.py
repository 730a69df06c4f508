"""What mean field can see of X: the PVE that it reports for each true PVE.

Put the expectation of y under a true ratio q0 into the profile objective l(q) - g(q),

    n s(q) = tr P (I + q0 K),  P = H - H Q (Q'HQ)^-1 Q'H,  H = (I + q K)^-1,

and maximise over q. Spectrum, column norms and Z decide the curve: no response is involved.
Inverted at a mean-field estimate it gives a calibrated PVE.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg, special

from mixedmodel.model.likelihood import penalty
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import NORMAL_95, Array

CURVE_POINTS = 101
GRID_POINTS = 300  # ratios at which the expected objective is evaluated
SMALLEST_PVE = 1e-7  # end of that grid towards 0 and, mirrored, towards 1
LEAST_PVE = 1e-4  # a reported PVE below it has the deviation of this one, the limit at 0


@dataclass(frozen=True)
class ShrinkageCurve:
    """PVE under a true PVE (k,): that of mean field and its standard deviation over y."""

    pve_true: Array
    pve_mfvi: Array
    deviation: Array


@dataclass(frozen=True)
class CalibratedPve:
    """The true PVE for which mean field reports its estimate on average, with its 95% interval."""

    estimate: float
    low: float
    high: float


def shrinkage_curve(form: SpectralForm, *, points: int = CURVE_POINTS) -> ShrinkageCurve:
    """Evaluate the curve at ``points`` true PVEs from 0 to 1."""
    true = np.linspace(0.0, 1.0, points)
    share = np.concatenate([[0.0], _logistic_grid()])
    unit = form.mean_diagonal or 1.0
    ratios = share / (1 - share) / unit
    terms = np.array([_expected_terms(form, q) for q in ratios])
    noise, signal, fixed = terms.T
    s = np.outer(1 - true, noise) + np.outer(true, signal / unit)
    objective = -0.5 * form.n * np.log(s) - fixed
    reported = _argmax(objective, share)
    spread = [_deviation(form, *pair) for pair in zip(true, reported, strict=True)]
    return ShrinkageCurve(true, reported, np.array(spread))


def calibrate(curve: ShrinkageCurve, reported: float) -> CalibratedPve:
    """Invert the curve at a ``reported`` PVE.

    The interval holds the true PVEs under which ``reported`` is within 1.96 standard deviations
    of what mean field reports on average.
    """
    reach = NORMAL_95 * curve.deviation
    bands = (curve.pve_mfvi, curve.pve_mfvi + reach, curve.pve_mfvi - reach)
    found = [
        float(np.interp(reported, np.maximum.accumulate(band), curve.pve_true)) for band in bands
    ]
    return CalibratedPve(*found)


def _logistic_grid() -> Array:
    """Return PVEs, evenly spaced in their logit."""
    end = special.logit(SMALLEST_PVE)
    return np.asarray(special.expit(np.linspace(end, -end, GRID_POINTS)))


def _expected_terms(form: SpectralForm, ratio: float) -> tuple[float, float, float]:
    """Return tr P, tr P K, and what the objective has beside -n/2 log s(q)."""
    h = 1 / (1 + ratio * form.eigvals)
    noise, signal = float(h.sum()) + form.n_null, float(h @ form.eigvals)
    if form.c:
        factor = linalg.cho_factor(form.UtQ.T @ (h[:, None] * form.UtQ))
        weighted = h[:, None] * form.UtQ
        noise -= float(np.trace(linalg.cho_solve(factor, weighted.T @ weighted)))
        inner = weighted.T @ (form.eigvals[:, None] * weighted)
        signal -= float(np.trace(linalg.cho_solve(factor, inner)))
    return noise, signal, -0.5 * float(np.log(h).sum()) + penalty(form, ratio)


def _argmax(objective: Array, share: Array) -> Array:
    """Return the share at the top of each row of ``objective`` (k, grid), by a parabola."""
    best = objective.argmax(axis=1)
    found = share[best]
    inner = np.flatnonzero((best > 1) & (best < len(share) - 1))
    k = best[inner]
    left, top, right = (objective[inner, k + j] for j in (-1, 0, 1))
    bend = left - 2 * top + right
    shift = np.divide(left - right, 2 * bend, out=np.zeros_like(top), where=bend < 0)
    logit = special.logit(share[k])
    step = special.logit(share[2]) - special.logit(share[1])
    found[inner] = special.expit(logit + shift * step)
    return np.asarray(found)


def _deviation(form: SpectralForm, true: float, reported: float) -> float:
    """Return the standard deviation over y of the PVE that mean field reports.

    To first order that is the deviation of the score over the curvature of the expected
    objective -n/2 log S - 1/2 sum log(1 + q d_j), S = sum z_i, both in log q. What the fixed
    effects take of y is left out: an error of order c/n.
    """
    if reported >= 1:
        return 0.0
    reported = max(reported, LEAST_PVE)
    q = reported / (1 - reported) / (form.mean_diagonal or 1.0)
    a = q * form.eigvals / (1 + q * form.eigvals)
    b = q * form.col_norms2 / (1 + q * form.col_norms2)
    noise = 1 - true
    z = (noise + true * form.eigvals / (form.mean_diagonal or 1.0)) * (1 - a)
    S = float(z.sum()) + form.n_null * noise
    first, second = -float(a @ z) / S, float((a * (2 * a - 1)) @ z) / S
    bend = 0.5 * form.n * (second - first**2) + 0.5 * float(b @ (1 - b))
    pull = (a + first) * z
    variance = float(pull @ pull) + form.n_null * (first * noise) ** 2
    score = form.n / S * np.sqrt(0.5 * variance)
    return reported * (1 - reported) * float(score) / bend if bend > 0 else 0.0
