"""Build the PowerPoint deck over all responses of one data set."""

from pathlib import Path
from typing import TYPE_CHECKING

from mixedmodel.job import running
from mixedmodel.model.overview import Overview
from mixedmodel.report.slides.deck import Settings
from mixedmodel.report.slides.place import Picture
from mixedmodel.report.story.build import build_overview
from mixedmodel.report.story.telling import read_telling
from mixedmodel.store.files import whole_file
from mixedmodel.store.results import read_result

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        files, params = snakemake.input, snakemake.params
        overview = read_result(files.overview, Overview)
        picture = Picture(Path(files.png).read_bytes(), Path(files.svg).read_bytes())
        settings = Settings(
            params.dataset, params.title, params.author, params.template, params.length == "short"
        )
        telling = read_telling(params.story, params.language)
        deck = build_overview(overview, picture, settings, telling, likelihood=params.likelihood)
        with whole_file(snakemake.output.deck) as partial:
            partial.write_bytes(deck)
