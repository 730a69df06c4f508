# The two fits of the same model: exact EM and mean-field variational inference.


rule fit_em:
    input:
        fixed=plan.shared("table/fixed.parquet"),
        random=plan.shared("table/random"),
        summary=plan.shared("table/summary.json"),
        decomposition=plan.shared("spectral/decomposition.npz"),
        listing=plan.listing,
        code=plan.code("fit.py"),
    output:
        **own_effects,
        estimates="results/{dataset}/em/estimates.json",
        trace="results/{dataset}/em/trace.parquet",
    log:
        "results/{dataset}/logs/fit_em.log",
    benchmark:
        "results/{dataset}/benchmarks/fit_em.tsv"
    priority: 1
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=plan.memory,
        runtime=minutes(10, plan.work_mb),
    params:
        **iterations(plan.settings.em),
        **plan.options("likelihood"),
        method="em",
        response=plan.response,
    message:
        "Fit {wildcards.dataset} by EM ({params.scheme})"
    script:
        "../../scripts/fit.py"


use rule fit_em as fit_mfvi with:
    output:
        estimates="results/{dataset}/mfvi/estimates.json",
        trace="results/{dataset}/mfvi/trace.parquet",
        effects="results/{dataset}/mfvi/effects.parquet",
    log:
        "results/{dataset}/logs/fit_mfvi.log",
    benchmark:
        "results/{dataset}/benchmarks/fit_mfvi.tsv"
    resources:
        mem_mb=plan.memory,
        runtime=minutes(10, plan.work_mb, mb_a_minute=10),
    params:
        **iterations(plan.settings.mfvi),
        **plan.options("likelihood"),
        response=plan.response,
        method="mfvi",
        block=plan.settings.mfvi["block"],
        e_step=plan.settings.mfvi["e_step"],
    message:
        "Fit {wildcards.dataset} by mean-field variational inference ({params.scheme})"


rule effects:
    input:
        fixed=plan.shared("table/fixed.parquet"),
        random=plan.shared("table/random"),
        summary=plan.shared("table/summary.json"),
        decomposition=plan.shared("spectral/decomposition.npz"),
        estimates="results/{dataset}/{method}/estimates.json",
        listing=plan.listing,
        code=plan.code("effects.py"),
    output:
        effects=temp("results/{dataset}/{method}/seen/{scatteritem}.parquet"),
    log:
        "results/{dataset}/logs/effects.{method}.{scatteritem}.log",
    benchmark:
        "results/{dataset}/benchmarks/effects.{method}.{scatteritem}.tsv"
    wildcard_constraints:
        method="em|mfvi",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=plan.memory,
        runtime=minutes(10, plan.work_mb),
    params:
        **plan.options("likelihood"),
        response=plan.response,
    message:
        "Find the exact effects of {wildcards.dataset} for {wildcards.method}, {wildcards.scatteritem}"
    script:
        "../../scripts/effects.py"


rule gather_effects:
    input:
        fixed=plan.shared("table/fixed.parquet"),
        random=plan.shared("table/random"),
        summary=plan.shared("table/summary.json"),
        decomposition=plan.shared("spectral/decomposition.npz"),
        estimates=rules.fit_em.output.estimates,
        seen=seen["em"],
        listing=plan.listing,
        code=plan.code("gather_effects.py"),
    output:
        effects="results/{dataset}/em/effects.parquet",
    log:
        "results/{dataset}/logs/gather_effects.log",
    benchmark:
        "results/{dataset}/benchmarks/gather_effects.tsv"
    wildcard_constraints:
        dataset=plan.fitted(plan.settings.datasets if seen["em"] else []),
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=plan.memory,
        runtime=minutes(10, plan.work_mb),
    params:
        **plan.options("likelihood"),
        response=plan.response,
    message:
        "Put the exact effects of {wildcards.dataset} together"
    script:
        "../../scripts/gather_effects.py"
