"""Write the scores of cross-validation as a CSV file."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.results import ValidationSummary
from mixedmodel.report.tables import cross_validation, to_csv
from mixedmodel.store.files import whole_file
from mixedmodel.store.results import read_result

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        table = cross_validation(read_result(snakemake.input.summary, ValidationSummary))
        with whole_file(snakemake.output.table) as partial:
            partial.write_text(to_csv(table), encoding="utf-8")
