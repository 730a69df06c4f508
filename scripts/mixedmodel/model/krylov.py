"""The Krylov spectral form: for n too large for an n x n matrix.

Every likelihood of y = Z w + X beta + e needs two things of K = X X': B'f(K)B for B = [Z y], and
tr f(K). The first comes from block Lanczos from B, the second from random probes; both need
products with X and X' only, and go over X together (`docs/model.md`, section 23). Steps are taken
until equations in I + q K are solved, probes until what they leave to chance is as small as asked.
"""

import logging
import math
from dataclasses import replace

import numpy as np
from scipy import linalg

from mixedmodel.errors import UserError
from mixedmodel.model.certificate import optimum
from mixedmodel.model.design import Design
from mixedmodel.model.lanczos import BlockLanczos, ProbeLanczos, independent
from mixedmodel.model.monte_carlo import largest_share
from mixedmodel.model.penalty import NONE
from mixedmodel.model.projection import orthonormal, without
from mixedmodel.model.sampled import Sampled
from mixedmodel.model.singular import empty_directions
from mixedmodel.model.spectral import Decomposition, SpectralForm, free_norm2
from mixedmodel.model.types import SOLVED, Array
from mixedmodel.model.uncertainty import pve_interval

logger = logging.getLogger(__name__)

SEED = 20_250_611  # of the probes, so that the same table has the same ones
FEW, MOST = 32, 512  # probes to begin with, and at most; no more directions are all taken
BATCH = 16  # probes come in multiples of it
CHECKS = (10, 15, 20, 25, 30, 35, 40, 50, 60, 70, 80, 100, 120, 140, 160)  # steps before a look
BACK = 3  # steps; what the last few have changed is how far sums are off
OF_TRACES = 0.01  # nats by which steps of the probes may be off, a unit of tolerance
FARTHEST_PVE = 0.99  # equations are solved up to the end of PVE's interval, or up to here
ROUNDING = 1e-13  # of the largest node; less is 0
DEPENDENT = 1e-8  # of a response's length beside the fixed effects and the other responses
UNEVEN = 1e8  # squared length of the longest column over the median; 8 digits are left of this
FAR_APART = (
    "the longest random-effect column has {:.1e} times the median squared length: products with all"
    " columns lose what the others hold; expected at most {:.0e} for the Krylov form: set "
    "`standardize: true`, or `spectral.method: exact`"
)
INEXACT = (
    "the Krylov form has not settled after %d products with X X': equations are solved to %.1e, "
    "traces are known to %.1e nats; %.0e and %.1e are needed. PVE may be close to 1, or the "
    "columns of X of lengths far apart, which `standardize: true` mends; or set `spectral.method: "
    "exact`"
)
CHANCY = (
    "%d random probes leave %.2f of the standard error of PVE to chance, more than "
    "`spectral.tolerance: %g`, and no more are drawn; raise it, or set `spectral.method: exact`"
)
TOLD = (
    "spectral form: Krylov, %d products with X X' from %d vectors and %d with %d random probes, "
    "which leave %.3f of the standard error of PVE to chance"
)


def decompose_krylov(X: Design, Z: Array, Y: Array, *, tolerance: float) -> Decomposition:
    """Find the Krylov form of X (n, p) beside Z (n, c) for the responses Y (n, r), if any.

    ``tolerance`` is the Monte-Carlo error of PVE to be had, as a share of its standard error.

    Raises UserError where the columns' lengths are so far apart that products lose the short ones.
    """
    known = X.norms2[X.norms2 > 0]
    if known.size and known.max() > UNEVEN * np.median(known):
        raise UserError(FAR_APART.format(known.max() / np.median(known), UNEVEN))
    work = _Work(X, Z, Y, tolerance)
    found = _stepped(work)
    share = largest_share(_forms(found, Z, Y))
    while share > tolerance and len(work.probes.sizes) < MOST and not work.is_complete:
        wanted = 1.1 * len(work.probes.sizes) * min((share / tolerance) ** 2, MOST)
        work.draw(BATCH * math.ceil(wanted / BATCH))
        found = replace(found, sampled=work.sampled())
        share = largest_share(_forms(found, Z, Y))
    if share > tolerance:
        logger.warning(CHANCY, len(work.probes.sizes), share, tolerance)
    told = work.block.steps, work.width, work.probes.steps, len(work.probes.sizes), share
    logger.info(TOLD, *told, extra={"terminal": True})
    return found


