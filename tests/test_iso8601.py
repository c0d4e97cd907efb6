"""Reads the forms of ISO 8601 that EDTF lacks, and holds them to Python's calendar."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.errors import WhenError
from timeline.iso8601 import parse_iso
from timeline.time_parsing import when


@pytest.mark.parametrize(
    ("text", "bounds", "precision"),
    [
        ("2022-W37", "[2022-09-12, 2022-09-19)", "week"),
        ("2022W37", "[2022-09-12, 2022-09-19)", "week"),
        ("2020-W53", "[2020-12-28, 2021-01-04)", "week"),
        ("2022-09-10T08", "[2022-09-10 08:00, 2022-09-10 09:00)", "hour"),
        ("20220910T0800", "[2022-09-10 08:00, 2022-09-10 08:01)", "minute"),
        ("2022253T080000", "[2022-09-10 08:00, 2022-09-10 08:00:01)", "second"),
        ("2022-W36-6T08:00", "[2022-09-10 08:00, 2022-09-10 08:01)", "minute"),
        (
            "2022-09-10T14:30:15.25",
            "[2022-09-10 14:30:15.250000, 2022-09-10 14:30:15.260000)",
            "microsecond",
        ),
        ("2022-09-10T08:00/PT2H", "[2022-09-10 08:00, 2022-09-10 10:01)", "minute"),
        ("PT30M/2022-09-10T10:00", "[2022-09-10 09:30, 2022-09-10 10:01)", "minute"),
        ("2022-01-31T08:00/P1M", "[2022-01-31 08:00, 2022-02-28 08:01)", "minute"),
        ("2022-10-29T12:00/P1DT1H", "[2022-10-29 12:00, 2022-10-30 13:01)", "minute"),
        ("../2022-09-10T08:00", "[.., 2022-09-10 08:01)", "minute"),
        ("2022-09-10T08:00/..", "[2022-09-10 08:00, ..)", "minute"),
        ("2022-W36/2022-W37", "[2022-09-05, 2022-09-19)", "week"),
        ("2022-09-10/2022-09-12T10:00", "[2022-09-10, 2022-09-12 10:01)", "day"),
    ],
)
def test_iso_8601_is_read_whole(text: str, bounds: str, precision: str) -> None:
    read = when(text, zone="Europe/Kyiv")
    assert (read.bounds(), read.precision, read.text, read.edtf) == (bounds, precision, text, None)
    assert read.shape == ("lasted" if "/" in text else "moment")


@pytest.mark.parametrize("text", ["2022-253", "2022253", "20220910", "2022-W36-6", "2022W366"])
@pytest.mark.parametrize("zone", ["Europe/Kyiv", None])
def test_a_day_has_one_time_however_it_is_written(text: str, zone: str | None) -> None:
    assert when(text, zone=zone) == when("2022-09-10", zone=zone)


def test_an_offset_of_the_basic_form_is_a_zone() -> None:
    at = when("20220910T143015.000+0300")
    assert (at.lo, at.zone) == (when("2022-09-10T14:30:15+03:00").lo, "+03:00")
    assert when("2022-09-10T14:30:15.000Z").zone == "UTC"


@given(st.dates(date(1600, 1, 1), date(2400, 1, 1)))
def test_weeks_and_ordinals_agree_with_python(day: date) -> None:
    year, week, weekday = day.isocalendar()
    same = when(day)
    assert when(f"{year}-W{week:02d}-{weekday}") == same
    assert when(f"{day.year}-{day.timetuple().tm_yday:03d}") == same
    whole = when(f"{year}-W{week:02d}")
    assert whole.lo is not None
    assert whole.hi is not None
    assert same.lo is not None
    assert whole.lo <= same.lo < whole.hi


@pytest.mark.parametrize(
    "text", ["2022-09-10", "2022-09-10T08:00", "2022", "soon", "2022/2023", "x" * 101]
)
def test_what_edtf_has_is_left_to_it(text: str) -> None:
    assert parse_iso(text, zone="UTC") is None


@pytest.mark.parametrize("text", ["2022-W53", "2022-366", "20220230", "2022-09-10T08:00:61.5"])
def test_a_date_that_there_is_not_is_refused(text: str) -> None:
    with pytest.raises(WhenError):
        when(text)
