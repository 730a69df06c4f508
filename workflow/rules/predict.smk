# What both methods say of responses not seen: those that are missing, and those left out in turn.


rule predict:
    input:
        fixed=shared("table/fixed.parquet"),
        random=shared("table/random"),
        predict=shared("table/predict"),
        summary=shared("table/summary.json"),
        decomposition=shared("spectral/decomposition.npz"),
        em_estimates=rules.fit_em.output.estimates,
        mfvi_estimates=rules.fit_mfvi.output.estimates,
        mfvi_effects=rules.fit_mfvi.output.effects,
        listing=listing,
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
        response=response,
    message:
        "Predict the responses that {wildcards.dataset} misses"
    script:
        "../../scripts/predict.py"


rule cross_validate:
    input:
        fixed=shared("table/fixed.parquet"),
        random=shared("table/random"),
        rows=shared("table/rows.parquet"),
        summary=shared("table/summary.json"),
        listing=listing,
        code=code("cross_validate.py"),
    output:
        summary="results/{dataset}/cross_validation/summary.json",
        predictions="results/{dataset}/cross_validation/predictions.parquet",
    log:
        "results/{dataset}/logs/cross_validate.log",
    benchmark:
        "results/{dataset}/benchmarks/cross_validate.tsv"
    wildcard_constraints:
        dataset=pattern(settings.cross_validated),
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, input, attempt: attempt
        * (1000 + int(validation_mb(wildcards, input.summary))),
        runtime=lambda wildcards, input, attempt: attempt
        * (10 + int(validation_mb(wildcards, input.summary) / 20)),
    params:
        likelihood=option("likelihood"),
        response=response,
        folds=lambda wildcards: settings.cross_validation(name(wildcards))["folds"],
        seed=lambda wildcards: settings.cross_validation(name(wildcards))["seed"],
        asked=lambda wildcards: settings.cross_validation(name(wildcards))["asked"],
    message:
        "Cross-validate both methods on {wildcards.dataset} in {params.folds} folds"
    script:
        "../../scripts/cross_validate.py"


rule plot_predictions:
    input:
        predictions=rules.predict.output.predictions,
        code=code("plot_predictions.py"),
    output:
        **figures(["predictions"]),
    log:
        "results/{dataset}/logs/plot_predictions.log",
    benchmark:
        "results/{dataset}/benchmarks/plot_predictions.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, input, attempt: attempt * (1000 + int(4 * input.size_mb)),
        runtime=lambda wildcards, input, attempt: attempt * (5 + int(input.size_mb / 100)),
    message:
        "Draw the predictions of responses that {wildcards.dataset} misses"
    script:
        "../../scripts/plot_predictions.py"


rule plot_cross_validation:
    input:
        predictions=rules.cross_validate.output.predictions,
        code=code("plot_cross_validation.py"),
    output:
        **figures(["cross_validation"]),
    log:
        "results/{dataset}/logs/plot_cross_validation.log",
    benchmark:
        "results/{dataset}/benchmarks/plot_cross_validation.tsv"
    wildcard_constraints:
        dataset=pattern(settings.cross_validated),
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, input, attempt: attempt * (1000 + int(4 * input.size_mb)),
        runtime=lambda wildcards, input, attempt: attempt * (5 + int(input.size_mb / 100)),
    message:
        "Draw the cross-validation of {wildcards.dataset}"
    script:
        "../../scripts/plot_cross_validation.py"


rule table_cross_validation:
    input:
        summary=rules.cross_validate.output.summary,
        code=code("table_cross_validation.py"),
    output:
        table="results/{dataset}/tables/cross_validation.csv",
    log:
        "results/{dataset}/logs/table_cross_validation.log",
    benchmark:
        "results/{dataset}/benchmarks/table_cross_validation.tsv"
    wildcard_constraints:
        dataset=pattern(settings.cross_validated),
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, input, attempt: attempt * (1000 + int(4 * input.size_mb)),
        runtime=lambda wildcards, input, attempt: attempt * (5 + int(input.size_mb / 100)),
    message:
        "Write the scores of the cross-validation of {wildcards.dataset}"
    script:
        "../../scripts/table_cross_validation.py"
