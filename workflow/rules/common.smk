# What the rules share: checked settings, the files behind each script, the size of a table.
import json
import os
import re
import sys
from pathlib import Path

SCRIPTS = Path(workflow.basedir) / "scripts"
sys.path.insert(0, str(SCRIPTS))

from mixedmodel import failures, headlines, modules, queued
from mixedmodel.errors import UserError
from mixedmodel.settings import check_settings

try:
    settings = check_settings(
        config, Path(workflow.basedir) / "workflow" / "schemas" / "config.schema.yaml"
    )
except UserError as error:
    sys.exit(f"ERROR: {error}")


wildcard_constraints:
    dataset="|".join(map(re.escape, settings.datasets)),


def refuse_a_second_run():
    """End a run on a cluster if an earlier one, killed, has left jobs in the queue."""
    if workflow.executor_plugin.common_settings.non_local_exec:
        try:
            queued.check_nothing_is_queued(Path.cwd())
        except UserError as error:
            sys.exit(f"ERROR: {error}")


def code(script):
    """Files of the package that the script of this name runs, as paths from the working directory."""
    return [os.path.relpath(file) for file in modules.imported_files(SCRIPTS / script)]


def option(key):
    """Function of the wildcards that gives a setting of the data set."""
    return lambda wildcards: settings.datasets[wildcards.dataset][key]


def simulation(key):
    """Function of the wildcards that gives a setting of the data set's simulation."""
    return lambda wildcards: settings.datasets[wildcards.dataset]["simulate"][key]


def simulated_mb(wildcards):
    """Megabytes of X in double precision, from the settings of the simulation."""
    size = settings.datasets[wildcards.dataset]["simulate"]
    return 8 * size["n"] * size["random"] / 1e6


def iteration_settings(section):
    """Params of a fit: the scheme reported, those beside it, when they give up and stop."""
    return {
        "scheme": section["scheme"],
        "also": [scheme for scheme in section["also"] if scheme != section["scheme"]],
        "max_iter": section["max_iter"],
        "also_max_iter": section["also_max_iter"],
        "tolerance": section["tolerance"],
    }


def source(wildcards):
    """Table to be read: the user's file, or the one that the workflow simulates."""
    if wildcards.dataset in settings.simulated:
        return f"results/{wildcards.dataset}/simulated/table.txt"
    path = settings.datasets[wildcards.dataset]["path"]
    if not os.path.exists(path) and not os.path.exists(
        f"results/{wildcards.dataset}/table/summary.json"
    ):
        sys.exit(
            f"ERROR: there is no file {path}, which `datasets.{wildcards.dataset}.path` names "
            f"(seen from {os.getcwd()})\n"
            "Put the table there, or set the key to where it is."
        )
    return path


def if_simulated(file):
    """Function of the wildcards: the file beside a simulated table, nothing for a user's table."""
    return lambda wildcards: (
        f"results/{wildcards.dataset}/simulated/{file}"
        if wildcards.dataset in settings.simulated
        else []
    )


def if_cross_validated(file):
    """Function of the wildcards: the file in a list, an empty one without cross-validation."""
    return lambda wildcards: (
        [f"results/{wildcards.dataset}/{file}"]
        if wildcards.dataset in settings.cross_validated
        else []
    )


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


def validation_mb(summary):
    """Megabytes that cross-validation takes: the table and copies of the smaller X X' or X."""
    with open(summary) as file:
        size = json.load(file)
    n, p = size["n"], size["p"]
    return 8 * n * (3 * p + 5 * min(n, p)) / 1e6


def figures(stems):
    """Outputs of a plotting rule: every figure as PNG and as SVG."""
    return {
        f"{stem}_{kind}": f"results/{{dataset}}/figures/{stem}.{kind}"
        for stem in stems
        for kind in ("png", "svg")
    }


def shown(folder, names, kind):
    """Function of the wildcards: these files, and that of cross-validation where it is asked for."""
    file = if_cross_validated(f"{folder}/cross_validation.{kind}")
    return lambda wildcards: [
        *(f"results/{wildcards.dataset}/{folder}/{name}.{kind}" for name in names),
        *file(wildcards),
    ]


def template(wildcards):
    """Template of the deck if there is one; a file that is missing ends the run with one message."""
    path = settings.deck["template"]
    if path and not os.path.exists(path):
        sys.exit(f"ERROR: there is no file {path}, which `deck.template` names")
    return path or []
