"""The decks are valid Office files, their equations included, by a validator of others."""

import io
import zipfile
from pathlib import Path

import pytest
from lxml import etree
from openxml_audit import FileFormat, OpenXmlValidator

from report import deck_cases, overview_cases
from report.deck_checks import NAMES

CASES = ("ordinary", "restricted", "many_fixed", "flat", "unbounded", "boundary", "no_fixed")


def without_looks(content: bytes) -> bytes:
    """Take DrawingML's properties out of the runs of equations.

    The schema of a run of mathematics is Word's and has WordprocessingML's in their place;
    PowerPoint writes DrawingML's there.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.startswith("ppt/slides/slide"):
                root = etree.fromstring(part)
                for look in root.xpath("//m:r/a:rPr | //m:ctrlPr/a:rPr", namespaces=NAMES):
                    look.getparent().remove(look)
                part = etree.tostring(root)
            new.writestr(name, part)
    return stream.getvalue()


def mistakes(content: bytes, path: Path) -> list[str]:
    path.write_bytes(without_looks(content))
    found = OpenXmlValidator(file_format=FileFormat.MICROSOFT_365).validate(path)
    return [f"{each.part_uri} {each.path}: {each.description}" for each in found.errors]


@pytest.mark.parametrize("name", CASES)
def test_a_deck_is_valid(name: str, tmp_path: Path) -> None:
    assert mistakes(deck_cases.deck_of(name), tmp_path / "deck.pptx") == []


@pytest.mark.parametrize("name", ["three"])
def test_an_overview_is_valid(name: str, tmp_path: Path) -> None:
    assert mistakes(overview_cases.deck_of(name), tmp_path / "deck.pptx") == []


def test_a_mistake_in_an_equation_is_found(tmp_path: Path) -> None:
    content = deck_cases.deck_of("ordinary")
    broken = content_with(content, b"<m:oMathParaPr>", b"<m:wrong/><m:oMathParaPr>")
    assert mistakes(broken, tmp_path / "deck.pptx") != []


def content_with(content: bytes, old: bytes, new: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(stream, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(old, new))
    return stream.getvalue()
