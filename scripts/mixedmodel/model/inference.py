"""What a fit says of the parameters and how surely: fixed effects, standard errors, intervals.

Model y = Z w + X beta + e under the likelihood of the table (``ml``) or of its contrasts
(``reml``), where w is what goes with the posterior means.
"""

from dataclasses import dataclass, replace

import numpy as np

from mixedmodel.model.contrasts import Rows, decoupled_fixed_effects, fixed_covariance
from mixedmodel.model.method import Fit
from mixedmodel.model.results import RatioTest
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array, Effects, Likelihood
from mixedmodel.model.uncertainty import (
    StandardErrors,
    no_effect_test,
    no_errors,
    pve_interval,
    standard_errors,
)


@dataclass(frozen=True)
class Inference:
    """Coefficients ``omega`` (c,) of Z and the uncertainty of all parameters.

    From the curvature of the log-likelihood for EM; for an approximation from that of its bound,
    which is what its user would report (``naive``), and without a test. Where the objective has no
    maximum there is neither interval nor test.
    """

    omega: Array
    observed: StandardErrors
    expected: StandardErrors
    pve_interval: tuple[float, float] | None
    no_effect: RatioTest | None


def infer(
    likelihood: Likelihood,
    form: SpectralForm,
    fit: Fit,
    effects: Effects,
    *,
    table: Rows,
    counted: Rows,
) -> Inference:
    """Return fixed effects and uncertainty of ``fit``.

    ``form`` is that of the ``counted`` rows: the ``table`` itself, or its contrasts.
    """
    method, certificate = fit.method, fit.certificate
    observed, expected = (
        standard_errors(
            form,
            fit.theta,
            expected=flag,
            penalty=fit.penalty,
            reason=no_errors(certificate),
        )
        for flag in (False, True)
    )
    omega = form.omega(fit.theta.w)
    if likelihood == "reml" and table.Z.shape[1]:
        omega = decoupled_fixed_effects(table.y, table.Z, table.X, effects.mean)
        covariance = fixed_covariance(form, fit.theta, table.Z, table.X, counted)
        errors = np.sqrt(np.diag(covariance))
        observed, expected = replace(observed, omega=errors), replace(expected, omega=errors)
    return Inference(
        omega=omega,
        observed=observed,
        expected=expected,
        pve_interval=None if certificate.unbounded else pve_interval(form, fit.penalty),
        no_effect=no_effect_test(form) if method.is_exact and not certificate.unbounded else None,
    )
