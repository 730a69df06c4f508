# From a text table to a deck: the linear mixed model y = Z w + X beta + e by EM and by mean field.
from pathlib import Path

from snakemake.utils import min_version

min_version("9.27")


configfile: Path(workflow.basedir) / "config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/sizes.smk"
include: "workflow/rules/responses.smk"
include: "workflow/rules/prepare.smk"
include: "workflow/rules/fit.smk"
include: "workflow/rules/compare.smk"
include: "workflow/rules/predict.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/overview.smk"


rule all:
    default_target: True
    input:
        *goals(),
    message:
        "All decks are ready"


onsuccess:
    say_what_was_found()


onstart:
    refuse_a_second_run()


onerror:
    print(failures.failures(log))
