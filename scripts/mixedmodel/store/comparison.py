"""The comparison of both fits as files: summary.json, effects.parquet, profile.parquet.

``summarise`` collects every number that the deck states, each computed in
``mixedmodel.model.compare``; null stands where a number has no meaning.
"""

import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from mixedmodel.model import compare
from mixedmodel.model.cautions import mean_in_errors, share_in_fixed
from mixedmodel.model.effects import exact_effects
from mixedmodel.model.mfvi import factorised_variances
from mixedmodel.model.moments import moments
from mixedmodel.model.shrinkage import ShrinkageCurve, calibrate
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array, Effects
from mixedmodel.store.estimates import Estimates

PACKAGES = ("snakemake", "numpy", "scipy", "pandas", "pyarrow", "matplotlib", "python-pptx")
PARAMETERS = ("sigma_beta2", "sigma_e2", "variance_ratio", "pve")


@dataclass(frozen=True)
class Truth:
    """What a simulated table was drawn from: parameters, omega by name, beta (p,)."""

    parameters: dict[str, Any]
    beta: Array


@dataclass(frozen=True)
class Run:
    """All that the comparison reads of one data set."""

    dataset: str
    table: dict[str, Any]
    form: SpectralForm
    em: Estimates
    mfvi: Estimates
    effects: pd.DataFrame
    shrinkage: ShrinkageCurve
    truth: Truth | None


def joint_effects(
    form: SpectralForm,
    em: Estimates,
    mfvi: Estimates,
    X: Array,
    *,
    em_effects: pd.DataFrame,
    mfvi_effects: pd.DataFrame,
) -> pd.DataFrame:
    """Put the posterior of both methods side by side, one row a random effect.

    Linear response (Giordano, Broderick, Jordan 2015) corrects mean field's variances to those
    of the exact posterior at its parameters; ``X`` (m, p) holds the rows that ``form`` counts.
    """
    corrected = exact_effects(form, mfvi.theta(form), X)
    return pd.DataFrame(
        {
            "name": em_effects["name"],
            "mean_em": em_effects["mean"],
            "mean_mfvi": mfvi_effects["mean"],
            "variance_em": em_effects["variance"],
            "variance_mfvi": mfvi_effects["variance"],
            "variance_mfvi_at_em": factorised_variances(form, em.theta(form)),
            "variance_lrvb": corrected.variance,
        }
    )


def curves(run: Run) -> dict[str, Array]:
    """Return the profile curves around the optima that there are, as columns."""
    fits = [fit for fit in (run.em, run.mfvi) if not fit.certificate["unbounded"]]
    optima = [_optimum_ratio(fit) for fit in fits]
    return asdict(compare.profile_curves(run.form, *optima))


