"""Draw the data before any fit: what was read, and the spectrum of K."""

from typing import TYPE_CHECKING

import numpy as np

from mixedmodel.job import running
from mixedmodel.report.figures.data import plot_data_overview, plot_spectrum
from mixedmodel.report.saving import saved_figure
from mixedmodel.store.decomposition import count_probes
from mixedmodel.store.prepared import read_summary
from mixedmodel.store.schemas import SPECTRUM, read_frame
from mixedmodel.store.table import read_fixed

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        files, out, response = snakemake.input, snakemake.output, snakemake.params.response
        fixed = read_fixed(files.fixed, response)
        table = read_summary(files.table_summary, response)
        col_norms2 = np.load(files.decomposition)["col_norms2"]
        with saved_figure("data_overview", out.data_overview_png, out.data_overview_svg) as figure:
            plot_data_overview(fixed.y, fixed.Z, col_norms2, table, figure)
        eigvals = read_frame(files.spectrum, SPECTRUM)["eigenvalue"].to_numpy()
        probes = count_probes(files.decomposition)
        with saved_figure("spectrum", out.spectrum_png, out.spectrum_svg) as figure:
            plot_spectrum(eigvals, figure, probes=probes)
