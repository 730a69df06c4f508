"""Write the tables of one data set as CSV files."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.results import Summary
from mixedmodel.report.tables import TABLES, predictions, shrinkage, to_csv
from mixedmodel.store.files import whole_file
from mixedmodel.store.results import read_result
from mixedmodel.store.schemas import PREDICTIONS, SHRINKAGE_CURVE, read_frame

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        summary = read_result(snakemake.input.summary, Summary)
        tables = {name: table(summary) for name, table in TABLES.items()}
        tables["shrinkage"] = shrinkage(read_frame(snakemake.input.shrinkage, SHRINKAGE_CURVE))
        tables["predictions"] = predictions(read_frame(snakemake.input.predictions, PREDICTIONS))
        for name, table in tables.items():
            with whole_file(snakemake.output[name]) as partial:
                partial.write_text(to_csv(table), encoding="utf-8")
