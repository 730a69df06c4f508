# The two fits of the same model: exact EM and mean-field variational inference.


rule fit_em:
    input:
        fixed=shared("table/fixed.parquet"),
        random=shared("table/random"),
        summary=shared("table/summary.json"),
        decomposition=shared("spectral/decomposition.npz"),
        listing=listing,
        code=code("fit.py"),
    output:
        estimates="results/{dataset}/em/estimates.json",
        trace="results/{dataset}/em/trace.parquet",
        effects="results/{dataset}/em/effects.parquet",
    log:
        "results/{dataset}/logs/fit_em.log",
    benchmark:
        "results/{dataset}/benchmarks/fit_em.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, input, attempt: attempt
        * (1000 + int(4 * matrix_mb(input.summary))),
        runtime=lambda wildcards, input, attempt: attempt
        * (10 + int(matrix_mb(input.summary) / 100)),
    params:
        **iteration_settings(settings.em),
        method="em",
        block=settings.mfvi["block"],
        likelihood=option("likelihood"),
        response=response,
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
        mem_mb=lambda wildcards, input, attempt: attempt
        * (1000 + int(4 * matrix_mb(input.summary))),
        runtime=lambda wildcards, input, attempt: attempt
        * (10 + int(matrix_mb(input.summary) / 10)),
    params:
        **iteration_settings(settings.mfvi),
        likelihood=option("likelihood"),
        response=response,
        method="mfvi",
        block=settings.mfvi["block"],
    message:
        "Fit {wildcards.dataset} by mean-field variational inference ({params.scheme})"
