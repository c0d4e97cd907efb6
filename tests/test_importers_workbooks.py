"""Tests tables in workbooks, JSON and zips: they say what the same table says as CSV."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from timeline import Attack, Count, when
from timeline.errors import ImporterError
from timeline.importers import Accepted, guess_sheet, table
from timeline.importers.table_reader import TableReader
from timeline.importers.workbooks import read_json

MAP = """
kind = "attack"
zone = "Europe/Kyiv"
[columns]
when = "Date"
place = "Town"
killed = "Dead"
[defaults]
source = "our desk"
"""


def workbook(*sheets: tuple[str, list[list[Any]]]) -> io.BytesIO:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    content.seek(0)
    return content


def zipped(**files: str) -> io.BytesIO:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    content.seek(0)
    return content


def events(file: Any, mapping: str = MAP) -> list[Attack]:
    found = list(table(file, mapping))
    assert all(isinstance(one, Accepted) for one in found), found
    return [one.said[0].event for one in found if isinstance(one, Accepted)]  # type: ignore[union-attr,misc]


def test_a_workbook_with_a_title_and_another_sheet() -> None:
    rows: list[list[Any]] = [
        ["Attacks, a list"],
        [],
        ["Date", "Town", "Dead"],
        [date(2022, 9, 16), "Izium", 3],
        [datetime.fromisoformat("2022-09-16T08:30"), "Kharkiv", None],
        ["2022-09", "Lyman", "about 40"],
    ]
    first, second, third = events(workbook(("Notes", [["see"]]), ("Data", rows)))
    zone = "Europe/Kyiv"
    assert (first.when, first.killed) == (when("2022-09-16", zone=zone), 3)
    assert second.when == when("2022-09-16T08:30", zone=zone)
    assert not second.killed.reported
    assert (third.when, third.killed) == (when("2022-09", zone=zone), Count(about=40))


def test_which_sheet_is_asked_where_two_fit() -> None:
    rows: list[list[Any]] = [["Date", "Town", "Dead"], [date(2022, 9, 16), "Izium", 3]]
    book = workbook(("A", rows), ("B", [*rows, rows[1]]))
    with pytest.raises(ImporterError, match=r"2 sheets \(A, B\); say which"):
        table(book, MAP)
    book.seek(0)
    assert len(events(book, f'sheet = "B"\n{MAP}')) == 2
    book.seek(0)
    with pytest.raises(ImporterError, match="no sheet 'C'"):
        table(book, f'sheet = "C"\n{MAP}')


def test_the_sheet_with_times_is_proposed() -> None:
    towns: tuple[str, list[list[Any]]] = ("Towns", [["Town", "Oblast"], ["Izium", "Kharkiv"]])
    attacks: tuple[str, list[list[Any]]] = (
        "2022",
        [["Date", "Town"], [date(2022, 9, 16), "Izium"]],
    )
    found = guess_sheet(workbook(towns, attacks))
    assert 'sheet = "2022"  # of "Towns", "2022"' in found
    assert len(list(table(workbook(towns, attacks), found))) == 1
    with pytest.raises(ImporterError, match="2022 and 2023 have times; say which with --sheet"):
        guess_sheet(workbook(attacks, ("2023", attacks[1]), ("notes", [])))
    with pytest.raises(ImporterError, match="none of them has times"):
        guess_sheet(workbook(towns, ("more", [["Town"]])))
    assert guess_sheet(workbook(towns, attacks), sheet="Towns").startswith('sheet = "Towns"\n')
    assert guess_sheet(zipped(a__csv="Date,Town\n2022-09-16,Izium\n")).count("sheet =") == 0


def test_cells_merged_down_say_the_same_in_each_row() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Date", "Town", "Dead"], ["2022-09-16", "Izium", 1], [None, "Lyman", 2]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    content = io.BytesIO()
    book.save(content)
    content.seek(0)
    assert [one.when for one in events(content)] == [when("2022-09-16", zone="Europe/Kyiv")] * 2


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.dates(date(1904, 1, 2), date(2100, 1, 1)),
    st.datetimes(*map(datetime.fromisoformat, ("1904-01-02T00:00", "2100-01-01T00:00"))).map(
        lambda one: one.replace(microsecond=0)
    ),
    st.times().map(lambda one: one.replace(microsecond=0)),
    st.text("abcІзюм 0123456789,;\"'\n", min_size=1, max_size=8).filter(
        lambda one: one.strip() == one
    ),
)


def written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime) and value.time() == time(0):
        value = value.date()
    if isinstance(value, datetime | time):
        return value.isoformat(timespec="seconds" if value.second else "minutes")
    return value.isoformat() if isinstance(value, date) else str(value)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=4))
def test_typed_cells_come_back_as_their_values(rows: list[list[Any]]) -> None:
    """A workbook's cell is the text of its value; a date is ISO 8601, whatever it is shown as."""
    reader = TableReader(workbook(("S", [["a", "b", "c"], *rows])))
    found = {one.row: [one[name] for name in "abc"] for one in reader}
    expected = {number: [written(cell) for cell in row] for number, row in enumerate(rows, 2)}
    assert found == {number: row for number, row in expected.items() if any(row)}


