# What the rules share: checked settings, the files behind each script, those of each data set.
import os
import re
import sys
from pathlib import Path

SCRIPTS = Path(workflow.basedir) / "scripts"
sys.path.insert(0, str(SCRIPTS))
os.environ.update(MATPLOTLIBRC=os.devnull)  # figures have settings of their own

from mixedmodel import failures, headlines, modules, queued
from mixedmodel.errors import UserError
from mixedmodel.settings import check_settings
from mixedmodel.store.responses import has_several

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


def simulation(key):
    """Function of the wildcards that gives a setting of the data set's simulation."""
    return lambda wildcards: settings.datasets[wildcards.dataset]["simulate"][key]


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
