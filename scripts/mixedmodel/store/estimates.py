"""A fit as files: estimates.json, trace.parquet and effects.parquet."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mixedmodel.model.advice import advice
from mixedmodel.model.contrasts import CONSTANTS
from mixedmodel.model.conventions import pve_conventions
from mixedmodel.model.inference import Inference
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array, Effects, Fit, Likelihood, Theta
from mixedmodel.model.uncertainty import StandardErrors
from mixedmodel.store.files import read_json, write_json
from mixedmodel.store.prepared import Prepared
from mixedmodel.store.schemas import EFFECTS, TRACE_EM, TRACE_MFVI, write_frame


@dataclass(frozen=True)
class SchemeRow:
    """Where one scheme arrived and what it took."""

    scheme: str
    iterations: int
    map_evaluations: int
    objective: float
    shortfall: float
    certified: bool
    stop: str
    sigma_beta2: float
    sigma_e2: float


@dataclass(frozen=True)
class Estimates:
    """The content of estimates.json; ``omega`` holds the fixed effects by name.

    Standard errors, interval and test are EM's; what MFVI's own curvature gives is named naive.
    Variances and PVE are null where they cannot be told apart (``certificate.flat``).
    """

    method: str
    likelihood: str
    loglik_constant: str
    n: int
    c: int
    p: int
    scheme: str
    sigma_beta2: float | None
    sigma_e2: float | None
    variance_ratio: float | None
    pve: float | None
    pve_conventions: dict[str, float | None]
    omega: dict[str, float]
    standard_errors: dict[str, Any] | None
    standard_errors_expected: dict[str, Any] | None
    pve_interval: list[float] | None
    lrt: dict[str, float] | None
    naive_standard_errors: dict[str, Any] | None
    naive_pve_interval: list[float] | None
    loglik: float
    elbo: float | None
    gap: float | None
    n_iter: int
    map_evaluations: int
    stop: str
    advice: str | None
    certificate: dict[str, Any]
    local_maxima: list[dict[str, float]]
    schemes: list[dict[str, Any]]

    def theta(self, form: SpectralForm) -> Theta:
        """Return the parameters in the basis of ``form``, without random effect if withheld."""
        w = np.zeros(0)
        if form.c:
            w = form.from_omega(np.fromiter(self.omega.values(), float))
        if self.sigma_beta2 is None or self.sigma_e2 is None:
            return Theta(w, 0.0, form.variance)
        return Theta(w, self.sigma_beta2, self.sigma_e2)

    @property
    def ratio(self) -> float:
        """Return the variance ratio, 0 if withheld."""
        return self.variance_ratio or 0.0


@dataclass(frozen=True)
class FitFiles:
    """Where a fit goes."""

    estimates: str
    trace: str
    effects: str

    def write(
        self,
        fits: list[Fit],
        data: Prepared,
        effects: Effects,
        inference: Inference,
        *,
        likelihood: Likelihood,
    ) -> None:
        """Write the first of ``fits`` with its posterior, and the traces of all."""
        write_effects(self.effects, data.random.names, effects)
        write_traces(self.trace, fits)
        write_estimates(
            self.estimates,
            fits,
            data.form,
            inference,
            likelihood=likelihood,
            X=data.table.X,
            names=data.fixed.names,
        )


def write_estimates(
    path: str | Path,
    fits: list[Fit],
    form: SpectralForm,
    inference: Inference,
    *,
    likelihood: Likelihood,
    X: Array,
    names: tuple[str, ...],
) -> None:
    """Write the first of ``fits`` as the estimate, with a row for the scheme of each.

    X (n, p) and the ``names`` of the fixed effects are those of the table, ``form`` is that of
    the rows which the likelihood counts.
    """
    fit = fits[0]
    known = not fit.certificate.flat
    theta = fit.theta
    naive = fit.elbo is not None
    errors = _standard_errors(inference.observed, names)
    interval = None if inference.pve_interval is None else list(inference.pve_interval)
    content = Estimates(
        method=fit.method,
        likelihood=likelihood,
        loglik_constant=CONSTANTS[likelihood],
        n=len(X),
        c=len(names),
        p=form.p,
        scheme=fit.trace.scheme,
        sigma_beta2=theta.sigma_beta2 if known else None,
        sigma_e2=theta.sigma_e2 if known else None,
        variance_ratio=theta.ratio if known else None,
        pve=form.pve(theta.ratio) if known else None,
        pve_conventions=asdict(pve_conventions(theta.ratio if known else None, X)),
        omega=dict(zip(names, inference.omega.tolist(), strict=True)),
        standard_errors=None if naive else errors,
        standard_errors_expected=None if naive else _standard_errors(inference.expected, names),
        pve_interval=None if naive else interval,
        lrt=None if inference.no_effect is None else asdict(inference.no_effect),
        naive_standard_errors=errors if naive else None,
        naive_pve_interval=interval if naive else None,
        loglik=fit.loglik,
        elbo=fit.elbo,
        gap=None if fit.elbo is None else fit.loglik - fit.elbo,
        n_iter=fit.n_iter,
        map_evaluations=int(fit.trace.map_evaluations[-1]),
        stop=fit.stop.value,
        advice=advice(fit, fixed_effects=form.c > 0),
        certificate=_certificate(fit),
        local_maxima=[
            {
                "variance_ratio": other.ratio,
                "pve": form.pve(other.ratio),
                "objective": other.objective,
            }
            for other in fit.others
        ],
        schemes=[asdict(_scheme_row(each)) for each in fits],
    )
    write_json(path, asdict(content))


def _standard_errors(errors: StandardErrors, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the standard errors with those of the fixed effects by name."""
    return asdict(errors) | {"omega": dict(zip(names, errors.omega.tolist(), strict=True))}


