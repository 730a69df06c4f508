"""Build the PowerPoint deck of one data set from its finished results."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from mixedmodel.job import running
from mixedmodel.model.results import Summary, ValidationSummary
from mixedmodel.report.slides.deck import Settings
from mixedmodel.report.slides.place import Picture
from mixedmodel.report.story.build import Material, build_deck
from mixedmodel.report.story.telling import read_telling
from mixedmodel.store.files import read_json, whole_file
from mixedmodel.store.results import read_result
from mixedmodel.store.schemas import PREDICTIONS, PROFILE, read_frame

if TYPE_CHECKING:
    from snakemake.script import snakemake


def read_figures(pngs: Iterable[str], svgs: Iterable[str]) -> dict[str, Picture]:
    """Read the figures with their vector twins, by file stem."""
    vectors = {Path(path).stem: Path(path).read_bytes() for path in svgs}
    return {
        Path(path).stem: Picture(Path(path).read_bytes(), vectors[Path(path).stem]) for path in pngs
    }


def read_validation(paths: Sequence[str]) -> ValidationSummary | None:
    """Read the summary of cross-validation, if there is any."""
    found = read_result(paths[0], ValidationSummary) if paths else None
    return found if found and found.left_out is None else None


if __name__ == "__main__":
    with running(snakemake.log[0]):
        files, params = snakemake.input, snakemake.params
        material = Material(
            summary=read_result(files.summary, Summary),
            figures=read_figures(files.figures_png, files.figures_svg),
            predictions=read_frame(files.predictions, PREDICTIONS),
            em_trace=pd.read_parquet(files.em_trace),
            mfvi_trace=pd.read_parquet(files.mfvi_trace),
            profile=read_frame(files.profile, PROFILE),
            cross_validation=read_validation(files.cross_validation),
        )
        settings = Settings(
            params.dataset, params.title, params.author, params.template, params.length == "short"
        )
        telling = read_telling(params.story, params.language, read_json(files.equations))
        with whole_file(snakemake.output.deck) as partial:
            partial.write_bytes(build_deck(material, settings, telling))
