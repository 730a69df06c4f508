"""The numbers that the report states, as tables: full precision, one quantity a row or column.

Every function of ``TABLES`` takes the content of comparison/summary.json, ``shrinkage`` the curve,
``predictions`` the predicted rows, ``cross_validation`` that of cross_validation/summary.json.
Undefined numbers stay empty.
"""

from collections.abc import Callable, Mapping
from io import StringIO
from typing import Any

import pandas as pd

from mixedmodel.model.types import NORMAL_95

Summary = Mapping[str, Any]
NO_INTERVAL = (None, None)


def parameters(summary: Summary) -> pd.DataFrame:
    """Return variances, their ratio, PVE and objectives (nats) of both methods, and how sure.

    Intervals are of 95%; those named naive take mean field's bound for a log-likelihood.
    """
    truth = _true_parameters(summary["truth"])
    return _frame(
        [
            {
                "quantity": key,
                "em": summary["em"].get(key),
                "mfvi": summary["mfvi"].get(key),
                "mfvi_over_em": summary["ratios"].get(key),
                "truth": truth.get(key),
            }
            | _errors(summary, key)
            | _intervals(summary, key)
            for key in ("sigma_beta2", "sigma_e2", "variance_ratio", "pve", "loglik", "elbo", "gap")
        ]
    )


def _errors(summary: Summary, key: str) -> dict[str, float | None]:
    """Return the standard errors of a parameter and its estimate by the method of moments."""
    em, mfvi, moments = summary["em"], summary["mfvi"], summary["moments"]
    return {
        "em_standard_error": em["standard_errors"].get(key),
        "em_standard_error_expected": em["standard_errors_expected"].get(key),
        "mfvi_naive_standard_error": mfvi["naive_standard_errors"].get(key),
        "moments": moments.get(key),
        "moments_standard_error": moments["standard_errors"].get(key),
    }


def _intervals(summary: Summary, key: str) -> dict[str, float | None]:
    """Return the intervals, which PVE alone has, and the calibrated PVE."""
    em = summary["em"]["pve_interval"] or NO_INTERVAL
    naive = summary["mfvi"]["naive_pve_interval"] or NO_INTERVAL
    known = {
        "em_low": em[0],
        "em_high": em[1],
        "mfvi_naive_low": naive[0],
        "mfvi_naive_high": naive[1],
        "calibrated": summary["calibrated_pve"]["estimate"],
        "calibrated_low": summary["calibrated_pve"]["low"],
        "calibrated_high": summary["calibrated_pve"]["high"],
    }
    return known if key == "pve" else dict.fromkeys(known)


def uncertainty(summary: Summary) -> pd.DataFrame:
    """Return every estimate of a variance or of PVE with its error and interval, and the test.

    ``reason`` says why standard errors are missing; the test is of sigma_beta2 = 0 against
    more than 0, its p-value from the half-and-half mixture.
    """
    lrt = summary["em"]["lrt"] or {}
    rows = [
        _how_sure(summary, quantity, source)
        for quantity in ("pve", "sigma_beta2", "sigma_e2")
        for source in ("em", "mfvi_naive", "moments")
    ]
    rows.insert(1, _calibrated(summary))
    rows += [
        {"quantity": f"lrt_{key}", "source": "em", "estimate": lrt.get(key)}
        for key in ("statistic", "p_value")
    ]
    errors = ("standard_error", "standard_error_expected")
    return _frame(rows, ("quantity", "source", "estimate", *errors, "low", "high", "reason"))


def _how_sure(summary: Summary, quantity: str, source: str) -> dict[str, Any]:
    """Return the row of a quantity as one method has it."""
    naive, moments = summary["mfvi"]["naive_standard_errors"], summary["moments"]
    fit, errors, interval = {
        "em": (summary["em"], summary["em"]["standard_errors"], summary["em"]["pve_interval"]),
        "mfvi_naive": (summary["mfvi"], naive, summary["mfvi"]["naive_pve_interval"]),
        "moments": (moments, moments["standard_errors"], None),
    }[source]
    low, high = (interval if quantity == "pve" else None) or NO_INTERVAL
    expected = summary["em"]["standard_errors_expected"] if source == "em" else {}
    return {
        "quantity": quantity,
        "source": source,
        "estimate": fit[quantity],
        "standard_error": errors[quantity],
        "standard_error_expected": expected.get(quantity),
        "low": low,
        "high": high,
        "reason": errors.get("reason"),
    }


