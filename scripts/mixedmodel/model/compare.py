"""What the factorisation costs: EM and MFVI side by side, as typed numbers.

Model y = Z w + X beta + e. The difference of the two objectives splits exactly into what the
parameters lose and what the factorisation takes off at MFVI's own parameters:

    loglik(EM) - ELBO(MFVI) = [loglik(EM) - loglik(MFVI)] + [1/2 (m - mu)'Gamma^-1(m - mu) + g(q)]

See `docs/model.md`, sections 12 and 19.
"""

from dataclasses import dataclass

import numpy as np

from mixedmodel.model.certificate import log_ratio_grid
from mixedmodel.model.likelihood import profile
from mixedmodel.model.penalty import MEAN_FIELD, log_dets
from mixedmodel.model.results import FittedVariance, Gap, Means, Recovery, Variances
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import NORMAL_95, Array, Effects, Theta

COINCIDE = 1e-6  # nats; objectives and gap this close count as the same
AMPLE = 10.0  # q d_j of the shortest column, where columns are looked at
CURVE_POINTS = 241
MAX_PVE = 0.99  # the curves are drawn up to here, or up to the optima
PROFILE_DEPTH = 40.0  # nats below the optimum shown by the profile curves


@dataclass(frozen=True)
class Curves:
    """The profile objectives over q (k,): l(q), g(q) and l(q) - g(q), in nats."""

    q: Array
    pve: Array
    loglik: Array
    penalty: Array
    elbo: Array


def compare_objectives(
    form: SpectralForm, *, em_loglik: float, mfvi_loglik: float, elbo: float, ratio: float
) -> Gap:
    """Split EM's log-likelihood minus MFVI's ELBO (nats); ``ratio`` is MFVI's q."""
    diagonal, spectrum = log_dets(form, ratio)
    bound = mfvi_loglik - elbo
    return Gap(
        total=em_loglik - elbo,
        parameters=em_loglik - mfvi_loglik,
        bound=bound,
        factorisation=diagonal - spectrum,
        mean=bound - (diagonal - spectrum),
        log_det_diagonal=diagonal,
        log_det_spectrum=spectrum,
    )


def compare_means(names: tuple[str, ...], em: Array, mfvi: Array) -> Means:
    """Compare posterior means (p,); the slope is that of MFVI on EM through the origin."""
    difference = np.abs(mfvi - em)
    worst = int(np.argmax(difference))
    length = float(np.linalg.norm(em))
    return Means(
        correlation=_correlation(em, mfvi),
        slope=float(em / length @ mfvi) / length if length > 0 else None,
        max_abs_difference=float(difference[worst]),
        max_abs_difference_name=names[worst],
        rms_em=_rms(em),
        rms_mfvi=_rms(mfvi),
        rms_difference=_rms(difference),
    )


def compare_variances(em: Array, mfvi: Array) -> Variances:
    """Compare posterior variances (p,)."""
    means = float(em.mean()), float(mfvi.mean())
    if not np.all(em > 0):
        return Variances(*means, None, None, None)
    ratio = mfvi / em
    return Variances(*means, float(np.median(ratio)), float(ratio.min()), float(ratio.max()))


def exact_fitted_variance(form: SpectralForm, theta: Theta) -> FittedVariance:
    """Return ||X mu||^2/n and tr(X Gamma X')/n under the exact posterior."""
    v = theta.sigma_beta2 * form.eigvals + theta.sigma_e2
    fitted = theta.sigma_beta2 * form.eigvals / v * (form.Uty - form.UtQ @ theta.w)
    uncertainty = theta.sigma_beta2 * form.spectrum.power_sum(theta.ratio, 1)
    return _fitted(form, float(fitted @ fitted), uncertainty)


def factorised_fitted_variance(form: SpectralForm, theta: Theta) -> FittedVariance:
    """Return ||X m||^2/n and sum d_j s_j/n at the best q(beta) for ``theta``, where m = mu."""
    exact = exact_fitted_variance(form, theta)
    share = theta.ratio * form.col_norms2
    uncertainty = theta.sigma_e2 * float((share / (1 + share)).sum())
    return _fitted(form, exact.mean_part * form.n, uncertainty)


def profile_curves(form: SpectralForm, *optima: float) -> Curves:
    """Evaluate l, g and l - g over q, around the ratios in ``optima`` and down to q near 0."""
    window = _window(form, [q for q in optima if q > 0])
    values = np.array([profile(form, q).loglik for q in window])
    penalties = np.array([MEAN_FIELD.value(form, q) for q in window])
    pve = np.array([form.pve(q) for q in window])
    return Curves(window, pve, values, penalties, values - penalties)


def compare_with_truth(effects: Effects, truth: Array) -> Recovery:
    """Compare q(beta) with the true effects (p,): correlation, error, coverage of 95% intervals."""
    errors = effects.mean - truth
    coverage = None
    if effects.variance is not None:
        coverage = float(np.mean(np.abs(errors) <= NORMAL_95 * np.sqrt(effects.variance)))
    return Recovery(_correlation(effects.mean, truth), _rms(errors), coverage)


def coincide(gap: Gap) -> bool:
    """Say whether the two methods agree to rounding: no gap, no loss."""
    return abs(gap.total) <= COINCIDE


def are_orthogonal(form: SpectralForm) -> bool:
    """Say whether the columns of X are orthogonal, so that mean field is exact at every ratio."""
    norms2 = form.col_norms2[form.col_norms2 > 0]
    return not norms2.size or abs(MEAN_FIELD.value(form, AMPLE / float(norms2.min()))) <= COINCIDE


def _window(form: SpectralForm, optima: list[float]) -> Array:
    """Return the ratios to draw, evenly spaced in PVE over what the data leave open.

    The upper end is the first grid point above every optimum where l has fallen by
    ``PROFILE_DEPTH``, or ``MAX_PVE`` where it never does.
    """
    grid = np.exp(log_ratio_grid(form))
    above = grid[grid > max(optima, default=0.0)]
    peak = max(profile(form, q).loglik for q in [0.0, *optima])
    top = next((q for q in above if profile(form, q).loglik < peak - PROFILE_DEPTH), grid[-1])
    pve = np.linspace(0.0, min(form.pve(top), MAX_PVE), CURVE_POINTS)
    return np.union1d(form.ratio(pve), optima)


def _fitted(form: SpectralForm, mean: float, uncertainty: float) -> FittedVariance:
    return FittedVariance(mean / form.n, uncertainty / form.n, (mean + uncertainty) / form.n)


def _correlation(a: Array, b: Array) -> float | None:
    """Return Pearson's correlation, or None where one of the two does not vary."""
    a, b = a - a.mean(), b - b.mean()
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    return float(np.clip(a / lengths[0] @ (b / lengths[1]), -1, 1)) if min(lengths) > 0 else None


def _rms(a: Array) -> float:
    return float(np.sqrt(np.mean(a * a)))
