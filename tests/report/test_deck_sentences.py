"""The sentences: every one, for every case, finite and in keeping with the results."""

import inspect
import re
from dataclasses import replace
from typing import Any

import pytest

from edited import edited
from mixedmodel.model.results import MissingCells
from mixedmodel.model.types import Stop
from mixedmodel.report.slides import sentences as say
from report import deck_cases
from report.deck_cases import summary_of as summary

OF_SUMMARY = {
    name: function
    for name, function in vars(say).items()
    if inspect.isfunction(function)
    and not name.startswith("_")
    and list(inspect.signature(function).parameters) == ["s"]
}
ON_ESTIMATES = ("answer_title", "conventions")  # not said where EM has none
NEEDS = {
    "truth_title": lambda s: s.case.truth_known,
    "covering_intervals": lambda s: s.case.truth_known,
    "covering_calibrated": lambda s: s.case.truth_known,
    "fixed_title": lambda s: s.fixed_effects.count,
    "warning_title": say.uncertified,
    **dict.fromkeys(ON_ESTIMATES, lambda s: not say.incomparable(s)),
}
BAD = re.compile(r"nan|None|null|\binf\b|(?<!\w)-\d")


def flat(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [text for each in value for text in flat(each)]


@pytest.mark.parametrize("function", sorted(OF_SUMMARY))
@pytest.mark.parametrize("name", deck_cases.NAMES)
def test_it_reads_well(name: str, function: str) -> None:
    s = summary(name)
    if not NEEDS.get(function, bool)(s):
        return
    result = OF_SUMMARY[function](s)
    if isinstance(result, bool | int):
        return
    for text in flat(result):
        assert text.strip() == text
        assert not BAD.search(text.replace(deck_cases.LONG_NAME, "")), text


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
    assert re.fullmatch(title, say.answer_title(summary(name)))


def test_fewer_columns_than_rows_is_said() -> None:
    assert "more rows than columns" in say.data_title(summary("few_columns"))
    assert "more columns than rows" in say.data_title(summary("ordinary"))


def test_one_row_and_one_column_are_singular() -> None:
    assert "1 fixed effect and 1 random effect" in say.size(summary("one_column"))
    assert say.plural(6000, "row") == "6,000 rows"


def test_a_scheme_that_stopped_short_is_named() -> None:
    def change(content: dict[str, Any]) -> None:
        content["fits"]["em"]["schemes"][2].update(certified=False, shortfall=0.25)

    title = say.climb_title(edited(summary("ordinary"), change))
    assert "reaches its optimum by squarem and px" in title
    assert "plain 0.25 nats" in title


def test_a_single_scheme_is_not_called_several() -> None:
    found = summary("ordinary")
    em = replace(found.em, schemes=found.em.schemes[:1])
    mfvi = replace(found.mfvi, schemes=())
    title = say.climb_title(replace(found, fits={"em": em, "mfvi": mfvi}))
    assert title.startswith("EM by squarem is certified after")


def test_no_scheme_at_the_optimum_is_said() -> None:
    assert "No scheme of EM reached the optimum" in say.climb_title(summary("not_certified"))


def test_missing_cells_and_dropped_rows_are_counted() -> None:
    found = summary("ordinary")
    data = replace(found.data, missing=MissingCells(response=0, fixed=0, random=2))
    title = say.data_checks_title(replace(found, data=data))
    assert title == "Checks at import: 2 missing cells"


def test_the_nearer_method_is_named() -> None:
    title = say.truth_title(summary("truth"))
    assert title == "The simulated truth is a PVE of 60.0%: EM comes nearer"


@pytest.mark.parametrize(
    ("value", "shown"), [(0.5, "50.0%"), (3e-6, "below 0.01%"), (0.0, "0%"), (1.0, "100%")]
)
def test_shares_are_percentages(value: float, shown: str) -> None:
    assert say.share(value) == shown


@pytest.mark.parametrize(
    ("pair", "shown"),
    [((0.2, 0.3), ("0.200", "0.300")), ((0.12345, 0.12349), ("0.12345", "0.12349"))],
)
def test_close_numbers_get_the_digits_that_tell_them_apart(
    pair: tuple[float, float], shown: tuple[str, str]
) -> None:
    assert say.distinct(*pair) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.99999, "above 0.9999"), (1.0, "1.0000"), (0.5, "0.5000"), (-0.25, "−0.2500")],
)
def test_a_correlation_below_one_is_never_written_as_one(value: float, shown: str) -> None:
    assert say.correlation(value) == shown


