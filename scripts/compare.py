"""Compare the two fits of one data set: every number that the report states."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.shrinkage import shrinkage_curve
from mixedmodel.store.comparison import Run, Truth, curves, joint_effects, summarise
from mixedmodel.store.estimates import read_estimates
from mixedmodel.store.files import read_json, write_json
from mixedmodel.store.prepared import prepare, read_summary
from mixedmodel.store.schemas import (
    COMPARISON_EFFECTS,
    EFFECTS,
    PROFILE,
    SHRINKAGE_CURVE,
    SIMULATED_EFFECTS,
    read_frame,
    write_frame,
)

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
        em, mfvi = read_estimates(files.em_estimates), read_estimates(files.mfvi_estimates)
        frames = [read_frame(path, EFFECTS) for path in (files.em_effects, files.mfvi_effects)]
        effects = joint_effects(
            data.form, em, mfvi, data.counted.X, em_effects=frames[0], mfvi_effects=frames[1]
        )
        truth = None
        if files.truth:
            beta = read_frame(files.truth_effects, SIMULATED_EFFECTS)["beta"].to_numpy()
            truth = Truth(read_json(files.truth), beta)
            effects["truth"] = beta
        table = read_summary(files.table_summary, params.response)
        curve = shrinkage_curve(data.form)
        run = Run(params.dataset, table, data.form, em, mfvi, effects, curve, truth)
        write_frame(output.effects, COMPARISON_EFFECTS, effects)
        write_frame(output.profile, PROFILE, curves(run))
        write_frame(output.shrinkage, SHRINKAGE_CURVE, vars(curve))
        write_json(output.summary, summarise(run))
