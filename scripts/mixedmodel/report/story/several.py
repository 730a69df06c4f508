"""What the deck over several responses may name besides the overview: its cases and numbers."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from mixedmodel.model.listing import LeftOut
from mixedmodel.model.overview import LEVEL, FittedResponse, Found, Overview, find
from mixedmodel.report import wording
from mixedmodel.report.numbers import rounded_share
from mixedmodel.report.slides.forest import MOST_ROWS
from mixedmodel.report.story.cases import MUCH_LESS


@dataclass(frozen=True)
class Ranked:
    """A fitted response with its rank by EM's PVE."""

    base: FittedResponse
    rank: int

    @property
    def em_interval(self) -> tuple[float, float] | None:
        """Return EM's interval of PVE."""
        low, high = self.base.em_low, self.base.em_high
        return None if low is None or high is None else (low, high)

    @property
    def calibrated_interval(self) -> tuple[float, float]:
        """Return the interval of the calibrated PVE."""
        return self.base.calibrated_low, self.base.calibrated_high

    @property
    def same_pve(self) -> bool:
        """Both methods have the same PVE, as it is written."""
        mfvi = self.base.mfvi_pve
        return mfvi is not None and rounded_share(mfvi) == rounded_share(self.base.em_pve)

    @property
    def much_less(self) -> bool:
        """MFVI's PVE is less than half of EM's."""
        return (self.base.mfvi_pve or 0.0) < MUCH_LESS * self.base.em_pve

    @property
    def untested(self) -> bool:
        """The likelihood has no bound, so there is no test."""
        return self.base.lrt_statistic is None or self.base.lrt_p_value is None

    @property
    def test_at_zero(self) -> bool:
        """Nothing speaks against no random effect."""
        return self.base.lrt_statistic is not None and self.base.lrt_statistic <= 0


@dataclass(frozen=True)
class Uncertified:
    """A method and the responses on which its fit is not certified."""

    method: str
    responses: list[str]


@dataclass(frozen=True)
class Range:
    """The smallest and the largest of a size of the tables."""

    low: int
    high: int

    @property
    def constant(self) -> bool:
        """All are the same."""
        return self.low == self.high


@dataclass(frozen=True)
class Page:
    """The part of a table that a slide shows."""

    first: int
    last: int
    unseen: int  # rows on no slide

    @property
    def more(self) -> bool:
        """Rows are left that are on no slide."""
        return self.unseen > 0

    @property
    def one_page_row(self) -> bool:
        """It has one row."""
        return self.first == self.last


@dataclass(frozen=True)
class RankedPage(Page):
    """A part of the table of the fitted responses."""

    rows: list[Ranked]
    whole: bool  # it has all of them

    @property
    def highest(self) -> float:
        """Return the largest of EM's PVEs."""
        return self.rows[0].base.em_pve

    @property
    def lowest(self) -> float:
        """Return the smallest of EM's PVEs."""
        return self.rows[-1].base.em_pve

    @property
    def same(self) -> bool:
        """They are the same, as they are written."""
        return rounded_share(self.highest) == rounded_share(self.lowest)

    @property
    def marked(self) -> bool:
        """A fit is marked as not certified."""
        return not all(row.base.certified for row in self.rows)


@dataclass(frozen=True)
class LeftOutPage(Page):
    """A part of the table of the responses that were left out."""

    rows: list[LeftOut]

    @property
    def first_name(self) -> str:
        """Return the first response."""
        return self.rows[0].response

    @property
    def last_name(self) -> str:
        """Return the last one."""
        return self.rows[-1].response


