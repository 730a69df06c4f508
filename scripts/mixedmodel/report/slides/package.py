"""The same bytes for the same deck: members sorted, dates fixed, workbooks inside too."""

import io
import re
import zipfile

FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can hold
FIXED_STAMP = b"2000-01-01T00:00:00Z"
_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def repack(content: bytes) -> bytes:
    """Write an Office file anew: sorted members, fixed dates, embedded workbooks likewise."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in sorted(old.namelist()):
            member = zipfile.ZipInfo(name, FIRST_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, _neutral(name, old.read(name)))
    return stream.getvalue()


def _neutral(name: str, content: bytes) -> bytes:
    if name.endswith(".xlsx"):
        return repack(content)
    return _STAMP.sub(FIXED_STAMP, content) if name == "docProps/core.xml" else content
