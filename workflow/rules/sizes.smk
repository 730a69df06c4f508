# Memory that steps take, in megabytes, from the size of the table.
import json

from mixedmodel.model.cost import is_quick


def simulated_mb(wildcards):
    """Megabytes of X in double precision, from the settings of the simulation."""
    size = settings.datasets[wildcards.dataset]["simulate"]
    return 8 * size["n"] * size["random"] / 1e6


def matrix_mb(summary):
    """Megabytes of X in double precision, from the summary of the table."""
    with open(summary) as file:
        size = json.load(file)
    return 8 * size["n"] * size["p"] / 1e6


def prediction_mb(summary):
    """Megabytes that predicting takes: the table, its new rows and products; 0 without new rows."""
    with open(summary) as file:
        size = json.load(file)
    rows, new = size["n"], size["rows_to_predict"]
    return 8 * 3 * (rows + new) * (size["p"] + rows) / 1e6 if new else 0


def validation_mb(wildcards, summary):
    """Megabytes that cross-validation takes: the table and copies of the smaller X X' or X."""
    with open(summary) as file:
        size = json.load(file)
    n, p, c = size["n"], size["p"], size["c"]
    chosen = settings.cross_validation(name(wildcards))
    if not chosen["asked"] and not is_quick(n, p, c, chosen["folds"]):
        return 0
    return 8 * n * (3 * p + 5 * min(n, p)) / 1e6
