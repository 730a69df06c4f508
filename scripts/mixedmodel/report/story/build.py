"""Decks built from the story: their sections, the slides whose case holds, in their layouts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from mixedmodel.model.overview import Overview
from mixedmodel.model.results import Summary, ValidationSummary
from mixedmodel.report.slides.deck import Deck, Settings
from mixedmodel.report.slides.links import add_links, lead
from mixedmodel.report.slides.place import NoRoom, Picture
from mixedmodel.report.slides.profile import profile_of
from mixedmodel.report.story.cases import above_rounding, results
from mixedmodel.report.story.drawing import Charted, Stage
from mixedmodel.report.story.equations import Regime
from mixedmodel.report.story.layouts import LAYOUTS
from mixedmodel.report.story.paths import NoValue
from mixedmodel.report.story.several import Several
from mixedmodel.report.story.source import Slide, refusal
from mixedmodel.report.story.telling import Scope, Telling

RESPONSE, RESPONSES = "response", "responses"  # the kinds of decks


@dataclass(frozen=True)
class Material:
    """The finished results of one data set: summary, figures by name, predicted rows, curves.

    ``cross_validation`` is None where it wasn't asked for, or was left out.
    """

    summary: Summary
    figures: Mapping[str, Picture]
    predictions: pd.DataFrame
    em_trace: pd.DataFrame
    mfvi_trace: pd.DataFrame
    profile: pd.DataFrame
    cross_validation: ValidationSummary | None = None


def build_deck(material: Material, settings: Settings, telling: Telling) -> bytes:
    """Build the deck of one response and return the .pptx file.

    Raises
    ------
    UserError
        Where the template does not do, or something of the story has no room, with its slide.
    """
    s, trace = material.summary, material.mfvi_trace
    trace = trace[trace["scheme"] == s.mfvi.scheme]
    found = results(s, material.predictions, material.cross_validation, trace)
    charted: dict[str, Charted] = {"em": material.em_trace, "objectives": trace}
    charted |= dict.fromkeys(("profile", "penalty"), profile_of(material.profile, s))
    gap = above_rounding(trace)
    if not gap.empty:
        charted["gap"] = gap
    return _build(telling, RESPONSE, (found,), settings, material.figures, charted, found.regime)


def build_overview(
    overview: Overview, picture: Picture, settings: Settings, telling: Telling, *, likelihood: str
) -> bytes:
    """Build the deck over all responses and return the .pptx file; errors as of ``build_deck``.

    ``picture`` is the figure of the responses.
    """
    found = Several(overview, settings.dataset, likelihood)
    return _build(
        telling, RESPONSES, (found,), settings, {"responses": picture}, {"forest": overview.ranked}
    )


def _build(
    telling: Telling,
    kind: str,
    scope: Scope,
    settings: Settings,
    figures: Mapping[str, Picture],
    charted: Mapping[str, Charted],
    regime: Regime = "",
) -> bytes:
    sections, teller = telling.story.decks[kind], telling.teller
    first = next(slide for section in sections for slide in section.slides)
    settings = replace(settings, title=settings.title or teller.sentence(first.title, scope))
    words = telling.story.phrases.words
    deck = Deck(settings, words, telling.language.regional)
    stage = Stage(deck, teller, telling.pictures, figures, charted, regime)
    drawn: dict[str, Any] = {}
    for section in sections:
        if settings.short and section.level != "core":
            continue
        deck.section(section.name)
        for slide in section.slides:
            before = len(deck.slides)
            try:
                if _is_told(stage, slide, scope):
                    LAYOUTS[slide.layout].draw(stage, slide, scope)
            except (NoRoom, NoValue) as error:
                raise refusal(slide.file, slide.slide, str(error)) from None
            if len(deck.slides) > before:
                drawn[slide.slide] = deck.named(before, slide.slide)
    _link(
        stage,
        [slide for section in sections for slide in section.slides],
        drawn,
        scope,
        words["back"],
    )
    return deck.to_bytes()


def _link(
    stage: Stage, slides: Sequence[Slide], drawn: Mapping[str, Any], scope: Scope, back: str
) -> None:
    """Link the slides that are there to others that are, and these back."""
    numbers = {slide.slide_id: k for k, slide in enumerate(stage.deck.slides, start=1)}
    links: dict[str, list[tuple[str, Any]]] = {key: [] for key in drawn}
    for slide in (slide for slide in slides if slide.slide in drawn):
        source = drawn[slide.slide]
        for key, text in slide.see.items():
            if key in drawn:
                links[slide.slide].append((stage.teller.plain(text, scope), drawn[key]))
                links[key].append((back.format(numbers[source.slide_id]), source))
    for key, found in links.items():
        if found:
            add_links(drawn[key], found)
    for shape, key in stage.leading:
        if key in drawn:
            lead(shape, drawn[key])


def _is_told(stage: Stage, slide: Slide, scope: Scope) -> bool:
    """Tell whether the case of a slide holds and there is something on it."""
    if not stage.teller.holds(slide.when, scope):
        return False
    return not slide.body or any(stage.is_told(block, scope) for block in slide.body)
