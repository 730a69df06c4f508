"""Draw in surroundings of their own: ``python drawn_elsewhere.py [everything]`` prints digests."""

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from mixedmodel.report.figures.data import plot_data_overview
from mixedmodel.report.saving import saved_figure
from report import deck_cases
from report.test_figures import FIGURES
from report.told import telling
from studies import study_of

FEW = ("variances", "em_climb", "profile")  # bold, superscripts, formulas
STRANGE = "Ertrag ½ ⇒ ⁵ 収量 \N{GRINNING FACE}"  # signs of both fonts, and of none


def drawings(folder: Path, names: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Give the files of figures of one study by their names."""
    study = study_of("truth")
    files = [folder / "figure.png", folder / "figure.svg"]
    for name in names:
        with saved_figure(name, *files) as figure:
            FIGURES[name](study, figure)
        yield from ((name + file.suffix, file.read_bytes()) for file in files)
    with saved_figure("data_overview", *files) as figure:
        table = replace(study.table_summary, response=STRANGE)
        plot_data_overview(study.response, study.fixed.to_numpy(), study.col_norms2, table, figure)
    yield from ((f"strange{file.suffix}", file.read_bytes()) for file in files)


def whole_report(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Give all figures, an equation and a deck."""
    yield from drawings(folder, tuple(FIGURES))
    equation = telling().pictures["marginal"]
    yield "equation.png", equation.png
    yield "deck.pptx", deck_cases.deck_of("long_names")


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        found = whole_report(Path(place)) if sys.argv[1:] else drawings(Path(place), FEW)
        print(json.dumps({name: hashlib.sha256(data).hexdigest() for name, data in found}))
