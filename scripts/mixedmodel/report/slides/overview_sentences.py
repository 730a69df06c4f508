"""Every sentence of the deck over several responses that depends on the results.

Pure functions of what was found. Variants: one response only, none with a random effect, fits
that are not certified, nothing left out.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mixedmodel.model.listing import LeftOut
from mixedmodel.model.overview import LEVEL, FittedResponse, Found, Overview, find
from mixedmodel.report.names import cut_all
from mixedmodel.report.numbers import (
    MISSING,
    count,
    interval,
    listed,
    p_value,
    rounded_share,
    significant,
)
from mixedmodel.report.slides.canvas import COVER_TEXT_SIZE
from mixedmodel.report.slides.metrics import fitting
from mixedmodel.report.slides.sentences import MUCH_LESS, all_called, called, plural, ratio
from mixedmodel.report.wording import WITHHELD

MOST_NAMED = 6  # responses that a sentence names
MOST_DECKS = 3  # files that the cover names
NAME_INCHES = 3.0  # the most that a folder takes on the cover
PROVISIONAL = "†"


@dataclass(frozen=True)
class Told:
    """The responses with their numbers, and what they come to."""

    dataset: str
    folders: list[str]  # of the fitted responses, in the order of the table
    fitted: list[FittedResponse]  # by EM's PVE, the largest first
    left_out: tuple[LeftOut, ...]
    found: Found

    @property
    def only(self) -> FittedResponse:
        """The one response there is."""
        return self.fitted[0]

    @property
    def named(self) -> str:
        """The responses in words."""
        return "the response" if self.found.fitted == 1 else f"the {plural_responses(self)}"


def tell(dataset: str, overview: Overview) -> Told:
    """Return what the deck speaks of."""
    folders = [row.folder for row in overview.fitted]
    found = find(overview.fitted)
    return Told(dataset, folders, overview.ranked, overview.left_out, found)


def plural_responses(o: Told) -> str:
    """Return the number of fitted responses."""
    return plural(o.found.fitted, "response")


# cover and warning


def cover_title(o: Told) -> str:
    """Return the title of the deck."""
    return f"EM and mean field on {plural_responses(o)}"


def size(o: Told) -> str:
    """Return the size of the tables fitted; ranges where responses differ in their rows."""
    if not o.fitted:
        return "none with estimates"
    parts = (("n", "row"), ("c", "fixed effect"), ("p", "random effect"))
    return listed([_range([getattr(row, key) for row in o.fitted], noun) for key, noun in parts])


def _range(numbers: Sequence[int], noun: str) -> str:
    low, high = min(numbers), max(numbers)
    return plural(high, noun) if low == high else f"{count(low)} to {plural(high, noun)}"


def own_decks(o: Told) -> str:
    """Say where each response's own deck lies."""
    shown = o.folders if len(o.folders) <= MOST_DECKS else o.folders[: MOST_DECKS - 1]
    folders = cut_all(shown, fitting(COVER_TEXT_SIZE, NAME_INCHES))
    files = [f"{folder}/deck.pptx" for folder in folders]
    more = [f"{count(len(o.folders) - len(shown))} more"] if len(shown) < len(o.folders) else []
    owner = "Its own deck" if len(o.folders) == 1 else "A deck of each"
    return f"{owner}, beside this file: {listed([*files, *more])}"


def uncertified(o: Told, method: str) -> list[str]:
    """Name the responses whose fit by "em" or "mfvi" is not certified."""
    return [row.response for row in o.fitted if not getattr(row, f"{method}_certified")]


def warning_title(o: Told) -> str:
    """Return the headline of the warning slide."""
    if o.found.fitted == 1:
        methods = [method for method in ("EM", "MFVI") if uncertified(o, method.lower())]
        return f"{listed(methods)} did not reach the optimum: read what follows as provisional"
    missed = o.found.uncertified
    if missed == 1:
        return f"1 of {plural_responses(o)} has a fit that is not certified"
    who = "All" if missed == o.found.fitted else f"{count(missed)} of"
    return f"{who} {plural_responses(o)} have fits that are not certified"


