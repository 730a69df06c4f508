# What people look at: figures and tables as separate files, and the deck made of them.
# What follows the comparison takes seconds: the group is one job on a cluster.


rule plot_data:
    input:
        fixed=plan.shared("table/fixed.parquet"),
        table_summary=plan.shared("table/summary.json"),
        decomposition=plan.shared("spectral/decomposition.npz"),
        spectrum=plan.shared("spectral/spectrum.parquet"),
        listing=plan.listing,
        code=plan.code("plot_data.py"),
    output:
        **figures("plot_data", report),
    log:
        "results/{dataset}/logs/plot_data.log",
    benchmark:
        "results/{dataset}/benchmarks/plot_data.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(inputs_mb, times=4),
        runtime=minutes(5, inputs_mb),
    params:
        response=plan.response,
    message:
        "Draw the data of {wildcards.dataset}"
    script:
        "../../scripts/plot_data.py"


rule plot_em:
    input:
        trace=rules.fit_em.output.trace,
        summary=rules.compare.output.summary,
        code=plan.code("plot_em.py"),
    output:
        **figures("plot_em", report),
    log:
        "results/{dataset}/logs/plot_em.log",
    benchmark:
        "results/{dataset}/benchmarks/plot_em.tsv"
    group:
        "report"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(inputs_mb, times=4),
        runtime=minutes(5, inputs_mb),
    message:
        "Draw EM's climb on {wildcards.dataset}"
    script:
        "../../scripts/plot_em.py"


rule plot_mfvi:
    input:
        trace=rules.fit_mfvi.output.trace,
        summary=rules.compare.output.summary,
        code=plan.code("plot_mfvi.py"),
    output:
        **figures("plot_mfvi", report),
    log:
        "results/{dataset}/logs/plot_mfvi.log",
    benchmark:
        "results/{dataset}/benchmarks/plot_mfvi.tsv"
    group:
        "report"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(inputs_mb, times=4),
        runtime=minutes(5, inputs_mb),
    message:
        "Draw the bound and the gap of mean field on {wildcards.dataset}"
    script:
        "../../scripts/plot_mfvi.py"


rule plot_comparison:
    input:
        summary=rules.compare.output.summary,
        effects=rules.compare.output.effects,
        profile=rules.compare.output.profile,
        shrinkage=rules.compare.output.shrinkage,
        code=plan.code("plot_comparison.py"),
    output:
        **figures("plot_comparison", report),
    log:
        "results/{dataset}/logs/plot_comparison.log",
    benchmark:
        "results/{dataset}/benchmarks/plot_comparison.tsv"
    group:
        "report"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(inputs_mb, times=4),
        runtime=minutes(5, inputs_mb),
    message:
        "Draw both methods side by side on {wildcards.dataset}"
    script:
        "../../scripts/plot_comparison.py"


rule tables:
    input:
        summary=rules.compare.output.summary,
        shrinkage=rules.compare.output.shrinkage,
        predictions=rules.predict.output.predictions,
        code=plan.code("tables.py"),
    output:
        **tables("tables", report),
    log:
        "results/{dataset}/logs/tables.log",
    benchmark:
        "results/{dataset}/benchmarks/tables.tsv"
    group:
        "report"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(inputs_mb, times=4),
        runtime=minutes(5, inputs_mb),
    message:
        "Write the tables of {wildcards.dataset}"
    script:
        "../../scripts/tables.py"


rule draw_equations:
    input:
        equations=plan.equations,
        code=plan.code("draw_equations.py"),
    output:
        pictures="results/_equations/pictures.json",
    log:
        "results/_equations/logs/draw_equations.log",
    benchmark:
        "results/_equations/benchmarks/draw_equations.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(),
        runtime=minutes(5),
    message:
        "Draw the equations of all decks"
    script:
        "../../scripts/draw_equations.py"


rule deck:
    input:
        equations=rules.draw_equations.output.pictures,
        summary=rules.compare.output.summary,
        em_trace=rules.fit_em.output.trace,
        mfvi_trace=rules.fit_mfvi.output.trace,
        cross_validation=plan.if_cross_validated("cross_validation/summary.json"),
        figures_png=plan.shown("figures", "png"),
        figures_svg=plan.shown("figures", "svg"),
        predictions=rules.predict.output.predictions,
        profile=rules.compare.output.profile,
        tables=plan.shown("tables", "csv"),  # which the notes refer to
        template=plan.template,
        story_files=plan.story_files,
        code=plan.code("deck.py"),
    output:
        deck=deck("deck", report),
    log:
        "results/{dataset}/logs/deck.log",
    benchmark:
        "results/{dataset}/benchmarks/deck.tsv"
    group:
        "report"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(inputs_mb, times=4),
        runtime=minutes(5),
    params:
        **plan.deck(),
        dataset="{dataset}",
    message:
        "Build the deck of {wildcards.dataset}"
    script:
        "../../scripts/deck.py"
