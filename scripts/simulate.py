"""Simulate a table of the model and write it as the text that a user would bring."""

from typing import TYPE_CHECKING

import numpy as np

from mixedmodel.job import running
from mixedmodel.model.simulate import simulate
from mixedmodel.store.simulated import write_simulated

if TYPE_CHECKING:
    from snakemake.script import snakemake

if __name__ == "__main__":
    with running(snakemake.log[0]):
        size = snakemake.params
        drawn = simulate(
            np.random.default_rng(size.seed), n=size.n, c=size.fixed, p=size.random, pve=size.pve
        )
        output = snakemake.output
        write_simulated(drawn, text=output.text, truth=output.truth, effects=output.effects)
