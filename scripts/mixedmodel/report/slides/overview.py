"""The short deck over several responses: the answer, every response in numbers, those left out."""

from dataclasses import replace

from mixedmodel.model.overview import FittedResponse, Overview
from mixedmodel.report import wording
from mixedmodel.report.names import cut
from mixedmodel.report.numbers import count, rounded_share
from mixedmodel.report.slides import canvas
from mixedmodel.report.slides import overview_sentences as say
from mixedmodel.report.slides.canvas import BODY, Box
from mixedmodel.report.slides.columns import Fitted, fit_table
from mixedmodel.report.slides.deck import Deck, Settings
from mixedmodel.report.slides.grid import place_table
from mixedmodel.report.slides.metrics import fitting
from mixedmodel.report.slides.overview_sentences import Told
from mixedmodel.report.slides.place import Picture, add_figure, add_panel, add_text
from mixedmodel.report.slides.sentences import called
from mixedmodel.report.style import MUTED, WARNING

MOST_PAGES = 6  # of the table; what is beyond is in its file
TABLE = BODY.above(4.65)
REASON_WIDTH = TABLE.width - 3.5  # inches at most of a reason, the rest is the response's name
FOOT_GAP = 0.2  # inches between a table and the line under it
FOOT_HEIGHT = 0.37
HEADER = [
    *("Response", "Rank", "n"),
    *("EM (95% interval)", "MFVI", "MFVI calibrated (95% interval)", "p"),
]


def build_overview(
    overview: Overview, picture: Picture, settings: Settings, *, likelihood: str
) -> bytes:
    """Build the deck over all responses and return the .pptx file.

    ``picture`` is the figure of the responses. UserError where the template does not do.
    """
    o = say.tell(settings.dataset, overview)
    deck = Deck(replace(settings, title=settings.title or say.cover_title(o)))
    deck.section("Answer")
    _cover(deck, o)
    if o.found.uncertified:
        _warning(deck, o)
    if o.fitted:
        _answer(deck, o, picture, likelihood)
        deck.section("Responses")
        _tables(deck, o)
    if o.left_out:
        _left_out(deck, o)
    return deck.to_bytes()


def _cover(deck: Deck, o: Told) -> None:
    lines = [f"{called(o.dataset)}: {say.size(o)}", say.own_decks(o)]
    if deck.settings.author:
        lines.append(deck.settings.author)
    notes = (
        "The same linear mixed model, fitted to each response of one table, twice: by EM with the"
        " exact posterior of the random effects, and by mean-field variational inference with a"
        " factorised one. Each response has results and a deck of its own, in the folder that"
        " tables/responses.csv names beside it; this deck only puts their numbers together."
    )
    deck.cover(str(deck.settings.title), lines, notes)


def _warning(deck: Deck, o: Told) -> None:
    slide = deck.slide(
        say.warning_title(o),
        "A fit is certified when its objective is within a millionth of a nat of the optimum that"
        " a global one-dimensional search finds on its own. These are not, so their estimates are"
        " provisional. tables/responses.csv says of every response whether both fits are"
        " certified; its own deck says how far they are from the optimum.",
    )
    add_panel(slide, BODY.above(4.4), edge=WARNING)
    inside = Box(BODY.left + 0.4, BODY.top + 0.3, BODY.width - 0.8, 3.8)
    lines = [
        *say.warning_lines(o),
        "Their numbers describe where the iterations stopped. They are crosses in the figure and"
        f" have a {say.PROVISIONAL} in the tables; medians leave them out.",
        f"**What to do** is in tables/responses.csv, in words: {say.advised(o)}.",
    ]
    add_text(slide, inside, lines, size=canvas.LEAD_SIZE, gap=14)


