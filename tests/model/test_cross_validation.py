"""Cross-validation against brute force: a fit by EM and by sweeps of the rows outside each fold."""

import logging

import numpy as np
import pytest
from scipy.stats import sem

import oracles
from mixedmodel.errors import UserError
from mixedmodel.model import cross_validation
from mixedmodel.model.contrasts import Rows, counted_rows, decoupled_fixed_effects
from mixedmodel.model.cost import is_quick, validation_operations
from mixedmodel.model.cross_validation import (
    METHODS,
    assign_folds,
    cross_validate,
    gain,
    score,
    validate,
)
from mixedmodel.model.design import Design
from mixedmodel.model.em import fit_em
from mixedmodel.model.mfvi import Sweeps, fit_mfvi
from mixedmodel.model.penalty import MEAN_FIELD
from mixedmodel.model.predict import Predictions
from mixedmodel.model.results import Gain
from mixedmodel.model.spectral import decompose
from mixedmodel.model.types import Likelihood
from oracles import Table
from small_tables import TABLES, draw

SHARP = 1e-13  # nats of predicted gain; estimates are then within 1e-6 standard errors
ARRIVED = 2e-5  # of the largest deviation: a search by values finds the top to sqrt(rounding)
NAMES = ("tall", "just wide", "no fixed effects", "one random effect", "rank-deficient")
WIDE = draw(41, 60, 3, 90, pve=0.4)  # with noise left in every fold: the oracle divides by it


def rows(table: Table) -> Rows:
    return Rows(table.y, table.Z, Design.of(table.X))


def labelled(table: Table, folds: int, seed: int = 1) -> np.ndarray:
    n, c = table.Z.shape
    return assign_folds(n, c, folds, np.random.default_rng(seed))


def brute_force(
    table: Table, left_out: np.ndarray, likelihood: Likelihood
) -> tuple[Predictions, Predictions]:
    """Fit the rows kept by EM and by sweeps; predict by dense matrices and by q."""
    kept = Table(table.y[~left_out], table.Z[~left_out], table.X[~left_out])
    Z_new, X_new = table.Z[left_out], table.X[left_out]
    counted = counted_rows(likelihood, kept.y, kept.Z, Design.of(kept.X))
    form = decompose(counted.y, counted.Z, counted.X)
    em = fit_em(form, "squarem", max_iter=50_000, tolerance=SHARP).theta
    mean, variance = oracles.predict(kept, em.sigma_beta2, em.sigma_e2, Z_new, X_new)
    sweeps = Sweeps.prepare(form, counted.Z, counted.X)
    mfvi, q = fit_mfvi(sweeps, "squarem", max_iter=50_000, tolerance=SHARP)
    w = decoupled_fixed_effects(kept.y, kept.Z, Design.of(kept.X), q.mean)
    spread = (X_new**2) @ q.variance + mfvi.theta.sigma_e2
    return (
        Predictions(mean, np.sqrt(variance)),
        Predictions(Z_new @ w + X_new @ q.mean, np.sqrt(spread)),
    )


@pytest.mark.parametrize("likelihood", ["ml", "reml"])
@pytest.mark.parametrize("table", [WIDE, *map(TABLES.get, NAMES)], ids=["wide", *NAMES])
def test_every_fold_is_predicted_as_by_refits(table: Table, likelihood: Likelihood) -> None:
    labels = labelled(table, 5)
    found = cross_validate(rows(table), labels, likelihood=likelihood)
    for fold in range(1, 6):
        left_out = labels == fold
        for method, expected in zip(
            METHODS, brute_force(table, left_out, likelihood), strict=False
        ):
            near = ARRIVED * float(expected.deviation.max())
            for part in ("mean", "deviation"):
                value = getattr(found[method], part)[left_out]
                np.testing.assert_allclose(value, getattr(expected, part), atol=near)


