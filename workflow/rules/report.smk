# What people look at: figures and tables as separate files, and the deck made of them.
FIGURES = {
    "plot_data": ["data_overview", "spectrum"],
    "plot_em": ["em_climb"],
    "plot_mfvi": ["mfvi_gap"],
    "plot_comparison": [
        "profile",
        "uncertainty",
        "shrinkage",
        "means",
        "variances",
        "fixed_effects",
        "fitted_variance",
    ],
}
TABLES = [
    "parameters",
    "uncertainty",
    "shrinkage",
    "fixed_effects",
    "gap",
    "means",
    "variances",
    "fitted_variance",
    "schemes",
    "certificate",
    "data",
    "predictions",
]
STEMS = [*(stem for stems in FIGURES.values() for stem in stems), "predictions"]


rule plot_data:
    input:
        fixed=shared("table/fixed.parquet"),
        table_summary=shared("table/summary.json"),
        decomposition=shared("spectral/decomposition.npz"),
        spectrum=shared("spectral/spectrum.parquet"),
        listing=listing,
        code=code("plot_data.py"),
    output:
        **figures(FIGURES["plot_data"]),
    log:
        "results/{dataset}/logs/plot_data.log",
    benchmark:
        "results/{dataset}/benchmarks/plot_data.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, input, attempt: attempt * (1000 + int(4 * input.size_mb)),
        runtime=lambda wildcards, input, attempt: attempt * (5 + int(input.size_mb / 100)),
    params:
        response=response,
    message:
        "Draw the data of {wildcards.dataset}"
    script:
        "../../scripts/plot_data.py"


rule plot_em:
    input:
        trace=rules.fit_em.output.trace,
        summary=rules.compare.output.summary,
        code=code("plot_em.py"),
    output:
        **figures(FIGURES["plot_em"]),
    log:
        "results/{dataset}/logs/plot_em.log",
    benchmark:
        "results/{dataset}/benchmarks/plot_em.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, input, attempt: attempt * (1000 + int(4 * input.size_mb)),
        runtime=lambda wildcards, input, attempt: attempt * (5 + int(input.size_mb / 100)),
    message:
        "Draw EM's climb on {wildcards.dataset}"
    script:
        "../../scripts/plot_em.py"


rule plot_mfvi:
    input:
        trace=rules.fit_mfvi.output.trace,
        summary=rules.compare.output.summary,
        code=code("plot_mfvi.py"),
    output:
        **figures(FIGURES["plot_mfvi"]),
    log:
        "results/{dataset}/logs/plot_mfvi.log",
    benchmark:
        "results/{dataset}/benchmarks/plot_mfvi.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, input, attempt: attempt * (1000 + int(4 * input.size_mb)),
        runtime=lambda wildcards, input, attempt: attempt * (5 + int(input.size_mb / 100)),
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
        code=code("plot_comparison.py"),
    output:
        **figures(FIGURES["plot_comparison"]),
    log:
        "results/{dataset}/logs/plot_comparison.log",
    benchmark:
        "results/{dataset}/benchmarks/plot_comparison.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, input, attempt: attempt * (1000 + int(4 * input.size_mb)),
        runtime=lambda wildcards, input, attempt: attempt * (5 + int(input.size_mb / 100)),
    message:
        "Draw both methods side by side on {wildcards.dataset}"
    script:
        "../../scripts/plot_comparison.py"


rule tables:
    input:
        summary=rules.compare.output.summary,
        shrinkage=rules.compare.output.shrinkage,
        predictions=rules.predict.output.predictions,
        code=code("tables.py"),
    output:
        **{name: f"results/{{dataset}}/tables/{name}.csv" for name in TABLES},
    log:
        "results/{dataset}/logs/tables.log",
    benchmark:
        "results/{dataset}/benchmarks/tables.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, input, attempt: attempt * (1000 + int(4 * input.size_mb)),
        runtime=lambda wildcards, input, attempt: attempt * (5 + int(input.size_mb / 100)),
    message:
        "Write the tables of {wildcards.dataset}"
    script:
        "../../scripts/tables.py"


rule draw_equations:
    input:
        code=code("draw_equations.py"),
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
        mem_mb=lambda wildcards, attempt: attempt * 1000,
        runtime=lambda wildcards, attempt: attempt * 5,
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
        cross_validation=if_cross_validated("cross_validation/summary.json"),
        figures_png=shown("figures", STEMS, "png"),
        figures_svg=shown("figures", STEMS, "svg"),
        predictions=rules.predict.output.predictions,
        tables=shown("tables", TABLES, "csv"),  # which notes refer to
        template=template_input,
        code=code("deck.py"),
    output:
        deck="results/{dataset}/deck.pptx",
    log:
        "results/{dataset}/logs/deck.log",
    benchmark:
        "results/{dataset}/benchmarks/deck.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, input, attempt: attempt * (1000 + int(4 * input.size_mb)),
        runtime=lambda wildcards, input, attempt: attempt * (5 + int(input.size_mb / 100)),
    params:
        **deck_settings(),
        dataset="{dataset}",
    message:
        "Build the deck of {wildcards.dataset}"
    script:
        "../../scripts/deck.py"