def warning_lines(o: Told) -> list[str]:
    """Name the responses whose fits are not certified."""
    lines = []
    for method in ("EM", "MFVI"):
        names = uncertified(o, method.lower())
        if names:
            lines.append(f"{method} did not reach its optimum on {some(names)}.")
    return lines


def advised(o: Told) -> str:
    """Return the advice that the table gives most often for fits that are not certified."""
    told = [row.advice for row in o.fitted if not (row.em_certified and row.mfvi_certified)]
    counted: Counter[str] = Counter(filter(None, told))
    return max(counted, key=counted.__getitem__, default="see its own deck")


def some(names: Sequence[str]) -> str:
    """List names, the first of them where they are many."""
    rest = len(names) - MOST_NAMED
    more = [f"{count(rest)} more"] if rest > 0 else []
    return listed([*all_called(names[:MOST_NAMED]), *more])


def _provisional(o: Told) -> str:
    """Return the clause that goes with numbers of fits that are not certified."""
    return " (provisional: not all fits are certified)" if o.found.uncertified else ""


# answer


def answer_title(o: Told) -> str:
    """Return the answer in one sentence."""
    return (_single(o) if o.found.fitted == 1 else _several(o)) + _provisional(o)


def _single(o: Told) -> str:
    row = o.only
    name, em, mfvi = called(row.response), rounded_share(row.em_pve), _share(row.mfvi_pve)
    if o.found.at_boundary:
        return f"{name} shows no random effect: EM puts its variance at zero"
    if em == mfvi:
        return f"EM and MFVI both give {em} of the variance of {name} to random effects"
    less = " only" if (row.mfvi_pve or 0.0) < MUCH_LESS * row.em_pve else ""
    return f"EM gives {em} of the variance of {name} to random effects, MFVI{less} {mfvi}"


def _several(o: Told) -> str:
    found = o.found
    if found.at_boundary == found.fitted:
        return (
            f"Not one of the {plural_responses(o)} shows a random effect: EM puts every variance"
            " at zero"
        )
    if not found.below_level:
        return f"Not one of the {plural_responses(o)} shows random effects at 5%{_shrunk(o)}"
    verb = "shows" if found.below_level == 1 else "show"
    who = "All" if found.below_level == found.fitted else f"{count(found.below_level)} of"
    tests = f"{who} {plural_responses(o)} {verb} random effects at 5%, {_after_bonferroni(found)}"
    return tests + _shrunk(o)


def _after_bonferroni(found: Found) -> str:
    if found.below_bonferroni == found.below_level:
        return "after Bonferroni too"
    return f"{count(found.below_bonferroni) if found.below_bonferroni else 'none'} after Bonferroni"


def _shrunk(o: Told) -> str:
    """Return the clause on MFVI's median PVE relative to EM's."""
    if o.found.mfvi_over_em is None or o.found.uncertified:
        return ""
    times = ratio(o.found.mfvi_over_em)
    if times == "1.0000":
        return "; in the median MFVI agrees with EM"
    return f"; in the median MFVI's PVE is {times} times EM's"


def answer_facts(o: Told) -> tuple[str, str]:
    """Return what the tests leave, and what mean field sees."""
    return (_test(o.only) if o.found.fitted == 1 else _tests(o.found)), _medians(o.found)


def _test(row: FittedResponse) -> str:
    if row.lrt_statistic is None or row.lrt_p_value is None:
        return "Test of no random effect: withheld, the likelihood has no bound."
    if row.lrt_statistic <= 0:
        return "Test of no random effect: nothing speaks against it, p = 1."
    return (
        f"Test of no random effect: likelihood ratio {significant(row.lrt_statistic)},"
        f" {p_value(row.lrt_p_value)}."
    )


