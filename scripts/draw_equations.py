"""Draw the equations of all decks."""

from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.report.equation_pictures import draw_all
from mixedmodel.store.files import write_json

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        write_json(snakemake.output.pictures, draw_all())
