"""The sentences: each in keeping with the results that it is chosen by."""

import re
from dataclasses import replace
from typing import Any

import pytest

from edited import edited
from mixedmodel.model.results import MissingCells
from mixedmodel.model.types import Stop
from mixedmodel.report.story.cases import digits_apart
from mixedmodel.report.story.telling import Scope
from report.deck_cases import summary_of as summary
from report.told import (
    notes,
    part,
    phrase,
    results,
    slide,
    stage,
    telling,
    texts,
    title,
    write,
)


def headline(key: str, name: str) -> str:
    """Tell the headline of a slide on a case."""
    return title(key, results(summary(name)))


def told(key: str, name: str) -> list[str]:
    """Tell the texts and facts of a slide on a case."""
    return texts(key, results(summary(name)))


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("ordinary", r"EM gives 57\.2% of the variance to random effects, MFVI only 11\.3%"),
        ("boundary", "The data show no random effect: both methods put its variance at zero"),
        (
            "boundary_mfvi",
            r"EM attributes 62\.7% of the variance to the random effects, MFVI nothing",
        ),
        (
            "coinciding",
            r"The two coincide: EM and MFVI both attribute 68\.3% to the random effects",
        ),
        ("tiny_difference", r"EM and MFVI agree to the digits shown: 57\.2% .*"),
        ("not_certified", r"EM stands at .*\(provisional: EM and MFVI not certified\)"),
        ("mfvi_uncertified", r"EM stands at .*\(provisional: MFVI not certified\)"),
        ("noiseless", r"EM leaves no noise at all, a PVE of 100%; MFVI gives 3\.55%"),
        ("unbounded", r"EM's likelihood has no maximum on these data; MFVI stands at .* 27\.7%"),
    ],
)
def test_the_answer_depends_on_the_case(name: str, title: str) -> None:
    assert re.fullmatch(title, headline("answer", name))


def test_fewer_columns_than_rows_is_said() -> None:
    assert "more rows than columns" in headline("data", "few_columns")
    assert "more columns than rows" in headline("data", "ordinary")


def test_one_row_and_one_column_are_singular() -> None:
    assert "1 fixed effect and 1 random effect" in phrase("size", results(summary("one_column")))
    table = replace(summary("ordinary").data, n=6000)
    assert phrase("size", results(replace(summary("ordinary"), data=table))).startswith(
        "6,000 rows,"
    )


def test_a_scheme_that_stopped_short_is_named() -> None:
    def change(content: dict[str, Any]) -> None:
        content["fits"]["em"]["schemes"][2].update(certified=False, shortfall=0.25)

    said = title("climb", results(edited(summary("ordinary"), change)))
    assert "reaches its optimum by squarem and px" in said
    assert "plain 0.25 nats" in said


def test_a_single_scheme_is_not_called_several() -> None:
    found = summary("ordinary")
    em = replace(found.em, schemes=found.em.schemes[:1])
    mfvi = replace(found.mfvi, schemes=())
    one = results(replace(found, fits={"em": em, "mfvi": mfvi}))
    assert title("climb", one).startswith("EM by squarem is certified after")


def test_no_scheme_at_the_optimum_is_said() -> None:
    assert "No scheme of EM reached the optimum" in headline("climb", "not_certified")


def test_missing_cells_and_dropped_rows_are_counted() -> None:
    found = summary("ordinary")
    data = replace(found.data, missing=MissingCells(response=0, fixed=0, random=2))
    told = title("data_checks", results(replace(found, data=data)))
    assert told == "Checks at import: 2 missing cells"


def test_the_nearer_method_is_named() -> None:
    assert headline("truth", "truth") == "The simulated truth is a PVE of 60.0%: EM comes nearer"


@pytest.mark.parametrize(
    ("value", "shown"), [(0.5, "50.0%"), (3e-6, "below 0.01%"), (0.0, "0%"), (1.0, "100%")]
)
def test_shares_are_percentages(value: float, shown: str) -> None:
    assert write(value, "share") == shown


