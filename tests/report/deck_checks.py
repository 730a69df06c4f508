"""What must hold of every deck, read from its parts; each check returns what it found wrong."""

import io
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.shapes.shapetree import SlideShapeFactory
from pptx.util import Inches, Pt

from mixedmodel.report.style import INK, MUTED, RULE, TINT

NAMES = {
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "p14": "http://schemas.microsoft.com/office/powerpoint/2010/main",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "am": "http://schemas.microsoft.com/office/drawing/2010/main",
    "asvg": "http://schemas.microsoft.com/office/drawing/2016/SVG/main",
}
LEAST_POINTS = 12
DESCRIBED = (MSO_SHAPE_TYPE.PICTURE, MSO_SHAPE_TYPE.CHART, MSO_SHAPE_TYPE.TABLE)
MATHS_MARKUP = re.compile(r"\\[a-zA-Z]+|[$]|_\{|\^\{|\*\*")
UNDEFINED = re.compile(r"\b(nan|None|null|inf|NaN)\b")


class Opened:
    """A deck, as its parts and as python-pptx reads it."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.parts = {name: archive.read(name) for name in archive.namelist()}
            self.dates = {info.date_time for info in archive.infolist()}

    @cached_property
    def presentation(self) -> Any:
        return Presentation(io.BytesIO(self.content))

    @property
    def slides(self) -> list[Any]:
        return list(self.presentation.slides)

    def xml(self, name: str) -> Any:
        return etree.fromstring(self.parts[name])

    def named(self, pattern: str) -> list[str]:
        return sorted(name for name in self.parts if re.fullmatch(pattern, name))

    def texts(self) -> Iterator[tuple[str, str]]:
        """Give every visible text, note and alt text with where it is."""
        for name in self.named(r"ppt/(slides|notesSlides)/\w+\.xml"):
            root = self.xml(name)
            for paragraph in root.iterfind(".//a:p", NAMES):
                yield name, "".join(paragraph.itertext())
            for properties in root.iterfind(".//p:cNvPr", NAMES):
                yield name, properties.get("descr", "")


def shapes_of(slide: Any) -> list[Any]:
    """Return the shapes of a slide in their order, of those that are two the picture."""
    fallbacks = "./*[not(self::mc:AlternateContent)] | ./mc:AlternateContent/mc:Fallback/*"
    known = ("sp", "pic", "graphicFrame")
    tree = slide.shapes._spTree
    elements = etree.ElementBase.xpath(tree, fallbacks, namespaces=NAMES)
    return [
        SlideShapeFactory(each, slide.shapes)
        for each in elements
        if etree.QName(each).localname in known
    ]


def heading(slide: Any) -> str:
    """Return the headline of a slide, the words of its end held together or not."""
    text = slide.shapes.title.text_frame.text
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NON-BREAKING HYPHEN}", "-")


def titles(deck: Opened) -> list[str]:
    found = [heading(slide) for slide in deck.slides]
    repeated = [title for title, times in Counter(found).items() if times > 1]
    return repeated + [f"slide {k}: no title" for k, t in enumerate(found, 1) if not t.strip()]


def notes(deck: Opened) -> list[str]:
    wrong = []
    for number, slide in enumerate(deck.slides, 1):
        text = slide.notes_slide.notes_text_frame.text if slide.has_notes_slide else ""
        if len(text) < 40 or MATHS_MARKUP.search(text):
            wrong.append(f"slide {number}: {text}")
    return wrong


def alt_texts(deck: Opened) -> list[str]:
    return [
        f"slide {number}: {shape.name}"
        for number, slide in enumerate(deck.slides, 1)
        for shape in shapes_of(slide)
        if (shape.shape_type in DESCRIBED or shape.name.startswith("Equation"))
        and not shape._element.find(".//p:cNvPr", NAMES).get("descr", "").strip()
    ]


def inside(deck: Opened) -> list[str]:
    width, height = deck.presentation.slide_width, deck.presentation.slide_height
    return [
        f"slide {number}: {shape.name}"
        for number, slide in enumerate(deck.slides, 1)
        for shape in shapes_of(slide)
        if shape.left < 0
        or shape.top < 0
        or shape.left + shape.width > width
        or shape.top + shape.height > height
    ]


def apart(deck: Opened) -> list[str]:
    """Find shapes that overlap, panels behind texts excepted."""
    wrong = []
    for number, slide in enumerate(deck.slides, 1):
        boxes = [_box(shape) for shape in shapes_of(slide) if not shape.name.startswith("Panel")]
        for k, one in enumerate(boxes):
            wrong += [
                f"slide {number}: {one.name} and {other.name}"
                for other in boxes[k + 1 :]
                if _overlap(one, other)
            ]
    return wrong


@dataclass(frozen=True)
class Box:
    """The sides of a shape, which python-pptx looks up anew each time."""

    name: str
    left: int
    top: int
    right: int
    bottom: int


def _box(shape: Any) -> Box:
    left, top = shape.left, shape.top
    return Box(shape.name, left, top, left + shape.width, top + shape.height)


def _overlap(one: Box, other: Box) -> bool:
    slack = Pt(2)
    return (
        one.left + slack < other.right
        and other.left + slack < one.right
        and one.top + slack < other.bottom
        and other.top + slack < one.bottom
    )


def ids(deck: Opened) -> list[str]:
    """Find identifiers of two shapes, unless both are choices for one."""
    wrong = []
    for name in deck.named(r"ppt/(slides|notesSlides|slideLayouts|slideMasters)/\w+\.xml"):
        once = deck.xml(name).xpath("//p:cNvPr[not(ancestor::mc:Fallback)]", namespaces=NAMES)
        found = Counter(each.get("id") for each in once)
        wrong += [f"{name}: id {key}" for key, times in found.items() if times > 1]
    return wrong


def alternatives(deck: Opened) -> list[str]:
    """Find shapes whose choices differ in more than what they show, and maths out of place."""
    wrong = []
    for name in deck.named(r"ppt/\w+/\w+\.xml"):
        root = deck.xml(name)
        for both in root.iterfind(".//mc:AlternateContent", NAMES):
            math, picture = both.findall(".//p:cNvPr", NAMES)
            boxes = [
                [dict(side.attrib) for side in each] for each in both.iterfind(".//a:xfrm", NAMES)
            ]
            if dict(math.attrib) != dict(picture.attrib) or boxes[0] != boxes[1]:
                wrong.append(f"{name}: {math.get('name')}, {picture.get('name')}")
        stray = "//m:oMath[not(ancestor::am:m)] | //am:m[not(ancestor::mc:Choice)]"
        wrong += [f"{name}: {each.tag}" for each in root.xpath(stray, namespaces=NAMES)]
        texts = root.xpath("//m:*[not(self::m:t)]/text()[normalize-space()]", namespaces=NAMES)
        wrong += [f"{name}: {text}" for text in texts]
    return wrong


def placeholders(deck: Opened) -> list[str]:
    pages = [slide for slide in deck.slides]
    pages += [slide.notes_slide for slide in deck.slides]
    return [
        f"{page.name or page.part.partname}: {shape.name}"
        for page in pages
        for shape in page.placeholders
        if shape.has_text_frame and not "".join(shape.text_frame._txBody.itertext()).strip()
    ]


def relations(deck: Opened) -> list[str]:
    """Find relationships without target, and references without relationship."""
    wrong = []
    for name in deck.parts:
        folder, _, file = name.rpartition("/")
        if not name.endswith(".rels"):
            continue
        owner = posixpath.join(posixpath.dirname(folder), file.removesuffix(".rels"))
        known = set()
        for relation in deck.xml(name):
            known.add(relation.get("Id"))
            target = posixpath.normpath(
                posixpath.join("/", posixpath.dirname(owner), relation.get("Target"))
            ).lstrip("/")
            if relation.get("TargetMode") != "External" and target not in deck.parts:
                wrong.append(f"{name}: {target}")
        if owner in deck.parts and owner.endswith(".xml"):
            used = {
                value
                for element in deck.xml(owner).iter(etree.Element)
                for key, value in element.attrib.items()
                if key.startswith("{" + NAMES["r"] + "}")
            }
            wrong += [f"{owner}: {key}" for key in used - known]
    return wrong


def orphans(deck: Opened) -> list[str]:
    """Find parts that no relationship leads to."""
    targets = set()
    for name in (name for name in deck.parts if name.endswith(".rels")):
        owner = posixpath.dirname(posixpath.dirname(name))
        for relation in deck.xml(name):
            path = posixpath.normpath(posixpath.join("/", owner, relation.get("Target")))
            targets.add(path.lstrip("/"))
    own = {name for name in deck.parts if name.endswith(".rels")} | {"[Content_Types].xml"}
    return sorted(set(deck.parts) - targets - own)


def sizes(deck: Opened) -> list[str]:
    wrong = []
    for name in deck.named(r"ppt/(slides|charts)/\w+\.xml"):
        for element in deck.xml(name).iter(etree.Element):
            size = element.get("sz")
            if size and size.isdigit() and int(size) < 100 * LEAST_POINTS:
                wrong.append(f"{name}: {int(size) / 100} pt")
    return wrong


def sized(deck: Opened) -> list[str]:
    """Find runs outside title placeholders without a size of their own."""
    return [
        f"slide {number}: {run.text}"
        for number, slide in enumerate(deck.slides, 1)
        for shape in slide.shapes
        if shape.has_text_frame and not shape.is_placeholder
        for paragraph in shape.text_frame.paragraphs
        for run in paragraph.runs
        if run.font.size is None
    ]


def footers(deck: Opened) -> list[str]:
    wrong = []
    for number, slide in enumerate(deck.slides, 1):
        kinds = [shape.element.ph.get("type") for shape in slide.placeholders]
        last = [
            shape.element.ph.get("type")
            for shape in list(slide.shapes)[-2:]
            if shape.is_placeholder
        ]
        if kinds.count("ftr") != 1 or kinds.count("sldNum") != 1 or set(last) != {"ftr", "sldNum"}:
            wrong.append(f"slide {number}: {kinds}")
    return wrong


def reading_order(deck: Opened) -> list[str]:
    return [
        f"slide {number}"
        for number, slide in enumerate(deck.slides, 1)
        if slide.shapes[0] != slide.shapes.title
    ]


def sections(deck: Opened) -> list[str]:
    root = deck.xml("ppt/presentation.xml")
    listed = [each.get("id") for each in root.iterfind(".//p14:sldId", NAMES)]
    slides = [each.get("id") for each in root.iterfind(".//p:sldId", NAMES)]
    return [] if listed == slides else [f"sections {listed}, slides {slides}"]


def vectors(deck: Opened) -> list[str]:
    """Find pictures without an SVG twin, those of equations excepted."""
    return [
        name
        for name in deck.named(r"ppt/slides/\w+\.xml")
        for picture in deck.xml(name).iterfind(".//p:pic", NAMES)
        if picture.find(".//asvg:svgBlip", NAMES) is None
        and not picture.find(".//p:cNvPr", NAMES).get("name").startswith("Equation")
    ]


def figures_as_drawn(deck: Opened) -> list[str]:
    """Find figures that are not as large on the slide as they were drawn: type has other sizes."""
    wrong = []
    for number, slide in enumerate(deck.slides, 1):
        for shape in slide.shapes:
            if shape.name.startswith("Figure"):
                drawn = shape.image.size[0] / shape.image.dpi[0]
                if abs(shape.width.inches / drawn - 1) > 0.005:
                    wrong.append(f"slide {number}: {shape.name}, {drawn:.2f} in wide")
    return wrong


def undefined(deck: Opened) -> list[str]:
    return [f"{name}: {text}" for name, text in deck.texts() if UNDEFINED.search(text)]


def markup(deck: Opened) -> list[str]:
    """Find markup that was not turned into formatting."""
    return [f"{name}: {text}" for name, text in deck.texts() if MATHS_MARKUP.search(text)]


def minus_signs(deck: Opened) -> list[str]:
    """Find hyphens in front of digits in tables and texts."""
    return [
        f"{name}: {text}"
        for name, text in deck.texts()
        if re.search(r"(?<![\w.])-\d", text) and "SHA" not in text
    ]


def charts(deck: Opened) -> list[str]:
    """Find charts whose axes don't cross at their low ends, or with too many points."""
    wrong = []
    for name in deck.named(r"ppt/charts/\w+\.xml"):
        root = deck.xml(name)
        crossings = {each.get("val") for each in root.iterfind(".//c:crosses", NAMES)}
        points = [int(each.get("val")) for each in root.iterfind(".//c:ptCount", NAMES)]
        if crossings != {"min"} or max(points) > 200 or min(points) < 1:
            wrong.append(f"{name}: {crossings} {points}")
    return wrong


