"""Cross-validate both methods, and the fixed effects alone, in k folds."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.contrasts import Rows
from mixedmodel.model.cost import is_quick
from mixedmodel.model.cross_validation import LARGE, declined, summarise_validation, validate
from mixedmodel.model.results import TableSummary
from mixedmodel.store.parts import open_random
from mixedmodel.store.predictions import write_cross_validation
from mixedmodel.store.results import read_result, write_result
from mixedmodel.store.table import read_fixed, read_rows

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        files, params, output = snakemake.input, snakemake.params, snakemake.output
        chosen = {key: params[key] for key in ("folds", "seed", "likelihood")}
        table = read_result(files.summary, TableSummary)
        size = {"n": table.n, "p": table.p, "c": table.c}
        fixed = read_fixed(files.fixed, params.response)
        if params.asked or is_quick(**size, folds=params.folds):
            X = open_random(files.random, snakemake.resources.mem_mb, folds=True)
            rows = Rows(fixed.y, fixed.Z, X)
            found = validate(rows, **chosen, asked=params.asked)
        else:
            found = declined(LARGE.format(**size, folds=params.folds))
        write_cross_validation(output.predictions, read_rows(files.rows), fixed.y, found)
        write_result(output.summary, summarise_validation(fixed.y, found, **chosen))
