"""The plan of a run: from checked settings to what each rule reads, is told and has to make.

A method that takes ``wildcards`` is called by Snakemake for each job; one that takes a file or a
key returns such a function. Snakemake itself isn't known here.
"""

import math
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mixedmodel.errors import UserError
from mixedmodel.model.cost import (
    decomposition_operations,
    is_krylov,
    is_quick,
    krylov_columns,
    krylov_operations,
    machine_mb,
)
from mixedmodel.model.listing import Listed, Responses
from mixedmodel.modules import imported_files
from mixedmodel.plan.demands import (
    OPERATIONS_A_MB,
    half_of_the_machine,
    holding,
    matrix_mb,
    memory,
    table_size,
)
from mixedmodel.plan.products import CROSS_VALIDATION, SHOWN
from mixedmodel.plan.surroundings import Surroundings
from mixedmodel.plan.units import RESPONSE, ROWS, Unit, Wildcards, either, unit_of
from mixedmodel.plan.user_files import (
    can_be_watched,
    one_message,
    user_story,
    user_table,
    user_template,
)
from mixedmodel.settings import Settings, check_settings
from mixedmodel.store.fingerprint import fingerprint
from mixedmodel.store.responses import has_several, read_responses

SCHEMA = Path("workflow", "schemas", "config.schema.yaml")
STORY, ENGLISH = Path("workflow", "story"), "en"
EQUATIONS, NATIVE = "equations.yaml", "native.xml"  # the second has ours as PowerPoint's own

Files = str | list[str]  # one as itself, so that the script sees its path
Params = dict[str, Callable[[Wildcards], Any]]


@one_message()
def make_plan(config: Mapping[str, Any], around: Surroundings) -> "Plan":
    """Check ``config`` and plan its run."""
    return Plan(check_settings(config, around.base / SCHEMA), around)


def iterations(method: Mapping[str, Any]) -> dict[str, Any]:
    """Return the params of a fit: the scheme reported, those beside it, when they end."""
    return {
        "scheme": method["scheme"],
        "also": [scheme for scheme in method["also"] if scheme != method["scheme"]],
        "max_iter": method["max_iter"],
        "also_max_iter": method["also_max_iter"],
        "tolerance": method["tolerance"],
    }


def _simulated(dataset: str) -> str:
    return f"{Unit(dataset).folder}/simulated/table.txt"


def _yaml(folder: str) -> list[str]:
    return sorted(str(file) for file in Path(folder).glob("*.yaml"))


def _vectors(size: Mapping[str, Any]) -> int:
    """Return from how many vectors the Krylov form of a table of this size is found."""
    return int(size["c"]) + len(size["responses"])


def params(section: Callable[[str], Mapping[str, Any]], keys: tuple[str, ...]) -> Params:
    """Return functions that give these settings in the ``section`` of a data set."""

    def setting(key: str) -> Callable[[Wildcards], Any]:
        return lambda wildcards: section(unit_of(wildcards).dataset)[key]

    return {key: setting(key) for key in keys}


