"""Fit the model by mean-field sweeps over the table, by every scheme asked for."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.certificate import announce
from mixedmodel.model.contrasts import Rows, counted_rows
from mixedmodel.model.inference import infer
from mixedmodel.model.mfvi import Sweeps, fit_mfvi
from mixedmodel.store.estimates import FitFiles
from mixedmodel.store.form import read_form
from mixedmodel.store.table import read_fixed, read_random

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        params, output = snakemake.params, snakemake.output
        form = read_form(snakemake.input.form)
        fixed, random = read_fixed(snakemake.input.fixed), read_random(snakemake.input.random)
        table = Rows(fixed.y, fixed.Z, random.X)
        rows = counted_rows(params.likelihood, table.y, table.Z, table.X)
        sweeps = Sweeps.prepare(form, rows.y, rows.Z, rows.X, block=params.block)
        limits = {params.scheme: params.max_iter} | dict.fromkeys(params.also, params.also_max_iter)
        results = [
            fit_mfvi(sweeps, scheme, max_iter=limit, tolerance=params.tolerance)
            for scheme, limit in limits.items()
        ]
        fits, effects = [fit for fit, _ in results], results[0][1]
        announce(fits)
        found = infer(params.likelihood, form, fits[0], effects, table=table, counted=rows)
        FitFiles(output.estimates, output.trace, output.effects).write(
            fits,
            form,
            effects,
            found,
            likelihood=params.likelihood,
            fixed=fixed,
            random=random.names,
        )
