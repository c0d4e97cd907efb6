"""Checks what when() and between() make of texts, dates and datetimes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.edtf_texts import date_texts, texts
from timeline.calendar_math import DAY, HOUR, MINUTE, SECOND, micros, wall
from timeline.edtf import APPROXIMATE, parse
from timeline.errors import WhenError, ZoneError
from timeline.time_parsing import between, lasted, when
from timeline.times import When

ZONES = ["UTC", "Europe/Kyiv", "America/Sao_Paulo", "Pacific/Apia", None]


@given(texts, st.sampled_from(ZONES))
def test_edtf_is_read_as_edtf(text: str, zone: str | None) -> None:
    assert when(text, zone=zone) == parse(text, zone=zone)


def test_a_when_is_given_back_as_it_is() -> None:
    made = when("2022-09", zone="Europe/Kyiv")
    assert when(made, zone="UTC") is made


@given(st.dates(), st.sampled_from(ZONES))
def test_a_date_is_what_its_text_is(day: date, zone: str | None) -> None:
    assert when(day, zone=zone) == when(day.isoformat(), zone=zone)


@pytest.mark.parametrize(
    ("text", "at", "length", "zone", "edtf"),
    [
        ("2022-09-16T08:00", 5 * HOUR, MINUTE, "Europe/Kyiv", None),
        ("2022-09-16 08:00", 5 * HOUR, MINUTE, "Europe/Kyiv", None),
        ("2022-09-16T08:00Z", 8 * HOUR, MINUTE, "UTC", None),
        ("2022-09-16T08:00-03:30", 11 * HOUR + 30 * MINUTE, MINUTE, "-03:30", None),
        ("2022-09-16T24:00Z", 24 * HOUR, MINUTE, "UTC", None),
        (
            "2022-09-16 08:00:05+00:00",
            8 * HOUR + 5 * SECOND,
            SECOND,
            "UTC",
            "2022-09-16T08:00:05+00:00",
        ),
    ],
)
def test_iso_times_that_edtf_lacks_are_read(
    text: str, at: int, length: int, zone: str, edtf: str | None
) -> None:
    read = when(text, zone="Europe/Kyiv")
    lo = wall(2022, 9, 16, at)
    assert (read.lo, read.hi, read.zone, read.edtf) == (lo, lo + length, zone, edtf)
    assert read.text == text


@pytest.mark.parametrize(
    "text",
    [
        "2022-09-16T8", "2022-09-16T08:00.5", "2022-09-16  08:00", "2022-09-16t08:00",
        "2022-09-16T08:00z", "2022-09-16T0800", "20220916T08:00", "2022-09-16T08:00:00,",
        "2022-09-16T08:00+0300", "2022-02-30T08:00", "2022-W37-8", "2022-W53", "2022-366",
        "12:30", "2022-W00", "20221301", "20220230", "2022W37-1", "/P1D",
        "2022-09-16T08:00/2022-09-15T08:00",
        "2022-09-16T08:00/P", "2022-09-16T08:00/soon", "2022-09-16T24:30", "10.09.2022", "202209",
        "2022-09-16T08:00 ", "2022-09-16T25:00", "-0000-09-16T08:00",
        "2022-09-16T08:00+\uff10\uff13",
    ],
)  # fmt: skip
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(WhenError, match="as a time"):
        when(text)


@given(st.datetimes(timezones=st.timezones() | st.just(UTC)))
def test_an_aware_datetime_is_its_own_microsecond(moment: datetime) -> None:
    read = when(moment, zone="Europe/Kyiv")
    at = micros(moment)
    assert (read.lo, read.hi) == (at, at + 1)
    assert (read.precision, read.edtf) == ("microsecond", None)


@pytest.mark.parametrize(
    ("info", "zone"),
    [
        (UTC, "UTC"),
        (ZoneInfo("UTC"), "UTC"),
        (ZoneInfo("Europe/Kyiv"), "Europe/Kyiv"),
        (timezone(timedelta(hours=3)), "+03:00"),
        (timezone(timedelta(hours=-3, minutes=-30)), "-03:30"),
        (timezone(timedelta(0), "Greenwich"), "UTC"),
        (timezone(timedelta(seconds=1234)), "UTC"),
        (timezone(timedelta(hours=-20)), "UTC"),
    ],
)
def test_an_aware_datetime_brings_its_zone(info: tzinfo, zone: str) -> None:
    read = when(datetime(2022, 9, 10, 12, tzinfo=info))
    assert read.zone == zone
    assert read.earliest == datetime(2022, 9, 10, 12, tzinfo=info)


@given(st.datetimes(), st.sampled_from(["UTC", "+05:30", "-12:00"]))
def test_a_naive_datetime_is_read_in_the_zone(moment: datetime, zone: str) -> None:
    read = when(moment, zone=zone)
    assert read.lo is not None
    assert read.hi == read.lo + 1
    assert read.zone == zone
    hours = {"UTC": 0, "+05:30": 5.5, "-12:00": -12}[zone]
    assert read.lo == micros(moment) - round(hours * HOUR)


@pytest.mark.parametrize("moment", [datetime.min, datetime.max])  # noqa: DTZ901 - naive on purpose
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Etc/GMT+12"])
def test_the_first_and_the_last_datetime_are_exact(moment: datetime, zone: str) -> None:
    read = when(moment, zone=zone)
    offset = moment.replace(year=2001, tzinfo=ZoneInfo(zone)).utcoffset()
    assert offset is not None
    if moment.year == 9999 or zone != "Pacific/Kiritimati":
        assert read.lo == micros(moment) - offset // timedelta(microseconds=1)
    assert read.lo is not None
    assert read.hi == read.lo + 1
    assert when(moment.replace(tzinfo=UTC)).lo == micros(moment)


def test_a_local_datetime_spans_both_its_readings() -> None:
    for moment in (datetime(2022, 10, 30, 3, 30), datetime(2022, 3, 27, 3, 30)):  # noqa: DTZ001
        read = when(moment, zone="Europe/Kyiv")
        assert read.lo is not None
        assert read.hi == read.lo + HOUR + 1
    nowhere = when(datetime(2022, 9, 10), zone=None)  # noqa: DTZ001
    assert nowhere.lo is not None
    assert nowhere.hi == nowhere.lo + 26 * HOUR + 1


class Nowhere(tzinfo):
    """A zone that doesn't know its offset, which makes a datetime naive."""

    def utcoffset(self, _: datetime | None, /) -> None:
        return None

    def dst(self, _: datetime | None, /) -> None:
        return None

    def tzname(self, _: datetime | None, /) -> None:
        return None


