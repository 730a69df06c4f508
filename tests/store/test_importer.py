import bz2
import gzip
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import mixedmodel
from mixedmodel.errors import UserError
from mixedmodel.model import cost
from mixedmodel.store import sources, spill
from mixedmodel.store.files import read_json
from mixedmodel.store.importer import TableFiles, Wanted, import_table
from mixedmodel.store.parts import read_random
from mixedmodel.store.table import read_fixed

Write = Callable[..., Path]
Load = Callable[..., Any]

NUMBERS = np.random.default_rng(1).normal(size=(9, 4))
HEADER = ["y", "Z.1", "X.1", "X.2"]


def as_text(values: np.ndarray, separator: str = "\t", names: list[str] = HEADER) -> str:
    rows = [names, *(map(repr, row) for row in values.tolist())]
    return "".join(separator.join(row) + "\n" for row in rows)


def with_row_names(text: str, corner: str) -> str:
    header, *rows = text.splitlines()
    named = [f'"row {i}"\t{row}' for i, row in enumerate(rows)]
    return "\n".join([corner + header, *named]) + "\n"


FORMATS = {
    "tab": as_text(NUMBERS),
    "comma": as_text(NUMBERS, ","),
    "comma and blank": as_text(NUMBERS, ", "),
    "semicolon": as_text(NUMBERS, ";"),
    "blank": as_text(NUMBERS, " "),
    "aligned": "".join(
        "".join(f"{cell:>26}" for cell in line.split("\t")) + "\n"
        for line in as_text(NUMBERS).splitlines()
    ),
    "quoted names": as_text(NUMBERS, names=[f'"{name}"' for name in HEADER]),
    "everything quoted": '"' + as_text(NUMBERS, '","').replace("\n", '"\n"').removesuffix('"'),
    "row names": with_row_names(as_text(NUMBERS), ""),
    "row names under an empty name": with_row_names(as_text(NUMBERS), '""\t'),
    "a separator at the end of each line": as_text(NUMBERS, ",").replace("\n", ",\n"),
    "Windows": as_text(NUMBERS).replace("\n", "\r\n"),
    "byte-order mark": "\ufeff" + as_text(NUMBERS),
    "gzip": gzip.compress(as_text(NUMBERS).encode()),
    "bzip2": bz2.compress(as_text(NUMBERS).encode()),
    "zstandard": bytes(pa.compress(as_text(NUMBERS).encode(), "zstd", asbytes=True)),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_table(write: Write, load: Load, name: str) -> None:
    table = load(write(FORMATS[name]))
    assert (table.fixed.response, table.fixed.names) == ("y", ("Z.1",))
    assert table.random.names == ("X.1", "X.2")
    read = np.column_stack([table.fixed.y, table.fixed.Z, table.random.whole()])
    assert read.tolist() == NUMBERS.tolist()


def test_parquet_gives_the_same_table_as_text(tmp_path: Path, load: Load) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table(list(NUMBERS.T), names=HEADER), path)
    table = load(path)
    read = np.column_stack([table.fixed.y, table.fixed.Z, table.random.whole()])
    assert read.tolist() == NUMBERS.tolist()
    assert table.summary.separator == "parquet"


doubles = st.just(0.0) | st.floats(1e-40, 1e40) | st.floats(-1e40, -1e-40)


