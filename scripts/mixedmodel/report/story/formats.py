"""How a slot of the story is written: ``{data.n row}``, ``{em.loglik fixed}``, ``{em pve}``.

The methods of ``Formats`` are the formats; what they take is what a slot of theirs may hold. One
that does not take ``None`` needs a case of the story that leaves the slot out.
"""

from collections.abc import Mapping, Sequence
from typing import Any, get_type_hints

from mixedmodel.model.results import Estimates, FittedVariance
from mixedmodel.report import numbers, wording
from mixedmodel.report.names import cut, cut_all
from mixedmodel.report.numbers import LARGEST_FIXED, SMALLEST_FIXED
from mixedmodel.report.slides.canvas import BODY, BODY_SIZE, COVER_TEXT_SIZE, TABLE_SIZE
from mixedmodel.report.slides.metrics import fitting
from mixedmodel.report.story.language import Language

NAME_INCHES = 1.6  # the most that a column's name takes inside a sentence
NAME_SIZE = 18.0
REASON_INCHES = BODY.width - 3.5  # the most of a reason; the rest is the response's name
SOURCE_INCHES = BODY.width - 4.5  # the most of a file's name
FOLDER_INCHES = 3.0  # the most that a folder takes on the cover
MOST_NAMED = 6  # names that a sentence lists
REACH_DIGITS = 3  # of how far an interval reaches
MOST_DECKS = 3  # files that the cover names
WORDS = {
    *("below", "above", "interval", "nats", "and", "more", "yes", "no", "withheld"),
    *("not identifiable", "footer", "subject", "back"),
}


