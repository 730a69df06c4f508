"""Tables as pages: every cell as it is read, nothing from elsewhere, long tables cut."""

import re
from html import unescape

import numpy as np
import pandas as pd
import pytest

from mixedmodel.report.pages import in_both_forms, to_page
from mixedmodel.report.tables import to_csv

CELLS = {
    "none": (None, "–"),
    "nan": (float("nan"), "–"),
    "empty": ("", "–"),
    "zero": (0.0, "0"),
    "minus zero": (-0.0, "0"),
    "six digits": (-1423.0400007678938, "−1,423.04"),
    "no trailing zeros": (0.3, "0.3"),
    "zeros that count": (120000.0, "120,000"),
    "small": (7.958078640513122e-12, "7.95808 × 10⁻¹²"),
    "a power of ten": (1e-9, "1 × 10⁻⁹"),
    "numpy's": (np.float64(0.25), "0.25"),
    "count": (np.int64(6000), "6,000"),
    "yes": (True, "yes"),
    "no": (np.False_, "no"),
    "text": ("a < b & c", "a < b & c"),
}


def rows_of(page: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", page)
    return [[unescape(cell) for cell in re.findall(r">([^<]*)</t[hd]>", row)] for row in rows]


@pytest.mark.parametrize(("value", "words"), CELLS.values(), ids=CELLS)
def test_a_cell_is_written_as_it_is_read(value: object, words: str) -> None:
    table = pd.DataFrame([{"some_name": value}], dtype=object)
    assert rows_of(to_page(table, "x")) == [["some name"], [words]]


def test_columns_of_numbers_alone_stand_to_the_right() -> None:
    rows = [{"name": "a", "n": 1, "x": None, "both": 2.0}, {"name": "b", "n": 2, "both": "c"}]
    page = to_page(pd.DataFrame(rows, dtype=object), "x")
    assert re.findall(r'<th class="(\w+)">', page) == ["word", "number", "word", "word"]


def test_a_page_asks_for_nothing_and_names_are_no_tags() -> None:
    page = to_page(pd.DataFrame([{"<b>": "<img src=x>"}]), "<title>")
    assert "<img" not in page
    assert "<b>" not in page
    assert page.count("<title>") == 1
    assert not re.search(r"src=|href=|url\(|@import|<script", page.replace("&lt;img src=x", ""))


def test_a_long_table_is_cut_and_an_empty_one_is_said_to_be_empty() -> None:
    long = to_page(pd.DataFrame({"row": range(1200)}), "x")
    assert len(rows_of(long)) == 1 + 1000
    assert "The first 1,000 of 1,200 rows." in long
    empty = to_page(pd.DataFrame({"row": []}), "x")
    assert rows_of(empty) == [["row"]]
    assert "There are no rows." in empty


def test_both_forms_are_of_the_same_table() -> None:
    table = pd.DataFrame({"x": [0.1]})
    assert in_both_forms(table, "x") == {"csv": to_csv(table), "html": to_page(table, "x")}
