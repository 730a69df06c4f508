import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixedmodel.store.cells import LARGEST, Mistake, check_size, convert, split_cells

HARD = [  # halfway cases, subnormals, many digits: Clinger 1990; Gay 1990
    "9007199254740993",
    "9007199254740992.99999999999999999999",
    "2.2250738585072011e-308",
    "2.2250738585072014e-308",
    "4.9406564584124654e-324",
    "2.4703282292062328e-324",
    "1e23",
    "8.5e22",
    "0.1000000000000000055511151231257827021181583404541015625",
    "0.500000000000000166533453693773481063544750213623046875",
    "3.518437208883201171875e13",
    "62.5364939768271845828",
    "1.00000000000000011102230246251565404236316680908203125",
    "1.00000000000000011102230246251565404236316680908203124",
    "7.2057594037927933e+16",
    "-0",
    "+.5",
    "5.",
    "1e-400",
    "123456789012345678901234567890e-20",
]


def numbers(text: str, separator: str = "tab", width: int = 2) -> list[list[float]]:
    cells = split_cells(text.encode(), separator)
    return convert(cells, width, range(width)).tolist()


def bits(values: object) -> list[int]:
    return np.asarray(values, float).view(np.int64).ravel().tolist()


@pytest.mark.parametrize("text", HARD)
def test_decimals_become_the_nearest_double(text: str) -> None:
    assert bits(numbers(f"{text}\t{text}\n")) == bits([float(text)] * 2)


@given(
    st.lists(
        st.from_regex(
            r"[+-]?[0-9]{1,25}(\.[0-9]{0,25})?([eE][+-]?[0-9]{1,2})?", fullmatch=True
        ).filter(lambda text: abs(float(text)) <= LARGEST),
        min_size=1,
    )
)
def test_any_decimal_becomes_the_double_that_python_reads(texts: list[str]) -> None:
    block = "".join(f"{text}\n" for text in texts)
    assert bits(numbers(block, width=1)) == bits([float(text) for text in texts])


@pytest.mark.parametrize(
    "missing", ["", "NA", "NaN", "nan", "-nan", '""', '"NA"', " NA ", '"NaN"', "  ", ' "NA"']
)
def test_missing_cells_are_nan(missing: str) -> None:
    values = numbers(f"1\t{missing}\n{missing}\t2\n")
    assert np.isnan(values).tolist() == [[False, True], [True, False]]


@pytest.mark.parametrize(
    ("separator", "text"),
    [
        ("tab", "1\t2\n3\t4\n"),
        ("tab", '"1"\t2\n3\t"4"\n'),
        ("tab", " 1\t2 \n3 \t 4\n"),
        ("comma", "1, 2\n3,4\n"),
        ("comma", '  "1" \t, "2"\n"3"   ,4\n'),
        ("semicolon", "1;2\n\n3;4\n\n"),
        ("blanks", "1 2\n3 4\n"),
        ("blanks", "\n  1     2  \n   \n 3 \t 4\n"),
    ],
)
def test_cells_are_found(separator: str, text: str) -> None:
    assert numbers(text, separator) == [[1, 2], [3, 4]]


@pytest.mark.parametrize("separator", ["tab", "blanks"])
def test_rows_keep_their_line_although_blank_lines_are_left_out(separator: str) -> None:
    cells = split_cells(b"\n1\n\n\n2\n", separator)
    assert cells.lines.tolist() == [1, 4]


@pytest.mark.parametrize(("separator", "mark"), [("comma", ","), ("blanks", " "), ("tab", "\t")])
def test_a_separator_between_quotes_is_part_of_the_cell(separator: str, mark: str) -> None:
    text = f'"a{mark}b{mark}{mark}c"{mark}1{mark}2\n"say ""{mark}"""{mark}3{mark}4\n'
    cells = split_cells(text.encode(), separator)
    assert convert(cells, 3, [1, 2]).tolist() == [[1, 2], [3, 4]]


def test_a_quote_within_a_cell_is_part_of_its_text() -> None:
    cells = split_cells(b'5" x 3"\t1\nthe "old" one\t"2"\n', "tab")
    assert cells.words() == ['5" x 3"', "1", 'the "old" one', "2"]
    assert convert(cells, 2, [1]).tolist() == [[1], [2]]


