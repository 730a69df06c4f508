"""Tables written as a user would have them, and their import."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mixedmodel.model.design import Design
from mixedmodel.model.results import TableSummary
from mixedmodel.store.importer import TableFiles, Wanted, import_table
from mixedmodel.store.parts import read_random
from mixedmodel.store.table import FixedPart, read_fixed


@dataclass(frozen=True)
class Imported:
    summary: TableSummary
    fixed: FixedPart
    random: Design
    folder: Path


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def write(content: str | bytes, name: str = "table.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def outputs(tmp_path: Path) -> dict[str, Path]:
    folder = tmp_path / "table"
    return {
        "fixed": folder / "fixed.parquet",
        "random": folder / "random",
        "rows": folder / "rows.parquet",
        "predict": folder / "predict",
        "summary": folder / "summary.json",
    }


@pytest.fixture
def load(outputs: dict[str, Path]) -> Callable[..., Imported]:
    """Import a file with the default options and read it back."""

    def load(source: Path, **options: Any) -> Imported:
        defaults: dict[str, Any] = {
            "response": None,
            "fixed_columns": "Z.",
            "random_columns": "X.",
            "intercept": False,
            "standardize": False,
            "missing": "error",
        }
        summary = import_table(source, TableFiles(**outputs), Wanted(**defaults | options))
        folder = outputs["fixed"].parent
        fixed, random = read_fixed(outputs["fixed"]), read_random(outputs["random"])
        return Imported(summary, fixed, random, folder)

    return load
