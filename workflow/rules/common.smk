# What the rules share: the plan, made of the configuration, and how it is bound to Snakemake.
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(workflow.basedir) / "scripts"))
os.environ.update(MATPLOTLIBRC=os.devnull)  # figures have settings of their own

from snakemake.logging import logger

from mixedmodel import queued
from mixedmodel.failures import Failures
from mixedmodel.plan.demands import inputs_mb, memory, minutes
from mixedmodel.plan.plan import iterations, make_plan
from mixedmodel.plan.products import FIGURES_SHOWN, figures, tables
from mixedmodel.plan.user_files import one_message

plan = make_plan(
    config,
    Path(workflow.basedir),
    lambda dataset: checkpoints.list_responses.get(group=dataset).output.listing,
    lambda: workflow.local_exec and not workflow.remote_exec,
)
failures = Failures()
logger.addHandler(failures)


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

    print(headlines.headlines(Path("results"), plan.settings.run, plan.several))


onerror:
    print(failures.summary())
