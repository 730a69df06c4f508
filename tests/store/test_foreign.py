"""Files that are no tables, given as one: they are called by their name."""

import bz2
import gzip
import lzma
import sqlite3
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from matplotlib.image import imsave

from mixedmodel.errors import UserError
from mixedmodel.store.sources import open_source

Write = Callable[..., Path]

SAVED = b"RDX3\nX\n\0\0\0\3"  # as save() begins, once decompressed
RDS = b"X\n\0\0\0\2\0\4\1\2"  # as saveRDS() does
VCF = b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\n1\t100\trs1\n"


def made(write: Callable[[BytesIO], object]) -> bytes:
    stream = BytesIO()
    write(stream)
    return stream.getvalue()


def stream_of_arrow(stream: BytesIO) -> None:
    table = pa.table({"y": [1.0]})
    with pa.ipc.new_file(stream, table.schema) as writer:
        writer.write(table)


def picture(kind: str) -> bytes:
    return made(lambda stream: imsave(stream, np.zeros((2, 2)), format=kind))


def database() -> bytes:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("create table t (y real)")
        return connection.serialize()


FILES = {
    "R, save()": (gzip.compress(SAVED), "an R data file", "write.table"),
    "R, save(compress = 'bzip2')": (bz2.compress(SAVED), "an R data file", "write.table"),
    "R, save(compress = 'xz')": (lzma.compress(SAVED), "an R data file", "write.table"),
    "R, save(compress = FALSE)": (SAVED, "an R data file", "write.table"),
    "R, save(ascii = TRUE)": (b"RDA3\nA\n3\n", "an R data file", "write.table"),
    "R, saveRDS()": (gzip.compress(RDS), "an R data file", "write.table"),
    "R, saveRDS(compress = 'xz')": (lzma.compress(RDS), "an R data file", "write.table"),
    "R, saveRDS(ascii = TRUE)": (b"A\n2\n262657\n", "an R data file", "write.table"),
    "bed": (b"\x6c\x1b\x01\xdc\x0f", "a file of PLINK genotypes", "plink2 --export A"),
    "bim": (b"1 rs1 0 1000 A G\n1 rs2 0 2e3 T C\n".replace(b"2e3", b"2000"), "a .bim file", "A"),
    "fam": (b"F1\tI1\t0\t0\t1\t2.5\nF2\tI2\t0\t0\t2\t-9\n", "a .fam file", "plink2"),
    "fam of numbers": (b"1 1 0 0 1 2.5\n2 2 0 0 2 NA\n", "a .fam file of PLINK", "plink2"),
    "ped": (b"F I 0 0 1 -9 A A C T\nF J 0 0 2 1 A G 0 0\n", "a .ped file", "plink2"),
    "map": (b"1\trs1\t0\t1000\n1\trs2\t0.1\t2000\n", "a .map file of PLINK", "plink2"),
    "VCF": (VCF, "a file of variants (VCF, BCF)", "plink2"),
    "VCF, compressed": (gzip.compress(VCF), "a file of variants (VCF, BCF)", "plink2"),
    "BCF": (gzip.compress(b"BCF\2\2\0\1\0\0"), "a file of variants (VCF, BCF)", "plink2"),
    "BGEN": (b"\x18\0\0\0" + bytes(12) + b"bgen", "a file of genotypes (BGEN)", "plink2"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(40), "an HDF5 file", "pandas"),
    "NumPy": (made(lambda stream: np.save(stream, np.eye(2))), "an array of NumPy", "pandas"),
    "NumPy, several": (made(lambda stream: np.savez(stream, np.eye(2))), "an array of NumPy", ""),
    "Feather": (made(pd.DataFrame({"y": [1.0]}).to_feather), "an Arrow (Feather) file", "Parquet"),
    "Arrow": (made(stream_of_arrow), "an Arrow (Feather) file", "Parquet"),
    "Parquet, compressed": (
        gzip.compress(made(pd.DataFrame({"y": [1.0]}).to_parquet)),
        "compressed Parquet",
        "decompress it",
    ),
    "SQLite": (database(), "an SQLite database", "tab-separated"),
    "Stata": (
        made(lambda stream: pd.DataFrame({"y": [1.0]}).to_stata(stream, version=118)),
        "a Stata data set",
        "pandas",
    ),
    "PNG": (picture("png"), "a picture", "the table that its numbers come from"),
    "JPEG": (picture("jpg"), "a picture", "the table that its numbers come from"),
    "GIF": (picture("gif"), "a picture", "the table that its numbers come from"),
    "PDF": (b"%PDF-1.7\n", "a PDF document", "the table that its numbers come from"),
    "web page": (b"<!DOCTYPE html>\n<html>", "a web page", "download the table itself"),
    "xz": (lzma.compress(b"y\tX.1\n1\t2\n"), "an xz archive", "xz --decompress"),
    "xz, cut short": (lzma.compress(b"y\tX.1\n1\t2\n")[:-9], "an xz archive", "xz --decompress"),
    "zip": (b"PK\3\4" + bytes(26) + b"t.txt", "a zip archive or an Excel workbook", "tab-"),
    "tar": (gzip.compress(bytes(257) + b"ustar\0" + bytes(300)), "a tar archive", "unpack it"),
    "UTF-16 without a mark": ("y\tX.1\n".encode("utf-16-le"), "a binary file", "tab-separated"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_table_is_called_by_its_name(write: Write, name: str) -> None:
    content, kind, remedy = FILES[name]
    path = write(content)
    with pytest.raises(UserError) as caught:
        open_source(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: this is {kind}")
    assert "expected a text table in UTF-8 or Parquet: " in message
    assert remedy in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "text",
    [
        "FID IID PAT MAT SEX PHENOTYPE rs1_A\nF1 I1 0 0 1 2.5 0\nF2 I2 0 0 2 -9 1\n",  # .raw
        "y a b c 1 2\n0.5 1 2 3 1 1.5\n",
        "ARROW1\tPAR1\n1\t2\n",
        "X\tBCF\n1\t2\n",
        "GIF RDX2\n1 2\n",
    ],
)
def test_a_table_that_begins_a_little_like_another_kind_is_read(write: Write, text: str) -> None:
    assert open_source(write(text)).names == tuple(text.split("\n")[0].split())
