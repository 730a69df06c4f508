# Every number that the report states, from the two fits of one data set.


rule compare:
    input:
        table_summary=rules.import_table.output.summary,
        fixed=rules.import_table.output.fixed,
        random=rules.import_table.output.random,
        form=rules.decompose.output.form,
        em_estimates=rules.fit_em.output.estimates,
        em_effects=rules.fit_em.output.effects,
        mfvi_estimates=rules.fit_mfvi.output.estimates,
        mfvi_effects=rules.fit_mfvi.output.effects,
        truth=if_simulated("truth.json"),
        truth_effects=if_simulated("effects.parquet"),
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
    message:
        "Compare the two fits of {wildcards.dataset}"
    script:
        "../../scripts/compare.py"


rule foresight:
    input:
        table_summary=rules.import_table.output.summary,
        form=rules.decompose.output.form,
        code=code("foresight.py"),
    output:
        foresight="results/{dataset}/foresight.json",
    log:
        "results/{dataset}/logs/foresight.log",
    benchmark:
        "results/{dataset}/benchmarks/foresight.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, input, attempt: attempt * (1000 + int(4 * input.size_mb)),
        runtime=lambda wildcards, input, attempt: attempt * (10 + int(input.size_mb / 100)),
    params:
        likelihood=option("likelihood"),
    message:
        "Foretell from X of {wildcards.dataset} what mean field can see"
    script:
        "../../scripts/foresight.py"
