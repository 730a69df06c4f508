"""The story as it lies in its files, a user's laid over ours, read strictly.

A chapter is a file with a section of the deck: its name and its slides. In a user's folder a slide
with the key of one of ours replaces what it gives of it, another is added ``after`` one, and those
under ``leave_out`` are left out. ``phrases.yaml`` and ``equations.yaml`` there do the same by key.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar

import msgspec
import yaml
from msgspec import Struct

from mixedmodel.errors import UserError
from mixedmodel.report.omml import read_native
from mixedmodel.report.story.equations import Equation, with_regimes

T = TypeVar("T")
Level = Literal["core", "derivation", "appendix"]
NO_STORY = "the story can't be told\n  {}"
ORDER, PHRASES, EQUATIONS = "story.yaml", "phrases.yaml", "equations.yaml"
NATIVE = "native.xml"  # beside our equations, the same in OMML


class Phrases(Struct, forbid_unknown_fields=True, frozen=True):
    """What all chapters share: words of formats, number words, forms of nouns, texts by name."""

    words: dict[str, str]
    counting: list[str]
    nouns: dict[str, dict[str, str]]
    phrases: dict[str, Any]


class Block(Struct, forbid_unknown_fields=True, frozen=True):
    """A part of a slide: one of the first fields, where it stands and how it looks.

    ``top`` and ``height`` (inches) are those in the place of the part, which ``shares`` and ``gap``
    divide; ``row`` is the height of a table's row, if there is room. ``size`` and ``spacing`` of
    paragraphs are points. A text leads to the slide ``to``, if the deck has it.
    """

    text: Any = None
    derivation: list[dict[str, Any]] | None = None
    equation: str | None = None
    table: list[Any] | None = None
    figure: str | None = None
    chart: str | None = None
    beside: "list[Block] | None" = None
    stacked: "list[Block] | None" = None
    when: str | None = None
    top: float = 0.0
    height: float | None = None
    shares: list[float] | None = None
    gap: float | None = None
    row: float | None = None
    panel: str | None = None
    size: float | None = None
    spacing: float | None = None
    colour: str = "ink"
    header: list[Any] = []
    text_columns: int = 1
    facts: list[Any] = []
    axes: list[Any] = []
    series: list[Any] = []
    name: str = ""
    words: Any = None
    to: str | None = None


class Slide(Struct, forbid_unknown_fields=True, frozen=True):
    """A slide: its key, the case in which it is there, headline, notes, and what is on it.

    ``parts`` are the texts of a layout that draws itself, ``see`` those of links to other slides,
    by their keys.
    """

    slide: str
    title: Any = None
    notes: Any = None
    when: str | None = None
    layout: str = "body"
    body: list[Block] = []
    parts: dict[str, Any] = {}
    see: dict[str, Any] = {}
    after: str | None = None
    file: str = ""
    own: bool = False  # it is a user's, or something of it


class Chapter(Struct, forbid_unknown_fields=True):
    """What a file may hold: name and level of its section, slides, keys of slides to leave out."""

    section: str | None = None
    level: Level | None = None
    slides: list[dict[str, Any]] = []
    leave_out: list[str] = []


@dataclass(frozen=True)
class Section:
    """A part of a deck; only those of the level ``core`` are in a short one."""

    name: str
    slides: list[Slide]
    level: Level = "core"


@dataclass(frozen=True)
class Story:
    """All that is told: the sections of each kind of deck, and what they share.

    ``native`` has equations as PowerPoint's own, in OMML by their LaTeX; ``keys`` are those of all
    slides, left out or not.
    """

    decks: Mapping[str, list[Section]]
    phrases: Phrases
    equations: Mapping[str, Equation]
    native: Mapping[str, str]
    keys: frozenset[str]


def read_story(base: Path, own: Path | None = None) -> Story:
    """Read the story in the folder ``base``, with a user's ``own`` laid over it.

    Raises
    ------
    UserError
        With file, slide and reason, if a file is no YAML, has an unknown key, or a slide that one
        adds after, or leaves out, is not there.
    """
    folders = [base, *([own] if own else [])]
    chapters: dict[str, Chapter] = {}
    keys: set[str] = set()
    for file in (file for folder in folders for file in sorted(folder.glob("*.yaml"))):
        if file.name not in (ORDER, PHRASES, EQUATIONS):
            chapter = _read(file, Chapter)
            keys |= {str(slide.get("slide")) for slide in chapter.slides}
            _lay_over(chapters, file, chapter, own=file.parent == own)
    order = _merged([folder / ORDER for folder in folders], dict[str, list[str]])
    decks = {deck: [_section(chapters, stem) for stem in stems] for deck, stems in order.items()}
    told = {stem for stems in order.values() for stem in stems}
    for stem in sorted(chapters.keys() - told):
        raise UserError(NO_STORY.format(f"{stem}.yaml is a section that no deck of {ORDER} names"))
    return Story(
        decks,
        _merged([folder / PHRASES for folder in folders], Phrases),
        read_equations([base.parent / EQUATIONS, *(folder / EQUATIONS for folder in folders)]),
        read_native(base.parent / NATIVE),
        frozenset(keys),
    )


def read_equations(files: Iterable[Path]) -> dict[str, Equation]:
    """Read the equations, each file laid over those before it, and add those of all regimes.

    A file that isn't there has none.
    """
    return with_regimes(_merged(files, dict[str, Equation]))


def refusal(file: str, slide: str, reason: str) -> UserError:
    """Return the message on a slide that can't be told."""
    return UserError(NO_STORY.format(f"{file}, slide `{slide}`: {reason}"))


