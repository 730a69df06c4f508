"""Decompose X of an imported table once: the spectral form that both fits share."""

from typing import TYPE_CHECKING

import numpy as np

from mixedmodel.errors import UserError
from mixedmodel.job import running
from mixedmodel.model.contrasts import counted_rows
from mixedmodel.model.spectral import decompose
from mixedmodel.store.form import write_form
from mixedmodel.store.schemas import SPECTRUM, write_frame
from mixedmodel.store.table import read_fixed, read_random

if TYPE_CHECKING:
    from snakemake.script import snakemake

NOISE_FREE = (
    "the response {response!r} is reproduced exactly by the fixed and random columns in all {n} "
    "rows: there is no noise to estimate and the likelihood has no maximum. A response measured "
    "with error is needed; is it computed from these columns?"
)

if __name__ == "__main__":
    with running(snakemake.log[0]):
        fixed, random = read_fixed(snakemake.input.fixed), read_random(snakemake.input.random)
        rows = counted_rows(snakemake.params.likelihood, fixed.y, fixed.Z, random.X)
        mean_diagonal = float(np.vdot(random.X, random.X)) / len(fixed.y)
        form = decompose(rows.y, rows.Z, rows.X, mean_diagonal=mean_diagonal)
        if form.is_noise_free:
            raise UserError(NOISE_FREE.format(response=fixed.response, n=form.n))
        eigvals = np.zeros(min(form.n, form.p))
        eigvals[: form.rank] = form.eigvals[: form.rank]
        write_form(snakemake.output.form, form)
        index = np.arange(1, len(eigvals) + 1)
        write_frame(snakemake.output.spectrum, SPECTRUM, {"index": index, "eigenvalue": eigvals})
