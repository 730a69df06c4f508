"""Write the scores of cross-validation as a CSV file, and as HTML to be read."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.results import ValidationSummary
from mixedmodel.report.pages import in_both_forms
from mixedmodel.report.tables import cross_validation
from mixedmodel.store.files import whole_file
from mixedmodel.store.results import read_result

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        table = cross_validation(read_result(snakemake.input.summary, ValidationSummary))
        for form, text in in_both_forms(table, "cross_validation").items():
            with whole_file(snakemake.output[f"cross_validation_{form}"]) as partial:
                partial.write_text(text, encoding="utf-8")
