"""The tables hold every number to the last digit, and nothing where there is none."""

import csv
from io import StringIO

import pytest
from scipy.stats import norm

from mixedmodel.report.tables import TABLES, cross_validation, predictions, shrinkage, to_csv
from report.prediction_cases import rows_predicted, validation_of
from studies import Study, study_of

NAMES = [
    "parameters",
    "uncertainty",
    "fixed_effects",
    "gap",
    "means",
    "variances",
    "fitted_variance",
    "schemes",
    "certificate",
    "data",
]


def rows(study: Study, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(to_csv(TABLES[name](study.summary)))))


def test_there_is_a_table_for_each_part_of_the_report() -> None:
    assert list(TABLES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_no_cell_says_nan_in_any_case(name: str, study: Study) -> None:
    table = rows(study, name)
    cells = [cell.lower() for row in table for cell in row.values()]
    assert not {"nan", "none", "inf", "-inf"} & set(cells)
    assert len(table) > 0 or (name, study.summary.data.c) == ("fixed_effects", 0)


def test_parameters_keep_every_digit(ordinary: Study) -> None:
    table = {row["quantity"]: row for row in rows(ordinary, "parameters")}
    for method in ("em", "mfvi"):
        for key in ("sigma_beta2", "sigma_e2", "pve", "loglik"):
            assert float(table[key][method]) == getattr(ordinary.summary.fits[method], key)
    assert table["elbo"]["em"] == ""
    assert float(table["elbo"]["mfvi"]) == ordinary.summary.mfvi.elbo


def test_ratios_are_withheld_at_the_boundary() -> None:
    table = rows(study_of("boundary"), "parameters")
    assert [row["mfvi_over_em"] for row in table] == [""] * len(table)


def test_the_truth_stands_beside_the_estimates_where_it_is_known() -> None:
    study = study_of("truth")
    table = {row["quantity"]: row["truth"] for row in rows(study, "parameters")}
    assert float(table["sigma_beta2"]) == study.summary.truth.sigma_beta2
    assert all(row["truth"] != "" for row in rows(study, "fixed_effects"))
    assert all(row["truth"] == "" for row in rows(study_of("ordinary"), "fixed_effects"))


def test_all_fixed_effects_are_there_with_their_names() -> None:
    study = study_of("many_fixed")
    table = rows(study, "fixed_effects")
    assert [row["name"] for row in table] == list(study.summary.data.fixed_names)
    for row, source in zip(table, study.summary.fixed_effects.table, strict=True):
        assert float(row["mfvi_minus_em"]) == source.mfvi - source.em


def test_a_model_without_fixed_effects_has_an_empty_table_with_its_header() -> None:
    assert to_csv(TABLES["fixed_effects"](study_of("no_fixed").summary)) == (
        "name,em,em_standard_error,mfvi,mfvi_minus_em,truth\n"
    )


@pytest.mark.parametrize("case", ["truth", "restricted", "boundary"])
def test_fixed_effects_have_their_standard_errors(case: str) -> None:
    study = study_of(case)
    known = study.summary.em.standard_errors.omega
    shown = {row["name"]: row["em_standard_error"] for row in rows(study, "fixed_effects")}
    assert shown == {name: str(value) for name, value in known.items()}
    assert len(shown) == study.summary.data.c


def test_parameters_have_their_errors_and_pve_alone_its_intervals(ordinary: Study) -> None:
    table = {row["quantity"]: row for row in rows(ordinary, "parameters")}
    em, mfvi, moments = (getattr(ordinary.summary, key) for key in ("em", "mfvi", "moments"))
    for key in ("sigma_beta2", "sigma_e2", "pve"):
        known = {
            "em_standard_error": em.standard_errors,
            "em_standard_error_expected": em.standard_errors_expected,
            "mfvi_naive_standard_error": mfvi.naive_standard_errors,
            "moments": moments,
            "moments_standard_error": moments.standard_errors,
        }
        for column, source in known.items():
            assert float(table[key][column]) == getattr(source, key)
    pve = table.pop("pve")
    assert (float(pve["em_low"]), float(pve["em_high"])) == em.pve_interval
    naive = tuple(float(pve[f"mfvi_naive_{end}"]) for end in ("low", "high"))
    assert naive == mfvi.naive_pve_interval
    assert float(pve["calibrated"]) == ordinary.summary.calibrated_pve.estimate
    assert all(row["em_low"] == row["calibrated"] == "" for row in table.values())


def test_missing_standard_errors_have_their_reason() -> None:
    table = rows(study_of("boundary"), "uncertainty")
    for row in table:
        if row["source"] in ("em", "mfvi_naive") and not row["quantity"].startswith("lrt"):
            assert row["standard_error"] == ""
            assert "boundary" in row["reason"]
    assert next(row for row in table if row["quantity"] == "lrt_p_value")["estimate"] == "1.0"


def test_the_method_of_moments_may_be_negative() -> None:
    table = rows(study_of("boundary"), "uncertainty")
    row = next(r for r in table if (r["quantity"], r["source"]) == ("pve", "moments"))
    assert float(row["estimate"]) < 0 < float(row["standard_error"])


def test_the_curve_is_tabled_in_tenths(ordinary: Study) -> None:
    table = shrinkage(ordinary.shrinkage)
    assert table["pve_true"].round(9).tolist() == [k / 10 for k in range(11)]
    assert table["pve_mfvi"].tolist() == ordinary.shrinkage["pve_mfvi"].tolist()[::10]
    assert list(table.columns) == ["pve_true", "pve_mfvi", "low", "high"]


def test_the_parts_of_the_gap_add_up(ordinary: Study) -> None:
    parts = {row["part"]: float(row["nats"]) for row in rows(ordinary, "gap")}
    assert parts["total"] == pytest.approx(parts["parameters"] + parts["bound"])
    assert parts["bound"] == pytest.approx(parts["factorisation"] + parts["mean"])
    assert parts["factorisation"] == pytest.approx(
        parts["log_det_diagonal"] - parts["log_det_spectrum"]
    )


def test_counts_stay_whole_numbers(ordinary: Study) -> None:
    data = {row["quantity"]: row["value"] for row in rows(ordinary, "data")}
    assert data["n"] == "80"
    assert data["missing_response"] == "0"
    schemes = rows(ordinary, "schemes")
    assert [row["map_evaluations"] for row in schemes] == [
        str(row.map_evaluations) for row in ordinary.summary.schemes
    ]


def test_the_certificate_has_one_row_a_method() -> None:
    table = rows(study_of("not_certified"), "certificate")
    assert [(row["method"], row["certified"]) for row in table] == [
        ("em", "False"),
        ("mfvi", "False"),
    ]


def test_predictions_have_their_intervals_and_rows_as_they_were_counted() -> None:
    found = rows_predicted(3, first=17)
    table = list(csv.DictReader(StringIO(to_csv(predictions(found)))))
    assert [row["row"] for row in table] == ["17", "20", "23"]
    for row, mean, deviation in zip(
        table, found["prediction_mfvi"], found["deviation_mfvi"], strict=True
    ):
        assert (float(row["mfvi"]), float(row["mfvi_deviation"])) == (mean, deviation)
        ends = norm.interval(0.95, loc=mean, scale=deviation)
        assert [float(row["mfvi_low"]), float(row["mfvi_high"])] == pytest.approx(ends)


def test_without_rows_to_predict_there_is_a_header_alone() -> None:
    assert to_csv(predictions(rows_predicted(0))) == (
        "row,em,em_deviation,em_low,em_high,mfvi,mfvi_deviation,mfvi_low,mfvi_high\n"
    )


@pytest.mark.parametrize("name", ["ordinary", "nothing"])
def test_cross_validation_has_a_row_a_method(name: str) -> None:
    summary = validation_of(name).summary
    table = list(csv.DictReader(StringIO(to_csv(cross_validation(summary)))))
    assert [row.pop("method") for row in table] == ["em", "mfvi", "fixed"]
    for row, (method, scores) in zip(table, summary.methods.items(), strict=True):
        error = row.pop("r2_over_fixed_standard_error")
        gain = summary.gains.get(f"{method}_over_fixed")
        assert error == ("" if gain is None else str(gain.standard_error))
        known = vars(scores).items()
        assert row == {key: "" if value is None else str(value) for key, value in known}