@settings(deadline=None)
@given(
    values=st.integers(2, 12).flatmap(
        lambda n: st.integers(1, 6).flatmap(lambda p: arrays(float, (n, p), elements=doubles))
    ),
    separator=st.sampled_from(["\t", ",", ";", " ", "    "]),
    end=st.sampled_from(["\n", "\r\n"]),
    row_names=st.booleans(),
    compress=st.sampled_from([bytes, gzip.compress, bz2.compress]),
    block=st.integers(1, 500),
)
def test_every_bit_survives_every_dialect(
    values: np.ndarray,
    separator: str,
    end: str,
    row_names: bool,
    compress: Callable[[bytes], bytes],
    block: int,
) -> None:
    n, p = values.shape
    header = separator.join(f'"{name}"' for name in ["y", *(f"X {j}" for j in range(p))])
    cells = [[repr(float(i)), *map(repr, row)] for i, row in enumerate(values.tolist())]
    rows = [[f'"r{separator}{i}"', *row] for i, row in enumerate(cells)] if row_names else cells
    text = end.join([header, *(separator.join(row) for row in rows)])
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "TEXT_BYTES", block)
        patch.setattr(spill, "CHUNK_BYTES", block)
        patch.setattr(cost, "WIDTH", 2)
        folder = Path(name)
        (folder / "t").write_bytes(compress(text.encode()))
        names = ("fixed", "random", "rows", "predict", "summary")
        paths = {name: folder / name for name in names}
        wanted = Wanted(None, [], "X", intercept=False, standardize=False, missing="error")
        import_table(folder / "t", TableFiles(**paths), wanted)
        X = read_random(paths["random"]).whole()
        assert X.view(np.int64).tolist() == values.view(np.int64).tolist()
        assert read_fixed(paths["fixed"]).y.tolist() == list(range(n))


def test_the_summary_tells_what_was_read(write: Write, load: Load) -> None:
    text = with_row_names(as_text(NUMBERS, names=["age", "y", "X.1", "X.2"]), "")
    path = write(text)
    table = load(path, response="y", fixed_columns=[], intercept=True)
    y = NUMBERS[:, 1]
    assert asdict(table.summary) == {
        "source": "table.txt",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "separator": "tab",
        "n": 9,
        "c": 1,
        "p": 2,
        "responses": (
            {
                "name": "y",
                "mean": pytest.approx(y.mean(), rel=1e-14),
                "variance": pytest.approx(y.var(ddof=1), rel=1e-14),
            },
        ),
        "fixed_names": ("intercept",),
        "rows_read": 9,
        "rows_dropped": 0,
        "rows_to_predict": 0,
        "cells_imputed": 0,
        "missing": {"response": 0, "fixed": 0, "random": 0},
        "constant_columns": (),
        "columns_dropped": (),
        "ignored_columns": 1,
    }
    written = read_json(table.folder / "summary.json")
    assert written == json.loads(json.dumps(asdict(table.summary)))


def test_a_column_of_tiny_values_is_refused_unless_one_is_larger(write: Write, load: Load) -> None:
    text = "y\tX.1\tX.2\tX.3\n{}\t1e-41\t0\t-1e-50\n2\t{}\t0\t-1e-50\n"
    expected = r"all smaller than 1e-40 in size, not all zero: X.1, X.3; expected a smaller unit"
    with pytest.raises(UserError, match=expected):
        load(write(text.format(1, -9e-41)), fixed_columns=[], random_columns=["X.1", "X.2", "X.3"])
    X = load(
        write(text.format(1, -2e-40)), fixed_columns=[], random_columns=["X.1", "X.2"]
    ).random.whole()
    assert X.tolist() == [[1e-41, 0], [-2e-40, 0]]


def test_columns_without_a_role_may_hold_text(write: Write, load: Load) -> None:
    text = "who\ty\tX.1\nanna\t1\t2\nbéla\t3\t4\n"
    table = load(write(text), response="y", fixed_columns=[])
    assert table.random.whole().tolist() == [[2], [4]]
    assert table.summary.ignored_columns == 1


def test_the_intercept_comes_first(write: Write, load: Load) -> None:
    table = load(write(as_text(NUMBERS)), intercept=True)
    assert table.fixed.names == ("intercept", "Z.1")
    assert table.fixed.Z[:, 0].tolist() == [1.0] * 9
    assert table.summary.c == 2