def test_a_zone_without_an_offset_is_no_zone() -> None:
    read = when(datetime(2022, 9, 10, tzinfo=Nowhere()), zone="Europe/Kyiv")
    assert read.zone == "Europe/Kyiv"
    assert read.lo == wall(2022, 9, 9, 21 * HOUR)


class Absent(datetime):
    """Like the datetime that pandas has for one that is absent: unequal to itself."""

    __hash__ = datetime.__hash__

    def __eq__(self, other: object) -> bool:
        return False


@pytest.mark.parametrize(
    "value",
    [
        None, True, 0, 2022, 2022.5, float("nan"), b"2022", ["2022"], ("2022", "2023"), {},
        object(), time(8), timedelta(1), 10**5000, Absent(2022, 9, 10), When,
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_other_types_are_refused(value: Any) -> None:
    name = type(value).__name__
    with pytest.raises(WhenError, match=f"of type {name} as a time; give a text"):
        when(value)


def test_a_zone_that_is_none_is_refused() -> None:
    for value in ("2022", date(2022, 9, 10), datetime(2022, 9, 10)):  # noqa: DTZ001
        with pytest.raises(ZoneError, match="Europe/Kiyv"):
            when(value, zone="Europe/Kiyv")


@pytest.mark.parametrize(
    ("first", "last", "edtf", "shown"),
    [
        ("2022-09-08", "2022-09-10", "[2022-09-08..2022-09-10]", "[2022-09-08, 2022-09-11)"),
        ("2022-09-10", "2022-09-10", "[2022-09-10..2022-09-10]", "[2022-09-10, 2022-09-11)"),
        ("2022-08", "2022-09", "[2022-08..2022-09]", "[2022-08-01, 2022-10-01)"),
        ("2022", None, "[2022..]", "[2022-01-01, ..)"),
        (None, "2022", "[..2022]", "[.., 2023-01-01)"),
        ("2022~", "2023", "[2022~..2023]", "[2021-01-01, 2024-01-01)"),
        # Where EDTF has no such form, or reads it otherwise.
        ("2022-08", "2022-09-10", None, "[2022-08-01, 2022-09-11)"),
        ("2022/2023", "2024", None, "[2022-01-01, 2025-01-01)"),
        ("2022-09-08T10:00:00", "2022-09-10T10:00:00", None, None),
        ("2022-XX-31", "2022-XX-30", None, "[2022-01-31, 2022-12-31)"),
    ],
)
def test_between_is_one_moment_from_the_first_through_the_last(
    first: str | None, last: str | None, edtf: str | None, shown: str | None
) -> None:
    for zone in ZONES:
        made = between(first, last, zone=zone)
        assert made.shape == "moment"
        assert made.edtf == edtf
        assert made.lo == (None if first is None else when(first, zone=zone).lo)
        assert made.hi == (None if last is None else when(last, zone=zone).hi)
    assert shown is None or between(first, last).bounds() == shown


@given(date_texts, date_texts, st.sampled_from(ZONES))
def test_between_is_read_again_from_its_edtf(first: str, last: str, zone: str | None) -> None:
    try:
        made = between(first, last, zone=zone)
    except WhenError:
        start, end = when(first, zone=zone), when(last, zone=zone)
        assert start.lo is not None
        assert end.hi is not None
        assert start.lo >= end.hi
    else:
        assert made.edtf is None or parse(made.edtf, zone=made.zone) == made


def test_between_takes_what_when_takes() -> None:
    made = between(date(2022, 9, 8), datetime(2022, 9, 9, 10, tzinfo=UTC))
    assert (made.lo, made.hi) == (wall(2022, 9, 8), wall(2022, 9, 9, 10 * HOUR) + 1)
    assert made.precision == "day"
    nested = between(between("2022-09-08", "2022-09-09"), When(hi=wall(2022, 9, 12)))
    assert (nested.lo, nested.hi) == (wall(2022, 9, 8), wall(2022, 9, 12))


def test_between_keeps_what_is_said_of_either_side() -> None:
    made = between("2022-09-08~", "2022-09-10?")
    assert (made.approximate, made.uncertain, made.policy) == (True, True, APPROXIMATE)
    plain = between("2022-09-08", "2022-09-10")
    assert (plain.approximate, plain.uncertain, plain.policy) == (False, False, None)
    read = When(lo=0, policy="phrases/1")
    assert between(read, "2022~").policy == f"{APPROXIMATE}, phrases/1"


@pytest.mark.parametrize(
    ("first", "last", "zone"),
    [("Europe/Kyiv", "Europe/Kyiv", "Europe/Kyiv"), ("Europe/Kyiv", "UTC", "UTC"),
     ("Europe/Kyiv", "Europe/Lisbon", "UTC"), ("Europe/Kyiv", None, None)],
)  # fmt: skip
def test_between_two_zones_is_told_in_utc(
    first: str | None, last: str | None, zone: str | None
) -> None:
    made = between(when("2022-09-08", zone=first), when("2022-09-10", zone=last))
    assert made.zone == zone
    assert (made.edtf is None) == (first != last)


@pytest.mark.parametrize(("first", "last"), [("2022-09-10", "2022-09-09"), ("2023", "2022-12")])
def test_between_refuses_what_ends_before_it_begins(first: str, last: str) -> None:
    with pytest.raises(WhenError, match=f"{last} ends before the first {first} begins"):
        between(first, last)


def test_between_needs_a_side() -> None:
    with pytest.raises(WhenError, match=r"use When\(\)"):
        between(None, None)


def test_a_day_that_a_zone_skipped_is_still_read() -> None:
    skipped = when("2011-12-30", zone="Pacific/Apia")
    assert skipped.lo is not None
    assert skipped.hi == skipped.lo + 2 * DAY


def test_lasted_reads_as_an_interval() -> None:
    assert lasted("2022-09-08", "2022-09-10") == when("2022-09-08/2022-09-10")
    assert lasted("2022-09", None) == when("2022-09/..")
    assert lasted(None, date(2022, 9, 10)) == when("../2022-09-10")
    with pytest.raises(WhenError, match="swapped"):
        lasted("2022-09-10", "2022-09-08")
    with pytest.raises(WhenError, match="lasted\\(\\) needs a first or a last time"):
        lasted(None, None)


def test_lasted_keeps_both_ends_of_an_alert() -> None:
    begun = datetime(2022, 9, 10, 8, 0, tzinfo=UTC)
    alert = lasted(begun, begun + timedelta(minutes=30))
    assert alert.lasted
    assert (alert.earliest, alert.edtf) == (begun, None)
    assert alert.relation(when(begun + timedelta(minutes=5))) == {"contains"}
