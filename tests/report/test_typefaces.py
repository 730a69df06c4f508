"""The letters of the figures: the project's own files, whole, licensed, and the ones drawn with."""

import hashlib
import os
from pathlib import Path

import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont

from mixedmodel.report import style, typefaces
from mixedmodel.report.saving import render

FONTS = Path(typefaces.__file__).with_name("fonts")
PUBLISHED = {  # Liberation 2.1.5
    "Bold": "ba0e0dc3f7aca5b0afbc31e800531ee43be3aa79ae35b2ef1f6470a9547765c4",
    "Italic": "01f559e5c501d3d5777647c6a92b3ff37a4523bcf4f3b6e97ae052af567618b1",
    "Regular": "8d91388f1d3604b3b8ae0e3ee2d140e50cd6122f9214514f4aca772540a4076d",
}


def test_the_files_are_as_they_were_published_and_their_licence_is_beside_them() -> None:
    files = {file.name: file.read_bytes() for file in FONTS.iterdir()}
    assert "SIL OPEN FONT LICENSE Version 1.1" in files.pop("LICENSE").decode("utf-8")
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert digests == {f"LiberationSans-{face}.ttf": one for face, one in PUBLISHED.items()}


@pytest.mark.parametrize(
    ("shape", "file"),
    [
        ({}, "LiberationSans-Regular.ttf"),
        ({"weight": "bold"}, "LiberationSans-Bold.ttf"),
        ({"style": "italic"}, "LiberationSans-Italic.ttf"),
    ],
)
def test_text_is_drawn_with_the_files_of_the_project(shape: dict[str, str], file: str) -> None:
    with style.drawing():
        assert Path(findfont(FontProperties(**shape))) == FONTS / file


def test_they_are_listed_once_and_the_environment_is_left_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(typefaces.ONLY_OWN_FOLDER, "1")
    with style.drawing():
        known = list(font_manager.fontManager.ttflist)
        assert typefaces.ONLY_OWN_FOLDER not in os.environ
    with style.drawing():
        assert font_manager.fontManager.ttflist == known
    assert os.environ[typefaces.ONLY_OWN_FOLDER] == "1"


def test_a_sign_that_no_font_has_is_drawn_as_a_box_without_a_warning() -> None:
    with style.drawing():
        figure = Figure()
        figure.text(0.5, 0.5, "\N{GRINNING FACE}")
        figure.text(0.5, 0.2, "$\\mathrm{⁵}$ half ½", parse_math=True)
        assert render(figure, "svg").count(b"<path") > 2
