"""Tests the reader of TimelineJS spreadsheets."""

from __future__ import annotations

import csv
import io
import json

import pytest

from timeline import Claim, Incident, Log, Report, when
from timeline.errors import ImporterError
from timeline.importers import Accepted, Outcome, Refused, Skipped, import_into
from timeline.importers import timelinejs as read

COLUMNS = (
    "Year,Month,Day,Time,End Year,End Month,End Day,End Time,Display Date,Headline,Text,Media,"
    "Media Credit,Media Caption,Media Thumbnail,Type,Group,Background"
).split(",")
REPORT = Report("our desk", published="2022-09-20", url="https://desk.example")


def sheet(*rows: dict[str, str]) -> io.BytesIO:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return io.BytesIO(text.getvalue().encode())


def outcome(**cells: str) -> Outcome:
    named = {name.replace("_", " "): cell for name, cell in cells.items()}
    (found,) = read(sheet({"Year": "2022", "Headline": "Izium is freed", **named}), REPORT)
    return found


def claim(**cells: str) -> Claim:
    found = outcome(**cells)
    assert isinstance(found, Accepted), found
    (said,) = found.said
    assert isinstance(said, Claim)
    return said


def test_a_slide_is_an_incident() -> None:
    said = claim(
        Month="9", Day="10", Display_Date="a Saturday", Text="<p>The <b>town</b>.</p>",
        Group="Kharkiv", Media="https://video.example/1",
    )  # fmt: skip
    event = said.event
    assert isinstance(event, Incident)
    assert (str(event), event.category, event.when) == (
        "Izium is freed",
        "Kharkiv",
        when("2022-09-10"),
    )
    assert event.when.text == "a Saturday"
    assert (said.quote, said.source) == ("The town.", "our desk")
    assert said.report.url == "https://video.example/1"
    assert claim(Media="<iframe>").report.url == "https://desk.example"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, "2022"),
        ({"Month": "9"}, "2022-09"),
        ({"Month": "9.0", "Day": "1"}, "2022-09-01"),
        ({"Month": "9", "Day": "1", "Time": "17:30"}, "2022-09-01T17:30"),
        ({"Month": "9", "Day": "1", "Time": "5:30 PM"}, "2022-09-01T17:30"),
        ({"Month": "9", "Day": "1", "Time": "12:00:05 a.m."}, "2022-09-01T00:00:05"),
        ({"End_Year": "2023"}, "2022/2023"),
        (
            {"Month": "9", "End_Year": "2022", "End_Month": "9", "End_Day": "3"},
            "2022-09/2022-09-03",
        ),
    ],
)
def test_dates_are_as_fine_as_the_sheet_has_them(cells: dict[str, str], expected: str) -> None:
    assert claim(**cells).event.when == when(expected)


def test_times_are_those_of_a_zone() -> None:
    row = {"Year": "2022", "Month": "9", "Day": "1", "Time": "17:30", "Headline": "x"}
    (found,) = read(sheet(row), REPORT, zone="Europe/Kyiv")
    assert isinstance(found, Accepted)
    assert isinstance(found.said[0], Claim)
    assert found.said[0].event.when == when("2022-09-01T17:30", zone="Europe/Kyiv")


@pytest.mark.parametrize(
    ("cells", "column", "expected"),
    [
        ({"Headline": ""}, "Headline", "a text"),
        ({"Year": ""}, "Year", "expected a year"),
        ({"Day": "3"}, "Month", "as a finer one is given"),
        ({"Month": "9", "Time": "17:30"}, "Day", "as a finer one is given"),
        ({"Month": "0"}, "Month", "expected a number from 1"),
        ({"Month": "9", "Day": "1", "Time": "noon"}, "Time", "such as 17:30 or 5:30 PM"),
        ({"Month": "9", "Day": "1", "Time": "13:00 PM"}, "Time", "an hour from 1 to 12"),
        ({"Month": "13"}, "", "2022-13"),
        ({"Month": "2", "Day": "30"}, "", "2022-02 has 28 days"),
        ({"End_Year": "2021"}, "", "were the two swapped?"),
        ({"End_Day": "3"}, "End Year", "as a finer one is given"),
    ],
)
def test_a_bad_date_refuses_its_row(cells: dict[str, str], column: str, expected: str) -> None:
    found = outcome(**cells)
    assert isinstance(found, Refused)
    assert found.column == column
    assert expected in found.expected


def test_titles_and_empty_rows_are_skipped_and_eras_kept() -> None:
    assert outcome(Type="title") == Skipped(2, "the title slide")
    assert list(read(sheet({}), REPORT)) == [Skipped(2, "an empty row")]
    era = claim(Type="era", End_Year="2023").event
    assert isinstance(era, Incident)
    assert era.category == "era"
    with pytest.raises(ImporterError, match="isn't a TimelineJS spreadsheet: there is no column"):
        read(["Date,Headline\n"], REPORT)


def test_an_edited_text_is_the_same_event() -> None:
    row = {"Year": "2022", "Month": "9", "Headline": "Izium is freed", "Text": "Early word."}
    later = Report("our desk", published="2022-09-21")
    with Log() as log:
        import_into(log, read(sheet(row), REPORT))
        found = import_into(log, read(sheet({**row, "Text": "It is sure."}), later))
        assert (found.new, found.again, len(log.accounts())) == (0, 1, 1)
        found = import_into(log, read(sheet({**row, "Headline": "Izium falls"}), later))
        assert (found.new, len(log.accounts())) == (1, 2)


def test_a_year_may_be_negative() -> None:
    assert claim(Year="-44", Month="3", Day="15").event.when == when("-0044-03-15")


def test_json_says_what_the_sheet_says() -> None:
    slide = {
        "start_date": {"year": "2022", "month": "9", "day": "10"},
        "text": {"headline": "Izium is freed", "text": "<p>The <b>town</b> &amp; more.</p>"},
        "media": {"url": "https://video.example/1"},
        "group": "Kharkiv",
    }
    text = json.dumps({"title": {"text": {"headline": "War"}}, "events": [slide]})
    (found,) = read(io.BytesIO(text.encode()), Report("our desk", published="2022-10"))
    assert isinstance(found, Accepted), found
    (said,) = found.said
    assert isinstance(said, Claim)
    assert isinstance(said.event, Incident)
    assert (said.event.category, said.event.when) == ("Kharkiv", when("2022-09-10"))
    assert (said.quote, said.report.url) == ("The town & more.", "https://video.example/1")
