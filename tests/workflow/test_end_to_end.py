"""The whole way on small tables: what comes out, when it is made again, that it is the same."""

import json
import math
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from pptx import Presentation

from browser import CHROMIUM, chromium
from report.deck_checks import Opened, figures_as_drawn, heading
from results_page import Walk, walk, words_of
from runs import copy_tree, digests, need, small_table, snakemake, write_table

pytestmark = pytest.mark.xdist_group("end to end")

RESULTS = [
    "table/fixed.parquet",
    "table/rows.parquet",
    "table/predict/fixed.parquet",
    "table/predict/rows.parquet",
    "table/summary.json",
    "spectral/decomposition.npz",
    "spectral/spectrum.parquet",
    "em/estimates.json",
    "em/trace.parquet",
    "em/effects.parquet",
    "mfvi/estimates.json",
    "mfvi/trace.parquet",
    "mfvi/effects.parquet",
    "comparison/summary.json",
    "comparison/effects.parquet",
    "comparison/profile.parquet",
    "comparison/shrinkage_curve.parquet",
    "predictions.parquet",
    "deck.pptx",
]
FIGURES = [
    "data_overview",
    "spectrum",
    "em_climb",
    "mfvi_gap",
    "profile",
    "two_coefficients",
    "uncertainty",
    "shrinkage",
    "means",
    "variances",
    "fixed_effects",
    "fitted_variance",
    "predictions",
]
TABLES = [
    "parameters",
    "uncertainty",
    "shrinkage",
    "fixed_effects",
    "gap",
    "means",
    "variances",
    "fitted_variance",
    "schemes",
    "certificate",
    "data",
    "predictions",
]
VALIDATION = [
    "cross_validation/summary.json",
    "cross_validation/predictions.parquet",
    "figures/cross_validation.png",
    "figures/cross_validation.svg",
    "tables/cross_validation.csv",
    "tables/cross_validation.html",
]
FILES = ("boundary", "tall", "bare")
DATASETS = ("simulated", *FILES)  # what is simulated is made twice where runs are killed
AFTER_COMPARE = {"plot_em", "plot_mfvi", "plot_comparison", "tables", "deck", "all"}
AFTER_FIT = {"compare", "predict", "plot_predictions", *AFTER_COMPARE}
AFTER_VALIDATION = {"plot_cross_validation", "table_cross_validation", "deck", "all"}
AFTER_IMPORT = {
    *("decompose", "fit_em", "fit_mfvi", "plot_data", "cross_validate"),
    *AFTER_FIT,
    *AFTER_VALIDATION,
}
OFFLINE = ("unshare", "--map-root-user", "--net")  # within which a command knows no network
IN_PAGE = ("simulated", "bare")  # the first is cross-validated
ELSEWHERE = {
    "LC_ALL": "tr_TR.UTF-8",
    "TZ": "Asia/Kathmandu",
    "SOURCE_DATE_EPOCH": "1",
    "PYTHONHASHSEED": "7",
    "MPL_IGNORE_SYSTEM_FONTS": "1",
}
UNANSWERED = [3, 17, 44]  # rows of ``tall`` without a response, counted from 1


