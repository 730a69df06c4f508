"""The deck as it grows: sections, slides with title and notes, footers, and its bytes."""

import io
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Pt

from mixedmodel.report.names import at_most, cut
from mixedmodel.report.slides import canvas, template
from mixedmodel.report.slides.finish import finish
from mixedmodel.report.slides.metrics import fit_heading, fit_text, fitting
from mixedmodel.report.slides.package import repack
from mixedmodel.report.slides.place import NoRoom

LEAST_TITLE = 18  # points
LEAST_COVER = 24
LONGEST_PROPERTY = 255  # letters that a file's properties may have
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # in the properties, where a date is demanded
SECTION_LIST = "{521415D9-36F7-43E2-AB2F-B90AF26B5E84}"
_P14 = "http://schemas.microsoft.com/office/powerpoint/2010/main"


@dataclass(frozen=True)
class Settings:
    """What the user chooses; None for the story's title, no author, the built-in template."""

    dataset: str
    title: str | None = None
    author: str | None = None
    template: str | None = None
    short: bool = False  # the core alone


class Deck:
    """A presentation under construction."""

    def __init__(self, settings: Settings, words: Mapping[str, str], language: str) -> None:
        """Begin one in a ``language`` with its region.

        ``words`` has its ``footer`` and ``subject``, {} for the data set's name.
        """
        self.settings, self._words, self._language = settings, words, language
        self._presentation = template.open_template(settings.template)
        self._sections: list[tuple[str, list[int]]] = []

    @property
    def slides(self) -> Any:
        """Return the slides so far, as python-pptx has them."""
        return self._presentation.slides

    def named(self, number: int, name: str) -> Any:
        """Give a slide the name by which programs find it; return the slide."""
        slide = self.slides[number]
        slide.element.cSld.set("name", name)
        return slide

    def section(self, name: str) -> None:
        """Open a section; the slides that follow belong to it."""
        self._sections.append((name, []))

    def cover(self, title: str, lines: list[str], notes: str) -> Any:
        """Add a slide with a large title and a text under it."""
        return self._with_text(template.COVER, title, lines, notes)

    def divider(self, title: str, lines: list[str], notes: str) -> Any:
        """Add the slide that opens a part of the deck."""
        return self._with_text(template.DIVIDER, title, lines, notes)

    def slide(self, title: str, notes: str, *, whole: bool = False) -> Any:
        """Add a content slide: its headline and the speaker's notes.

        A headline that is too long is cut, or, where it must be ``whole``, raises NoRoom.
        """
        slide = self._add(template.CONTENT, notes)
        heading = fit_heading(title, canvas.TITLE_SIZE, canvas.TITLE, least=LEAST_TITLE)
        if whole and len(heading[0]) < len(title):
            raise NoRoom(f"the headline is too long: {heading[0]}")
        self._write(slide.shapes.title, [heading[0]], heading[1], usual=canvas.TITLE_SIZE)
        if slide.shapes.title.top + slide.shapes.title.height > template.BODY_TOP:
            template.put(slide.shapes.title, canvas.TITLE)
        return slide

    def to_bytes(self) -> bytes:
        """Finish the deck and return the file: the same input gives the same bytes."""
        room = fitting(canvas.LEAST_SIZE, canvas.FOOTER.width)
        footer = self._words["footer"]
        name = cut(self.settings.dataset, lambda text: room(footer.format(text)))
        for number, slide in enumerate(self._presentation.slides, start=1):
            _copy_footer(slide, footer.format(name), number)
        self._write_sections()
        self._write_properties()
        finish(self._presentation, self._language)
        stream = io.BytesIO()
        self._presentation.save(stream)
        return repack(stream.getvalue())

    def _with_text(self, layout: str, title: str, lines: list[str], notes: str) -> Any:
        slide = self._add(layout, notes)
        heading = fit_heading(title, canvas.COVER_SIZE, canvas.COVER_TITLE, least=LEAST_COVER)
        self._write(slide.shapes.title, [heading[0]], heading[1], usual=canvas.COVER_SIZE)
        text = next(shape for shape in slide.placeholders if shape != slide.shapes.title)
        words = fit_text(lines, canvas.COVER_TEXT_SIZE, canvas.COVER_TEXT)
        self._write(text, *words, usual=canvas.COVER_TEXT_SIZE)
        return slide

    def _write(self, shape: Any, lines: list[str], size: float, *, usual: float) -> None:
        """Fill a placeholder; our template says how large the usual size is, a user's another."""
        shape.text_frame.text = "\n".join(lines)
        if size < usual or self.settings.template is not None:
            for paragraph in shape.text_frame.paragraphs:
                for run in paragraph.runs:
                    run.font.size = Pt(size)

    def _add(self, layout: str, notes: str) -> Any:
        slide = self._presentation.slides.add_slide(template.layout(self._presentation, layout))
        _write_notes(slide, notes)
        self._sections[-1][1].append(slide.slide_id)
        return slide

    def _write_sections(self) -> None:
        filled = [(name, keys) for name, keys in self._sections if keys]
        sections = "".join(_section_xml(name, keys) for name, keys in filled)
        element = self._presentation.element
        extensions = element.find(qn("p:extLst"))
        if extensions is None:
            extensions = etree.SubElement(element, qn("p:extLst"))
        for old in extensions.findall(f"{qn('p:ext')}[@uri='{SECTION_LIST}']"):
            extensions.remove(old)
        extensions.append(
            parse_xml(
                f'<p:ext {nsdecls("p")} uri="{SECTION_LIST}">'
                f'<p14:sectionLst xmlns:p14="{_P14}">{sections}</p14:sectionLst></p:ext>'
            )
        )

    def _write_properties(self) -> None:
        core, fits = self._presentation.core_properties, at_most(LONGEST_PROPERTY)
        core.title = cut(self.settings.title or "", fits)
        core.author = core.last_modified_by = cut(self.settings.author or "", fits)
        core.subject = cut(self._words["subject"].format(self.settings.dataset), fits)
        core.keywords = core.comments = core.category = ""
        core.created = core.modified = EPOCH
        core.revision = 1


