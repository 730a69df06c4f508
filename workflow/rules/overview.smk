# The responses of one data set side by side: a table, a figure and a deck over all of them.


# Of a table that is yet to be made it isn't known whether it has several.
ruleorder: deck > overview_deck


rule overview:
    input:
        listing=plan.listing,
        summaries=plan.of_each_response("comparison/summary.json"),
        code=plan.code("overview.py"),
    output:
        **tables("overview", report),
        **figures("overview", report),
        overview="results/{group}/overview.json",
    log:
        "results/{group}/logs/overview.log",
    benchmark:
        "results/{group}/benchmarks/overview.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(),
        runtime=minutes(10),
    message:
        "Put all responses of {wildcards.group} side by side"
    script:
        "../../scripts/overview.py"


rule overview_deck:
    input:
        overview=rules.overview.output.overview,
        png=rules.overview.output.responses_png,
        svg=rules.overview.output.responses_svg,
        template=plan.template,
        story_files=plan.story_files,
        code=plan.code("overview_deck.py"),
    output:
        deck=deck("overview_deck", report),
    log:
        "results/{group}/logs/overview_deck.log",
    benchmark:
        "results/{group}/benchmarks/overview_deck.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory(),
        runtime=minutes(10),
    params:
        **plan.deck(),
        **plan.options("likelihood"),
        dataset="{group}",
    message:
        "Build the deck over all responses of {wildcards.group}"
    script:
        "../../scripts/overview_deck.py"
