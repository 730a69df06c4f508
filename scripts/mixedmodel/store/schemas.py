"""One schema a Parquet results file, checked when it is written and when it is read.

A field marked optional may be left out of a file, as ``truth`` is where no truth is known; one
that may be withheld is there with null in all rows, as exact variances are of a Krylov form.
Everything else is there, in the order of the schema, with no missing and no infinite value. The
bytes depend on the content alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mixedmodel.errors import UserError
from mixedmodel.store.files import reason, whole_file

if TYPE_CHECKING:
    import pandas as pd

OPTIONAL = {b"optional": b"true"}
WITHHELD = {b"withheld": b"true"}


def _schema(*names: str, optional: Sequence[str] = (), withheld: Sequence[str] = ()) -> pa.Schema:
    """Build a schema: names, schemes, E-steps are text, counters integers, all the rest doubles.

    Columns that may be ``withheld`` are there with nothing in them where they are.
    """
    types = {
        "name": pa.string(),
        "scheme": pa.string(),
        "e_step": pa.string(),
        "iteration": pa.int64(),
        "map_evaluations": pa.int64(),
        "index": pa.int64(),
        "row": pa.int64(),
        "fold": pa.int64(),
    }
    marks = dict.fromkeys(optional, OPTIONAL) | dict.fromkeys(withheld, WITHHELD)
    return pa.schema(
        pa.field(name, types.get(name, pa.float64()), False, marks.get(name)) for name in names
    )


_COUNTERS = ("scheme", "iteration", "map_evaluations")

TRACE_EM = _schema(*_COUNTERS, "loglik", "sigma_beta2", "sigma_e2")
TRACE_MFVI = _schema(
    *_COUNTERS,
    "e_step",
    "loglik",
    "elbo",
    "gap",
    "sigma_beta2",
    "sigma_e2",
    optional=["e_step"],
)
EFFECTS = _schema("name", "mean", "variance", withheld=["variance"])
COMPARISON_EFFECTS = _schema(
    "name",
    "mean_em",
    "mean_mfvi",
    "variance_em",
    "variance_mfvi",
    "variance_mfvi_at_em",
    "variance_lrvb",
    "truth",
    optional=["truth"],
    withheld=["variance_em", "variance_lrvb"],
)
PROFILE = _schema("q", "pve", "loglik", "penalty", "elbo")
SHRINKAGE_CURVE = _schema("pve_true", "pve_mfvi", "low", "high")
SPECTRUM = _schema("index", "eigenvalue")
ROWS = _schema("row")
PREDICTIONS = _schema("row", "prediction_em", "prediction_mfvi", "deviation_em", "deviation_mfvi")
CROSS_VALIDATION = _schema(
    "row",
    "fold",
    "response",
    "prediction_em",
    "prediction_mfvi",
    "prediction_fixed",
    "deviation_em",
    "deviation_mfvi",
    "deviation_fixed",
)
SIMULATED_EFFECTS = _schema("name", "beta")


def doubles_schema(names: Sequence[str]) -> pa.Schema:
    """Build the schema of a file of the imported table: doubles without missing values."""
    return pa.schema(pa.field(name, pa.float64(), False) for name in names)


def write_frame(
    path: str | Path, schema: pa.Schema, columns: "Mapping[str, Any] | pd.DataFrame"
) -> None:
    """Write ``columns`` as Parquet after checking them against ``schema``.

    Raises ValueError, naming the column, when one is absent, unknown, of the wrong
    type, or holds a missing or infinite value.
    """
    _check_names(list(columns.keys()), schema)
    rows = max(len(column) for _, column in columns.items() if column is not None)
    fields, arrays = [], []
    for field in schema:
        if field.name not in columns:
            continue
        values = columns[field.name]
        if values is None and field.metadata == WITHHELD:
            fields.append(field.with_nullable(True))
            arrays.append(pa.nulls(rows, field.type))
        else:
            fields.append(field.remove_metadata() if field.metadata == WITHHELD else field)
            arrays.append(_checked_array(field, values))
    table = pa.table(arrays, schema=pa.schema(fields))
    with whole_file(path) as partial:
        pq.write_table(table, partial, compression="zstd")


def read_frame(path: str | Path, schema: pa.Schema) -> "pd.DataFrame":
    """Read a results file into a DataFrame.

    Raises UserError when the file is not there, is damaged or does not have ``schema``.
    """
    with reading(path):
        table = pq.ParquetFile(path).read()
        frame: pd.DataFrame = table.to_pandas()
    try:
        _check_names(table.column_names, schema)
        for column, field in zip(table.columns, table.schema, strict=True):
            _check_field(field, schema.field(field.name))
            withheld = schema.field(field.name).metadata == WITHHELD
            if not (withheld and column.null_count == len(column)):
                _check_values(field.name, column)
    except ValueError as error:
        raise UserError(
            f"{path}: not the file this pipeline writes ({reason(error)}); delete it and run again"
        ) from error
    return frame


@contextmanager
def reading(path: str | Path) -> Iterator[None]:
    """Turn an absent or damaged Parquet file of ours into a UserError."""
    try:
        yield
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file; run the step that writes it first") from error
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        raise UserError(
            f"{path}: cannot be read as Parquet ({reason(error)}); delete it and run again"
        ) from error


def _check_names(names: Sequence[str], schema: pa.Schema) -> None:
    needed = [field.name for field in schema if field.metadata != OPTIONAL]
    absent = [name for name in needed if name not in names]
    unknown = [name for name in names if name not in schema.names]
    if absent or unknown:
        raise ValueError(f"columns absent: {absent}, not expected: {unknown}")


def _check_field(field: pa.Field, expected: pa.Field) -> None:
    if field.type != expected.type:
        raise ValueError(f"column {field.name} is {field.type}, expected {expected.type}")


def _checked_array(field: pa.Field, values: Any) -> pa.Array:
    if values is None:
        raise ValueError(f"column {field.name} has missing values")
    try:
        array = pa.array(np.asarray(values).tolist() if field.type == pa.string() else values)
        array = array.cast(field.type)
    except pa.ArrowException as error:
        raise ValueError(f"column {field.name} does not fit {field.type}: {error}") from error
    _check_values(field.name, array)
    return array


def _check_values(name: str, values: "pa.Array | pa.ChunkedArray") -> None:
    if values.null_count:
        raise ValueError(f"column {name} has missing values")
    if pa.types.is_floating(values.type) and not pc.all(pc.is_finite(values), min_count=0).as_py():
        raise ValueError(f"column {name} has values that are not finite")
