"""The figures and tables of one response, by the rule that makes them."""

FIGURES = {
    "plot_data": ("data_overview", "spectrum"),
    "plot_em": ("em_climb",),
    "plot_mfvi": ("mfvi_gap",),
    "plot_comparison": (
        "profile",
        "two_coefficients",
        "uncertainty",
        "shrinkage",
        "means",
        "variances",
        "fixed_effects",
        "fitted_variance",
    ),
    "plot_predictions": ("predictions",),
    "plot_cross_validation": ("cross_validation",),
}
TABLES = (
    "parameters",
    "uncertainty",
    "shrinkage",
    "fixed_effects",
    "gap",
    "means",
    "variances",
    "fitted_variance",
    "schemes",
    "certificate",
    "data",
    "predictions",
)
CROSS_VALIDATION = "cross_validation"  # the figure and the table that not every data set has
SHOWN = {
    "figures": [name for names in FIGURES.values() for name in names if name != CROSS_VALIDATION],
    "tables": TABLES,
}
FIGURES_SHOWN = {  # by kind of deck
    "response": [*SHOWN["figures"], CROSS_VALIDATION],
    "responses": ["responses"],
}


def figures(rule: str) -> dict[str, str]:
    """Return the outputs of a rule that draws: each of its figures as PNG and as SVG."""
    return {
        f"{name}_{kind}": f"results/{{dataset}}/figures/{name}.{kind}"
        for name in FIGURES[rule]
        for kind in ("png", "svg")
    }


def tables() -> dict[str, str]:
    """Return the outputs of the rule that writes the tables."""
    return {name: f"results/{{dataset}}/tables/{name}.csv" for name in TABLES}
