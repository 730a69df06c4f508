"""List the responses of a table by the rows that they are observed in."""

from pathlib import Path
from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.store.observed import find_responses
from mixedmodel.store.results import write_result

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        params = snakemake.params
        found = find_responses(
            Path(params.source),
            response=params.response,
            fixed_columns=params.fixed,
            random_columns=params.random,
            intercept=params.intercept,
            missing=params.missing,
        )
        write_result(snakemake.output.listing, found)
