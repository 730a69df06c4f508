"""A shape that is two: text with mathematics for PowerPoint, a picture for other programs.

PowerPoint takes the first choice whose namespace it knows. LibreOffice goes by the prefix, and
would show nothing of a choice under the usual one: with another prefix it takes the picture.
"""

from copy import deepcopy
from typing import Any

from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn

from mixedmodel.report.omml import MATH

OFFICE_2010 = "http://schemas.microsoft.com/office/drawing/2010/main"
COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"


def alternatives(text_box: Any, math: Any, picture: str) -> Any:
    """Return both: the text box filled with an equation, and one filled with a picture.

    ``picture`` is the slide's relationship with it.
    """
    both = parse_xml(
        f'<mc:AlternateContent xmlns:mc="{COMPATIBILITY}"><mc:Choice xmlns:am="{OFFICE_2010}"'
        ' Requires="am"/><mc:Fallback/></mc:AlternateContent>'
    )
    choice, fallback = both
    choice.append(_with_math(deepcopy(text_box), math))
    fallback.append(_with_picture(deepcopy(text_box), picture))
    return both


def _with_math(shape: Any, math: Any) -> Any:
    body = shape.find(qn("p:txBody"))
    shape.replace(
        body,
        parse_xml(
            f'<p:txBody {nsdecls("p", "a")}><a:bodyPr wrap="none" lIns="0" tIns="0" rIns="0"'
            ' bIns="0" anchor="ctr"><a:noAutofit/></a:bodyPr><a:lstStyle/><a:p>'
            '<a:pPr algn="l"/></a:p></p:txBody>'
        ),
    )
    paragraph = shape.find(f".//{qn('a:p')}")
    zone = parse_xml(
        f'<am:m xmlns:am="{OFFICE_2010}" xmlns:m="{MATH}"><m:oMathPara><m:oMathParaPr>'
        '<m:jc m:val="left"/></m:oMathParaPr></m:oMathPara></am:m>'
    )
    zone[0].append(math)
    paragraph.append(zone)
    return shape


def _with_picture(shape: Any, picture: str) -> Any:
    shape.remove(shape.find(qn("p:txBody")))
    shape.find(f".//{qn('p:cNvSpPr')}").attrib.pop("txBox")
    properties = shape.find(qn("p:spPr"))
    properties.remove(properties.find(qn("a:noFill")))
    properties.append(
        parse_xml(
            f'<a:blipFill {nsdecls("a", "r")}><a:blip r:embed="{picture}"/><a:stretch>'
            "<a:fillRect/></a:stretch></a:blipFill>"
        )
    )
    return shape
