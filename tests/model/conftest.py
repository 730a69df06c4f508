"""A table, its spectral form and parameters to evaluate both at."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from mixedmodel.model import cost
from mixedmodel.model.design import Design
from mixedmodel.model.spectral import SpectralForm, decompose
from mixedmodel.model.types import Theta
from oracles import Array, Table
from small_tables import TABLES


@pytest.fixture(autouse=True, scope="module")
def narrow_blocks() -> Iterator[None]:
    """Have small tables in several blocks of columns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cost, "WIDTH", 16)
        yield


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
