"""Draw what both methods predict for the rows whose response is missing."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.report.figures.predictions import plot_predictions
from mixedmodel.report.saving import saved_figure
from mixedmodel.store.schemas import PREDICTIONS, read_frame

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        out = snakemake.output
        found = read_frame(snakemake.input.predictions, PREDICTIONS)
        with saved_figure("predictions", out.predictions_png, out.predictions_svg) as figure:
            plot_predictions(found, figure)
