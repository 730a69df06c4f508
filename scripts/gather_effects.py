"""Put the exact posterior of all random effects together."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.cautions import caution, of_effects
from mixedmodel.model.effects import exact_effects, unresolved
from mixedmodel.model.results import Estimates
from mixedmodel.store.effects import read_scattered_effects, write_effects
from mixedmodel.store.prepared import prepare
from mixedmodel.store.results import read_result

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
        )
        form, names = data.form, data.table.X.names
        theta = read_result(files.estimates, Estimates).theta(form)
        seen = read_scattered_effects(files.seen)
        found = exact_effects(form, theta, data.counted.X, seen)
        caution(of_effects(names, unresolved(form, theta, found)))
        write_effects(snakemake.output.effects, names, found)
