"""The figures and tables of results, by the rule that makes them, and their places in the page.

The page is the one that ``snakemake --report`` makes. It has a figure and a table in two forms, of
which a switch shows one, and a caption of each in ``workflow/report``.
"""

from collections.abc import Callable, Mapping

Flag = Callable[..., str]  # Snakemake's ``report``

FIGURES = {  # with their titles
    "plot_data": {
        "data_overview": "response, columns and counts",
        "spectrum": "eigenvalues",
    },
    "plot_em": {"em_climb": "climb of each scheme"},
    "plot_mfvi": {"mfvi_gap": "bound and gap"},
    "plot_comparison": {
        "profile": "profile and penalty",
        "two_coefficients": "two coefficients",
        "uncertainty": "uncertainty of PVE",
        "shrinkage": "shrinkage curve",
        "means": "posterior means",
        "variances": "posterior variances",
        "fixed_effects": "fixed effects",
        "fitted_variance": "fitted variance",
    },
    "plot_predictions": {"predictions": "rows without response"},
    "plot_cross_validation": {"cross_validation": "rows left out"},
    "overview": {"responses": "PVE of each response"},
}
TABLES = {
    "tables": {
        "parameters": "parameters and objectives",
        "uncertainty": "uncertainty",
        "shrinkage": "shrinkage curve",
        "fixed_effects": "fixed effects",
        "gap": "parts of the gap",
        "means": "posterior means",
        "variances": "posterior variances",
        "fitted_variance": "fitted variance",
        "schemes": "schemes",
        "certificate": "certificates",
        "data": "what was read",
        "predictions": "rows without response",
    },
    "table_cross_validation": {"cross_validation": "scores"},
    "overview": {"responses": "PVE of each response"},
}
CROSS_VALIDATION = "cross_validation"  # the figure and the table that not every data set has
OVERVIEW = "overview"  # the rule whose figure and table are of all responses


def _of_one_response(made: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return the names of what each response has."""
    names = [name for rule, titles in made.items() if rule != OVERVIEW for name in titles]
    return [name for name in names if name != CROSS_VALIDATION]


SHOWN = {"figures": _of_one_response(FIGURES), "tables": _of_one_response(TABLES)}
FIGURES_SHOWN = {  # by kind of deck
    "response": [*SHOWN["figures"], CROSS_VALIDATION],
    "responses": [*FIGURES[OVERVIEW]],
}

CAPTIONS = "../report"  # seen from the rules
DECKS, DATA, PREDICTIONS = "1 Decks", "2 Data", "6 Predictions"  # numbered to keep their order
CATEGORIES = {  # of the page, by rule
    "plot_data": DATA,
    "plot_em": "3 EM",
    "plot_mfvi": "4 Mean field",
    "plot_comparison": "5 Comparison",
    "tables": "5 Comparison",
    "plot_predictions": PREDICTIONS,
    "plot_cross_validation": "7 Cross-validation",
    "table_cross_validation": "7 Cross-validation",
    "overview": "8 All responses",
}
ELSEWHERE = {"tables/data": DATA, "tables/predictions": PREDICTIONS}  # than others of their rule
FORMS = {"png": "to read", "html": "to read", "svg": "to work with", "csv": "to work with"}


def figures(rule: str, flag: Flag) -> dict[str, str]:
    """Return the outputs of a rule that draws: each of its figures as PNG and as SVG."""
    return _in_page(rule, "Figure", FIGURES[rule], ("png", "svg"), flag)


def tables(rule: str, flag: Flag) -> dict[str, str]:
    """Return the outputs of a rule that writes tables: each as CSV, and as HTML to be read."""
    return _in_page(rule, "Table", TABLES[rule], ("csv", "html"), flag)


def deck(rule: str, flag: Flag) -> str:
    """Return the output of a rule that builds a deck."""
    unit = _unit(rule)
    place = {"caption": f"{CAPTIONS}/deck.rst", "category": DECKS, "labels": {"deck": unit}}
    return flag(f"results/{unit}/deck.pptx", **place)


def _in_page(
    rule: str, kind: str, titles: Mapping[str, str], forms: tuple[str, ...], flag: Flag
) -> dict[str, str]:
    """Return the outputs of a rule, each with its place in the page."""
    unit, folder = _unit(rule), f"{kind.lower()}s"
    return {
        f"{name}_{form}": flag(
            f"results/{unit}/{folder}/{name}.{form}",
            caption=f"{CAPTIONS}/{folder}/{name}.rst",
            category=ELSEWHERE.get(f"{folder}/{name}", CATEGORIES[rule]),
            subcategory=unit,
            labels={"result": f"{kind}: {title}", "form": FORMS[form]},
        )
        for name, title in titles.items()
        for form in forms
    }


def _unit(rule: str) -> str:
    """Return the wildcard of what a rule is about."""
    return "{group}" if rule.startswith(OVERVIEW) else "{dataset}"
