"""Fit the model by mean-field sweeps over the table, by every scheme asked for."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.certificate import announce
from mixedmodel.model.mfvi import Sweeps, fit_mfvi
from mixedmodel.store.estimates import write_effects, write_estimates, write_traces
from mixedmodel.store.form import read_form
from mixedmodel.store.table import read_fixed, read_random

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        params, output = snakemake.params, snakemake.output
        form = read_form(snakemake.input.form)
        fixed, random = read_fixed(snakemake.input.fixed), read_random(snakemake.input.random)
        sweeps = Sweeps.prepare(form, fixed.y, fixed.Z, random.X, block=params.block)
        limits = {params.scheme: params.max_iter} | dict.fromkeys(params.also, params.also_max_iter)
        results = [
            fit_mfvi(sweeps, scheme, max_iter=limit, tolerance=params.tolerance)
            for scheme, limit in limits.items()
        ]
        fits = [fit for fit, _ in results]
        announce(fits)
        write_effects(output.effects, random.names, results[0][1])
        write_traces(output.trace, fits)
        write_estimates(output.estimates, fits, form, fixed.names)
