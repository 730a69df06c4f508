"""Write the scores of cross-validation as a CSV file."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.report.tables import cross_validation, to_csv
from mixedmodel.store.files import read_json, whole_file

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        table = cross_validation(read_json(snakemake.input.summary))
        with whole_file(snakemake.output.table) as partial:
            partial.write_text(to_csv(table), encoding="utf-8")
