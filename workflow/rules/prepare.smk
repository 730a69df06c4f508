# From a text table to Parquet and to the spectral form that both fits share.


rule simulate:
    input:
        code=code("simulate.py"),
    output:
        text="results/{dataset}/simulated/table.txt",
        truth="results/{dataset}/simulated/truth.json",
        effects="results/{dataset}/simulated/effects.parquet",
    log:
        "results/{dataset}/logs/simulate.log",
    benchmark:
        "results/{dataset}/benchmarks/simulate.tsv"
    wildcard_constraints:
        dataset=pattern(settings.simulated),
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: attempt * (1000 + int(10 * simulated_mb(wildcards))),
        runtime=lambda wildcards, attempt: attempt * (5 + int(simulated_mb(wildcards) / 50)),
    params:
        n=simulation("n"),
        fixed=simulation("fixed"),
        random=simulation("random"),
        pve=simulation("pve"),
        seed=simulation("seed"),
    message:
        "Simulate the table of {wildcards.dataset}: {params.n} rows, {params.random} random effects"
    script:
        "../../scripts/simulate.py"


rule import_table:
    input:
        source=source,
        listing=listing,
        code=code("import_table.py"),
    output:
        fixed="results/{table}/table/fixed.parquet",
        random=directory("results/{table}/table/random"),
        rows="results/{table}/table/rows.parquet",
        predict=directory("results/{table}/table/predict"),
        summary="results/{table}/table/summary.json",
    log:
        "results/{table}/logs/import_table.log",
    benchmark:
        "results/{table}/benchmarks/import_table.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: attempt * 1000,
        runtime=lambda wildcards, input, attempt: attempt * (5 + int(input.size_mb / 1000)),
    params:
        source=table_path,
        content=source_content,
        response=to_import,
        fixed=option("fixed"),
        random=option("random"),
        intercept=option("intercept"),
        standardize=option("standardize"),
        missing=option("missing"),
    message:
        "Read {params.source}"
    script:
        "../../scripts/import_table.py"


rule decompose:
    input:
        fixed=rules.import_table.output.fixed,
        random=rules.import_table.output.random,
        summary=rules.import_table.output.summary,
        code=code("decompose.py"),
    output:
        decomposition="results/{table}/spectral/decomposition.npz",
        spectrum="results/{table}/spectral/spectrum.parquet",
    log:
        "results/{table}/logs/decompose.log",
    benchmark:
        "results/{table}/benchmarks/decompose.tsv"
    conda:
        "../../environment.yml"
    threads: 2
    resources:
        mem_mb=lambda wildcards, input, attempt: attempt
        * (1000 + int(4 * matrix_mb(input.summary))),
        runtime=lambda wildcards, input, attempt: attempt
        * (5 + int(matrix_mb(input.summary) / 100)),
    params:
        likelihood=option("likelihood"),
    message:
        "Decompose X of {wildcards.table} once, for both fits"
    script:
        "../../scripts/decompose.py"
