"""Links between slides: small ones above the headline, and texts that lead on as a whole."""

from collections.abc import Sequence
from typing import Any

from pptx.enum.text import PP_ALIGN

from mixedmodel.report.slides.canvas import LEAST_SIZE, LINKS, Box
from mixedmodel.report.slides.metrics import text_width
from mixedmodel.report.slides.place import Look, add_text
from mixedmodel.report.style import ACCENT

MARK = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} {}"
GAP = 0.3  # inches between links
ROUNDING = 0.02  # inches
LOOK = Look(size=LEAST_SIZE, colour=ACCENT)


def add_links(slide: Any, links: Sequence[tuple[str, Any]]) -> None:
    """Add a line of links above the headline: texts, each with the slide that it leads to.

    They stand at the right; what has no room is left out.
    """
    right = LINKS.right
    for text, target in reversed(links):
        marked = MARK.format(text)
        width = text_width(marked, LEAST_SIZE) + ROUNDING
        if right - width < LINKS.left:
            return
        place = Box(right - width, LINKS.top, width, LINKS.height)
        shape = add_text(slide, place, [marked], LOOK)
        shape.name = f"Link {shape.shape_id}"
        shape.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT
        lead(shape, target)
        right -= width + GAP


def lead(shape: Any, target: Any) -> None:
    """Let a shape lead to another slide."""
    shape.click_action.target_slide = target
