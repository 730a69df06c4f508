"""Results as files: what a run writes comes back equal, and nothing else is taken for it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import steps
from mixedmodel.errors import UserError
from mixedmodel.model.listing import Responses
from mixedmodel.model.overview import Overview
from mixedmodel.model.results import (
    Estimates,
    Foresight,
    Simulation,
    Summary,
    TableSummary,
    ValidationSummary,
)
from mixedmodel.store.files import read_json, write_json
from mixedmodel.store.results import read_result, write_result
from studies import drawn

KINDS = {
    "simulated/truth.json": Simulation,
    "table/summary.json": TableSummary,
    "em/estimates.json": Estimates,
    "mfvi/estimates.json": Estimates,
    "comparison/summary.json": Summary,
    "cross_validation/summary.json": ValidationSummary,
    "declined/summary.json": ValidationSummary,
    "foresight.json": Foresight,
    "responses.json": Responses,
    "overview.json": Overview,
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> steps.Steps:
    """Take a simulated table to every result that there is."""
    made = steps.fit(drawn(40, 2, 60, 0.6, 2), tmp_path_factory.mktemp("results") / "study")
    text = Path(made.path("simulated/table.txt"))
    header, *rows = text.read_text(encoding="utf-8").splitlines()
    several = text.with_name("several.txt")  # a response more, which is constant
    lines = [f"y2\t{header}", *(f"1\t{row}" for row in rows)]
    several.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for folder, asked, folds in (("cross_validation", True, 3), ("declined", False, 10**9)):
        files = {name: f"{folder}/{name}" for name in ("summary.json", "predictions.parquet")}
        outputs = {Path(name).stem: file for name, file in files.items()}
        chosen = {"folds": folds, "seed": 1, "asked": asked}
        made.run("cross_validate", made.table(), outputs, made.shared | chosen)
    made.run("foresight", made.table(), {"foresight": "foresight.json"}, made.shared)
    roles = {"response": ["y", "y2"], "fixed": "Z.", "random": "X.", "intercept": False}
    listing = {"source": str(several), "missing": "error"} | roles
    made.run("list_responses", {}, {"listing": "responses.json"}, listing)
    summaries = {"summaries": [made.path("comparison/summary.json")]}
    outputs = {f"responses_{kind}": f"o.{kind}" for kind in ("csv", "html", "png", "svg")}
    outputs["overview"] = "overview.json"
    made.run("overview", {"listing": made.path("responses.json")} | summaries, outputs)
    return made


@pytest.mark.parametrize("file", KINDS)
def test_what_a_run_wrote_comes_back_equal(file: str, run: steps.Steps, tmp_path: Path) -> None:
    path, copy = Path(run.path(file)), tmp_path / "copy.json"
    found = read_result(path, KINDS[file])
    write_result(copy, found)
    assert read_result(copy, KINDS[file]) == found
    assert copy.read_bytes() == path.read_bytes()


def test_the_run_has_what_is_seldom_there(run: steps.Steps) -> None:
    summary = read_result(run.path("comparison/summary.json"), Summary)
    assert summary.truth is not None
    assert set(summary.truth.recovery) == {"em", "mfvi"}
    assert read_result(run.path("declined/summary.json"), ValidationSummary).left_out is not None
    assert [len(found) for found in vars(read_overview(run)).values()] == [1, 1]


def read_overview(run: steps.Steps) -> Overview:
    return read_result(run.path("overview.json"), Overview)


def em(content: dict[str, Any]) -> Any:
    return content["fits"]["em"]


MISTAKES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "unknown key": (lambda c: c.update(extra=1), "unknown key `$.extra`"),
    "unknown key further in": (
        lambda c: em(c)["certificate"]["score"].update(extra=None),
        "unknown key `$.fits.em.certificate.score.extra`",
    ),
    "unknown key in a list": (
        lambda c: em(c)["schemes"][1].update(extra=[]),
        "unknown key `$.fits.em.schemes[1].extra`",
    ),
    "unknown method": (lambda c: c["fits"].update(other=em(c)), "'other' - at `key` in `$.fits`"),
    "missing key": (lambda c: c.pop("gap"), "missing required field `gap`"),
    "missing key further in": (
        lambda c: c["gap"].pop("total"),
        "missing required field `total` - at `$.gap`",
    ),
    "missing key that may be null": (
        lambda c: c["moments"].pop("pve"),
        "missing required field `pve` - at `$.moments`",
    ),
    "text for a number": (
        lambda c: c["gap"].update(total="1.5"),
        "Expected `float`, got `str` - at `$.gap.total`",
    ),
    "true for a number": (
        lambda c: c["gap"].update(total=True),
        "Expected `float`, got `bool` - at `$.gap.total`",
    ),
    "true for a count": (lambda c: c["data"].update(n=True), "got `bool` - at `$.data.n`"),
    "a fraction for a count": (lambda c: c["data"].update(n=2.5), "got `float` - at `$.data.n`"),
    "a number for true": (
        lambda c: c["case"].update(flat_em=0),
        "Expected `bool`, got `int` - at `$.case.flat_em`",
    ),
    "null for a number": (
        lambda c: em(c)["certificate"].update(shortfall=None),
        "Expected `float`, got `null` - at `$.fits[...].certificate.shortfall`",
    ),
    "one end of an interval": (
        lambda c: em(c).update(pve_interval=[0.1]),
        "length 2, got 1 - at `$.fits[...].pve_interval`",
    ),
    "another word": (
        lambda c: em(c).update(scheme="fast"),
        "Invalid enum value 'fast' - at `$.fits[...].scheme`",
    ),
    "both fits at the top, as once": (
        lambda c: c.update(c.pop("fits")),
        "missing required field `fits`",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_file_of_another_version_is_refused_with_its_name_and_the_key(
    mistake: str, run: steps.Steps, tmp_path: Path
) -> None:
    change, told = MISTAKES[mistake]
    path, content = tmp_path / "summary.json", run.json("comparison/summary.json")
    change(content)
    write_json(path, content)
    with pytest.raises(UserError) as caught:
        read_result(path, Summary)
    message = str(caught.value)
    assert message.startswith(f"{path} is not what this version writes: ")
    assert told in message
    assert message.endswith(f"; delete {tmp_path} and run again, or use the version that wrote it")


@pytest.mark.parametrize("file", KINDS)
def test_a_key_more_or_less_is_refused_in_every_file(
    file: str, run: steps.Steps, tmp_path: Path
) -> None:
    path, content = tmp_path / "result.json", run.json(file)
    for key in content:
        write_json(path, {name: value for name, value in content.items() if name != key})
        with pytest.raises(UserError, match=f"result.json is not .* missing .*`{key}`"):
            read_result(path, KINDS[file])
    write_json(path, content | {"extra": 1})
    with pytest.raises(UserError, match=r"result.json is not .* unknown key `\$\.extra`"):
        read_result(path, KINDS[file])


def test_a_file_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    write_json(tmp_path / "foresight.json", [1, 2])
    with pytest.raises(UserError, match=r"foresight.json is not .* Expected `object`, got `array`"):
        read_result(tmp_path / "foresight.json", Foresight)


def test_names_of_columns_are_no_keys(run: steps.Steps, tmp_path: Path) -> None:
    """Fixed effects may be called anything."""
    path, content = tmp_path / "truth.json", read_json(run.path("simulated/truth.json"))
    content["omega"] = {"NA": 1.5, "pve": -2.0, "$.omega": 0.0, "": 1.0}
    write_json(path, content)
    assert read_result(path, Simulation).omega == content["omega"]


def test_a_step_that_meets_such_a_file_ends_with_one_message(
    run: steps.Steps, tmp_path: Path
) -> None:
    path, content = tmp_path / "estimates.json", run.json("em/estimates.json")
    write_json(path, content | {"extra": 1})
    inputs = run.table() | {"em_estimates": str(path), "truth": [], "truth_effects": []}
    outputs = {name: f"again/{name}" for name in ("summary", "effects", "profile", "shrinkage")}
    with pytest.raises(steps.Refused, match=r"estimates.json is not .* unknown key `\$\.extra`"):
        run.run("compare", inputs, outputs, run.shared | {"dataset": "again"})
