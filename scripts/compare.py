"""Compare the two fits of one data set: every number that the report states."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.results import Estimates, Method, Simulation
from mixedmodel.model.shrinkage import shrinkage_curve
from mixedmodel.model.summarise import Run, curves, join_effects, summarise
from mixedmodel.model.worked import work
from mixedmodel.store.effects import read_effects, read_scattered_effects, read_true_effects
from mixedmodel.store.joint_effects import write_joint_effects
from mixedmodel.store.prepared import prepare, read_summary
from mixedmodel.store.results import read_result, write_result
from mixedmodel.store.schemas import PROFILE, SHRINKAGE_CURVE, write_frame
from mixedmodel.store.versions import versions

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        files, params, output = snakemake.input, snakemake.params, snakemake.output
        told = {key: files[key] for key in ("fixed", "random", "decomposition")}
        told |= {"likelihood": params.likelihood, "response": params.response}
        data = prepare(**told, mem_mb=snakemake.resources.mem_mb)
        methods: tuple[Method, ...] = ("em", "mfvi")
        fits = {key: read_result(files[f"{key}_estimates"], Estimates) for key in methods}
        simulation = truth = None
        if files.truth:
            simulation = read_result(files.truth, Simulation)
            truth = read_true_effects(files.truth_effects)
        effects = join_effects(
            data.form,
            fits,
            {key: read_effects(files[f"{key}_effects"]) for key in methods},
            data.counted.X,
            names=data.table.X.names,
            truth=truth,
            seen=read_scattered_effects(files.seen) if files.seen else None,
        )
        run = Run(
            dataset=params.dataset,
            table=read_summary(files.table_summary, params.response),
            form=data.form,
            fits=fits,
            effects=effects,
            shrinkage=shrinkage_curve(data.form),
            worked=work(data.form, fits, effects.posterior, data.counted.X, effects.names),
            simulation=simulation,
            versions=versions(),
        )
        write_joint_effects(output.effects, effects)
        write_frame(output.profile, PROFILE, vars(curves(run)))
        write_frame(output.shrinkage, SHRINKAGE_CURVE, vars(run.shrinkage))
        write_result(output.summary, summarise(run))