def _tests(found: Found) -> str:
    chance = significant(LEVEL * found.fitted, 2)
    limit = significant(LEVEL / found.fitted, 2)
    left = count(found.below_bonferroni) if found.below_bonferroni else "none"
    return (
        f"{count(found.fitted)} tests: by chance alone about {chance} fall below 5%. Bonferroni's"
        f" limit p = {limit} leaves **{left}**."
    )


def _medians(found: Found) -> str:
    if found.mfvi_over_em is None or found.calibrated_over_em is None:
        if found.uncertified == found.fitted:
            return "No ratio is drawn from fits that are not certified."
        return "No certified fit has a random effect: there is no ratio of MFVI to EM."
    shrunk, mended = (
        f"**{ratio(value)}**" for value in (found.mfvi_over_em, found.calibrated_over_em)
    )
    over = "" if found.compared == 1 else f", medians over {count(found.compared)}"
    return f"PVE relative to EM's{over}: MFVI {shrunk}, MFVI calibrated {mended}."


# tables


def em_words(row: FittedResponse) -> str:
    """Return EM's PVE with its interval."""
    return (
        f"{rounded_share(row.em_pve)} ({_span(row.em_low, row.em_high)}){_mark(row.em_certified)}"
    )


def mfvi_words(row: FittedResponse) -> str:
    """Return MFVI's PVE."""
    return _share(row.mfvi_pve) + _mark(row.mfvi_certified)


def _share(pve: float | None) -> str:
    return MISSING if pve is None else rounded_share(pve)


def calibrated_words(row: FittedResponse) -> str:
    """Return the calibrated PVE with its interval."""
    span = _span(row.calibrated_low, row.calibrated_high)
    return f"{_share(row.calibrated_pve)} ({span}){_mark(row.mfvi_certified)}"


def _span(low: float | None, high: float | None) -> str:
    return WITHHELD if low is None or high is None else interval(low, high)


def p_words(row: FittedResponse) -> str:
    """Return the p-value as a cell has it: ``0.031``, ``< 10⁻¹⁶``, ``1``."""
    if row.lrt_p_value is None:
        return MISSING
    return p_value(row.lrt_p_value).removeprefix("p ").removeprefix("= ")


def _mark(certified: bool) -> str:
    return "" if certified else f" {PROVISIONAL}"


def table_title(o: Told, first: int, last: int) -> str:
    """Return the headline of the table of the responses ranked ``first`` to ``last``."""
    if o.found.fitted == 1:
        return f"On {called(o.only.response)} EM's PVE is {rounded_share(o.only.em_pve)}"
    high, low = (rounded_share(o.fitted[rank - 1].em_pve) for rank in (first, last))
    runs = f"is {high}" if high == low else f"runs from {high} to {low}"
    if last - first + 1 == o.found.fitted:
        return f"On the {plural_responses(o)} EM's PVE {runs}"
    ranks = f" {count(first)}" if first == last else f"s {count(first)} to {count(last)}"
    return f"Rank{ranks} of {count(o.found.fitted)}: EM's PVE {runs}"


def table_foot(rows: Sequence[FittedResponse], unseen: int) -> str:
    """Return the line under a table: what marks mean, and where the ``unseen`` rows are."""
    marked = not all(row.em_certified and row.mfvi_certified for row in rows)
    note = f"{PROVISIONAL} not certified: where the iterations stopped. " if marked else ""
    if unseen:
        return f"{note}{count(unseen)} more, with a smaller PVE, are in tables/responses.csv."
    return f"{note}Variances and standard errors are in tables/responses.csv."


def left_out_title(o: Told) -> str:
    """Return the headline on the responses that were left out."""
    number = len(o.left_out)
    why = "was left out: it" if number == 1 else "were left out: they"
    return f"{plural(number, 'response')} {why} can't be fitted"
