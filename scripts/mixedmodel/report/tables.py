"""The numbers that the report states, as tables: full precision, one quantity a row or column.

Every function takes the content of comparison/summary.json. Undefined numbers stay empty.
"""

from collections.abc import Callable, Mapping
from io import StringIO
from typing import Any

import pandas as pd

Summary = Mapping[str, Any]


def parameters(summary: Summary) -> pd.DataFrame:
    """Return variances, their ratio, PVE and objectives (nats) of both methods."""
    truth = _true_parameters(summary["truth"])
    rows = [
        {
            "quantity": key,
            "em": summary["em"].get(key),
            "mfvi": summary["mfvi"].get(key),
            "mfvi_over_em": summary["ratios"].get(key),
            "truth": truth.get(key),
        }
        for key in ("sigma_beta2", "sigma_e2", "variance_ratio", "pve", "loglik", "elbo", "gap")
    ]
    return _frame(rows)


def fixed_effects(summary: Summary) -> pd.DataFrame:
    """Return the c fixed effects by name under both methods, and the truth where known."""
    rows = [
        {"name": row["name"], "em": row["em"], "mfvi": row["mfvi"]}
        | {"mfvi_minus_em": row["mfvi"] - row["em"], "truth": row.get("truth")}
        for row in summary["fixed_effects"]["table"]
    ]
    return _frame(rows, ("name", "em", "mfvi", "mfvi_minus_em", "truth"))


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
    """Return mean posterior variances and the ratios MFVI over EM, at own and equal Theta."""
    rows = [
        {"parameters": name, **summary["variances"][name]} for name in ("own_theta", "equal_theta")
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


TABLES: Mapping[str, Callable[[Summary], pd.DataFrame]] = {
    table.__name__: table
    for table in (
        parameters,
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