def _answer(deck: Deck, o: Told, picture: Picture, likelihood: str) -> None:
    slide = deck.slide(
        say.answer_title(o),
        "PVE is the proportion of variance explained by the random effects. EM's is that of"
        f" {wording.method(likelihood)}, with the interval of the profile; MFVI's interval is"
        " called naive, as it takes the bound for a likelihood. The calibrated PVE inverts what"
        " mean field reports of the expected response on this X. Responses are sorted by EM's PVE;"
        " a cross marks a fit that is not certified. Each test is the likelihood ratio test of no"
        " random effect, its p-value from the half-and-half mixture, right for many rows;"
        " responses without random effects pass 5% one time in twenty. Bonferroni's limit is 5%"
        " over the number of tests and holds however"
        " the responses depend on each other. Ratios are those of certified fits whose EM is not"
        " at the boundary.",
    )
    ends = [rounded_share(row.em_pve) for row in (o.fitted[-1], o.fitted[0])]
    add_figure(
        slide,
        picture,
        say.answer_facts(o),
        name="responses",
        words=f"PVE of {o.named} with 95% intervals under EM, MFVI calibrated and MFVI, by EM's"
        f" PVE, which runs from {ends[0]} to {ends[1]}.",
    )


def _tables(deck: Deck, o: Told) -> None:
    rows = [[row.response, count(rank), *_cells(row)] for rank, row in enumerate(o.fitted, start=1)]
    fitted = fit_table(HEADER, rows, TABLE, canvas.TABLE_SIZE, names=True, pages=True)
    fit = fitted.rows_that_fit(TABLE)
    shown = min(MOST_PAGES * fit, len(rows))
    for start in range(0, shown, fit):
        page = slice(start, min(start + fit, shown))
        _page(deck, o, fitted, page, unseen=len(rows) - shown if page.stop == shown else 0)


def _page(deck: Deck, o: Told, fitted: Fitted, page: slice, *, unseen: int) -> None:
    first, last = page.start + 1, page.stop
    slide = deck.slide(
        say.table_title(o, first, last),
        "By EM's PVE, the largest first, with the rank that the figure has it at. In brackets 95%"
        " intervals: EM's of the profile, the calibrated PVE's from the shrinkage curve. The last"
        " column has the p-value of no random effect. MFVI's naive intervals, variances, standard"
        " errors and the folder of each response are in tables/responses.csv.",
    )
    place_table(
        slide,
        TABLE,
        fitted,
        fitted.rows[page],
        name="Table: responses",
        words=f"PVE of the responses ranked {count(first)} to {count(last)} under EM and MFVI",
    )
    foot = say.table_foot(o.fitted[page], unseen)
    add_text(slide, _foot(fitted, last - page.start), [foot], colour=MUTED)


def _foot(fitted: Fitted, rows: int) -> Box:
    """Return the line under a table of so many rows."""
    height = sum(fitted.heights(TABLE, rows))
    return Box(TABLE.left, TABLE.top + height + FOOT_GAP, TABLE.width, FOOT_HEIGHT)


def _cells(row: FittedResponse) -> list[str]:
    words = (say.em_words(row), say.mfvi_words(row), say.calibrated_words(row), say.p_words(row))
    return [count(row.n), *words]


def _left_out(deck: Deck, o: Told) -> None:
    slide = deck.slide(
        say.left_out_title(o),
        "These responses are asked for too, but nothing can be fitted, or told, in the rows that"
        " they have a value in: their values don't vary, are no more than there are fixed effects"
        " or are given by these, the fixed effects depend on each other there, or every ratio of"
        " the two variances fits as well. They are the last rows of tables/responses.csv, which"
        " has each reason in full.",
    )
    rows = [
        [row.response, cut(row.reason, fitting(canvas.TABLE_SIZE, REASON_WIDTH))]
        for row in o.left_out
    ]
    header = ["Response", "Why it was left out"]
    fitted = fit_table(header, rows, TABLE, canvas.TABLE_SIZE, names=True, pages=True)
    shown = fitted.rows[: fitted.rows_that_fit(TABLE)]
    first, last = (o.left_out[k].response for k in (0, len(shown) - 1))
    place_table(
        slide,
        TABLE,
        fitted,
        shown,
        name="Table: left out",
        words=f"The responses from {first} to {last} and why",
        text_columns=2,
    )
    rest = len(rows) - len(shown)
    if rest:
        more = f"{count(rest)} more with their reasons are in tables/responses.csv."
        add_text(slide, _foot(fitted, len(shown)), [more], colour=MUTED)
