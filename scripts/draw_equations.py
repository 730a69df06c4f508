"""Draw the equations of all decks."""

from pathlib import Path
from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.report.equation_pictures import Pictures
from mixedmodel.report.story.source import read_equations
from mixedmodel.store.files import write_json

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        equations = read_equations(map(Path, snakemake.input.equations))
        write_json(snakemake.output.pictures, Pictures(equations).content())
