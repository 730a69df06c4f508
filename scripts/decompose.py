"""Decompose X of an imported table once: what both fits of every response share."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mixedmodel.job import running
from mixedmodel.store.decomposition import write_decomposition
from mixedmodel.store.prepared import decompose_table
from mixedmodel.store.schemas import SPECTRUM, write_frame
from mixedmodel.store.share import read_gram

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        files, output = snakemake.input, snakemake.output
        found = decompose_table(
            files.fixed,
            files.random,
            likelihood=snakemake.params.likelihood,
            mem_mb=snakemake.resources.mem_mb,
            method=snakemake.params.method,
            tolerance=snakemake.params.tolerance,
            gram=partial(read_gram, files.gram) if files.gram else None,
        )
        write_decomposition(output.decomposition, found)
        eigvals = found.listed()
        index = np.arange(1, len(eigvals) + 1)
        write_frame(output.spectrum, SPECTRUM, {"index": index, "eigenvalue": eigvals})