class Formats:
    """The formats in one language; ``words`` are those of WORDS, ``counting`` number words."""

    def __init__(
        self, language: Language, words: Mapping[str, str], counting: Sequence[str]
    ) -> None:
        self._language, self._words, self._counting = language, words, counting

    def plain(self, value: str | int) -> str:
        """Write a text, or a number that is no count, as it is."""
        return str(value)

    def yes_no(self, value: bool) -> str:
        """Write whether something is so."""
        return self._words["yes" if value else "no"]

    def count(self, value: int | None) -> str:
        """Write a whole number: ``6,000``."""
        return numbers.count(value)

    def fixed(self, value: float | None, decimals: int = 2) -> str:
        """Write a number with a set number of decimals."""
        return numbers.fixed(value, decimals)

    def significant(self, value: float | None, digits: int = 3) -> str:
        """Write a number to so many significant digits."""
        return numbers.significant(value, digits)

    def result(self, value: float | None) -> str:
        """Write what a formula gives."""
        return numbers.result(value)

    def put(self, value: float | None, digits: int) -> str:
        """Write a number as it is put into a formula."""
        return numbers.bracketed(numbers.significant(value, digits))

    def term(self, value: float | None, decimals: int) -> str:
        """Write a term of a sum as it is put into a formula."""
        return numbers.bracketed(numbers.fixed(value, decimals))

    def percent(self, value: float | None) -> str:
        """Write a share as a percentage."""
        return numbers.percent(value)

    def share(self, value: float) -> str:
        """Write a share; tiny ones and nearly 1 as bounds."""
        return numbers.share(value, self._words["below"], self._words["above"])

    def rounded(self, value: float | None, digits: int = 3) -> str:
        """Write a share, 0% where it is tiny."""
        return numbers.MISSING if value is None else numbers.rounded_share(value, digits)

    def interval(self, ends: tuple[float, float] | None) -> str:
        """Write an interval of shares."""
        if ends is None:
            return self._words["withheld"]
        return numbers.interval(*ends, between=self._words["interval"])

    def nats(self, value: float, digits: int = 3) -> str:
        """Write a difference of log-likelihoods with its unit."""
        return self._words["nats"].format(numbers.significant(value, digits))

    def shortfall(self, value: float) -> str:
        """Write a shortfall without its unit; 0 where the search found nothing higher."""
        return numbers.significant(value, 2) if value > 0 else "0"

    def operations(self, value: float) -> str:
        """Write a number of floating-point operations, of which the first digits count."""
        return numbers.operations(value)

    def memory(self, value: float) -> str:
        """Write a size in bytes: ``8 MB``."""
        return numbers.memory(value)

    def p_value(self, value: float) -> str:
        """Write a p-value as a sentence states it: ``p = 0.031``."""
        return numbers.p_value(value)

    def p(self, value: float | None) -> str:
        """Write a p-value as a cell has it: ``0.031``, ``< 10⁻¹⁶``."""
        if value is None:
            return numbers.MISSING
        return numbers.p_value(value).removeprefix("p ").removeprefix("= ")

    def ratio(self, value: float | None) -> str:
        """Write a ratio: three digits, more where it is close to one."""
        close = value is not None and 0.95 < value < 1.05
        return numbers.fixed(value, 4) if close else numbers.significant(value)

    def correlation(self, value: float | None) -> str:
        """Write a correlation, never rounded up to one."""
        if value is not None and 0.99995 <= value < 1:
            return self._words["above"].format("0.9999")
        return numbers.fixed(value, 4)

    def r2(self, value: float) -> str:
        """Write an R², which may be far below zero."""
        return numbers.fixed(value, 4) if value > -10 else numbers.significant(value)

    def error(self, value: float | None) -> str:
        """Write a standard error in brackets behind its estimate; nothing where there is none."""
        if value is None:
            return ""
        digits = 2 if SMALLEST_FIXED <= abs(value) < LARGEST_FIXED else 1
        return f" ({numbers.significant(value, digits)})"

    def percent_error(self, value: float | None) -> str:
        """Write the standard error of a share likewise."""
        return "" if value is None else f" ({numbers.percent(value, 2)})"

    def pve(self, fit: Estimates) -> str:
        """Write the PVE of a fit: the end of the range at a certified boundary."""
        if fit.pve is None:
            return self._words["not identifiable"]
        ends = wording.certified_end(fit.certificate)
        return self.share(fit.pve) if ends is None else numbers.percent(ends)

    def total(self, found: FittedVariance) -> str:
        """Write the sum of both parts as the figure does."""
        return numbers.adding_up([found.mean_part, found.uncertainty_part])[0]

    def reach(self, value: float) -> str:
        """Write how far an interval reaches to either side."""
        return f"±\N{NO-BREAK SPACE}{numbers.significant(value, REACH_DIGITS)}"

    def as_fine(self, value: float, decimals: int | None) -> str:
        """Write a prediction to the last digit of the reach of its interval."""
        return self.significant(value) if decimals is None else self.fixed(value, decimals)

    def word(self, value: int) -> str:
        """Write a small number as a word."""
        return self._counting[value] if value < len(self._counting) else numbers.count(value)

    def called(self, name: str) -> str:
        """Write a name, cut in the middle where it would fill the sentence."""
        return cut(name, fitting(NAME_SIZE, NAME_INCHES))

    def listed(self, words: Sequence[str]) -> str:
        """Write words as a sentence lists them."""
        return numbers.listed(words, self._words["and"])

    def names(self, names: Sequence[str]) -> str:
        """List names, the first of them where they are many, cut so that they differ."""
        rest = len(names) - MOST_NAMED
        shown = cut_all(names[:MOST_NAMED], fitting(NAME_SIZE, NAME_INCHES))
        return self.listed([*shown, *self._more(rest)])

    def decks(self, folders: Sequence[str]) -> str:
        """List the decks in these folders, the first of them where they are many."""
        shown = folders if len(folders) <= MOST_DECKS else folders[: MOST_DECKS - 1]
        fits = fitting(COVER_TEXT_SIZE, FOLDER_INCHES)
        files = [f"{folder}/deck.pptx" for folder in cut_all(shown, fits)]
        return self.listed([*files, *self._more(len(folders) - len(shown))])

    def _more(self, number: int) -> list[str]:
        return [self._words["more"].format(numbers.count(number))] if number > 0 else []

    def reason(self, text: str) -> str:
        """Write a reason, cut in the middle where it would fill the table."""
        return cut(text, fitting(TABLE_SIZE, REASON_INCHES))

    def source(self, name: str) -> str:
        """Write the name of a file, cut in the middle where it would fill its line."""
        return cut(name, fitting(BODY_SIZE, SOURCE_INCHES))

    def localised(self, text: str) -> str:
        """Write numbers in English with the marks of the language."""
        return self._language.localised(text)

    def write(self, value: Any, name: str, arguments: Sequence[int | None]) -> str:
        """Write a value in the format ``name``, with the marks of the language."""
        text: str = getattr(self, name)(value, *arguments)
        return self._language.localised(text) if name not in OF_TEXT else text

    def noun(self, number: int, forms: Mapping[str, str]) -> str:
        """Write a count with the form of its noun: ``1 row``, ``6,000 rows``."""
        form = forms.get(self._language.form(number), forms["other"])
        return f"{self._language.localised(numbers.count(number))} {form}"


USUAL = {str: "plain", int: "count", float: "significant"}  # of a slot that names none, by type
OF_TEXT = {  # not numbers, so left as they are
    *("plain", "called", "listed", "names", "decks", "reason", "source"),
}
FORMATS: Mapping[str, Any] = {  # the type that each takes
    name: next(iter(get_type_hints(method).values()))
    for name, method in vars(Formats).items()
    if not name.startswith("_") and name not in ("write", "noun", "localised")
}
