"""Lanczos against dense matrices: what it finds of B'f(A)B and z'f(A)z, and when that is exact."""

import numpy as np
import pytest
from scipy import linalg

from mixedmodel.model.lanczos import BlockLanczos, ProbeLanczos, independent


def positive(n: int, rank: int, seed: int = 1):
    X = np.random.default_rng(seed).standard_normal((n, rank))
    return X @ X.T / rank


def directions(n: int, b: int, seed: int = 2):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((n, b)))[0]


def stepped(A, start, steps: int) -> BlockLanczos:
    block = BlockLanczos(start, steps)
    for _ in range(steps):
        if not block.is_over:
            block.extend(A @ block.current)
    return block


def by_block(block: BlockLanczos, b: int, f):
    theta, S = np.linalg.eigh(block.T)
    return (S[:b] * f(np.maximum(theta, 0))) @ S[:b].T


def dense(A, B, f):
    eigvals, U = np.linalg.eigh(A)
    return (B.T @ U * f(np.maximum(eigvals, 0))) @ (U.T @ B)


@pytest.mark.parametrize("b", [1, 3])
@pytest.mark.parametrize("m", [1, 2, 5])
def test_the_quadratic_part_is_exact_for_polynomials_up_to_degree_2m_minus_1(b, m):
    A, B = positive(40, 60), directions(40, b)
    block = stepped(A, B, m)
    for degree in range(2 * m):
        np.testing.assert_allclose(
            by_block(block, b, lambda x, k=degree: x**k),
            B.T @ np.linalg.matrix_power(A, degree) @ B,
            rtol=1e-9,
            atol=1e-10,
        )
    beyond = by_block(block, b, lambda x: x ** (2 * m)) - dense(A, B, lambda x: x ** (2 * m))
    assert np.abs(beyond).max() > 1e-6


@pytest.mark.parametrize("m", [1, 2, 5])
def test_a_probe_is_exact_for_polynomials_up_to_degree_2m_minus_1(m):
    A, Z = positive(40, 60), np.sign(np.random.default_rng(3).standard_normal((40, 4)))
    probes = ProbeLanczos(Z)
    for _ in range(m):
        probes.extend(A @ probes.current)
    nodes, weights = probes.quadrature(m)
    for degree in range(2 * m):
        expected = np.einsum("ij,ij->j", Z, np.linalg.matrix_power(A, degree) @ Z)
        np.testing.assert_allclose(np.sum(weights * nodes**degree, axis=1), expected, rtol=1e-10)


@pytest.mark.parametrize("f", [lambda x: np.log1p(3 * x), lambda x: 1 / (1 + 3 * x)])
def test_many_steps_give_any_function(f):
    A, B = positive(60, 90), directions(60, 3)
    np.testing.assert_allclose(by_block(stepped(A, B, 20), 3, f), dense(A, B, f), atol=1e-10)
    probes = ProbeLanczos(B)
    for _ in range(40):
        probes.extend(A @ probes.current)
    nodes, weights = probes.quadrature(40)
    found = np.sum(weights * f(nodes), axis=1)
    np.testing.assert_allclose(found, np.diag(dense(A, B, f)), atol=1e-10)


def test_the_basis_stays_orthonormal_and_holds_the_matrix():
    """Ten eigenvalues far above the others, which three terms alone would find again and again."""
    eigvals = np.concatenate([np.geomspace(1e6, 1e3, 10), np.linspace(1, 2, 90)])
    U = directions(100, 100)
    A = U * eigvals @ U.T
    block = stepped(A, directions(100, 2, 5), 40)
    V, T = block.V, block.T
    np.testing.assert_allclose(V.T @ V, np.eye(V.shape[1]), atol=1e-13)
    np.testing.assert_allclose(V.T @ A @ V, T, atol=1e-9 * eigvals[0])


@pytest.mark.parametrize("rank", [1, 4, 7])
def test_it_ends_where_nothing_is_left(rank):
    A, B = positive(30, rank), directions(30, 3)
    block = stepped(A, B, 30)
    assert block.is_over
    assert block.V.shape[1] <= rank + 3
    f = np.log1p
    np.testing.assert_allclose(by_block(block, 3, f), dense(A, B, f), atol=1e-11)
    probes = ProbeLanczos(B)
    for _ in range(15):
        probes.extend(A @ probes.current)
    nodes, weights = probes.quadrature(15)
    np.testing.assert_allclose(
        np.sum(weights * f(np.maximum(nodes, 0)), axis=1), np.diag(dense(A, B, f)), atol=1e-11
    )


def test_columns_that_depend_on_others_are_left_out():
    W = np.random.default_rng(4).standard_normal((20, 3))
    W = np.column_stack([W, W[:, 0] - 2 * W[:, 2]])
    Q, R = independent(W, 1e-10)
    assert Q.shape == (20, 3)
    np.testing.assert_allclose(Q @ R, W, atol=1e-13)
    np.testing.assert_allclose(linalg.norm(Q.T @ Q - np.eye(3)), 0, atol=1e-13)
