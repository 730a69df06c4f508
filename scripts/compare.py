"""Compare the two fits of one data set: every number that the report states."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.results import Estimates, Simulation
from mixedmodel.model.shrinkage import shrinkage_curve
from mixedmodel.model.summarise import Run, curves, join_effects, summarise
from mixedmodel.store.comparison import read_effects, versions, write_joint_effects
from mixedmodel.store.prepared import prepare, read_summary
from mixedmodel.store.results import read_result, write_result
from mixedmodel.store.schemas import (
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
        em, mfvi = (read_result(files[f"{key}_estimates"], Estimates) for key in ("em", "mfvi"))
        simulation, truth = None, None
        if files.truth:
            simulation = read_result(files.truth, Simulation)
            truth = read_frame(files.truth_effects, SIMULATED_EFFECTS)["beta"].to_numpy()
        effects = join_effects(
            data.form,
            {"em": em, "mfvi": mfvi},
            {"em": read_effects(files.em_effects), "mfvi": read_effects(files.mfvi_effects)},
            data.counted.X,
            names=data.random.names,
            truth=truth,
        )
        curve = shrinkage_curve(data.form)
        run = Run(
            dataset=params.dataset,
            table=read_summary(files.table_summary, params.response),
            form=data.form,
            fits={"em": em, "mfvi": mfvi},
            effects=effects,
            shrinkage=curve,
            simulation=simulation,
            versions=versions(),
        )
        write_joint_effects(output.effects, effects)
        write_frame(output.profile, PROFILE, vars(curves(run)))
        write_frame(output.shrinkage, SHRINKAGE_CURVE, vars(curve))
        write_result(output.summary, summarise(run))
