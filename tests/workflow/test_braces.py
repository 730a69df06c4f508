"""Names and texts with braces, which Snakemake would fill in: they stay as they are written."""

import os
import re
from pathlib import Path

import pytest
import yaml
from pptx import Presentation

from mixedmodel.store.files import read_json
from report.deck_checks import heading, shapes_of
from runs import Run, small_table, snakemake, write_table

pytestmark = pytest.mark.xdist_group("braces")

OLD = 978_307_200_000_000_000  # nanoseconds: the first day of 2001
SOURCE = "50% of {x}/größe {dataset}.txt"
DECK = {
    "title": "PVE of {dataset}, {",
    "author": "{me} {wildcards.dataset}",
    "template": "{t}.pptx",
    "story": "{story}",
    "language": "de",
}


def run(folder: Path, *arguments: str, profile: str = "default") -> Run:
    return snakemake(folder, *arguments, "--configfile", "mine.yaml", profile=profile)


def template(path: Path, title: str) -> None:
    content = Presentation()
    content.slide_width, content.slide_height = 12_192_000, 6_858_000
    content.core_properties.title = title
    content.save(str(path))


def story(folder: Path, title: str) -> Path:
    """Write a story with a headline and an equation of its own."""
    file = folder / "{story}" / "answer.yaml"
    file.parent.mkdir(exist_ok=True)
    slide = {"slide": "model", "title": title + ": {data.mean_diagonal fixed 3}"}
    slide["body"] = [{"equation": "mine"}]
    file.write_text(yaml.safe_dump({"slides": [slide]}), encoding="utf-8")
    equation = {"latex": r"\frac{1}{2}", "words": "one half"}
    (file.parent / "equations.yaml").write_text(yaml.safe_dump({"mine": equation}))
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deck made of a table whose path and columns have braces, as have the deck's settings."""
    folder = tmp_path_factory.mktemp("braces")
    names = {"y": "{y}.1", "Z.1": "{Z}", "Z.2": "{dataset}"}
    table = small_table(n=30, c=2, p=10).rename(columns=names)
    table.insert(1, "{y}.2", table["{y}.1"] ** 2)
    (folder / SOURCE).parent.mkdir()
    write_table(table, folder / SOURCE)
    template(folder / "{t}.pptx", "first")
    story(folder, "Das Modell")
    mine = {"path": SOURCE, "response": "{y}.1", "fixed": ["{Z}", "{dataset}"]}
    config = {
        "run": "mine",
        "datasets": {
            "mine": {**mine, "cross_validation": 0},
            "traits": {**mine, "response": "{y}."},
        },
        "deck": DECK,
        **{method: {"also": []} for method in ("em", "mfvi")},
    }
    (folder / "mine.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    done = run(folder)
    assert done.status == 0, done.text
    assert f"Read {SOURCE}" in done.text
    return folder


def test_a_deck_has_the_title_and_the_author_that_were_written(folder: Path) -> None:
    cover = Presentation(str(folder / "results/mine/deck.pptx")).slides[0]
    text = "\n".join(shape.text_frame.text for shape in cover.shapes if shape.has_text_frame)
    assert DECK["title"] in text
    assert DECK["author"] in text


def test_columns_have_the_names_that_were_written(folder: Path) -> None:
    summary = read_json(folder / "results/mine/table/summary.json")
    assert summary["responses"][0]["name"] == "{y}.1"
    assert summary["fixed_names"] == ["{Z}", "{dataset}"]


def test_the_story_of_the_user_is_told_with_numbers_as_the_language_writes_them(
    folder: Path,
) -> None:
    deck = Presentation(str(folder / "results/mine/deck.pptx"))
    [slide] = [s for s in deck.slides if heading(s).startswith("Das Modell: ")]
    assert re.fullmatch(r"Das Modell: \d+,\d{3}", heading(slide))
    assert "Equation: mine" in {shape.name for shape in shapes_of(slide)}


def test_responses_have_the_names_that_were_written(folder: Path) -> None:
    assert run(folder, "results/traits/responses.json").status == 0
    found = read_json(folder / "results/traits/responses.json")["listed"]
    assert [each["response"] for each in found] == ["{y}.1", "{y}.2"]


def test_a_change_of_the_table_or_the_template_is_noticed(folder: Path) -> None:
    assert "Nothing to be done" in run(folder).text
    template(folder / DECK["template"], "second")
    os.utime(folder / DECK["template"], ns=(OLD, OLD))
    assert set(run(folder, "-n", profile="none").jobs) == {"deck", "all"}
    file = story(folder, "Unser Modell")
    os.utime(file, ns=(OLD, OLD))
    assert {"deck", "all"} <= set(run(folder, "-n", profile="none").jobs)
    path = folder / SOURCE
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert "import_table" in run(folder, "-n", profile="none").jobs
