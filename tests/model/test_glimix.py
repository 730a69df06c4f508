"""The optima of glimix-core (version 3.1.14 when this was written), ML and REML."""

import warnings

import numpy as np
import pytest

from mixedmodel.model.contrasts import counted_rows
from mixedmodel.model.design import Design
from mixedmodel.model.em import fit_em
from mixedmodel.model.spectral import decompose
from small_tables import draw

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own dependencies
    from glimix_core.lmm import LMM
    from numpy_sugar.linalg import economic_qs


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("likelihood", ["ml", "reml"])
@pytest.mark.parametrize(("n", "p"), [(100, 300), (150, 60)])
def test_both_programs_find_the_same_optimum(likelihood, n, p):
    table = draw(51, n, 3, p, pve=0.5)
    peer = LMM(table.y, table.Z, economic_qs(table.X @ table.X.T), restricted=likelihood == "reml")
    peer.fit(verbose=False)
    rows = counted_rows(likelihood, table.y, table.Z, Design.of(table.X))
    form = decompose(rows.y, rows.Z, rows.X)
    fit = fit_em(form, "squarem", max_iter=50_000, tolerance=1e-14)
    assert fit.loglik == pytest.approx(peer.lml(), abs=1e-6)
    found = (fit.theta.sigma_beta2, fit.theta.sigma_e2)
    assert found == pytest.approx((peer.v0, peer.v1), rel=1e-5)  # glimix stops at about 1e-6
    if likelihood == "ml":
        np.testing.assert_allclose(form.omega(fit.theta.w), peer.beta, rtol=1e-5)
