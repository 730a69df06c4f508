"""Predict the rows whose response is missing, by both fits."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.predict import new_rows, predict_exact, predict_factorised
from mixedmodel.model.results import Estimates
from mixedmodel.store.effects import read_effects
from mixedmodel.store.predictions import write_predictions
from mixedmodel.store.prepared import open_new_random, prepare
from mixedmodel.store.results import read_result
from mixedmodel.store.table import read_fixed_effects, read_rows

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        files, params, output = snakemake.input, snakemake.params, snakemake.output
        rows = read_rows(f"{files.predict}/rows.parquet")
        if not rows.size:
            write_predictions(output.predictions, rows)
        else:
            data = prepare(
                files.fixed,
                files.random,
                files.decomposition,
                likelihood=params.likelihood,
                response=params.response,
                mem_mb=snakemake.resources.mem_mb,
                new=len(rows),
            )
            X_new = open_new_random(f"{files.predict}/random", data.table)
            Z_new = read_fixed_effects(f"{files.predict}/fixed.parquet", X_new.n)
            new = new_rows(params.likelihood, data.form, data.table, Z_new, X_new)
            em, mfvi = (read_result(files[f"{key}_estimates"], Estimates) for key in ("em", "mfvi"))
            q = read_effects(files.mfvi_effects)
            mean = Z_new @ list(mfvi.omega.values()) + X_new.dot(q.mean)
            noise = mfvi.theta(data.form).sigma_e2
            assert q.variance is not None
            write_predictions(
                output.predictions,
                rows,
                predict_exact(data.form, em.theta(data.form), new),
                predict_factorised(mean, q.variance, noise, X_new),
            )
