"""Equations in Office MathML (OMML), which PowerPoint shows and edits as its own.

They are converted from LaTeX by pandoc, a tool of who writes equations, mended, and kept beside
the LaTeX; a deck gives them type and colour where it places them.
"""

import re
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
TYPEFACE = "Cambria Math"
GAP = r"\textcolor{gap}"  # of LaTeX: {the term} that becomes the penalty
COLOURED = re.compile(re.escape(GAP) + r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}")
BEGIN, END = "\N{BLACK LEFT-POINTING SMALL TRIANGLE}", "\N{BLACK RIGHT-POINTING SMALL TRIANGLE}"
COLOUR = "colour"  # an attribute of runs, until the deck gives them their colour
NOTHING = "\N{ZERO WIDTH SPACE}"  # what pandoc writes for a limit that isn't there
NO_SPACE = ("(", "[", "|")  # between the name of a function and these
_M, _A = f"{{{MATH}}}", f"{{{DRAWING}}}"
_OBJECTS = ("acc", "d", "f", "func", "limLow", "nary", "sSub", "sSubSup", "sSup")


def native_file(equations: Iterable[str]) -> bytes:
    """Convert LaTeX by pandoc, which has to be there; return the content of the file to keep."""
    latex = sorted(set(equations))
    root = etree.Element("equations", nsmap={"m": MATH})
    root.text = "\n"
    for source, math in zip(latex, _by_pandoc(latex), strict=True):
        each = etree.SubElement(root, "equation", latex=source)
        each.append(_mended(math))
        each.tail = "\n"
    etree.cleanup_namespaces(root, top_nsmap={"m": MATH})
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True)) + b"\n"


def read_native(file: Path | BinaryIO) -> dict[str, str]:
    """Read what ``native_file`` wrote: OMML by its LaTeX."""
    return {
        str(each.get("latex")): etree.tostring(each[0], encoding="unicode", with_tail=False)
        for each in etree.parse(file).getroot()
    }


def dressed(omml: str, size: float, colours: Mapping[str, str]) -> Any:
    """Return the element ``m:oMath`` in type of ``size`` points; scheme colours by their names.

    ``colours`` has that of the ink as ``""`` and those of coloured terms.
    """
    math: Any = etree.fromstring(omml)
    for run in list(math.iter(f"{_M}r")):
        look = _look(size, colours[run.attrib.pop(COLOUR, "")], italic=_is_italic(run))
        run.find(f"{_M}t").addprevious(look)
    for each in (each for kind in _OBJECTS for each in math.iter(f"{_M}{kind}")):
        look = _properties(each)
        control = etree.SubElement(look, f"{_M}ctrlPr")
        control.append(_look(size, colours[each.attrib.pop(COLOUR, "")], italic=True))
    return math


def _by_pandoc(latex: Iterable[str]) -> list[Any]:
    import pypandoc  # what the tests require has it

    marked = "\n\n".join(f"$${_marked(source)}$$" for source in latex)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "equations.docx")
        pypandoc.convert_text(marked, "docx", format="markdown", outputfile=str(file))
        with zipfile.ZipFile(file) as document:
            root = etree.fromstring(document.read("word/document.xml"))
    return list(root.iter(f"{_M}oMath"))


def _marked(latex: str) -> str:
    """Put marks around coloured terms, for which pandoc has no command."""
    marks = r"{\\blacktriangleleft}\1{\\blacktriangleright}"
    return COLOURED.sub(marks, latex.replace("&", ""))


def _mended(math: Any) -> Any:
    """Return an equation of pandoc's without what PowerPoint refuses or shows badly."""
    for look in list(math.iter(f"{_M}rPr")):
        if look.find(f"{_M}nor") is not None:  # a normal text has no style of mathematics
            look.remove(look.find(f"{_M}sty"))
    for text in list(math.iter(f"{_M}t")):
        if text.text == NOTHING:
            run = text.getparent()
            run.getparent().remove(run)
    for total in math.iter(f"{_M}nary"):
        if any(each.tag in (f"{_M}num", f"{_M}den") for each in total.iterancestors()):
            total.find(f"{_M}naryPr/{_M}limLoc").set(f"{_M}val", "subSup")
    for parent in list(math.iter()):
        _colour(parent)
        _name_functions(parent)
        _join_runs(parent)
    return math


def _colour(parent: Any) -> None:
    """Mark what stands between the marks as coloured, and take these out."""
    inside = False
    for child in list(parent):
        text = _text(child)
        if text in (BEGIN, END):
            inside = text == BEGIN
            parent.remove(child)
        elif inside:
            for each in child.iter(f"{_M}r", *(f"{_M}{kind}" for kind in _OBJECTS)):
                each.set(COLOUR, "gap")


def _name_functions(parent: Any) -> None:
    """Make functions of names such as log and of what follows them."""
    for child in reversed(list(parent)):
        following = child.getnext()
        low = child.tag == f"{_M}limLow"
        name = _text(child[0][0] if low else child)
        if not (len(name) > 1 and name.isalpha() and name.isascii()) or following is None:
            continue
        if _is_text(child) or following.tag == f"{_M}d" or _text(following).startswith(NO_SPACE):
            continue
        function = etree.Element(f"{_M}func")
        if child.get(COLOUR):
            function.set(COLOUR, child.get(COLOUR))
        child.addprevious(function)
        etree.SubElement(function, f"{_M}fName").append(child)
        etree.SubElement(function, f"{_M}e").append(following)


def _join_runs(parent: Any) -> None:
    """Join runs of one look that follow each other."""
    for child in list(parent):
        before = child.getprevious()
        if before is not None and before.tag == child.tag == f"{_M}r" and _same(before, child):
            before.find(f"{_M}t").text += _text(child)
            parent.remove(child)


def _same(one: Any, other: Any) -> bool:
    looks = [
        (each.get(COLOUR), [(p.tag, p.attrib.items()) for p in each.iterfind(f"{_M}rPr/*")])
        for each in (one, other)
    ]
    return looks[0] == looks[1]


def _text(run: Any) -> str:
    """Return the text of a run, none of another element."""
    return run.findtext(f"{_M}t") or "" if run.tag == f"{_M}r" else ""


def _is_text(run: Any) -> bool:
    return run.find(f"{_M}rPr/{_M}nor") is not None


def _is_italic(run: Any) -> bool:
    return run.find(f"{_M}rPr") is None


def _properties(element: Any) -> Any:
    """Return the element with the properties of a mathematical object, made if it isn't there."""
    tag = f"{element.tag}Pr"
    found = element.find(tag)
    if found is None:
        found = etree.Element(tag)
        element.insert(0, found)
    return found


def _look(size: float, colour: str, *, italic: bool) -> Any:
    """Return the properties of a run of text in the typeface of mathematics."""
    look = etree.Element(f"{_A}rPr", lang="en-GB", sz=f"{100 * size:.0f}", i=str(int(italic)))
    fill = etree.SubElement(look, f"{_A}solidFill")
    etree.SubElement(fill, f"{_A}schemeClr", val=colour)
    etree.SubElement(look, f"{_A}latin", typeface=TYPEFACE)
    return look
