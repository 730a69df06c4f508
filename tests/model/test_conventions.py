from dataclasses import replace

import numpy as np
import pytest

from mixedmodel.model.cautions import (
    counts_fixed,
    mean_in_errors,
    of_columns,
    of_pole,
    share_in_fixed,
)
from mixedmodel.model.conventions import pve_conventions
from mixedmodel.model.design import Design
from mixedmodel.model.em import fit_em
from mixedmodel.model.spectral import decompose
from small_tables import draw


def test_pve_is_the_share_of_what_the_fixed_effects_leave(case):
    form, X, Z = case.form, case.table.X, case.table.Z
    n, c = Z.shape
    M = np.eye(n) - Z @ np.linalg.pinv(Z)
    ratio = case.sb / case.se
    explained = case.sb * np.trace(M @ X @ X.T)
    expected = explained / (explained + case.se * (n - c))
    assert form.pve(ratio) == pytest.approx(expected, rel=1e-9)
    assert form.ratio(expected) == pytest.approx(ratio, rel=1e-9)


def test_columns_of_z_added_to_x_do_not_change_it(case):
    form, table = case.form, case.table
    if not form.c:
        return
    scale = np.linalg.norm(table.X) / np.linalg.norm(table.Z, axis=0)
    moved = decompose(table.y, table.Z, Design.of(table.X + (table.Z * scale).sum(axis=1)[:, None]))
    assert moved.pve(1.3 / form.mean_diagonal) == pytest.approx(
        form.pve(1.3 / form.mean_diagonal), rel=1e-9
    )


def test_other_definitions_are_those_of_gemma_and_gcta(case):
    X, ratio = case.table.X, case.sb / case.se
    n = len(X)
    K = X @ X.T
    centring = np.eye(n) - 1 / n
    of_gemma = ratio * np.trace(centring @ K @ centring) / n
    found = pve_conventions(ratio, Design.of(X))
    assert found.gemma == pytest.approx(of_gemma / (1 + of_gemma), rel=1e-9)
    assert found.gcta == pytest.approx(ratio / (1 + ratio))
    unknown = pve_conventions(None, Design.of(X))
    assert (unknown.gemma, unknown.gcta) == (None, None)


def test_the_share_of_x_in_z_is_that_of_its_squared_columns(case):
    form, X, Z = case.form, case.table.X, case.table.Z
    fitted = Z @ np.linalg.pinv(Z) @ X
    found = share_in_fixed(form.col_norms2, form.mean_diagonal, len(X) - form.c)
    assert found == pytest.approx(np.sum(fitted**2) / np.sum(X**2), abs=1e-9)


def test_what_chance_puts_into_z_is_not_warned_of():
    table = draw(1, 60, 20, 90)
    form = decompose(table.y, table.Z, Design.of(table.X))
    share = share_in_fixed(form.col_norms2, form.mean_diagonal, 40)
    assert share == pytest.approx(20 / 60, abs=0.05)
    assert not counts_fixed(share, 60, 20)
    with_mean = decompose(table.y, np.ones((60, 1)), Design.of(table.X + 0.3 * table.X.std()))
    share = share_in_fixed(with_mean.col_norms2, with_mean.mean_diagonal, 59)
    assert counts_fixed(share, 60, 1)


def test_the_mean_of_what_is_left_is_in_its_standard_errors():
    residual = np.random.default_rng(1).normal(0.7, 2.0, 400)
    expected = residual.mean() / (residual.std() / 20)
    assert mean_in_errors(residual) == pytest.approx(expected)
    assert mean_in_errors(residual - residual.mean()) < 1e-9
    assert mean_in_errors(np.ones(5)) == 0


@pytest.mark.parametrize("likelihood", ["ml", "reml"])
def test_columns_much_longer_than_others_are_named(likelihood):
    norms2 = np.ones(9)
    norms2[[2, 4, 5, 7]] = 1e13
    names = [f"x{j}" for j in range(9)]
    mean_diagonal = norms2.sum() / 99
    [told] = of_columns(norms2, mean_diagonal, names, n=100, c=1, likelihood=likelihood)
    assert "'x2', 'x4', 'x5' and 1 more" in told
    norms2[[2, 4, 5, 7]] = 1e11
    assert not of_columns(norms2, norms2.sum() / 99, names, n=100, c=1, likelihood=likelihood)


def test_a_pole_beyond_the_maximum_is_told():
    rng = np.random.default_rng(5)
    X = rng.standard_normal((60, 90))
    X -= X.mean(axis=0)
    y = 0.1 * X @ rng.standard_normal(90) + rng.standard_normal(60)
    form = decompose(y, np.ones((60, 1)), Design.of(X))
    certificate = fit_em(form, "squarem", max_iter=5000).certificate
    assert certificate.certified
    assert not certificate.unbounded
    [told] = of_pole(form, certificate)
    assert "`likelihood: reml`" in told
    assert of_pole(form, replace(certificate, unbounded=True)) == []
    without = decompose(y, np.zeros((60, 0)), Design.of(X + 1))
    assert of_pole(without, certificate) == []
