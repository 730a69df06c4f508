"""The numbers that the report states, as tables: full precision, one quantity a row or column.

Every function of ``TABLES`` takes the summary, ``shrinkage`` the curve, ``predictions`` the
predicted rows, ``cross_validation`` the summary of the validation, ``responses`` the overview.
Undefined numbers stay empty.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from io import StringIO
from typing import Any

import pandas as pd

from mixedmodel.model.overview import FittedResponse, Overview
from mixedmodel.model.results import (
    Estimates,
    MissingCells,
    MomentErrors,
    MomentEstimates,
    MonteCarloErrors,
    NamedErrors,
    Summary,
    ValidationSummary,
    VarianceRatios,
    Variances,
)
from mixedmodel.model.types import NORMAL_95

Source = tuple[Estimates | MomentEstimates, NamedErrors | MomentErrors, tuple[float, float] | None]

NO_INTERVAL = (None, None)
WITHHELD = "withheld: exact variances take all of K, which the Krylov form is without"
NO_MONTE_CARLO = dict.fromkeys(field.name for field in fields(MonteCarloErrors))
RESPONSES = (*(field.name for field in fields(FittedResponse)), "left_out")


def parameters(summary: Summary) -> pd.DataFrame:
    """Return variances, their ratio, PVE and objectives (nats) of both methods, and how sure.

    Intervals are of 95%; those named naive take mean field's bound for a log-likelihood.
    """
    rows = [vars(row) | _intervals(summary, row.quantity) for row in quantities(summary)]
    return _frame(rows)


@dataclass(frozen=True)
class Quantity:
    """A parameter or an objective under both methods, with standard errors; None: it has none."""

    quantity: str
    em: float | None
    mfvi: float | None
    mfvi_over_em: float | None
    truth: float | None
    em_standard_error: float | None
    em_standard_error_expected: float | None
    mfvi_naive_standard_error: float | None
    moments: float | None
    moments_standard_error: float | None


def quantities(summary: Summary) -> list[Quantity]:
    """Return variances, their ratio, PVE and objectives (nats), with what is known of each."""
    keys = ("sigma_beta2", "sigma_e2", "variance_ratio", "pve", "loglik", "elbo", "gap")
    return [_quantity(summary, key) for key in keys]


def _quantity(summary: Summary, key: str) -> Quantity:
    em, mfvi, moments = summary.em, summary.mfvi, summary.moments
    return Quantity(
        quantity=key,
        em=getattr(em, key),
        mfvi=getattr(mfvi, key),
        mfvi_over_em=getattr(summary.ratios, key, None),
        truth=getattr(summary.truth, key, None),
        em_standard_error=getattr(em.errors, key, None),
        em_standard_error_expected=getattr(em.standard_errors_expected, key, None),
        mfvi_naive_standard_error=getattr(mfvi.errors, key, None),
        moments=getattr(moments, key, None),
        moments_standard_error=getattr(moments.standard_errors, key, None),
    )


def _intervals(summary: Summary, key: str) -> dict[str, float | None]:
    """Return the intervals, which PVE alone has, and the calibrated PVE."""
    em, naive = summary.em.interval or NO_INTERVAL, summary.mfvi.interval or NO_INTERVAL
    calibrated = summary.calibrated_pve
    known = {
        "em_low": em[0],
        "em_high": em[1],
        "mfvi_naive_low": naive[0],
        "mfvi_naive_high": naive[1],
        "calibrated": calibrated.estimate,
        "calibrated_low": calibrated.low,
        "calibrated_high": calibrated.high,
    }
    return known if key == "pve" else dict.fromkeys(known)


def uncertainty(summary: Summary) -> pd.DataFrame:
    """Return every estimate of a variance or of PVE with its error and interval, and the test.

    ``reason`` says why standard errors are missing; the test is of sigma_beta2 = 0 against
    more than 0, its p-value from the half-and-half mixture.
    """
    rows = [
        _how_sure(summary, quantity, source)
        for quantity in ("pve", "sigma_beta2", "sigma_e2")
        for source in ("em", "mfvi_naive", "moments")
    ]
    rows.insert(1, _calibrated(summary))
    rows += [
        {"quantity": f"lrt_{key}", "source": "em", "estimate": getattr(summary.em.lrt, key, None)}
        for key in ("statistic", "p_value")
    ]
    errors = ("standard_error", "standard_error_expected")
    return _frame(rows, ("quantity", "source", "estimate", *errors, "low", "high", "reason"))


def _how_sure(summary: Summary, quantity: str, source: str) -> dict[str, Any]:
    """Return the row of a quantity as one method has it."""
    moments = summary.moments
    found: dict[str, Source] = {
        "em": (summary.em, summary.em.errors, summary.em.interval),
        "mfvi_naive": (summary.mfvi, summary.mfvi.errors, summary.mfvi.interval),
        "moments": (moments, moments.standard_errors, None),
    }
    fit, errors, interval = found[source]
    low, high = (interval if quantity == "pve" else None) or NO_INTERVAL
    expected = summary.em.standard_errors_expected if source == "em" else None
    return {
        "quantity": quantity,
        "source": source,
        "estimate": getattr(fit, quantity),
        "standard_error": getattr(errors, quantity),
        "standard_error_expected": getattr(expected, quantity, None),
        "low": low,
        "high": high,
        "reason": getattr(errors, "reason", None),
    }


def _calibrated(summary: Summary) -> dict[str, Any]:
    found = summary.calibrated_pve
    named = {"estimate": found.estimate, "low": found.low, "high": found.high}
    return {"quantity": "pve", "source": "mfvi_calibrated", **named}


def shrinkage(curve: pd.DataFrame) -> pd.DataFrame:
    """Return what mean field reports on this X at true PVEs in steps of a tenth.

    Of the expected response, and the band of 95% of responses.
    """
    places = [int((curve["pve_true"] - tenth / 10).abs().argmin()) for tenth in range(11)]
    return curve.iloc[places].reset_index(drop=True)


def fixed_effects(summary: Summary) -> pd.DataFrame:
    """Return the c fixed effects by name under both methods, and the truth where known."""
    rows = [
        {**vars(row), "mfvi_minus_em": row.mfvi_minus_em} for row in summary.fixed_effects.table
    ]
    columns = ("name", "em", "em_standard_error", "mfvi", "mfvi_minus_em", "truth")
    return _frame(rows, columns)


def gap(summary: Summary) -> pd.DataFrame:
    """Return the parts (nats) of EM's log-likelihood minus MFVI's ELBO, and what they are."""
    meaning = {
        "total": "log-likelihood of EM minus ELBO of MFVI",
        "parameters": "log-likelihood of EM minus log-likelihood of MFVI",
        "bound": "log-likelihood minus ELBO, both of MFVI",
        "factorisation": "g(q) at MFVI's variance ratio",
        "mean": "part of the bound's gap that is left in the means",
        "log_det_diagonal": "1/2 sum of log(1 + q d_j)",
        "log_det_spectrum": "1/2 sum of log(1 + q lambda_i)",
    }
    parts = vars(summary.gap)
    return _frame(
        [{"part": key, "nats": parts[key], "meaning": text} for key, text in meaning.items()]
    )


def means(summary: Summary) -> pd.DataFrame:
    """Return how the posterior means of the two methods, and the truth if known, agree."""
    values: dict[str, Any] = dict(vars(summary.means))
    if truth := summary.truth:
        for method, found in truth.recovery.items():
            values |= {f"truth_{key}_{method}": value for key, value in vars(found).items()}
        values["truth_coverage_lrvb"] = truth.coverage_lrvb
    return _frame([{"quantity": key, "value": value} for key, value in values.items()])


def variances(summary: Summary) -> pd.DataFrame:
    """Return mean posterior variances and the ratios MFVI over EM, at own and equal Theta.

    The row lrvb has mean field's variances corrected by linear response, at its own Theta. Where
    exact variances are withheld there is the reason alone.
    """
    columns = ("parameters", *(field.name for field in fields(Variances)), "reason")
    if summary.variances is None:
        rows = [{"parameters": each.name, "reason": WITHHELD} for each in fields(VarianceRatios)]
        return _frame(rows, columns)
    found = vars(summary.variances).items()
    return _frame([{"parameters": name, **vars(row)} for name, row in found], columns)


def fitted_variance(summary: Summary) -> pd.DataFrame:
    """Return the in-sample variance of X beta, in squared units of y, and its two parts."""
    return _frame([{"posterior": name, **vars(row)} for name, row in vars(summary.fitted).items()])


def schemes(summary: Summary) -> pd.DataFrame:
    """Return iterations, map evaluations and where it stopped, one row a scheme."""
    return _frame([{**vars(row), "stop": row.stop.value} for row in summary.schemes])


def certificate(summary: Summary) -> pd.DataFrame:
    """Return what the one-dimensional optimum says of each fit (objectives in nats)."""
    rows = []
    for method, fit in summary.fits.items():
        proof = dict(vars(fit.certificate))
        score = vars(proof.pop("score"))
        form = fit.spectral
        errors = vars(form.monte_carlo_se) if form.monte_carlo_se else NO_MONTE_CARLO
        told = {"spectral": form.method} | {f"monte_carlo_se_{k}": v for k, v in errors.items()}
        scores = {f"score_{k}": v for k, v in score.items()}
        rows.append({"method": method} | proof | scores | told)
    return _frame(rows)


def data(summary: Summary) -> pd.DataFrame:
    """Return what was read and what the table looks like, one quantity a row."""
    rows = []
    for key, value in vars(summary.data).items():
        if isinstance(value, MissingCells):
            rows += [{"quantity": f"{key}_{k}", "value": v} for k, v in vars(value).items()]
        elif isinstance(value, tuple):
            rows.append({"quantity": key, "value": " ".join(map(str, value))})
        else:
            rows.append({"quantity": key, "value": value})
    return _frame(rows)


def predictions(found: pd.DataFrame) -> pd.DataFrame:
    """Return both methods' predictions of the rows without response with their 95% intervals."""
    table = found[["row"]].copy()
    for method in ("em", "mfvi"):
        mean, deviation = found[f"prediction_{method}"], found[f"deviation_{method}"]
        table[method] = mean
        table[f"{method}_deviation"] = deviation
        table[f"{method}_low"] = mean - NORMAL_95 * deviation
        table[f"{method}_high"] = mean + NORMAL_95 * deviation
    return table


