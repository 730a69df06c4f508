"""The template: the user's where there is one, with a clear word where it does not do."""

import io
from pathlib import Path

import pytest
from pptx import Presentation
from pptx.util import Inches

from mixedmodel.errors import UserError
from mixedmodel.report.slides import canvas, template
from report import deck_cases
from report.deck_checks import Opened, placeholders, relations, titles

pytestmark = pytest.mark.xdist_group("decks")


def save(presentation, path: Path) -> str:
    presentation.save(str(path))
    return str(path)


@pytest.fixture
def mine(tmp_path: Path) -> str:
    """Give a widescreen template with a slide of its own and titles low on the slide."""
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Inches(13.333), Inches(7.5)
    presentation.slides.add_slide(presentation.slide_layouts[0])
    return save(presentation, tmp_path / "mine.pptx")


def test_the_built_in_one_has_three_layouts_by_name() -> None:
    presentation = template.open_template(None)
    assert {layout.name for layout in presentation.slide_layouts} == set(template.LAYOUTS)


def test_the_users_file_is_used_without_its_slides(mine: str) -> None:
    deck = Opened(deck_cases.build("ordinary", template=mine))
    assert len(deck.slides) == len(Opened(deck_cases.deck_of("ordinary")).slides)
    assert titles(deck) + placeholders(deck) + relations(deck) == []
    assert len(deck.presentation.slide_layouts) == 11


def test_titles_are_moved_out_of_the_body_in_a_size_that_fits(mine: str) -> None:
    deck = Opened(deck_cases.build("ordinary", template=mine))
    title = deck.slides[2].shapes.title
    assert title.top + title.height <= template.BODY_TOP
    sizes = [run.font.size.pt for p in title.text_frame.paragraphs for run in p.runs]
    assert sizes == [canvas.TITLE_SIZE]


def test_the_users_file_gives_the_same_bytes_twice(mine: str) -> None:
    assert deck_cases.build("ordinary", template=mine) == deck_cases.build(
        "ordinary", template=mine
    )


def test_a_missing_file_is_named() -> None:
    with pytest.raises(UserError, match=r"no file nowhere\.pptx"):
        template.open_template("nowhere.pptx")


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.pptx"
    path.write_text("not a presentation")
    with pytest.raises(UserError, match="cannot be read as a PowerPoint file"):
        template.open_template(str(path))


def test_another_slide_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"10\.000 x 7\.500 inches.*Widescreen"):
        template.open_template(save(Presentation(), tmp_path / "narrow.pptx"))


def test_a_missing_layout_is_named_with_those_there_are(tmp_path: Path, mine: str) -> None:
    presentation = Presentation(mine)
    presentation.slide_layouts.get_by_name("Title Only").name = "Nur Titel"
    path = save(presentation, tmp_path / "german.pptx")
    with pytest.raises(UserError, match=r"no layout named 'Title Only'.*'Nur Titel'"):
        template.open_template(path)


def test_the_deck_opens_and_saves_again() -> None:
    presentation = Presentation(io.BytesIO(deck_cases.deck_of("ordinary")))
    presentation.save(io.BytesIO())
    assert presentation.slide_width == Inches(13.333)
