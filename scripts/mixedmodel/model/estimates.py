"""What a fit comes to, as estimates.json holds it: estimates, how sure they are, how it ended."""

from mixedmodel.model.advice import advice
from mixedmodel.model.contrasts import CONSTANTS
from mixedmodel.model.conventions import pve_conventions
from mixedmodel.model.design import Design
from mixedmodel.model.inference import Inference
from mixedmodel.model.method import Fit
from mixedmodel.model.monte_carlo import spectral
from mixedmodel.model.results import Estimates, LowerMaximum, NamedErrors, SchemeResult
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Likelihood
from mixedmodel.model.uncertainty import StandardErrors


def estimates(
    fits: list[Fit],
    form: SpectralForm,
    inference: Inference,
    *,
    likelihood: Likelihood,
    X: Design,
    names: tuple[str, ...],
) -> Estimates:
    """Return the first of ``fits`` as the estimate, with a row for the scheme of each.

    X (n, p) and the ``names`` of the fixed effects are those of the table, ``form`` is that of
    the rows which the likelihood counts.
    """
    fit, known, naive = fits[0], not fits[0].certificate.flat, not fits[0].method.is_exact
    theta = fit.theta
    observed, expected = (_named(e, names) for e in (inference.observed, inference.expected))
    return Estimates(
        method=fit.method.name,
        likelihood=likelihood,
        loglik_constant=CONSTANTS[likelihood],
        n=X.n,
        c=len(names),
        p=form.p,
        scheme=fit.trace.scheme,
        e_step=fit.e_step,
        sigma_beta2=theta.sigma_beta2 if known else None,
        sigma_e2=theta.sigma_e2 if known else None,
        variance_ratio=theta.ratio if known else None,
        pve=form.pve(theta.ratio) if known else None,
        pve_conventions=pve_conventions(theta.ratio if known else None, X),
        omega=dict(zip(names, inference.omega.tolist(), strict=True)),
        standard_errors=None if naive else observed,
        standard_errors_expected=None if naive else expected,
        pve_interval=None if naive else inference.pve_interval,
        lrt=inference.no_effect,
        naive_standard_errors=observed if naive else None,
        naive_pve_interval=inference.pve_interval if naive else None,
        loglik=fit.loglik,
        elbo=fit.objective if naive else None,
        gap=fit.loglik - fit.objective if naive else None,
        n_iter=fit.n_iter,
        map_evaluations=int(fit.trace.map_evaluations[-1]),
        stop=fit.stop,
        advice=advice(fit, fixed_effects=form.c > 0),
        certificate=fit.certificate,
        spectral=spectral(form, fit),
        local_maxima=tuple(
            LowerMaximum(other.ratio, form.pve(other.ratio), other.objective)
            for other in fit.others
        ),
        schemes=tuple(map(_scheme_result, fits)),
    )


def _named(errors: StandardErrors, names: tuple[str, ...]) -> NamedErrors:
    """Return the standard errors with those of the fixed effects by name."""
    omega = dict(zip(names, errors.omega.tolist(), strict=True))
    return NamedErrors(errors.sigma_beta2, errors.sigma_e2, errors.pve, omega, errors.reason)


def _scheme_result(fit: Fit) -> SchemeResult:
    return SchemeResult(
        method=fit.method.name,
        scheme=fit.trace.scheme,
        iterations=fit.n_iter,
        map_evaluations=int(fit.trace.map_evaluations[-1]),
        objective=fit.objective,
        shortfall=fit.certificate.shortfall,
        certified=fit.certificate.certified,
        stop=fit.stop,
        sigma_beta2=fit.theta.sigma_beta2,
        sigma_e2=fit.theta.sigma_e2,
    )
