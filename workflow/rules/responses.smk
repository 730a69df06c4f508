# The responses of a table: one, or several that share what is made of the rows they are observed in.
from mixedmodel.store.responses import read_responses


checkpoint list_responses:
    input:
        source=source,
        code=code("list_responses.py"),
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
        mem_mb=lambda wildcards, attempt: attempt * 1000,
        runtime=lambda wildcards, input, attempt: attempt * (5 + int(input.size_mb / 1000)),
    params:
        source=table_path,
        content=source_content,
        response=option("response"),
        fixed=option("fixed"),
        random=option("random"),
        intercept=option("intercept"),
        missing=option("missing"),
    message:
        "Find which rows of {params.source} each response is observed in"
    script:
        "../../scripts/list_responses.py"


def listing(wildcards):
    """File that lists the responses of the data set if there are several."""
    return f"results/{name(wildcards)}/responses.json" if name(wildcards) in GROUPS else []


def responses(group):
    """Responses of a data set, once the table has been looked at."""
    return read_responses(checkpoints.list_responses.get(group=group).output.listing)


def of_each(file):
    """Function of the wildcards: a file of each response of the data set."""
    return lambda wildcards: [
        f"results/{wildcards.group}/{folder}/{file}"
        for folder in responses(wildcards.group).by_folder
    ]


def listed(wildcards):
    """Entry of the response that a folder of results belongs to; None if there is one only."""
    group, _, folder = wildcards.dataset.partition("/")
    if not folder:
        return None
    known = responses(group).by_folder
    if folder not in known:
        sys.exit(f"ERROR: {group} has no response in a folder {folder}; known: {', '.join(known)}")
    return known[folder]


def response(wildcards):
    """Name of the response to be fitted; None if there is one only."""
    entry = listed(wildcards)
    return entry.response if entry else None


def to_import(wildcards):
    """Responses to be read: as configured, or those of one set of rows, or none for all rows."""
    group, _, rows = wildcards.table.partition("/shared/")
    if group not in GROUPS:
        return settings.datasets[group]["response"]
    known = responses(group).listed if rows else ()
    return [each.response for each in known if each.rows == int(rows)]


def shared(file):
    """Function of the wildcards: a file that the responses observed in the same rows share."""

    def path(wildcards):
        entry = listed(wildcards)
        place = f"{name(wildcards)}/shared/{entry.rows}" if entry else wildcards.dataset
        return f"results/{place}/{file}"

    return path


def goals():
    """Functions of the wildcards, one a data set: a table not yet looked at keeps nobody waiting."""
    return [lambda wildcards, dataset=dataset: goals_of(dataset) for dataset in settings.run]


def goals_of(dataset):
    """Files to be made of one data set: a response each, or what X alone foretells."""
    if settings.datasets[dataset]["response"] == []:
        return [f"results/{dataset}/foresight.json"]
    several = dataset in GROUPS
    folders = responses(dataset).by_folder if several else {}
    places = [f"{dataset}/{folder}" for folder in folders] if several else [dataset]
    files = ["deck.pptx", "predictions.parquet"]
    if dataset in settings.cross_validated:
        files.append("cross_validation/summary.json")
    made = expand("results/{place}/{file}", place=places, file=files)
    return [*made, f"results/{dataset}/deck.pptx"] if several else made
