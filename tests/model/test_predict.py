import numpy as np
import pytest

import oracles
from mixedmodel.model.contrasts import Rows, counted_rows
from mixedmodel.model.design import Design
from mixedmodel.model.likelihood import gls
from mixedmodel.model.predict import (
    NewRows,
    exact_mean,
    fixed_weights,
    new_rows,
    predict_exact,
    predict_factorised,
)
from mixedmodel.model.spectral import SpectralForm, decompose
from mixedmodel.model.types import Likelihood, Theta
from oracles import Array
from small_tables import TABLES

DENSE = 1e-7  # of the standard deviation of y: the oracle inverts (c + p) x (c + p) matrices
LIKELIHOODS: tuple[Likelihood, Likelihood] = ("ml", "reml")


def some_new_rows(table: oracles.Table, s: int = 6) -> tuple[Array, Array]:
    rng = np.random.default_rng(17)
    sizes = [np.abs(part).max(axis=0, initial=0) for part in (table.Z, table.X)]
    return rng.standard_normal((s, len(sizes[0]))) * sizes[0], rng.standard_normal(
        (s, len(sizes[1]))
    ) * sizes[1]


def rotated(
    likelihood: Likelihood, table: oracles.Table, Z_new: Array, X_new: Array
) -> tuple[SpectralForm, NewRows]:
    rows = counted_rows(likelihood, table.y, table.Z, Design.of(table.X))
    form = decompose(rows.y, rows.Z, rows.X)
    return form, new_rows(
        likelihood, form, Rows(table.y, table.Z, Design.of(table.X)), Z_new, Design.of(X_new)
    )


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
@pytest.mark.parametrize("ratio", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("name", TABLES)
def test_the_exact_prediction_is_that_of_the_joint_posterior_of_w_and_beta(
    name: str, ratio: float, likelihood: Likelihood
) -> None:
    table = TABLES[name]
    Z_new, X_new = some_new_rows(table)
    form, new = rotated(likelihood, table, Z_new, X_new)
    se = 0.3 * float(table.y @ table.y) / len(table.y)
    sb = ratio * se / form.mean_diagonal
    w = gls(form, 1 / (sb * form.eigvals + se))
    found = predict_exact(form, Theta(w, sb, se), new)
    mean, variance = oracles.predict(table, sb, se, Z_new, X_new)
    scale = float(np.sqrt(variance).min())
    np.testing.assert_allclose(found.mean, mean, atol=DENSE * scale, rtol=DENSE)
    np.testing.assert_allclose(found.deviation, np.sqrt(variance), rtol=DENSE)


def test_without_random_effects_it_is_the_regression_s_own_prediction() -> None:
    table = TABLES["wide"]
    Z_new, X_new = some_new_rows(table)
    form, new = rotated("ml", table, Z_new, X_new)
    w = gls(form, np.ones(form.n))
    found = predict_exact(form, Theta(w, 0.0, 2.5), new)
    omega = oracles.least_squares(table.Z, table.y)
    spread = np.diag(Z_new @ np.linalg.inv(table.Z.T @ table.Z) @ Z_new.T)
    np.testing.assert_allclose(found.mean, Z_new @ omega, rtol=1e-12)
    np.testing.assert_allclose(found.deviation, np.sqrt(2.5 * (1 + spread)), rtol=1e-12)


def test_a_row_of_the_table_is_predicted_by_its_fitted_value() -> None:
    table = TABLES["tall"]
    form, new = rotated("ml", table, table.Z, table.X)
    w = np.array([0.3, -1.0, 2.0])
    theta = Theta(form.from_omega(w), 0.8, 0.5)
    mu, _ = oracles.posterior(table, w, 0.8, 0.5)
    expected = table.Z @ w + table.X @ mu
    np.testing.assert_allclose(exact_mean(form, theta, new), expected, rtol=1e-10)


def test_mean_field_counts_the_variances_of_q_and_the_noise() -> None:
    mean, variance = np.array([1.0, 2.0]), np.array([0.1, 0.2, 0.3])
    X_new = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 0.0]])
    found = predict_factorised(mean, variance, 0.5, Design.of(X_new))
    assert found.mean.tolist() == mean.tolist()
    expected = np.sqrt([0.1 + 4 * 0.2 + 9 * 0.3 + 0.5, 0.2 + 0.5])
    np.testing.assert_allclose(found.deviation, expected, rtol=1e-14)


def test_the_weights_of_the_fixed_part_are_those_of_least_squares() -> None:
    table = TABLES["wide"]
    Z_new, _ = some_new_rows(table)
    found = fixed_weights(table.Z, Z_new) @ table.y
    expected = Z_new @ oracles.least_squares(table.Z, table.y)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
