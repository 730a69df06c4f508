"""The documentation as pages: whole, with equations set, and nothing loaded from elsewhere."""

import re
import subprocess
import sys

import pytest
import yaml

from runs import ROOT

pytestmark = pytest.mark.xdist_group("site")
PACKAGE = ROOT / "scripts" / "mixedmodel"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Text of each page by its name; a link that leads nowhere fails the build."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir"]
    done = subprocess.run(
        [*command, str(folder)], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {
        str(file.relative_to(folder)): file.read_text(encoding="utf-8")
        for file in folder.rglob("*.html")
    }


def test_every_equation_is_set_in_its_place(site: dict[str, str]) -> None:
    text = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    prose, displayed = re.subn(r"```math.*?```", "", text, flags=re.DOTALL)
    page = site["model.html"]
    assert page.count('<math display="block"') == displayed > 50
    assert page.count('<math display="inline"') == prose.count("$") / 2 > 100
    assert "\ue000" not in page
    assert "$" not in page.partition("<h1")[2].partition("<footer")[0]


def test_every_setting_is_told_with_what_it_takes(site: dict[str, str]) -> None:
    rules = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text("utf-8"))
    sections = {name: rules["properties"][name]["properties"] for name in ("em", "mfvi", "deck")}
    keys = [f"{section}.{key}" for section, inner in sections.items() for key in inner]
    keys += [f"datasets.NAME.{key}" for key in rules["$defs"]["dataset"]["properties"]]
    page = site["settings.html"]
    assert [key for key in (*keys, *rules["properties"]) if f"<code>{key}</code>" not in page] == []
    assert "the tag of a language, such as en, de or pt-BR" in page


def test_the_reference_has_every_module(site: dict[str, str]) -> None:
    files = [*(PACKAGE / "arrays.py",)]
    for room in ("model", "store", "report", "plan"):
        files += [file for file in (PACKAGE / room).rglob("*.py") if file.stem != "__init__"]
    pages = "".join(text for name, text in site.items() if name.startswith("reference/"))
    names = [".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts) for file in files]
    assert [name for name in names if f'id="{name}"' not in pages] == []
    assert "Fit the model to y (n,), X (n, p) and Z (n, c)" in pages


def test_reading_a_page_loads_nothing_from_elsewhere(site: dict[str, str]) -> None:
    loaded = re.compile(r"""<(?:script|link|img)[^>]*?(?:src|href)=["'](?:https?:)?//[^"']+""")
    assert {name: loaded.findall(text) for name, text in site.items() if loaded.search(text)} == {}
    assert "model.html" in site["index.html"]
