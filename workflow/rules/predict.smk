# What both methods say of responses not seen: those that are missing, and those left out in turn.


rule predict:
    input:
        fixed=rules.import_table.output.fixed,
        random=rules.import_table.output.random,
        predict=rules.import_table.output.predict,
        summary=rules.import_table.output.summary,
        form=rules.decompose.output.form,
        em_estimates=rules.fit_em.output.estimates,
        mfvi_estimates=rules.fit_mfvi.output.estimates,
        mfvi_effects=rules.fit_mfvi.output.effects,
        code=code("predict.py"),
    output:
        predictions="results/{dataset}/predictions.parquet",
    log:
        "results/{dataset}/logs/predict.log",
    benchmark:
        "results/{dataset}/benchmarks/predict.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, input, attempt: attempt
        * (1000 + int(prediction_mb(input.summary))),
        runtime=lambda wildcards, input, attempt: attempt
        * (5 + int(prediction_mb(input.summary) / 100)),
    params:
        likelihood=option("likelihood"),
    message:
        "Predict the responses that {wildcards.dataset} misses"
    script:
        "../../scripts/predict.py"


rule cross_validate:
    input:
        fixed=rules.import_table.output.fixed,
        random=rules.import_table.output.random,
        rows=rules.import_table.output.rows,
        summary=rules.import_table.output.summary,
        code=code("cross_validate.py"),
    output:
        summary="results/{dataset}/cross_validation/summary.json",
        predictions="results/{dataset}/cross_validation/predictions.parquet",
    log:
        "results/{dataset}/logs/cross_validate.log",
    benchmark:
        "results/{dataset}/benchmarks/cross_validate.tsv"
    wildcard_constraints:
        dataset="|".join(map(re.escape, settings.cross_validated)) or "(?!)",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, input, attempt: attempt
        * (1000 + int(validation_mb(input.summary))),
        runtime=lambda wildcards, input, attempt: attempt
        * (10 + int(validation_mb(input.summary) / 20)),
    params:
        likelihood=option("likelihood"),
        folds=lambda wildcards: settings.cross_validation(wildcards.dataset)["folds"],
        seed=lambda wildcards: settings.cross_validation(wildcards.dataset)["seed"],
    message:
        "Cross-validate both methods on {wildcards.dataset} in {params.folds} folds"
    script:
        "../../scripts/cross_validate.py"
