"""Write what a story may name, for who writes one: ``python scripts/story_names.py FILE``."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_origin

from mixedmodel.report.story.cases import Fit, Predicted, Results, Scores, Validation
from mixedmodel.report.story.formats import FORMATS, Formats
from mixedmodel.report.story.layouts import LAYOUTS
from mixedmodel.report.story.paths import BASE, item_type, members, parts
from mixedmodel.report.story.several import Ranked, Several

HEAD = """# What a story may name

Made by `make story-names` from the code; [story.md](story.md) tells how the names are used. A name
whose type is `bool`, or that may be missing (`?`), is a case. Names of inner results follow a dot:
`{em.certificate.shortfall nats}`.
"""
VIEWS = {
    "The deck of one response": Results,
    "Each of `both`, a fit": Fit,
    "`validation`, rows left out": Validation,
    "Each of `validation.scores`": Scores,
    "`predicted`, rows without response": Predicted,
    "The deck over several responses": Several,
    "Each of `ranking`, a response": Ranked,
}


def told(kind: Any) -> str:
    """Return a type in short."""
    bare, optional = parts(kind)
    items = item_type(bare)
    origin = get_origin(bare) or bare
    name = "str" if origin is Literal else str(origin.__name__)
    return f"{name}{f' of {told(items)}' if items else ''}{'?' * optional}"


def names(kind: Any) -> Iterator[str]:
    """Give the names of a view with their types and what they mean."""
    for name, inner in members(kind).items():
        if name != BASE:
            words = (getattr(getattr(kind, name, None), "__doc__", None) or "").split("\n")[0]
            yield f"| `{name}` | {told(inner)} | {words} |"


def document() -> Iterator[str]:
    """Give the lines of the document."""
    yield HEAD
    yield "## Formats\n\n| format | |\n|---|---|"
    for name in FORMATS:
        yield f"| `{name}` | {getattr(Formats, name).__doc__} |"
    yield "\n## Layouts\n\n| layout | its parts |\n|---|---|"
    for name, layout in LAYOUTS.items():
        yield f"| `{name}` | {', '.join(layout.parts) or 'blocks'} |"
    for title, view in VIEWS.items():
        yield f"\n## {title}\n\n| name | type | |\n|---|---|---|"
        yield from names(view)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text("\n".join(document()) + "\n", encoding="utf-8")
