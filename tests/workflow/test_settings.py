"""Mistakes in the configuration: one line each that names the key, what was got, what is needed."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from mixedmodel.errors import UserError
from mixedmodel.settings import FOLD_SEED, Settings, check_settings
from runs import ROOT

SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"


def check(text: str) -> Settings:
    return check_settings(yaml.safe_load(text), SCHEMA)


def configured() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8")))


def test_the_shipped_configuration_states_every_default_of_the_schema() -> None:
    config = configured()
    sparse = {
        "datasets": {"demo": {"simulate": {}}, "xyz_mom": {"path": "data/XYZ_MoM.txt"}},
    }
    shipped, minimal = check_settings(config, SCHEMA), check_settings(sparse, SCHEMA)
    assert shipped.run == minimal.run == ("demo",)
    for section in ("em", "mfvi", "spectral", "deck"):
        assert getattr(shipped, section) == getattr(minimal, section)
    folds = {"folds": 10, "seed": FOLD_SEED}
    assert shipped.datasets["demo"] == {**minimal.datasets["demo"], "cross_validation": folds}
    assert shipped.datasets["xyz_mom"] == {**minimal.datasets["xyz_mom"], "response": "y"}
    assert shipped.simulated == ("demo",)


def test_every_key_of_the_shipped_configuration_has_a_comment() -> None:
    lines = (ROOT / "config.yaml").read_text(encoding="utf-8").splitlines()
    keys = [line for line in lines if ":" in line and not line.strip().startswith("#")]
    sections = ("datasets:", "em:", "mfvi:", "spectral:", "deck:", "simulate:")
    sections += ("cross_validation:",)
    sections += ("path: data/XYZ_MoM.txt",)
    assert [key for key in keys if "#" not in key and key.strip() not in sections] == []


def test_numbers_that_yaml_takes_for_text_are_read() -> None:
    settings = check("{datasets: {a: {path: t}}, run: a, em: {tolerance: 1e-6, max_iter: 5.0}}")
    assert settings.em["tolerance"] == 1e-6
    assert settings.em["max_iter"] == 5


def test_a_data_set_may_be_called_by_a_number_and_run_may_be_a_list() -> None:
    for run in ("2024", "[2024]", "'2024'", "['2024']"):
        assert check(f"{{datasets: {{2024: {{path: t}}}}, run: {run}}}").run == ("2024",)


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("data//s.tsv", "data/s.tsv"),
        ("./s.tsv", "s.tsv"),
        ("a/../s.tsv", "a/../s.tsv"),
        ("~/s.tsv", "/here/s.tsv"),
        ("a b/50%{x}/größe.tsv", "a b/50%{x}/größe.tsv"),
    ],
)
def test_paths_are_written_as_snakemake_writes_them(
    monkeypatch: pytest.MonkeyPatch, written: str, path: str
) -> None:
    monkeypatch.setenv("HOME", "/here")
    text = (
        f"{{datasets: {{a: {{path: '{written}'}}}}, run: a, deck: {{template: '{written}.pptx'}}}}"
    )
    settings = check(text)
    assert (settings.table("a"), settings.template) == (path, f"{path}.pptx")
    assert check("{datasets: {a: {path: t}}, run: a}").template is None


@pytest.mark.parametrize(
    ("text", "folds", "seed"),
    [("0", 0, 1), ("5", 5, 1), ("{folds: 4, seed: 9}", 4, 9), ("{seed: 3}", 10, 3), ("{}", 10, 1)],
)
def test_cross_validation_is_a_number_of_folds_or_a_section(
    text: str, folds: int, seed: int
) -> None:
    settings = check(f"{{datasets: {{a: {{path: t, cross_validation: {text}}}}}, run: a}}")
    assert settings.cross_validation("a") == {"folds": folds, "seed": seed, "asked": True}
    assert settings.cross_validated == (("a",) if folds else ())


def test_cross_validation_is_left_to_the_size_of_the_table_by_default() -> None:
    settings = check("{datasets: {a: {path: t}, b: {path: t, cross_validation: 0}}, run: a}")
    assert settings.cross_validation("a") == {"folds": 10, "seed": 1, "asked": False}
    assert settings.cross_validated == ("a",)


def test_the_configuration_is_not_changed() -> None:
    config = configured()
    check_settings(config, SCHEMA)
    assert config == configured()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("em: {max_itr: 5}", ["`em`: unknown key `max_itr` (did you mean 'max_iter'?); known: "]),
        ("emm: {}", ["`the configuration`: unknown key `emm` (did you mean 'em'?)"]),
        ("em: {max_iter: 0}", ["`em.max_iter` is 0; needed: a whole number, at least 1"]),
        ("em: {max_iter: true}", ["`em.max_iter` is True; needed: a whole number"]),
        ("em: {tolerance: .nan}", ["`em.tolerance` is nan; needed: a positive number"]),
        ("em: {scheme: squaremm}", ["is 'squaremm'; needed: one of", "did you mean 'squarem'?"]),
        ("em: {also: [px, plane]}", ["`em.also[1]` is 'plane'"]),
        ("spectral: {method: kryloff}", ["`spectral.method` is 'kryloff'; needed: one of auto"]),
        ("spectral: {tolerance: 0}", ["`spectral.tolerance` is 0; needed: a positive share"]),
        ("spectral: {tolerance: 2}", ["`spectral.tolerance` is 2; needed: a positive share"]),
        ("em:", ["`em` is null (empty); needed: settings of the EM fit"]),
        ("deck: {template: a.potx}", ["`deck.template` is 'a.potx'; needed: the path of a .pptx"]),
        ("run: []", ["`run` is []; needed: the name of a data set or a list of names"]),
        ("run: demoo", ["`run`: no data set 'demoo'; known: demo (did you mean 'demo'?)"]),
        ("datasets: {a/b: {path: t}}", ["`datasets`: bad name 'a/b'; needed: a name made of"]),
        ("datasets: {a: {fixed: Z.}}", ["`datasets.a` has neither; needed: a data set with"]),
        (
            "datasets: {a: {path: t, simulate: {}}}",
            ["`datasets.a` has `path` and `simulate`; needed: a data set with exactly one"],
        ),
        ("datasets: {a: {path: t, random: []}}", ["`datasets.a.random` is []"]),
        ("run: [demo, demo]", ["`run` has 'demo' more than once; needed: the name of a data set"]),
        ("run: [demo, 1.5]", ["`run[1]` is 1.5, a number; needed: the name of a data set: write"]),
        ("datasets: []", ["`datasets` is []; needed: data sets by name"]),
        ("datasets: {a: null}", ["`datasets.a` is null (empty); needed: a data set with exactly"]),
        ("datasets: {a: t.txt}", ["`datasets.a` is 't.txt'; needed: a data set with exactly"]),
        ('datasets: {"a\\n": {path: t}}', ["`datasets`: bad name 'a\\n'"]),
        ('deck: {template: "a.pptx\\n"}', ["`deck.template` is 'a.pptx\\n'; needed: the path"]),
        (
            "datasets: {a: {path: t, response: [1, b]}}",
            [
                "`datasets.a.response[0]` is 1, a number; needed: a column name: write it in "
                'quotes, "1"\n'
            ],
        ),
        (
            "datasets: {a: {path: t, response: 5}}",
            [
                "`datasets.a.response` is 5, a number; needed: the name of",
                ': write it in quotes, "5"',
            ],
        ),
        (
            "datasets: {a: {path: t, response: yes}}",
            ["`datasets.a.response` is True, a truth value; needed", ": write it in quotes\n"],
        ),
        (
            "datasets: {a: {path: t, response: 2024-05-01}}",
            ["is 2024-05-01, a date; needed", ': write it in quotes, "2024-05-01"\n'],
        ),
        (
            "datasets: {a: {path: t, fixed: 3}}",
            ["`datasets.a.fixed` is 3, a number; needed: a prefix", ': write it in quotes, "3"'],
        ),
        ("datasets: {a: {path: t, random: [3]}}", ["`datasets.a.random[0]` is 3, a number"]),
        (
            "datasets: {a: {path: t, fixed: [b, b]}}",
            ["has 'b' more than once; needed", "each once"],
        ),
        (
            "datasets: {a: {simulate: {}, response: [1]}}",
            ["`datasets.a.response` is [1]; needed: left out, as a simulated table has"],
        ),
        ("datasets: {a: {path: t, missing: drop}}", ["is 'drop'; needed", "'drop_rows'?"]),
        (
            "datasets: {a: {path: t, cross_validation: 1}}",
            ["`datasets.a.cross_validation` is 1; needed: a number of folds, at least 2, or 0"],
        ),
        ("datasets: {a: {path: t, cross_validation: true}}", ["is True; needed: a number of"]),
        (
            "datasets: {a: {path: t, cross_validation: {folds: -3}}}",
            ["`datasets.a.cross_validation.folds` is -3; needed: a whole number, at least 2"],
        ),
        (
            "datasets: {a: {path: t, cross_validation: {fold: 3}}}",
            ["`datasets.a.cross_validation`: unknown key `fold` (did you mean 'folds'?)"],
        ),
        ("datasets: {a: {simulate: {pve: 1}}}", ["`datasets.a.simulate.pve` is 1; needed"]),
        (
            "{em: {scheme: x}, mfvi: {block: 0}}",
            ["`em.scheme` is 'x'", "`mfvi.block` is 0"],
        ),
    ],
)
def test_a_mistake_is_told_with_key_value_and_need(text: str, lines: list[str]) -> None:
    config = {"datasets": {"demo": {"simulate": {}}}, **yaml.safe_load(text)}
    with pytest.raises(UserError) as caught:
        check_settings(config, SCHEMA)
    message = str(caught.value)
    assert message.startswith("the configuration can't be used\n")
    assert [line for line in lines if line not in message] == []


def test_the_schema_is_closed_and_every_setting_says_what_is_allowed() -> None:
    schema = yaml.safe_load(Path(SCHEMA).read_text(encoding="utf-8"))

    def resolved(rule: dict[str, Any]) -> dict[str, Any]:
        return {**schema["$defs"].get(rule.get("$ref", "").rpartition("/")[2], {}), **rule}

    def sections(rules: dict[str, Any], at: str) -> list[str]:
        faults = [] if "additionalProperties" in rules else [f"{at} is open"]
        for key, rule in rules["properties"].items():
            if rule.get("type") == "object" and "properties" in rule:
                faults += sections(rule, f"{at}.{key}")
            if "description" not in resolved(rule):
                faults.append(f"{at}.{key} has no description")
        return faults

    assert sections(schema, "") + sections(schema["$defs"]["dataset"], "dataset") == []
