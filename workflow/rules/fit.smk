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
        estimates="results/{dataset}/em/estimates.json",
        trace="results/{dataset}/em/trace.parquet",
        effects="results/{dataset}/em/effects.parquet",
    log:
        "results/{dataset}/logs/fit_em.log",
    benchmark:
        "results/{dataset}/benchmarks/fit_em.tsv"
    priority: 1
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=holding(plan.room_mb),
        runtime=minutes(10, work_mb),
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
        mem_mb=holding(plan.room_mb),
        runtime=minutes(10, work_mb, mb_a_minute=10),
    params:
        **iterations(plan.settings.mfvi),
        **plan.options("likelihood"),
        response=plan.response,
        method="mfvi",
        block=plan.settings.mfvi["block"],
        e_step=plan.settings.mfvi["e_step"],
    message:
        "Fit {wildcards.dataset} by mean-field variational inference ({params.scheme})"
