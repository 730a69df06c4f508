# Every number that the report states, from the two fits of one data set.


rule compare:
    input:
        table_summary=shared("table/summary.json"),
        fixed=shared("table/fixed.parquet"),
        random=shared("table/random"),
        decomposition=shared("spectral/decomposition.npz"),
        em_estimates=rules.fit_em.output.estimates,
        em_effects=rules.fit_em.output.effects,
        mfvi_estimates=rules.fit_mfvi.output.estimates,
        mfvi_effects=rules.fit_mfvi.output.effects,
        truth=if_simulated("truth.json"),
        truth_effects=if_simulated("effects.parquet"),
        listing=listing,
        code=code("compare.py"),
    output:
        summary="results/{dataset}/comparison/summary.json",
        effects="results/{dataset}/comparison/effects.parquet",
        profile="results/{dataset}/comparison/profile.parquet",
        shrinkage="results/{dataset}/comparison/shrinkage_curve.parquet",
    log:
        "results/{dataset}/logs/compare.log",
    benchmark:
        "results/{dataset}/benchmarks/compare.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, input, attempt: attempt
        * (1000 + int(4 * matrix_mb(input.table_summary))),
        runtime=lambda wildcards, input, attempt: attempt
        * (10 + int(matrix_mb(input.table_summary) / 100)),
    params:
        dataset="{dataset}",
        likelihood=option("likelihood"),
        response=response,
    message:
        "Compare the two fits of {wildcards.dataset}"
    script:
        "../../scripts/compare.py"


rule foresight:
    input:
        table_summary=rules.import_table.output.summary,
        fixed=rules.import_table.output.fixed,
        decomposition=rules.decompose.output.decomposition,
        code=code("foresight.py"),
    output:
        foresight="results/{table}/foresight.json",
    log:
        "results/{table}/logs/foresight.log",
    benchmark:
        "results/{table}/benchmarks/foresight.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, input, attempt: attempt * (1000 + int(4 * input.size_mb)),
        runtime=lambda wildcards, input, attempt: attempt * (10 + int(input.size_mb / 100)),
    params:
        likelihood=option("likelihood"),
    message:
        "Foretell from X of {wildcards.table} what mean field can see"
    script:
        "../../scripts/foresight.py"
