"""Cross-validate both methods, and the fixed effects alone, in k folds."""

from typing import TYPE_CHECKING

import numpy as np

from mixedmodel.job import running
from mixedmodel.model.contrasts import Rows
from mixedmodel.model.cross_validation import assign_folds, cross_validate
from mixedmodel.store.files import write_json
from mixedmodel.store.predictions import gains, scores, write_cross_validation
from mixedmodel.store.table import read_fixed, read_random, read_rows

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        files, params, output = snakemake.input, snakemake.params, snakemake.output
        fixed = read_fixed(files.fixed)
        n, c = fixed.Z.shape
        labels = assign_folds(n, c, params.folds, np.random.default_rng(params.seed))
        table = Rows(fixed.y, fixed.Z, read_random(files.random).X)
        found = cross_validate(table, labels, likelihood=params.likelihood)
        rows = read_rows(files.rows)
        write_cross_validation(output.predictions, rows, labels, fixed.y, found)
        size = {"folds": params.folds, "seed": params.seed, "n": n}
        kind = {"likelihood": params.likelihood}
        results = {"methods": scores(fixed.y, found), "gains": gains(fixed.y, found)}
        write_json(output.summary, size | kind | results)
