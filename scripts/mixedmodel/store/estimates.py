"""A fit as files: estimates.json, trace.parquet and effects.parquet."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mixedmodel.model.estimates import estimates
from mixedmodel.model.inference import Inference
from mixedmodel.model.method import Fit
from mixedmodel.model.types import Effects, Likelihood
from mixedmodel.store.effects import write_effects
from mixedmodel.store.prepared import Prepared
from mixedmodel.store.results import write_result
from mixedmodel.store.schemas import TRACE_EM, TRACE_MFVI, write_frame


@dataclass(frozen=True)
class FitFiles:
    """Where a fit goes; without ``effects`` other jobs find its posterior."""

    estimates: str
    trace: str
    effects: str | None

    def write(
        self,
        fits: list[Fit],
        data: Prepared,
        effects: Effects,
        inference: Inference,
        *,
        likelihood: Likelihood,
    ) -> None:
        """Write the first of ``fits`` with its posterior, and the traces of all."""
        if self.effects:
            write_effects(self.effects, data.table.X.names, effects)
        write_traces(self.trace, fits)
        found = estimates(
            fits,
            data.form,
            inference,
            likelihood=likelihood,
            X=data.table.X,
            names=data.fixed.names,
        )
        write_result(self.estimates, found)


def write_traces(path: str | Path, fits: list[Fit]) -> None:
    """Write the traces of all schemes one below the other."""
    traces = [fit.trace for fit in fits]
    columns: dict[str, Any] = {
        "scheme": [trace.scheme for trace in traces for _ in trace.loglik],
        "iteration": np.concatenate([np.arange(len(trace.loglik)) for trace in traces]),
        "map_evaluations": np.concatenate([trace.map_evaluations for trace in traces]),
        "loglik": np.concatenate([trace.loglik for trace in traces]),
    }
    exact = fits[0].method.is_exact
    if fits[0].e_step:
        columns["e_step"] = [fit.e_step for fit in fits for _ in fit.trace.loglik]
    if not exact:
        columns["elbo"] = np.concatenate([trace.objective for trace in traces])
        columns["gap"] = columns["loglik"] - columns["elbo"]
    columns["sigma_beta2"] = np.concatenate([trace.sigma_beta2 for trace in traces])
    columns["sigma_e2"] = np.concatenate([trace.sigma_e2 for trace in traces])
    write_frame(path, TRACE_EM if exact else TRACE_MFVI, columns)
