"""Intervals and test under repetition: 300 responses on one X, the truth known."""

from dataclasses import replace

import numpy as np
import pytest

from mixedmodel.model.contrasts import counted_rows
from mixedmodel.model.design import Design
from mixedmodel.model.spectral import decompose
from mixedmodel.model.uncertainty import no_effect_test, pve_interval

TABLES = 300


@pytest.fixture(scope="module")
def design():
    """Contrasts of a wide table: X (n - c, p) and its spectral form under REML."""
    rng = np.random.default_rng(41)
    n, p = 120, 240
    X = rng.standard_normal((n, p)) / np.sqrt(p)
    rows = counted_rows("reml", np.zeros(n) + 1, rng.standard_normal((n, 2)), Design.of(X))
    return rows.X.whole(), decompose(rows.y, rows.Z, rows.X)


def responses(design, pve, seed):
    X, form = design
    rng = np.random.default_rng(seed)
    for _ in range(TABLES):
        signal = X @ rng.standard_normal(X.shape[1]) * np.sqrt(pve / form.mean_diagonal)
        y = signal + rng.standard_normal(len(X)) * np.sqrt(1 - pve)
        yield replace(form, Uty=form.U.T @ y)


@pytest.mark.parametrize("pve", [0.0, 0.2, 0.7])
def test_the_profile_interval_covers_the_true_share(design, pve):
    intervals = [pve_interval(form) for form in responses(design, pve, seed=5)]
    covered = np.mean([low <= pve <= high for low, high in intervals])
    assert 0.92 <= covered <= 0.98


def test_the_test_rejects_no_effect_as_often_as_it_says(design):
    p_values = np.array([no_effect_test(form).p_value for form in responses(design, 0.0, seed=6)])
    error = np.sqrt(0.05 * 0.95 / TABLES)
    assert abs(np.mean(p_values <= 0.05) - 0.05) <= 2 * error
