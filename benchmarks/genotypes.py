"""A table of genotypes with linkage, made in blocks of columns: X is never there as a whole.

A genotype is the sum of two haplotypes; each is a Gaussian series along the columns, in which
neighbours are correlated, cut at the frequency of the allele. The response is made of the same
blocks: y = age / 2 + X beta + e, with X as the import standardises it, to mean 0 and variance 1/p.
The genotypes lie on disk column by column, one byte each, and go from there into a text or Parquet.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyarrow import csv
from scipy.signal import lfilter
from scipy.stats import norm

from mixedmodel.model.types import Array
from mixedmodel.store.files import whole_file

Genotypes = NDArray[np.int8]

LINKAGE = 0.9  # correlation of the Gaussian series between neighbours
FREQUENCIES = (0.1, 0.5)  # of the alleles
CELLS = 1 << 24  # genotypes in a block
TEXT_CELLS = 1 << 24  # genotypes of a piece of the text
ROW_GROUP = 1 << 14  # rows of a row group of Parquet
TABS = csv.WriteOptions(include_header=False, delimiter="\t", quoting_style="none")


@dataclass(frozen=True)
class Drawn:
    """A drawn table: y (n,), age (n,) and, on disk, the genotypes (p, n)."""

    y: Array
    age: Array
    genotypes: Genotypes

    @property
    def names(self) -> list[str]:
        """Return the names of the columns."""
        return ["y", "age", *(f"snp.{j}" for j in np.arange(1, len(self.genotypes) + 1))]

    def columns(self, rows: slice) -> list[pa.Array]:
        """Return some rows by columns; a column of all rows isn't copied."""
        numbers = (self.y[rows], self.age[rows])
        return [*map(pa.array, numbers), *(pa.array(column[rows]) for column in self.genotypes)]


@contextmanager
def drawn_table(folder: Path, n: int, p: int, *, pve: float, seed: int = 1) -> Iterator[Drawn]:
    """Draw a table; its genotypes are in ``folder`` while the body runs."""
    rng = np.random.default_rng(seed)
    age, random = rng.standard_normal(n), np.zeros(n)
    with NamedTemporaryFile(dir=folder) as file:
        for block in blocks(rng, n, p):
            file.write(block.tobytes())
            beta = rng.standard_normal(len(block)) * np.sqrt(pve / p)
            random += standardized(block).T @ beta
        file.flush()
        y = age / 2 + random + rng.standard_normal(n) * np.sqrt(1 - pve)
        yield Drawn(y, age, np.asarray(np.memmap(file.name, np.int8, "r", shape=(p, n))))


def blocks(rng: np.random.Generator, n: int, p: int) -> Iterator[Genotypes]:
    """Draw the genotypes block by block (columns, n), each going on where the last one ended."""
    width = max(1, CELLS // n)
    fresh = np.float32(np.sqrt(1 - LINKAGE**2))
    past = np.array([1, -LINKAGE], np.float32)
    last = rng.standard_normal((2, 1, n), np.float32)
    for start in range(0, p, width):
        count = min(width, p - start)
        noise = fresh * rng.standard_normal((2, count, n), np.float32)
        series, _ = lfilter(past[:1], past, noise, axis=1, zi=np.float32(LINKAGE) * last)
        last = series[:, -1:]
        edges = norm.ppf(rng.uniform(*FREQUENCIES, count)).astype(np.float32)
        yield np.sum(series < edges[:, None], axis=0, dtype=np.int8)


def standardized(block: Genotypes) -> NDArray[np.float32]:
    """Return genotypes (columns, n) with mean 0 and variance 1 in each column, constant ones 0."""
    centred = block - block.mean(axis=1, dtype=np.float32, keepdims=True)
    deviations = np.sqrt(np.mean(np.square(centred), axis=1, keepdims=True))
    return np.asarray(centred / np.where(deviations > 0, deviations, 1), np.float32)


def write_text(drawn: Drawn, path: Path) -> None:
    """Write the table as text, some rows at a time."""
    rows = max(1, TEXT_CELLS // len(drawn.genotypes))
    with whole_file(path) as partial, partial.open("wb") as file:
        file.write(("\t".join(drawn.names) + "\n").encode())
        for start in range(0, len(drawn.y), rows):
            piece = drawn.columns(slice(start, start + rows))
            csv.write_csv(pa.record_batch(piece, names=drawn.names), file, TABS)


def write_parquet(drawn: Drawn, path: Path) -> None:
    """Write the table as Parquet."""
    table = pa.table(drawn.columns(slice(None)), names=drawn.names)
    with whole_file(path) as partial:
        pq.write_table(table, partial, row_group_size=ROW_GROUP, write_statistics=False)
