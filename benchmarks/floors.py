"""What BLAS, LAPACK and a parser take for the bare operations: below this nothing can go."""

import numpy as np
from scipy import linalg
from scipy.linalg.blas import dsyrk

from benchmarks.ours import MAX_ITER, read_form
from benchmarks.outcome import Outcome, Work
from benchmarks.table import Table
from mixedmodel.model.design import Design
from mixedmodel.model.mfvi import Sweeps, fit_mfvi

PIECE = 1 << 26  # bytes parsed at a time; the parser's own choice is three times slower here


def decomposition(table: Table) -> Work:
    """Square the smaller side of X and decompose that."""
    X = table.X
    tall = X.shape[0] > X.shape[1]

    def work() -> Outcome:
        square = dsyrk(1.0, X, trans=tall, lower=1)
        linalg.eigh(square, overwrite_a=True, check_finite=False)
        return Outcome("symmetric product and eigh of the smaller side")

    return work


def sweeps(table: Table) -> Work:
    """Multiply by X' and by X as often as our fit sweeps over X."""
    X, y = table.X, table.y
    prepared = Sweeps.prepare(read_form(table), table.Z, Design.of(X))
    count = int(fit_mfvi(prepared, "squarem", max_iter=MAX_ITER)[0].trace.map_evaluations[-1])

    def work() -> Outcome:
        for _ in range(count):
            X @ (y @ X)
        return Outcome(f"{count} pairs of products with a vector")

    return work


def effects(table: Table) -> Work:
    """Multiply X by all eigenvectors, once."""
    X, form = table.X, read_form(table)
    U = np.asfortranarray(form.U[:, : form.rank])

    def work() -> Outcome:
        return Outcome(f"one product, {(U.T @ X).shape[0]:,} x {X.shape[1]:,}")

    return work


def parser(table: Table) -> Work:
    """Parse the text into columns in memory, unchecked."""
    from pyarrow import csv

    tabs, pieces = csv.ParseOptions(delimiter="\t"), csv.ReadOptions(block_size=PIECE)

    def work() -> Outcome:
        found = csv.read_csv(table.text, parse_options=tabs, read_options=pieces)
        return Outcome(f"{found.num_columns:,} columns in memory, nothing written")

    return work
