"""Texts of the story, filled in: cases chosen, slots written, for the results in scope.

A text is a string with slots, a list of texts, a mapping of cases to texts of which the first that
holds is told, ``each: items`` with what to ``say`` of one, or ``join: word`` of the parts ``of`` a
text. What no case holds for is left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mixedmodel.report.equation_pictures import Pictures
from mixedmodel.report.story.formats import FORMATS, USUAL, Formats
from mixedmodel.report.story.language import Language, language
from mixedmodel.report.story.paths import no_value, parts, value_of
from mixedmodel.report.story.source import Phrases, Story, read_story

Scope = tuple[Any, ...]

SLOT = re.compile(r"(?<![_^])\{([^{}]*)\}")  # _{x} and ^{x} are sub- and superscripts
OTHERWISE = "otherwise"
NOT = "not "
EACH, JOIN = {"each", "say"}, {"join", "of"}
LISTED = "listed"


def terms(case: str) -> list[str]:
    """Return what a case asks for: all of them have to hold."""
    return [term.strip() for term in case.split(",")]


def lower(name: str) -> str:
    """Return the name of a phrase that is written with a capital where its text shall be."""
    return name[:1].lower() + name[1:]


def upper(text: str) -> str:
    """Return a text with a capital."""
    return text[:1].upper() + text[1:]


def takes_none(name: str) -> bool:
    """Tell whether a format can write a number that is missing."""
    return parts(FORMATS[name])[1]


def is_each(text: Any) -> bool:
    """Tell whether a text is one of each item."""
    return isinstance(text, Mapping) and "each" in text


class Teller:
    """Tells texts with the phrases of a story and the formats of a language."""

    def __init__(self, phrases: Phrases, formats: Formats) -> None:
        self._phrases, self._formats = phrases, formats

    def paragraphs(self, text: Any, scope: Scope) -> list[str]:
        """Tell a text, each part that is said a paragraph."""
        return list(self._told(text, scope))

    def sentence(self, text: Any, scope: Scope) -> str:
        """Tell a text in one paragraph."""
        return " ".join(part for part in self._told(text, scope) if part)

    def plain(self, text: Any, scope: Scope) -> str:
        """Tell a text in one paragraph without bold type: for notes and screen readers."""
        return self.sentence(text, scope).replace("**", "")

    def holds(self, case: str | None, scope: Scope) -> bool:
        """Tell whether a case holds; none always does."""
        return case is None or all(self._term(term, scope) for term in terms(case))

    def items(self, path: str, scope: Scope) -> Iterator[Scope]:
        """Give a scope for each item of a sequence, with its names before the others."""
        return ((item, *scope) for item in value_of(path, scope))

    def localised(self, text: str) -> str:
        """Return numbers written in English with the marks of the language."""
        return self._formats.localised(text)

    def _term(self, term: str, scope: Scope) -> bool:
        if term == OTHERWISE:
            return True
        value = value_of(term.removeprefix(NOT), scope)
        holds = value if isinstance(value, bool) else value is not None
        return holds is not term.startswith(NOT)

    def _told(self, text: Any, scope: Scope) -> Iterator[str]:
        if isinstance(text, str):
            yield self._filled(text, scope)
        elif isinstance(text, list):
            for part in text:
                if isinstance(part, list):
                    yield from filter(None, [self.sentence(part, scope)])
                else:
                    yield from self._told(part, scope)
        elif is_each(text):
            for inner in self.items(text["each"], scope):
                yield self.sentence(text["say"], inner)
        elif "join" in text:
            yield self._joined(text["join"], self.paragraphs(text["of"], scope))
        else:
            chosen = (told for case, told in text.items() if self.holds(case, scope))
            yield from self._told(next(chosen, []), scope)

    def _joined(self, word: str, parts: list[str]) -> str:
        once = list(dict.fromkeys(parts))
        return self._formats.listed(once) if word == LISTED else word.join(once)

    def _filled(self, text: str, scope: Scope) -> str:
        return SLOT.sub(lambda slot: self._slot(slot[1], scope), text)

    def _slot(self, content: str, scope: Scope) -> str:
        path, _, how = content.partition(" ")
        if lower(path) in self._phrases.phrases:
            told = self.sentence(self._phrases.phrases[lower(path)], scope)
            return told if path == lower(path) else upper(told)
        value = value_of(path, scope)
        forms = self._phrases.nouns.get(how)
        name, *arguments = how.split() or [USUAL.get(type(value), "significant")]
        if value is None and (forms or not takes_none(lower(name))):
            raise no_value(path)
        if forms:
            return self._formats.noun(value, forms)
        digits = [int(word) if word.isdigit() else value_of(word, scope) for word in arguments]
        told = self._formats.write(value, lower(name), digits)
        return told if name == lower(name) else upper(told)


@dataclass(frozen=True)
class Telling:
    """What is told, in which language, with which pictures of its equations."""

    story: Story
    language: Language
    pictures: Pictures

    @property
    def teller(self) -> Teller:
        """Return who tells it."""
        phrases = self.story.phrases
        return Teller(phrases, Formats(self.language, phrases.words, phrases.counting))


def read_telling(
    folders: Sequence[str], tag: str, pictures: Mapping[str, Mapping[str, Any]] | None = None
) -> Telling:
    """Read the story in these folders, the first laid over by the second, in the language ``tag``.

    ``pictures`` are those of its equations that are drawn already, as ``Pictures.content`` returns.
    UserError as of ``read_story`` and ``language``.
    """
    story = read_story(*map(Path, folders))
    return Telling(story, language(tag), Pictures(story.equations, pictures, story.native))
