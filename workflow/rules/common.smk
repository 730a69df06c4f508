# What the rules share: the plan, made of the configuration, and how it is bound to Snakemake.
import os
import sys

sys.path.insert(0, str(BASE / "scripts"))
os.environ.update(
    MATPLOTLIBRC=os.devnull,  # figures have settings of their own
    PYTHONPATH=os.pathsep.join([sys.path[0], *filter(None, [os.environ.get("PYTHONPATH")])]),
)

from snakemake.logging import logger

from mixedmodel import queued
from mixedmodel.failures import Failures
from mixedmodel.plan.demands import cores, inputs_mb, memory, minutes
from mixedmodel.plan.plan import iterations, make_plan
from mixedmodel.plan.products import FIGURES_SHOWN, deck, figures, tables
from mixedmodel.plan.surroundings import Surroundings
from mixedmodel.plan.user_files import one_message
from mixedmodel.progress import show_steps

plan = make_plan(
    config,
    Surroundings(
        base=BASE,
        listing_of=lambda dataset: checkpoints.list_responses.get(group=dataset).output.listing,
        placed=workflow.modifier.modify_path,
        unmoved=local,
        is_here=lambda: workflow.local_exec and not workflow.remote_exec,
        is_made=lambda path: any(rule.is_producer(path) for rule in workflow.rules),
    ),
)
failures = Failures()
logger.addHandler(failures)
if (
    workflow.modifier.is_main_snakefile()
    and workflow.output_settings.quiet
    and not workflow.output_settings.dryrun
):
    show_steps(logger)


scattergather:
    **plan.settings.scatter,


def sharing(gathered, file):
    """Return the files of jobs that share the columns of X, nothing where there is one only."""
    files = gathered(file)
    return files if len(files) > 1 else []


seen = {  # exact effects at the parameters of a method, where jobs share them
    method: sharing(
        gather.effects, f"results/{{{{dataset}}}}/{method}/seen/{{scatteritem}}.parquet"
    )
    for method in ("em", "mfvi")
}
own_effects = {} if seen["em"] else {"effects": "results/{dataset}/em/effects.parquet"}


wildcard_constraints:
    **plan.wildcards(),


onstart:
    if workflow.executor_plugin.common_settings.non_local_exec:
        with one_message():
            queued.check_nothing_is_queued(Path.cwd())
    if plan.tells_own_story:
        from mixedmodel.report.story.check import check_own  # only now: numpy comes with it

        with one_message():
            check_own(plan.story, plan.settings.deck["language"], FIGURES_SHOWN)


onsuccess:
    from mixedmodel import headlines  # only now: numpy and scipy come with it

    print(headlines.headlines(Path(plan.results), plan.settings.run, plan.several))


onerror:
    print(failures.summary())
