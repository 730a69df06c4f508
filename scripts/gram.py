"""Find what a share of the columns of X adds to X X'."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.store.prepared import gram_of_share
from mixedmodel.store.share import Share, write_gram

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        files, params = snakemake.input, snakemake.params
        found = gram_of_share(
            files.fixed,
            files.random,
            likelihood=params.likelihood,
            mem_mb=snakemake.resources.mem_mb,
            method=params.method,
            share=Share.of("gram", snakemake.wildcards.scatteritem),
        )
        write_gram(snakemake.output.gram, found)