@dataclass(frozen=True)
class Plan:
    """What the rules ask, answered from the settings and from the tables that are there."""

    settings: Settings
    around: Surroundings

    @property
    def results(self) -> str:
        """Return the folder of all results, seen from the working directory."""
        return self.around.placed("results")

    @cached_property
    def several(self) -> list[str]:
        """Data sets with several responses, each with results of its own."""
        response = {name: self.settings.datasets[name]["response"] for name in self._tables}
        return [name for name, path in self._tables.items() if has_several(path, response[name])]

    @cached_property
    def unseen(self) -> list[str]:
        """Data sets whose table isn't there to tell; asked for, they end the run."""
        return [name for name, path in self._tables.items() if not path.is_file()]

    @cached_property
    def _tables(self) -> dict[str, Path]:
        """Users' tables by the names of their data sets."""
        own = (name for name in self.settings.datasets if name not in self.settings.simulated)
        return {name: Path(self.settings.table(name)) for name in own}

    def wildcards(self) -> dict[str, str]:
        """Return the pattern of each wildcard: data sets and what is within those with several."""
        groups = (*self.several, *self.unseen)
        return {
            "dataset": self.fitted(self.settings.datasets),
            "group": either(groups, {}),
            "table": either(self.settings.datasets, dict.fromkeys(groups, f"({ROWS})?")),
        }

    def fitted(self, datasets: Collection[str]) -> str:
        """Return the pattern of what is fitted: data sets, or their responses if several."""
        inner = dict.fromkeys(self.unseen, f"({RESPONSE})?")
        return either(datasets, inner | dict.fromkeys(self.several, RESPONSE))

    def code(self, script: str) -> list[str]:
        """Return the files of the package that a script runs, seen from the working directory."""
        return self._unmoved(imported_files(self.around.base / "scripts" / script))

    def _unmoved(self, files: Iterable[Path]) -> list[str]:
        """Return files of the workflow itself as inputs."""
        return [self.around.unmoved(os.path.relpath(file)) for file in files]

    def _watched(self, path: str) -> Files:
        """Return a file of the user's as an input."""
        return self.around.unmoved(path) if can_be_watched(path) else []

    def options(self, *keys: str) -> Params:
        """Return settings of the data set, as params."""
        return params(lambda dataset: self.settings.datasets[dataset], keys)

    def simulation(self, *keys: str) -> Params:
        """Return settings of the data set's simulation, as params."""
        return params(lambda dataset: self.settings.datasets[dataset]["simulate"], keys)

    def validation(self, *keys: str) -> Params:
        """Return settings of the data set's cross-validation, as params."""
        return params(self.settings.cross_validation, keys)

    def deck(self) -> Params:
        """Return the params of a deck, as functions: Snakemake fills in the braces of a text."""
        return {
            "title": lambda wildcards: self.settings.deck["title"],
            "author": lambda wildcards: self.settings.deck["author"],
            "template": self._template,
            "template_content": self._template_content,
            "story": self._story,
            "story_content": self._story_content,
            "length": lambda wildcards: self.settings.deck["length"],
            "language": lambda wildcards: self.settings.deck["language"],
        }

    @property
    def tells_own_story(self) -> bool:
        """Whether the story is not just ours in English."""
        return self.settings.story is not None or self.settings.deck["language"] != ENGLISH

    @cached_property
    @one_message()
    def story(self) -> list[str]:
        """Folders of the story: ours, in the language if it is there, and the user's, if any."""
        ours = self.around.base / STORY / self.settings.deck["language"]
        own = user_story(self.settings)
        ours = ours if ours.is_dir() else self.around.base / STORY / ENGLISH
        return [os.path.relpath(ours), *([own] if own else [])]

    def _story(self, wildcards: Wildcards) -> list[str]:
        return self.story

    def _story_content(self, wildcards: Wildcards) -> list[str]:
        """Return the SHA-256 of the user's files; a change of one counts whatever its time."""
        return [fingerprint(file) for folder in self.story[1:] for file in _yaml(folder)]

    def story_files(self, wildcards: Wildcards) -> list[str]:
        """Return the files of the story as inputs."""
        told = [file for folder in self.story for file in _yaml(folder)]
        ours = self._unmoved(self.around.base / STORY / name for name in (EQUATIONS, NATIVE))
        return [*ours, *(self.around.unmoved(file) for file in told if can_be_watched(file))]

    def equations(self, wildcards: Wildcards) -> list[str]:
        """Return those of them with equations."""
        return [file for file in self.story_files(wildcards) if Path(file).name == EQUATIONS]

    @one_message()
    def _template(self, wildcards: Wildcards) -> str | None:
        return user_template(self.settings)

    @one_message()
    def _template_content(self, wildcards: Wildcards) -> str | None:
        path = user_template(self.settings)
        return fingerprint(path) if path else None

    def template(self, wildcards: Wildcards) -> Files:
        """Return the template of decks, if there is one, as an input."""
        path = self._template(wildcards)
        return self._watched(path) if path else []

    @one_message()
    def table(self, wildcards: Wildcards) -> str:
        """Return the table to be read: the user's, or the one that the workflow simulates."""
        dataset = unit_of(wildcards).dataset
        if dataset in self.settings.simulated:
            return self.around.placed(_simulated(dataset))
        return user_table(self.settings, dataset, self.around.is_made)

    def table_input(self, wildcards: Wildcards) -> Files:
        """Return the table to be read as an input, whose time is watched."""
        dataset = unit_of(wildcards).dataset
        if dataset in self.settings.simulated:
            return _simulated(dataset)
        return self._watched(self.table(wildcards))

    @one_message()
    def table_content(self, wildcards: Wildcards) -> str | None:
        """Return the SHA-256 of a user's table; a change of it counts whatever the file's time.

        Of one that a rule makes Snakemake knows itself when it has changed.
        """
        simulated = unit_of(wildcards).dataset in self.settings.simulated
        path = self.table(wildcards)
        return None if simulated or self.around.is_made(path) else fingerprint(path)

    def listing(self, wildcards: Wildcards) -> Files:
        """Return the file that lists the responses of the data set if there are several."""
        dataset = unit_of(wildcards).dataset
        return f"{Unit(dataset).folder}/responses.json" if dataset in self.several else []

    def response(self, wildcards: Wildcards) -> str | None:
        """Return the name of the response to be fitted; None if there is one only."""
        entry = self._entry(unit_of(wildcards))
        return entry.response if entry else None

    def to_import(self, wildcards: Wildcards) -> Any:
        """Return the responses to read: as configured, or of one set of rows, or none for all."""
        unit = unit_of(wildcards)
        if unit.dataset not in self.several:
            return self.settings.datasets[unit.dataset]["response"]
        listed = self._responses(unit.dataset).listed if unit.rows else ()
        return [each.response for each in listed if each.rows == unit.rows]

    def shared(self, file: str) -> Callable[[Wildcards], str]:
        """Return the function that gives a file that responses observed in the same rows share."""

        def path(wildcards: Wildcards) -> str:
            unit = unit_of(wildcards)
            entry = self._entry(unit)
            return f"{(Unit(unit.dataset, rows=entry.rows) if entry else unit).folder}/{file}"

        return path

    def of_each_response(self, file: str) -> Callable[[Wildcards], list[str]]:
        """Return the function that gives a file of each response of the data set."""
        return lambda wildcards: [
            f"{unit.folder}/{file}" for unit in self._fits(unit_of(wildcards).dataset)
        ]

    def if_simulated(self, file: str) -> Callable[[Wildcards], Files]:
        """Return the function that gives a file beside the table if that is simulated."""

        def path(wildcards: Wildcards) -> Files:
            unit = unit_of(wildcards)
            simulated = unit.dataset in self.settings.simulated
            return f"{unit.folder}/simulated/{file}" if simulated else []

        return path

    def if_cross_validated(self, file: str) -> Callable[[Wildcards], list[str]]:
        """Return the function that gives a list with a file if the data set is cross-validated."""

        def paths(wildcards: Wildcards) -> list[str]:
            unit = unit_of(wildcards)
            asked = unit.dataset in self.settings.cross_validated
            return [f"{unit.folder}/{file}"] if asked else []

        return paths

    def shown(self, folder: str, kind: str) -> Callable[[Wildcards], list[str]]:
        """Return the function that gives the figures, or the tables, that a deck shows."""
        last = self.if_cross_validated(f"{folder}/{CROSS_VALIDATION}.{kind}")
        return lambda wildcards: [
            *(f"{unit_of(wildcards).folder}/{folder}/{name}.{kind}" for name in SHOWN[folder]),
            *last(wildcards),
        ]

    def simulated_mb(self, wildcards: Wildcards, input: Any) -> float:
        """Return the megabytes of X in double precision, from the settings of the simulation."""
        size = self.settings.datasets[unit_of(wildcards).dataset]["simulate"]
        return float(8 * size["n"] * size["random"] / 1e6)

    def room_mb(self) -> float:
        """Return the megabytes of X that a job may hold: as set, or by what this machine has.

        A job that runs elsewhere asks for what it takes.
        """
        if self.settings.memory_mb is not None:
            return self.settings.memory_mb
        return half_of_the_machine() if self.around.is_here() else math.inf

    def krylov(self, size: Mapping[str, Any]) -> int | None:
        """Return the columns of the Krylov form of a table of this size; None if it gets none."""
        available = machine_mb() if self.around.is_here() else math.inf
        if not is_krylov(self.settings.spectral["method"], size["n"], size["p"], available):
            return None
        return krylov_columns(_vectors(size))

    def memory(self, wildcards: Wildcards, input: Any, attempt: int) -> int:
        """Return what a job asks for that holds X and its spectral form."""
        return holding(self.room_mb, krylov=self.krylov)(wildcards, input, attempt)

    def work_mb(self, wildcards: Wildcards, input: Any) -> float:
        """Return the megabytes of X and those that take as long as its spectral form."""
        size = table_size(input)
        n, p = size["n"], size["p"]
        if self.krylov(size) is None:
            operations = decomposition_operations(n, p)
        else:
            operations = krylov_operations(n, p, _vectors(size))
        return matrix_mb(wildcards, input) + operations / OPERATIONS_A_MB

    def validation_mb(self, wildcards: Wildcards, input: Any) -> float:
        """Return the megabytes that cross-validation goes over: X and the smaller X X' or X."""
        n, p, c = (table_size(input)[key] for key in ("n", "p", "c"))
        chosen = self.settings.cross_validation(unit_of(wildcards).dataset)
        if not chosen["asked"] and not is_quick(n, p, c, chosen["folds"]):
            return 0
        return float(8 * n * (3 * p + 5 * min(n, p)) / 1e6)

    def validation_memory(self, wildcards: Wildcards, input: Any, attempt: int) -> int:
        """Return what a cross-validation asks for; little where there is none."""
        if not self.validation_mb(wildcards, input):
            return memory()(wildcards, input, attempt)
        return holding(self.room_mb, folds=True)(wildcards, input, attempt)

    def prediction_memory(self, wildcards: Wildcards, input: Any, attempt: int) -> int:
        """Return what predicting asks for; little where there are no rows to predict."""
        if not table_size(input)["rows_to_predict"]:
            return memory()(wildcards, input, attempt)
        found = holding(self.room_mb, predicts=True, krylov=self.krylov)
        return found(wildcards, input, attempt)

    def goals(self) -> list[Callable[[Wildcards], list[str]]]:
        """Return functions, one a data set: a table not yet looked at keeps no other waiting."""
        return [self._goals_of(dataset) for dataset in self.settings.run]

    def _goals_of(self, dataset: str) -> Callable[[Wildcards], list[str]]:
        """Return the function that gives the files to be made of a data set."""

        def paths(wildcards: Wildcards) -> list[str]:
            if self.settings.datasets[dataset]["response"] == []:
                return [f"{Unit(dataset).folder}/foresight.json"]
            files = ["deck.pptx", "predictions.parquet"]
            if dataset in self.settings.cross_validated:
                files.append("cross_validation/summary.json")
            made = [f"{unit.folder}/{file}" for unit in self._fits(dataset) for file in files]
            return [
                *made,
                *([f"{Unit(dataset).folder}/deck.pptx"] if dataset in self.several else []),
            ]

        return paths

    def _fits(self, dataset: str) -> list[Unit]:
        """Return what is fitted of a data set: its responses, or itself if it has one only."""
        if dataset not in self.several:
            return [Unit(dataset)]
        return [Unit(dataset, response=folder) for folder in self._responses(dataset).by_folder]

    def _responses(self, dataset: str) -> Responses:
        """Return the responses of a data set, once its table has been looked at."""
        return read_responses(self.around.listing_of(dataset))

    @one_message()
    def _entry(self, unit: Unit) -> Listed | None:
        """Return what is listed of one of several responses; None of any other unit."""
        if unit.response is None:
            return None
        known = self._responses(unit.dataset).by_folder
        if unit.response not in known:
            raise UserError(
                f"{unit.dataset} has no response in a folder {unit.response}; "
                f"known: {', '.join(known)}"
            )
        return known[unit.response]
