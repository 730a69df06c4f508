"""The documents: equations are the deck's, citations lead somewhere, facts are so."""

import re
import runpy
import tomllib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mixedmodel.plan.products import FIGURES_SHOWN
from mixedmodel.report.omml import COLOURED
from mixedmodel.report.story.check import check_own
from mixedmodel.report.story.source import read_equations
from runs import snakemake

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # ziamath 0.13 opens its font the old way
    from ziamath.zmath import Latex

ROOT = Path(__file__).parents[1]
EQUATIONS = read_equations([ROOT / "workflow" / "story" / "equations.yaml"])
MODEL = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
CFF_REQUIRES = {"cff-version", "message", "title", "authors"}

# a displayed equation, after the names of the deck's equations that it consists of, if any
DISPLAYED = re.compile(r"(?:<!-- equation: ([\w, ]+) -->\n)?```math\n(.*?)\n```", re.DOTALL)
ENVIRONMENT = re.compile(r"\\(?:begin|end)\{aligned\}")
SPACE = re.compile(r"(?<![\\A-Za-z]) | (?<!\\ )(?![A-Za-z])")  # not after \alpha before a letter
INLINE = re.compile(r"\$([^$]+)\$")
CITATION = re.compile(r"docs/model\.md`*,?\s+sections?\s+(\d+(?:(?:,|\s+and)\s+\d+)*)")
WIDEST_LINE = 100


def plain(latex: str) -> str:
    """One equation without marks of alignment and without white space that means nothing."""
    latex = COLOURED.sub(r"\1", latex)
    return SPACE.sub("", " ".join(latex.replace("&", "").split()))


def displayed() -> Iterator[tuple[list[str], list[str]]]:
    """Names and lines of each displayed equation; no names where the deck has none such."""
    for found in DISPLAYED.finditer(MODEL):
        names = found[1].split(", ") if found[1] else []
        lines = [found[2]] if "pmatrix" in found[2] else ENVIRONMENT.sub("", found[2]).split(r"\\")
        yield names, [plain(line) for line in lines]


def prose() -> str:
    return DISPLAYED.sub("", MODEL)


def sections() -> list[int]:
    return [int(number) for number in re.findall(r"^## (\d+)\. ", MODEL, flags=re.MULTILINE)]


def test_equations_that_the_deck_has_too_are_the_same_there() -> None:
    named = [(names, lines) for names, lines in displayed() if names]
    assert len(named) == MODEL.count("<!-- equation: ")
    for names, lines in named:
        assert lines == [plain(EQUATIONS[name].latex) for name in names], names


def test_no_equation_of_the_deck_stands_there_without_its_name() -> None:
    of_deck = {plain(equation.latex): name for name, equation in EQUATIONS.items()}
    unnamed = [line for names, lines in displayed() if not names for line in lines]
    assert [of_deck[line] for line in unnamed if line in of_deck] == []


def test_every_displayed_equation_can_be_drawn() -> None:
    for _, lines in displayed():
        for line in lines:
            width, height = Latex(line).getsize()
            assert min(width, height) > 0, line


def test_every_fence_is_one_that_was_found() -> None:
    assert MODEL.count("```") == 2 * sum(1 for _ in displayed())


def test_markdown_leaves_inline_mathematics_as_it_is() -> None:
    r"""GitHub takes ``\,`` for a comma and ``\{`` for a brace between single dollars."""
    mathematics = INLINE.findall(prose())
    assert [math for math in mathematics if re.search(r"\\[^\w\s]|\n", math)] == []
    assert "$" not in INLINE.sub("", prose())


def test_sections_are_numbered_in_order_and_listed() -> None:
    assert sections() == list(range(1, len(sections()) + 1))
    rows = [line for line in MODEL.splitlines() if re.match(r"\| \d+ \|", line)]
    listed = [int(cell) for row in rows for cell in re.findall(r"\| (\d+) \|", row)]
    assert sorted(listed) == sections()
    within = re.findall(r"\(?[Ss]ection\s+(\d+)", MODEL)
    assert {int(number) for number in within} <= set(sections())


def cited() -> list[tuple[str, int]]:
    """File and section of each citation of ``docs/model.md`` in the code."""
    return [
        (str(file.relative_to(ROOT)), int(number))
        for folder in ("scripts", "tests")
        for file in sorted((ROOT / folder).rglob("*.py"))
        for listed in CITATION.findall(file.read_text(encoding="utf-8"))
        for number in re.findall(r"\d+", listed)
    ]


def test_every_section_that_the_code_cites_exists() -> None:
    assert [place for place in cited() if place[1] not in sections()] == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("see `docs/model.md`, section 6.", ["6"]),
        ("docs/model.md, sections 5, 7 and\n12", ["5", "7", "12"]),
        ("docs/model.md has a section 3", []),
    ],
)
def test_a_citation_is_seen(text: str, numbers: list[str]) -> None:
    assert re.findall(r"\d+", " ".join(CITATION.findall(text))) == numbers


def test_documents_point_to_files_that_exist() -> None:
    for name in ("CONTRIBUTING.md", "docs/model.md"):
        file = ROOT / name
        for target in re.findall(r"\]\(([^)#:]+)\)", file.read_text(encoding="utf-8")):
            assert (file.parent / target).exists(), (name, target)


def test_lines_of_documents_fit_an_editor() -> None:
    for name in ("CONTRIBUTING.md", "docs/model.md"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if len(line) > WIDEST_LINE] == [], name


def test_the_citation_file_says_what_the_project_says() -> None:
    citation: dict[str, Any] = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(citation) >= CFF_REQUIRES
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]
    assert all(author["name"] for author in citation["authors"])
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\S+)", changes, flags=re.MULTILINE)[0] == project["version"]


def test_hooks_are_checks_of_make_test_and_fetch_nothing() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [repository["repo"] for repository in hooks] == ["local"]
    checks = (ROOT / "Makefile").read_text(encoding="utf-8")
    for hook in hooks[0]["hooks"]:
        assert hook["language"] == "system"
        assert f"@$(BIN)/{hook['entry'].partition(' --')[0]}" in checks


def test_the_names_of_the_story_are_those_of_the_code() -> None:
    told = "\n".join(runpy.run_path(str(ROOT / "scripts" / "story_names.py"))["document"]())
    assert (ROOT / "docs" / "story_names.md").read_text(encoding="utf-8") == told + "\n"


def test_the_example_of_the_story_can_be_told(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "story.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
    (tmp_path / "mine.yaml").write_text(example, encoding="utf-8")
    check_own([str(ROOT / "workflow" / "story" / "en"), str(tmp_path)], "de", FIGURES_SHOWN)


def test_the_graph_of_rules_is_that_of_the_workflow(tmp_path: Path) -> None:
    done = snakemake(tmp_path, "--rulegraph", "mermaid-js", profile="none")
    graph = runpy.run_path(str(ROOT / "scripts" / "rule_graph.py"))["graph"](done.text)
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert f"```mermaid\n{graph}```" in text, "`make rule-graph`"
    assert "fit_em --> compare" in graph
