"""Every number that the report states, from both fits of one table.

Model y = Z w + X beta + e; each number is computed in ``compare`` or where it belongs, here they
are put together. ``None`` stands where a number has no meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mixedmodel.model import compare
from mixedmodel.model.cautions import mean_in_errors, share_in_fixed
from mixedmodel.model.design import Design
from mixedmodel.model.effects import exact_effects
from mixedmodel.model.factors import factorised_variances
from mixedmodel.model.moments import moments
from mixedmodel.model.results import (
    Case,
    CurveEnds,
    CurvePoint,
    Estimates,
    FittedVariances,
    FixedEffect,
    FixedEffects,
    Foresight,
    Gap,
    Imported,
    Method,
    MomentErrors,
    MomentEstimates,
    Ratios,
    ResponseTable,
    Simulation,
    Summary,
    TableFacts,
    Truth,
    VarianceRatios,
    Worked,
)
from mixedmodel.model.shrinkage import ShrinkageCurve, calibrate
from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.types import Array, Effects, Likelihood

TENTHS = 10


@dataclass(frozen=True)
class JointEffects:
    """The posteriors of both methods side by side: names and columns (p,).

    ``lrvb`` has mean field's variances corrected by linear response (Giordano, Broderick, Jordan
    2015), ``at_em`` those at EM's parameters; ``truth`` the simulated effects.
    """

    names: tuple[str, ...]
    posterior: dict[Method, Effects]
    at_em: Array
    lrvb: Array | None
    truth: Array | None


@dataclass(frozen=True)
class Run:
    """All that a summary is made from; ``versions`` of the programs that ran."""

    dataset: str
    table: ResponseTable
    form: SpectralForm
    fits: dict[Method, Estimates]
    effects: JointEffects
    shrinkage: ShrinkageCurve
    worked: Worked
    simulation: Simulation | None
    versions: Mapping[str, str]


def join_effects(
    form: SpectralForm,
    fits: Mapping[Method, Estimates],
    posterior: dict[Method, Effects],
    X: Design,
    *,
    names: tuple[str, ...],
    truth: Array | None,
    seen: Effects | None = None,
) -> JointEffects:
    """Put both posteriors side by side; ``X`` (m, p) holds the rows that ``form`` counts.

    ``seen`` is what the form sees of the exact posterior at mean field's Theta, if it is known.
    """
    theta = fits["mfvi"].theta(form)
    exact = exact_effects(form, theta, X, seen) if form.is_exact else None
    at_em = factorised_variances(form, fits["em"].theta(form))
    return JointEffects(names, posterior, at_em, exact.variance if exact else None, truth)


def curves(run: Run) -> compare.Curves:
    """Return the profile curves around the optima that there are."""
    optima = [
        fit.certificate.optimum_sigma_beta2 / fit.certificate.optimum_sigma_e2
        for fit in run.fits.values()
        if not fit.certificate.unbounded
    ]
    return compare.profile_curves(run.form, *optima)


def foretell(table: Imported, likelihood: Likelihood, curve: ShrinkageCurve) -> Foresight:
    """Return the shrinkage curve at each tenth of a true PVE."""
    tenths = range(0, len(curve.pve_true), (len(curve.pve_true) - 1) // TENTHS)
    points = zip(curve.pve_true, curve.pve_mfvi, curve.low, curve.high, strict=True)
    rows = [CurvePoint(*map(float, point)) for point in points]
    return Foresight(
        n=table.n,
        c=table.c,
        p=table.p,
        likelihood=likelihood,
        pve_max=float(curve.pve_mfvi[-1]),
        curve=tuple(rows[k] for k in tenths),
    )


def summarise(run: Run) -> Summary:
    """Return every number that the deck states."""
    form, em, mfvi = run.form, run.fits["em"], run.fits["mfvi"]
    means = {method: effects.mean for method, effects in run.effects.posterior.items()}
    gap = compare.compare_objectives(
        form,
        em_loglik=em.loglik,
        mfvi_loglik=mfvi.loglik,
        elbo=mfvi.objective,
        ratio=mfvi.ratio,
    )
    return Summary(
        dataset=run.dataset,
        likelihood=em.likelihood,
        data=_facts(run.table, form),
        fits=run.fits,
        ratios=_ratios(em, mfvi),
        gap=gap,
        means=compare.compare_means(run.effects.names, means["em"], means["mfvi"]),
        moments=_moments(form),
        shrinkage=_ends(run.shrinkage, em.pve),
        calibrated_pve=calibrate(form, mfvi.ratio),
        variances=_variances(run.effects),
        fitted=_fitted(run),
        fixed_effects=_fixed_effects(run),
        worked=run.worked,
        case=_case(run, gap),
        truth=_truth(run),
        versions=dict(run.versions),
    )


def _facts(table: ResponseTable, form: SpectralForm) -> TableFacts:
    return TableFacts(
        **vars(table),
        rank=form.rank if form.is_exact else None,
        mean_diagonal=form.mean_diagonal,
        share_in_fixed=share_in_fixed(form.col_norms2, form.mean_diagonal, form.n - form.c),
        mean_in_errors=mean_in_errors(form.residual),
        eigval_max=float(form.eigvals[0]) if form.rank else 0.0,
        eigval_min_positive=float(form.eigvals[: form.rank][-1]) if form.is_exact else None,
    )


def _ratios(em: Estimates, mfvi: Estimates) -> Ratios:
    """Return MFVI over EM; None where one is withheld or at a boundary of EM."""
    at_edge = em.certificate.boundary or em.certificate.noise_boundary
    if at_edge or mfvi.certificate.noise_boundary:
        return Ratios(None, None, None, None)
    return Ratios(
        sigma_beta2=_over(mfvi.sigma_beta2, em.sigma_beta2),
        sigma_e2=_over(mfvi.sigma_e2, em.sigma_e2),
        variance_ratio=_over(mfvi.variance_ratio, em.variance_ratio),
        pve=_over(mfvi.pve, em.pve),
    )


def _over(mfvi: float | None, em: float | None) -> float | None:
    return None if mfvi is None or em is None else mfvi / em


def _moments(form: SpectralForm) -> MomentEstimates:
    """Return the method-of-moments estimates with their standard errors; None where undefined."""
    found = moments(form)
    if found is None:
        return MomentEstimates(None, None, None, MomentErrors(None, None, None))
    by_beta, by_e = np.sqrt(np.diag(found.covariance)).tolist()
    errors = MomentErrors(by_beta, by_e, found.pve_error(form))
    return MomentEstimates(found.sigma_beta2, found.sigma_e2, found.pve(form), errors)


def _ends(curve: ShrinkageCurve, pve: float | None) -> CurveEnds:
    """Return where the shrinkage curve ends and what it says at EM's PVE."""
    at_em = [
        None if pve is None else float(np.interp(pve, curve.pve_true, values))
        for values in (curve.pve_mfvi, curve.low, curve.high)
    ]
    return CurveEnds(float(curve.pve_mfvi[-1]), *at_em)


