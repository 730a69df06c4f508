"""Draw how well rows left out are predicted, and whether their intervals are right."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.report.figures.cross_validation import plot_cross_validation
from mixedmodel.report.saving import saved_figure
from mixedmodel.store.schemas import CROSS_VALIDATION, read_frame

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        out = snakemake.output
        found = read_frame(snakemake.input.predictions, CROSS_VALIDATION)
        files = (out.cross_validation_png, out.cross_validation_svg)
        with saved_figure("cross_validation", *files) as figure:
            plot_cross_validation(found, figure)