def foretell(table: dict[str, Any], likelihood: str, curve: ShrinkageCurve) -> dict[str, Any]:
    """Return the content of foresight.json: the shrinkage curve at each tenth of a true PVE."""
    tenths = range(0, len(curve.pve_true), (len(curve.pve_true) - 1) // 10)
    return {
        **{key: table[key] for key in ("n", "c", "p")},
        "likelihood": likelihood,
        "pve_max": float(curve.pve_mfvi[-1]),
        "curve": [{name: float(values[k]) for name, values in vars(curve).items()} for k in tenths],
    }


def summarise(run: Run) -> dict[str, Any]:
    """Return the content of comparison/summary.json."""
    em, mfvi, form, effects = run.em, run.mfvi, run.form, run.effects
    gap = compare.compare_objectives(
        form,
        em_loglik=em.loglik,
        mfvi_loglik=mfvi.loglik,
        elbo=mfvi.loglik - (mfvi.gap or 0.0),
        ratio=mfvi.ratio,
    )
    mean_em, mean_mfvi = (effects[f"mean_{key}"].to_numpy() for key in ("em", "mfvi"))
    names = tuple(effects["name"])
    return {
        "dataset": run.dataset,
        "likelihood": em.likelihood,
        "data": _data(run),
        "em": _fit(em),
        "mfvi": _fit(mfvi),
        "ratios": _ratios(em, mfvi),
        "gap": asdict(gap),
        "means": asdict(compare.compare_means(names, mean_em, mean_mfvi)),
        "moments": _moments(form),
        "shrinkage": _shrinkage(run),
        "calibrated_pve": asdict(calibrate(form, mfvi.ratio)),
        "variances": _variances(effects),
        "fitted": _fitted(run),
        "schemes": [{"method": fit.method, **row} for fit in (em, mfvi) for row in fit.schemes],
        "fixed_effects": _fixed_effects(run),
        "case": _case(run, gap),
        "truth": _truth(run),
        "versions": {"python": platform.python_version()} | {p: version(p) for p in PACKAGES},
    }


def _optimum_ratio(fit: Estimates) -> float:
    certificate = fit.certificate
    return float(certificate["optimum_sigma_beta2"] / certificate["optimum_sigma_e2"])


def _data(run: Run) -> dict[str, Any]:
    form = run.form
    eigvals = form.eigvals[: form.rank]
    return run.table | {
        "rank": form.rank,
        "mean_diagonal": form.mean_diagonal,
        "share_in_fixed": share_in_fixed(form.col_norms2, form.mean_diagonal, form.n - form.c),
        "mean_in_errors": mean_in_errors(form.residual),
        "eigval_max": float(eigvals[0]) if form.rank else 0.0,
        "eigval_min_positive": float(eigvals[-1]),
    }


def _fit(fit: Estimates) -> dict[str, Any]:
    left_out = ("method", "likelihood", "n", "c", "p", "omega", "schemes")
    return {key: value for key, value in asdict(fit).items() if key not in left_out}


def _ratios(em: Estimates, mfvi: Estimates) -> dict[str, float | None]:
    """Return MFVI over EM for each parameter; null where one is withheld or at a boundary of EM."""
    certificate = em.certificate
    if certificate["boundary"] or certificate["noise_boundary"] or em.pve is None:
        return dict.fromkeys(PARAMETERS)
    if mfvi.certificate["noise_boundary"] or mfvi.pve is None:
        return dict.fromkeys(PARAMETERS)
    return {key: getattr(mfvi, key) / getattr(em, key) for key in PARAMETERS}


def _moments(form: SpectralForm) -> dict[str, Any]:
    """Return the method-of-moments estimates with their standard errors; null where undefined."""
    found = moments(form)
    if found is None:
        undefined = dict.fromkeys(("sigma_beta2", "sigma_e2", "pve"))
        return {**undefined, "standard_errors": undefined}
    by_beta, by_e = np.sqrt(np.diag(found.covariance))
    errors = {"sigma_beta2": float(by_beta), "sigma_e2": float(by_e), "pve": found.pve_error(form)}
    return {
        "sigma_beta2": found.sigma_beta2,
        "sigma_e2": found.sigma_e2,
        "pve": found.pve(form),
        "standard_errors": errors,
    }


def _shrinkage(run: Run) -> dict[str, float | None]:
    """Return where the shrinkage curve ends and what it says at EM's PVE."""
    curve, pve = run.shrinkage, run.em.pve
    at_em = (
        None if pve is None else float(np.interp(pve, curve.pve_true, values))
        for values in (curve.pve_mfvi, curve.low, curve.high)
    )
    named = dict(zip(("pve_at_em", "low_at_em", "high_at_em"), at_em, strict=True))
    return {"pve_max": float(curve.pve_mfvi[-1]), **named}


def _variances(effects: pd.DataFrame) -> dict[str, Any]:
    em = effects["variance_em"].to_numpy()
    return {
        kind: asdict(compare.compare_variances(em, effects[column].to_numpy()))
        for kind, column in (
            ("own_theta", "variance_mfvi"),
            ("equal_theta", "variance_mfvi_at_em"),
            ("lrvb", "variance_lrvb"),
        )
    }


def _fitted(run: Run) -> dict[str, Any]:
    form, em, mfvi = run.form, run.em.theta(run.form), run.mfvi.theta(run.form)
    return {
        "em": asdict(compare.exact_fitted_variance(form, em)),
        "mfvi": asdict(compare.factorised_fitted_variance(form, mfvi)),
        "mfvi_at_em": asdict(compare.factorised_fitted_variance(form, em)),
    }


def _fixed_effects(run: Run) -> dict[str, Any]:
    em, mfvi = run.em.omega, run.mfvi.omega
    truth = run.truth.parameters["omega"] if run.truth else {}
    rows = [
        {"name": name, "em": em[name], "mfvi": mfvi[name]}
        | ({"truth": truth[name]} if name in truth else {})
        for name in em
    ]
    worst = max(em, key=lambda name: abs(mfvi[name] - em[name]), default=None)
    return {
        "count": len(rows),
        "max_abs_difference": abs(mfvi[worst] - em[worst]) if worst is not None else None,
        "max_abs_difference_name": worst,
        "table": rows,
    }


def _case(run: Run, gap: compare.Gap) -> dict[str, bool]:
    """Say which variants of the story apply."""
    em, mfvi = run.em.certificate, run.mfvi.certificate
    return {
        "boundary_em": em["boundary"],
        "boundary_mfvi": mfvi["boundary"],
        "noise_boundary": em["noise_boundary"] or mfvi["noise_boundary"],
        "coincide": compare.coincide(gap),
        "orthogonal": compare.are_orthogonal(run.form),
        "flat_em": em["flat"],
        "flat_mfvi": mfvi["flat"],
        "unbounded": em["unbounded"] or mfvi["unbounded"],
        "pole": run.form.has_pole,
        "certified_em": em["certified"],
        "certified_mfvi": mfvi["certified"],
        "p_less_than_n": run.form.p < run.form.n,
        "truth_known": run.truth is not None,
    }


def _truth(run: Run) -> dict[str, Any] | None:
    if run.truth is None:
        return None
    parameters = {key: run.truth.parameters[key] for key in ("sigma_beta2", "sigma_e2", "pve")}
    recovered = {
        f"{measure}_{method}": value
        for method in ("em", "mfvi")
        for measure, value in _recovery(run.effects, method, run.truth.beta).items()
    }
    lrvb = _recovery(run.effects, "mfvi", run.truth.beta, variance="variance_lrvb")
    return parameters | recovered | {"coverage_lrvb": lrvb["coverage"]}


def _recovery(
    effects: pd.DataFrame, method: str, beta: Array, *, variance: str | None = None
) -> dict[str, Any]:
    mean = effects[f"mean_{method}"].to_numpy()
    spread = effects[variance or f"variance_{method}"].to_numpy()
    return asdict(compare.compare_with_truth(Effects(mean, spread), beta))
