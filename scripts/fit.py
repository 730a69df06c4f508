"""Fit the model by one method, by every scheme asked for."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.advice import announce
from mixedmodel.model.cautions import caution, of_effects, of_pole, of_response
from mixedmodel.model.effects import posterior_means, unresolved
from mixedmodel.model.inference import infer
from mixedmodel.model.method import BLOCK, Counted
from mixedmodel.model.methods import METHODS
from mixedmodel.model.types import Effects
from mixedmodel.store.estimates import FitFiles
from mixedmodel.store.prepared import prepare

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        files, params, output = snakemake.input, snakemake.params, snakemake.output
        method = METHODS[params.method]
        data = prepare(
            files.fixed,
            files.random,
            files.decomposition,
            likelihood=params.likelihood,
            response=params.response,
            mem_mb=snakemake.resources.mem_mb,
        )
        form, rows = data.form, data.counted
        e_step = None if params.get("e_step") == "auto" else params.get("e_step")
        fitter = method.prepare(Counted(form, rows, params.get("block", BLOCK), e_step))
        limits = {params.scheme: params.max_iter} | dict.fromkeys(params.also, params.also_max_iter)
        fitted = [
            fitter.fit(scheme, max_iter=limit, tolerance=params.tolerance)
            for scheme, limit in limits.items()
        ]
        fits = [each.fit for each in fitted]
        if output.get("effects"):
            effects = fitted[0].effects()
        else:
            effects = Effects(posterior_means(form, fits[0].theta, rows.X), None)
        announce(fits, fixed_effects=form.c > 0)
        if method.is_exact:
            caution(of_response(form))
            caution(of_pole(form, fits[0].certificate))
            lost = unresolved(form, fits[0].theta, effects)
            caution(of_effects(data.table.X.names, lost))
        found = infer(params.likelihood, form, fits[0], effects, table=data.table, counted=rows)
        FitFiles(output.estimates, output.trace, output.get("effects")).write(
            fits, data, effects, found, likelihood=params.likelihood
        )
