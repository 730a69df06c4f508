"""Equations as pictures: LaTeX set by ziamath, drawn by matplotlib, measured in points.

Programs that don't know PowerPoint's own equations show them in their place, and their measures
are those that slides are laid out by.

Drawing takes longer than all the rest of a deck and depends on no data: pictures that are
finished already are taken over.
"""

import base64
import re
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from xml.etree import ElementTree

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from mixedmodel.report import omml
from mixedmodel.report.saving import render
from mixedmodel.report.story.equations import Equation, Regime, named
from mixedmodel.report.style import GAP, INK, drawing

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # ziamath 0.13 opens its font the old way
    from ziamath.config import config
    from ziamath.tex import tex2mml
    from ziamath.zmath import Math

SIZE = 20.0  # points, of all equations of the deck
POINTS_PER_INCH = 72
PNG_DPI = 300  # subscripts stay crisp on a projector of twice full HD
MARGIN = 1.0  # points around the outlines, so that antialiasing is not cut off

_CODES = {
    "M": [int(Path.MOVETO)],
    "L": [int(Path.LINETO)],
    "Q": [int(Path.CURVE3)] * 2,
    "Z": [int(Path.CLOSEPOLY)],
}

config.svg2 = False  # whole paths in place of <use>: what office programs can draw


@dataclass(frozen=True)
class EquationPicture:
    """A drawn equation: its picture and its measures in inches.

    ``anchor`` is the width up to the ``&``, None where there is none to align at. ``omml`` is the
    equation as PowerPoint's own, empty where there is none of it.
    """

    name: str
    latex: str
    words: str
    png: bytes
    width: float
    height: float
    anchor: float | None
    omml: str = ""


class Pictures:
    """The pictures of equations by name, drawn when they are asked for unless they are there."""

    def __init__(
        self,
        equations: Mapping[str, Equation],
        content: Mapping[str, Mapping[str, Any]] | None = None,
        native: Mapping[str, str] | None = None,
    ) -> None:
        """Take over what ``content`` of another one returned, of equations that are the same.

        ``native`` has equations in OMML by their LaTeX.
        """
        self._equations, self._native = equations, native or {}
        pictures = {name: _restored(fields) for name, fields in (content or {}).items()}
        self._finished = {name: each for name, each in pictures.items() if self._is(each)}

    def __getitem__(self, name: str) -> EquationPicture:
        if name not in self._finished:
            self._finished[name] = draw(name, self._equations[name])
        drawn = self._finished[name]
        return replace(drawn, omml=self._native.get(drawn.latex, ""))

    def of(self, name: str, regime: Regime) -> EquationPicture:
        """Return the picture of an equation in a regime, where it is another one."""
        special = named(name, regime)
        return self[special if special in self._equations else name]

    def _is(self, picture: EquationPicture) -> bool:
        """Tell whether a picture is that of the equation of its name."""
        drawn = Equation(picture.latex, picture.words)
        return self._equations.get(picture.name) == drawn

    def take_over(self, other: "Pictures") -> None:
        """Take over what another one has drawn of the same equations."""
        self._finished |= {name: each for name, each in other._finished.items() if self._is(each)}

    def content(self) -> dict[str, dict[str, Any]]:
        """Draw every equation; the content of a JSON file, which has no OMML."""
        drawn = {name: asdict(self[name]) for name in self._equations}
        return {
            name: fields | {"png": base64.b64encode(fields["png"]).decode(), "omml": ""}
            for name, fields in drawn.items()
        }


def _restored(fields: Mapping[str, Any]) -> EquationPicture:
    return EquationPicture(**{**fields, "png": base64.b64decode(fields["png"])})


def draw(name: str, equation: Equation) -> EquationPicture:
    """Draw an equation; whatever ziamath refuses it with is passed on."""
    left, aligned, _ = equation.latex.partition("&")
    root = ElementTree.fromstring(str(set_latex(equation.latex.replace("&", "")).svg()))
    x, y, width, height = (float(number) for number in root.attrib["viewBox"].split())
    box = (x - MARGIN, y - MARGIN, width + 2 * MARGIN, height + 2 * MARGIN)
    shapes = _outlines(root)
    return EquationPicture(
        name=name,
        latex=equation.latex,
        words=equation.words,
        png=_png(shapes, box),
        width=box[2] / POINTS_PER_INCH,
        height=box[3] / POINTS_PER_INCH,
        anchor=_width(left) / POINTS_PER_INCH if aligned else None,
    )


def unknown_commands(latex: str) -> list[str]:
    """Return the commands in LaTeX that can't be set: ziamath writes them out as they stand."""
    try:
        texts = set_latex(latex.replace("&", "")).mathml.itertext()
    except Exception:  # whatever it raises: it can't be set for another reason
        return []
    return [text for text in texts if text.startswith("\\")]


def _width(latex: str) -> float:
    return float(set_latex(latex).getsize()[0]) if latex.strip() else 0.0


def set_latex(latex: str) -> Math:
    """Set LaTeX in the type and the colours of equations.

    ziamath sets what is in a row twice, so that the row around all of it is taken off.
    """
    coloured = latex.replace(omml.GAP, rf"\textcolor{{{GAP}}}")
    root = ElementTree.fromstring(tex2mml(coloured))
    root.set("mathcolor", INK)
    [row] = root
    root[:] = list(row)
    return Math(root, size=SIZE)


def _outlines(root: ElementTree.Element) -> dict[str, list[str]]:
    """Collect the path data of all glyphs and rules by their colour, rules turned into paths."""
    found: dict[str, list[str]] = {}
    for element in root.iter():
        tag = element.tag.rpartition("}")[2]
        colour = element.attrib.get("fill", INK)
        if tag == "path":
            found.setdefault(colour, []).append(element.attrib["d"].strip())
        elif tag == "rect":
            x, y, w, h = (float(element.attrib[key]) for key in ("x", "y", "width", "height"))
            path = f"M {x} {y} L {x + w} {y} L {x + w} {y + h} L {x} {y + h} Z"
            found.setdefault(colour, []).append(path)
    return found


def _path(data: str) -> Path:
    """Read SVG path data (absolute M, L, Q, Z) as a matplotlib path."""
    points: list[tuple[float, float]] = []
    codes: list[int] = []
    for command, numbers in re.findall(r"([MLQZ])([^MLQZ]*)", data):
        values = [float(number) for number in numbers.replace(",", " ").split()]
        points += zip(values[::2], values[1::2], strict=True)
        codes += _CODES[command]
        if command == "Z":
            points.append(points[-1])
    return Path(np.array(points), codes)


@drawing()
def _png(outlines: Mapping[str, list[str]], box: tuple[float, float, float, float]) -> bytes:
    x, y, width, height = box
    figure = Figure((width / POINTS_PER_INCH, height / POINTS_PER_INCH), PNG_DPI, facecolor="none")
    scale = PNG_DPI / POINTS_PER_INCH
    upright = Affine2D().translate(-x, -y - height).scale(scale, -scale)
    for colour, paths in outlines.items():
        whole = Path.make_compound_path(*map(_path, paths))
        figure.add_artist(PathPatch(whole, facecolor=colour, linewidth=0, transform=upright))
    return render(figure, "png")
