# What both methods say of responses not seen: those that are missing, and those left out in turn.


rule predict:
    input:
        fixed=plan.shared("table/fixed.parquet"),
        random=plan.shared("table/random"),
        predict=plan.shared("table/predict"),
        summary=plan.shared("table/summary.json"),
        decomposition=plan.shared("spectral/decomposition.npz"),
        em_estimates=rules.fit_em.output.estimates,
        mfvi_estimates=rules.fit_mfvi.output.estimates,
        mfvi_effects=rules.fit_mfvi.output.effects,
        listing=plan.listing,
        code=plan.code("predict.py"),
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
        mem_mb=plan.prediction_memory,
        runtime=minutes(5, plan.work_mb),
    params:
        **plan.options("likelihood"),
        response=plan.response,
    message:
        "Predict the responses that {wildcards.dataset} misses"
    script:
        "../../scripts/predict.py"


rule cross_validate:
    input:
        fixed=plan.shared("table/fixed.parquet"),
        random=plan.shared("table/random"),
        rows=plan.shared("table/rows.parquet"),
        summary=plan.shared("table/summary.json"),
        listing=plan.listing,
        code=plan.code("cross_validate.py"),
    output:
        summary="results/{dataset}/cross_validation/summary.json",
        predictions="results/{dataset}/cross_validation/predictions.parquet",
    log:
        "results/{dataset}/logs/cross_validate.log",
    benchmark:
        "results/{dataset}/benchmarks/cross_validate.tsv"
    wildcard_constraints:
        dataset=plan.fitted(plan.settings.cross_validated),
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=plan.validation_memory,
        runtime=minutes(10, plan.validation_mb, mb_a_minute=20),
    params:
        **plan.options("likelihood"),
        **plan.validation("folds", "seed", "asked"),
        response=plan.response,
    message:
        "Cross-validate both methods on {wildcards.dataset} in {params.folds} folds"
    script:
        "../../scripts/cross_validate.py"


rule plot_predictions:
    input:
        predictions=rules.predict.output.predictions,
        code=plan.code("plot_predictions.py"),
    output:
        **figures("plot_predictions", report),
    log:
        "results/{dataset}/logs/plot_predictions.log",
    benchmark:
        "results/{dataset}/benchmarks/plot_predictions.tsv"
    group:
        "report"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(inputs_mb, times=4),
        runtime=minutes(5, inputs_mb),
    message:
        "Draw the predictions of responses that {wildcards.dataset} misses"
    script:
        "../../scripts/plot_predictions.py"


rule plot_cross_validation:
    input:
        predictions=rules.cross_validate.output.predictions,
        code=plan.code("plot_cross_validation.py"),
    output:
        **figures("plot_cross_validation", report),
    log:
        "results/{dataset}/logs/plot_cross_validation.log",
    benchmark:
        "results/{dataset}/benchmarks/plot_cross_validation.tsv"
    wildcard_constraints:
        dataset=plan.fitted(plan.settings.cross_validated),
    group:
        "report"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(inputs_mb, times=4),
        runtime=minutes(5, inputs_mb),
    message:
        "Draw the cross-validation of {wildcards.dataset}"
    script:
        "../../scripts/plot_cross_validation.py"


rule table_cross_validation:
    input:
        summary=rules.cross_validate.output.summary,
        code=plan.code("table_cross_validation.py"),
    output:
        **tables("table_cross_validation", report),
    log:
        "results/{dataset}/logs/table_cross_validation.log",
    benchmark:
        "results/{dataset}/benchmarks/table_cross_validation.tsv"
    wildcard_constraints:
        dataset=plan.fitted(plan.settings.cross_validated),
    group:
        "report"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(inputs_mb, times=4),
        runtime=minutes(5, inputs_mb),
    message:
        "Write the scores of the cross-validation of {wildcards.dataset}"
    script:
        "../../scripts/table_cross_validation.py"
