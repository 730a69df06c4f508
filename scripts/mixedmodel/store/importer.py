"""Import a table: text or Parquet in, y and Z in one Parquet file, X in blocks of columns.

The first pass (scan.py) sets the rows aside on disk; the second (fixed_part.py,
random_part.py) writes them by columns, imputed and standardised.
Rows that miss their response alone are written apart, to be predicted.
Memory does not grow with the number of rows.
"""

import hashlib
import logging
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path

from mixedmodel.model.results import Response, TableSummary
from mixedmodel.store.files import whole_directory, whole_file
from mixedmodel.store.fingerprint import sha256
from mixedmodel.store.fixed_part import write_fixed, write_new_fixed
from mixedmodel.store.names import Names
from mixedmodel.store.random_part import (
    Scaling,
    Standardize,
    find_scaling,
    part_widths,
    write_random,
)
from mixedmodel.store.results import write_result
from mixedmodel.store.roles import assign_roles, told_without_role
from mixedmodel.store.scan import Scan, scan_rows
from mixedmodel.store.sources import Source, open_source
from mixedmodel.store.spill import Aside
from mixedmodel.store.table import write_rows

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TableFiles:
    """Where a table goes: Parquet, directories of it, and JSON."""

    fixed: Path  # y and Z
    random: Path  # directory: X in blocks of columns
    rows: Path  # number of each row in the input
    predict: Path  # directory: the rows to predict in the same form
    summary: Path


@dataclass(frozen=True)
class Wanted:
    """Which columns of a table are meant, and what is done to them.

    There may be no response, for what X and Z tell alone; several are observed in the same rows.
    """

    response: str | Sequence[str] | None
    fixed_columns: str | Sequence[str]
    random_columns: str | Sequence[str]
    intercept: bool
    standardize: Standardize
    missing: str


def import_table(source: Path, files: TableFiles, wanted: Wanted) -> TableSummary:
    """Write the table as ``files``.

    All appear together, when everything is in order, and outputs of an earlier import
    are gone otherwise. Raises UserError for every mistake in the table.
    """
    _remove(*vars(files).values())
    table = open_source(source)
    roles = assign_roles(
        table.names,
        source=source,
        response=wanted.response,
        fixed=wanted.fixed_columns,
        random=wanted.random_columns,
    )
    names = Names.of(table, roles, intercept=wanted.intercept)
    widths = [len(roles.responses) + len(roles.fixed), *part_widths(len(roles.random))]
    content = sha256(source)
    imported = hashlib.sha256(f"{content} {wanted}".encode()).hexdigest()
    with (
        whole_directory(files.random) as parts,
        whole_directory(files.predict) as asked,
        whole_file(files.fixed) as fixed_file,
        whole_file(files.rows) as rows_file,
    ):
        fit, apart = (table.set_aside(where, roles.columns, widths) for where in (parts, asked))
        scan = scan_rows(table, roles, fit, apart, missing=wanted.missing)
        responses = write_fixed(fixed_file, source, names, fit, scan)
        scaling = find_scaling(source, names, fit, scan, standardize=wanted.standardize)
        write_random(parts, names, fit, scaling, imported)
        write_rows(rows_file, fit.chosen.numbers())
        _write_new(asked, names, apart, scan, scaling, imported)
        dropped = tuple(compress(names.random, ~scaling.kept))
        result = _summary(table, names, scan, responses, dropped, content)
        write_result(files.summary, result)
    # where several responses are imported apart, the columns without a role are told by their list
    is_whole = wanted.response is None or isinstance(wanted.response, str) or not wanted.response
    logger.info(
        "%s: n = %d, c = %d, p = %d, %d rows to predict%s",
        *(source, result.n, result.c, result.p, result.rows_to_predict),
        told_without_role(table.names, roles) if is_whole else "",
        extra={"terminal": True},
    )
    return result


def _write_new(
    directory: Path, names: Names, apart: Aside, scan: Scan, scaling: Scaling, imported: str
) -> None:
    """Write the rows to predict, imputed and standardised by the rows of the fit."""
    write_new_fixed(directory / "fixed.parquet", names, apart, scan)
    (directory / "random").mkdir()
    write_random(directory / "random", names, apart, scaling, imported)
    write_rows(directory / "rows.parquet", apart.chosen.numbers())


def _remove(*paths: Path) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _summary(
    table: Source,
    names: Names,
    scan: Scan,
    responses: tuple[Response, ...],
    dropped: tuple[str, ...],
    content: str,
) -> TableSummary:
    p = len(names.random)
    return TableSummary(
        source=table.path.name,
        sha256=content,
        separator=table.separator,
        n=scan.n,
        c=len(names.fixed),
        p=p - len(dropped),
        responses=responses,
        fixed_names=names.fixed,
        rows_read=scan.rows_read,
        rows_dropped=scan.rows_read - scan.n - scan.rows_to_predict,
        rows_to_predict=scan.rows_to_predict,
        cells_imputed=scan.cells_imputed,
        missing=scan.missing,
        constant_columns=tuple(compress(names.random, scan.columns.constant[-p:])),
        columns_dropped=dropped,
        ignored_columns=sum(map(bool, table.names)) - names.read,
    )
