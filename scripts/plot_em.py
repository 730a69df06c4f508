"""Draw how EM climbs under each scheme and where each of them stops."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.results import Summary
from mixedmodel.report.figures.em import plot_em_climb
from mixedmodel.report.saving import saved_figure
from mixedmodel.store.results import read_result
from mixedmodel.store.schemas import TRACE_EM, read_frame

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        out = snakemake.output
        trace = read_frame(snakemake.input.trace, TRACE_EM)
        fit = read_result(snakemake.input.summary, Summary).em
        with saved_figure("em_climb", out.em_climb_png, out.em_climb_svg) as figure:
            plot_em_climb(trace, fit.certificate, figure, likelihood=fit.likelihood)
