import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixedmodel.model.collinear import Dependency, find_dependencies, is_in_span

SCALES = st.lists(st.integers(-120, 120), min_size=4, max_size=4)


def independent(n: int = 20, c: int = 4) -> np.ndarray:
    return np.random.default_rng(3).normal(size=(n, c))


@given(SCALES)
def test_independent_columns_are_independent_at_every_scale(exponents: list[int]) -> None:
    assert find_dependencies(independent() * 10.0 ** np.array(exponents)) == ()


@given(SCALES, st.integers(-120, 120))
def test_a_dependent_column_is_found_at_every_scale(exponents: list[int], exponent: int) -> None:
    Z = independent()
    dependent = (Z[:, 0] - 3 * Z[:, 2]) * 10.0**exponent
    Z = np.column_stack([Z * 10.0 ** np.array(exponents), dependent])
    [dependency] = find_dependencies(Z)
    assert {dependency.column, *dependency.on} == {0, 2, 4}


def test_a_sum_of_dummies_that_is_the_intercept_is_found() -> None:
    levels = np.arange(12) % 3
    Z = np.column_stack([np.ones(12), *(levels == k for k in range(3))])
    [dependency] = find_dependencies(Z)
    assert {dependency.column, *dependency.on} == {0, 1, 2, 3}


def test_a_column_far_from_zero_is_no_copy_of_the_intercept() -> None:
    years = 2000 + np.arange(20.0)
    assert find_dependencies(np.column_stack([np.ones(20), years])) == ()


@pytest.mark.parametrize("others", [0, 1, 3])
def test_a_column_of_zeros_depends_on_nothing(others: int) -> None:
    Z = np.column_stack([np.zeros(20), independent(c=others)])
    assert find_dependencies(Z) == (Dependency(0, ()),)


def test_no_column_has_no_dependency() -> None:
    assert find_dependencies(np.empty((5, 0))) == ()


def test_the_triangular_factor_gives_the_same_answer() -> None:
    Z = independent()
    Z = np.column_stack([Z, Z[:, 1] + Z[:, 2]])
    assert find_dependencies(np.linalg.qr(Z, mode="r")) == find_dependencies(Z)


@given(SCALES, st.integers(-120, 120))
def test_a_combination_is_in_the_span_at_every_scale(exponents: list[int], exponent: int) -> None:
    Z = independent()
    y = (Z[:, 0] - 2 * Z[:, 3]) * 10.0**exponent
    assert is_in_span(y, Z * 10.0 ** np.array(exponents))


def test_a_response_with_a_little_noise_is_not_in_the_span() -> None:
    Z = independent()
    noise = np.random.default_rng(4).normal(size=20)
    assert not is_in_span(1e3 + Z[:, 1] + 1e-6 * noise, np.column_stack([np.ones(20), Z]))


def test_nothing_but_zero_is_in_the_span_of_no_column() -> None:
    assert not is_in_span(np.ones(5), np.empty((5, 0)))