def cross_validation(validation: ValidationSummary) -> pd.DataFrame:
    """Return the scores of each method on the rows left out; gains over the fixed effects alone."""
    columns = (
        *("method", "r2", "r2_over_fixed", "r2_over_fixed_standard_error", "correlation"),
        *("coverage_95", "mean_deviation"),
    )
    rows = []
    for method, scores in validation.methods.items():
        error = getattr(validation.gains.get(f"{method}_over_fixed"), "standard_error", None)
        rows.append({"method": method, **vars(scores), "r2_over_fixed_standard_error": error})
    return _frame(rows, columns)


def responses(found: Overview) -> pd.DataFrame:
    """Return one row a response, with the reason of those left out. Undefined cells are None."""
    rows = [
        *(vars(row) for row in found.fitted),
        *({"response": row.response, "left_out": row.reason} for row in found.left_out),
    ]
    empty = dict.fromkeys(RESPONSES)
    return pd.DataFrame([empty | row for row in rows], columns=RESPONSES, dtype=object)


TABLES: Mapping[str, Callable[[Summary], pd.DataFrame]] = {
    table.__name__: table
    for table in (
        parameters,
        uncertainty,
        fixed_effects,
        gap,
        means,
        variances,
        fitted_variance,
        schemes,
        certificate,
        data,
    )
}


def to_csv(table: pd.DataFrame) -> str:
    """Return a table as CSV text: doubles to the last digit, undefined cells empty."""
    buffer = StringIO()
    table.to_csv(buffer, index=False, lineterminator="\n")
    return buffer.getvalue()


def _frame(rows: list[dict[str, Any]], columns: tuple[str, ...] | None = None) -> pd.DataFrame:
    """Return rows as a table whose cells keep their types, so that counts stay whole."""
    return pd.DataFrame(rows, columns=columns, dtype=object)