def languages(deck: Opened) -> list[str]:
    """Find runs of text that don't say their language."""
    return [
        f"{name}: {''.join(run.itertext())}"
        for name in deck.named(r"ppt/(slides|notesSlides)/\w+\.xml")
        for run in deck.xml(name).iter(f"{{{NAMES['a']}}}r", f"{{{NAMES['a']}}}fld")
        if not run.xpath("a:rPr/@lang", namespaces=NAMES)
    ]


def theme_colours(deck: Opened) -> list[str]:
    """Find texts, panels and lines whose colour is the theme's and does not follow it."""
    own = {colour.lstrip("#") for colour in (INK, MUTED, TINT, RULE)}
    return [
        f"{name}: {each.getparent().getparent().tag} {each.get('val')}"
        for name in deck.named(r"ppt/(slides|charts)/\w+\.xml")
        for each in deck.xml(name).iterfind(".//a:srgbClr", NAMES)
        if each.get("val") in own
    ]


def complete(deck: Opened) -> list[str]:
    """Find what PowerPoint itself would have written and is missing."""
    masters = deck.xml("ppt/presentation.xml").findall(".//p:notesMasterId", NAMES)
    return ["no notes master"] * (len(masters) != 1) + [
        name for name in ("docProps/app.xml", "docProps/core.xml") if name not in deck.parts
    ]


def reasons_near(deck: Opened) -> list[str]:
    """Find equations whose reason at their right is farther than the eye jumps."""
    wrong = []
    for number, slide in enumerate(deck.slides, 1):
        boxes = [_box(shape) for shape in shapes_of(slide)]
        for equation in (box for box in boxes if box.name.startswith("Equation")):
            middle = (equation.top + equation.bottom) / 2
            beside = [
                box
                for box in boxes
                if box.left >= equation.right and box.top <= middle <= box.bottom
            ]
            nearest = min(beside, key=lambda box: box.left, default=equation)
            if nearest.name.startswith("Text") and nearest.left - equation.right > Inches(2.01):
                wrong.append(f"slide {number}: {equation.name}")
    return wrong


CHECKS: tuple[Callable[[Opened], list[str]], ...] = (
    titles,
    notes,
    alt_texts,
    inside,
    apart,
    ids,
    alternatives,
    placeholders,
    relations,
    orphans,
    sizes,
    sized,
    footers,
    reading_order,
    sections,
    vectors,
    figures_as_drawn,
    undefined,
    markup,
    minus_signs,
    charts,
    languages,
    theme_colours,
    complete,
    reasons_near,
)
