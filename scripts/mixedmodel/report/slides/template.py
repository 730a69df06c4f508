"""The empty deck: three layouts by name, from python-pptx's default or a user's file."""

from pathlib import Path
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Emu, Inches

from mixedmodel.errors import UserError
from mixedmodel.report import style
from mixedmodel.report.slides import canvas
from mixedmodel.report.slides.canvas import Box

COVER, CONTENT, DIVIDER = "Title Slide", "Title Only", "Section Header"
LAYOUTS = (COVER, CONTENT, DIVIDER)

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_THEME_COLOURS = {
    "dk1": style.INK,
    "lt1": style.PAPER,
    "dk2": style.MUTED,
    "lt2": style.TINT,
    "accent1": style.EM,
    "accent2": style.MFVI,
    "accent3": style.GAP,
    "accent4": style.ACCENT,
    "accent5": style.SCHEMES["plain"],
    "accent6": style.WARNING,
    "hlink": style.EM,
    "folHlink": style.GAP,
}
_SIZE = (Inches(canvas.WIDTH), Inches(canvas.HEIGHT))
BODY_TOP = Inches(canvas.BODY.top)
_SAME_SIZE = Inches(0.02)  # what programs round a widescreen slide by


def open_template(path: str | None) -> Any:
    """Open the user's template, or the built-in one for None, without any slide.

    UserError where the file is missing, not a widescreen presentation, or lacks a layout.
    """
    return _built_in() if path is None else _users(Path(path))


def layout(presentation: Any, name: str) -> Any:
    """Return the layout called ``name``."""
    return presentation.slide_layouts.get_by_name(name)


def put(shape: Any, box: Box) -> None:
    """Give a shape the position and size of ``box``."""
    shape.left, shape.top = Inches(box.left), Inches(box.top)
    shape.width, shape.height = Inches(box.width), Inches(box.height)


def _users(path: Path) -> Any:
    if not path.is_file():
        raise UserError(
            f"deck.template: no file {path}. Give the path of a .pptx file, or null for the"
            " built-in template."
        )
    try:
        presentation = Presentation(str(path))
    except Exception as error:
        raise UserError(
            f"deck.template: {path} cannot be read as a PowerPoint file ({error})."
            " Save it as .pptx and try again."
        ) from error
    _require_widescreen(presentation, path)
    _require_layouts(presentation, path)
    _drop_slides(presentation)
    return presentation


def _require_widescreen(presentation: Any, path: Path) -> None:
    size = (presentation.slide_width, presentation.slide_height)
    if any(abs(got - want) > _SAME_SIZE for got, want in zip(size, _SIZE, strict=True)):
        got = " x ".join(f"{Emu(side).inches:.3f}" for side in size)
        raise UserError(
            f"deck.template: the slides of {path} are {got} inches; needed are"
            f" {canvas.WIDTH} x {canvas.HEIGHT} (Design > Slide Size > Widescreen 16:9)."
        )


def _require_layouts(presentation: Any, path: Path) -> None:
    names = [each.name for each in presentation.slide_layouts]
    missing = [name for name in LAYOUTS if name not in names]
    if missing:
        raise UserError(
            f"deck.template: {path} has no layout named {', '.join(map(repr, missing))}."
            f" It has {', '.join(map(repr, names))}. Rename or add the layout in the slide"
            " master view."
        )


def _drop_slides(presentation: Any) -> None:
    slides = presentation.slides._sldIdLst
    for slide in list(slides):
        presentation.part.drop_rel(slide.rId)
        slides.remove(slide)


def _built_in() -> Any:
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = _SIZE
    del presentation.element.sldSz.attrib["type"]
    for each in list(presentation.slide_layouts):
        if each.name not in LAYOUTS:
            presentation.slide_layouts.remove(each)
    _drop_leftovers(presentation)
    _rewrite_theme(presentation)
    _restyle_master(presentation.slide_master)
    for each in presentation.slide_layouts:
        _restyle_layout(each)
    return presentation


def _drop_leftovers(presentation: Any) -> None:
    """Drop the thumbnail, counts and printer settings of the default file."""
    leftovers = (RT.THUMBNAIL, RT.EXTENDED_PROPERTIES, RT.PRINTER_SETTINGS)
    for owner in (presentation.part.package, presentation.part):
        for key, relation in list(owner._rels.items()):
            if relation.reltype in leftovers:
                owner._rels.pop(key)


def _rewrite_theme(presentation: Any) -> None:
    part = presentation.slide_master.part.part_related_by(RT.THEME)
    theme: Any = etree.fromstring(part.blob)
    for name, colour in _THEME_COLOURS.items():
        slot = theme.find(f".//{_DRAWING}clrScheme/{_DRAWING}{name}")
        slot[:] = [etree.Element(f"{_DRAWING}srgbClr", val=colour.lstrip("#"))]
    for latin in theme.iterfind(f".//{_DRAWING}fontScheme//{_DRAWING}latin"):
        latin.set("typeface", style.FONT)
    part._blob = etree.tostring(theme, xml_declaration=True, encoding="UTF-8", standalone=True)


