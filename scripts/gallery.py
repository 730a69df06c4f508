"""Render slides of a deck for the README: ``python scripts/gallery.py DECK FOLDER``.

LibreOffice and Poppler have to be there.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from pptx import Presentation

SLIDES = ("answer", "profile", "algorithms", "coverage")
DPI = 72


def render(deck: Path, target: Path) -> None:
    """Write a picture of each of the slides into a folder."""
    names = [slide.name for slide in Presentation(str(deck)).slides]
    target.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        office = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
        convert = [*office, "--convert-to", "pdf", "--outdir", folder, str(deck)]
        subprocess.run(convert, check=True, stdout=subprocess.DEVNULL)
        pages = Path(folder, deck.stem).with_suffix(".pdf")
        for key in SLIDES:
            page = str(names.index(key) + 1)
            picture = ["pdftoppm", "-r", str(DPI), "-png", "-singlefile", "-f", page, "-l", page]
            subprocess.run([*picture, str(pages), str(target / key)], check=True)


if __name__ == "__main__":
    render(*map(Path, sys.argv[1:]))
