from collections.abc import Callable
from pathlib import Path

import pytest

from mixedmodel.errors import UserError
from mixedmodel.store.dialect import Dialect, detect_dialect, split_line

Write = Callable[..., Path]


@pytest.mark.parametrize(
    ("separator", "text"),
    [
        ("tab", "y\tZ.1\tX.1\n1\t2\t3\n"),
        ("comma", "y,Z.1,X.1\n1,2,3\n"),
        ("comma", "y, Z.1, X.1\n1, 2, 3\n"),
        ("semicolon", "y;Z.1;X.1\n1;2;3\n"),
        ("blanks", "y Z.1 X.1\n1 2 3\n"),
        ("blanks", "   y    Z.1  X.1  \n   1  2       3\n"),
    ],
)
def test_the_separator_is_the_one_for_which_header_and_first_row_agree(
    write: Write, separator: str, text: str
) -> None:
    assert detect_dialect(write(text)) == Dialect(separator, ("y", "Z.1", "X.1"), 1)


def test_a_separator_inside_a_quoted_name_separates_nothing(write: Write) -> None:
    path = write('"height, cm" "Z;1" "X 1"\n1 2 3\n')
    assert detect_dialect(path) == Dialect("blanks", ("height, cm", "Z;1", "X 1"), 1)


def test_commas_in_names_do_not_hide_the_tabs(write: Write) -> None:
    path = write("height, cm\tZ, 1\n1\t2\n")
    assert detect_dialect(path).names == ("height, cm", "Z, 1")


def test_commas_in_numbers_do_not_hide_the_semicolons(write: Write) -> None:
    assert detect_dialect(write("y;X.1\n1,5;2,5\n")).separator == "semicolon"


@pytest.mark.parametrize("header", ["y X.1", '"" y X.1'])
def test_a_column_of_row_names_has_an_empty_name(write: Write, header: str) -> None:
    assert detect_dialect(write(f'{header}\n"a b" 1 2\n')).names == ("", "y", "X.1")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("y,Z.1,X.1,\n1,2,3,\n4,5,6,\n", ("y", "Z.1", "X.1", "")),
        ("y,Z.1,X.1,\na,1,2,3,\nb,4,5,6,\n", ("", "y", "Z.1", "X.1", "")),
        ("y,Z.1,X.1\na,1,2,\nb,4,5,6\n", ("", "y", "Z.1", "X.1")),
        ('y,Z.1,X.1\na,1,2,""\n', ("", "y", "Z.1", "X.1")),
        ("y Z.1 X.1 \n1 2 3 \n", ("y", "Z.1", "X.1")),
        ("y Z.1 X.1\na 1 2 3 \nb 4 5 6 \n", ("", "y", "Z.1", "X.1")),
    ],
)
def test_fields_are_counted_where_lines_end_with_a_separator(
    write: Write, text: str, names: tuple[str, ...]
) -> None:
    assert detect_dialect(write(text)).names == names


@pytest.mark.parametrize("end", [",", ", ", ",\r"])
def test_rows_that_end_with_a_separator_below_a_header_that_does_not_are_refused(
    write: Write, end: str
) -> None:
    path = write(f"\ny,Z.1,X.1\n1,2,3{end}\n\n4,5,6{end}\n")
    with pytest.raises(UserError) as caught:
        detect_dialect(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: the rows end with a separator and the header (line 2) ")
    assert "take the separator at the end of each row away" in message


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# made in May\ny\tX.1\n1\t2\n", 1),
        ("# made in May\n\n#\ny\tX.1\n1\t2\n", 1),
        ("# y X.1\n1 2\n", 1),
        ("# in May\ny X.1 X.2\n1 2 3\n", 1),
        ("\n#\n", 2),
        ("y\tX.1\n\n# kg, a share\n1\t2\n", 3),
    ],
)
def test_comments_are_refused(write: Write, text: str, line: int) -> None:
    path = write(text)
    with pytest.raises(UserError, match=f"line {line} begins with '#'.*delete the lines") as caught:
        detect_dialect(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("text", ["#IID\ty\n1\t2\n", "id\ty\n#1\t2\n"])
def test_a_name_may_begin_with_a_hash(write: Write, text: str) -> None:
    assert detect_dialect(write(text)).names[1] == "y"


def test_the_header_of_a_ragged_table_is_still_understood(write: Write) -> None:
    assert detect_dialect(write("y,Z.1,X.1\n1,2\n")).names == ("y", "Z.1", "X.1")


def test_blank_lines_before_the_header_are_counted(write: Write) -> None:
    assert detect_dialect(write("\n\r\ny\tX.1\n1\t2\n")).header_line == 3


def test_doubled_quotes_are_a_quote() -> None:
    assert split_line('"a ""b"" c",2,"",""""', "comma").words() == ['a "b" c', "2", "", '"']


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (b"", ["the file is empty"]),
        (b"\n \n", ["the file is empty"]),
        (b"y\tX.1\n", ["header (line 1)", "no row"]),
        (b"1\tNA\t2e5\n", ["line 1", "no header", "add them"]),
        (b"1\t2\n3\t4\n", ["line 1", "no header", "add them"]),
        (b"y|X.1\n1|2\n", ["single column", "y|X.1", "tab, semicolon, comma, blanks"]),
        (b"y\tX.1\r1\t2\r", ["carriage returns", "line feed"]),
        ("y\té\n1\t2\n".encode("latin1"), ["line 1", "not UTF-8", "iconv"]),
        ("y\tX.1\n1\té\n".encode("latin1"), ["line 2", "not UTF-8"]),
        ("\ufeffy\tX.1\n1\t2\n".encode("utf-16-le"), ["UTF-16", "tab-separated"]),
        (b'y\t"X.1\n1\t2\n', ["line 1", "quote that is not closed"]),
        (b"PK\x03\x04rest", ["Excel", "tab-separated"]),
    ],
)
def test_a_file_that_is_no_table_is_refused(write: Write, content: bytes, parts: list[str]) -> None:
    path = write(content)
    with pytest.raises(UserError) as caught:
        detect_dialect(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert [part for part in parts if part not in message] == []


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.txt: No such file.*check `path`"):
        detect_dialect(tmp_path / "none.txt")


def test_a_folder_is_not_a_table(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Is a directory"):
        detect_dialect(tmp_path)


@pytest.mark.parametrize("separator", ["\t", '","'])
def test_lines_may_be_long(write: Write, separator: str) -> None:
    names = [f"a long name of column {i}" for i in range(20_000)]
    text = f'"{separator.join(names)}"\n' if separator == '","' else separator.join(names) + "\n"
    row = text.replace("a long name of column ", "")
    assert detect_dialect(write(text + row)).names == tuple(names)
