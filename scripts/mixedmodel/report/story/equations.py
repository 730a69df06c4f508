"""Equations, and what they become where the model is smaller: no fixed effects, or REML.

Without fixed effects Z w falls away. On contrasts C'y stands for y - Z w, C'X for X and n - c for
n, so that K and V become K_C and V_C (`docs/model.md`, section 14). What rules can't tell stands in
equations.yaml under the name of the equation, @ and the regime.
"""

import re
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

Regime = Literal["", "no_fixed", "reml"]
Rules = tuple[tuple[str, str], ...]


class Equation(Struct, forbid_unknown_fields=True, frozen=True):
    """One displayed line: ``latex`` is its only source, ``words`` its alt text."""

    latex: str
    words: str


WHOLE = {  # under REML too: what speaks of the table itself, or of contrasts already
    *("model", "prior", "noise", "marginal", "pve", "pve_error", "contrasts"),
    *("restricted_loglik", "restricted_w"),
}
OF_W = {"score_w", "update_w", "mean_field_w"}  # shown where there is w only
COMMAND = re.compile(r"\\(?:text|mathrm|operatorname|mathbb|mathcal)\{[^}]*\}|\\[a-zA-Z]+")
TRANSPOSED = "\N{MODIFIER LETTER CAPITAL T}"
MASKS = 0xE000  # the first of the characters that stand for commands

NO_ZW: Rules = (
    (r"\(y - Zw\)", "y"),
    (r"y\s*-\s*Zw", "y"),
    (r"\\left\(Zw,", r"\\left(0,"),
    (r"Zw \+ ", ""),
    (r"_\{w,\\,", "_{"),
)
ON_CONTRASTS: Rules = (
    (rf"([xX](?:_\w)?){TRANSPOSED}", rf"\1{TRANSPOSED}C"),
    (rf"([xX](?:_\w)?)(?![\w{TRANSPOSED}])", rf"C{TRANSPOSED}\1"),
    (rf"(X)(?=[\wX])(?!_)(?!{TRANSPOSED})", rf"C{TRANSPOSED}\1"),
    (r"y", f"C{TRANSPOSED}y"),
    (rf"C{TRANSPOSED}y\s*-\s*C{TRANSPOSED}X(.)", rf"C{TRANSPOSED}(y-X\1)"),
    (r"([KV])", r"\1_C"),
    (r"I_n", "I_{n-c}"),
    (r"\{n\}", "{n-c}"),
    (r"(?<![-])n(?!-)", "(n-c)"),
)
SPOKEN_NO_ZW: Rules = (
    (r" minus Z w\b", ""),
    (r"with mean Z w\b", "with mean zero"),
    (r"\bZ w plus ", ""),
    (r"\bover w(?: and|,) ", "over "),
)
SPOKEN_ON_CONTRASTS: Rules = (
    (r"\b(X B|X|x [jk]) transposed\b", r"\1 transposed C"),
    (r"\b(X B|X(?! B)|x [jk])\b(?! transposed)", r"C transposed \1"),
    (r"\by\b", "C transposed y"),
    (r"\b([KV])\b", r"\1 C"),
    (r"\bn\b(?! minus)", "n minus c"),
)


def with_regimes(equations: Mapping[str, Equation]) -> dict[str, Equation]:
    """Add to equations what they become in each regime, where that is another equation."""
    found = dict(equations)
    for name, equation in equations.items():
        if "@" not in name and name not in OF_W:
            small = _changed(equation, NO_ZW, SPOKEN_NO_ZW)
            if small != equation:
                found.setdefault(named(name, "no_fixed"), small)
            seen = _on_contrasts(small)
            if name not in WHOLE and seen != equation:
                found.setdefault(named(name, "reml"), seen)
    return found


def named(name: str, regime: Regime) -> str:
    """Return the name of an equation in a regime."""
    return f"{name}@{regime}" if regime else name


def _on_contrasts(equation: Equation) -> Equation:
    """Return an equation without Z w as it is for C'y and C'X."""
    commands: list[str] = []

    def masked(command: re.Match[str]) -> str:
        commands.append(command[0])
        return chr(MASKS + len(commands) - 1)

    latex = COMMAND.sub(masked, equation.latex.replace(r"^\top", TRANSPOSED))
    seen = _changed(replace(equation, latex=latex), ON_CONTRASTS, SPOKEN_ON_CONTRASTS)
    text = re.sub(
        f"[{chr(MASKS)}-{chr(MASKS + len(commands))}]",
        lambda mask: commands[ord(mask[0]) - MASKS],
        seen.latex,
    )
    text = re.sub(rf"{TRANSPOSED}(?=[a-zA-Z])", r"^\\top ", text).replace(TRANSPOSED, r"^\top")
    return replace(seen, latex=text)


def _changed(equation: Equation, rules: Rules, spoken: Rules) -> Equation:
    latex, words = equation.latex, equation.words
    for pattern, instead in rules:
        latex = re.sub(pattern, instead, latex)
    for pattern, instead in spoken:
        words = re.sub(pattern, instead, words)
    return replace(equation, latex=latex, words=words)
