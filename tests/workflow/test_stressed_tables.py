"""Every stressed table goes through every step: it ends in a deck or in words to the user."""

import re
from pathlib import Path

import pytest

import steps
from mixedmodel.report import style
from report.deck_checks import CHECKS, Opened
from stressed_tables import CASES

COARSE = 72  # dots an inch of the figures, which are looked at elsewhere; a slide is in points


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(style._SETTINGS, "figure.dpi", COARSE)


@pytest.fixture(scope="module")
def equations(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("equations")
    steps.Steps(folder).run(
        "draw_equations",
        {"equations": [str(steps.STORY / "equations.yaml")]},
        {"pictures": "equations.json"},
    )
    return str(folder / "equations.json")


@pytest.mark.parametrize("name", CASES)
def test_a_deck_or_a_clear_refusal(name: str, tmp_path: Path, equations: str) -> None:
    case = CASES[name]()
    if case.refusal:
        with pytest.raises(steps.Refused) as caught:
            steps.fit(case.table, tmp_path / "study", **case.options)
        assert re.search(case.refusal, str(caught.value))
        return
    made = steps.fit(case.table, tmp_path / "study", **case.options)
    for method in ("em", "mfvi"):
        found = made.json(f"{method}/estimates.json")["certificate"]
        assert found["certified"] or found["flat"] or found["unbounded"], (method, found)
    deck = Opened(steps.report(made, equations).read_bytes())
    assert [found for check in CHECKS for found in check(deck)] == []
