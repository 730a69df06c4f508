"""Find the exact posterior of a share of the random effects at the parameters of a fit."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.effects import seen_effects
from mixedmodel.model.results import Estimates
from mixedmodel.store.effects import write_effects
from mixedmodel.store.prepared import prepare
from mixedmodel.store.results import read_result
from mixedmodel.store.share import Share

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        files, params = snakemake.input, snakemake.params
        data = prepare(
            files.fixed,
            files.random,
            files.decomposition,
            likelihood=params.likelihood,
            response=params.response,
            mem_mb=snakemake.resources.mem_mb,
            share=Share.of("effects", snakemake.wildcards.scatteritem),
        )
        theta = read_result(files.estimates, Estimates).theta(data.form)
        found = seen_effects(data.form, theta, data.counted.X)
        write_effects(snakemake.output.effects, data.table.X.names, found)