@dataclass(frozen=True)
class Several:
    """All that the deck over several responses speaks of."""

    base: Overview
    dataset: str
    likelihood: str

    @cached_property
    def _ranked(self) -> list[Ranked]:
        return [Ranked(row, rank) for rank, row in enumerate(self.base.ranked, start=1)]

    @cached_property
    def _found(self) -> Found:
        return find(self.base.fitted)

    @property
    def found(self) -> Found:
        """Return what the fitted responses come to."""
        return self._found

    @property
    def ranking(self) -> list[Ranked]:
        """Return the fitted responses by EM's PVE, the largest first."""
        return self._ranked

    @property
    def only(self) -> Ranked:
        """Return the one response there is."""
        return self._ranked[0]

    @property
    def last(self) -> Ranked:
        """Return the response with the smallest of EM's PVEs."""
        return self._ranked[-1]

    @property
    def folders(self) -> list[str]:
        """Return the folders of the fitted responses, in the order of the table."""
        return [row.folder for row in self.base.fitted]

    @property
    def reml(self) -> bool:
        """The likelihood is the restricted one."""
        return self.likelihood == wording.RESTRICTED

    @property
    def some(self) -> bool:
        """There are fitted responses."""
        return self._found.fitted > 0

    @property
    def one(self) -> bool:
        """There is one of them."""
        return self._found.fitted == 1

    @property
    def few(self) -> bool:
        """A chart has room for the names and intervals of all fitted responses."""
        return self._found.fitted <= MOST_ROWS

    @property
    def rows(self) -> Range:
        """Return the range of the numbers of rows."""
        return self._range([row.n for row in self.base.fitted])

    @property
    def fixed(self) -> Range:
        """Return the range of the numbers of fixed effects."""
        return self._range([row.c for row in self.base.fitted])

    @property
    def random(self) -> Range:
        """Return the range of the numbers of random effects."""
        return self._range([row.p for row in self.base.fitted])

    @property
    def settled(self) -> bool:
        """All fits are certified."""
        return not self._found.uncertified

    @property
    def one_uncertified(self) -> bool:
        """One response has a fit that is not certified."""
        return self._found.uncertified == 1

    @property
    def all_uncertified(self) -> bool:
        """All of them have."""
        return self._found.uncertified == self._found.fitted

    @property
    def uncertified(self) -> list[Uncertified]:
        """Return the methods with fits that are not certified, with the responses."""
        names = {
            "EM": [row.response for row in self.base.ranked if not row.em_certified],
            "MFVI": [row.response for row in self.base.ranked if not row.mfvi_certified],
        }
        return [Uncertified(method, which) for method, which in names.items() if which]

    @property
    def uncertified_methods(self) -> list[str]:
        """Name these methods."""
        return [each.method for each in self.uncertified]

    @property
    def advice(self) -> str | None:
        """Return the advice given most often for fits that are not certified."""
        told = [row.base.advice for row in self._ranked if not row.base.certified]
        counted: Counter[str] = Counter(filter(None, told))
        return max(counted, key=counted.__getitem__, default=None)

    @property
    def all_at_boundary(self) -> bool:
        """No response shows a random effect."""
        return self._found.at_boundary == self._found.fitted

    @property
    def none_below_level(self) -> bool:
        """No test falls below its level."""
        return not self._found.below_level

    @property
    def one_below_level(self) -> bool:
        """One test does."""
        return self._found.below_level == 1

    @property
    def all_below_level(self) -> bool:
        """All tests do."""
        return self._found.below_level == self._found.fitted

    @property
    def all_after_bonferroni(self) -> bool:
        """What falls below the level does so after Bonferroni's correction, too."""
        return self._found.below_bonferroni == self._found.below_level

    @property
    def none_after_bonferroni(self) -> bool:
        """No test is left after Bonferroni's correction."""
        return not self._found.below_bonferroni

    @property
    def by_chance(self) -> float:
        """Return how many tests fall below the level by chance alone."""
        return LEVEL * self._found.fitted

    @property
    def bonferroni_limit(self) -> float:
        """Return the p-value of Bonferroni's correction."""
        return LEVEL / self._found.fitted

    @property
    def ratio_told(self) -> bool:
        """A median ratio of MFVI's PVE to EM's may be drawn."""
        return self._found.mfvi_over_em is not None and self.settled

    @property
    def ratio_is_one(self) -> bool:
        """It is 1 as it is written."""
        found = self._found.mfvi_over_em
        return found is not None and f"{found:.4f}" == "1.0000"

    @property
    def ratios_missing(self) -> bool:
        """No response has a ratio of MFVI's PVE, and of the calibrated one, to EM's."""
        return self._found.mfvi_over_em is None or self._found.calibrated_over_em is None

    @property
    def one_compared(self) -> bool:
        """The medians are over one response."""
        return self._found.compared == 1

    @property
    def left_out_count(self) -> int:
        """Return how many responses were left out."""
        return len(self.base.left_out)

    @property
    def some_left_out(self) -> bool:
        """Responses were left out."""
        return self.left_out_count > 0

    @property
    def one_left_out(self) -> bool:
        """One was."""
        return self.left_out_count == 1

    def ranked_page(self, first: int, last: int, unseen: int) -> RankedPage:
        """Return a part of the table of the fitted responses, by their ranks."""
        whole = last - first + 1 == len(self._ranked)
        return RankedPage(first, last, unseen, self._ranked[first - 1 : last], whole)

    def left_out_page(self, first: int, last: int, unseen: int) -> LeftOutPage:
        """Return a part of the table of the responses that were left out."""
        return LeftOutPage(first, last, unseen, [*self.base.left_out[first - 1 : last]])

    @staticmethod
    def _range(numbers: list[int]) -> Range:
        return Range(min(numbers), max(numbers))