def test_columns_come_in_the_order_asked_for_and_others_are_not_converted() -> None:
    cells = split_cells(b"text\t1\t2\nmore\t3\t4\n", "tab")
    assert convert(cells, 3, [2, 1]).tolist() == [[2, 1], [4, 3]]


@pytest.mark.parametrize(
    ("text", "line", "field", "what"),
    [
        ("1\t2\n3\n", 1, None, "has 1 fields; expected 2"),
        ("1\t2\n3\t4\t5\n", 1, None, "has 3 fields; expected 2"),
        ("1\t2\n3\tfour\n", 1, 1, "holds 'four'; expected a number"),
        ("1\t2\n3\t1,5\n", 1, 1, "holds '1,5'; expected a number with a decimal point"),
        ("1\t2\n1 2\t3\n", 1, 0, "holds '1 2'"),
        ("1\t2\n0x1F\t3\n", 1, 0, "holds '0x1F'"),
        ("1_0\t2\n", 0, 0, "holds '1_0'"),
        ("1\tnan(1)\n", 0, 1, "holds 'nan(1)'; expected a number"),
        ("NaN\t2\n3\tNaN(abc)\nx\t1\n", 1, 1, "holds 'NaN(abc)'"),
        ("1\t -nan() \n", 0, 1, "holds '-nan()'"),
        ("1\t0x1p3\n", 0, 1, "holds '0x1p3'"),
        ("1\t1d3\n", 0, 1, "holds '1d3'"),
        ("1\t++1\n", 0, 1, "holds '++1'"),
        ("1\ttrue\n", 0, 1, "holds 'true'"),
        ('1\t1"2"\n', 0, 1, "holds '1\"2\"'"),
        ('1\t"1"2\n', 0, 1, "holds '\"1\"2'"),
        ('1\t1"2"3\n', 0, 1, "holds '1\"2\"3'"),
        ('1\t1""2\n', 0, 1, "holds '1\"\"2'"),
        ('1\t12""\n', 0, 1, "holds '12\"\"'"),
        ('1\t""12\n', 0, 1, "holds '\"\"12'"),
        ('1\t"1" "2"\n', 0, 1, 'holds \'"1" "2"\''),
        ('"x""y"\t1\n', 0, 0, "holds 'x\"y'"),
        ("1\tInf\n", 0, 1, "is infinite"),
        ("1\tinfinity\n", 0, 1, "is infinite"),
        ("-inf\t1\n", 0, 0, "is infinite"),
        ("1\t1e999\n", 0, 1, "is infinite"),
        ("1\t-1e41\n", 0, 1, "is -1e+41; expected at most 1e+40"),
        ('1\t"2\n3\t4\n', 0, None, "quote that is not closed"),
        ('1\t2\n3\t"4\n', 1, None, "quote that is not closed"),
        ("x\t2\n3\n", 0, 0, "holds 'x'"),
        ("\n1\tx\n3\n", 1, 1, "holds 'x'"),
    ],
)
def test_the_first_mistake_is_told_with_its_place(
    text: str, line: int, field: int | None, what: str
) -> None:
    with pytest.raises(Mistake) as caught:
        numbers(text)
    mistake = caught.value
    assert (mistake.line, mistake.field) == (line, field)
    assert what in mistake.what


@given(st.integers(0, 99), st.integers(0, 4))
def test_a_wrong_cell_is_found_wherever_it_is(row: int, column: int) -> None:
    table = [["1"] * 5 for _ in range(100)]
    table[row][column] = "wrong"
    with pytest.raises(Mistake) as caught:
        numbers("".join("\t".join(line) + "\n" for line in table), width=5)
    assert (caught.value.line, caught.value.field) == (row, column)


def test_values_beyond_what_the_fits_bear_are_refused() -> None:
    lines = np.arange(1)
    check_size(np.array([[1e40, -1e40]]), lines, [0, 1])
    with pytest.raises(
        Mistake, match=r"is 1.1e\+40; expected at most 1e\+40 in size: use a larger"
    ):
        check_size(np.array([[1.0, 1.1e40]]), lines, [0, 1])