def _variances(effects: JointEffects) -> VarianceRatios | None:
    em, mfvi = (effects.posterior[method].variance for method in ("em", "mfvi"))
    if em is None or mfvi is None or effects.lrvb is None:
        return None
    return VarianceRatios(
        own_theta=compare.compare_variances(em, mfvi),
        equal_theta=compare.compare_variances(em, effects.at_em),
        lrvb=compare.compare_variances(em, effects.lrvb),
    )


def _fitted(run: Run) -> FittedVariances:
    form = run.form
    em, mfvi = run.fits["em"].theta(form), run.fits["mfvi"].theta(form)
    return FittedVariances(
        em=compare.exact_fitted_variance(form, em),
        mfvi=compare.factorised_fitted_variance(form, mfvi),
        mfvi_at_em=compare.factorised_fitted_variance(form, em),
    )


def _fixed_effects(run: Run) -> FixedEffects:
    em, mfvi = run.fits["em"].omega, run.fits["mfvi"].omega
    errors = run.fits["em"].errors.omega
    truth = run.simulation.omega if run.simulation else {}
    rows = tuple(
        FixedEffect(name, em[name], errors[name], mfvi[name], truth.get(name)) for name in em
    )
    worst = max(em, key=lambda name: abs(mfvi[name] - em[name]), default=None)
    largest = None if worst is None else abs(mfvi[worst] - em[worst])
    return FixedEffects(len(rows), largest, worst, rows)


def _case(run: Run, gap: Gap) -> Case:
    """Say which variants of the story apply."""
    em, mfvi = (run.fits[key].certificate for key in ("em", "mfvi"))
    return Case(
        boundary_em=em.boundary,
        boundary_mfvi=mfvi.boundary,
        noise_boundary=em.noise_boundary or mfvi.noise_boundary,
        coincide=compare.coincide(gap),
        orthogonal=compare.are_orthogonal(run.form),
        flat_em=em.flat,
        flat_mfvi=mfvi.flat,
        unbounded=em.unbounded or mfvi.unbounded,
        pole=run.form.has_pole,
        certified_em=em.certified,
        certified_mfvi=mfvi.certified,
        p_less_than_n=run.form.p < run.form.n,
        truth_known=run.simulation is not None,
    )


def _truth(run: Run) -> Truth | None:
    known, beta = run.simulation, run.effects.truth
    if known is None or beta is None:
        return None
    posterior = run.effects.posterior
    corrected = Effects(posterior["mfvi"].mean, run.effects.lrvb)
    return Truth(
        sigma_beta2=known.sigma_beta2,
        sigma_e2=known.sigma_e2,
        pve=known.pve,
        recovery={
            method: compare.compare_with_truth(effects, beta)
            for method, effects in posterior.items()
        },
        coverage_lrvb=compare.compare_with_truth(corrected, beta).coverage,
    )
