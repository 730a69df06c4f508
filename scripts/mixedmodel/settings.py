"""The settings of a run: the configuration checked against its closed schema, defaults filled in.

Every mistake is told in one line: which key, what was got, what is allowed.
"""

import math
import os.path
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from mixedmodel.errors import UserError

FOLDS = 10  # where the configuration doesn't say; the schema's default
FOLD_SEED = 1  # likewise


@dataclass(frozen=True)
class Settings:
    """A checked configuration in which every key has a value."""

    run: tuple[str, ...]  # names of the data sets to build
    memory_mb: int | None  # of X that a job may hold
    datasets: Mapping[str, Mapping[str, Any]]  # all that are configured, by name
    em: Mapping[str, Any]
    mfvi: Mapping[str, Any]
    spectral: Mapping[str, Any]
    scatter: Mapping[str, int]  # jobs by rule
    deck: Mapping[str, Any]
    container: str | None  # image of the steps

    @property
    def simulated(self) -> tuple[str, ...]:
        """Names of the data sets that the workflow simulates itself."""
        return tuple(name for name, dataset in self.datasets.items() if "simulate" in dataset)

    @property
    def cross_validated(self) -> tuple[str, ...]:
        """Names of the data sets that don't refuse cross-validation."""
        return tuple(name for name in self.datasets if self.cross_validation(name)["folds"])

    def table(self, dataset: str) -> str:
        """Return the path of a user's table as Snakemake writes it."""
        return _plain(self.datasets[dataset]["path"])

    @property
    def template(self) -> str | None:
        """Path of the deck's template as Snakemake writes it, None without one."""
        path = self.deck["template"]
        return _plain(path) if path else None

    @property
    def story(self) -> str | None:
        """Path of the folder with a story of the user's, None without one."""
        path = self.deck["story"]
        return _plain(path) if path else None

    def cross_validation(self, dataset: str) -> Mapping[str, Any]:
        """Return ``folds`` (0: none), ``seed`` and whether the folds were ``asked`` for.

        A number in their place is that of the folds; null leaves it to the size of the table.
        """
        chosen = self.datasets[dataset]["cross_validation"]
        if not isinstance(chosen, Mapping):
            chosen = {"folds": FOLDS if chosen is None else chosen, "seed": FOLD_SEED}
        return {**chosen, "asked": self.datasets[dataset]["cross_validation"] is not None}


def check_settings(config: Mapping[str, Any], schema: Path) -> Settings:
    """Check ``config`` against the YAML file ``schema`` and fill in its defaults.

    Raises
    ------
    UserError
        One line a mistake: unknown key, bad value, bad name, a data set that is not there.
    """
    rules = yaml.safe_load(schema.read_text(encoding="utf-8"))
    filled = _filled(_with_text_names(config), rules, rules["$defs"])
    errors = _validator(rules).iter_errors(filled)
    mistakes = [_sentence(error) for error in errors if not _is_told_by_its_type(error)]
    if mistakes:
        raise UserError(_message(mistakes))
    run = filled.pop("run")
    settings = Settings(run=(run,) if isinstance(run, str) else tuple(run), **filled)
    unknown = [name for name in settings.run if name not in settings.datasets]
    if unknown:
        raise UserError(_message(_no_dataset(name, settings.datasets) for name in unknown))
    return settings


def _plain(path: str) -> str:
    """Fill in ``~`` and take doubled slashes and ``./`` out."""
    return str(Path(os.path.expanduser(path)))


def _message(mistakes: Iterable[str]) -> str:
    lines = "\n".join(f"  {mistake}" for mistake in sorted(mistakes))
    return f"the configuration can't be used\n{lines}\nconfig.yaml shows every key with a comment."


def _no_dataset(name: str, known: Iterable[str]) -> str:
    known = list(known)
    return f"`run`: no data set {name!r}; known: {', '.join(known)}{_hint(name, known)}"


