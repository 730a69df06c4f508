"""Foretell from X and Z alone what mean field can see: its PVE for each true PVE."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.shrinkage import shrinkage_curve
from mixedmodel.store.comparison import foretell
from mixedmodel.store.files import read_json, write_json
from mixedmodel.store.prepared import expected_form

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        files, params = snakemake.input, snakemake.params
        form = expected_form(files.fixed, files.decomposition, likelihood=params.likelihood)
        table, curve = read_json(files.table_summary), shrinkage_curve(form)
        content = foretell(table, params.likelihood, curve)
        write_json(snakemake.output.foresight, content)
