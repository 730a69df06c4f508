"""Put texts, pictures, equations and panels on a slide, each measured against its box."""

import io
from dataclasses import dataclass
from typing import Any

from lxml import etree
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches, Length, Pt

from mixedmodel.errors import UserError
from mixedmodel.report.equation_pictures import SIZE, EquationPicture
from mixedmodel.report.names import plain
from mixedmodel.report.omml import dressed
from mixedmodel.report.slides import canvas, native
from mixedmodel.report.slides.canvas import Box
from mixedmodel.report.slides.markup import SUBSCRIPT, Run, hold_together, parse
from mixedmodel.report.slides.metrics import fit_text
from mixedmodel.report.slides.paint import paint
from mixedmodel.report.slides.template import put
from mixedmodel.report.style import FACTS_INCHES, INK, RULE, TINT

PARAGRAPH_GAP = 9.0  # points between paragraphs
FACTS_GAP = 0.04  # inches between a figure and the facts under it
HAIRLINE = 0.01  # inches
SLACK = 0.02  # inches of rounding allowed when a box is checked
ANCHOR = {"top": MSO_ANCHOR.TOP, "middle": MSO_ANCHOR.MIDDLE, "bottom": MSO_ANCHOR.BOTTOM}
_SVG_TYPE = "image/svg+xml"
_SVG_EXTENSION = "{96DAC541-7B7A-43D3-8B79-37D633B846F1}"
_SVG_NAMESPACE = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"
SCHEME_COLOURS = {"": "tx1", "gap": "accent3"}  # of equations: ink, and what becomes the penalty
_BASELINE = {SUBSCRIPT: "-25000", "super": "30000"}


class NoRoom(UserError):
    """What is to be placed is larger than its place; the message says what and by how much."""


@dataclass(frozen=True)
class Picture:
    """A finished picture with its vector twin."""

    png: bytes
    svg: bytes


def _sides(box: Box) -> tuple[Length, Length, Length, Length]:
    return Inches(box.left), Inches(box.top), Inches(box.width), Inches(box.height)


@dataclass(frozen=True)
class Look:
    """How paragraphs look: type and space between them (points), colour, where they stand."""

    size: float = canvas.BODY_SIZE
    colour: str = INK
    bold: bool = False
    anchor: str = "top"
    gap: float = PARAGRAPH_GAP


@dataclass(frozen=True)
class Label:
    """What a shape is called, and its words for who can't see it."""

    name: str
    words: str


USUAL = Look()


def add_text(
    slide: Any, box: Box, paragraphs: list[str], look: Look = USUAL, *, whole: bool = False
) -> Any:
    """Add marked-up paragraphs, in smaller type where the box does not hold them, as a shape.

    What the least type is too large for is cut, or, where it must be ``whole``, raises NoRoom.
    """
    paragraphs = [hold_together(text) for text in paragraphs]
    room = box.above(box.height + SLACK)
    fitted, size = fit_text(paragraphs, look.size, room, gap=look.gap, bold=look.bold)
    if whole and fitted != paragraphs:
        raise NoRoom(f"the text is too long for its place, from {fitted[-1][-20:]!r} on")
    shape = slide.shapes.add_textbox(*_sides(box))
    shape.name = f"Text {shape.shape_id}"
    frame = shape.text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor = ANCHOR[look.anchor]
    for number, text in enumerate(fitted):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.LEFT
        paragraph.space_before = Pt(look.gap if number else 0)
        write_runs(paragraph, text, size=size, colour=look.colour, bold=look.bold)
    return shape


def write_runs(paragraph: Any, text: str, *, size: float, colour: str, bold: bool) -> None:
    """Write marked-up text into a paragraph."""
    for run in parse(text):
        _write_run(paragraph.add_run(), run, size=size, colour=colour, bold=bold)


def _write_run(target: Any, run: Run, *, size: float, colour: str, bold: bool) -> None:
    target.text = run.text
    font = target.font
    font.size, font.bold = Pt(size), bold or run.bold
    paint(font.color, run.colour or colour)
    if run.script:
        font._rPr.set("baseline", _BASELINE[run.script])


def add_panel(slide: Any, box: Box, *, fill: str = TINT, edge: str | None = None) -> None:
    """Add a tinted panel, with a coloured edge on its left where one is given."""
    panels = [(box, fill)]
    if edge:
        panels.append((Box(box.left, box.top, 0.08, box.height), edge))
    for place, colour in panels:
        _add_rectangle(slide, place, colour, "Panel")


def add_rule(slide: Any, left: float, top: float, width: float) -> None:
    """Add a hairline across the slide."""
    _add_rectangle(slide, Box(left, top, width, HAIRLINE), RULE, "Rule")


