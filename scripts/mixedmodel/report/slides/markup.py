"""The markup of slide texts: ``**bold**``, ``σ²_{β}``, ``10^{6}``; methods in their colour."""

import re
from dataclasses import dataclass

from mixedmodel.report.style import EM, MFVI

SUBSCRIPT, SUPERSCRIPT = "sub", "super"
METHOD_COLOURS = {"EM": EM, "MFVI": MFVI}

_TOKEN = re.compile(r"\*\*(?P<bold>.+?)\*\*|_\{(?P<sub>.+?)\}|\^\{(?P<sup>.+?)\}")
_METHOD = re.compile(r"\b(EM|MFVI)\b")


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style; ``colour`` is a hex colour or None for the default."""

    text: str
    bold: bool = False
    script: str | None = None
    colour: str | None = None


def hold_together(text: str) -> str:
    """Keep equalities, inequalities, differences and sums on one line."""
    return re.sub(r" ([=<−+≤≥×]) ", "\N{NO-BREAK SPACE}\\1\N{NO-BREAK SPACE}", text)


def parse(text: str) -> list[Run]:
    """Split marked-up text into runs."""
    runs: list[Run] = []
    position = 0
    for token in _TOKEN.finditer(text):
        runs += _coloured(text[position : token.start()], bold=False)
        if token["bold"]:
            runs += _coloured(token["bold"], bold=True)
        elif token["sub"]:
            runs.append(Run(token["sub"], script=SUBSCRIPT))
        else:
            runs.append(Run(token["sup"], script=SUPERSCRIPT))
        position = token.end()
    return runs + _coloured(text[position:], bold=False)


def _coloured(text: str, *, bold: bool) -> list[Run]:
    """Set the names of the methods bold and in their colours."""
    return [
        Run(part, bold=bold or part in METHOD_COLOURS, colour=METHOD_COLOURS.get(part))
        for part in _METHOD.split(text)
        if part
    ]
