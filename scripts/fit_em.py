"""Fit the model by EM on the spectral form, by every scheme asked for."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.advice import announce
from mixedmodel.model.cautions import caution, of_effects, of_pole, of_response
from mixedmodel.model.effects import exact_effects, unresolved
from mixedmodel.model.em import fit_em
from mixedmodel.model.inference import infer
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
        limits = {params.scheme: params.max_iter} | dict.fromkeys(params.also, params.also_max_iter)
        fits = [
            fit_em(data.form, scheme, max_iter=limit, tolerance=params.tolerance)
            for scheme, limit in limits.items()
        ]
        caution(of_response(data.form))
        announce(fits, fixed_effects=data.form.c > 0)
        caution(of_pole(data.form, fits[0].certificate))
        effects = exact_effects(data.form, fits[0].theta, data.counted.X)
        lost = unresolved(data.form, fits[0].theta, effects)
        caution(of_effects(data.random.names, lost))
        found = infer(
            params.likelihood, data.form, fits[0], effects, table=data.table, counted=data.counted
        )
        FitFiles(output.estimates, output.trace, output.effects).write(
            fits, data, effects, found, likelihood=params.likelihood
        )