def read_estimates(path: str | Path) -> Estimates:
    """Read what ``write_estimates`` wrote."""
    return Estimates(**read_json(path))


def write_traces(path: str | Path, fits: list[Fit]) -> None:
    """Write the traces of all schemes one below the other."""
    traces = [fit.trace for fit in fits]
    columns: dict[str, Any] = {
        "scheme": [trace.scheme for trace in traces for _ in trace.loglik],
        "iteration": np.concatenate([np.arange(len(trace.loglik)) for trace in traces]),
        "map_evaluations": np.concatenate([trace.map_evaluations for trace in traces]),
        "loglik": np.concatenate([trace.loglik for trace in traces]),
    }
    bounds: list[Array] = [trace.elbo for trace in traces if trace.elbo is not None]
    if bounds:
        columns["elbo"] = np.concatenate(bounds)
        columns["gap"] = columns["loglik"] - columns["elbo"]
    columns["sigma_beta2"] = np.concatenate([trace.sigma_beta2 for trace in traces])
    columns["sigma_e2"] = np.concatenate([trace.sigma_e2 for trace in traces])
    write_frame(path, TRACE_MFVI if bounds else TRACE_EM, columns)


def write_effects(path: str | Path, names: tuple[str, ...], effects: Effects) -> None:
    """Write the posterior mean and variance of every random effect by name."""
    write_frame(path, EFFECTS, {"name": names, **vars(effects)})


def _certificate(fit: Fit) -> dict[str, Any]:
    """Return the certificate with its score as a pair named by parameter."""
    content = asdict(fit.certificate)
    score = {key: content.pop(f"score_{key}") for key in ("sigma_beta2", "sigma_e2")}
    return {**content, "score": score}


def _scheme_row(fit: Fit) -> SchemeRow:
    return SchemeRow(
        scheme=fit.trace.scheme,
        iterations=fit.n_iter,
        map_evaluations=int(fit.trace.map_evaluations[-1]),
        objective=fit.objective,
        shortfall=fit.certificate.shortfall,
        certified=fit.certificate.certified,
        stop=fit.stop.value,
        sigma_beta2=fit.theta.sigma_beta2,
        sigma_e2=fit.theta.sigma_e2,
    )
