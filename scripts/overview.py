"""Put all responses of one data set into one table and one figure."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.listing import Responses
from mixedmodel.model.overview import gather
from mixedmodel.model.results import Summary
from mixedmodel.report.figures.responses import plot_responses
from mixedmodel.report.pages import in_both_forms
from mixedmodel.report.saving import saved_figure
from mixedmodel.report.tables import responses
from mixedmodel.store.files import whole_file
from mixedmodel.store.results import read_result, write_result

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        files, out = snakemake.input, snakemake.output
        summaries = [read_result(path, Summary) for path in files.summaries]
        found = gather(read_result(files.listing, Responses), summaries)
        write_result(out.overview, found)
        for form, text in in_both_forms(responses(found), "responses").items():
            with whole_file(out[f"responses_{form}"]) as partial:
                partial.write_text(text, encoding="utf-8")
        with saved_figure("responses", out.responses_png, out.responses_svg) as figure:
            plot_responses(found, figure)