def _validator(rules: Mapping[str, Any]) -> Any:
    numbers = Draft202012Validator.TYPE_CHECKER

    def is_finite_number(_: object, value: object) -> bool:
        return numbers.is_type(value, "number") and math.isfinite(value)  # type: ignore[arg-type]

    finite = numbers.redefine("number", is_finite_number)
    return extend(Draft202012Validator, type_checker=finite)(rules)  # type: ignore[no-untyped-call]


def _with_text_names(config: Mapping[str, Any]) -> Any:
    """Copy ``config`` with text for data sets: YAML reads one called 2024 as a number."""
    named = _with_text_keys(config)
    run = named.get("run")
    if type(run) is int:
        return {**named, "run": str(run)}
    if isinstance(run, list):
        return {**named, "run": [str(name) if type(name) is int else name for name in run]}
    return named


def _with_text_keys(value: Any) -> Any:
    """Copy ``value`` with text for every key."""
    if isinstance(value, Mapping):
        return {str(key): _with_text_keys(item) for key, item in value.items()}
    return value


def _filled(value: Any, rules: Mapping[str, Any], shared: Mapping[str, Any]) -> Any:
    """Copy ``value`` with the defaults of ``rules`` and with numbers that YAML took for text."""
    if "$ref" in rules:
        rules = {**shared[rules["$ref"].rpartition("/")[2]], **rules}
    if isinstance(value, dict):
        known = rules.get("properties", {})
        defaults = {key: rule["default"] for key, rule in known.items() if "default" in rule}
        other = rules.get("additionalProperties") or {}
        return {
            key: _filled(item, known.get(key, other), shared)
            for key, item in {**defaults, **value}.items()
        }
    return _number(value) if rules.get("type") in ("number", "integer") else value


def _number(value: Any) -> Any:
    """Read ``1e-8``, which is text in YAML 1.1, and 5.0 where a whole number is meant."""
    try:
        number = float(value) if isinstance(value, str) else value
    except ValueError:
        return value
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _sentence(error: ValidationError) -> str:
    """Say which key is wrong, what was got and what is allowed."""
    rules: Any = error.schema
    value: Any = error.instance
    key = error.json_path.removeprefix("$").removeprefix(".") or "the configuration"
    if error.validator == "additionalProperties":
        known = list(rules["properties"])
        unknown = [name for name in value if name not in known]
        hints = ", ".join(f"`{name}`{_hint(name, known)}" for name in unknown)
        return f"`{key}`: unknown key {hints}; known: {', '.join(known)}"
    needed = f"needed: {rules.get('description', error.message)}"
    if "propertyNames" in error.absolute_schema_path:
        return f"`{key}`: bad name {value!r}; {needed}"
    if error.validator == "oneOf":
        return f"`{key}` has {_choices(error)}; {needed}"
    if error.validator == "uniqueItems":
        twice = ", ".join(repr(item) for item, n in Counter(map(str, value)).items() if n > 1)
        return f"`{key}` has {twice} more than once; {needed}, each once"
    if "string" in rules.get("type", ()) and (got := _unquoted(value)):
        example = "" if isinstance(value, bool) else f', "{value}"'
        return f"`{key}` is {got}; {needed}: write it in quotes{example}"
    got = "null (empty)" if value is None else repr(value)
    return f"`{key}` is {got}; {needed}{_hint(value, rules.get('enum', ()))}"


def _is_told_by_its_type(error: ValidationError) -> bool:
    """Tell errors on the keys of what is no mapping, whose type is an error of its own."""
    return error.validator == "oneOf" and not isinstance(error.instance, Mapping)


def _unquoted(value: Any) -> str:
    """Say what YAML made of a word without quotes; nothing where it is text or a section."""
    kinds = {bool: "a truth value", int: "a number", float: "a number", date: "a date"}
    return f"{value}, {kinds[type(value)]}" if type(value) in kinds else ""


def _choices(error: ValidationError) -> str:
    """Name the alternative keys that are there."""
    alternatives: Any = error.validator_value
    section: Any = error.instance
    keys = [key for alternative in alternatives for key in alternative["required"]]
    return " and ".join(f"`{key}`" for key in keys if key in section) or "neither"


def _hint(word: Any, known: Iterable[str]) -> str:
    close = get_close_matches(str(word), [name for name in known if name], n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