def test_a_zip_with_one_table_inside() -> None:
    csv = "Date,Town,Dead\n2022-09-16,Izium,3\n"
    assert len(events(zipped(data__csv=csv, __MACOSX="x"[:0]))) == 1
    both = zipped(a__csv=csv, b__csv=csv)
    with pytest.raises(ImporterError, match=r"2 tables \(a.csv, b.csv\)"):
        table(both, MAP)
    both.seek(0)
    assert len(events(both, f'sheet = "b.csv"\n{MAP}')) == 1
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        inner = workbook(("S", [["Date", "Town", "Dead"], ["2022", "Izium", 1]]))
        archive.writestr("book.xlsx", inner.getvalue())
    outer.seek(0)
    assert len(events(outer)) == 1
    with pytest.raises(ImporterError, match="can't be opened"):
        table(io.BytesIO(b"PK\x03\x04nonsense"), MAP)
    with pytest.raises(ImporterError, match="can't be opened"):
        table(io.BytesIO(b"\xd0\xcf\x11\xe0nonsense"), MAP)


OBJECTS = [
    {"Date": "2022-09-16", "Town": "Izium", "Dead": 3},
    {"Date": "2022-09-17", "Town": "Lyman", "Dead": None, "More": {"a": [1, "x"]}},
]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(OBJECTS),
        json.dumps({"status": 200, "success": True, "data": OBJECTS}),
        json.dumps({"attacks": OBJECTS, "count": 2}, indent=1),
        "\n".join(map(json.dumps, OBJECTS)),
        "\ufeff" + json.dumps(OBJECTS),
    ],
)
def test_json_in_its_usual_shapes(text: str) -> None:
    first, second = events(io.BytesIO(text.encode()))
    assert (first.killed, second.killed.reported) == (3, False)
    header, _, row = (cells for _, cells in read_json(text.encode()).rows)
    assert (header[-1], row[-1]) == ("More.a", "1; x")


def test_geojson_has_its_places() -> None:
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [37.27, 49.21]},
        "properties": {"Date": "2022", "Town": "Izium"},
    }
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    header, row = (cells for _, cells in read_json(text.encode()).rows)
    assert dict(zip(header, row, strict=True)) == {
        "longitude": "37.27", "latitude": "49.21", "Date": "2022", "Town": "Izium",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"success": false, "error": "no key"}', "the answer is an error: no key"),
        ('{"a": [1, ', "can't be read"),
        ('[{"a": 1}, 2]', "no list of objects"),
        ("[]", "has no objects"),
        ('{"data": []}', "has no objects"),
    ],
)
def test_json_that_is_no_table_is_refused(text: str, message: str) -> None:
    with pytest.raises(ImporterError, match=message):
        read_json(text.encode())