def _add_rectangle(slide: Any, box: Box, colour: str, name: str) -> None:
    shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *_sides(box))
    shape.name = f"{name} {shape.shape_id}"
    shape.fill.solid()
    paint(shape.fill.fore_color, colour)
    shape.line.fill.background()
    shape.element.remove(shape.element.find(qn("p:style")))  # its effects: a shadow
    _mark_decorative(shape)


def _mark_decorative(shape: Any) -> None:
    """Tell screen readers to pass over a shape without content."""
    properties = shape.element.find(f".//{qn('p:cNvPr')}")
    properties.append(
        parse_xml(
            f'<a:extLst {nsdecls("a")}><a:ext uri="{{C183D7F6-B498-43B3-948B-1728B52AA6E4}}">'
            '<adec:decorative xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/'
            'decorative" val="1"/></a:ext></a:extLst>'
        )
    )


def describe(shape: Any, label: Label) -> None:
    """Give a shape its name and alt text."""
    properties = shape._element.find(f".//{qn('p:cNvPr')}")
    properties.set("name", label.name)
    properties.set("descr", plain(label.words))


def add_picture(slide: Any, box: Box, picture: Picture, label: Label) -> None:
    """Add a picture as large as its box allows, centred, with its vector twin."""
    shape = slide.shapes.add_picture(io.BytesIO(picture.png), 0, 0)
    scale = min(Inches(box.width) / shape.width, Inches(box.height) / shape.height)
    width, height = scale * shape.width.inches, scale * shape.height.inches
    left, top = box.left + (box.width - width) / 2, box.top + (box.height - height) / 2
    put(shape, Box(left, top, width, height))
    describe(shape, label)
    _add_vector(slide, shape, picture.svg)


def add_figure(
    slide: Any,
    box: Box,
    picture: Picture,
    facts: list[str],
    label: Label,
    *,
    whole: bool = False,
) -> None:
    """Add a figure as large as its box allows, and facts, ``whole`` or cut, in columns under it."""
    room = box.above(FACTS_INCHES[1]) if facts else box
    add_picture(slide, room, picture, label)
    places = box.below(FACTS_INCHES[1] + FACTS_GAP).columns(*[1] * len(facts)) if facts else []
    for place, fact in zip(places, facts, strict=True):
        add_text(slide, place, [fact], whole=whole)


def add_equation(slide: Any, left: float, middle: float, equation: EquationPicture) -> None:
    """Add an equation at its own size, centred on the height ``middle``.

    It is PowerPoint's own, for other programs its picture, or a picture where it has no OMML.
    """
    box = Box(left, middle - equation.height / 2, equation.width, equation.height)
    label = Label(f"Equation: {equation.name}", equation.words)
    if not equation.omml:
        describe(slide.shapes.add_picture(io.BytesIO(equation.png), *_sides(box)), label)
        return
    math = dressed(equation.omml, SIZE, SCHEME_COLOURS)
    shape = slide.shapes.add_textbox(*_sides(box))
    describe(shape, label)
    picture = slide.part.get_or_add_image_part(io.BytesIO(equation.png))[1]
    slide.shapes._spTree.replace(shape._element, native.alternatives(shape._element, math, picture))


def add_equation_in(slide: Any, box: Box, equation: EquationPicture) -> None:
    """Add one equation at the left of a box; NoRoom if it is larger."""
    if equation.width > box.width + SLACK or equation.height > box.height + SLACK:
        raise NoRoom(
            f"the equation `{equation.name}` is {equation.width:.2f} x {equation.height:.2f} in,"
            f" its place {box.width:.2f} x {box.height:.2f}"
        )
    add_equation(slide, box.left, box.top + box.height / 2, equation)


def _add_vector(slide: Any, shape: Any, svg: bytes) -> None:
    """Attach the SVG twin, which PowerPoint prefers to the PNG."""
    key = slide.part.relate_to(_vector_part(slide, svg), RT.IMAGE)
    blip = shape._element.find(f".//{qn('a:blip')}")
    extensions = etree.SubElement(blip, qn("a:extLst"))
    extensions.append(
        parse_xml(
            f'<a:ext {nsdecls("a", "r")} uri="{_SVG_EXTENSION}">'
            f'<asvg:svgBlip xmlns:asvg="{_SVG_NAMESPACE}" r:embed="{key}"/></a:ext>'
        )
    )


def _vector_part(slide: Any, svg: bytes) -> Any:
    """Find the part with this drawing, or make it."""
    package = slide.part.package
    vectors = [part for part in package.iter_parts() if part.content_type == _SVG_TYPE]
    for part in vectors:
        if part.blob == svg:
            return part
    name = PackURI(f"/ppt/media/vector{len(vectors) + 1}.svg")
    return Part(name, _SVG_TYPE, package, svg)
