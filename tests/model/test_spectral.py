import numpy as np
import pytest

import oracles
from mixedmodel.model.design import Design
from mixedmodel.model.spectral import decompose
from oracles import Table
from small_tables import TABLES, draw


def test_the_eigenvectors_rebuild_the_kernel(case):
    form, X = case.form, case.table.X
    U, eigvals = form.U, form.eigvals[: form.U.shape[1]]
    K = X @ X.T
    # rounding of a symmetric eigendecomposition: a few eps times the norm of K
    np.testing.assert_allclose(U * eigvals @ U.T, K, atol=1e-13 * np.linalg.norm(K))
    np.testing.assert_allclose(U.T @ U, np.eye(U.shape[1]), atol=1e-12)


def test_the_rank_is_that_of_the_table(case):
    assert case.form.rank == np.linalg.matrix_rank(case.table.X)
    assert np.count_nonzero(case.form.eigvals) == case.form.rank


def test_the_rotation_keeps_all_of_the_response_and_the_fixed_effects(case):
    form, table = case.form, case.table
    whole = form.Uty + form.UtQ @ form.w_ls
    assert whole @ whole == pytest.approx(table.y @ table.y, rel=1e-12)
    np.testing.assert_allclose(form.UtQ.T @ form.UtQ, np.eye(form.c), atol=1e-12)
    expected = np.linalg.norm(table.y) * np.linalg.norm(table.Z, axis=0)
    crossed = (form.UtQ @ form.R).T @ whole
    np.testing.assert_allclose(crossed, table.Z.T @ table.y, atol=1e-12 * max(expected, default=1))


def test_the_response_enters_less_its_least_squares_part(case):
    form, table = case.form, case.table
    omega = oracles.least_squares(table.Z, table.y)
    size = np.abs(table.y).max()
    found = table.Z @ form.omega(np.zeros(form.c))
    np.testing.assert_allclose(found, table.Z @ omega, atol=1e-12 * size)
    np.testing.assert_allclose(form.residual, table.y - table.Z @ omega, atol=1e-12 * size)
    np.testing.assert_allclose(form.UtQ.T @ form.Uty, 0, atol=1e-13 * size)


def test_the_coefficients_of_the_fixed_effects_come_back(case):
    form = case.form
    np.testing.assert_allclose(form.omega(form.from_omega(case.omega)), case.omega, rtol=1e-12)


def test_the_column_norms_are_those_of_x(case):
    np.testing.assert_allclose(case.form.col_norms2, np.sum(case.table.X**2, axis=0))


def test_a_tall_table_keeps_few_rows():
    table = draw(1, 500, 4, 6)
    form = decompose(table.y, table.Z, Design.of(table.X))
    assert len(form.eigvals) == 6 + 4 + 1
    assert form.spectrum.n_null == 500 - 11


def test_small_singular_values_of_a_tall_table_survive():
    """Squaring X would leave nothing of a direction 1e-9 times as long as the longest."""
    rng = np.random.default_rng(3)
    left = np.linalg.qr(rng.standard_normal((80, 3)))[0]
    right = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    X = left * [1.0, 1e-3, 1e-7] @ right
    form = decompose(rng.standard_normal(80), np.zeros((80, 0)), Design.of(X))
    np.testing.assert_allclose(form.eigvals[:3], [1.0, 1e-6, 1e-14], rtol=1e-6)


def test_a_table_without_any_random_effect_has_rank_zero():
    table = TABLES["tall"]
    for p in (2, 100):
        empty = Table(table.y, table.Z, np.zeros((60, p)))
        assert decompose(empty.y, empty.Z, Design.of(empty.X)).rank == 0


@pytest.mark.parametrize("seed", [5167, *range(30)])
def test_rounding_is_no_rank(seed):
    """Fewer columns than rows, decomposed as K: 5167 leaves 1.6e-14 where there is nothing."""
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(rng.standard_normal((6, 5)))[0]
    y, X = rng.standard_normal(6) * 2, Q * rng.uniform(0.5, 3, 5)
    form = decompose(y, np.ones((6, 1)), Design.of(X))
    assert form.rank == 5
    assert form.has_pole
