# From a text table to Parquet and to the spectral form that both fits share.


rule simulate:
    input:
        code=plan.code("simulate.py"),
    output:
        text="results/{dataset}/simulated/table.txt",
        truth="results/{dataset}/simulated/truth.json",
        effects="results/{dataset}/simulated/effects.parquet",
    log:
        "results/{dataset}/logs/simulate.log",
    benchmark:
        "results/{dataset}/benchmarks/simulate.tsv"
    wildcard_constraints:
        dataset=plan.fitted(plan.settings.simulated),
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(plan.simulated_mb, times=10),
        runtime=minutes(5, plan.simulated_mb, mb_a_minute=50),
    params:
        **plan.simulation("n", "fixed", "random", "pve", "seed"),
    message:
        "Simulate the table of {wildcards.dataset}: {params.n} rows, {params.random} random effects"
    script:
        "../../scripts/simulate.py"


checkpoint list_responses:
    input:
        source=plan.table_input,
        code=plan.code("list_responses.py"),
    output:
        listing="results/{group}/responses.json",
    log:
        "results/{group}/logs/list_responses.log",
    benchmark:
        "results/{group}/benchmarks/list_responses.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(),
        runtime=minutes(5, inputs_mb, mb_a_minute=1000),
    params:
        **plan.options("response", "fixed", "random", "intercept", "missing"),
        source=plan.table,
        content=plan.table_content,
    message:
        "Find which rows of {params.source} each response is observed in"
    script:
        "../../scripts/list_responses.py"


rule import_table:
    input:
        source=plan.table_input,
        listing=plan.listing,
        code=plan.code("import_table.py"),
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
        mem_mb=memory(),
        runtime=minutes(5, inputs_mb, mb_a_minute=1000),
    params:
        **plan.options("fixed", "random", "intercept", "standardize", "missing"),
        source=plan.table,
        content=plan.table_content,
        response=plan.to_import,
    message:
        "Read {params.source}"
    script:
        "../../scripts/import_table.py"


rule gram:
    input:
        fixed=rules.import_table.output.fixed,
        random=rules.import_table.output.random,
        summary=rules.import_table.output.summary,
        code=plan.code("gram.py"),
    output:
        gram=temp("results/{table}/spectral/gram/{scatteritem}.npy"),
    log:
        "results/{table}/logs/gram.{scatteritem}.log",
    benchmark:
        "results/{table}/benchmarks/gram.{scatteritem}.tsv"
    conda:
        "../../environment.yml"
    threads: cores(2)
    resources:
        mem_mb=plan.memory,
        runtime=minutes(5, plan.work_mb),
    params:
        **plan.options("likelihood"),
        method=plan.settings.spectral["method"],
    message:
        "Multiply the columns of X of {wildcards.table} with themselves, {wildcards.scatteritem}"
    script:
        "../../scripts/gram.py"


rule decompose:
    input:
        fixed=rules.import_table.output.fixed,
        random=rules.import_table.output.random,
        summary=rules.import_table.output.summary,
        gram=sharing(gather.gram, "results/{{table}}/spectral/gram/{scatteritem}.npy"),
        code=plan.code("decompose.py"),
    output:
        decomposition="results/{table}/spectral/decomposition.npz",
        spectrum="results/{table}/spectral/spectrum.parquet",
    log:
        "results/{table}/logs/decompose.log",
    benchmark:
        "results/{table}/benchmarks/decompose.tsv"
    priority: 1
    conda:
        "../../environment.yml"
    threads: cores(2)
    resources:
        mem_mb=plan.memory,
        runtime=minutes(5, plan.work_mb),
    params:
        **plan.options("likelihood"),
        method=plan.settings.spectral["method"],
        tolerance=plan.settings.spectral["tolerance"],
    message:
        "Decompose X of {wildcards.table} once, for both fits"
    script:
        "../../scripts/decompose.py"