def _restyle_master(master: Any) -> None:
    places = {"title": canvas.TITLE, "body": canvas.BODY, "ftr": canvas.FOOTER}
    for shape in list(master.placeholders):
        kind = shape.element.ph.get("type")
        if kind == "dt":
            shape.element.getparent().remove(shape.element)
            continue
        put(shape, places.get(kind, canvas.NUMBER))
        _plain_frame(shape)
        if kind in ("ftr", "sldNum"):
            _restyle_small(shape, "l" if kind == "ftr" else "r")
    _level(master, "titleStyle", size=canvas.TITLE_SIZE, bold=True)
    _level(master, "bodyStyle", size=canvas.BODY_SIZE, bold=False)


def _level(master: Any, which: str, *, size: int, bold: bool) -> None:
    """Set the first level of a text style: left, without bullet."""
    level = master.element.find(f".//{qn('p:' + which)}/{qn('a:lvl1pPr')}")
    level.set("algn", "l")
    level.set("marL", "0")
    level.set("indent", "0")
    run = level.find(qn("a:defRPr"))
    run.set("sz", str(size * 100))
    run.set("b", "1" if bold else "0")
    for tag in ("a:buFont", "a:buChar", "a:buNone"):
        for bullet in level.findall(qn(tag)):
            level.remove(bullet)
    run.addprevious(parse_xml(f"<a:buNone {nsdecls('a')}/>"))


def _plain_frame(shape: Any) -> None:
    """Take the insets and the automatic fitting out of a placeholder."""
    frame = shape.text_frame
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor = MSO_ANCHOR.TOP
    body = frame._txBody.bodyPr
    for fit in list(body):
        body.remove(fit)


def _restyle_small(shape: Any, align: str) -> None:
    """Style the footer or the number in the master: 12 pt, muted."""
    level = shape.element.find(f".//{qn('a:lvl1pPr')}")
    level.set("algn", align)
    run = level.find(qn("a:defRPr"))
    run.set("sz", str(canvas.LEAST_SIZE * 100))
    run[:] = [parse_xml(f'<a:solidFill {nsdecls("a")}><a:schemeClr val="tx2"/></a:solidFill>')]


def _restyle_layout(each: Any) -> None:
    cover = each.name in (COVER, DIVIDER)
    places = {
        "ctrTitle": canvas.COVER_TITLE,
        "title": canvas.COVER_TITLE if cover else canvas.TITLE,
        "subTitle": canvas.COVER_TEXT,
        "body": canvas.COVER_TEXT,
        "ftr": canvas.FOOTER,
        "sldNum": canvas.NUMBER,
    }
    for shape in list(each.placeholders):
        kind = shape.element.ph.get("type")
        if kind == "dt":
            shape.element.getparent().remove(shape.element)
            continue
        put(shape, places[kind])
        _plain_frame(shape)
        if cover and kind not in ("ftr", "sldNum"):
            _restyle_cover(shape, heading="itle" in kind and kind != "subTitle")
    for rule in _rules(cover):
        each.shapes._spTree.insert(2, rule)


def _restyle_cover(shape: Any, *, heading: bool) -> None:
    """Style the large title, or the text under it."""
    size, colour = (canvas.COVER_SIZE, "tx1") if heading else (canvas.COVER_TEXT_SIZE, "tx2")
    listing = shape.element.find(f".//{qn('a:lstStyle')}")
    listing[:] = [
        parse_xml(
            f'<a:lvl1pPr {nsdecls("a")} marL="0" indent="0" algn="l"><a:buNone/>'
            f'<a:defRPr sz="{size * 100}" b="{int(heading)}" cap="none"><a:solidFill>'
            f'<a:schemeClr val="{colour}"/></a:solidFill></a:defRPr></a:lvl1pPr>'
        )
    ]
    shape.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM if heading else MSO_ANCHOR.TOP


def _rules(cover: bool) -> list[Any]:
    """Draw a layout's decoration: a band in both methods' colours, or thin accent rules."""
    if cover:
        half = canvas.HEIGHT / 2
        return [
            _bar(901, Box(0, 0, 0.28, half), "accent1"),
            _bar(902, Box(0, half, 0.28, half), "accent2"),
        ]
    return [
        _bar(901, Box(canvas.MARGIN, 0.32, 0.7, 0.055), "accent4"),
        _bar(902, Box(canvas.MARGIN, 6.9, canvas.WIDTH - 2 * canvas.MARGIN, 0.01), "bg2"),
    ]


def _bar(number: int, box: Box, colour: str) -> Any:
    left, top, width, height = (Inches(side) for side in (box.left, box.top, box.width, box.height))
    return parse_xml(
        f'<p:sp {nsdecls("p", "a")}><p:nvSpPr><p:cNvPr id="{number}" name="Rule {number}"/>'
        f'<p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr><p:spPr><a:xfrm>'
        f'<a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill>'
        f'<a:schemeClr val="{colour}"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr></p:sp>'
    )
