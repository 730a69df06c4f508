"""Draw the log-likelihood, the ELBO and the gap along the sweeps of mean field."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.results import Summary
from mixedmodel.report.figures.mfvi import plot_mfvi_gap
from mixedmodel.report.saving import saved_figure
from mixedmodel.store.results import read_result
from mixedmodel.store.schemas import TRACE_MFVI, read_frame

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        out = snakemake.output
        trace = read_frame(snakemake.input.trace, TRACE_MFVI)
        fit = read_result(snakemake.input.summary, Summary).mfvi
        with saved_figure("mfvi_gap", out.mfvi_gap_png, out.mfvi_gap_svg) as figure:
            plot_mfvi_gap(trace, fit, figure, likelihood=fit.likelihood)
