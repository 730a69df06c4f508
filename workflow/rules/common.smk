# What the rules share: checked settings, the files behind each script, those of each data set.
import os
import re
import sys
from pathlib import Path

from snakemake.io import get_wildcard_names

SCRIPTS = Path(workflow.basedir) / "scripts"
sys.path.insert(0, str(SCRIPTS))
os.environ.update(MATPLOTLIBRC=os.devnull)  # figures have settings of their own

from mixedmodel import failures, modules, queued
from mixedmodel.errors import UserError
from mixedmodel.settings import check_settings
from mixedmodel.store.fingerprint import fingerprint
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
    if "path" in dataset and has_several(Path(settings.table(name)), dataset["response"])
]
# Those whose table isn't there to tell; asked for, they end the run.
UNSEEN = [
    name
    for name, dataset in settings.datasets.items()
    if "path" in dataset and not os.path.isfile(settings.table(name))
]


def pattern(names, groups="(/(?!shared/)[^/]+)"):
    """Regular expression of data sets; ``groups`` is what follows the name of one with several."""
    endings = dict.fromkeys(UNSEEN, f"({groups})?") | dict.fromkeys(GROUPS, groups)
    return "|".join(re.escape(name) + endings.get(name, "") for name in names) or "(?!)"


wildcard_constraints:
    dataset=pattern(settings.datasets),
    group=pattern([*GROUPS, *UNSEEN], groups=""),
    table=pattern(settings.datasets, groups="(/shared/[0-9]+)?"),


def refuse_a_second_run():
    """End a run on a cluster if an earlier one, killed, has left jobs in the queue."""
    if workflow.executor_plugin.common_settings.non_local_exec:
        try:
            queued.check_nothing_is_queued(Path.cwd())
        except UserError as error:
            sys.exit(f"ERROR: {error}")


def say_what_was_found():
    """Print where the decks are and what they say."""
    from mixedmodel import headlines  # only now: numpy and scipy come with it

    print(headlines.headlines(Path("results"), settings.run, GROUPS))


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


def user_table(dataset):
    """Path of a user's table; one that isn't there ends the run with one message."""
    path = settings.table(dataset)
    if not os.path.isfile(path):
        there = f"{path} is a folder" if os.path.isdir(path) else f"there is no file {path}"
        sys.exit(
            f"ERROR: {there}, which `datasets.{dataset}.path` names (seen from {os.getcwd()})\n"
            "Put the table there, or set the key to where it is."
        )
    return path


def table_path(wildcards):
    """Table to be read: the user's file, or the one that the workflow simulates."""
    dataset = name(wildcards)
    if dataset in settings.simulated:
        return f"results/{dataset}/simulated/table.txt"
    return user_table(dataset)


def watched(path):
    """The file as an input; nothing where Snakemake would fill something in for its braces."""
    return [] if get_wildcard_names(path) else path


def source(wildcards):
    """Table to be read, as an input whose time is watched."""
    return watched(table_path(wildcards))


def content(path):
    """SHA-256 of a file; a change of it counts whatever the file's time."""
    try:
        return fingerprint(path)
    except UserError as error:
        sys.exit(f"ERROR: {error}")


def source_content(wildcards):
    """SHA-256 of a user's table; what the workflow simulates is made when its settings change."""
    return None if name(wildcards) in settings.simulated else content(table_path(wildcards))


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


def template():
    """Path of the deck's template, None without; one that isn't there ends the run."""
    path = settings.template
    if path and not os.path.isfile(path):
        sys.exit(f"ERROR: there is no file {path}, which `deck.template` names")
    return path


def template_input(wildcards):
    """Template of the deck, if there is one, as an input."""
    return watched(template()) if template() else []


def deck_settings():
    """Params of a deck, as functions: Snakemake would fill in the braces of a text."""
    return {
        "title": lambda wildcards: settings.deck["title"],
        "author": lambda wildcards: settings.deck["author"],
        "template": lambda wildcards: template(),
        "template_content": lambda wildcards: content(template()) if template() else None,
    }
