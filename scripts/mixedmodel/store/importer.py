"""Import a table: text or Parquet in, y and Z in one Parquet file, X in blocks of columns.

The first pass (scan.py) sets the rows aside on disk; the second (fixed_part.py,
random_part.py) writes them by columns, imputed and standardised.
Memory does not grow with the number of rows.
"""

import hashlib
import logging
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import compress
from pathlib import Path

from mixedmodel.store.files import whole_directory, whole_file, write_json
from mixedmodel.store.fixed_part import Response, write_fixed
from mixedmodel.store.names import Names
from mixedmodel.store.random_part import part_widths, write_random
from mixedmodel.store.roles import assign_roles
from mixedmodel.store.scan import MissingCells, Scan, scan_rows
from mixedmodel.store.sources import Source, open_source
from mixedmodel.store.spill import Spill

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TableSummary:
    """What table/summary.json holds."""

    source: str  # file name
    sha256: str
    separator: str
    n: int
    c: int
    p: int
    response: str
    fixed_names: tuple[str, ...]
    rows_read: int
    rows_dropped: int
    cells_imputed: int
    missing: MissingCells
    constant_columns: tuple[str, ...]  # random-effect columns with a single value
    columns_dropped: tuple[str, ...]  # those of them left out by standardize
    response_mean: float
    response_variance: float  # sum of squares over n - 1
    ignored_columns: int  # columns with a name and no role


def import_table(
    source: Path,
    *,
    fixed: Path,
    random: Path,
    summary: Path,
    response: str | None,
    fixed_columns: str | Sequence[str],
    random_columns: str | Sequence[str],
    intercept: bool,
    standardize: bool,
    missing: str,
) -> TableSummary:
    """Write the table as ``fixed`` (Parquet), ``random`` (directory) and ``summary`` (JSON).

    All three appear together, when everything is in order, and outputs of an earlier
    import are gone otherwise. Raises UserError for every mistake in the table.
    """
    _remove(fixed, random, summary)
    table = open_source(source)
    roles = assign_roles(
        table.names, source=source, response=response, fixed=fixed_columns, random=random_columns
    )
    names = Names.of(table, roles, intercept=intercept)
    widths = [1 + len(roles.fixed), *part_widths(len(roles.random))]
    with whole_directory(random) as parts, whole_file(fixed) as fixed_file:
        with Spill(parts, widths) as spill:
            scan = scan_rows(table, roles, spill, missing=missing)
        moments = write_fixed(fixed_file, source, names, spill, scan)
        dropped = write_random(parts, source, names, spill, scan, standardize=standardize)
        result = _summary(table, names, scan, moments, dropped)
        write_json(summary, asdict(result))
    logger.info("%s: n = %d, c = %d, p = %d", source, result.n, result.c, result.p)
    return result


def _remove(fixed: Path, random: Path, summary: Path) -> None:
    shutil.rmtree(random, ignore_errors=True)
    for path in (fixed, summary):
        path.unlink(missing_ok=True)


def _summary(
    table: Source, names: Names, scan: Scan, response: Response, dropped: tuple[str, ...]
) -> TableSummary:
    p = len(names.random)
    with table.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return TableSummary(
        source=table.path.name,
        sha256=digest,
        separator=table.separator,
        n=scan.n,
        c=len(names.fixed),
        p=p - len(dropped),
        response=names.response,
        fixed_names=names.fixed,
        rows_read=scan.rows_read,
        rows_dropped=scan.rows_read - scan.n,
        cells_imputed=scan.cells_imputed,
        missing=scan.missing,
        constant_columns=tuple(compress(names.random, scan.columns.constant[-p:])),
        columns_dropped=dropped,
        response_mean=response.mean,
        response_variance=response.variance,
        ignored_columns=sum(map(bool, table.names)) - names.read,
    )
