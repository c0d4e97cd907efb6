"""Tests how times are read in a stated format: no finer than it is, no part made up."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import When, when
from timeline.errors import ImporterError, WhenError
from timeline.importers.date_formats import EXCEL, MONTHS, date_format, excel

KYIV = "Europe/Kyiv"
YEAR_1000 = datetime.fromisoformat("1000-01-01T00:00")  # wall time
YEAR_9999 = datetime.fromisoformat("9999-12-31T00:00")


@pytest.mark.parametrize(
    ("form", "text", "expected", "precision"),
    [
        ("%d.%m.%Y", "16.09.2022", "2022-09-16", "day"),
        ("%d.%m.%y", "16.09.22", "2022-09-16", "day"),
        ("%m/%Y", "09/2022", "2022-09", "month"),
        ("%Y", "2022", "2022", "year"),
        ("%d %B %Y", "16 September 2022", "2022-09-16", "day"),
        ("%d %b %Y", "16 Sept. 2022", "2022-09-16", "day"),
        ("%d %B %Y", "16 вересня 2022", "2022-09-16", "day"),
        ("%d %B %Y", "16 сентября 2022", "2022-09-16", "day"),
        ("%d %B %Y", "16 septembre 2022", "2022-09-16", "day"),
        ("%d %B %Y", "16 سبتمبر 2022", "2022-09-16", "day"),
        ("%d.%m.%Y %H:%M", "16.09.2022 08:30", "2022-09-16T08:30", "minute"),
        ("%d.%m.%Y %H:%M:%S", "16.09.2022 08:30:05", "2022-09-16T08:30:05", "second"),
        ("%m/%d/%Y %I:%M %p", "9/16/2022 8:30 PM", "2022-09-16T20:30", "minute"),
        ("%Y%m%d", "20220916", "2022-09-16", "day"),
        ("%G-W%V-%u", "2022-W37-1", "2022-09-12", "day"),
        ("%Y %U %w", "2022 37 1", "2022-09-12", "day"),
        ("%j/%Y", "259/2022", "2022-09-16", "day"),
        ("%A %d.%m.%Y", "Friday 16.09.2022", "2022-09-16", "day"),
    ],
)
def test_precision_is_what_the_format_has(
    form: str, text: str, expected: str, precision: str
) -> None:
    found = date_format(form).read(text, KYIV)
    assert found == when(expected, zone=KYIV)
    assert found.precision == precision
    assert found.text == text


def test_an_hour_is_an_hour_and_a_week_a_week() -> None:
    hour = date_format("%d.%m.%Y %H").read("16.09.2022 14", KYIV)
    first = when("2022-09-16T14:00", zone=KYIV)
    assert hour == When(lo=first.lo, hi=first.lo + 3_600_000_000, precision="hour", zone=KYIV)  # type: ignore[operator]
    week = date_format("%G-W%V").read("2022-W37", KYIV)
    days = when("2022-09-12", zone=KYIV), when("2022-09-18", zone=KYIV)
    assert (week.lo, week.hi) == (days[0].lo, days[1].hi)
    assert date_format("%Y-%W").read("2022-37", KYIV) == week


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%Y-%m-%d %H:%M:%SZ", "2022-09-16 08:30:05Z"),
        ("%Y-%m-%d %H:%M:%S UTC", "2022-09-16 08:30:05 UTC"),
        ("%Y-%m-%d %H:%M:%S %Z", "2022-09-16 08:30:05 GMT"),
        ("%Y-%m-%dT%H:%M:%S%z", "2022-09-16T11:30:05+0300"),
        ("%Y-%m-%dT%H:%M:%S%z", "2022-09-16T08:30:05Z"),
    ],
)
def test_a_zone_that_is_written_goes_before_the_mappings(form: str, text: str) -> None:
    found = date_format(form).read(text, KYIV)
    expected = when("2022-09-16T08:30:05Z")
    assert (found.lo, found.hi) == (expected.lo, expected.hi)


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ("%d.%m", "lacks a year"),
        ("%H:%M", "lacks a year"),
        ("%Y %d", "lacks the month"),
        ("%Y %H:%M", "lacks the day"),
        ("%Y-%m-%d %M", "lacks the hour"),
        ("%Y-%m-%d %H%S", "lacks the minute"),
        ("%Y-%m-%d %I:%M", "go together"),
        ("%Y %w", "lacks a week"),
        ("%G %u", "go together"),
        ("%Y %y", "two years"),
        ("%d %d %m %Y", "a part twice"),
        ("%Q", "isn't known here"),
        ("%c", "isn't known here"),
        ("%Y %", "isn't known here"),
        ("Friday", "lacks a year"),
    ],
)
def test_a_format_that_leaves_a_part_open_is_refused(form: str, reason: str) -> None:
    with pytest.raises(ImporterError, match=reason):
        date_format(form)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%d.%m.%Y", "16.09.22"),
        ("%d.%m.%Y", "31.02.2022"),
        ("%d.%m.%Y", "16.13.2022"),
        ("%d %B %Y", "16 Brumaire 2022"),
        ("%d.%m.%Y %H:%M", "16.09.2022 25:00"),
        ("%d.%m.%Y %I %p", "16.09.2022 13 PM"),
        ("%j %Y", "366 2022"),
        ("%G-W%V-%u", "2022-W54-1"),
        ("%Y %U %w", "2022 77 1"),
        ("%A %d.%m.%Y", "Monday 16.09.2022"),
    ],
)
def test_a_text_that_does_not_fit_is_refused(form: str, text: str) -> None:
    with pytest.raises(WhenError):
        date_format(form).read(text, "UTC")


@given(
    st.datetimes(YEAR_1000, YEAR_9999),
    st.sampled_from(
        ["%Y-%m-%d", "%d.%m.%Y %H:%M", "%Y%m%d %H%M%S", "%G-W%V-%u", "%j.%Y", "%Y %W %u", "%m %Y"]
    ),
)
def test_what_is_written_in_a_format_comes_back(moment: datetime, form: str) -> None:
    text = moment.strftime(form)
    found = date_format(form).read(text, "UTC")
    instant = when(moment).lo
    assert instant is not None
    assert found.lo is not None
    assert found.hi is not None
    assert found.lo <= instant < found.hi
    assert date_format(form).read(text, "UTC") == found


def test_serial_dates_of_both_epochs() -> None:
    assert excel("44820", "excel", "UTC") == when("2022-09-16")
    assert excel("43358", "excel1904", "UTC") == when("2022-09-16")
    assert excel("44820.604166666664", "excel", KYIV) == when("2022-09-16T14:30:00", zone=KYIV)
    for text in ("60", "0", "x", "44820,5", "9999999"):
        with pytest.raises(WhenError):
            excel(text, "excel", "UTC")


@given(st.dates(date(1900, 3, 1), date(9999, 12, 31)))
def test_a_serial_date_is_its_day(day: date) -> None:
    for form, epoch in EXCEL.items():
        if day > epoch + timedelta(days=1):
            assert excel(str((day - epoch).days), form, "UTC") == when(day)


def test_a_months_name_is_one_month() -> None:
    assert set(MONTHS.values()) == set(range(1, 13))
    assert (MONTHS["лютого"], MONTHS["mai"], MONTHS["ağustos"], MONTHS["كانون الثاني"]) == (
        2,
        5,
        8,
        1,
    )
