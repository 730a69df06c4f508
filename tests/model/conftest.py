"""A table, its spectral form and parameters to evaluate both at."""

from dataclasses import dataclass

import numpy as np
import pytest

from mixedmodel.model.design import Design
from mixedmodel.model.spectral import SpectralForm, decompose
from mixedmodel.model.types import Theta
from oracles import Array, Table
from small_tables import TABLES


@dataclass(frozen=True)
class Case:
    """A table with its form and arbitrary parameters in its own units: omega, sb, se."""

    table: Table
    form: SpectralForm
    omega: Array
    sb: float
    se: float

    @property
    def theta(self) -> Theta:
        return Theta(self.form.from_omega(self.omega), self.sb, self.se)

    @property
    def parameters(self) -> tuple[Array, float, float]:
        return self.omega, self.sb, self.se


@pytest.fixture(params=TABLES)
def case(request: pytest.FixtureRequest) -> Case:
    table = TABLES[request.param]
    form = decompose(table.y, table.Z, Design.of(table.X))
    rng = np.random.default_rng(99)
    spread = np.linalg.norm(table.y) / np.linalg.norm(table.Z, axis=0)
    omega = rng.standard_normal(table.Z.shape[1]) * spread
    variance = float(table.y @ table.y) / len(table.y)
    return Case(table, form, omega, 0.7 * variance / form.mean_diagonal, 0.4 * variance)
