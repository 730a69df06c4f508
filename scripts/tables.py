"""Write the tables of one data set as CSV files, and as HTML to be read."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.results import Summary
from mixedmodel.report.pages import in_both_forms
from mixedmodel.report.tables import TABLES, predictions, shrinkage
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
            for form, text in in_both_forms(table, name).items():
                with whole_file(snakemake.output[f"{name}_{form}"]) as partial:
                    partial.write_text(text, encoding="utf-8")
