"""The workflow with the Krylov form: to the deck, beside the exact form, the same bytes twice."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from pptx import Presentation

from mixedmodel.store.files import read_json
from runs import Run, digests, small_table, snakemake, write_table

N, P = 545, 620  # more directions than all of which are probes
SETTINGS = {
    "run": ["t"],
    "datasets": {
        "t": {"path": "t.txt", "missing": "drop_rows", "intercept": True, "cross_validation": 0},
        "traits": {
            "path": "t.txt",
            "response": ["y", "v"],
            "missing": "drop_rows",
            "likelihood": "reml",
            "cross_validation": 0,
        },
        "unseen": {"path": "t.txt", "response": []},
    },
    "em": {"also": []},
    "mfvi": {"also": []},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of both forms of the same table, and of two responses, which have an X in common."""
    folder = tmp_path_factory.mktemp("krylov")
    table = small_table(n=N, c=2, p=P)
    table.insert(1, "v", 3 * table["y"] + table["X.1"])
    table.loc[:2, ["y", "v"]] = float("nan")
    write_table(table, folder / "t.txt")
    for method in ("exact", "krylov"):
        done = run(folder, method)
        assert done.status == 0, done.text
    (folder / "said.txt").write_text(done.text)
    return folder


def run(folder: Path, method: str, *arguments: str) -> Run:
    there = folder / method
    there.mkdir(exist_ok=True)
    (there / "t.txt").write_bytes((folder / "t.txt").read_bytes())
    settings: dict[str, Any] = SETTINGS | {"spectral": {"method": method}}
    if method == "krylov":
        settings = settings | {"run": ["t", "traits", "unseen"]}
    (there / "mine.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    return snakemake(there, "--configfile", "mine.yaml", *arguments)


def result(folder: Path, method: str, file: str) -> Path:
    return folder / method / "results" / "t" / file


def test_both_forms_come_to_the_same_within_the_monte_carlo_error(folder: Path) -> None:
    one, other = (
        read_json(result(folder, method, "comparison/summary.json"))["fits"]
        for method in ("exact", "krylov")
    )
    told = other["em"]["spectral"]
    assert (one["em"]["spectral"]["method"], told["method"]) == ("exact", "krylov")
    assert 0 < told["share_of_standard_error"] <= told["tolerance"] == 0.1
    errors = told["monte_carlo_se"]
    assert abs(one["em"]["pve"] - other["em"]["pve"]) < 4 * errors["pve"]
    assert abs(one["em"]["loglik"] - other["em"]["loglik"]) < 4 * errors["loglik"]
    assert one["mfvi"]["elbo"] == pytest.approx(other["mfvi"]["elbo"], abs=1e-6)
    assert one["mfvi"]["pve"] == pytest.approx(other["mfvi"]["pve"], rel=1e-4)
    assert other["mfvi"]["spectral"]["monte_carlo_se"]["pve"] == 0
    assert all(fit["certificate"]["certified"] for fit in other.values())


def test_what_takes_all_of_k_is_withheld(folder: Path) -> None:
    summary = read_json(result(folder, "krylov", "comparison/summary.json"))
    assert summary["variances"] is summary["data"]["rank"] is None
    effects = pd.read_parquet(result(folder, "krylov", "comparison/effects.parquet"))
    assert effects[["variance_em", "variance_lrvb"]].isna().all(axis=None)
    assert effects[["mean_em", "variance_mfvi", "variance_mfvi_at_em"]].notna().all(axis=None)
    assert pd.read_parquet(result(folder, "krylov", "em/effects.parquet"))["variance"].isna().all()


def test_rows_are_predicted_as_by_the_exact_form(folder: Path) -> None:
    one, other = (
        pd.read_parquet(result(folder, method, "predictions.parquet"))
        for method in ("exact", "krylov")
    )
    assert len(other) == 3
    pd.testing.assert_frame_equal(one, other, rtol=0.02)


def test_the_deck_says_it_and_says_nothing_undefined(folder: Path) -> None:
    deck = Presentation(str(result(folder, "krylov", "deck.pptx")))
    words = [
        shape.text_frame.text
        for slide in deck.slides
        for shape in [*slide.shapes, *slide.notes_slide.shapes]
        if shape.has_text_frame
    ]
    told = [text for text in words if "Spectral form: Krylov" in text]
    assert len(told) == 1
    assert "within the Monte-Carlo error of 32 random probes" in told[0]
    assert not [text for text in words if "nan" in text.lower().split()]


def test_the_terminal_and_the_log_say_it(folder: Path) -> None:
    said = (folder / "said.txt").read_text()
    assert "certified within the Monte-Carlo error" in said
    assert "(Monte-Carlo error 0.0" in said
    for method, words in (("exact", "spectral form: exact"), ("krylov", "spectral form: Krylov, ")):
        assert words in result(folder, method, "logs/decompose.log").read_text()


def test_several_responses_and_none_have_a_form_too(folder: Path) -> None:
    results = folder / "krylov" / "results"
    for name in ("y", "v"):
        found = read_json(results / "traits" / name / "em" / "estimates.json")
        assert found["spectral"]["method"] == "krylov"
        assert found["certificate"]["certified"]
    assert (results / "traits" / "deck.pptx").is_file()
    assert 0 < read_json(results / "unseen" / "foresight.json")["pve_max"] < 1


def test_the_same_input_gives_the_same_bytes(folder: Path) -> None:
    before = digests(folder / "krylov" / "results" / "t")
    done = run(folder, "krylov", "--forceall", "--until", "deck", "results/t/deck.pptx")
    assert done.status == 0, done.text
    assert digests(folder / "krylov" / "results" / "t") == before
