"""Put all responses of one data set into one table and one figure."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.report.figures.responses import plot_responses
from mixedmodel.report.responses import responses
from mixedmodel.report.saving import saved_figure
from mixedmodel.report.style import FACTS_INCHES
from mixedmodel.report.tables import to_csv
from mixedmodel.store.files import read_json, whole_file

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        files, output = snakemake.input, snakemake.output
        table = responses(read_json(files.listing), [read_json(path) for path in files.summaries])
        with whole_file(output.table) as partial:
            partial.write_text(to_csv(table), encoding="utf-8")
        with saved_figure(output.png, output.svg, inches=FACTS_INCHES) as figure:
            plot_responses(table, figure)
