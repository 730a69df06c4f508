"""Colours on slides: those of text and ground are the theme's, so that a template brings its own.

Those of the methods are what they are in the figures, in any template.
"""

from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls

from mixedmodel.report.style import INK, MUTED, RULE, TINT

_THEME = {  # with how much darker the hairlines are than the ground of panels
    INK: (MSO_THEME_COLOR.TEXT_1, 0.0),
    MUTED: (MSO_THEME_COLOR.TEXT_2, 0.0),
    TINT: (MSO_THEME_COLOR.BACKGROUND_2, 0.0),
    RULE: (MSO_THEME_COLOR.BACKGROUND_2, -0.12),
}


def paint(target: Any, colour: str) -> None:
    """Give what python-pptx calls a colour format a colour of the style."""
    if colour not in _THEME:
        target.rgb = RGBColor(*bytes.fromhex(colour.lstrip("#")))  # type: ignore[no-untyped-call]
        return
    theme, darker = _THEME[colour]
    target.theme_color = theme
    if darker:
        target.brightness = darker


def solid(colour: str) -> Any:
    """Return the fill of a line that python-pptx has no colour format for."""
    theme, darker = _THEME[colour]
    change = f'<a:lumMod val="{round(100_000 * (1 + darker))}"/>' if darker else ""
    return parse_xml(
        f'<a:solidFill {nsdecls("a")}><a:schemeClr val="{MSO_THEME_COLOR.to_xml(theme)}">{change}'
        "</a:schemeClr></a:solidFill>"
    )