def _stepped(work: "_Work") -> Decomposition:
    """Take steps until equations are solved and traces don't change."""
    for steps in CHECKS:
        work.advance(steps)
        found = work.decomposition()
        ratio = _farthest_ratio(_forms(found, work.Z, work.Y), found)
        work.look(ratio)
        if work.is_solved and work.has_traces:
            break
    else:
        reached, needed = (work.residual, work.off), (SOLVED, OF_TRACES * work.tolerance)
        logger.warning(INEXACT, steps, *reached, *needed)
    return replace(found, sampled=work.sampled())


def _forms(found: Decomposition, Z: Array, Y: Array) -> list[SpectralForm]:
    return [found.rotate(y, Z) for y in Y.T]


def _farthest_ratio(forms: list[SpectralForm], found: Decomposition) -> float:
    """Return the largest ratio at which the form has to be right."""
    unit = found.mean_diagonal or 1.0
    if not forms:
        return 1 / unit
    ends = [0.0]
    for form in forms:
        best = optimum(form, NONE)
        high = 1.0 if best.unbounded or best.noise_boundary else pve_interval(form)[1]
        ends.append(max(form.ratio(min(high, FARTHEST_PVE)), _inner_ratio(form)))
    return max(ends)


def _inner_ratio(form: SpectralForm) -> float:
    best = optimum(form, NONE)
    return 0.0 if best.unbounded or best.noise_boundary else best.theta.ratio