def _section_xml(name: str, keys: list[int]) -> str:
    slides = "".join(f'<p14:sldId id="{key}"/>' for key in keys)
    return (
        f'<p14:section name="{name}" id="{_guid(name)}"><p14:sldIdLst>{slides}</p14:sldIdLst>'
        "</p14:section>"
    )


def _guid(text: str) -> str:
    """Return an identifier that is the same in every build."""
    return f"{{{str(uuid.uuid5(uuid.NAMESPACE_URL, text)).upper()}}}"


def _write_notes(slide: Any, notes: str) -> None:
    """Write the notes and drop the notes page's unused placeholders."""
    page = slide.notes_slide
    page.notes_text_frame.text = notes
    for shape in list(page.placeholders):
        if shape.has_text_frame and not shape.text_frame.text:
            shape.element.getparent().remove(shape.element)


def _copy_footer(slide: Any, footer: str, number: int) -> None:
    """Copy the layout's footer and slide number onto the slide, after everything else."""
    for shape in slide.slide_layout.placeholders:
        kind = shape.element.ph.get("type")
        if kind in ("ftr", "sldNum"):
            slide.shapes._spTree.append(_footer_shape(slide, shape, kind, footer, number))


def _footer_shape(slide: Any, shape: Any, kind: str, footer: str, number: int) -> Any:
    shapes = slide.shapes._spTree.iter(qn("p:cNvPr"))  # those in alternatives, too
    key = max(int(each.get("id")) for each in shapes) + 1
    element = parse_xml(
        f'<p:sp {nsdecls("p", "a")}><p:nvSpPr><p:cNvPr id="{key}" name=""/><p:cNvSpPr>'
        f'<a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph type="{kind}" sz="quarter"'
        f' idx="{shape.placeholder_format.idx}"/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody>'
        "<a:bodyPr/><a:lstStyle/><a:p/></p:txBody></p:sp>"
    )
    element.find(f".//{qn('p:cNvPr')}").set("name", shape.name)
    paragraph = element.find(f".//{qn('a:p')}")
    etree.SubElement(paragraph, qn("a:pPr"), algn="l" if kind == "ftr" else "r")
    holder = etree.SubElement(paragraph, qn("a:r" if kind == "ftr" else "a:fld"))
    if kind == "sldNum":
        holder.set("id", _guid(str(number)))
        holder.set("type", "slidenum")
    look = etree.SubElement(holder, qn("a:rPr"), sz=str(100 * canvas.LEAST_SIZE))
    etree.SubElement(look, qn("a:latin"), typeface="+mn-lt")
    etree.SubElement(holder, qn("a:t")).text = footer if kind == "ftr" else str(number)
    return element
