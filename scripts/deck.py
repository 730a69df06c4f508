"""Build the PowerPoint deck of one data set from its finished results."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from mixedmodel.job import running
from mixedmodel.report.equation_pictures import keep_pictures
from mixedmodel.report.slides.build import build_deck
from mixedmodel.report.slides.deck import Settings
from mixedmodel.report.slides.material import Material
from mixedmodel.report.slides.place import Picture
from mixedmodel.report.slides.sentences import view
from mixedmodel.store.files import read_json, whole_file

if TYPE_CHECKING:
    from snakemake.script import snakemake


def read_figures(pngs: Iterable[str], svgs: Iterable[str]) -> dict[str, Picture]:
    """Read the figures with their vector twins, by file stem."""
    vectors = {Path(path).stem: Path(path).read_bytes() for path in svgs}
    return {
        Path(path).stem: Picture(Path(path).read_bytes(), vectors[Path(path).stem]) for path in pngs
    }


def read_tables(paths: Iterable[str]) -> dict[str, list[dict[str, str]]]:
    """Read the rows of CSV tables as text, by file stem."""
    tables = {}
    for path in paths:
        with open(path, encoding="utf-8", newline="") as file:
            tables[Path(path).stem] = list(csv.DictReader(file))
    return tables


def read_validation(paths: Sequence[str]) -> Any | None:
    """Read the summary of cross-validation, as the slides see it, if there is any."""
    found = view(read_json(paths[0])) if paths else None
    return found if found and found.left_out is None else None


if __name__ == "__main__":
    with running(snakemake.log[0]):
        files, params = snakemake.input, snakemake.params
        keep_pictures(read_json(files.equations))
        material = Material(
            summary=view(read_json(files.summary)),
            figures=read_figures(files.figures_png, files.figures_svg),
            tables=read_tables(files.tables),
            em_trace=pd.read_parquet(files.em_trace),
            mfvi_trace=pd.read_parquet(files.mfvi_trace),
            cross_validation=read_validation(files.cross_validation),
        )
        settings = Settings(params.dataset, params.title, params.author, params.template)
        with whole_file(snakemake.output.deck) as partial:
            partial.write_bytes(build_deck(material, settings))
