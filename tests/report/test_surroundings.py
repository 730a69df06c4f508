"""The same figures and decks wherever they are drawn: fonts, settings and language of a machine."""

import copy
import dataclasses
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from matplotlib import font_manager

from report import drawn_elsewhere

pytestmark = pytest.mark.xdist_group("surroundings")

TREE = Path(__file__).parents[2]
HOSTILE = """\
text.usetex: True
font.family: serif
font.size: 31
mathtext.fontset: stix
figure.figsize: 3, 3
figure.dpi: 33
figure.facecolor: black
axes.prop_cycle: cycler('color', ['r', 'g', 'b'])
axes.titlelocation: right
axes.xmargin: 0.4
lines.markersize: 30
lines.dashed_pattern: 1, 9
image.cmap: hot
hist.bins: 3
legend.loc: lower right
path.sketch: 3, 100, 2
savefig.bbox: tight
savefig.transparent: True
savefig.format: pdf
xtick.direction: in
ytick.right: True
svg.fonttype: none
interactive: True
this is no setting
lines.color: no colour
"""


def drawn(*what: str, tree: Path = TREE, **surroundings: str) -> dict[str, str]:
    """Draw in a process of its own; return the digest of each file."""
    path = os.pathsep.join(str(tree / folder) for folder in ("scripts", "tests"))
    command = [sys.executable, "-W", "error", drawn_elsewhere.__file__, *what]
    done = subprocess.run(
        command,
        env=os.environ | {"PYTHONPATH": path} | surroundings,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@cache
def here() -> dict[str, str]:
    return drawn("everything")


def with_fonts(folder: Path, entries: list[font_manager.FontEntry]) -> str:
    """Write matplotlib's list of the fonts that it has seen; return the folder."""
    known = copy.copy(font_manager.fontManager)
    known.ttflist = entries
    name = f"fontlist-v{font_manager.FontManager.__version__}.json"
    font_manager.json_dump(known, folder / name)
    return str(folder)


def test_a_machine_that_has_not_drawn_before_draws_the_same(tmp_path: Path) -> None:
    found = drawn(MPLCONFIGDIR=str(tmp_path))
    assert found == {name: here()[name] for name in found}


def test_a_machine_that_knows_no_font_at_all_draws_the_same(tmp_path: Path) -> None:
    found = drawn(MPLCONFIGDIR=with_fonts(tmp_path, []), MPL_IGNORE_SYSTEM_FONTS="1")
    assert found == {name: here()[name] for name in found}


@pytest.mark.parametrize("gone", [False, True])
def test_other_fonts_of_the_same_names_change_nothing(gone: bool, tmp_path: Path) -> None:
    serif = next(e for e in font_manager.fontManager.ttflist if e.name == "DejaVu Serif")
    names = ("Arial", "Liberation Sans", "DejaVu Sans", "cmex10", "cmr10")
    others = [dataclasses.replace(serif, name=name) for name in names]
    if gone:
        others = [dataclasses.replace(e, fname=str(tmp_path / "gone.ttf")) for e in others]
    found = drawn(MPLCONFIGDIR=with_fonts(tmp_path, others))
    assert found == {name: here()[name] for name in found}


def test_settings_language_and_clock_of_the_user_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text(HOSTILE, encoding="utf-8")
    styles = tmp_path / "stylelib"
    styles.mkdir()
    (styles / "mine.mplstyle").write_text("lines.linewidth: thick\n", encoding="utf-8")
    assert here() == drawn(
        "everything",
        MATPLOTLIBRC=str(tmp_path / "matplotlibrc"),
        MPLCONFIGDIR=str(tmp_path),
        MPLBACKEND="svg",
        LANG="tr_TR.UTF-8",
        LC_ALL="tr_TR.UTF-8",
        TZ="Asia/Kathmandu",
        SOURCE_DATE_EPOCH="1",
        PYTHONHASHSEED="7",
        COLUMNS="20",
    )
