"""The built-in table at its full size: what the numbers on its deck rest on."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from mixedmodel.model.design import Design
from mixedmodel.model.em import fit_em
from mixedmodel.model.mfvi import Sweeps, fit_mfvi
from mixedmodel.model.simulate import simulate
from mixedmodel.model.spectral import decompose

CONFIG = Path(__file__).parents[2] / "config.yaml"


@pytest.fixture(scope="module")
def narrow_blocks():
    """Leave the blocks of this large table as wide as they are."""


@pytest.fixture(scope="module")
def demo():
    """The table that config.yaml describes, and its spectral form."""
    size = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["datasets"]["demo"]["simulate"]
    drawn = simulate(
        np.random.default_rng(size["seed"]),
        n=size["n"],
        c=size["fixed"],
        p=size["random"],
        pve=size["pve"],
    )
    return drawn, decompose(drawn.y, drawn.Z, Design.of(drawn.X))


def at_optimum(fit):
    """Say how the fitted variances relate to those of the one-dimensional optimum."""
    certificate = fit.certificate
    return [
        fit.theta.sigma_beta2 / certificate.optimum_sigma_beta2,
        fit.theta.sigma_e2 / certificate.optimum_sigma_e2,
    ]


@pytest.mark.parametrize("scheme", ["plain", "px", "squarem"])
def test_every_scheme_of_em_arrives_at_the_same_variances(demo, scheme):
    fit = fit_em(demo[1], scheme, max_iter=50_000)
    assert fit.certificate.certified
    assert at_optimum(fit) == pytest.approx([1, 1], rel=1e-4)


def test_mean_field_arrives_and_reports_far_less(demo):
    drawn, form = demo
    sweeps = Sweeps.prepare(form, drawn.Z, Design.of(drawn.X))
    fit, _ = fit_mfvi(sweeps, "squarem", max_iter=200)
    assert fit.certificate.certified
    assert at_optimum(fit) == pytest.approx([1, 1], rel=1e-4)
    exact = fit_em(form, "squarem", max_iter=1000)
    assert form.pve(fit.theta.ratio) < 0.11 < form.pve(exact.theta.ratio)
