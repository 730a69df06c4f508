# From a text table to a deck: the linear mixed model y = Z w + X beta + e by EM and by mean field.
from snakemake.utils import min_version

min_version("9.27")


include: "workflow/rules/home.smk"


configfile: BASE / "config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"


container: plan.settings.container


include: "workflow/rules/prepare.smk"
include: "workflow/rules/fit.smk"
include: "workflow/rules/compare.smk"
include: "workflow/rules/predict.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/overview.smk"


rule all:
    default_target: True
    input:
        *plan.goals(),
    message:
        "All decks are ready"
