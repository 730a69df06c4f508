"""The sentences on prediction: which one is chosen, and that each is finite."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from mixedmodel.model.results import Summary, ValidationSummary
from mixedmodel.report.story.cases import Predicted, digest
from mixedmodel.report.story.telling import Scope
from report import deck_cases, told
from report.prediction_cases import (
    extreme,
    rows_predicted,
    validation_of,
    with_gains,
)

BAD = re.compile(r"nan|None|null|\binf\b|(?<!\w)-\d")
SUMMARY = deck_cases.summary_of("ordinary")
NO_FIXED = deck_cases.summary_of("no_fixed")
PREDICTION_TOO = (
    "For variances, PVE and prediction report EM; MFVI is for when only sweeps are affordable"
)


def title(found: ValidationSummary, s: Summary = SUMMARY) -> str:
    return told.title("cross_validation", told.results(s, found))


def notes(found: ValidationSummary, s: Summary = SUMMARY) -> str:
    return told.notes("cross_validation", told.results(s, found))


def table(key: str, scope: Scope) -> list[list[str]]:
    """Return the rows of the table of a slide."""
    [block] = [block for block in told.slide(key).body if block.table]
    return told.stage().rows(block.table or [], scope)


def scores(found: ValidationSummary, s: Summary = SUMMARY) -> list[list[str]]:
    return table("cross_validation", told.results(s, found))


def choice(found: ValidationSummary | None, s: Summary = SUMMARY) -> str:
    return told.title("choice", told.results(s, found))


def choice_row(found: ValidationSummary, s: Summary = SUMMARY) -> list[str]:
    rows = table("choice", told.results(s, found))
    return next(row for row in rows if row[0] == "R² on rows left out")


def predictions_title(found: Predicted, s: Summary = SUMMARY) -> str:
    return told.title("predictions", told.results(s, predicted=found))


def predictions_facts(found: Predicted) -> list[str]:
    return told.texts("predictions", told.results(SUMMARY, predicted=found))


@pytest.mark.parametrize(
    ("em", "mfvi", "error", "headline"),
    [
        (
            (0.3, 0.05),
            (0.2, 0.03),
            0.02,
            "EM predicts rows left out better: it removes 30.0% of the fixed effects' squared"
            " error, MFVI 20.0%",
        ),
        (
            (-0.1, 0.05),
            (0.2, 0.03),
            0.02,
            "MFVI predicts rows left out better: it removes 20.0% of the fixed effects' squared"
            " error, EM −10.0%",
        ),
        (
            (0.3, 0.05),
            (0.2, 0.03),
            0.09,
            "On rows left out EM removes 30.0% of the fixed effects' squared error, MFVI 20.0%:"
            " a difference within chance",
        ),
        (
            (0.30001, 0.05),
            (0.30002, 0.05),
            0.00001,
            "EM and MFVI predict rows left out alike: both remove 30.0% of the fixed effects'"
            " squared error",
        ),
        (
            (0.03, 0.02),
            (0.01, 0.01),
            0.01,
            "Neither method surely predicts rows left out better than the fixed effects alone",
        ),
        (
            (1e-16, 1e-18),
            (1e-16, 1e-18),
            0.0,
            "Neither method surely predicts rows left out better than the fixed effects alone",
        ),
    ],
)
def test_a_method_is_called_better_beyond_chance_only(
    em: tuple[float, float], mfvi: tuple[float, float], error: float, headline: str
) -> None:
    assert title(with_gains(em, mfvi, error)) == headline


def test_predictions_worse_than_the_mean_are_called_so() -> None:
    summary = with_gains((0.3, 0.05), (0.2, 0.03), 0.02)
    scores = {"em": -0.0313, "mfvi": -0.25}
    worse = {key: replace(summary.methods[key], r2=r2) for key, r2 in scores.items()}
    assert title(replace(summary, methods=summary.methods | worse)) == (
        "Both methods predict rows left out worse than their mean would: R² is −0.0313 for EM,"
        " −0.2500 for MFVI"
    )
    assert "−1.23 × 10¹² for EM" in title(extreme(summary))


def test_constant_predictions_have_no_correlation_and_are_called_so() -> None:
    summary = validation_of("nothing").summary
    assert title(summary, NO_FIXED).startswith("Nothing to predict by")
    assert "undefined" in notes(summary, NO_FIXED)
    assert [row[3] for row in scores(summary, NO_FIXED)] == ["–"] * 3
    assert "undefined" not in notes(validation_of("ordinary").summary)


def test_without_fixed_effects_the_baseline_is_zero() -> None:
    summary = with_gains((0.3, 0.05), (0.2, 0.03), 0.02)
    assert "removes 30.0% of the squared responses" in title(summary, NO_FIXED)
    neither = with_gains((0.03, 0.02), (0.01, 0.01), 0.01)
    assert title(neither, NO_FIXED).endswith("better than zero for every row")
    assert choice_row(summary, NO_FIXED)[1] == "0.6874"
    assert choice_row(summary)[1] == "0.6874, over fixed 30.0%"


def test_the_notes_say_how_the_folds_were_made_and_refitted() -> None:
    found = notes(validation_of("ordinary").summary)
    assert "The 80 rows were divided at random (seed 3) into 5 folds" in found
    assert "refitted to the optimum" in found
    assert "EM's share minus MFVI's is 8.2% (standard error 6.8%)" in found


@pytest.mark.parametrize("name", ["ordinary", "few_columns", "no_fixed", "boundary", "nothing"])
def test_every_sentence_on_rows_left_out_is_finite(name: str) -> None:
    v = validation_of(name).summary
    for s in (SUMMARY, NO_FIXED):
        texts = [title(v, s), notes(v, s), *choice_row(v, s)]
        texts += [cell for row in scores(v, s) for cell in row]
        assert [text for text in texts if BAD.search(text) or text != text.strip()] == []


def test_the_choice_counts_prediction_in_where_the_exact_method_is_better_at_it() -> None:
    better = with_gains((0.3, 0.05), (0.2, 0.03), 0.02)
    alike = with_gains((0.3, 0.05), (0.2, 0.03), 0.09)
    assert choice(better) == PREDICTION_TOO
    assert choice(alike) == choice(None) != PREDICTION_TOO
    boundary = deck_cases.summary_of("boundary")
    assert choice(better, boundary) == choice(None, boundary) != PREDICTION_TOO


def predicted(em: list[float], mfvi: list[float], deviation: float = 0.5) -> Predicted:
    content = {"row": range(7, 7 + len(em)), "prediction_em": em, "prediction_mfvi": mfvi}
    spread = dict.fromkeys(("deviation_em", "deviation_mfvi"), deviation)
    found = digest(pd.DataFrame(content).assign(**spread))
    assert found is not None
    return found


def test_the_row_on_which_the_two_differ_most_is_found() -> None:
    found = predicted([1.0, 2.0, 3.0], [1.1, 1.5, 3.2])
    assert (found.number, found.row, found.em, found.mfvi, found.outside) == (3, 8, 2.0, 1.5, 0)
    assert found.difference == 0.5
    assert found.reach_em == pytest.approx(0.979982, rel=1e-6)
    assert predictions_title(found) == (
        "On 3 rows without response EM and MFVI differ by 0.500 at most; EM's intervals reach"
        " ±\N{NO-BREAK SPACE}0.980"
    )
    assert predictions_facts(found)[0] == ("Farthest apart, row 8: EM 2.000, MFVI 1.500.")


def test_one_row_has_its_predictions_in_the_headline() -> None:
    found = predicted([-0.00557], [1234.5678])
    assert predictions_title(found) == (
        "The one row without response: EM predicts −0.006 ±\N{NO-BREAK SPACE}0.980, MFVI"
        " 1,234.568 ±\N{NO-BREAK SPACE}0.980"
    )
    assert predictions_facts(found)[0] == "Row 7: EM −0.005570, MFVI 1,235."
    assert "average" not in predictions_facts(found)[1]


def test_predictions_outside_the_exact_intervals_are_counted() -> None:
    assert predictions_title(predicted([1.0, 2.0, 3.0], [2.0, 2.1, 1.0])) == (
        "Of 3 rows without response MFVI predicts 2 outside EM's 95% interval"
    )


def test_predictions_by_a_fit_that_is_not_certified_are_provisional() -> None:
    s, found = deck_cases.summary_of("mfvi_uncertified"), predicted([1.0, 2.0], [1.0, 2.1])
    assert predictions_title(found, s) == (
        "Predictions of 2 rows without response are provisional: MFVI not certified"
    )


def test_equal_predictions_are_called_so() -> None:
    found = predicted([1.0, 2.0], [1.0, 2.0 + 1e-12])
    assert predictions_title(found) == (
        "EM and MFVI predict the same for the 2 rows without response"
    )
    assert predictions_facts(found)[0] == "Both methods predict the same."


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
@pytest.mark.parametrize("number", [1, 3, 10_000])
def test_every_sentence_on_rows_without_response_is_finite(number: int, scale: float) -> None:
    found = digest(rows_predicted(number, scale=scale))
    assert found is not None
    texts = [predictions_title(found), *predictions_facts(found)]
    assert [text for text in texts if BAD.search(text) or text != text.strip()] == []


@pytest.mark.parametrize(
    ("name", "end"),
    [("truth", "columns than rows; 3 more rows to predict"), ("ordinary", "columns than rows"),
     ("one_column", "rows than columns; 1 more row to predict")],
)  # fmt: skip
def test_the_slide_on_the_data_counts_the_rows_to_predict(name: str, end: str) -> None:
    scope = told.results(deck_cases.summary_of(name))
    assert told.title("data", scope).endswith(f"more {end}")
