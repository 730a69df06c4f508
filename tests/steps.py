"""The steps of the workflow on one table, each by its own script, in this process.

That is what the workflow runs, without Snakemake between the steps: a table goes the whole way
in a second.
"""

import runpy
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from mixedmodel.store.files import read_json
from runs import ROOT, write_table

FIGURES = {
    "plot_data": ("data_overview", "spectrum"),
    "plot_em": ("em_climb",),
    "plot_mfvi": ("mfvi_gap",),
    "plot_comparison": (
        *("profile", "uncertainty", "shrinkage", "means", "variances"),
        *("fixed_effects", "fitted_variance", "two_coefficients"),
    ),
    "plot_predictions": ("predictions",),
    "plot_cross_validation": ("cross_validation",),
}
TABLES = (
    *("parameters", "uncertainty", "shrinkage", "fixed_effects", "gap", "means", "variances"),
    *("fitted_variance", "schemes", "certificate", "data", "predictions"),
)
STORY = Path(__file__).parents[1] / "workflow" / "story"
EM = {"scheme": "squarem", "also": ["px", "plain"], "max_iter": 50_000, "also_max_iter": 2_000}
MFVI = EM | {"max_iter": 20_000, "also_max_iter": 100}


class Refused(Exception):
    """A step ended with a message to the user, which this is."""


class Broken(Exception):
    """A step ended with a traceback, which this is."""


class Named(dict[str, Any]):
    """What Snakemake gives a script: names as attributes and keys, and by number."""

    def __getattr__(self, name: str) -> Any:
        return self[name]

    def __getitem__(self, key: str | int) -> Any:
        return list(self.values())[key] if isinstance(key, int) else super().__getitem__(key)


@dataclass(frozen=True)
class Steps:
    """The results of one table in ``folder``, made step by step."""

    folder: Path
    likelihood: str = "ml"
    mem_mb: float = 4000

    def path(self, file: str) -> str:
        return str(self.folder / file)

    def json(self, file: str) -> Any:
        return read_json(self.folder / file)

    def frame(self, file: str) -> pd.DataFrame:
        return pd.read_parquet(self.folder / file)

    def run(
        self,
        script: str,
        inputs: dict[str, Any],
        outputs: dict[str, str],
        params: dict[str, Any] | None = None,
    ) -> None:
        """Run ``scripts/SCRIPT.py``; outputs are given as paths in the folder."""
        log = self.folder / "logs" / f"{script}.log"
        made = {key: self.folder / file for key, file in outputs.items()}
        for file in (log, *made.values()):
            file.parent.mkdir(parents=True, exist_ok=True)
        given = SimpleNamespace(
            input=Named(inputs),
            output=Named({key: str(file) for key, file in made.items()}),
            params=Named(params or {}),
            log=[str(log)],
            resources=Named({"mem_mb": self.mem_mb}),
        )
        try:
            file = ROOT / "scripts" / f"{script}.py"
            runpy.run_path(str(file), init_globals={"snakemake": given}, run_name="__main__")
        except SystemExit:
            text = log.read_text(encoding="utf-8")
            kind = Broken if "this is a bug" in text else Refused
            raise kind(f"{script}: {text[text.rindex(' ERROR: ') + 8 :]}") from None

    def table(self) -> dict[str, Any]:
        """Inputs that most steps share."""
        files = {
            "fixed": "table/fixed.parquet",
            "random": "table/random",
            "rows": "table/rows.parquet",
            "predict": "table/predict",
            "summary": "table/summary.json",
            "table_summary": "table/summary.json",
            "decomposition": "spectral/decomposition.npz",
            "spectrum": "spectral/spectrum.parquet",
        }
        for method in ("em", "mfvi"):
            for name, kind in (("estimates", "json"), ("trace", "parquet"), ("effects", "parquet")):
                files[f"{method}_{name}"] = f"{method}/{name}.{kind}"
        alone: dict[str, Any] = {key: [] for key in ("gram", "seen")}  # no jobs share the columns
        return alone | {key: self.path(file) for key, file in files.items()}

    @property
    def shared(self) -> dict[str, Any]:
        return {"likelihood": self.likelihood, "response": None}