def test_one_row_a_fold_leaves_one_out() -> None:
    table = draw(31, 24, 1, 12)
    labels = labelled(table, 24)
    assert sorted(labels) == list(range(1, 25))
    found = cross_validate(rows(table), labels, likelihood="ml")
    for i in range(24):
        em, mfvi = brute_force(table, np.arange(24) == i, "ml")
        near = ARRIVED * float(em.deviation[0])
        assert found["em"].mean[i] == pytest.approx(em.mean[0], abs=near)
        assert found["mfvi"].mean[i] == pytest.approx(mfvi.mean[0], abs=near)


def test_the_fixed_effects_alone_are_least_squares() -> None:
    table = TABLES["wide"]
    labels = labelled(table, 4)
    found = cross_validate(rows(table), labels, likelihood="ml")["fixed"]
    left_out = labels == 2
    Z, y = table.Z[~left_out], table.y[~left_out]
    w = oracles.least_squares(Z, y)
    noise = float(np.mean((y - Z @ w) ** 2))
    spread = np.diag(table.Z[left_out] @ np.linalg.inv(Z.T @ Z) @ table.Z[left_out].T)
    np.testing.assert_allclose(found.mean[left_out], table.Z[left_out] @ w, rtol=1e-10)
    np.testing.assert_allclose(found.deviation[left_out], np.sqrt(noise * (1 + spread)))


