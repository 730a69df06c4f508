"""What a file is that is no table: told by its first bytes, or by its first two lines.

A user who gives such a file as a table is told its name and how to make a table of it.
"""

import re
from dataclasses import dataclass

START_BYTES = 512  # that signatures lie in

AS_TEXT = "save it as tab-separated text"
FROM_R = "in R, write it with write.table(x, 'table.txt', sep = '\\t', quote = FALSE)"
FROM_PYTHON = "in Python, write it with pandas: frame.to_csv('table.txt', sep='\\t', index=False)"
FROM_PLINK = (
    "write the genotypes as a text table with plink2 --export A, join the response to it, and name "
    "the columns in `response`, `fixed` and `random`"
)
NO_TABLE = "give the table that its numbers come from"
UNPACK = "unpack it, and give the table in it"


@dataclass(frozen=True)
class Kind:
    """A kind of file that is no table."""

    name: str
    remedy: str


R_DATA = Kind("an R data file (save, saveRDS)", FROM_R)
NUMPY = Kind("an array of NumPy", FROM_PYTHON)
UTF_16 = Kind("UTF-16 text", AS_TEXT)
WORKBOOK = Kind("an Excel workbook", AS_TEXT)
HDF5 = Kind("an HDF5 file", FROM_PYTHON)
STATA = Kind("a Stata data set", FROM_PYTHON)
MATLAB = Kind("a MATLAB data file", "in MATLAB, write it with writetable")
ARROW = Kind("an Arrow (Feather) file", "write it as Parquet: pyarrow.parquet.write_table")
WEB_PAGE = Kind("a web page", "download the table itself")
PICTURE = Kind("a picture", NO_TABLE)
GENOTYPES = Kind("a file of PLINK genotypes (.bed, .pgen)", FROM_PLINK)
VARIANTS = Kind("a file of variants (VCF, BCF)", FROM_PLINK)
BINARY = Kind("a binary file (it holds NUL bytes)", AS_TEXT)

SIGNATURES = {
    b"\xd0\xcf\x11\xe0": WORKBOOK,
    b"\xff\xfe": UTF_16,
    b"\xfe\xff": UTF_16,
    b"%PDF-": Kind("a PDF document", NO_TABLE),
    **dict.fromkeys((b"<!DOCTYPE html", b"<!doctype html", b"<html"), WEB_PAGE),
    b"\x89PNG": PICTURE,
    b"\xff\xd8\xff": PICTURE,
    b"GIF87a": PICTURE,
    b"GIF89a": PICTURE,
    **dict.fromkeys((b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n", b"RDB2\n", b"RDB3\n"), R_DATA),
    **dict.fromkeys((b"X\n\0\0\0", b"A\n2\n", b"A\n3\n", b"B\n\2\0", b"B\n\3\0"), R_DATA),
    b"\x93NUMPY": NUMPY,
    b"\x89HDF": HDF5,
    b"<stata_dta>": STATA,
    b"$FL2@": Kind("an SPSS data file", FROM_PYTHON),
    b"MATLAB 5.0 MAT-file": MATLAB,
    b"MATLAB 7.3 MAT-file": MATLAB,
    b"ARROW1\0\0": ARROW,
    b"FEA1\0": ARROW,
    b"PAR1\x15": Kind("compressed Parquet", "decompress it: Parquet is compressed inside"),
    b"SQLite format 3\0": Kind("an SQLite database", "write the table in it as tab-separated text"),
    b"\x6c\x1b": GENOTYPES,
    b"##fileformat=VCF": VARIANTS,
    b"BCF\2": VARIANTS,
    b"\xfd7zXZ": Kind("an xz archive", "unpack it: xz --decompress"),
    b"\x04\x22\x4d\x18": Kind("an lz4 archive", "unpack it: lz4 --decompress"),
    b"7z\xbc\xaf": Kind("a 7z archive", UNPACK),
    b"Rar!\x1a": Kind("a RAR archive", UNPACK),
}

WORD = r"\S+"
NUMBER = r"-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?"
GAP = r"[ \t]+"
FAMILY = (WORD, WORD, "0", "0", "[012]|-9", f"{NUMBER}|NA")  # of founders; alleles in a .ped
PLINK = {
    ".fam": (FAMILY, ""),
    ".ped": (FAMILY, rf"(?:{GAP}[ACGTNDI0-4-]{GAP}[ACGTNDI0-4-])+"),
    ".bim": ((WORD, WORD, NUMBER, r"-?\d+", "[A-Za-z0*-]+", "[A-Za-z0*-]+"), ""),
    ".map": ((WORD, r"\S*[A-Za-z_:]\S*", NUMBER, r"-?\d+"), ""),
}


def kind_of(start: bytes) -> Kind | None:
    """Tell what a file is by its first bytes; None where nothing speaks against a text table."""
    if start.startswith(b"PK\3\4"):
        return _zipped(start)
    for signature, kind in SIGNATURES.items():
        if start.startswith(signature):
            return kind
    if start[16:20] == b"bgen":
        return Kind("a file of genotypes (BGEN)", FROM_PLINK)
    if start[257:262] == b"ustar":
        return Kind("a tar archive", UNPACK)
    return BINARY if b"\0" in start else None


def kind_of_lines(first: str, second: str) -> Kind | None:
    """Recognise the text files of PLINK, which have no header, by their first two lines."""
    for ending, (fields, rest) in PLINK.items():
        line = GAP.join(f"(?:{field})" for field in fields) + rest
        if all(re.fullmatch(line, text.strip()) for text in (first, second)):
            return Kind(f"a {ending} file of PLINK, which has no header", FROM_PLINK)
    return None


def _zipped(start: bytes) -> Kind:
    """Tell NumPy's .npz from other zip archives by the name of the first file in it."""
    if b".npy" in start:
        return NUMPY
    return Kind("a zip archive or an Excel workbook", AS_TEXT)