class _Work:
    """A Krylov form being made: its Lanczos vectors and its probes.

    Where X is wide they are vectors of rows, and begin with y and Z; where it is tall they are of
    columns, and begin with X'y and X'Z. MKM and X'MX have the same eigenvalues but for zeros.
    """

    def __init__(self, X: Design, Z: Array, Y: Array, tolerance: float) -> None:
        self.X, self.Z, self.Y, self.tolerance = X, Z, Y, tolerance
        self.Q, _ = orthonormal(Z)
        self.trace = free_norm2(X, Z)
        self.free = X.n - Z.shape[1]  # directions orthogonal to Z
        self.by_rows = self.free <= X.p
        start = np.column_stack([self.Q, _directions(without(self.Q, Y))])
        if not self.by_rows:
            start = _directions(X.tdot(start))
        self.block, self.width = BlockLanczos(start, CHECKS[-1]), start.shape[1]
        self.rng = np.random.default_rng(SEED)
        self.is_complete, self.is_solved, self.has_traces = False, False, False
        self.residual, self.off = float(self.width > 0), np.inf
        few = FEW if self._dimension > MOST else self._dimension
        self.probes = ProbeLanczos(self._drawn(few))

    def advance(self, steps: int) -> None:
        """Go on to so many steps, with what is not finished yet."""
        while True:
            stepping = not self.is_solved and not self.block.is_over and self.block.steps < steps
            probing = not self.has_traces and self.probes.steps < steps
            if not stepping and not probing:
                return
            V, probes = self.block.current, self.probes.current
            KV, turned = self._products(
                V[:, : None if stepping else 0], probes if probing else probes[:, :0]
            )
            if stepping:
                self.block.extend(KV)
            if probing:
                self.probes.extend(turned)

    def look(self, ratio: float) -> None:
        """See whether equations in I + q K are solved at ``ratio``, and what traces still do."""
        self.residual = _residual(self.block, ratio, self.width)
        self.is_solved = self.residual <= SOLVED
        now, before = (
            float(np.sum(weights * np.log1p(ratio * np.maximum(nodes, 0.0))))
            for nodes, weights in map(
                self.probes.quadrature, (self.probes.steps, self.probes.steps - BACK)
            )
        )
        self.off = 0.5 * abs(now - before) * self._size / float(self.probes.sizes.sum())
        self.has_traces = self.off <= OF_TRACES * self.tolerance

    def draw(self, number: int) -> None:
        """Have ``number`` probes in all."""
        fresh = ProbeLanczos(self._drawn(min(number, MOST) - len(self.probes.sizes)))
        for _ in range(self.probes.steps):
            fresh.extend(self._products(fresh.current[:, :0], fresh.current)[1])
        self.probes = self.probes.beside(fresh)

    def sampled(self) -> Sampled:
        """Return what the probes say so far."""
        nodes, weights = self.probes.quadrature(self.probes.steps)
        return Sampled(
            nodes=np.where(nodes > ROUNDING * nodes.max(initial=0.0), nodes, 0.0),
            weights=weights * (self._size / float(self.probes.sizes.sum())),
            n_null=0 if self.by_rows else self.free - self.X.p,
            trace=self.trace,
            complete=self.is_complete,
            vectors=self.width,
            steps=self.block.steps,
            trace_steps=self.probes.steps,
            residual=self.residual,
            tolerance=self.tolerance,
        )

    def decomposition(self) -> Decomposition:
        """Return the form as far as it has come."""
        eigvals, U = self._ritz_pairs()
        found = Decomposition(
            n=self.X.n,
            p=self.X.p,
            rank=len(eigvals),
            eigvals=eigvals,
            U=U,
            col_norms2=self.X.norms2,
            mean_diagonal=self.trace / self.free,
            sampled=self.sampled(),
        )
        small = found.spoilt
        small[small] = empty_directions(self.X, U[:, small])
        return found.without(small)

    def _ritz_pairs(self) -> tuple[Array, Array]:
        """Return Ritz values (N,), the largest first, and vectors of rows (n, N)."""
        if not self.width:
            return np.empty(0), np.empty((self.X.n, 0))
        eigvals, vectors = linalg.eigh(self.block.T)
        eigvals, U = np.maximum(eigvals[::-1], 0.0), (vectors[:, ::-1].T @ self.block.V.T).T
        if self.by_rows:
            return eigvals, U
        seen = eigvals > ROUNDING * eigvals[0]
        return eigvals[seen], np.asfortranarray(self.X.dot(U[:, seen]) / np.sqrt(eigvals[seen]))

    @property
    def _dimension(self) -> int:
        """Of the vectors."""
        return self.X.n if self.by_rows else self.X.p

    @property
    def _size(self) -> int:
        """How many eigenvalues the probes look at."""
        return self.free if self.by_rows else self.X.p

    def _drawn(self, number: int) -> Array:
        """Draw probes of +-1, or take the unit vectors where that is all of them."""
        self.is_complete = number >= self._dimension
        if self.is_complete:
            found = np.asarray(np.eye(self._dimension), float)
        else:
            bits = self.rng.integers(0, 2, (self._dimension, number), dtype=np.int8)
            found = 2.0 * bits - 1.0
        return without(self.Q, found) if self.by_rows else found

    def _products(self, V: Array, probes: Array) -> tuple[Array, Array]:
        """Return K V and MKM probes in one pass over X, or X'X V and X'MX probes in two."""
        both, k = np.column_stack([V, probes]), V.shape[1]
        if self.by_rows:
            both = self.X.kernel(both)
            return both[:, :k], without(self.Q, both[:, k:])
        both = self.X.dot(both)
        both[:, k:] = without(self.Q, both[:, k:])
        turned = self.X.tdot(both)
        return turned[:, :k], turned[:, k:]


def _directions(columns: Array) -> Array:
    """Return an orthonormal basis of columns (n, k), whatever their lengths."""
    lengths = np.linalg.norm(columns, axis=0)
    known = lengths > ROUNDING * lengths.max(initial=0.0)
    return independent(columns[:, known] / lengths[known], DEPENDENT)[0]


def _residual(block: BlockLanczos, ratio: float, width: int) -> float:
    """Return the largest residual of (I + q A) x = b over the ``width`` unit vectors begun with.

    In the basis V the solution is V (I + q T)^-1 e, and A V leaves it by the coupling alone.
    """
    if not width or block.is_over:
        return 0.0
    system = ratio * block.T
    system.ravel()[:: len(system) + 1] += 1
    solution = linalg.solve(system, np.eye(len(system), width), assume_a="pos")
    left = ratio * block.coupling @ solution[-block.coupling.shape[1] :]
    return float(np.linalg.norm(left, axis=0).max())