def _calibrated(summary: Summary) -> dict[str, Any]:
    found = {key: summary["calibrated_pve"][key] for key in ("estimate", "low", "high")}
    return {"quantity": "pve", "source": "mfvi_calibrated", **found}


def shrinkage(curve: pd.DataFrame) -> pd.DataFrame:
    """Return what mean field reports on this X at true PVEs in steps of a tenth.

    Of the expected response, and the band of 95% of responses.
    """
    places = [int((curve["pve_true"] - tenth / 10).abs().argmin()) for tenth in range(11)]
    return curve.iloc[places].reset_index(drop=True)


def fixed_effects(summary: Summary) -> pd.DataFrame:
    """Return the c fixed effects by name under both methods, and the truth where known."""
    errors = summary["em"]["standard_errors"]["omega"]
    rows = [
        {"name": row["name"], "em": row["em"], "em_standard_error": errors[row["name"]]}
        | {"mfvi": row["mfvi"], "mfvi_minus_em": row["mfvi"] - row["em"], "truth": row.get("truth")}
        for row in summary["fixed_effects"]["table"]
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
    rows = [
        {"part": key, "nats": summary["gap"][key], "meaning": text} for key, text in meaning.items()
    ]
    return _frame(rows)


def means(summary: Summary) -> pd.DataFrame:
    """Return how the posterior means of the two methods, and the truth if known, agree."""
    rows = [{"quantity": key, "value": value} for key, value in summary["means"].items()]
    truth = summary["truth"] or {}
    rows += [
        {"quantity": f"truth_{key}", "value": value}
        for key, value in truth.items()
        if key.startswith(("correlation_", "rmse_", "coverage_"))
    ]
    return _frame(rows)


def variances(summary: Summary) -> pd.DataFrame:
    """Return mean posterior variances and the ratios MFVI over EM, at own and equal Theta.

    The row lrvb has mean field's variances corrected by linear response, at its own Theta.
    """
    rows = [
        {"parameters": name, **summary["variances"][name]}
        for name in ("own_theta", "equal_theta", "lrvb")
    ]
    return _frame(rows)


def fitted_variance(summary: Summary) -> pd.DataFrame:
    """Return the in-sample variance of X beta, in squared units of y, and its two parts."""
    rows = [{"posterior": name, **summary["fitted"][name]} for name in ("em", "mfvi", "mfvi_at_em")]
    return _frame(rows)


def schemes(summary: Summary) -> pd.DataFrame:
    """Return iterations, map evaluations and where it stopped, one row a scheme."""
    return _frame(summary["schemes"])


def certificate(summary: Summary) -> pd.DataFrame:
    """Return what the one-dimensional optimum says of each fit (objectives in nats)."""
    rows = []
    for method in ("em", "mfvi"):
        proof = dict(summary[method]["certificate"])
        score = proof.pop("score")
        rows.append({"method": method} | proof | {f"score_{k}": v for k, v in score.items()})
    return _frame(rows)


def data(summary: Summary) -> pd.DataFrame:
    """Return what was read and what the table looks like, one quantity a row."""
    rows = []
    for key, value in summary["data"].items():
        if isinstance(value, Mapping):
            rows += [{"quantity": f"{key}_{k}", "value": v} for k, v in value.items()]
        elif isinstance(value, (list, tuple)):
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


def cross_validation(validation: Summary) -> pd.DataFrame:
    """Return the scores of each method on the rows left out; gains over the fixed effects alone."""
    columns = (
        *("method", "r2", "r2_over_fixed", "r2_over_fixed_standard_error", "correlation"),
        *("coverage_95", "mean_deviation"),
    )
    rows = []
    for method, scores in validation["methods"].items():
        over_fixed = validation["gains"].get(f"{method}_over_fixed", {})
        error = over_fixed.get("standard_error")
        rows.append({"method": method, **scores, "r2_over_fixed_standard_error": error})
    return _frame(rows, columns)


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


def _true_parameters(truth: Mapping[str, float] | None) -> dict[str, float]:
    """Return the simulated parameters by the keys of a fit."""
    if truth is None:
        return {}
    known = {key: truth[key] for key in ("sigma_beta2", "sigma_e2", "pve")}
    return known | {"variance_ratio": truth["sigma_beta2"] / truth["sigma_e2"]}


def _frame(rows: list[dict[str, Any]], columns: tuple[str, ...] | None = None) -> pd.DataFrame:
    """Return rows as a table whose cells keep their types, so that counts stay whole."""
    return pd.DataFrame(rows, columns=columns, dtype=object)
