# Every number that the report states, from the two fits of one data set.


rule compare:
    input:
        table_summary=plan.shared("table/summary.json"),
        fixed=plan.shared("table/fixed.parquet"),
        random=plan.shared("table/random"),
        decomposition=plan.shared("spectral/decomposition.npz"),
        em_estimates=rules.fit_em.output.estimates,
        em_effects="results/{dataset}/em/effects.parquet",
        mfvi_estimates=rules.fit_mfvi.output.estimates,
        mfvi_effects=rules.fit_mfvi.output.effects,
        seen=seen["mfvi"],
        truth=plan.if_simulated("truth.json"),
        truth_effects=plan.if_simulated("effects.parquet"),
        listing=plan.listing,
        code=plan.code("compare.py"),
    output:
        summary="results/{dataset}/comparison/summary.json",
        effects="results/{dataset}/comparison/effects.parquet",
        profile="results/{dataset}/comparison/profile.parquet",
        shrinkage="results/{dataset}/comparison/shrinkage_curve.parquet",
    log:
        "results/{dataset}/logs/compare.log",
    benchmark:
        "results/{dataset}/benchmarks/compare.tsv"
    priority: 1
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=plan.memory,
        runtime=minutes(10, plan.work_mb),
    params:
        **plan.options("likelihood"),
        dataset="{dataset}",
        response=plan.response,
    message:
        "Compare the two fits of {wildcards.dataset}"
    script:
        "../../scripts/compare.py"


rule foresight:
    input:
        table_summary=rules.import_table.output.summary,
        fixed=rules.import_table.output.fixed,
        decomposition=rules.decompose.output.decomposition,
        code=plan.code("foresight.py"),
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
        mem_mb=memory(inputs_mb, times=4),
        runtime=minutes(10, inputs_mb),
    params:
        **plan.options("likelihood"),
    message:
        "Foretell from X of {wildcards.table} what mean field can see"
    script:
        "../../scripts/foresight.py"
