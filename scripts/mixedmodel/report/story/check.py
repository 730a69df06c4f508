"""The story held against the types of the results, without any data: every mistake, with its slide.

What a text may name follows from where it stands: the view of its deck, that of a page, and the
items of an ``each`` around it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from inspect import Parameter, signature
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from mixedmodel.errors import UserError
from mixedmodel.report.equation_pictures import draw, unknown_commands
from mixedmodel.report.story.build import RESPONSE, RESPONSES
from mixedmodel.report.story.cases import Results
from mixedmodel.report.story.drawing import CHARTS, COLOURS
from mixedmodel.report.story.equations import Equation
from mixedmodel.report.story.formats import FORMATS, USUAL, WORDS, Formats
from mixedmodel.report.story.language import language
from mixedmodel.report.story.layouts import LAYOUTS
from mixedmodel.report.story.paths import Unknown, item_type, parts, type_of
from mixedmodel.report.story.several import Several
from mixedmodel.report.story.source import NO_STORY, Block, Slide, Story, read_story
from mixedmodel.report.story.telling import EACH, JOIN, NOT, OTHERWISE, SLOT, is_each, lower, terms

VIEWS = {RESPONSE: Results, RESPONSES: Several}
CONTENT = ("text", "derivation", "equation", "table", "figure", "chart", "beside", "stacked")
ROW = {"cells", "each", "when"}

Kinds = tuple[Any, ...]


def check_story(story: Story, figures: Mapping[str, Collection[str]]) -> None:
    """Check every slide of every deck; ``figures`` are those that each kind of deck has.

    Raises
    ------
    UserError
        One line a mistake: file, slide and what is wrong.
    """
    mistakes = [*_Checker(story).mistakes(figures)]
    if mistakes:
        raise UserError(NO_STORY.format("\n  ".join(dict.fromkeys(mistakes))))


def check_own(folders: Sequence[str], tag: str, figures: Mapping[str, Collection[str]]) -> None:
    """Check a story of the user's, laid over ours, in the language ``tag``.

    Raises
    ------
    UserError
        With file, slide and reason of every mistake.
    """
    ours, story = read_story(Path(folders[0])), read_story(*map(Path, folders))
    language(tag)
    check_story(story, figures)
    known = ours.equations.items()
    check_equations(dict(pair for pair in story.equations.items() if pair not in known))


def check_equations(equations: Mapping[str, Equation]) -> None:
    """Draw equations; UserError, with the name of the first that LaTeX refuses."""
    for name, equation in equations.items():
        if unknown := unknown_commands(equation.latex):
            reason = f"equations.yaml, `{name}`: there is no command {unknown[0]}"
            raise UserError(NO_STORY.format(reason))
        try:
            draw(name, equation)
        except Exception as error:  # whatever ziamath raises
            reason = f"equations.yaml, `{name}`: this LaTeX can't be set {error}".rstrip()
            raise UserError(NO_STORY.format(reason)) from None


class _Checker:
    """What is wrong with a story."""

    def __init__(self, story: Story) -> None:
        self._story, self._phrases = story, story.phrases

    def _told_by_itself(self, name: str, text: Any, seen: tuple[str, ...] = ()) -> bool:
        """Tell whether a phrase is among those that its own text names."""
        inner = {lower(slot.partition(" ")[0]) for slot in SLOT.findall(str(text))}
        known = inner & self._phrases.phrases.keys() - {*seen}
        return name in inner or any(
            self._told_by_itself(name, self._phrases.phrases[each], (*seen, each)) for each in known
        )

    def mistakes(self, figures: Mapping[str, Collection[str]]) -> Iterator[str]:
        """Give every mistake with its place."""
        missing = WORDS - self._phrases.words.keys()
        yield from (f"phrases.yaml: `words` has no `{word}`" for word in sorted(missing))
        for noun, forms in self._phrases.nouns.items():
            if "other" not in forms:
                yield f"phrases.yaml: the noun `{noun}` has no form `other`"
        for name, text in self._phrases.phrases.items():
            if self._told_by_itself(name, text):
                yield f"phrases.yaml: the phrase `{name}` tells itself"
                return
        for deck, sections in self._story.decks.items():
            if deck not in VIEWS:
                yield f"story.yaml: there is no kind of deck `{deck}`; known: {', '.join(VIEWS)}"
                continue
            if not any(section.slides for section in sections):
                yield f"story.yaml: the deck `{deck}` has no slide"
            for slide in (slide for section in sections for slide in section.slides):
                for mistake in self._slide(slide, (VIEWS[deck],), figures[deck]):
                    yield f"{slide.file}, slide `{slide.slide}`, {mistake}"

    def _slide(self, slide: Slide, kinds: Kinds, figures: Collection[str]) -> Iterator[str]:
        if slide.layout not in LAYOUTS:
            yield f"layout: there is no `{slide.layout}`; known: {', '.join(LAYOUTS)}"
            return
        layout = LAYOUTS[slide.layout]
        if layout.of not in (None, *kinds):
            yield f"layout: `{slide.layout}` shows what this kind of deck does not have"
            return
        yield from self._case(slide.when, kinds, "when")
        inner = (layout.page, *kinds) if layout.page else kinds
        for name, text in (("title", slide.title), ("notes", slide.notes)):
            yield from [f"{name}: it has none"] if not text else self._text(text, inner, name)
        if slide.parts.keys() != layout.parts.keys():
            wanted = ", ".join(layout.parts) or "none"
            yield f"parts: this layout has {wanted}, not {', '.join(slide.parts) or 'none'}"
            return
        for name, text in slide.parts.items():
            view = layout.parts[name]
            yield from self._text(text, (view, *inner) if view else inner, f"parts.{name}")
        if layout.blocks is not None and len(slide.body) != layout.blocks:
            yield f"body: this layout has {layout.blocks} parts, not {len(slide.body)}"
        for key, text in slide.see.items():
            yield from self._key(key, "see")
            yield from self._text(text, kinds, f"see.{key}")
        for number, block in enumerate(slide.body, start=1):
            yield from self._block(block, inner, figures, f"body {number}", layout.page is not None)

    def _block(
        self, block: Block, kinds: Kinds, figures: Collection[str], where: str, paged: bool = False
    ) -> Iterator[str]:
        has = [name for name in CONTENT if getattr(block, name) is not None]
        if len(has) != 1 and not paged:
            yield f"{where}: needed is one of {', '.join(CONTENT)}, not {', '.join(has) or 'none'}"
        yield from self._case(block.when, kinds, f"{where}.when")
        for name in ("text", "words", "header", "facts", "axes", "series"):
            if (text := getattr(block, name)) is not None:
                yield from self._text(text, kinds, f"{where}.{name}")
        yield from self._key(block.to, f"{where}.to")
        for colour in filter(None, (block.panel, block.colour)):
            if colour not in COLOURS:
                yield f"{where}: no colour `{colour}`; known: {', '.join(COLOURS)}"
        for number, row in enumerate(block.table or [], start=1):
            yield from self._row(row, kinds, f"{where}.table {number}")
        yield from self._named(block, figures, where)
        for line in block.derivation or []:
            yield from self._line(line, kinds, where)
        children = block.beside or block.stacked or []
        if block.shares and len(block.shares) != len(children):
            yield f"{where}.shares: {len(block.shares)} for {len(children)} parts"
        for number, child in enumerate(children, start=1):
            yield from self._block(child, kinds, figures, f"{where}.{number}")

    def _named(self, block: Block, figures: Collection[str], where: str) -> Iterator[str]:
        """Check the names of figure, chart and equation, and that who can't see them is told."""
        if block.figure is not None and block.figure not in figures:
            yield f"{where}: no figure `{block.figure}`; known: {', '.join(figures)}"
        if block.chart is not None and block.chart not in CHARTS:
            yield f"{where}: no chart `{block.chart}`; known: {', '.join(CHARTS)}"
        if block.chart is not None and len(block.axes) != 2:
            yield f"{where}: `axes` has two titles"
        yield from self._equation(block.equation, where)
        if (block.figure or block.chart or block.table) and not block.words:
            yield f"{where}: `words` are missing, for who can't see it"

    def _key(self, key: str | None, where: str) -> Iterator[str]:
        """Check the key of a slide that something leads to."""
        if key is not None and key not in self._story.keys:
            yield f"{where}: there is no slide `{key}`"

    def _equation(self, name: str | None, where: str) -> Iterator[str]:
        if name is not None and name not in self._story.equations:
            yield f"{where}: no equation `{name}` in equations.yaml"

    def _line(self, line: Mapping[str, Any], kinds: Kinds, where: str) -> Iterator[str]:
        yield from self._case(line.get("when"), kinds, f"{where}.when")
        for name, reason in line.items():
            if name != "when":
                yield from self._equation(name, where)
                yield from self._text(reason, kinds, f"{where}.{name}")

    def _row(self, row: Any, kinds: Kinds, where: str) -> Iterator[str]:
        if isinstance(row, list):
            yield from self._text(row, kinds, where)
        elif not isinstance(row, Mapping) or not {"cells"} <= row.keys() <= ROW:
            yield f"{where}: a row is a list of cells, or `cells` with `each` or `when`"
        else:
            yield from self._case(row.get("when"), kinds, where)
            inner = kinds
            if "each" in row:
                inner, mistakes = self._items(row["each"], kinds, where)
                yield from mistakes
            yield from self._text(row["cells"], inner, where)

    def _text(self, text: Any, kinds: Kinds, where: str) -> Iterator[str]:
        """Check a text in the scope of these types."""
        if isinstance(text, str):
            for slot in SLOT.findall(text):
                yield from self._slot(slot, kinds, where)
        elif isinstance(text, list):
            for part in text:
                yield from self._text(part, kinds, where)
        elif is_each(text) or (isinstance(text, Mapping) and "join" in text):
            yield from self._each_or_join(text, kinds, where)
        elif isinstance(text, Mapping):
            for case, told in text.items():
                yield from self._case(case, kinds, where)
                yield from self._text(told, kinds, where)
            if OTHERWISE in [*text][:-1]:
                yield f"{where}: what comes after `{OTHERWISE}` is never told"
        else:
            yield f"{where}: {text!r} is no text; put it in quotes if it is meant as one"

    def _each_or_join(self, text: Mapping[str, Any], kinds: Kinds, where: str) -> Iterator[str]:
        keys = EACH if is_each(text) else JOIN
        if text.keys() != keys:
            yield f"{where}: needed are {' and '.join(sorted(keys))}, not {', '.join(text)}"
        elif keys is JOIN:
            yield from self._text(text["of"], kinds, where)
        else:
            inner, mistakes = self._items(text["each"], kinds, where)
            yield from mistakes
            yield from self._text(text["say"], inner, where)

    def _items(self, path: Any, kinds: Kinds, where: str) -> tuple[Kinds, list[str]]:
        """Return the scope of the items of a sequence, and what is wrong with it."""
        try:
            item = item_type(parts(type_of(str(path), kinds))[0])
        except Unknown as error:
            return kinds, [f"{where}: {error}"]
        return (kinds, [f"{where}: `{path}` is no list"]) if item is None else ((item, *kinds), [])

    def _case(self, case: Any, kinds: Kinds, where: str) -> Iterator[str]:
        if case is not None and not isinstance(case, str):
            yield f"{where}: {case!r} is no case"
            return
        for term in terms(case) if case else []:
            if term == OTHERWISE:
                continue
            try:
                kind, optional = parts(type_of(term.removeprefix(NOT), kinds))
            except Unknown as error:
                yield f"{where}: {error}"
                continue
            if kind is not bool and not optional:
                yield f"{where}: `{term}` is no case: it is neither true or false, nor ever missing"

    def _slot(self, content: str, kinds: Kinds, where: str) -> Iterator[str]:
        path, _, how = content.partition(" ")
        if lower(path) in self._phrases.phrases:
            if how:
                yield f"{where}: `{path}` is a phrase and takes no format, not `{how}`"
            yield from self._text(self._phrases.phrases[lower(path)], kinds, f"{where}, {path}")
            return
        try:
            kind = type_of(path, kinds)
            if how not in self._phrases.nouns:
                yield from self._format(path, kind, how, kinds, where)
            elif parts(kind)[0] is not int:
                yield f"{where}: `{path}` can't be counted as `{how}`"
        except Unknown as error:
            yield f"{where}: {error}"

    def _format(self, path: str, kind: Any, how: str, kinds: Kinds, where: str) -> Iterator[str]:
        bare, _ = parts(kind)
        name, *arguments = how.split() or [usual_of(bare)]
        if lower(name) not in FORMATS:
            known = f"known: {', '.join(FORMATS)}"
            yield f"{where}: `{path}` has to be written in a format, not {name or 'none'}; {known}"
            return
        if not _fits(bare, FORMATS[lower(name)]):
            yield f"{where}: `{path}` can't be written as `{name}`"
        yield from (
            f"{where}: `{name}` takes a number of digits, not `{word}`"
            for word in arguments
            if not word.isdigit() and parts(type_of(word, kinds))[0] is not int
        )
        takes = list(signature(getattr(Formats, lower(name))).parameters.values())[2:]
        needed = sum(each.default is Parameter.empty for each in takes)
        if not needed <= len(arguments) <= len(takes):
            yield f"{where}: `{name}` takes {len(takes)} arguments, not {len(arguments)}"


def usual_of(kind: Any) -> str:
    """Return the format of a slot that names none, by its type."""
    return "plain" if _is_literal(kind) else USUAL.get(kind, "")


def _fits(kind: Any, wanted: Any) -> bool:
    """Tell whether values of a type may be written by a format that takes another."""
    wanted, _ = parts(wanted)
    kinds = get_args(wanted) if get_origin(wanted) in (Union, UnionType) else (wanted,)
    if get_origin(wanted) is Sequence:
        return item_type(kind) is str
    return kind in kinds or (kind is int and float in kinds) or (_is_literal(kind) and str in kinds)


def _is_literal(kind: Any) -> bool:
    """Tell whether a type is one of certain texts."""
    return get_origin(kind) is Literal
