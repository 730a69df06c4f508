"""What an approximate posterior takes off the log-likelihood: a penalty on the variance ratio.

The objective of a method, at its best q(beta), is l - g with g a function of the ratio
q = sigma_beta2 / sigma_e2 and of X alone (`docs/model.md`, sections 12 and 13). The exact posterior
takes nothing. Independent coefficients take

    g(q) = 1/2 [sum_j log(1 + q d_j) - sum_i log(1 + q lambda_i)] >= 0
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mixedmodel.model.spectral import SpectralForm
from mixedmodel.model.spectrum import Spectrum


class Penalty(Hashable, Protocol):
    """A penalty g(q) >= 0 (nats), the same for the same form and ratio."""

    def value(self, form: SpectralForm, ratio: float) -> float:
        """Return g(q)."""

    def derivatives(self, form: SpectralForm, ratio: float) -> tuple[float, float]:
        """Return g'(q) and g''(q)."""


@dataclass(frozen=True)
class NoPenalty:
    """That of the exact posterior."""

    def value(self, form: SpectralForm, ratio: float) -> float:
        """Return 0."""
        return 0.0

    def derivatives(self, form: SpectralForm, ratio: float) -> tuple[float, float]:
        """Return 0 twice."""
        return 0.0, 0.0


@dataclass(frozen=True)
class Factorisation:
    """That of independent coefficients."""

    def value(self, form: SpectralForm, ratio: float) -> float:
        """Return g(q)."""
        diagonal, spectrum = log_dets(form, ratio)
        return diagonal - spectrum

    def derivatives(self, form: SpectralForm, ratio: float) -> tuple[float, float]:
        """Return g'(q) and g''(q)."""
        diagonal, spectrum = Spectrum.of(form.col_norms2, 0), form.spectrum
        first, second = (
            diagonal.power_sum(ratio, k) - spectrum.power_sum(ratio, k) for k in (1, 2)
        )
        return 0.5 * first, -0.5 * second


NONE, MEAN_FIELD = NoPenalty(), Factorisation()


def log_dets(form: SpectralForm, ratio: float) -> tuple[float, float]:
    """Return 1/2 sum log(1 + q d_j) and 1/2 sum log(1 + q lambda_i) (nats)."""
    diagonal = float(np.log1p(ratio * form.col_norms2).sum())
    return 0.5 * diagonal, 0.5 * form.spectrum.log_det_ratio(ratio)
