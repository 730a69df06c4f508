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
from mixedmodel.model.cost import is_quick
from mixedmodel.settings import check_settings
from mixedmodel.store.responses import has_several, read_responses

try:
    settings = check_settings(
        config, Path(workflow.basedir) / "workflow" / "schemas" / "config.schema.yaml"
    )
except UserError as error:
    sys.exit(f"ERROR: {error}")


# Data sets with several responses, each with results of its own under the name of the data set.
GROUPS = [
    name
    for name, dataset in settings.datasets.items()
    if "path" in dataset and has_several(Path(dataset["path"]), dataset["response"])
]


def pattern(names, groups="(/(?!shared/)[^/]+)"):
    """Regular expression of data sets; ``groups`` is what follows the name of one with several."""
    endings = [re.escape(name) + (groups if name in GROUPS else "") for name in names]
    return "|".join(endings) or "(?!)"


wildcard_constraints:
    dataset=pattern(settings.datasets),
    group=pattern(GROUPS, groups=""),
    table=pattern(settings.datasets, groups="(/shared/[0-9]+)?"),


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


def name(wildcards):
    """Name of the data set that a result belongs to."""
    (path,) = (wildcards[key] for key in ("dataset", "group", "table") if key in wildcards.keys())
    return path.partition("/")[0]


def option(key):
    """Function of the wildcards that gives a setting of the data set."""
    return lambda wildcards: settings.datasets[name(wildcards)][key]


def listing(wildcards):
    """File that lists the responses of the data set if there are several."""
    return f"results/{name(wildcards)}/responses.json" if name(wildcards) in GROUPS else []


def responses(group):
    """Responses of a data set, once the table has been looked at."""
    return read_responses(checkpoints.list_responses.get(group=group).output.listing)


def of_each(file):
    """Function of the wildcards: a file of each response of the data set."""
    return lambda wildcards: [
        f"results/{wildcards.group}/{folder}/{file}"
        for folder in responses(wildcards.group).by_folder
    ]


def listed(wildcards):
    """Entry of the response that a folder of results belongs to; None if there is one only."""
    group, _, folder = wildcards.dataset.partition("/")
    if not folder:
        return None
    known = responses(group).by_folder
    if folder not in known:
        sys.exit(f"ERROR: {group} has no response in a folder {folder}; known: {', '.join(known)}")
    return known[folder]


def response(wildcards):
    """Name of the response to be fitted; None if there is one only."""
    entry = listed(wildcards)
    return entry.response if entry else None


def to_import(wildcards):
    """Responses to be read: as configured, or those of one set of rows, or none for all rows."""
    group, _, rows = wildcards.table.partition("/shared/")
    if group not in GROUPS:
        return settings.datasets[group]["response"]
    known = responses(group).listed if rows else ()
    return [each.response for each in known if each.rows == int(rows)]


def shared(file):
    """Function of the wildcards: a file that the responses observed in the same rows share."""

    def path(wildcards):
        entry = listed(wildcards)
        place = f"{name(wildcards)}/shared/{entry.rows}" if entry else wildcards.dataset
        return f"results/{place}/{file}"

    return path


def goals():
    """Functions of the wildcards, one a data set: a table not yet looked at keeps nobody waiting."""
    return [lambda wildcards, dataset=dataset: goals_of(dataset) for dataset in settings.run]


def goals_of(dataset):
    """Files to be made of one data set: a response each, or what X alone foretells."""
    if settings.datasets[dataset]["response"] == []:
        return [f"results/{dataset}/foresight.json"]
    several = dataset in GROUPS
    folders = responses(dataset).by_folder if several else {}
    places = [f"{dataset}/{folder}" for folder in folders] if several else [dataset]
    files = ["deck.pptx", "predictions.parquet"]
    if dataset in settings.cross_validated:
        files.append("cross_validation/summary.json")
    made = expand("results/{place}/{file}", place=places, file=files)
    return [*made, f"results/{dataset}/deck.pptx"] if several else made


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
    dataset = name(wildcards)
    if dataset in settings.simulated:
        return f"results/{dataset}/simulated/table.txt"
    path = settings.datasets[dataset]["path"]
    if not os.path.exists(path) and not os.path.exists(f"results/{dataset}/table/summary.json"):
        sys.exit(
            f"ERROR: there is no file {path}, which `datasets.{dataset}.path` names "
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
        if name(wildcards) in settings.cross_validated
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


def validation_mb(wildcards, summary):
    """Megabytes that cross-validation takes: the table and copies of the smaller X X' or X."""
    with open(summary) as file:
        size = json.load(file)
    n, p, c = size["n"], size["p"], size["c"]
    chosen = settings.cross_validation(name(wildcards))
    if not chosen["asked"] and not is_quick(n, p, c, chosen["folds"]):
        return 0
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
