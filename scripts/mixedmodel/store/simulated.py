"""A simulated table as the text a user would bring, with its truth beside it."""

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from mixedmodel.model.results import Simulation
from mixedmodel.model.simulate import Simulated
from mixedmodel.store.files import whole_file
from mixedmodel.store.results import write_result
from mixedmodel.store.schemas import SIMULATED_EFFECTS, write_frame

ROWS = csv.WriteOptions(include_header=False, delimiter="\t", quoting_style="none")


def write_simulated(
    drawn: Simulated, *, text: str | Path, truth: str | Path, effects: str | Path
) -> None:
    """Write the table (tabs, header ``y Z.1 .. X.1 ..``, exact doubles) and its truth."""
    fixed, random = _names("Z", drawn.Z.shape[1]), _names("X", drawn.X.shape[1])
    names = ["y", *fixed, *random]
    columns = [pa.array(column) for column in (drawn.y, *drawn.Z.T, *drawn.X.T)]
    with whole_file(text) as partial, partial.open("wb") as file:
        file.write(("\t".join(names) + "\n").encode())
        csv.write_csv(pa.table(columns, names=names), file, ROWS)
    write_frame(effects, SIMULATED_EFFECTS, {"name": random, "beta": drawn.beta})
    theta = drawn.theta
    known = Simulation(
        sigma_beta2=theta.sigma_beta2,
        sigma_e2=theta.sigma_e2,
        pve=theta.sigma_beta2 / (theta.sigma_beta2 + theta.sigma_e2),
        omega=dict(zip(fixed, theta.w.tolist(), strict=True)),
    )
    write_result(truth, known)


def _names(prefix: str, count: int) -> list[str]:
    return [f"{prefix}.{k}" for k in np.arange(1, count + 1)]
