"""What random probes say of the eigenvalues of MKM, the random effects free of the fixed ones.

Each probe z gives a Gauss quadrature of z'f(MKM)z, nodes with weights, and their average that of
tr f(MKM). The probes are weighted so that tr(MKM), which is known, comes out exactly; what is left
to chance is what f has beside a straight line (`docs/model.md`, section 23).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize, special

from mixedmodel.model.spectrum import Spectrum
from mixedmodel.model.types import Array

ALIKE = 1e-12  # of the mean eigenvalue; probes that see means closer than this see the same
FARTHEST = 30.0  # standard deviations by which probes may be weighted


@dataclass(frozen=True, eq=False)
class Sampled:
    """Quadratures of single probes.

    nodes, weights   (S, m) of each probe; all weights add up to the size of MKM
    n_null           further eigenvalues of MKM, which are 0
    trace            tr(MKM), exactly
    complete         whether the probes are all directions, so that nothing is left to chance
    vectors          how many the quadratic part began with
    steps, trace_steps  products with K that the quadratic part and the probes took
    residual         largest relative residual of equations in I + q K
    tolerance        Monte-Carlo error of PVE asked for, a share of its standard error
    """

    nodes: Array
    weights: Array
    n_null: int
    trace: float
    complete: bool
    vectors: int
    steps: int
    trace_steps: int
    residual: float
    tolerance: float

    @property
    def holds_all(self) -> bool:
        """Whether the Ritz vectors hold all of y and Z: those of a wide X begin with them."""
        return self.n_null == 0

    @property
    def probes(self) -> int:
        """How many probes there are."""
        return len(self.nodes)

    @cached_property
    def free(self) -> Spectrum:
        """The eigenvalues of MKM."""
        weights = (self.weights * self._emphasis[:, None]).ravel()
        kept = weights > 0
        return Spectrum(self.nodes.ravel()[kept], weights[kept], self.n_null)

    def listed(self) -> Array:
        """Return as many eigenvalues as the weights stand for, the largest first: an estimate.

        Of each probe, the line through its nodes at the middle of their weights; their average.
        """
        number = round(float(self.weights.sum()))
        places = (np.arange(number) + 0.5) / number
        shares = self.weights[:, ::-1] / self._sizes[:, None]
        middles = np.cumsum(shares, axis=1) - 0.5 * shares
        lines = zip(middles, self.nodes[:, ::-1], strict=True)
        return np.asarray(np.mean([np.interp(places, *line) for line in lines], axis=0))

    def standard_error(self, values: Array) -> float:
        """Return that of tr f(MKM) over draws of the probes, f (S, m) at the nodes."""
        S = self.probes
        if self.complete or S < 3:
            return 0.0 if self.complete else float("inf")
        found = S * np.sum(self.weights * values, axis=1)
        mean, found = self._means - self._means.mean(), found - found.mean()
        spread = float(mean @ mean)
        if spread > 0:
            found = found - mean * (float(mean @ found) / spread)
        return float(np.sqrt(found @ found / (S * (S - 2))))

    @property
    def _sizes(self) -> Array:
        return np.asarray(self.weights.sum(axis=1))

    @property
    def _means(self) -> Array:
        """Mean eigenvalue (S,) that each probe sees."""
        return np.asarray(np.sum(self.weights * self.nodes, axis=1) / self._sizes)

    @cached_property
    def _emphasis(self) -> Array:
        """Factors (S,) of the probes' weights with which tr(MKM) is exact, as near 1 as can be.

        They are proportional to exp(a t_b), t_b the mean eigenvalue that probe b sees.
        """
        sizes, means = self._sizes, self._means
        target, spread = self.trace / float(sizes.sum()), float(means.std())
        inside = means.min() < target < means.max()
        if self.complete or not inside or spread <= ALIKE * target:
            return np.ones(self.probes)
        scaled = (means - target) / spread

        def emphasis(a: float) -> Array:
            return np.asarray(special.softmax(np.log(sizes) + a * scaled))

        def excess(a: float) -> float:
            return float(emphasis(a) @ scaled)

        if excess(-FARTHEST) >= 0 or excess(FARTHEST) <= 0:
            return np.ones(self.probes)
        a = optimize.brentq(excess, -FARTHEST, FARTHEST, xtol=1e-14, rtol=1e-14)
        return emphasis(a) * float(sizes.sum()) / sizes
