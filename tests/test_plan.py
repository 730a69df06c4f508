"""The plan of a run: units of work, what each reads and is told, memory and time, goals."""

import math
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from snakemake.io import get_wildcard_names

from mixedmodel.model.cost import beside_mb, is_krylov, wanted_mb
from mixedmodel.plan.demands import (
    cores,
    half_of_the_machine,
    holding,
    inputs_mb,
    matrix_mb,
    memory,
    minutes,
)
from mixedmodel.plan.plan import Plan, iterations, make_plan
from mixedmodel.plan.products import FIGURES, SHOWN, TABLES, deck, figures, tables
from mixedmodel.plan.surroundings import Surroundings
from mixedmodel.plan.units import Unit, either, unit_of
from mixedmodel.plan.user_files import can_be_watched
from mixedmodel.report import tables as written
from mixedmodel.store.files import write_json
from mixedmodel.store.fingerprint import sha256
from runs import ROOT, small_table, write_table

FORMS = {"figures": ("png", "svg"), "tables": ("csv", "html")}
READ, REUSE = "to read", "to work with"
LISTED = [("t.1", "t.1", 1), ("t (2)", "t__2_", 2), ("t.3", "t.3", 1)]
DATASETS = {
    "traits": {"path": "traits.txt", "response": ["t.1", "t (2)", "t.3"], "fixed": "Z."},
    "one": {"path": "one.txt", "response": "y", "cross_validation": {"folds": 5, "seed": 3}},
    "none": {"path": "one.txt", "response": []},
    "sim": {"simulate": {"n": 50, "random": 2000}, "cross_validation": 0},
    "gone": {"path": "gone.txt"},
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for every test, as some write tables."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def plan(folder: Path) -> Plan:
    """A plan in a folder where two tables are, and where the responses of one are known."""
    for name in ("traits", "one"):
        write_table(small_table(n=9, c=1, p=3), folder / f"{name}.txt")
    listed = [{"response": r, "folder": f, "rows": k, "n": 9} for r, f, k in LISTED]
    write_json("results/traits/responses.json", {"listed": listed, "left_out": []})
    return planned()


def planned(**sections: Any) -> Plan:
    return planned_within({}, **sections)


def planned_within(around: dict[str, Any], **sections: Any) -> Plan:
    config = {"run": list(DATASETS), "datasets": DATASETS, **sections}
    return make_plan(config, Surroundings(ROOT, "results/{}/responses.json".format, **around))


def fit(dataset: str) -> dict[str, str]:
    return {"dataset": dataset}


@pytest.mark.parametrize(
    ("wildcards", "unit", "folder"),
    [
        ({"dataset": "one"}, Unit("one"), "results/one"),
        ({"dataset": "a/t.1"}, Unit("a", response="t.1"), "results/a/t.1"),
        ({"dataset": "a/shared"}, Unit("a", response="shared"), "results/a/shared"),
        ({"group": "a"}, Unit("a"), "results/a"),
        ({"table": "a/shared/12"}, Unit("a", rows=12), "results/a/shared/12"),
    ],
)
def test_a_unit_is_read_out_of_the_one_wildcard_and_knows_its_folder(
    wildcards: dict[str, str], unit: Unit, folder: str
) -> None:
    assert unit_of(wildcards) == unit
    assert unit.folder == folder


def test_wildcards_are_data_sets_with_what_these_have_inside(plan: Plan) -> None:
    assert (plan.several, plan.unseen) == (["traits"], ["gone"])
    allowed = {
        "dataset": ["one", "none", "sim", "traits/t.1", "traits/x", "gone", "gone/x"],
        "group": ["traits", "gone"],
        "table": ["one", "traits", "traits/shared/1", "gone", "gone/shared/2", "sim"],
    }
    refused = {
        "dataset": ["traits", "traits/shared/1", "traits/a/b", "one/x", "nobody", "on"],
        "group": ["one", "traits/t.1"],
        "table": ["traits/t.1", "traits/shared/x", "one/shared/1"],
    }
    for name, pattern in plan.wildcards().items():
        assert [path for path in allowed[name] if not re.fullmatch(pattern, path)] == []
        assert [path for path in refused[name] if re.fullmatch(pattern, path)] == []
    file = f"results/({plan.wildcards()['dataset']})/deck.pptx"
    assert re.fullmatch(file, "results/traits/t.1/deck.pptx")
    assert not re.fullmatch(file, "results/traits/shared/deck.pptx")
    assert re.fullmatch(plan.fitted(plan.settings.simulated), "sim")
    assert not re.fullmatch(plan.fitted(plan.settings.simulated), "one")


def test_names_of_data_sets_are_no_patterns_and_none_at_all_fits_nothing() -> None:
    assert not re.fullmatch(either(["a.b"], {}), "acb")
    assert not re.fullmatch(either([], {}), "")


def test_a_mistake_in_the_settings_ends_with_one_message() -> None:
    with pytest.raises(SystemExit, match=r"^ERROR: the configuration can't be used\n  `run`: no"):
        planned(run="nobody")


def test_the_table_is_that_of_the_user_or_the_simulated_one(plan: Plan) -> None:
    assert plan.table(fit("traits/t.1")) == "traits.txt"
    assert plan.table({"table": "sim"}) == "results/sim/simulated/table.txt"
    assert plan.table_content({"group": "traits"}) == sha256("traits.txt")
    assert plan.table_content({"table": "sim"}) is None


def test_a_table_that_is_not_there_ends_the_run_and_only_where_it_is_asked_for(plan: Plan) -> None:
    for ask in (plan.table, plan.table_input, plan.table_content):
        with pytest.raises(SystemExit, match=r"^ERROR: there is no file gone\.txt, which"):
            ask({"table": "gone"})
    Path("gone.txt").mkdir()
    with pytest.raises(SystemExit, match=r"^ERROR: gone\.txt is a folder, which `datasets\.gone"):
        plan.table({"table": "gone"})


def test_within_another_workflow_files_of_ours_and_the_users_are_not_moved(plan: Plan) -> None:
    around = {"placed": "made/{}".format, "unmoved": "{} (unmoved)".format}
    inner = planned_within(around, deck={"template": "one.pptx"})
    Path("one.pptx").write_bytes(b"slides")
    assert inner.results == "made/results"
    assert inner.table({"table": "sim"}) == "made/results/sim/simulated/table.txt"
    assert inner.table_input({"table": "sim"}) == "results/sim/simulated/table.txt"  # moved later
    assert inner.table_input(fit("one")) == "one.txt (unmoved)"
    assert inner.template(fit("one")) == "one.pptx (unmoved)"
    files = [*inner.code("fit.py"), *inner.story_files(fit("one"))]
    assert [file for file in files if not file.endswith(" (unmoved)")] == []


def test_a_table_that_a_rule_makes_need_not_be_there(plan: Plan) -> None:
    inner = planned_within({"is_made": "gone.txt".__eq__})
    assert inner.table({"table": "gone"}) == inner.table_input({"table": "gone"}) == "gone.txt"
    assert inner.table_content({"table": "gone"}) is None
    assert inner.table_content({"table": "one"}) == sha256("one.txt")


def test_a_template_is_an_input_and_has_to_be_there(plan: Plan) -> None:
    assert plan.template(fit("one")) == []
    params = plan.deck()
    assert [params[key](fit("one")) for key in ("template", "template_content")] == [None, None]
    other = planned(deck={"template": "mine.pptx", "title": "{x}"})
    for ask in (other.template, other.deck()["template"], other.deck()["template_content"]):
        with pytest.raises(SystemExit, match=r"^ERROR: there is no file mine\.pptx, which `deck"):
            ask(fit("one"))
    Path("mine.pptx").write_bytes(b"slides")
    assert other.template(fit("one")) == "mine.pptx"
    assert other.deck()["template_content"](fit("one")) == sha256("mine.pptx")
    assert other.deck()["title"](fit("one")) == "{x}"


def test_the_story_is_ours_and_what_the_user_lays_over_it(plan: Plan) -> None:
    ours = os.path.relpath(ROOT / "workflow" / "story" / "en")
    assert plan.deck()["story"](fit("one")) == [ours]
    assert not plan.tells_own_story
    assert f"{ours}/answer.yaml" in plan.story_files(fit("one"))
    assert plan.equations(fit("one")) == [f"{Path(ours).parent}/equations.yaml"]
    with pytest.raises(SystemExit, match=r"^ERROR: there is no folder mine, which `deck.story`"):
        planned(deck={"story": "mine"}).story_files(fit("one"))
    Path("mine").mkdir()
    for name in ("equations", "answer"):
        Path("mine", f"{name}.yaml").write_text("{}", encoding="utf-8")
    other = planned(deck={"story": "mine", "language": "de"})
    assert other.tells_own_story
    assert other.deck()["story"](fit("one")) == [ours, "mine"]
    assert other.deck()["story_content"](fit("one")) == [sha256("mine/answer.yaml")] * 2
    assert {"mine/answer.yaml", f"{ours}/answer.yaml"} <= {*other.story_files(fit("one"))}
    assert other.equations(fit("one"))[1:] == ["mine/equations.yaml"]


@pytest.mark.parametrize(
    "path", ["a.txt", "{x}.txt", "{", "50%{}", "{a b}", "{ a }", "{a,[0-9]{2,3}}", "{a,{b}}", "}{"]
)
def test_a_file_is_no_input_where_snakemake_would_find_wildcards(path: str) -> None:
    assert can_be_watched(path) is not bool(get_wildcard_names(path))


def test_a_response_shares_what_is_made_of_its_rows(plan: Plan) -> None:
    shared = plan.shared("table/random")
    assert shared(fit("one")) == "results/one/table/random"
    assert shared(fit("traits/t__2_")) == "results/traits/shared/2/table/random"
    assert shared(fit("traits/t.3")) == "results/traits/shared/1/table/random"
    assert [plan.response(fit(each)) for each in ("one", "traits/t__2_")] == [None, "t (2)"]
    assert plan.listing(fit("traits/t.3")) == "results/traits/responses.json"
    assert plan.listing(fit("one")) == []


def test_the_responses_to_import_are_those_of_the_rows(plan: Plan) -> None:
    tables = ("one", "none", "traits", "traits/shared/1", "traits/shared/2")
    imported = [plan.to_import({"table": table}) for table in tables]
    assert imported == ["y", [], [], ["t.1", "t.3"], ["t (2)"]]


def test_a_response_that_there_is_not_ends_with_one_message(plan: Plan) -> None:
    message = r"^ERROR: traits has no response in a folder t\.9; known: t\.1, t__2_, t\.3$"
    for ask in (plan.response, plan.shared("table/random")):
        with pytest.raises(SystemExit, match=message):
            ask(fit("traits/t.9"))


def test_settings_are_those_of_the_data_set(plan: Plan) -> None:
    assert plan.options("fixed")["fixed"](fit("traits/t.1")) == "Z."
    assert plan.simulation("random")["random"](fit("sim")) == 2000
    validation = plan.validation("folds", "seed", "asked")
    assert [setting(fit("one")) for setting in validation.values()] == [5, 3, True]
    assert [setting(fit("none")) for setting in validation.values()] == [10, 1, False]


def test_a_scheme_that_is_reported_does_not_run_beside_itself() -> None:
    given = {"scheme": "px", "also": ["px", "plain"], "max_iter": 9}
    given |= {"also_max_iter": 4, "tolerance": 0.1, "block": 128}
    told = {"scheme": "px", "also": ["plain"], "max_iter": 9, "also_max_iter": 4, "tolerance": 0.1}
    assert iterations(given) == told


def test_files_that_not_every_data_set_has(plan: Plan) -> None:
    truth, scores = plan.if_simulated("truth.json"), plan.if_cross_validated("scores.json")
    assert truth(fit("sim")) == "results/sim/simulated/truth.json"
    assert scores(fit("traits/t.1")) == ["results/traits/t.1/scores.json"]
    assert (truth(fit("one")), scores(fit("sim"))) == ([], [])


class Placed(str):
    """An output with its place in the page of results."""

    place: dict[str, Any]


def placed(path: str, **place: Any) -> Placed:
    """Stand in for Snakemake's ``report``."""
    output = Placed(path)
    output.place = place
    return output


def outputs() -> list[Placed]:
    """Every figure, table and deck, as the rules name them."""
    drawn = [file for rule in FIGURES for file in figures(rule, placed).values()]
    written = [file for rule in TABLES for file in tables(rule, placed).values()]
    return [*drawn, *written, deck("deck", placed), deck("overview_deck", placed)]


def test_every_caption_is_of_a_result_and_every_result_has_one() -> None:
    rules = ROOT / "workflow" / "rules"
    used = {(rules / output.place["caption"]).resolve() for output in outputs()}
    there = {*(ROOT / "workflow" / "report").rglob("*.rst")}
    assert there - used == {ROOT / "workflow" / "report" / "workflow.rst"}
    assert used <= there


def test_the_page_has_one_switch_for_all_results_of_a_category() -> None:
    """Snakemake draws one where half of the results have one value of a label, half the other.

    It shows the value that comes first in the alphabet.
    """
    places: dict[str, list[tuple[str, str]]] = {}
    for output in outputs():
        labels = output.place["labels"]
        if "form" in labels:
            assert labels["form"] == (REUSE if output.endswith(("svg", "csv")) else READ)
            places.setdefault(output.place["category"], []).append((*labels.values(),))
    assert READ < REUSE
    for found in places.values():
        results = {result for result, _ in found}
        assert sorted(found) == sorted((name, form) for name in results for form in (READ, REUSE))


def test_a_deck_shows_every_figure_and_table_that_is_made(plan: Plan) -> None:
    for dataset in ("one", "sim"):
        files = [file for file in outputs() if "{dataset}" in file and ".pptx" not in file]
        made = [file.format(dataset=dataset) for file in files]
        shown = [(folder, kind) for folder, kinds in FORMS.items() for kind in kinds]
        found = [file for each in shown for file in plan.shown(*each)(fit(dataset))]
        validated = dataset == "one"
        expected = [file for file in made if validated or "cross_validation" not in file]
        assert sorted(found) == sorted(expected)
    assert set(TABLES["tables"]) == {*written.TABLES, "shrinkage", "predictions"}
    assert len(SHOWN["figures"]) == len(set(SHOWN["figures"]))


def test_goals_are_decks_and_predictions_or_what_x_alone_foretells(plan: Plan) -> None:
    goals = dict(zip(DATASETS, (goal({}) for goal in plan.goals()), strict=True))
    parts = ["deck.pptx", "predictions.parquet", "cross_validation/summary.json"]
    of_responses = [f"results/traits/{f}/{part}" for _, f, _ in LISTED for part in parts]
    assert goals["traits"] == [*of_responses, "results/traits/deck.pptx"]
    assert goals["one"] == [f"results/one/{part}" for part in parts]
    assert goals["none"] == ["results/none/foresight.json"]
    assert goals["sim"] == [f"results/sim/{part}" for part in parts[:2]]
    summaries = plan.of_each_response("summary.json")({"group": "traits"})
    assert summaries == [f"results/traits/{folder}/summary.json" for _, folder, _ in LISTED]


@dataclass
class Inputs:
    """Inputs of a job, as Snakemake hands them to functions."""

    paths: list[str]

    def __iter__(self) -> Any:
        return iter(self.paths)

    def __getitem__(self, place: int) -> str:
        return self.paths[place]


def table_of(**size: int) -> Inputs:
    write_json("results/one/table/summary.json", {"responses": [{"name": "y"}], **size})
    return Inputs(["x.parquet", "results/one/table/summary.json"])


def test_memory_and_time_grow_with_the_size_and_with_each_attempt(plan: Plan) -> None:
    table = table_of(n=1000, p=50_000, c=3, rows_to_predict=0)
    asked = [
        (demand(fit("one"), table, 1), demand(fit("one"), table, 3))
        for demand in (memory(), memory(matrix_mb, times=4), minutes(10, matrix_mb), minutes(5))
    ]
    assert asked == [(1000, 3000), (2600, 7800), (14, 42), (5, 15)]
    with Path("large.txt").open("wb") as file:
        file.truncate(2500 * 2**20)  # a hole, which takes no room
    assert minutes(5, inputs_mb, mb_a_minute=1000)({}, Inputs(["large.txt"]), 1) == 7
    assert memory(plan.simulated_mb, times=10)(fit("sim"), table, 1) == 1008


def test_a_job_asks_for_what_it_holds_of_x_and_for_what_it_takes_beside() -> None:
    table = table_of(n=1000, p=50_000, c=3, rows_to_predict=0)
    beside, all_of_it = 400 + 4 * 8, 2 * 400 + 13
    asked = {room: holding(lambda room=room: room)(fit("one"), table, 1) for room in (1, 200, 5000)}
    assert asked == {1: beside + 1, 200: beside + 200, 5000: beside + all_of_it}
    of_folds = holding(lambda: 5000, folds=True)(fit("one"), table, 2)
    assert of_folds == 2 * (beside + 4 * 8 + all_of_it)


def test_a_job_has_the_room_that_it_asked_for() -> None:
    for n, p, new in ((1000, 50_000, 0), (9, 3, 0), (20_000, 300, 70)):
        table = table_of(n=n, p=p, c=0, rows_to_predict=new)
        asked = holding(lambda: 77, predicts=True)(fit("one"), table, 1)
        room = asked - beside_mb(n, p, new=new)
        assert 0 <= room - min(77, wanted_mb(n, p, new=new)) < 1


@pytest.mark.parametrize(
    ("settings", "is_here", "expected"),
    [
        ({"memory_mb": 300}, True, 300),
        ({"memory_mb": 300}, False, 300),
        ({}, False, float("inf")),
        ({}, True, half_of_the_machine()),
    ],
)
def test_the_room_for_x_is_as_set_or_half_of_the_machine_that_works(
    plan: Plan, settings: dict[str, int], is_here: bool, expected: float
) -> None:
    elsewhere = planned_within({"is_here": lambda: is_here}, **settings)
    assert elsewhere.room_mb() == expected > 0


def test_decomposing_takes_time_by_the_operations_of_the_smaller_side(plan: Plan) -> None:
    small = plan.work_mb(fit("one"), table_of(n=1000, p=6000, c=30))
    large = plan.work_mb(fit("one"), table_of(n=20_000, p=100_000, c=1))
    assert small == pytest.approx(48 + (2 * 6e9 + 1e10) / 3e9)
    assert large == pytest.approx(16_000 + (8e13 + 8e13) / 3e9)


def test_the_krylov_form_is_for_those_that_ask_and_for_what_is_too_large(plan: Plan) -> None:
    def chosen(method: str, n: int, p: int, mb: float = 1e6) -> bool:
        return is_krylov(method, n, p, mb)

    assert chosen("krylov", 10, 10)
    assert not chosen("exact", 10**6, 10**6)
    assert not chosen("auto", 30_000, 10**6)
    assert chosen("auto", 30_001, 10**6)
    assert not chosen("auto", 10**6, 500)
    squares = beside_mb(20_000, 10**5)
    assert chosen("auto", 20_000, 10**5, squares - 1)
    assert not chosen("auto", 20_000, 10**5, squares)


def test_the_krylov_form_takes_memory_and_time_of_products_with_x() -> None:
    plan, size = planned(memory_mb=500), {"n": 100_000, "p": 100_000, "c": 9}
    table = table_of(**size, rows_to_predict=0)
    columns = 2 * 10 * 60 + 6 * 64
    assert plan.krylov({**size, "responses": [None]}) == columns
    assert plan.memory(fit("one"), table, 1) == math.ceil(400 + 0.8 * columns + 500)
    operations = 4e10 * 60 * (10 + 64)
    assert plan.work_mb(fit("one"), table) == pytest.approx(80_000 + operations / 3e9)
    asked = planned(memory_mb=500, spectral={"method": "exact"})
    assert asked.memory(fit("one"), table, 1) == 400 + 4 * 80_000 + 500


def test_decomposing_takes_more_than_one_core_where_the_table_is_large() -> None:
    ask = cores(2)
    assert ask(fit("one"), table_of(n=1000, p=6000, c=30), 1) == 1
    assert ask(fit("one"), table_of(n=5000, p=5000, c=30), 1) == 2
    assert ask(fit("one"), Inputs(["x.parquet"]), 1) == 2, "not known yet"


def test_predicting_takes_memory_where_there_are_new_rows(plan: Plan) -> None:
    size = {"n": 1000, "p": 4000, "c": 3}
    without = table_of(**size, rows_to_predict=0)
    assert plan.prediction_memory(fit("one"), without, 2) == 2000
    some = table_of(**size, rows_to_predict=1000)
    expected = 400 + 4 * 8 + 4 * 8 + 2 * 32 + 32 + 13
    assert plan.prediction_memory(fit("one"), some, 2) == 2 * expected


def test_cross_validation_takes_memory_where_it_is_asked_for_or_quick(plan: Plan) -> None:
    large, small = {"n": 50_000, "p": 90_000, "c": 3}, {"n": 100, "p": 200, "c": 3}
    asked = [
        plan.validation_mb(fit(name), table_of(**size))
        for name in ("one", "none")
        for size in (large, small)
    ]
    assert asked == [208_000, 0.88, 0, 0.88]
    assert plan.validation_memory(fit("none"), table_of(**large), 2) == 2000
    assert plan.validation_memory(fit("one"), table_of(**small), 2) == 2 * 402


def test_a_size_that_is_not_known_yet_is_a_file_that_snakemake_waits_for(plan: Plan) -> None:
    waiting = Inputs(["results/traits/responses.json"])
    with pytest.raises(FileNotFoundError) as told:
        memory(matrix_mb)(fit("traits/t.1"), waiting, 1)
    assert told.value.filename == "results/traits/responses.json"
