"""Our story, to be told of any results: what the tests of the report share."""

from functools import cache
from pathlib import Path
from typing import Any

from mixedmodel.model.overview import Overview
from mixedmodel.model.results import Summary, ValidationSummary
from mixedmodel.report.story.build import RESPONSE, RESPONSES
from mixedmodel.report.story.cases import Predicted, Results, Validation
from mixedmodel.report.story.drawing import Stage
from mixedmodel.report.story.formats import Formats
from mixedmodel.report.story.language import language
from mixedmodel.report.story.several import Several
from mixedmodel.report.story.source import Slide
from mixedmodel.report.story.telling import Scope, Telling, read_telling

STORY = Path(__file__).parents[2] / "workflow" / "story" / "en"


@cache
def telling() -> Telling:
    """Read our story, once; its equations are drawn as they are asked for."""
    return read_telling([str(STORY)], "en")


def results(
    summary: Summary,
    validation: ValidationSummary | None = None,
    predicted: Predicted | None = None,
) -> Scope:
    """Return the scope of the deck of one response."""
    found = None if validation is None else Validation(validation)
    return (Results(summary, found, predicted, gaps=[]),)


def several(overview: Overview, dataset: str = "traits", likelihood: str = "ml") -> Scope:
    """Return the scope of the deck over several responses."""
    return (Several(overview, dataset, likelihood),)


def slide(key: str) -> Slide:
    """Return a slide of our story."""
    decks = telling().story.decks
    sections = (*decks[RESPONSE], *decks[RESPONSES])
    return next(each for section in sections for each in section.slides if each.slide == key)


def title(key: str, scope: Scope) -> str:
    """Tell the headline of a slide."""
    return telling().teller.sentence(slide(key).title, scope)


def notes(key: str, scope: Scope) -> str:
    """Tell the notes of a slide."""
    return telling().teller.plain(slide(key).notes, scope)


def part(key: str, name: str, scope: Scope) -> str:
    """Tell a part of a slide that has a layout of its own."""
    return telling().teller.sentence(slide(key).parts[name], scope)


def texts(key: str, scope: Scope) -> list[str]:
    """Tell the paragraphs and facts of a slide."""
    told = telling().teller.paragraphs
    parts = [part for block in slide(key).body for part in (block.text, block.facts) if part]
    return [text for each in parts for text in told(each, scope) if text]


def stage() -> Stage:
    """Return what tells tables; it has no deck to draw them on."""
    [deck, figures, traces] = None, {}, {}
    return Stage(deck, telling().teller, telling().pictures, figures, traces)  # type: ignore


def write(value: Any, how: str, *arguments: int) -> str:
    """Write a value in a format."""
    phrases = telling().story.phrases
    return Formats(language("en"), phrases.words, phrases.counting).write(value, how, arguments)


def phrase(name: str, scope: Scope) -> str:
    """Tell a phrase."""
    return telling().teller.sentence(telling().story.phrases.phrases[name], scope)
