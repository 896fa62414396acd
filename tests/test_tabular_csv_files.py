"""A CSV file is read as what was written, and what is no table is told with its line."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from micrograd_nd.tabular.csv_files import csv_text, read_table
from micrograd_nd.tabular.errors import TableError

reusing_the_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

# Any text that a file in UTF-8 can hold.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
names = st.lists(texts.map(str.strip).filter(bool), min_size=1, max_size=4, unique=True)


@st.composite
def tables(draw):
    header = draw(names)
    rows = st.lists(st.tuples(*[texts] * len(header)), min_size=1, max_size=5)
    return header, draw(rows)


def read(folder, content, delimiter=","):
    path = folder / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, delimiter)


def message(folder, content):
    with pytest.raises(TableError) as caught:
        read(folder, content)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(str(folder / "table.csv"))


@reusing_the_folder
@given(tables(), st.sampled_from(",;\t|§"))
def test_a_table_that_is_written_is_read_as_the_same(tmp_path, table, delimiter):
    header, rows = table
    found = read(tmp_path, csv_text(header, rows, delimiter), delimiter)
    assert list(found.columns) == header
    assert list(zip(*found.columns.values(), strict=True)) == rows


@reusing_the_folder
@given(tables(), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_a_table_that_the_standard_library_writes_is_read_as_the_same(tmp_path, table, quoting):
    header, rows = table
    out = io.StringIO(newline="")
    csv.writer(out, quoting=quoting).writerows([header, *rows])
    found = read(tmp_path, out.getvalue())
    assert list(zip(*found.columns.values(), strict=True)) == rows


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_ends_of_lines_and_a_byte_order_mark_make_no_difference(tmp_path, end, mark):
    found = read(tmp_path, mark + end.join(["a,b", "1,é", "2,y"]).encode())
    assert found.columns == {"a": ("1", "2"), "b": ("é", "y")}
    assert found.lines == (2, 3)


def test_rows_know_the_line_in_which_they_begin(tmp_path):
    found = read(tmp_path, '\na,b\n1,"x\ny\nz"\n\n2,x\n\n')
    assert found.columns == {"a": ("1", "2"), "b": ("x\ny\nz", "x")}
    assert found.lines == (3, 7)


def test_names_are_without_the_blanks_around_them(tmp_path):
    assert list(read(tmp_path, "a , b\n1,2\n").columns) == ["a", "b"]


@pytest.mark.parametrize("content", ["", "\n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_an_empty_file_is_told(tmp_path, content):
    assert message(tmp_path, content).startswith(" is empty: a header with the names of the columns is needed")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a,b\n", " has a header and no rows"),
        ("a,b\n1,2\n3\n", ", line 3: this row has 1 cell, and the header 2 cells"),
        ('a,b\n1,"2\n2"\n3,4,5\n', ", line 4: this row has 3 cells, and the header 2 cells"),
        ("a\n1,2\n", ", line 2: this row has 2 cells, and the header 1 cell"),
        ("a,b,a\n1,2,3\n", ", line 1: column 'a' stands there 2 times"),
        ("a, a\n1,2\n", ", line 1: column 'a' stands there 2 times"),
        ("\n,b\n1,2\n", ", line 2: column 1 has no name."),
        ('a,b\n1,2\n3,"4\n5,6\n', ", line 3: a quote opens in this row, and is not closed before the end of the file"),
        ('a,b\n1,"2"3\n', ", line 2: this row cannot be read: "),
        (b"a,b\n1,2\n3,\xe9\n", ", line 3: byte 0xe9 is not UTF-8; save the file as UTF-8"),
        (b"a,b\r1,2\r\xe9", ", line 3: byte 0xe9 is not UTF-8; save the file as UTF-8"),
        (b"a,b\r\n\xe9", ", line 2: byte 0xe9 is not UTF-8; save the file as UTF-8"),
        ("a\n1\n\n2\n", ", line 3: this line is empty, in a table whose rows have a single cell"),
        ('a\n"' + "x" * 200_000 + '"\n', ", line 2: a cell has more than 131072 characters; is a quote not closed?"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "bytes",
)
def test_what_is_no_table_is_told_with_its_line(tmp_path, content, said):
    assert message(tmp_path, content).startswith(said)


def test_a_column_that_is_not_there_is_told_with_those_that_are(tmp_path):
    with pytest.raises(TableError, match=r"has no column 'c'; it has 'a', 'b'$"):
        read(tmp_path, "a,b\n1,2\n").column("c")
    with pytest.raises(TableError, match=r"has no columns 'c', 'd'; it has 'a;b'; is the delimiter another\?"):
        read(tmp_path, "a;b\n1;2\n").require(["c", "d"])


@reusing_the_folder
@given(st.binary(max_size=60))
def test_any_bytes_are_a_table_or_a_table_error(tmp_path, content):
    try:
        table = read(tmp_path, content)
    except TableError:
        return
    assert len(table) > 0
    assert {len(cells) for cells in table.columns.values()} == {len(table)}
