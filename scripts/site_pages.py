"""What `make docs` adds to MkDocs: equations as MathML, and pages made of what else there is.

README, CONTRIBUTING and CHANGELOG are pages, the settings are told by their schema, the gallery by
the pictures, and the reference has a page for each room of the package.
"""

import html
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pypandoc
import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "scripts" / "mixedmodel"
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"
DOCUMENTS = {"index": "README", "contributing": "CONTRIBUTING", "changes": "CHANGELOG"}
ROOMS = {
    "arrays": "Both methods on arrays, for notebooks.",
    "model": "The mathematics: numpy and scipy only, arrays in, frozen dataclasses out.",
    "store": "Tables, Parquet and JSON: importing, checking, strict reading.",
    "report": "Figures, tables and the story on the slides.",
    "plan": "What the rules of the workflow ask.",
}
CODE = re.compile(r"(^```(?!math).*?^```|`[^`\n]+`|^    .*?$)", re.DOTALL | re.MULTILINE)
DISPLAYED = re.compile(r"^```math\n(.*?)\n```", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"\$([^$]+)\$")
MARK = "\ue000{}\ue001"  # in place of an equation until the page is HTML: letters of nobody's
SET = re.compile(MARK.format(r"(\d+)"))
GRAPH = re.compile(r"^```mermaid\n(.*?)^```", re.DOTALL | re.MULTILINE)


class Equations:
    """Equations of a page while it is made: Markdown must not see what is in them."""

    def __init__(self) -> None:
        self.waiting: list[str] = []

    def taken_out(self, markdown: str) -> str:
        """Return the page with a mark for each equation, those in code left alone."""
        self.waiting = []
        markdown = DISPLAYED.sub(lambda found: f"\n{self._mark(f'$${found[1]}$$')}\n", markdown)
        parts = CODE.split(markdown)
        parts[::2] = [
            INLINE.sub(lambda found: self._mark(f"${found[1]}$"), part) for part in parts[::2]
        ]
        return "".join(parts)

    def put_back(self, page: str) -> str:
        """Return the HTML with the equations in it."""
        if not self.waiting:
            return page
        text = "\n\n".join(self.waiting)
        done = pypandoc.convert_text(text, "html", format="markdown", extra_args=["--mathml"])
        equations = re.findall(r"<math.*?</math>", done, re.DOTALL)
        if len(equations) != len(self.waiting):
            raise ValueError(f"{len(self.waiting)} equations, of which {len(equations)} are set")
        return SET.sub(lambda found: equations[int(found[1])], page)

    def _mark(self, equation: str) -> str:
        self.waiting.append(equation)
        return MARK.format(len(self.waiting) - 1)


EQUATIONS = Equations()


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made."""
    for name, text in pages():
        files.append(File.generated(config, f"{name}.md", content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Take the equations out."""
    return EQUATIONS.taken_out(GRAPH.sub(lambda found: followers(found[1]), at_home(markdown)))


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the equations back in."""
    return EQUATIONS.put_back(html)


def pages() -> Iterator[tuple[str, str]]:
    """Yield each page that is made, by its name."""
    for name, document in DOCUMENTS.items():
        yield name, (ROOT / f"{document}.md").read_text(encoding="utf-8")
    yield "settings", settings()
    yield "gallery", gallery()
    for room, words in ROOMS.items():
        yield f"reference/{room}", reference(room, words)


def at_home(text: str) -> str:
    """Return a document with links as they are among the pages."""
    text = text.replace("](docs/", "](")
    for name, document in DOCUMENTS.items():
        text = re.sub(rf"\]\((\.\./)?{document}\.md", f"]({name}.md", text)
    return text


def followers(graph: str) -> str:
    """Write a graph of rules as a table: each and those that follow it."""
    after: dict[str, list[str]] = {}
    for first, second in re.findall(r"(\w+) --> (\w+)", graph):
        after.setdefault(first, []).append(f"`{second}`")
    rows = [f"| `{first}` | {', '.join(then)} |" for first, then in after.items()]
    return "\n".join(["| rule | whose results go into |", "|---|---|", *rows])


def gallery() -> str:
    """Show the slides and the figure that the README shows, as large as they are."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pictures = re.findall(r"!\[([^\]]+)\]\(docs/([^)]+)\)", readme)
    shown = [f"## {words}\n\n![{words}]({path})\n" for words, path in pictures]
    return "\n".join(["# Gallery\n", "From the deck on the built-in data.\n", *shown])


def reference(room: str, words: str) -> str:
    """Name the modules of a room, whose docstrings make the page."""
    place = PACKAGE / room
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    names = [".".join(file.relative_to(ROOT / "scripts").with_suffix("").parts) for file in files]
    modules = [name for name in names if not name.endswith("__init__")]
    return "\n".join([f"# {room.capitalize()}\n", f"{words}\n", *(f"::: {m}\n" for m in modules)])


def settings() -> str:
    """Tell every key of the configuration as the schema does."""
    rules = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    rows = ["| key | what it takes | where it is left out |", "|---|---|---|"]
    rows += [
        f"| `{key}` | {_cell(rule['description'])} | {_default(rule)} |"
        for key, rule in keys(rules, rules["$defs"], "")
    ]
    example = (ROOT / "config.yaml").read_text(encoding="utf-8")
    words = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
    told = "## Every key\n\nAn unknown key, or a value not taken, ends the run before it begins."
    return "\n".join([words, f"{told}\n", *rows, f"\n## The file\n\n```yaml\n{example}```\n"])


def keys(
    rules: Mapping[str, Any], shared: Mapping[str, Any], path: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the path of each key below ``rules`` with what the schema says of it."""
    inner = dict(rules.get("properties", {}))
    if isinstance(rules.get("additionalProperties"), Mapping):
        inner["NAME"] = rules["additionalProperties"]
    for key, rule in inner.items():
        if "$ref" in rule:
            rule = {**shared[rule["$ref"].rpartition("/")[2]], **rule}
        yield f"{path}{key}", rule
        yield from keys(rule, shared, f"{path}{key}.")


def _cell(text: str) -> str:
    return html.escape(text, quote=False).replace("|", r"\|")


def _default(rule: Mapping[str, Any]) -> str:
    if "default" not in rule:
        return "nothing"
    if rule["default"] == {}:
        return "its defaults"
    return f"`{yaml.safe_dump(rule['default'], default_flow_style=True).splitlines()[0]}`"