@pytest.mark.parametrize("likelihood", ["ml", "reml"])
@pytest.mark.parametrize("n", [40, 44])  # for p = 40, c = 3: K shared, or folds by columns
def test_both_ways_to_decompose_a_fold_agree(
    n: int, likelihood: Likelihood, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = rows(draw(12, n, 3, 40))
    kept = np.arange(n) % 4 > 0
    shared = cross_validation._Shared.of(table).refit(kept, likelihood)
    by_columns = cross_validation._by_columns(table, kept, likelihood)
    theta = cross_validation.optimum(by_columns[0], penalty=MEAN_FIELD).theta
    first, second = (cross_validation.predict_exact(f, theta, new) for f, new in
                     (shared, by_columns))  # fmt: skip
    np.testing.assert_allclose(first.mean, second.mean, atol=1e-9)
    np.testing.assert_allclose(first.deviation, second.deviation, rtol=1e-9)
    np.testing.assert_allclose(shared[0].col_norms2, by_columns[0].col_norms2, atol=1e-13)
    assert shared[0].mean_diagonal == pytest.approx(by_columns[0].mean_diagonal, rel=1e-12)


def test_95_percent_of_the_responses_lie_within_the_intervals_of_both_methods() -> None:
    table = draw(21, 400, 3, 200, pve=0.6)
    found = cross_validate(rows(table), labelled(table, 5), likelihood="ml")
    scores = {name: score(table.y, found[name], found["fixed"]) for name in METHODS}
    for name in METHODS:  # binomial standard error 0.011; mean field is no less wide here
        assert 0.92 <= scores[name].coverage_95 <= 0.98
    assert scores["em"].r2 > scores["fixed"].r2 + 0.05
    assert scores["em"].mean_deviation < scores["fixed"].mean_deviation


def test_folds_are_balanced_and_follow_from_the_seed() -> None:
    labels = assign_folds(23, 2, 5, np.random.default_rng(3))
    assert sorted(np.bincount(labels)[1:]) == [4, 4, 5, 5, 5]
    assert np.array_equal(labels, assign_folds(23, 2, 5, np.random.default_rng(3)))
    assert not np.array_equal(labels, assign_folds(23, 2, 5, np.random.default_rng(4)))


def test_the_scores_are_as_defined() -> None:
    y = np.array([1.0, 2.0, 3.0, 6.0])
    fixed = Predictions(np.full(4, 2.0), np.full(4, 0.4))
    method = Predictions(np.array([1.0, 2.0, 3.0, 4.0]), np.full(4, 1.0))
    found = score(y, method, fixed)
    assert found.r2 == pytest.approx(1 - 4 / 14)
    assert found.r2_over_fixed == pytest.approx(1 - 4 / 18)
    assert found.correlation == pytest.approx(np.corrcoef(y, method.mean)[0, 1])
    assert found.coverage_95 == 0.75
    assert found.mean_deviation == 1.0
    assert score(y, fixed, fixed).correlation is None
    assert score(y, fixed, fixed).r2_over_fixed == 0.0


def test_a_gain_is_the_paired_difference_of_squared_errors_with_its_error() -> None:
    y = np.array([1.0, 2.0, 3.0, 6.0])
    fixed, method, other = (
        Predictions(np.array(mean), np.ones(4))
        for mean in ([2.0, 2.0, 2.0, 2.0], [1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 1.0, 5.0])
    )
    found = gain(y, method, other, fixed)
    less = np.array([0.0, 1.0, 4.0, -3.0])
    assert found.share == pytest.approx(less.sum() / 18)
    assert found.standard_error == pytest.approx(4 * sem(less) / 18)
    assert gain(y, method, fixed, fixed).share == pytest.approx(
        score(y, method, fixed).r2_over_fixed
    )
    assert gain(y, method, method, fixed) == Gain(0.0, 0.0)


@pytest.mark.parametrize(("n", "c", "folds"), [(10, 0, 11), (10, 5, 2)])
def test_folds_that_leave_too_few_rows_are_refused(n: int, c: int, folds: int) -> None:
    with pytest.raises(UserError, match=f"{folds} folds .* n = {n} .*`cross_validation: 0`"):
        assign_folds(n, c, folds, np.random.default_rng(1))


def test_a_fixed_effect_that_varies_in_one_fold_only_is_named() -> None:
    table = TABLES["wide"]
    labels = labelled(table, 4)
    Z = np.column_stack([table.Z, labels == 3])
    with pytest.raises(UserError, match=r"fold 3 of 4 the fixed effects are collinear: number 4"):
        cross_validate(Rows(table.y, Z, Design.of(table.X)), labels, likelihood="ml")


def test_a_response_that_varies_in_one_fold_only_is_told() -> None:
    table = TABLES["no fixed effects"]
    labels = labelled(table, 4)
    with pytest.raises(UserError, match="without the rows of fold 2 of 4 the fixed effects repro"):
        cross_validate(
            Rows((labels == 2) * table.y, table.Z, Design.of(table.X)), labels, likelihood="ml"
        )


def test_a_large_table_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    table = TABLES["one random effect"]
    wide = TABLES["just wide"]
    monkeypatch.setattr(cross_validation, "HEAVY", 1e3)
    cross_validate(rows(table), labelled(table, 2), likelihood="ml")
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []
    cross_validate(rows(wide), labelled(wide, 2), likelihood="ml")
    [record] = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert "2 tables of 30 x 27" in record.getMessage()


CHOSEN = {"folds": 3, "seed": 1, "likelihood": "ml"}


def test_asked_or_not_a_table_that_is_quick_is_validated() -> None:
    for asked in (True, False):
        found = validate(rows(WIDE), **CHOSEN, asked=asked)
        assert found.left_out is None
        assert found.labels.tolist() == labelled(WIDE, 3).tolist()
        expected = cross_validate(rows(WIDE), found.labels, likelihood="ml")["em"].mean
        assert found.found["em"].mean.tolist() == expected.tolist()


def test_folds_that_cannot_be_had_are_an_error_only_if_somebody_asks(
    caplog: pytest.LogCaptureFixture,
) -> None:
    chosen = CHOSEN | {"folds": 61}
    found = validate(rows(WIDE), **chosen, asked=False)
    assert found.labels.size == found.found["em"].mean.size == 0
    assert "61 folds don't divide n = 60" in str(found.left_out)
    [record] = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert record.getMessage() == f"no {found.left_out}"
    with pytest.raises(UserError, match="61 folds don't divide n = 60"):
        validate(rows(WIDE), **chosen, asked=True)


def test_the_size_that_counts_is_that_of_the_smaller_side() -> None:
    wide = validation_operations(100, 1_000, 1, 10)
    assert validation_operations(100, 10_000, 1, 10) == wide
    square = validation_operations(10_000, 10_000, 1, 10)
    assert validation_operations(10_000, 100, 1, 10) < square / 1000
    assert is_quick(1000, 6000, 30, 10)
    assert not is_quick(2000, 10_000, 1, 10)
