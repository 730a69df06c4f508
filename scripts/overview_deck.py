"""Build the PowerPoint deck over all responses of one data set."""

from pathlib import Path
from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.overview import Overview
from mixedmodel.report.slides.deck import Settings
from mixedmodel.report.slides.overview import build_overview
from mixedmodel.report.slides.place import Picture
from mixedmodel.store.files import whole_file
from mixedmodel.store.results import read_result

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        files, params = snakemake.input, snakemake.params
        overview = read_result(files.overview, Overview)
        picture = Picture(Path(files.png).read_bytes(), Path(files.svg).read_bytes())
        settings = Settings(params.dataset, params.title, params.author, params.template)
        with whole_file(snakemake.output.deck) as partial:
            deck = build_overview(overview, picture, settings, likelihood=params.likelihood)
            partial.write_bytes(deck)
