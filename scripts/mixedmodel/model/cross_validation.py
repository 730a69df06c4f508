"""k-fold cross-validation of both methods, and of the fixed effects alone.

Model y = Z w + X beta + e. Every fold is refitted to the global optimum: EM maximises the
profile log-likelihood l(q), mean field l(q) - g(q), where its mean is exact, so that neither
needs iterations (`docs/model.md`, section 21). What folds share is computed once: the kernel of the
rows of a fold is a sub-block of K = X X'. A table much taller than wide has no use for K, and
where squaring X has spoilt it none can be made of it; such folds are decomposed by their columns.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from mixedmodel.errors import UserError
from mixedmodel.model.certificate import optimum
from mixedmodel.model.collinear import find_dependencies, is_in_span
from mixedmodel.model.contrasts import Rows, counted_rows
from mixedmodel.model.cost import HEAVY, is_wide, validation_operations
from mixedmodel.model.factors import factorised_variances
from mixedmodel.model.likelihood import profile
from mixedmodel.model.penalty import MEAN_FIELD, NONE
from mixedmodel.model.predict import (
    NewRows,
    Predictions,
    exact_mean,
    fixed_weights,
    new_rows,
    predict_exact,
    predict_factorised,
)
from mixedmodel.model.progress import told
from mixedmodel.model.projection import without
from mixedmodel.model.results import Gain, Score, ValidationSummary
from mixedmodel.model.spectral import SpectralForm, decompose, decompose_kernel, free_norm2
from mixedmodel.model.types import NORMAL_95, Array, Likelihood

logger = logging.getLogger(__name__)

METHODS = ("em", "mfvi", "fixed")
PAIRS = (("em", "fixed"), ("mfvi", "fixed"), ("em", "mfvi"))  # held against each other
ADVICE = "choose another number of folds or seed, or set `cross_validation: 0`"
LARGE = (
    "cross-validation of {n} rows and {p} random effects in {folds} folds would take long and "
    "nobody asked for it; to have it, set `cross_validation: {folds}`"
)

Labels = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Validation:
    """The fold (n,) of each row and what the others predict, or why there is none."""

    labels: Labels
    found: dict[str, Predictions]
    left_out: str | None


def validate(
    table: Rows, *, folds: int, seed: int, likelihood: Likelihood, asked: bool
) -> Validation:
    """Cross-validate in folds drawn with ``seed``.

    A table that has no such folds goes without, unless it was ``asked`` for: UserError.
    """
    n, c = table.Z.shape
    try:
        labels = assign_folds(n, c, folds, np.random.default_rng(seed))
        return Validation(labels, cross_validate(table, labels, likelihood=likelihood), None)
    except UserError as error:
        if asked:
            raise
        return declined(str(error))


def declined(reason: str) -> Validation:
    """Return no cross-validation, and say why."""
    logger.warning("no %s", reason)
    nothing = dict.fromkeys(METHODS, Predictions(np.empty(0), np.empty(0)))
    return Validation(np.empty(0, np.int64), nothing, reason)


def assign_folds(n: int, c: int, folds: int, rng: np.random.Generator) -> Labels:
    """Draw the fold (n,) of each row, 1..folds, of sizes that differ by one at most.

    Raises UserError when there are more folds than rows, or no more than c rows outside one.
    """
    if folds > n or n - -(-n // folds) <= c:
        raise UserError(
            f"cross-validation: {folds} folds don't divide n = {n} rows so that more than c = {c} "
            "are outside each; needed: at most n folds, and more rows outside each than fixed "
            f"effects: {ADVICE}"
        )
    return rng.permutation(np.arange(n) % folds + 1)


def cross_validate(
    table: Rows, labels: Labels, *, likelihood: Likelihood
) -> dict[str, Predictions]:
    """Predict every row from the folds that it is not in, by each of METHODS.

    Raises UserError when the rows outside a fold have collinear fixed effects, or a response
    that these reproduce.
    """
    n, folds = len(labels), int(labels.max())
    found = {method: Predictions(np.empty(n), np.empty(n)) for method in METHODS}
    for fold, form, new in _refits(table, labels, folds, likelihood):
        left_out = labels == fold
        em, mfvi = (optimum(form, penalty).theta for penalty in (NONE, MEAN_FIELD))
        logger.info(
            "fold %d of %d: PVE %.4f by EM, %.4f by MFVI",
            *(fold, folds, form.pve(em.ratio), form.pve(mfvi.ratio)),
        )
        predicted = (
            predict_exact(form, em, new),
            predict_factorised(
                exact_mean(form, mfvi, new),
                factorised_variances(form, mfvi),
                mfvi.sigma_e2,
                table.X.rows(left_out),
            ),
            predict_exact(form, profile(form, 0.0).theta, new),
        )
        for method, prediction in zip(METHODS, predicted, strict=True):
            found[method].mean[left_out] = prediction.mean
            found[method].deviation[left_out] = prediction.deviation
    return found


def score(y: Array, predicted: Predictions, by_fixed: Predictions) -> Score:
    """Compare predictions with the responses y (n,)."""
    errors, baseline = y - predicted.mean, y - by_fixed.mean
    around_mean = y - y.mean()
    varied = bool(np.ptp(predicted.mean) > 0)
    inside = np.abs(errors) <= NORMAL_95 * predicted.deviation
    return Score(
        r2=1 - float(errors @ errors) / float(around_mean @ around_mean),
        r2_over_fixed=1 - float(errors @ errors) / float(baseline @ baseline),
        correlation=float(np.corrcoef(y, predicted.mean)[0, 1]) if varied else None,
        coverage_95=float(inside.mean()),
        mean_deviation=float(predicted.deviation.mean()),
    )


def gain(y: Array, predicted: Predictions, other: Predictions, by_fixed: Predictions) -> Gain:
    """Compare the squared errors of two methods on the same responses y (n,)."""
    less = (y - other.mean) ** 2 - (y - predicted.mean) ** 2
    baseline = y - by_fixed.mean
    scale = len(y) / float(baseline @ baseline)
    error = float(np.std(less, ddof=1)) / len(y) ** 0.5
    return Gain(share=scale * float(less.mean()), standard_error=scale * error)


def summarise_validation(
    y: Array,
    found: Validation,
    *,
    folds: int,
    seed: int,
    likelihood: Likelihood,
) -> ValidationSummary:
    """Return the scores of each method, and by how much methods err less than others."""
    told = partial(ValidationSummary, folds=folds, seed=seed, likelihood=likelihood, n=len(y))
    if found.left_out is not None:
        return told(left_out=found.left_out, methods={}, gains={})
    by, fixed = found.found, found.found["fixed"]
    return told(
        left_out=None,
        methods={name: score(y, by[name], fixed) for name in by},
        gains={
            f"{name}_over_{other}": gain(y, by[name], by[other], fixed) for name, other in PAIRS
        },
    )


def _refits(
    table: Rows, labels: Labels, folds: int, likelihood: Likelihood
) -> Iterator[tuple[int, SpectralForm, NewRows]]:
    """Decompose the rows outside each fold, and rotate those inside to them."""
    n, p = table.X.n, table.X.p
    if validation_operations(n, p, table.Z.shape[1], folds) > HEAVY:
        logger.warning(
            "cross-validation decomposes %d tables of %d x %d, which takes long; fewer folds "
            "take less, `cross_validation: 0` none",
            *(folds, n, p),
        )
    shared = _Shared.of(table) if is_wide(n, p, table.Z.shape[1]) else None
    for fold in told(range(1, folds + 1), "cross-validation", folds, "folds"):
        kept = labels != fold
        _check_fold(table, kept, fold, folds)
        refit = shared.refit(kept, likelihood) if shared else None
        yield fold, *(refit or _by_columns(table, kept, likelihood))


@dataclass(frozen=True)
class _Shared:
    """What the folds of a wide table share: K = X X'."""

    table: Rows
    K: Array

    @classmethod
    def of(cls, table: Rows) -> "_Shared":
        return cls(table, table.X.gram())

    def refit(self, kept: Flags, likelihood: Likelihood) -> tuple[SpectralForm, NewRows] | None:
        """Decompose the rows ``kept`` (n,) and rotate the others to them.

        None where a sub-block of K has eigenvalues too small to be told from rounding.
        """
        y, Z, X, out = self.table.y[kept], self.table.Z[kept], self.table.X.rows(kept), ~kept
        n, c = Z.shape
        K, kernel = self.K[np.ix_(kept, kept)], self.K[np.ix_(out, kept)]
        norms2, Z_new = np.diag(self.K)[out], self.table.Z[out]
        mean_diagonal = free_norm2(X, Z) / (n - c)
        if likelihood == "ml" or c == 0:
            found = decompose_kernel(K, col_norms2=X.norms2, mean_diagonal=mean_diagonal)
            if found.spoilt.any():
                return None
            form = found.rotate(y, Z)
            return form, NewRows.rotated(form, kernel, norms2, Z_new)
        full = np.asarray(linalg.qr(Z)[0], float)
        Q, C = full[:, :c], full[:, c:]
        by_Q = X.tdot(Q)
        found = decompose_kernel(
            C.T @ K @ C,
            col_norms2=np.maximum(X.norms2 - np.einsum("jk,jk->j", by_Q, by_Q), 0.0),
            mean_diagonal=mean_diagonal,
        )
        if found.spoilt.any():
            return None
        form = found.rotate(C.T @ without(Q, y), np.empty((C.shape[1], 0)))
        h = fixed_weights(Z, Z_new)
        free = kernel - h @ K
        norms2 = norms2 - np.einsum("ij,ij->i", h, kernel + free)
        return form, NewRows.rotated(form, free @ C, norms2, Z_new).freed(h, y)


