"""What PowerPoint writes into its files and python-pptx leaves out."""

from typing import Any

from lxml import etree
from pptx.opc.constants import CONTENT_TYPE as CT
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn

_PROPERTIES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>mixedmodel</Application><PresentationFormat>Widescreen</PresentationFormat>"
    "<Slides>{slides}</Slides><Notes>{slides}</Notes></Properties>"
)


def finish(presentation: Any, language: str) -> None:
    """Complete a presentation: its notes master listed, its properties, the language of texts.

    ``language`` is a tag with its region, such as en-GB, by which spelling is checked.
    """
    _list_notes_master(presentation)
    _add_properties(presentation)
    for slide in presentation.slides:
        for page in (slide, slide.notes_slide):
            _set_language(page.element, language)


def _list_notes_master(presentation: Any) -> None:
    element = presentation.element
    if element.find(qn("p:notesMasterIdLst")) is None:
        key = presentation.part.relate_to(presentation.notes_master.part, RT.NOTES_MASTER)
        element.find(qn("p:sldMasterIdLst")).addnext(
            parse_xml(
                f'<p:notesMasterIdLst {nsdecls("p", "r")}><p:notesMasterId r:id="{key}"/>'
                "</p:notesMasterIdLst>"
            )
        )


def _add_properties(presentation: Any) -> None:
    """Add the extended properties, in place of those of a template."""
    package = presentation.part.package
    for key, relation in list(package._rels.items()):
        if relation.reltype == RT.EXTENDED_PROPERTIES:
            package._rels.pop(key)
    content = _PROPERTIES.format(slides=len(presentation.slides)).encode()
    name = PackURI("/docProps/app.xml")
    part = Part(name, CT.OFC_EXTENDED_PROPERTIES, package, content)
    package.relate_to(part, RT.EXTENDED_PROPERTIES)


def _set_language(element: Any, language: str) -> None:
    """Say the language of each run of text, of those in equations too."""
    for run in element.iter(qn("a:r"), qn("a:fld")):
        look = run.find(qn("a:rPr"))
        if look is None:
            look = etree.Element(qn("a:rPr"))
            run.insert(0, look)
        look.set("lang", language)