def fit(
    table: pd.DataFrame | dict[str, Any],
    folder: Path,
    *,
    likelihood: str = "ml",
    intercept: bool = False,
    standardize: bool | str = False,
    missing: str = "error",
    max_iter: dict[str, int] | None = None,
    mem_mb: float = 4000,
    e_step: str = "auto",
    spectral: str = "exact",
) -> Steps:
    """Read a table of y, Z.* and X.*, or simulate one, fit it by both methods and compare them.

    ``max_iter`` limits the methods that it names, each job has ``mem_mb``, ``spectral`` is the
    method of the spectral form.
    """
    steps = Steps(folder, likelihood, mem_mb)
    simulated = isinstance(table, dict)
    if simulated:
        kinds = {"text": "table.txt", "truth": "truth.json", "effects": "effects.parquet"}
        files = {key: f"simulated/{file}" for key, file in kinds.items()}
        steps.run("simulate", {}, files, table)
        source = steps.path("simulated/table.txt")
    else:
        folder.mkdir(parents=True, exist_ok=True)
        source = str(write_table(table, folder / "table.txt"))
    shared = steps.table()
    fixed = [name for name in pd.read_csv(source, sep="\t", nrows=0) if name.startswith("Z")]
    options = {"intercept": intercept, "standardize": standardize, "missing": missing}
    import_table(steps, source, fixed=fixed, **options)
    form = {"decomposition": "spectral/decomposition.npz", "spectrum": "spectral/spectrum.parquet"}
    steps.run("decompose", shared, form, steps.shared | {"method": spectral, "tolerance": 0.1})
    for method, settings in (("em", EM), ("mfvi", MFVI)):
        limit = (max_iter or {}).get(method)
        limits = {"max_iter": limit, "also_max_iter": limit} if limit else {}
        files = {"estimates": "json", "trace": "parquet", "effects": "parquet"}
        steps.run(
            "fit",
            shared,
            {name: f"{method}/{name}.{kind}" for name, kind in files.items()},
            steps.shared
            | settings
            | limits
            | {"method": method, "tolerance": 1e-10, "block": 128, "e_step": e_step},
        )
    truth = {"truth": "simulated/truth.json", "truth_effects": "simulated/effects.parquet"}
    steps.run(
        "compare",
        shared | {key: steps.path(file) if simulated else [] for key, file in truth.items()},
        {
            "summary": "comparison/summary.json",
            "effects": "comparison/effects.parquet",
            "profile": "comparison/profile.parquet",
            "shrinkage": "comparison/shrinkage_curve.parquet",
        },
        steps.shared | {"dataset": folder.name},
    )
    return steps


def import_table(steps: Steps, source: str | Path, **options: Any) -> None:
    """Read a table of y, Z.* and X.*."""
    usual = {"fixed": "Z.", "intercept": False, "standardize": False, "missing": "error"}
    steps.run(
        "import_table",
        {},
        {
            "fixed": "table/fixed.parquet",
            "random": "table/random",
            "rows": "table/rows.parquet",
            "predict": "table/predict",
            "summary": "table/summary.json",
        },
        {"source": str(source), "response": "y", "random": "X."} | usual | options,
    )


def report(steps: Steps, equations: str, *, folds: int = 0) -> Path:
    """Predict, draw, tabulate, and build the deck; return where it is."""
    shared = steps.table()
    compared = {
        "summary": steps.path("comparison/summary.json"),
        "effects": steps.path("comparison/effects.parquet"),
        "profile": steps.path("comparison/profile.parquet"),
        "shrinkage": steps.path("comparison/shrinkage_curve.parquet"),
        "predictions": steps.path("predictions.parquet"),
    }
    predict(steps)
    _figures(steps, "plot_data", shared)
    for method in ("em", "mfvi"):
        _figures(steps, f"plot_{method}", compared | {"trace": shared[f"{method}_trace"]})
    for script in ("plot_comparison", "plot_predictions"):
        _figures(steps, script, compared)
    steps.run("tables", compared, _tables(*TABLES))
    validated = _validate(steps, folds) if folds else []
    scripts = [name for name in FIGURES if folds or name != "plot_cross_validation"]
    stems = [stem for script in scripts for stem in FIGURES[script]]
    steps.run(
        "deck",
        {
            "equations": equations,
            "summary": compared["summary"],
            "em_trace": shared["em_trace"],
            "mfvi_trace": shared["mfvi_trace"],
            "cross_validation": validated,
            "figures_png": [steps.path(f"figures/{stem}.png") for stem in stems],
            "figures_svg": [steps.path(f"figures/{stem}.svg") for stem in stems],
            "predictions": steps.path("predictions.parquet"),
            "profile": compared["profile"],
        },
        {"deck": "deck.pptx"},
        {
            "dataset": steps.folder.name,
            **dict.fromkeys(("title", "author", "template")),
            "story": [str(STORY / "en")],
            "language": "en",
            "length": "full",
        },
    )
    return steps.folder / "deck.pptx"


def _figures(steps: Steps, script: str, inputs: dict[str, Any]) -> None:
    files = [(stem, kind) for stem in FIGURES[script] for kind in ("png", "svg")]
    outputs = {f"{stem}_{kind}": f"figures/{stem}.{kind}" for stem, kind in files}
    steps.run(script, inputs, outputs, steps.shared)


def _tables(*names: str) -> dict[str, str]:
    return {f"{name}_{kind}": f"tables/{name}.{kind}" for name in names for kind in ("csv", "html")}


def predict(steps: Steps, other: dict[str, str] | None = None) -> None:
    """Predict the rows without response; ``other`` inputs stand for those that they name."""
    inputs = steps.table() | (other or {})
    steps.run("predict", inputs, {"predictions": "predictions.parquet"}, steps.shared)


def validate(steps: Steps, folds: int) -> dict[str, str]:
    """Cross-validate and return the files of it."""
    files = {"summary": "cross_validation/summary.json"}
    files["predictions"] = "cross_validation/predictions.parquet"
    chosen = {"folds": folds, "seed": 1, "asked": False}
    steps.run("cross_validate", steps.table(), files, steps.shared | chosen)
    return {key: steps.path(file) for key, file in files.items()}


def _validate(steps: Steps, folds: int) -> list[str]:
    """Cross-validate, show it and return the summary of it."""
    made = validate(steps, folds)
    _figures(steps, "plot_cross_validation", made)
    steps.run("table_cross_validation", made, _tables("cross_validation"))
    return [made["summary"]]
