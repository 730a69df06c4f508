"""Second pass over the random effects: imputed, centred or standardised, written in blocks."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress, pairwise
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mixedmodel.errors import UserError
from mixedmodel.model.cost import width
from mixedmodel.model.progress import told
from mixedmodel.store.names import Names
from mixedmodel.store.parts import Label, part_path, part_writer
from mixedmodel.store.roles import shown
from mixedmodel.store.scan import Scan
from mixedmodel.store.spill import Aside

logger = logging.getLogger(__name__)

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]

Standardize = bool | Literal["center"]


@dataclass(frozen=True)
class Scaling:
    """What turns the columns X into (X - shift) / scale, and which of them stay."""

    filling: Vector  # (p,) what stands for missing values of X
    shift: Vector  # (p,)
    scale: Vector  # (p,)
    kept: Flags  # (p,)


def part_widths(p: int) -> list[int]:
    """Divide p columns into blocks, one a file."""
    return [min(width(p), p - start) for start in range(0, p, width(p))]


def find_scaling(
    source: Path, names: Names, aside: Aside, scan: Scan, *, standardize: Standardize
) -> Scaling:
    """Find how the random effects are to be written, from the rows of the fit.

    Constant columns are warned of, and left out by ``standardize``, which gives the
    others mean 0 and, if it is true, variance 1/p. Raises UserError when none is left.
    """
    p = len(names.random)
    mean, constant = scan.columns.mean[-p:], scan.columns.constant[-p:]
    _warn_of_constant(source, tuple(compress(names.random, constant)), standardize)
    if not standardize:
        return Scaling(mean, np.zeros(p), np.ones(p), np.ones(p, bool))
    if constant.all():
        option = "center" if standardize == "center" else "true"
        raise UserError(
            f"{source}: all {p} random-effect columns are constant, so `standardize: {option}` "
            "leaves none; expected columns that vary: check `random`"
        )
    centre, deviation = _moments(aside, scan, mean, ~constant)
    scale = np.ones(p) if standardize == "center" else deviation * np.sqrt((~constant).sum())
    return Scaling(mean, centre, scale, ~constant)


def _warn_of_constant(source: Path, constant: tuple[str, ...], standardize: Standardize) -> None:
    if constant:
        logger.warning(
            "%s: %d random-effect columns are constant and say nothing about the response: %s%s",
            source,
            len(constant),
            shown(constant),
            "; left out by `standardize`" if standardize else "",
        )


def _moments(aside: Aside, scan: Scan, mean: Vector, kept: Flags) -> tuple[Vector, Vector]:
    """Find means and standard deviations (p,) of the columns kept, once imputed.

    Sums run over u = (x - mean) / range, so that neither a large offset nor a large or
    small scale costs accuracy.
    """
    p = kept.size
    spread = np.where(kept, scan.columns.high[-p:] - scan.columns.low[-p:], 1.0)
    u_sum, u_squares = np.zeros(p), np.zeros(p)
    for group, columns in _groups(aside):
        for chunk in aside.chunks(group):
            u = (_filled(chunk, mean[columns]) - mean[columns]) / spread[columns]
            u_sum[columns] += u.sum(axis=0)
            u_squares[columns] += np.einsum("ij,ij->j", u, u)
    variance = np.where(kept, (u_squares - u_sum**2 / scan.n) / scan.n, 1.0)
    return mean + spread * u_sum / scan.n, spread * np.sqrt(variance)


def write_random(
    directory: Path, names: Names, aside: Aside, scaling: Scaling, imported: str
) -> None:
    """Write the random effects set ``aside`` as blocks of columns of the import ``imported``.

    One file a group, numbered without gaps; a group without columns has none.
    """
    groups = list(_groups(aside))
    parts, part = sum(bool(scaling.kept[columns].any()) for _, columns in groups), 0
    for group, columns in told(groups, "writing the random effects", len(groups), "parts"):
        kept = scaling.kept[columns]
        if kept.any():
            part += 1
            chosen = list(compress(names.random[columns], kept))
            label = Label(part, parts, imported)
            with part_writer(part_path(directory, part), chosen, label) as writer:
                for chunk in aside.chunks(group):
                    X = _filled(chunk, scaling.filling[columns])
                    X = (X - scaling.shift[columns]) / scaling.scale[columns]
                    writer.write(X[:, kept])
        aside.discard(group)


def _groups(aside: Aside) -> Iterator[tuple[int, slice]]:
    """Name the groups of random effects with their columns among the p."""
    edges = np.cumsum((0, *aside.widths[1:])).tolist()
    for group, (start, stop) in enumerate(pairwise(edges), start=1):
        yield group, slice(start, stop)


def _filled(chunk: Matrix, mean: Vector) -> Matrix:
    """Put the means where values are missing."""
    absent = np.isnan(chunk)
    return np.where(absent, mean, chunk) if absent.any() else chunk
