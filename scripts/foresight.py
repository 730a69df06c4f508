"""Foretell from X and Z alone what mean field can see: its PVE for each true PVE."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.results import TableSummary
from mixedmodel.model.shrinkage import shrinkage_curve
from mixedmodel.model.summarise import foretell
from mixedmodel.store.prepared import expected_form
from mixedmodel.store.results import read_result, write_result

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        files, params = snakemake.input, snakemake.params
        form = expected_form(files.fixed, files.decomposition, likelihood=params.likelihood)
        table = read_result(files.table_summary, TableSummary)
        found = foretell(table, params.likelihood, shrinkage_curve(form))
        write_result(snakemake.output.foresight, found)
