import numpy as np
import pytest

from mixedmodel.model.moments import moments


def dense(case):
    """M K M and M with M the projection off the fixed effects."""
    Q = np.linalg.qr(case.table.Z)[0]
    M = np.eye(len(case.table.y)) - Q @ Q.T
    return M @ case.table.X @ case.table.X.T @ M, M


def test_the_moments_solve_their_equations(case):
    K, M = dense(case)
    y = case.table.y
    system = [[np.trace(K @ K), np.trace(K)], [np.trace(K), np.trace(M)]]
    expected = np.linalg.solve(system, [y @ K @ y, y @ M @ y])
    found = moments(case.form)
    scale = np.abs(expected)
    np.testing.assert_allclose(
        [found.sigma_beta2, found.sigma_e2] / scale, expected / scale, rtol=1e-8
    )


def test_their_covariance_is_that_of_quadratic_forms(case):
    K, M = dense(case)
    found = moments(case.form)
    V = found.sigma_beta2 * K + found.sigma_e2 * M
    forms = [[2 * np.trace(a @ V @ b @ V) for a in (K, M)] for b in (K, M)]
    inverse = np.linalg.inv([[np.trace(K @ K), np.trace(K)], [np.trace(K), np.trace(M)]])
    np.testing.assert_allclose(found.covariance, inverse @ forms @ inverse, rtol=1e-7)


def test_the_error_of_pve_follows_by_the_delta_method(case):
    found, form, step = moments(case.form), case.form, 1e-6
    if found.pve(form) is None:
        pytest.skip("the total variance of these moments is not positive")
    u, sb, se = form.mean_diagonal, found.sigma_beta2, found.sigma_e2

    def share(x):
        explained = sb * (1 + x[0]) * u
        return explained / (explained + se * (1 + x[1]))

    slope = [(share(h) - share(-h)) / (2 * step) for h in np.eye(2) * step] / np.array([sb, se])
    assert found.pve_error(form) == pytest.approx(
        np.sqrt(slope @ found.covariance @ slope), rel=1e-5
    )
