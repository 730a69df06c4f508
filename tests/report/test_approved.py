"""What each deck says, against the text that a person has approved in ``tests/approved``.

``make approve`` writes the files anew; the change is then read as a difference. A deck is told in
full for one case, of the others the headlines and what that one does not say. What rounding decides
is masked.
"""

import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from report import deck_cases, overview_cases
from report.deck_checks import NAMES, Opened, heading, shapes_of

APPROVED = Path(__file__).parents[1] / "approved"
IN_FULL = {"response": "ordinary", "responses": "responses_thirty"}
DECKS: dict[str, tuple[str, Callable[[], bytes]]] = {
    **{name: ("response", partial(deck_cases.deck_of, name)) for name in deck_cases.NAMES},
    **{
        "responses_" + name.replace("%", ""): ("responses", partial(overview_cases.deck_of, name))
        for name in overview_cases.CASES
    },
}
PUT_IN = re.compile(r"\(?−?\d[\d.,]*( × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?(?<![.,])\)?")  # numbers of a check
MASKS = (
    (r"(\d[\d.]* × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|\b0) nats below", "# nats below"),
    (r"−?\d[\d.]* × 10⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+", "#"),
    (r"(Largest difference #) \(.*?\)", r"\1 (#)"),
    (r"^(σ². at the optimum) \| .*", r"\1 | #"),
    (r"−22\.8\d+", "#"),  # where EM's climb ends that has no maximum
    (r"[\d,]+( map evaluations?\b| sweeps?\b)", r"#\1"),
    (r"\b(squarem|px|plain) in [\d,]+", r"\1 in #"),
    (r"^(Score in .*?) \| .*", r"\1 | #"),
    (r"^(Shortfall, nats) \| .*", r"\1 | #"),
    (r"^(Iterations here) \| .*", r"\1 | #"),
    (
        r"^((?:EM|MFVI) (?:squarem|px|plain)) \| [\d,]+ \| (.*) \| \S+ \| (yes|no)$",
        r"\1 | # | \2 | # | \3",
    ),
    (r"\b[0-9a-f]{64}\b", "#"),
    (r"^([\w-]+) \| \d+(\.\d+)+$", r"\1 | #"),
)

pytestmark = pytest.mark.xdist_group("decks")


def said(content: bytes) -> list[str]:
    """Return what each slide says: headline, texts, equations, tables, notes."""
    return [masked("\n".join(_of_slide(slide))) for slide in Opened(content).slides]


def _of_slide(slide: Any) -> Iterator[str]:
    yield f"# {heading(slide)}"
    for shape in shapes_of(slide):
        if shape == slide.shapes.title or "Footer" in shape.name or "Number" in shape.name:
            continue
        words = shape._element.find(".//p:cNvPr", NAMES).get("descr", "")
        if shape.name.startswith("Equation"):
            yield f"[{shape.name}]"
        elif shape.has_text_frame:
            yield from (line.text for line in shape.text_frame.paragraphs if line.text)
        else:
            yield f"[{shape.name}: {words}]"
        if shape.has_table:
            yield from (
                " | ".join(c.text_frame.text for c in row.cells) for row in shape.table.rows
            )
    yield f"Notes: {slide.notes_slide.notes_text_frame.text}"


def masked(text: str) -> str:
    """Replace what rounding decides."""
    text = text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{VERTICAL TABULATION}", " / ")
    for pattern, mask in MASKS:
        text = re.sub(pattern, mask, text, flags=re.MULTILINE)
    return re.sub(r"Check, .*", lambda check: PUT_IN.sub("#", check[0]), text)


def told(name: str) -> str:
    """Tell the deck of a case: in full, or what another case does not say."""
    kind, deck = DECKS[name]
    full = IN_FULL[kind]
    slides = [text.split("\n") for text in said(deck())]
    if name != full:
        known = {line for text in said(DECKS[full][1]()) for line in text.split("\n")}
        slides = [[head, *(line for line in rest if line not in known)] for head, *rest in slides]
    return "\n\n".join("\n".join(lines) for lines in slides) + "\n"


@pytest.mark.parametrize("name", DECKS)
def test_it_says_what_was_approved(name: str) -> None:
    file = APPROVED / f"{name}.txt"
    if os.environ.get("APPROVE"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(told(name), encoding="utf-8")
    assert told(name) == file.read_text(encoding="utf-8"), (
        "`make approve`, then read the difference"
    )


def test_nothing_is_approved_that_is_no_case() -> None:
    assert {file.stem for file in APPROVED.iterdir()} == set(DECKS)
