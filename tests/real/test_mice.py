"""Heterogeneous-stock mice, CD8, through the whole workflow, against GEMMA's published numbers."""

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import yaml
from pptx import Presentation

from runs import need, snakemake

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("mice")]

LOGLIK = -1584.72  # ML log-likelihood of the null model, GEMMA 0.98.5, printed to two decimals
ROWS, MARKERS = 1410, 10_768


def load(name: str) -> ModuleType:
    """Import the module of this name beside this file."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


mice = load("mice")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need(mice.GENOTYPES.exists(), "Debian's package gemma-doc")
    folder = tmp_path_factory.mktemp("mice")
    mice.write_table(folder / "cd8.txt")
    entry = {"path": "cd8.txt", "response": "cd8", "random": "snp.", "fixed": []}
    config = {"run": "mice", "datasets": {"mice": {**entry, "intercept": True}}}
    (folder / "mice.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    done = snakemake(folder, "--configfile", "mice.yaml")
    assert done.status == 0, done.text
    (folder / "cd8.txt").unlink()
    return folder / "results" / "mice"


def read(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text(encoding="utf-8")))


def test_the_table_has_gemma_s_mice_and_markers(results: Path) -> None:
    summary = read(results / "table" / "summary.json")
    assert (summary["n"], summary["c"], summary["p"]) == (ROWS, 1, MARKERS)
    assert summary["fixed_names"] == ["intercept"]


def test_em_reproduces_the_published_log_likelihood(results: Path) -> None:
    assert read(results / "em" / "estimates.json")["loglik"] == pytest.approx(LOGLIK, abs=0.01)


@pytest.mark.parametrize("method", ["em", "mfvi"])
def test_both_fits_are_certified(results: Path, method: str) -> None:
    certificate = read(results / method / "estimates.json")["certificate"]
    assert certificate["certified"] is True
    assert certificate["boundary"] is False


def test_mean_field_explains_less_than_maximum_likelihood(results: Path) -> None:
    pve = {method: read(results / method / "estimates.json")["pve"] for method in ("em", "mfvi")}
    assert 0 < pve["mfvi"] < pve["em"] < 1


def test_the_deck_is_rendered_page_by_page(results: Path, tmp_path: Path) -> None:
    need(shutil.which("soffice") is not None, "LibreOffice")
    need(shutil.which("pdfinfo") is not None, "Debian's package poppler-utils")
    deck = results / "deck.pptx"
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    options = ("--headless", "--convert-to", "pdf", "--outdir", str(tmp_path))
    subprocess.run(
        ["soffice", profile, *options, str(deck)], check=True, capture_output=True, timeout=300
    )
    pdf = tmp_path / "deck.pdf"
    info = subprocess.run(["pdfinfo", pdf], check=True, capture_output=True, encoding="utf-8")
    pages = next(line.split()[1] for line in info.stdout.splitlines() if line.startswith("Pages:"))
    assert int(pages) == len(Presentation(str(deck)).slides)
    text = subprocess.run(
        ["pdftotext", pdf, "-"], check=True, capture_output=True, encoding="utf-8"
    ).stdout
    assert "1,410" in text
    assert "10,768" in text


def test_dosages_are_centred_with_the_mean_for_missing_ones() -> None:
    need(mice.GENOTYPES.exists(), "Debian's package gemma-doc")
    kept = ~np.isnan(mice.read_phenotype())
    assert int(kept.sum()) == ROWS
    names, X = mice.read_genotypes(kept)
    assert X.shape == (ROWS, MARKERS)
    assert len(set(names)) == MARKERS
    assert np.abs(X.mean(axis=0)).max() < 1e-12  # rounding of sums of 1410 dosages
