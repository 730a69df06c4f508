"""How a language writes numbers and counts things, from the Unicode locale data of Babel."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from mixedmodel.errors import UserError

_MARK = re.compile(r"(?<=\d)[.,](?=\d)")
_PERCENT = re.compile(r"(?<=\d)%")
_OURS = {"en": "en-GB"}  # as the built-in story is spelt


@dataclass(frozen=True)
class Language:
    """The marks of numbers, and which form of a noun goes with a number: one, few, other."""

    tag: str
    regional: str  # with the region that has most of its readers, by which spelling is checked
    decimal: str
    group: str
    percent: str
    form: Callable[[int], str]

    def localised(self, text: str) -> str:
        """Return a text written in English with this language's marks in its numbers."""
        marks = {".": self.decimal, ",": self.group}
        return _PERCENT.sub(self.percent, _MARK.sub(lambda found: marks[found[0]], text))


def language(tag: str) -> Language:
    """Return a language by its tag: ``en``, ``de``, ``pt-BR``; UserError if there is none."""
    try:
        locale = Locale.parse(tag.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        raise UserError(
            f"`deck.language`: no language {tag!r}; needed: a tag such as en, de or pt-BR"
        ) from None
    symbols = locale.number_symbols.get("latn", {})
    return Language(
        tag,
        _regional(tag, locale),
        symbols.get("decimal", "."),
        symbols.get("group", ","),
        locale.percent_formats[None].pattern.rpartition("0")[2].partition(";")[0],
        locale.plural_form,
    )


def _regional(tag: str, locale: Locale) -> str:
    if tag in _OURS:
        return _OURS[tag]
    likely = get_global("likely_subtags").get(str(locale), "")
    return f"{locale.language}-{locale.territory or likely.rpartition('_')[2]}".rstrip("-")
