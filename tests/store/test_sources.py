import bz2
import gzip
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mixedmodel.errors import UserError
from mixedmodel.store import sources as module
from mixedmodel.store.sources import Source, open_source

Write = Callable[..., Path]

ROWS = 200
TEXT = "y\tX.1\n" + "".join(f"{i}\t{i / 7!r}\n" for i in range(ROWS))
EXPECTED = [[i, i / 7] for i in range(ROWS)]


def zstd(content: bytes) -> bytes:
    return bytes(pa.compress(content, "zstd", asbytes=True))


def values(source: Source, columns: list[int]) -> list[list[float]]:
    return np.vstack([block.values for block in source.blocks(columns)]).tolist()


def told(path: Path, columns: list[int]) -> str:
    with pytest.raises(UserError) as caught:
        values(open_source(path), columns)
    return str(caught.value)


@pytest.fixture(params=[1, 64, 1 << 20])
def _block_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read a byte, some lines or everything at a time; a line may be longer than that."""
    monkeypatch.setattr(module, "TEXT_BYTES", request.param)
    monkeypatch.setattr(module, "PARQUET_BYTES", request.param)


@pytest.mark.usefixtures("_block_size")
@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress, zstd])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_text_is_read_however_it_is_packed(
    write: Write, compress: Callable[[bytes], bytes], mark: bytes, end: str
) -> None:
    path = write(compress(mark + TEXT.replace("\n", end).encode()))
    source = open_source(path)
    assert (source.names, source.separator, source.unit) == (("y", "X.1"), "tab", "line")
    assert values(source, [0, 1]) == EXPECTED


@pytest.mark.usefixtures("_block_size")
def test_the_last_line_may_lack_its_line_feed(write: Write) -> None:
    assert values(open_source(write(TEXT.rstrip("\n"))), [0, 1]) == EXPECTED


@pytest.mark.usefixtures("_block_size")
def test_rows_know_their_line(write: Write) -> None:
    source = open_source(write("\ny\tX.1\n" + "1\t2\n\n" * 50))
    lines = np.concatenate([block.lines for block in source.blocks([0])])
    assert lines.tolist() == list(range(3, 103, 2))


def test_gzip_members_one_after_the_other_are_one_file(write: Write) -> None:
    half = len(TEXT) // 2
    path = write(gzip.compress(TEXT[:half].encode()) + gzip.compress(TEXT[half:].encode()))
    assert values(open_source(path), [0, 1]) == EXPECTED


@pytest.mark.usefixtures("_block_size")
@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("1", ["line 202", "1 fields", "expected 2", "correct the line"]),
        ("1\tx", ["line 202", "column 'X.1'", "'x'", "expected a number", "NA if it is missing"]),
        ("1\tInf", ["line 202", "column 'X.1'", "infinite", "correct it"]),
        ('1\t"2', ["line 202", "quote", "correct the line"]),
        ("1\t\N{MICRO SIGN}", ["line 202", "column 'X.1'"]),
    ],
)
def test_a_mistake_is_told_with_file_line_and_column(
    write: Write, line: str, parts: list[str]
) -> None:
    path = write(TEXT + line + "\n" + "worse\n" * 3)
    message = told(path, [0, 1])
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert [part for part in parts if part not in message] == []


@pytest.mark.usefixtures("_block_size")
def test_a_line_that_is_not_utf8_is_told(write: Write) -> None:
    message = told(write(TEXT.encode() + b"1\t\xe9\n"), [0, 1])
    assert "line 202 is not UTF-8" in message


@pytest.mark.usefixtures("_block_size")
@pytest.mark.parametrize("separator", ["\t", " ", ","])
def test_row_names_that_repeat_are_a_column_without_a_name(write: Write, separator: str) -> None:
    rows = [f'"a {i % 50}"\t{i}\t2\n' for i in range(ROWS)]
    unique = "y\tX.1\n" + "".join(rows[:50])
    assert len(values(open_source(write(unique.replace("\t", separator))), [1, 2])) == 50
    path = write("y\tX.1\n\n".replace("\t", separator) + "".join(rows).replace("\t", separator))
    message = told(path, [1, 2])
    assert message.startswith(f"{path}: the header has one field less than the rows")
    assert "'a 0' stands in line 3 and in line 53" in message
    assert "add the name of the first column to line 1" in message


def test_row_names_with_the_same_hash_may_differ(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = np.zeros(2, np.uint64)
    monkeypatch.setattr("mixedmodel.store.row_names.hash_first_fields", lambda cells: same)
    assert values(open_source(write("y X.1\na 1 2\nb 3 4\n")), [1, 2]) == [[1, 2], [3, 4]]


def test_names_in_a_column_of_their_own_may_repeat(write: Write) -> None:
    assert values(open_source(write('"" y X.1\na 1 2\na 3 4\n')), [1, 2]) == [[1, 2], [3, 4]]


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, zstd])
def test_a_compressed_file_cut_short_is_told(
    write: Write, compress: Callable[[bytes], bytes]
) -> None:
    message = told(write(compress(TEXT.encode())[:-5]), [0, 1])
    assert "damaged or cut short" in message
    assert "copy or compress it again" in message


def test_a_gzip_file_with_a_wrong_checksum_is_told(write: Write) -> None:
    content = bytearray(gzip.compress(TEXT.encode()))
    content[-6] ^= 1
    assert "gzip data are damaged" in told(write(bytes(content)), [0, 1])


def parquet(path: Path, columns: dict[str, object]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


@pytest.mark.usefixtures("_block_size")
def test_parquet_is_taken_as_it_is(tmp_path: Path) -> None:
    columns = {
        "text": ["a", "b", "c"],
        "X.1": pa.array([0.1, 0.2, None], pa.float32()),
        "y": pa.array([1, None, 3], pa.int16()),
        "X.2": [0.1, np.nan, 3],
    }
    source = open_source(parquet(tmp_path / "t.parquet", columns))
    assert (source.separator, source.unit) == ("parquet", "row")
    assert source.names == ("text", "X.1", "y", "X.2")
    expected = [[1, np.float32(0.1), 0.1], [np.nan, np.float32(0.2), np.nan], [3, np.nan, 3]]
    np.testing.assert_array_equal(values(source, [2, 1, 3]), expected)


@pytest.mark.parametrize(
    ("column", "parts"),
    [
        (["a", "b"], ["column 'X.1'", "type string", "expected numbers"]),
        ([1.0, np.inf], ["row 2", "column 'X.1'", "is infinite"]),
        ([1, 2**53 + 1], ["column 'X.1'", "double precision", "rescale"]),
    ],
)
def test_a_mistake_in_parquet_is_told(
    tmp_path: Path, column: list[object], parts: list[str]
) -> None:
    path = parquet(tmp_path / "t.parquet", {"y": [1.0, 2.0], "X.1": column})
    message = told(path, [0, 1])
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert [part for part in parts if part not in message] == []


def test_parquet_with_checksums_damaged_anywhere_is_read_right_or_told(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    columns = {"id": ["a", "b", "c"], "y": [1.0, None, 3.0], "X.1": [5, 6, 7]}
    pq.write_table(pa.table(columns), path, write_page_checksum=True)
    whole = path.read_bytes()
    for place in range(len(whole)):
        for flip in (2, 128):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :])
            with suppress(UserError):
                source = open_source(path)
                read = values(source, [1, 2]), source.names
                if read[1] == tuple(columns):
                    np.testing.assert_array_equal(read[0], [[1, 5], [np.nan, 6], [3, 7]])


def test_parquet_with_fewer_rows_than_it_says_is_told(tmp_path: Path) -> None:
    path = parquet(tmp_path / "t.parquet", {"y": [1.0, 2.0, 3.0]})
    content = bytearray(path.read_bytes())
    content[5] = 6  # the kind of the first page, which is then passed over
    path.write_bytes(content)
    assert "cannot be read as Parquet (0 rows of 3 are there)" in told(path, [0])


def test_parquet_with_a_damaged_name_is_told(tmp_path: Path) -> None:
    path = parquet(tmp_path / "t.parquet", {"y": [1.0, 2.0], "X.1": [3.0, 4.0]})
    path.write_bytes(path.read_bytes().replace(b"X.1", b"X\xff1"))
    assert "cannot be read as Parquet ('utf-8' codec can't decode" in told(path, [0, 1])


def test_parquet_without_rows_is_told(tmp_path: Path) -> None:
    path = parquet(tmp_path / "t.parquet", {"y": pa.array([], pa.float64())})
    assert "there is no row" in told(path, [0])


@pytest.mark.parametrize("kept", [20, -20])
def test_unreadable_parquet_is_told(tmp_path: Path, kept: int) -> None:
    path = parquet(tmp_path / "t.parquet", {"y": [1.0, 2.0], "X.1": [3.0, 4.0]})
    path.write_bytes(path.read_bytes()[:kept])
    message = told(path, [0, 1])
    assert f"{path}: cannot be read as Parquet" in message
    assert "write or copy it again" in message
