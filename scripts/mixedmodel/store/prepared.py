"""A table as a fit meets it: all rows, those that the likelihood counts, their spectral form."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mixedmodel.errors import UserError
from mixedmodel.model.cautions import caution, of_columns
from mixedmodel.model.contrasts import Rows, counted_responses, counted_rows
from mixedmodel.model.cost import is_krylov, is_wide, krylov_columns, machine_mb
from mixedmodel.model.design import Design
from mixedmodel.model.krylov import decompose_krylov
from mixedmodel.model.results import ResponseTable, TableSummary
from mixedmodel.model.spectral import Decomposition, SpectralForm, decompose_columns
from mixedmodel.model.types import Array, Likelihood
from mixedmodel.store.decomposition import read_decomposition
from mixedmodel.store.parts import open_random, read_random, size_of_random
from mixedmodel.store.results import read_result
from mixedmodel.store.share import Share
from mixedmodel.store.table import (
    FixedPart,
    count_responses,
    read_fixed,
    read_fixed_effects,
    read_responses,
)

logger = logging.getLogger(__name__)

NOISE_FREE = (
    "the response {response!r} is reproduced exactly by the fixed and random columns in all {n} "
    "rows: there is no noise to estimate and the likelihood has no maximum. A response measured "
    "with error is needed; is it computed from these columns?"
)

NOTHING_LEFT = (
    "nothing of the random-effect columns, {p} in all, is left beside the fixed effects: they are "
    "zero or combinations of these, as a constant column is of an intercept, so they explain "
    "nothing; expected columns that vary on their own: check `random` and `fixed`"
)
NOTHING = 1e-24  # of tr(K); rounding leaves less of an X that lies in the span of Z


@dataclass(frozen=True)
class Prepared:
    """One response of a table: names, all rows, those counted, and their spectral form."""

    fixed: FixedPart
    table: Rows
    counted: Rows
    form: SpectralForm


def prepare(
    fixed: str | Path,
    random: str | Path,
    decomposition: str | Path,
    *,
    likelihood: Likelihood,
    response: str | None,
    mem_mb: float,
    new: int = 0,
    share: Share | None = None,
) -> Prepared:
    """Read what a fit needs; ``response`` names one of several.

    The job has ``mem_mb``, and predicts ``new`` rows or has a ``share`` of the columns.

    Raises UserError where X and Z reproduce the response exactly.
    """
    known, found = read_fixed(fixed, response), read_decomposition(decomposition)
    krylov = krylov_columns(found.sampled.vectors) if found.sampled else None
    X = open_random(random, mem_mb, new=new, krylov=krylov, share=share)
    table = Rows(known.y, known.Z, X)
    counted = counted_rows(likelihood, table.y, table.Z, table.X)
    form = found.rotate(counted.y, counted.Z)
    _check_noise(known, form)
    return Prepared(known, table, counted, form)


def open_new_random(directory: str | Path, table: Rows) -> Design:
    """Open the random effects of rows to predict; UserError where ``table`` has other ones."""
    X = read_random(directory, table.X.left)
    if X.names != table.X.names:
        raise UserError(f"{directory}: is of another import than the table; import it again")
    return X


def expected_form(
    fixed: str | Path, decomposition: str | Path, *, likelihood: Likelihood
) -> SpectralForm:
    """Read what a response yet unknown will be fitted on: its spectral form with y = 0."""
    found = read_decomposition(decomposition)
    rows = found.n
    Z = np.empty((rows, 0)) if likelihood == "reml" else read_fixed_effects(fixed, rows)
    return found.rotate(np.zeros(rows), Z)


def read_summary(path: str | Path, response: str | None) -> ResponseTable:
    """Read table/summary.json as it stands for one response, the only one or that named."""
    content = dict(vars(read_result(path, TableSummary)))
    known = next(each for each in content.pop("responses") if response in (None, each.name))
    return ResponseTable(
        **content,
        response=known.name,
        response_mean=known.mean,
        response_variance=known.variance,
    )


def gram_of_share(
    fixed: str | Path,
    random: str | Path,
    *,
    likelihood: Likelihood,
    mem_mb: float,
    method: str,
    share: Share,
) -> Array:
    """Return what a share of the columns adds to X X' of a table, or of its contrasts.

    It is empty (0, 0) where the decomposition doesn't take X X'.
    """
    n, p = size_of_random(random)
    Z, X = read_fixed_effects(fixed, n), open_random(random, mem_mb, share=share)
    counted = counted_rows(likelihood, np.zeros(n), Z, X)
    wide = is_wide(counted.X.n, p, counted.Z.shape[1])
    return counted.X.gram() if wide and not is_krylov(method, n, p, np.inf) else np.empty((0, 0))


def decompose_table(
    fixed: str | Path,
    random: str | Path,
    *,
    likelihood: Likelihood,
    mem_mb: float,
    method: str,
    tolerance: float,
    gram: Callable[[], Array] | None = None,
) -> Decomposition:
    """Decompose X of a table, or of its contrasts, for whatever response; warn of what is odd.

    ``method`` is exact, krylov or auto, ``tolerance`` the Monte-Carlo error of the second; ``gram``
    returns X X' where shares have found it.

    Raises UserError where nothing of X is left beside Z, and where the only response is reproduced
    exactly by X and Z.
    """
    n, p = size_of_random(random)
    Z, responses = read_fixed_effects(fixed, n), read_responses(fixed, n)
    krylov = is_krylov(method, n, p, machine_mb())
    columns = krylov_columns(Z.shape[1] + responses.shape[1]) if krylov else None
    X = open_random(random, mem_mb, krylov=columns)
    only = read_fixed(fixed) if count_responses(fixed) == 1 else None
    counted = counted_rows(likelihood, only.y if only else np.zeros(n), Z, X)
    if krylov:
        Y = counted_responses(likelihood, responses, Z)
        found = decompose_krylov(counted.X, counted.Z, Y, tolerance=tolerance)
    else:
        logger.info("spectral form: exact, from the eigenvalues of the smaller side of X")
        found = decompose_columns(counted.X, counted.Z, gram)
    if found.mean_diagonal * (n - Z.shape[1]) <= NOTHING * float(X.norms2.sum()):
        raise UserError(NOTHING_LEFT.format(p=found.p))
    if only:
        _check_noise(only, found.rotate(counted.y, counted.Z))
    size = {"n": n, "c": Z.shape[1]}
    caution(
        of_columns(found.col_norms2, found.mean_diagonal, X.names, **size, likelihood=likelihood)
    )
    return found


def _check_noise(known: FixedPart, form: SpectralForm) -> None:
    if form.is_noise_free:
        raise UserError(NOISE_FREE.format(response=known.response, n=len(known.y)))
