"""The decks as LibreOffice draws them: pages, equation pictures, words in their boxes."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import partial
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from report import deck_cases, overview_cases
from report.deck_checks import Opened, shapes_of
from runs import need

DECKS = {
    **{
        name: partial(deck_cases.deck_of, name)
        for name in ("boundary", "extreme_scale", "long_names", "not_certified", "restricted")
    },
    **{
        f"overview_{name}": partial(overview_cases.deck_of, name)
        for name in ("all_uncertified", "hundreds", "long_names")
    },
}
TOOLS = {
    "soffice": "LibreOffice",
    "pdftoppm": "Debian's package poppler-utils",
    "pdftotext": "Debian's package poppler-utils",
}
AS_WIDE_AS_ARIAL = ("Arial", "Arimo", "Liberation Sans")
DPI = 50
POINT = 12700  # English Metric Units
SLACK = 3.0  # points that a word may stand out of its box: bearings and hinting
LEADING = 0.2  # of a word's height as poppler tells it, above and below the letters
DARK = 160  # of 255, the brightness below which a pixel is ink

pytestmark = pytest.mark.xdist_group("decks")


@dataclass(frozen=True)
class Word:
    """A word on a page with its box in points."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Pages:
    """A deck with its rendered pages: words and pictures, one entry a page."""

    deck: Opened
    words: list[list[Word]]
    pictures: list[Path]


@pytest.fixture(scope="module")
def pdfs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Convert all decks in one run of LibreOffice with a profile of its own."""
    for tool, what in TOOLS.items():
        need(shutil.which(tool) is not None, what)
    need(substitute_of_arial() in AS_WIDE_AS_ARIAL, "Arial, or letters as wide: fonts-liberation")
    folder = tmp_path_factory.mktemp("decks")
    for name, deck_of in DECKS.items():
        (folder / f"{name}.pptx").write_bytes(deck_of())
    profile = f"-env:UserInstallation=file://{folder}/profile"
    files = [str(folder / f"{name}.pptx") for name in DECKS]
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run([*command, *files], check=True, capture_output=True, timeout=600)
    return folder


def substitute_of_arial() -> str:
    """Family in which programs that ask fontconfig for Arial set it."""
    if shutil.which("fc-match") is None:
        return "unknown"
    command = ["fc-match", "--format=%{family[0]}", "Arial"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(params=DECKS)
def pages(request: pytest.FixtureRequest, pdfs: Path) -> Pages:
    """Give the rendered pages of every case in turn."""
    name = request.param
    stem = pdfs / f"{name}-page"
    if not list(pdfs.glob(f"{stem.name}*.png")):
        picture = ["pdftoppm", "-r", str(DPI), "-gray", "-png", str(pdfs / f"{name}.pdf")]
        subprocess.run([*picture, str(stem)], check=True)
    box = ["pdftotext", "-bbox", str(pdfs / f"{name}.pdf"), "-"]
    text = subprocess.run(box, check=True, capture_output=True, text=True).stdout
    return Pages(
        Opened(DECKS[name]()),
        [words_of(page) for page in text.split("<page ")[1:]],
        sorted(pdfs.glob(f"{stem.name}*.png")),
    )


def words_of(page: str) -> list[Word]:
    pattern = r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>'
    found = []
    for *sides, text in re.findall(pattern, page):
        left, top, right, bottom = map(float, sides)
        rim = LEADING * (bottom - top)
        found.append(Word(unescape(text), left, top + rim, right, bottom - rim))
    return found


def box_of(shape) -> tuple[float, float, float, float]:
    """Sides of a shape in points, each a little further out: left, top, right, bottom."""
    left, top = shape.left / POINT, shape.top / POINT
    right, bottom = left + shape.width / POINT, top + shape.height / POINT
    return left - SLACK, top - SLACK, right + SLACK, bottom + SLACK


def holds(box: tuple[float, float, float, float], word: Word) -> bool:
    left, top, right, bottom = box
    return left <= word.left and word.right <= right and top <= word.top and word.bottom <= bottom


def plain_words(shape) -> set[str]:
    return set(re.findall(r"(?<!\S)[A-Za-z]{4,}(?=[.,;:]?(?:\s|$))", shape.text_frame.text))


def test_there_are_as_many_pages_as_slides(pages: Pages) -> None:
    assert len(pages.pictures) == len(pages.words) == len(pages.deck.slides)


def test_no_equation_is_blank(pages: Pages) -> None:
    blank = []
    for number, (slide, path) in enumerate(zip(pages.deck.slides, pages.pictures, strict=True), 1):
        with Image.open(path) as image:
            page = np.asarray(image)
        for shape in shapes_of(slide):
            if shape.name.startswith("Equation"):
                sides = (shape.top, shape.top + shape.height, shape.left, shape.left + shape.width)
                top, bottom, left, right = (round(side / 914400 * DPI) for side in sides)
                if page[top:bottom, left:right].min() > DARK:
                    blank.append(f"slide {number}: {shape.name}")
    assert blank == []


def test_every_word_is_inside_a_shape(pages: Pages) -> None:
    stray = []
    for number, (slide, words) in enumerate(zip(pages.deck.slides, pages.words, strict=True), 1):
        boxes = [box_of(shape) for shape in shapes_of(slide)]
        stray += [
            f"slide {number}: {word.text}"
            for word in words
            if not any(holds(box, word) for box in boxes)
        ]
    assert stray == []


def test_every_shape_holds_its_own_words(pages: Pages) -> None:
    lost = []
    for number, (slide, words) in enumerate(zip(pages.deck.slides, pages.words, strict=True), 1):
        for shape in shapes_of(slide):
            if shape.has_text_frame and not shape.name.startswith("Equation"):
                box = box_of(shape)
                inside = {word.text.strip(".,;:") for word in words if holds(box, word)}
                lost += [f"slide {number}: {w}" for w in plain_words(shape) - inside]
    assert lost == []
