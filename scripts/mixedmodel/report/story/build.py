"""Decks built from the story: their sections, the slides whose case holds, in their layouts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from mixedmodel.model.overview import Overview
from mixedmodel.model.results import Summary, ValidationSummary
from mixedmodel.report.slides.deck import Deck, Settings
from mixedmodel.report.slides.place import NoRoom, Picture
from mixedmodel.report.story.cases import above_rounding, results
from mixedmodel.report.story.drawing import Stage
from mixedmodel.report.story.layouts import LAYOUTS
from mixedmodel.report.story.paths import NoValue
from mixedmodel.report.story.several import Several
from mixedmodel.report.story.source import Slide, refusal
from mixedmodel.report.story.telling import Scope, Telling

RESPONSE, RESPONSES = "response", "responses"  # the kinds of decks


@dataclass(frozen=True)
class Material:
    """The finished results of one data set: summary, figures by name, predicted rows, both traces.

    ``cross_validation`` is None where it wasn't asked for, or was left out.
    """

    summary: Summary
    figures: Mapping[str, Picture]
    predictions: pd.DataFrame
    em_trace: pd.DataFrame
    mfvi_trace: pd.DataFrame
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
    traces = {"em": material.em_trace, "objectives": trace, "gap": above_rounding(trace)}
    return _build(telling, RESPONSE, (found,), settings, material.figures, traces)


def build_overview(
    overview: Overview, picture: Picture, settings: Settings, telling: Telling, *, likelihood: str
) -> bytes:
    """Build the deck over all responses and return the .pptx file; errors as of ``build_deck``.

    ``picture`` is the figure of the responses.
    """
    found = Several(overview, settings.dataset, likelihood)
    return _build(telling, RESPONSES, (found,), settings, {"responses": picture}, {})


def _build(
    telling: Telling,
    kind: str,
    scope: Scope,
    settings: Settings,
    figures: Mapping[str, Picture],
    traces: Mapping[str, pd.DataFrame],
) -> bytes:
    sections, teller = telling.story.decks[kind], telling.teller
    first = next(slide for section in sections for slide in section.slides)
    settings = replace(settings, title=settings.title or teller.sentence(first.title, scope))
    deck = Deck(settings, telling.story.phrases.words)
    stage = Stage(deck, teller, telling.pictures, figures, traces)
    for section in sections:
        deck.section(section.name)
        for slide in section.slides:
            try:
                if _is_told(stage, slide, scope):
                    LAYOUTS[slide.layout].draw(stage, slide, scope)
            except (NoRoom, NoValue) as error:
                raise refusal(slide.file, slide.slide, str(error)) from None
    return deck.to_bytes()


def _is_told(stage: Stage, slide: Slide, scope: Scope) -> bool:
    """Tell whether the case of a slide holds and there is something on it."""
    if not stage.teller.holds(slide.when, scope):
        return False
    return not slide.body or any(stage.is_told(block, scope) for block in slide.body)