def prepare(folder: Path) -> Path:
    """Lay out tables and settings: simulated, no random effect, n > p, no fixed effects.

    The table with n > p misses some responses. It is cross-validated as is asked for, the simulated
    one because it is small.
    """
    write_table(small_table(n=40, c=2, p=60, pve=0.0, seed=7), folder / "boundary.txt")
    tall = small_table(n=60, c=2, p=12, seed=2)
    tall.loc[[row - 1 for row in UNANSWERED], "y"] = math.nan
    write_table(tall, folder / "tall.txt")
    write_table(small_table(n=30, c=0, p=50, seed=3), folder / "bare.txt")
    simulate = {"n": 80, "fixed": 3, "random": 120, "pve": 0.5, "seed": 7}
    datasets: dict[str, dict[str, Any]] = {
        "simulated": {"simulate": simulate},
        "boundary": {"path": "boundary.txt", "cross_validation": 0},
        "tall": {
            "path": "tall.txt",
            "missing": "drop_rows",
            "cross_validation": {"folds": 5, "seed": 2},
        },
        "bare": {"path": "bare.txt", "fixed": [], "cross_validation": 0},
    }
    config = {"run": list(DATASETS), "datasets": datasets}
    (folder / "mine.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build all data sets in a copy of the tree, which later tests edit."""
    folder = prepare(copy_tree(tmp_path_factory.mktemp("tree")))
    done = snakemake(folder, "--configfile", "mine.yaml", tree=folder)
    assert done.status == 0, done.text
    assert "WARNING" not in done.text
    steps = re.findall(r"^\[ *(\d+)/(\d+)\] (.*)$", done.text, re.MULTILINE)
    assert [int(number) for number, _, _ in steps] == [*range(1, len(steps) + 1)]
    assert {total for _, total, _ in steps} == {str(len(steps))}
    assert steps[-1][2] == "All decks are ready"
    assert len(done.text.splitlines()) < len(steps) + 10 + 4 * len(DATASETS)
    for dataset in DATASETS:
        assert f"results/{dataset}/deck.pptx  (n = " in done.text
    assert done.text.count("certified") == done.text.count(" certified") == 2 * len(DATASETS)
    return folder


def read(tree: Path, dataset: str, file: str) -> dict[str, Any]:
    return dict(json.loads((tree / "results" / dataset / file).read_text(encoding="utf-8")))


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from numbers(item)
    elif isinstance(value, float):
        yield value


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_file_of_the_contract_is_there(tree: Path, dataset: str) -> None:
    expected = {
        *RESULTS,
        *(f"figures/{stem}.{kind}" for stem in FIGURES for kind in ("png", "svg")),
        *(f"tables/{name}.{kind}" for name in TABLES for kind in ("csv", "html")),
    }
    if dataset == "simulated":
        expected |= {"simulated/table.txt", "simulated/truth.json", "simulated/effects.parquet"}
    if dataset in ("simulated", "tall"):
        expected |= set(VALIDATION)
    folder = tree / "results" / dataset
    files = [file.relative_to(folder) for file in folder.rglob("[!.]*") if file.is_file()]
    made = {str(file) for file in files if file.parts[0] not in ("logs", "benchmarks")}
    parts = ("table/random/", "table/predict/random/")
    assert {name for name in made if not name.startswith(parts)} == expected
    jobs = {file.stem for file in files if file.parts[0] == "logs"}
    assert jobs == {file.stem for file in files if file.parts[0] == "benchmarks"}
    assert len(jobs) == {"simulated": 17, "tall": 16}.get(dataset, 13)


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("method", ["em", "mfvi"])
def test_estimates_have_the_keys_of_the_contract(tree: Path, dataset: str, method: str) -> None:
    estimates = read(tree, dataset, f"{method}/estimates.json")
    for key in ["sigma_beta2", "sigma_e2", "pve", "loglik", "n_iter", "stop"]:
        assert estimates[key] is not None
    table = read(tree, dataset, "table/summary.json")
    assert [estimates[key] for key in "ncp"] == [table[key] for key in "ncp"]
    assert list(estimates["omega"]) == table["fixed_names"]
    assert estimates["method"] == method.upper()
    assert estimates["likelihood"] == "ml"
    assert (estimates["elbo"] is None) == (estimates["gap"] is None) == (method == "em")
    certificate = estimates["certificate"]
    assert certificate["certified"] is True
    assert certificate["shortfall"] <= 1e-6
    assert certificate["boundary"] is (dataset == "boundary")
    assert {"optimum", "score"} <= set(certificate)


@pytest.mark.parametrize("dataset", DATASETS)
def test_columns_are_those_of_the_contract(tree: Path, dataset: str) -> None:
    folder = tree / "results" / dataset
    for method in ("em", "mfvi"):
        bound = ["elbo", "gap"] if method == "mfvi" else []
        columns = ["scheme", "iteration", "loglik", *bound, "sigma_beta2", "sigma_e2"]
        assert set(columns) <= set(pd.read_parquet(folder / method / "trace.parquet").columns)
        effects = pd.read_parquet(folder / method / "effects.parquet")
        assert list(effects.columns) == ["name", "mean", "variance"]
        assert effects["name"].str.startswith("X.").all()
    effects = pd.read_parquet(folder / "comparison" / "effects.parquet")
    assert list(effects.columns)[:6] == [
        "name",
        "mean_em",
        "mean_mfvi",
        "variance_em",
        "variance_mfvi",
        "variance_mfvi_at_em",
    ]
    assert len(effects) == read(tree, dataset, "table/summary.json")["p"]


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_summary_knows_its_case_and_holds_no_nan(tree: Path, dataset: str) -> None:
    summary = read(tree, dataset, "comparison/summary.json")
    case = summary["case"]
    assert case["boundary_em"] is (dataset == "boundary")
    assert case["p_less_than_n"] is (dataset == "tall")
    assert case["truth_known"] is (dataset == "simulated")
    assert all(math.isfinite(number) for number in numbers(summary))


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_deck_opens_and_says_no_nan(tree: Path, dataset: str) -> None:
    slides = Presentation(str(tree / "results" / dataset / "deck.pptx")).slides
    shapes = [shape for slide in slides for shape in slide.shapes]
    texts = [shape.text_frame.text for shape in shapes if shape.has_text_frame]
    texts += [cell.text for shape in shapes if shape.has_table for cell in shape.table.iter_cells()]
    assert len(slides) >= 18
    assert [text for text in texts if "nan" in text.lower().split()] == []
    assert [text for text in texts if "nan%" in text.lower()] == []


@pytest.mark.parametrize("dataset", DATASETS)
def test_figures_stand_on_the_slides_as_large_as_they_were_drawn(tree: Path, dataset: str) -> None:
    deck = Opened((tree / "results" / dataset / "deck.pptx").read_bytes())
    shown = [shape for slide in deck.slides for shape in slide.shapes]
    assert sum(shape.name.startswith("Figure") for shape in shown) >= 8
    assert figures_as_drawn(deck) == []


@pytest.mark.parametrize("dataset", DATASETS)
def test_predictions_are_on_slides_where_there_are_some(tree: Path, dataset: str) -> None:
    slides = Presentation(str(tree / "results" / dataset / "deck.pptx")).slides
    titles = [heading(slide) for slide in slides]
    found = [title for title in titles if "left out" in title or "without response" in title]
    assert len(found) == {"tall": 2, "simulated": 1}.get(dataset, 0)
    table = pd.read_csv(tree / "results" / dataset / "tables" / "predictions.csv")
    assert table["row"].tolist() == (UNANSWERED if dataset == "tall" else [])


@pytest.fixture(scope="module")
def page(tree: Path) -> Path:
    """Make the page of the results of two data sets, where there is no network."""
    can = shutil.which("unshare") and not subprocess.run([*OFFLINE, "true"]).returncode
    need(bool(can), "a namespace without network, by unshare of Debian's package util-linux")
    options = ("--configfile", "mine.yaml", "--config", f"run=[{', '.join(IN_PAGE)}]")
    ask = ("--quiet", "all", "--report", "page.html")
    done = snakemake(tree, *ask, *options, tree=tree, profile="none", within=OFFLINE)
    assert (done.status, done.text) == (0, "")
    return tree / "page.html"


@pytest.fixture(scope="module")
def walked(page: Path, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """Look at everything in the page, by Chromium."""
    need(shutil.which(CHROMIUM) is not None, "Debian's package chromium")
    with chromium(tmp_path_factory.mktemp("profile")) as opened:
        return walk(opened, page)


def in_page(folder: str, *kinds: str) -> set[str]:
    """Figures, or tables, of the page."""
    names = {"figures": FIGURES, "tables": TABLES}[folder]
    made = {f"results/{dataset}/{folder}/{name}" for dataset in IN_PAGE for name in names}
    made.add(f"results/{IN_PAGE[0]}/{folder}/cross_validation")
    return {f"{name}.{kind}" for name in made for kind in kinds}


def test_the_page_holds_every_figure_table_and_deck(tree: Path, walked: Walk) -> None:
    decks = {f"results/{dataset}/deck.pptx" for dataset in IN_PAGE}
    expected = in_page("figures", "png", "svg") | in_page("tables", "csv", "html") | decks
    assert set(walked.files) == expected
    assert [file for file in expected if walked.files[file] != (tree / file).read_bytes()] == []
    saved = [(tree / file).read_bytes() for file in decks | in_page("tables", "csv")]
    assert sorted(walked.saved) == sorted(saved)


def test_every_figure_shows_in_the_page(walked: Walk) -> None:
    pictures = {each.path: (each.width, each.height) for each in walked.shown if not each.text}
    assert set(pictures) == in_page("figures", "png", "svg")
    assert [path for path, size in pictures.items() if min(size) < 300] == []


def test_every_table_shows_in_the_page(tree: Path, walked: Walk) -> None:
    pages = {each.path: each.text for each in walked.shown if each.text}
    assert set(pages) == in_page("tables", "html")
    for path, text in pages.items():
        written = (tree / path).with_suffix(".csv").read_text(encoding="utf-8").splitlines()
        names, *rows = text.splitlines()[:-2]  # after them, what the page says of itself
        assert names.split("\t") == written[0].replace("_", " ").split(","), path
        assert len(rows) == len(written) - 1, path
        assert not {"nan", "None"} & set(text.split()), path


def test_the_page_says_what_it_is_and_has_a_caption_of_everything(walked: Walk) -> None:
    assert walked.start.startswith("EM and mean field on one mixed model")
    for path, caption in walked.captions.items():
        *_, folder, name = Path(path).with_suffix(".rst").parts
        told = words_of(name if name == "deck.rst" else f"{folder}/{name}")
        assert len(caption) > 50, path
        assert " ".join(caption.split()) in told, path
    assert set(walked.captions) == set(walked.files)


def test_nothing_in_the_page_asks_for_something_elsewhere(page: Path, walked: Walk) -> None:
    own, *others = walked.requests
    assert own == page.as_uri()
    assert len(others) > len(walked.shown) // 2
    assert [address for address in others if not address.startswith(("data:", "blob:"))] == []
    assert walked.errors == []


@pytest.mark.parametrize("dataset", ["simulated", "boundary", "bare"])
def test_nothing_is_predicted_where_no_response_is_missing(tree: Path, dataset: str) -> None:
    found = pd.read_parquet(tree / "results" / dataset / "predictions.parquet")
    assert found.shape == (0, 5)
    assert list(found) == [
        *("row", "prediction_em", "prediction_mfvi", "deviation_em", "deviation_mfvi")
    ]


def test_the_same_input_gives_the_same_bytes_whatever_the_users_settings(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "unreadable").write_bytes(b"\xff\xfe text.usetex: True\n")
    monkeypatch.setenv("MATPLOTLIBRC", str(tmp_path / "unreadable"))
    for variable, value in ELSEWHERE.items():
        monkeypatch.setenv(variable, value)
    options = ("--configfile", "mine.yaml", "--config", f"run=[{', '.join(FILES)}]")
    done = snakemake(prepare(tmp_path), *options, tree=tree)
    assert done.status == 0, done.text
    for dataset in FILES:
        first, second = (digests(folder / "results" / dataset) for folder in (tree, tmp_path))
        assert first == second
        assert len(first) > 40


def plan(tree: Path, *arguments: str, settings: tuple[str, ...] = ()) -> set[str]:
    """Rules that would be run for the data set ``tall``."""
    options = ("-n", "--configfile", "mine.yaml", "--config", "run=tall", *settings)
    dry = snakemake(tree, *arguments, *options, tree=tree, profile="none")
    assert dry.status == 0, dry.text
    assert dry.jobs or "Nothing to be done" in dry.text
    assert set(dry.jobs.values()) <= {1}
    return set(dry.jobs)


def test_nothing_is_run_again_when_nothing_changed(tree: Path) -> None:
    dry = snakemake(tree, "-n", "--configfile", "mine.yaml", tree=tree)
    assert "Nothing to be done" in dry.text


def test_a_single_rule_is_run_again_on_request(tree: Path) -> None:
    target = "results/tall/mfvi/estimates.json"
    assert plan(tree, target, "-R", "fit_mfvi") == {"fit_mfvi"}
    before = digests(tree / "results")
    done = snakemake(tree, target, "-R", "fit_mfvi", "--configfile", "mine.yaml", tree=tree)
    assert done.status == 0, done.text
    assert digests(tree / "results") == before


@pytest.mark.parametrize(
    ("edited", "rerun"),
    [
        ("mixedmodel/model/em.py", {"fit_em", "fit_mfvi", *AFTER_FIT}),
        ("mixedmodel/store/importer.py", {"import_table", *AFTER_IMPORT}),
        ("mixedmodel/report/figures/mfvi.py", {"plot_mfvi", "deck", "all"}),
        ("mixedmodel/report/equation_pictures.py", {"draw_equations", "deck", "all"}),
        ("../workflow/story/equations.yaml", {"draw_equations", "deck", "all"}),
        ("../workflow/story/native.xml", {"deck", "all"}),
        ("../workflow/story/en/answer.yaml", {"deck", "all"}),
        ("mixedmodel/report/tables.py", {"tables", "table_cross_validation", "deck", "all"}),
        ("predict.py", {"predict", "plot_predictions", "tables", "deck", "all"}),
        ("mixedmodel/model/simulate.py", set()),
        ("fit.py", {"fit_em", "fit_mfvi", *AFTER_FIT}),
        ("cross_validate.py", {"cross_validate", *AFTER_VALIDATION}),
    ],
)
def test_an_edited_file_reruns_what_depends_on_it(tree: Path, edited: str, rerun: set[str]) -> None:
    file = tree / "scripts" / edited
    text, time = file.read_text(encoding="utf-8"), file.stat().st_mtime_ns
    file.write_text(f"{text}\n# edited\n", encoding="utf-8")
    try:
        assert plan(tree) == rerun
    finally:
        file.write_text(text, encoding="utf-8")
        os.utime(file, ns=(time, time))


@pytest.mark.parametrize(
    ("setting", "rerun"),
    [
        ("em={tolerance: 1.0e-9}", {"fit_em", *AFTER_FIT}),
        ("mfvi={block: 64}", {"fit_mfvi", *AFTER_FIT}),
        ("deck={author: A. Statistician}", {"deck", "all"}),
        ("deck={language: de}", {"deck", "all"}),
    ],
)
def test_a_changed_setting_reruns_what_it_concerns(
    tree: Path, setting: str, rerun: set[str]
) -> None:
    assert plan(tree, settings=(setting,)) == rerun


def test_steps_can_be_run_one_by_one(tree: Path, tmp_path: Path) -> None:
    prepare(tmp_path)
    logs = tmp_path / "results" / "tall" / "logs"
    options = ("--configfile", "mine.yaml", "--config", "run=tall")
    done = snakemake(tmp_path, "results/tall/mfvi/estimates.json", *options, tree=tree)
    assert done.status == 0, done.text
    first = {log.stem for log in logs.iterdir()}
    assert first == {"import_table", "decompose", "fit_mfvi"}
    done = snakemake(tmp_path, "--until", "compare", *options, tree=tree)
    assert done.status == 0, done.text
    assert {log.stem for log in logs.iterdir()} == {*first, "fit_em", "compare"}
    there, here = (digests(folder / "results" / "tall") for folder in (tree, tmp_path))
    assert here == {file: there[file] for file in here}
    assert len(here) > 10


def test_touch_takes_what_is_there_as_made_by_the_edited_code(tree: Path) -> None:
    file = tree / "scripts" / "mixedmodel" / "model" / "em.py"
    text, before = file.read_text(encoding="utf-8"), digests(tree / "results")
    file.write_text(f"{text}\n# edited\n", encoding="utf-8")
    assert "fit_em" in plan(tree)
    done = snakemake(tree, "--touch", "--configfile", "mine.yaml", tree=tree)
    assert done.status == 0, done.text
    assert plan(tree) == set()
    assert digests(tree / "results") == before
