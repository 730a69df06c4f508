"""Fit the model by mean-field sweeps over the table, by every scheme asked for."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.advice import announce
from mixedmodel.model.inference import infer
from mixedmodel.model.mfvi import Sweeps, fit_mfvi
from mixedmodel.store.estimates import FitFiles
from mixedmodel.store.prepared import prepare

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        files, params, output = snakemake.input, snakemake.params, snakemake.output
        data = prepare(
            files.fixed,
            files.random,
            files.decomposition,
            likelihood=params.likelihood,
            response=params.response,
        )
        rows = data.counted
        sweeps = Sweeps.prepare(data.form, rows.Z, rows.X, block=params.block)
        limits = {params.scheme: params.max_iter} | dict.fromkeys(params.also, params.also_max_iter)
        results = [
            fit_mfvi(sweeps, scheme, max_iter=limit, tolerance=params.tolerance)
            for scheme, limit in limits.items()
        ]
        fits, effects = [fit for fit, _ in results], results[0][1]
        announce(fits, fixed_effects=data.form.c > 0)
        found = infer(
            params.likelihood, data.form, fits[0], effects, table=data.table, counted=data.counted
        )
        FitFiles(output.estimates, output.trace, output.effects).write(
            fits, data, effects, found, likelihood=params.likelihood
        )
