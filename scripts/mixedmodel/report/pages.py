"""Tables as pages: what a browser shows of one, without anything from elsewhere."""

import re
from collections.abc import Iterable, Sequence
from html import escape
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from mixedmodel.report import numbers
from mixedmodel.report.style import FONT, INK, MUTED, PAPER, RULE, TINT
from mixedmodel.report.tables import to_csv

TRAILING_ZEROS = re.compile(r"(\.\d*[1-9])0+(?!\d)|\.0+(?!\d)")
DIGITS = 6
MOST_ROWS = 1000  # a browser is slow with more
PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{title}}</title>
<style>
body {{{{font: 16px/1.4 {FONT}, Arimo, "Liberation Sans", sans-serif; color: {INK};
  background: {PAPER}; margin: 24px}}}}
table {{{{border-collapse: collapse; font-variant-numeric: tabular-nums}}}}
th, td {{{{padding: 6px 14px; text-align: left; border-bottom: 1px solid {RULE}}}}}
th {{{{position: sticky; top: 0; background: {TINT}; vertical-align: bottom}}}}
td {{{{background: {PAPER}}}}}
td:first-child {{{{position: sticky; left: 0}}}}
.number {{{{text-align: right}}}}
td.number {{{{white-space: nowrap}}}}
.word {{{{max-width: 40em; overflow-wrap: break-word}}}}
p {{{{color: {MUTED}}}}}
</style>
</head>
<body>
<table>
<thead>{{head}}</thead>
<tbody>
{{body}}
</tbody>
</table>
<p>{{note}}</p>
</body>
</html>
"""


def in_both_forms(table: pd.DataFrame, title: str) -> dict[str, str]:
    """Return a table as the texts of its files, by their endings."""
    return {"csv": to_csv(table), "html": to_page(table, title)}


def to_page(table: pd.DataFrame, title: str) -> str:
    """Return a table as an HTML page: numbers to six digits, dashes where there is nothing."""
    looks = ["number" if _holds_numbers(table[column]) else "word" for column in table]
    names = [str(column).replace("_", " ") for column in table]
    rows = table.head(MOST_ROWS).itertuples(index=False, name=None)
    return PAGE.format(
        title=escape(title.replace("_", " ")),
        head=_row("th", names, looks),
        body="\n".join(_row("td", map(_cell, row), looks) for row in rows),
        note=_note(len(table)),
    )


def _row(tag: str, cells: Iterable[str], looks: Sequence[str]) -> str:
    """Return a line of the table as HTML."""
    pairs = zip(cells, looks, strict=True)
    told = (f'<{tag} class="{look}">{escape(cell)}</{tag}>' for cell, look in pairs)
    return f"<tr>{''.join(told)}</tr>"


def _holds_numbers(column: pd.Series) -> bool:
    """Tell whether a column has numbers and nothing else."""
    known = column.dropna()
    return len(known) > 0 and all(isinstance(cell, Real) and not _is_bool(cell) for cell in known)


def _is_bool(cell: object) -> bool:
    return isinstance(cell, bool | np.bool_)


def _cell(cell: Any) -> str:
    """Return a cell as it is read."""
    if pd.isna(cell):
        return numbers.MISSING
    if _is_bool(cell):
        return "yes" if cell else "no"
    if isinstance(cell, Integral):
        return numbers.count(int(cell))
    if isinstance(cell, Real):
        return TRAILING_ZEROS.sub(r"\1", numbers.significant(float(cell), DIGITS))
    return str(cell) or numbers.MISSING


def _note(rows: int) -> str:
    """Return what the page says of itself."""
    if rows == 0:
        return "There are no rows."
    cut = f"The first {MOST_ROWS:,} of {rows:,} rows. " if rows > MOST_ROWS else ""
    return f"{cut}Numbers have up to {DIGITS} digits here, and all of them in the CSV file."
