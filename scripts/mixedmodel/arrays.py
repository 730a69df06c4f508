"""Both methods on arrays, for notebooks and scripts of one's own: ``fit`` and ``simulate``.

Model y = Z w + X beta + e with beta ~ N(0, sigma_beta2 I_p) and e ~ N(0, sigma_e2 I_n), fitted by
EM with the exact posterior and by mean field, as the workflow does and with the same certificate
(`docs/model.md`, sections 4, 7 and 9). What is said of settings in advice and warnings is said of
``config.yaml``; here they are arguments of these names.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mixedmodel.errors import UserError
from mixedmodel.model.advice import announce
from mixedmodel.model.cautions import caution, of_pole, of_response
from mixedmodel.model.collinear import Dependency, find_dependencies
from mixedmodel.model.contrasts import Rows, counted_rows
from mixedmodel.model.design import Design
from mixedmodel.model.estimates import estimates
from mixedmodel.model.inference import infer
from mixedmodel.model.method import Counted
from mixedmodel.model.methods import METHODS
from mixedmodel.model.results import Estimates
from mixedmodel.model.simulate import Simulated, simulate
from mixedmodel.model.spectral import SpectralForm, decompose_columns
from mixedmodel.model.types import TOLERANCE, Array, Effects, Likelihood, Scheme, Trace

__all__ = ["Effects", "Estimates", "Found", "Simulated", "Trace", "UserError", "fit", "simulate"]

MAX_ITER = 50_000  # map evaluations, of which SQUAREM needs some tens
NOTHING = 1e-24  # of tr(K); rounding leaves less of an X that lies in the span of Z


@dataclass(frozen=True)
class Found:
    """What one method found.

    estimates  what estimates.json holds: variances, PVE, ``omega`` by name, ``certificate``
    effects    posterior ``mean`` (p,) and ``variance`` (p,) of each random effect beta_j
    trace      the objective (nats) and both variances in every iteration
    """

    estimates: Estimates
    effects: Effects
    trace: Trace


def fit(
    y: ArrayLike,
    X: ArrayLike,
    Z: ArrayLike | None = None,
    *,
    likelihood: Likelihood = "ml",
    names: Sequence[str] | None = None,
    methods: Sequence[str] = tuple(METHODS),
    scheme: Scheme = "squarem",
    max_iter: int = MAX_ITER,
) -> dict[str, Found]:
    """Fit the model to y (n,), X (n, p) and Z (n, c) by each of ``methods``, decomposing X once.

    Nothing is added or scaled: an intercept is a column of ones in Z, and ``sigma_beta2`` is in
    squared units of y per squared unit of X. Without Z there are no fixed effects. ``names`` are
    those of the columns of Z, by default "0", "1", ...; ``max_iter`` counts map evaluations.

    Raises
    ------
    UserError
        Shapes that don't go together, values that are not finite, no more rows than fixed effects,
        collinear fixed effects, an unknown method, nothing of X beside Z, no noise in y.
    """
    table = _checked(y, X, Z)
    names = tuple(names) if names is not None else tuple(map(str, range(table.Z.shape[1])))
    _check_names(names, methods, table.Z)
    counted = counted_rows(likelihood, table.y, table.Z, table.X)
    form = decompose_columns(counted.X, counted.Z).rotate(counted.y, counted.Z)
    _check_form(form, table)
    caution(of_response(form))
    found = {}
    for key in methods:
        fitter = METHODS[key].prepare(Counted(form, counted))
        fitted = fitter.fit(scheme, max_iter=max_iter, tolerance=TOLERANCE)
        one, effects = fitted.fit, fitted.effects()
        announce([one], fixed_effects=form.c > 0)
        if one.method.is_exact:
            caution(of_pole(form, one.certificate))
        known = infer(likelihood, form, one, effects, table=table, counted=counted)
        told = estimates([one], form, known, likelihood=likelihood, X=table.X, names=names)
        found[key] = Found(told, effects, one.trace)
    return found


def _checked(y: ArrayLike, X: ArrayLike, Z: ArrayLike | None) -> Rows:
    """Return the arrays as doubles of the right shapes, finite throughout."""
    response, random = _doubles("y", y, 1), _doubles("X", X, 2)
    n = len(response)
    fixed = np.empty((n, 0)) if Z is None else _doubles("Z", Z, 2)
    for name, rows in (("X", len(random)), ("Z", len(fixed))):
        if rows != n:
            raise UserError(f"{name} has {rows} rows and y has {n}; needed: the same number")
    if not random.shape[1]:
        raise UserError("X has no columns; needed: at least one random effect")
    return Rows(response, fixed, Design.of(random))


def _doubles(name: str, values: ArrayLike, dimensions: int) -> Array:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UserError(f"{name} can't be read as numbers: {error}") from error
    if array.ndim != dimensions:
        raise UserError(f"{name} has the shape {array.shape}; needed: {dimensions} dimensions")
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        place = ", ".join(map(str, bad[0].tolist()))
        raise UserError(
            f"{name} has {len(bad)} values that are not finite, the first at [{place}]; needed: "
            "numbers: leave such rows out, or impute them"
        )
    return array


def _check_names(names: Sequence[str], methods: Sequence[str], Z: Array) -> None:
    n, c = Z.shape
    if len(set(names)) != c or len(names) != c:
        raise UserError(
            f"names has {list(names)}; needed: {c} different ones, for the columns of Z"
        )
    if unknown := [key for key in methods if key not in METHODS]:
        raise UserError(f"methods has {unknown}; needed: any of {', '.join(METHODS)}")
    if n <= c:
        raise UserError(f"y has {n} values and Z {c} columns; needed: more rows than fixed effects")
    if found := find_dependencies(Z):
        told = "; ".join(_told(each, names) for each in found)
        raise UserError(f"the columns of Z are collinear: {told}; leave the dependent ones out")


def _told(dependency: Dependency, names: Sequence[str]) -> str:
    column = repr(names[dependency.column])
    if not dependency.on:
        return f"{column} is zero throughout"
    return f"{column} depends on {', '.join(repr(names[i]) for i in dependency.on)}"


def _check_form(form: SpectralForm, table: Rows) -> None:
    free = form.mean_diagonal * (len(table.y) - table.Z.shape[1])
    if free <= NOTHING * float(table.X.norms2.sum()):
        raise UserError(
            "X is zero or lies in the span of Z; needed: columns that vary on their own"
        )
    if form.is_noise_free:
        raise UserError("X and Z reproduce y exactly; needed: a response measured with noise")