def test_the_table_of_estimates_withholds_what_is_undefined() -> None:
    assert say.estimate_ratio(summary("not_certified"), 0.3) == "–"
    assert say.estimate_ratio(summary("boundary"), None) == "–"
    assert say.estimate_ratio(summary("ordinary"), 0.3) == "0.300"
    assert say.estimate(summary("boundary"), "em", "pve", 1e-9) == "0%"
    assert say.estimate(summary("coinciding"), "mfvi", "gap", -1e-13) == "rounding"
    assert say.estimate(summary("ordinary"), "em", "gap", None) == "–"


def test_coinciding_variances_are_not_called_understated() -> None:
    law, _ = say.variances_facts(summary("coinciding"))
    assert "too small" not in law


def test_long_names_are_cut_inside_sentences() -> None:
    assert "…" in say.fixed_title(summary("long_names"))


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
    assert say.no_effect_test(summary(name)) == test


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
    assert re.fullmatch(title, say.uncertainty_title(summary(name)))


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
    assert re.fullmatch(title, say.sight_title(summary(name)))


def test_an_estimate_beyond_the_curve_is_calibrated_to_its_end() -> None:
    _, fact = say.sight_facts(summary("beyond_the_curve"))
    assert "**100%, the end of the curve**; 95% interval 70.1% to 100%." in fact


def test_missing_standard_errors_are_explained() -> None:
    assert "at a boundary" in say.why_no_errors(summary("boundary"))
    assert "not concave" in say.why_no_errors(summary("not_concave"))
    assert say.uncertainty_facts(summary("not_concave"))[1] == say.why_no_errors(
        summary("not_concave")
    )
    assert say.why_no_errors(summary("ordinary")) == ""


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
    assert say.bracketed(quantity, value) == shown


def test_it_is_said_whether_intervals_cover_the_truth() -> None:
    s = summary("truth")
    assert say.covering_intervals(s) == ["0.0237% to 96.9%: yes", "naive 0% to 29.9%: no"]
    assert say.covering_calibrated(s).endswith("34.8% (0% to 85.6%: yes)")


def test_a_restricted_likelihood_is_named() -> None:
    s, whole = summary("restricted"), summary("truth")
    assert "REML" in say.answer_meaning(s, "em")
    assert "REML" not in say.answer_meaning(whole, "em")
    assert say.rows_named(s) == "n − c = 86"
    assert say.rows_named(whole) == "n = 120"
    assert "n − c contrasts" in say.step_line(s)


def test_linear_response_is_said_to_raise_the_variances_to_the_exact_ones() -> None:
    found = summary("ordinary").variances
    assert found.lrvb.mean_mfvi > found.own_theta.mean_mfvi
    _, fact = say.response_facts(summary("ordinary"))
    before, after = say.distinct(found.own_theta.mean_mfvi, found.lrvb.mean_mfvi)
    assert f"from {before} to **{after}**" in fact
    assert "under both methods" in say.response_facts(summary("coinciding"))[1]


def test_a_fit_that_left_the_optimum_for_the_pole_is_not_said_to_be_below_it():
    assert say.missed(0.25) == "0.250 nats below the optimum"
    assert say.missed(-11.9).startswith(
        "on the way to σ²_{e} = 0, where its objective has no bound"
    )


def test_what_is_restricted_already_is_not_advised_to_be():
    """EM out of evaluations where its restricted likelihood is highest without noise."""
    found = summary("noiseless")
    proof = replace(found.em.certificate, certified=False, shortfall=0.5)
    em = replace(found.em, certificate=proof, stop=Stop.MAX_ITER)
    out = replace(found, fits=found.fits | {"em": em})
    assert "likelihood: reml" in " ".join(say.warning_lines(out))
    lines = " ".join(say.warning_lines(replace(out, likelihood="reml")))
    assert "likelihood: reml" not in lines
    assert "raise em.max_iter" in lines


def test_what_makes_no_difference_is_not_said_to():
    for name in ("coinciding", "boundary"):
        assert "difference" not in say.means_facts(summary(name))[0]
    assert say.means_facts(summary("ordinary"))[0].endswith("make the difference.")
    assert "rounding" in say.laws_title(summary("one_large_column"))
    assert "raises" not in " ".join(say.response_facts(summary("boundary_mfvi")))


def test_at_a_pole_no_order_of_the_methods_is_claimed():
    """Both report inner maxima there: mean field's may be the larger one."""
    assert say.shrinkage_law_title(summary("ordinary")).endswith("reports no more than EM")
    assert "EM" not in say.shrinkage_law_title(summary("pole_beyond"))
    assert "without bound" in " ".join(say.cautions(summary("pole_beyond")))
    assert "without bound" not in " ".join(say.cautions(summary("unbounded")))