def _by_columns(table: Rows, kept: Flags, likelihood: Likelihood) -> tuple[SpectralForm, NewRows]:
    """Decompose the rows ``kept`` (n,) by their columns and rotate the others to them."""
    inside = Rows(table.y[kept], table.Z[kept], table.X.rows(kept))
    counted = counted_rows(likelihood, inside.y, inside.Z, inside.X)
    form = decompose(counted.y, counted.Z, counted.X)
    return form, new_rows(likelihood, form, inside, table.Z[~kept], table.X.rows(~kept))


def _check_fold(table: Rows, kept: Flags, fold: int, folds: int) -> None:
    y, Z = table.y[kept], table.Z[kept]
    without = f"cross-validation: without the rows of fold {fold} of {folds}"
    if dependencies := find_dependencies(Z):
        columns = ", ".join(str(dependency.column + 1) for dependency in dependencies)
        raise UserError(
            f"{without} the fixed effects are collinear: number {columns} depends on the others, "
            f"as where a level occurs in that fold only; needed: independent ones: {ADVICE}"
        )
    if is_in_span(y, Z) if Z.shape[1] else not y.any():
        raise UserError(
            f"{without} the fixed effects reproduce the response exactly; needed: a response "
            f"that varies in every fold: {ADVICE}"
        )