def _lay_over(chapters: dict[str, Chapter], file: Path, new: Chapter, *, own: bool) -> None:
    """Put the slides of a file where they belong: into its own section, or over ours."""
    is_known = file.stem in chapters
    if not is_known and new.section:
        chapters[file.stem] = Chapter(new.section, new.level)
    elif is_known:
        chapters[file.stem].section = new.section or chapters[file.stem].section
        chapters[file.stem].level = new.level or chapters[file.stem].level
    for given in new.slides:
        slide = {**given, "file": str(file), "own": own}
        key = str(slide.get("slide"))
        old = _place_of(chapters, key)
        if old:
            chapter, place = old
            slide = {**chapter.slides[place], **slide}
            if is_known or not new.section:
                chapter.slides[place] = slide
                continue
            del chapter.slides[place]
        _add(chapters, file, slide)
    for key in new.leave_out:
        found = _place_of(chapters, key)
        if found is None:
            raise refusal(str(file), key, "there is no such slide to leave out")
        del found[0].slides[found[1]]


def _add(chapters: dict[str, Chapter], file: Path, slide: dict[str, Any]) -> None:
    """Add a new slide after another, or at the end of the section that its file has."""
    after = slide.get("after")
    if after is None and file.stem in chapters:
        chapters[file.stem].slides.append(slide)
        return
    found = _place_of(chapters, str(after)) if after else None
    if found is None:
        reason = f"there is no slide `{after}` to add it after" if after else "`after` is missing"
        raise refusal(str(file), str(slide.get("slide")), reason)
    found[0].slides.insert(found[1] + 1, slide)


def _place_of(chapters: Mapping[str, Chapter], key: str) -> tuple[Chapter, int] | None:
    """Find a slide by its key."""
    for chapter in chapters.values():
        for place, slide in enumerate(chapter.slides):
            if slide.get("slide") == key:
                return chapter, place
    return None


def _section(chapters: Mapping[str, Chapter], stem: str) -> Section:
    if stem not in chapters:
        raise UserError(NO_STORY.format(f"{ORDER} names `{stem}`, but there is no {stem}.yaml"))
    chapter = chapters[stem]
    slides = [_slide(raw) for raw in chapter.slides]
    return Section(chapter.section or stem, slides, chapter.level or "core")


def _slide(raw: Mapping[str, Any]) -> Slide:
    try:
        return msgspec.convert(raw, Slide)
    except msgspec.ValidationError as error:
        raise refusal(str(raw["file"]), str(raw.get("slide")), _lower(str(error))) from None


def _merged(files: Iterable[Path], kind: type[T]) -> T:
    """Read files of one kind, each laid over those before it by its keys, two levels deep."""
    content: dict[str, Any] = {}
    for file in files:
        for key, value in _read(file, dict[str, Any]).items() if file.exists() else ():
            both = isinstance(value, dict) and isinstance(content.get(key), dict)
            content[key] = {**content[key], **value} if both else value
    try:
        return msgspec.convert(content, kind)
    except msgspec.ValidationError as error:
        raise UserError(NO_STORY.format(f"{file.name}: {_lower(str(error))}")) from None


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML in which yes and no are words, without keys that are there twice."""

    yaml_implicit_resolvers: ClassVar = {
        letter: [(tag, words) for tag, words in rules if not tag.endswith(":bool")]
        for letter, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        keys = [key.value for key, _ in node.value]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            line = node.start_mark.line + 1
            raise yaml.YAMLError(f"`{twice}` is there twice in what begins in line {line}")
        return super().construct_mapping(node, deep=deep)


def _read(file: Path, kind: type[T]) -> T:
    """Read a YAML file strictly; an empty one is an empty mapping."""
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), _Loader)
        return msgspec.convert(content or {}, kind)
    except (OSError, yaml.YAMLError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise UserError(NO_STORY.format(f"{file}: {_lower(str(error))}")) from None


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
