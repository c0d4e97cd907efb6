"""Tests the reader of rows: what csv writes it reads, and what nobody should write is bounded."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from timeline.errors import ImporterError
from timeline.importers import table_reader
from timeline.importers.table_reader import (
    LONGEST_ROW,
    Lines,
    TableReader,
    lines_of,
    records,
    split,
)

CELLS = st.text("ab\"',;\t\n\r é", max_size=6)


def cells(source: Lines, delimiter: str = ",", *, quoted: bool = True) -> list[list[str]]:
    return [one.cells for one in records(lines_of(source), delimiter, quoted=quoted)]


def problems(source: Lines) -> list[str | None]:
    return [one.problem for one in records(lines_of(source), ",")]


@given(
    st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=5),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_csv_writes_is_read(
    table: list[list[str]], delimiter: str, end: str, quoting: int
) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows(table)
    text = written.getvalue()
    assume(
        quoting == csv.QUOTE_ALL or end == "\r\n" or "\r" not in text
    )  # csv can't read it either
    assert cells(io.BytesIO(text.encode()), delimiter) == table
    assert cells(io.StringIO(text, newline=""), delimiter) == table
    assert cells(io.BytesIO(b"\xef\xbb\xbf" + text.encode()), delimiter) == table
    assert not any(
        one.problem for one in records(lines_of(io.StringIO(text, newline="")), delimiter)
    )


@given(st.binary(max_size=200), st.sampled_from(["utf-8", "cp1252", "latin-1", "utf-7", "gb18030"]))
@example(b'a,"b\nc,d\n', "utf-8")
@example(b"\xff", "utf-8")
def test_any_bytes_are_rows_or_refused(content: bytes, encoding: str) -> None:
    try:
        found = list(records(lines_of(io.BytesIO(content), encoding=encoding), ","))
    except ImporterError:
        return
    assert [one.row for one in found] == list(range(1, len(found) + 1))
    assert bool(found) == bool(content.removeprefix(b"\xfe\xff").removeprefix(b"\xff\xfe"))


def test_a_quote_that_is_never_closed_spoils_one_row() -> None:
    text = b'a,b\n"open,1\nc,2\n"d",3\n'
    found = list(records(lines_of(io.BytesIO(text)), ","))
    assert [one.cells for one in found] == [["a", "b"], ['"open,1'], ["c", "2"], ["d", "3"]]
    assert [one.problem is None for one in found] == [True, False, True, True]
    assert "never closed" in str(found[1].problem)


def test_a_quote_that_is_never_closed_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_reader, "LONGEST_ROW", 100)
    text = b'"open\n' + b"x,y\n" * 100
    found = list(records(lines_of(io.BytesIO(text)), ","))
    assert len(found) == 101
    assert [one.row for one in found if one.problem] == [1]
    with pytest.raises(ImporterError, match=r"up to row 21, 21 rows have a quote that is never"):
        list(records(lines_of([b'a","\n'] * 100), ","))


def test_a_stray_quote_is_refused() -> None:
    assert problems(['"a" b,c\n', 'a "b" c,d\n', '"a""b",c\n']) == [
        (
            "after the quote that closes a cell comes ' b'; a quote inside a quoted cell is "
            "written twice"
        ),
        None,
        None,
    ]
    assert cells(['"a" b,c\n']) == [["a", "c"]]


def test_a_row_that_is_too_long_is_refused_and_passed_over() -> None:
    long = b"x" * (3 * LONGEST_ROW)
    exact = b"x" * (2 * LONGEST_ROW + 2)
    for content in (b"a\n" + long + b"\nb\n", b"a\n" + long, b"a\n" + exact):
        found = list(records(lines_of(io.BytesIO(content)), ","))
        assert "longer than 1,000,000 characters" in str(found[1].problem)
        assert [one.cells for one in found[::2]] == [["a"], ["b"]][: len(found[::2])]


def test_what_is_no_text_is_refused() -> None:
    lines: list[Any] = [b"a\0b\n", b"\xe9\n", "\ud800\n", "é\n"]
    assert problems(lines) == [
        "it has a NUL in it, which is no text",
        (
            "it isn't text in utf-8 ('utf-8' codec can't decode byte 0xe9 in position 0: invalid "
            "continuation byte); is it encoding='cp1252'?"
        ),
        "it has half a surrogate pair in it, which is no text",
        None,
    ]
    bad = [b'"a\n', b'\xe9"\n']
    assert "isn't text" in str(problems(bad)[0])
    assert next(lines_of([b"\xe9\n"], encoding="cp1252")).text == "é\n"


@pytest.mark.parametrize(
    ("source", "encoding", "message"),
    [
        ("a,b\n", "utf-8", r"open\(path, 'rb'\)"),
        (12, "utf-8", r"not 12"),
        ([b"a\n", 3], "utf-8", r"a line is text or bytes, not 3"),
        ([b"PK\x03\x04"], "utf-8", "zip archive or an Excel workbook"),
        (["PK\x03\x04"], "utf-8", "zip archive"),
        ([b"\x1f\x8b\x08"], "utf-8", "gzip archive"),
        ([b"\xff\xfea\0b"], "utf-8", "isn't text in utf-16"),
        ([b"a\n"], "utf-16", "isn't text in utf-16"),
        ([b"a\n"], "klingon", "encoding='klingon'"),
        ([b"a\n"], None, "encoding=None"),
        ([b"a\n"], "hex", "encoding='hex'"),
        (io.TextIOWrapper(io.BytesIO(b"\xe9\n"), "utf-8"), "utf-8", "text of another encoding"),
    ],
)
def test_what_is_no_table_is_refused(source: Lines, encoding: str, message: str) -> None:
    with pytest.raises(ImporterError, match=message):
        list(lines_of(source, encoding=encoding))


def test_nothing_has_no_lines() -> None:
    assert list(lines_of([])) == []


def test_quotes_mean_nothing_between_tabs() -> None:
    assert cells(['"a\tb"\n'], "\t", quoted=False) == [['"a', 'b"']]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "the file is empty"),
        (["a,a\n"], "two columns are called 'a'"),
        (["a\rb\rc"], "old Macs"),
        ([b"\xe9,b\n"], "the header row can't be read: it isn't text"),
    ],
)
def test_a_header_that_says_nothing_is_refused(lines: Lines, message: str) -> None:
    with pytest.raises(ImporterError, match=message):
        TableReader(lines)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("a,b;c,d", ["a", "b;c", "d"]),
        ("a;b,c;d", ["a", "b,c", "d"]),
        ("a\tb", ["a", "b"]),
        ('"a,b,c";d', ["a,b,c", "d"]),
        ("a", ["a"]),
    ],
)
def test_a_delimiter_is_sniffed_from_the_header(header: str, expected: Sequence[str]) -> None:
    assert list(TableReader([header], delimiter=None).header) == expected


def test_an_empty_sheet_has_no_delimiter_to_sniff() -> None:
    with pytest.raises(ImporterError, match="empty"):
        TableReader([], delimiter=None)


def test_cells_are_found_by_column() -> None:
    (record,) = TableReader(["a, b ,\n", " 1,2,3\n"])
    assert (record["a"], record["b"], record["c"]) == ("1", "2", "")
    assert "a" in record
    assert "c" not in record


def test_a_list_in_a_cell_is_split() -> None:
    assert split('"a;b";c', ";") == ["a;b", "c"]
    assert split('"a', ";") is None
    assert split('"a"b;c', ";") is None


def test_the_hint_of_an_encoding_is_by_what_the_bytes_look_like() -> None:
    [cyrillic] = lines_of(["Ізюм звільнено\n".encode("cp1251")], encoding="utf-8")
    [latin] = lines_of(["Le blessé a été évacué à Kharkiv\n".encode("cp1252")], encoding="utf-8")
    assert "encoding='cp1251'" in str(cyrillic.problem)
    assert "encoding='cp1252'" in str(latin.problem)


@given(st.text('a,"; ', max_size=12))
def test_a_line_parted_at_once_is_parted_as_cell_by_cell(line: str) -> None:
    at_once = table_reader._parted(line, ",")
    if at_once is not None:
        cells = table_reader._Cells(",")
        assert cells.feed(line)
        assert (cells.cells, cells.problem) == (at_once, None)