@pytest.mark.parametrize(
    ("pair", "shown"),
    [((0.2, 0.3), ("0.200", "0.300")), ((0.12345, 0.12349), ("0.12345", "0.12349"))],
)
def test_close_numbers_get_the_digits_that_tell_them_apart(
    pair: tuple[float, float], shown: tuple[str, str]
) -> None:
    digits = digits_apart(*pair)
    assert tuple(write(value, "significant", digits) for value in pair) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.99999, "above 0.9999"), (1.0, "1.0000"), (0.5, "0.5000"), (-0.25, "−0.2500")],
)
def test_a_correlation_below_one_is_never_written_as_one(value: float, shown: str) -> None:
    assert write(value, "correlation") == shown


def estimates(name: str) -> dict[str, list[str]]:
    """Return the rows of the table of estimates by their first cell."""
    [block] = [block for block in slide("estimates").body if block.table]
    rows = stage().rows(block.table, results(summary(name)))
    return {row[0]: row[1:] for row in rows}


def test_the_table_of_estimates_withholds_what_is_undefined() -> None:
    assert estimates("not_certified")["PVE"][3] == "–"
    assert estimates("boundary")["PVE"][3] == "–"
    assert estimates("ordinary")["PVE"][3] == "0.197"
    assert estimates("boundary")["PVE"][0] == "0%"
    gap = "Gap: log-likelihood − ELBO, nats"
    assert estimates("coinciding")[gap][:2] == ["–", "rounding"]
    assert estimates("ordinary")[gap][0] == "–"


def test_coinciding_variances_are_not_called_understated() -> None:
    law, _ = told("variances", "coinciding")
    assert "too small" not in law


def test_long_names_are_cut_inside_sentences() -> None:
    assert "…" in headline("fixed_effects", "long_names")


@pytest.mark.parametrize(
    ("name", "test"),
    [
        (
            "ordinary",
            "Test of no random effect: likelihood ratio 3.75 (half-and-half mixture, asymptotic),"
            " p = 0.026.",
        ),
        (
            "one_column",
            "Test of no random effect: likelihood ratio 59.7 (half-and-half mixture, asymptotic),"
            " p = 5.5 × 10⁻¹⁵.",
        ),
        ("boundary", "Test of no random effect: nothing speaks against it, p = 1."),
        ("flat", "Test of no random effect: withheld, every variance ratio fits as well."),
        ("unbounded", "Test of no random effect: withheld, the likelihood has no bound."),
    ],
)
def test_the_test_of_no_random_effect_is_stated(name: str, test: str) -> None:
    assert phrase("test", results(summary(name))) == test


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("ordinary", "EM's 95% interval of PVE is 0% to 91.1%; MFVI's naive one leaves .*"),
        ("few_columns", "EM's 95% interval of PVE is .*, MFVI's naive one 32.7% to 75.5%"),
        ("boundary", "No random effect fits best, yet a PVE of up to 23.2% is not excluded"),
        ("coinciding", "Both objectives give PVE the same 95% interval: 48.3% to 83.4%"),
        ("unbounded", "A likelihood without bound gives its PVE no interval"),
        ("not_certified", r"How sure the PVE is \(provisional: EM and MFVI not certified\)"),
    ],
)
def test_the_intervals_make_the_headline(name: str, title: str) -> None:
    assert re.fullmatch(title, headline("uncertainty", name))


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("ordinary", "On this X mean field reports a PVE of at most 23.3%, but for chance"),
        ("few_columns", "On this X mean field sees nearly all of the PVE: 53.4% is reported .*"),
        ("coinciding", "On this X mean field loses nothing: its columns are orthogonal"),
        ("large_units", "On this X mean field reports nothing of a true PVE below 1.02%"),
        ("one_row_left", "On this X mean field reports the same of every response"),
        ("boundary_mfvi", "On this X mean field reports no random effect, whatever the truth"),
    ],
)
def test_what_mean_field_can_see_makes_the_headline(name: str, title: str) -> None:
    assert re.fullmatch(title, headline("sight", name))


def test_an_estimate_beyond_the_curve_is_calibrated_to_its_end() -> None:
    _, fact = told("sight", "beyond_the_curve")
    assert "**100%, the end of the curve**; 95% interval 70.1% to 100%." in fact


def test_missing_standard_errors_are_explained() -> None:
    reasons = {
        name: phrase("no_errors", results(summary(name)))
        for name in ("boundary", "not_concave", "ordinary")
    }
    assert "at a boundary" in reasons["boundary"]
    assert "not concave" in reasons["not_concave"]
    assert told("uncertainty", "not_concave")[1] == reasons["not_concave"]
    assert reasons["ordinary"] == ""