def test_many_columns_lie_in_several_files(
    write: Write, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cost, "WIDTH", 3)
    values = np.random.default_rng(2).normal(size=(4, 8))
    names = ["y", *(f"X.{j}" for j in range(7))]
    table = load(write(as_text(values, names=names)), fixed_columns=[])
    parts = sorted(path.name for path in (table.folder / "random").iterdir())
    assert parts == [f"part-{k:05d}.parquet" for k in range(3)]
    assert table.random.names == tuple(names[1:])
    assert table.random.whole().tolist() == values[:, 1:].tolist()


def test_a_line_may_hold_many_thousands_of_columns(write: Write, load: Load) -> None:
    values = np.random.default_rng(2).normal(size=(3, 30_001))
    names = ["y", *(f"X.{j}" for j in range(30_000))]
    table = load(write(as_text(values, names=names)), fixed_columns=[])
    assert np.array_equal(table.random.whole(), values[:, 1:])
    assert len(list((table.folder / "random").iterdir())) <= cost.MOST_BLOCKS


def test_the_same_table_gives_the_same_bytes(write: Write, load: Load) -> None:
    def content(folder: Path) -> dict[str, bytes]:
        files = [path for path in folder.rglob("*") if path.is_file()]
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}

    path = write(as_text(NUMBERS))
    first = content(load(path, standardize=True).folder)
    assert content(load(path, standardize=True).folder) == first
    table = {"fixed.parquet", "random/part-00000.parquet", "rows.parquet"}
    assert set(first) == {"summary.json", *table, *(f"predict/{name}" for name in table)}


@pytest.mark.parametrize(
    ("text", "standardize"),
    [
        (as_text(NUMBERS) + "1\t2\n", False),  # told while the text is read
        (as_text(NUMBERS[:1]), False),  # told by the fixed effects
        (as_text(np.where([True, True, False, False], NUMBERS, 1.0)), True),  # by the random ones
    ],
)
def test_a_failure_leaves_nothing_not_even_an_earlier_import(
    write: Write, load: Load, text: str, standardize: bool
) -> None:
    folder = load(write(as_text(NUMBERS))).folder
    path = write(text)
    with pytest.raises(UserError):
        load(path, standardize=standardize)
    assert list(folder.iterdir()) == []


def test_an_import_after_the_mend_works(write: Write, load: Load) -> None:
    path = write(as_text(NUMBERS) + "1\t2\n")
    with pytest.raises(UserError):
        load(path)
    assert load(write(as_text(NUMBERS))).summary.n == 9


PEAK = """
import sys
from pathlib import Path
from mixedmodel.model import cost
from mixedmodel.store import sources, spill
from mixedmodel.store.importer import TableFiles, Wanted, import_table
cost.WIDTH = 16
sources.TEXT_BYTES = spill.CHUNK_BYTES = 1 << 18
folder = Path(sys.argv[1])
files = TableFiles(*(folder / letter for letter in "frnps"))
wanted = Wanted(None, "Z.", "X.", intercept=True, standardize=True, missing="impute_mean")
import_table(folder / "t", files, wanted)
status = Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="peak memory is read from /proc")
def test_memory_does_not_grow_with_the_number_of_rows(tmp_path: Path) -> None:
    values = np.random.default_rng(5).normal(size=(250, 101))
    values[::2, 0] = np.nan  # every other row is one to predict
    names = ["y", *(f"Z.{j}" for j in range(10)), *(f"X.{j}" for j in range(90))]
    header, _, rows = as_text(values, names=names).partition("\n")

    def peak_mb(times: int) -> float:
        (tmp_path / "t").write_text(header + "\n" + rows * times)
        environment = {"PYTHONPATH": str(Path(mixedmodel.__file__).parents[1])}
        command = [sys.executable, "-c", PEAK, str(tmp_path)]
        done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
        return int(done.stdout) / 1024

    few, many = 20, 160  # 10 MB and 80 MB of text, 4 MB and 32 MB of doubles
    assert peak_mb(many) - peak_mb(few) < 4