@pytest.mark.parametrize(
    ("quantity", "value", "shown"),
    [
        ("sigma_e2", 0.04512, " (0.045)"),
        ("pve", 0.04512, " (4.5%)"),
        ("sigma_e2", 1.234e-12, " (1 × 10⁻¹²)"),
        ("sigma_e2", None, ""),
    ],
)
def test_standard_errors_follow_in_brackets(quantity: str, value: float | None, shown: str) -> None:
    assert write(value, "percent_error" if quantity == "pve" else "error") == shown


def test_it_is_said_whether_intervals_cover_the_truth() -> None:
    [block] = slide("truth").body
    rows = stage().rows(block.table or [], results(summary("truth")))
    assert rows[1][2:] == ["0.0237% to 96.9%: yes", "naive 0% to 29.9%: no"]
    assert rows[2][3] == "34.8% (0% to 85.6%: yes)"


def test_a_restricted_likelihood_is_named() -> None:
    restricted, whole = results(summary("restricted")), results(summary("truth"))
    meanings = [
        part("answer", "meaning", next(telling().teller.items("both", scope)))
        for scope in (restricted, whole)
    ]
    assert ["REML" in text for text in meanings] == [True, False]
    assert phrase("rows_named", restricted) == "n − c = 86"
    assert phrase("rows_named", whole) == "n = 120"
    assert "n − c contrasts" in updates(restricted)
    assert "contrasts" not in updates(whole)


def updates(scope: Scope) -> str:
    """Tell the line under the updates of EM."""
    line = (slide("updates").body[1].stacked or [])[0]
    return telling().teller.sentence(line.text, scope)


def test_linear_response_is_said_to_raise_the_variances_to_the_exact_ones() -> None:
    found = summary("ordinary").variances
    assert found.lrvb.mean_mfvi > found.own_theta.mean_mfvi
    _, fact = told("linear_response", "ordinary")
    assert re.search(r"raises their mean from 0\.\d+ to \*\*0\.\d+\*\*", fact)
    assert "under both methods" in told("linear_response", "coinciding")[1]


def test_a_fit_that_left_the_optimum_for_the_pole_is_not_said_to_be_below_it():
    found = summary("not_certified")
    for shortfall, words in (
        (0.25, "stopped 0.250 nats below the optimum found"),
        (-11.9, "stopped on the way to σ²_{e} = 0, where its objective has no bound"),
    ):
        proof = replace(found.em.certificate, shortfall=shortfall)
        fits = found.fits | {"em": replace(found.em, certificate=proof)}
        assert words in texts("warning", results(replace(found, fits=fits)))[0]


def test_what_is_restricted_already_is_not_advised_to_be():
    """EM out of evaluations where its restricted likelihood is highest without noise."""
    found = summary("noiseless")
    proof = replace(found.em.certificate, certified=False, shortfall=0.5)
    em = replace(found.em, certificate=proof, stop=Stop.MAX_ITER)
    out = replace(found, fits=found.fits | {"em": em})
    assert "likelihood: reml" in " ".join(texts("warning", results(out)))
    lines = " ".join(texts("warning", results(replace(out, likelihood="reml"))))
    assert "likelihood: reml" not in lines
    assert "raise em.max_iter" in lines


def test_what_makes_no_difference_is_not_said_to():
    for name in ("coinciding", "boundary"):
        assert "difference" not in told("means", name)[0]
    assert told("means", "ordinary")[0].endswith("make the difference.")
    assert "rounding" in headline("laws", "one_large_column")
    assert "raises" not in " ".join(told("linear_response", "boundary_mfvi"))


def test_at_a_pole_no_order_of_the_methods_is_claimed():
    """Both report inner maxima there: mean field's may be the larger one."""
    assert headline("shrinkage_law", "ordinary").endswith("reports no more than EM")
    assert "EM" not in headline("shrinkage_law", "pole_beyond")
    assert "inner maxima are in no order" in notes("shrinkage_law", results(summary("pole_beyond")))
    assert "without bound" in " ".join(told("cautions", "pole_beyond"))
    assert "without bound" not in " ".join(told("cautions", "unbounded"))
