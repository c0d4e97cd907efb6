"""Checks civil dates against datetime, and zones against clocks read minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from timeline.calendar_math import (
    DAY,
    HOUR,
    MINUTE,
    as_datetime,
    civil,
    days,
    instants,
    micros,
    month_length,
    months_on,
    wall,
    wall_of,
    zone_info,
)
from timeline.errors import ZoneError

EPOCH = date(1970, 1, 1)
FAR = st.integers(-(10**12), 10**12)


@given(st.dates())
@example(date.min)
@example(date.max)
@example(date(2000, 2, 29))
def test_days_are_those_of_datetime(day: date) -> None:
    assert days(day.year, day.month, day.day) == (day - EPOCH).days
    assert civil((day - EPOCH).days) == (day.year, day.month, day.day)


@given(FAR)
def test_civil_undoes_days_in_any_year(day: int) -> None:
    assert days(*civil(day)) == day


@given(FAR, st.integers(1, 12), st.integers(1, 28))
def test_the_calendar_repeats_after_400_years(year: int, month: int, day: int) -> None:
    assert days(year + 400, month, day) - days(year, month, day) == 146_097
    assert month_length(year + 400, month) == month_length(year, month)


@given(FAR, st.integers(1, 12))
def test_a_month_is_as_long_as_the_days_to_the_next(year: int, month: int) -> None:
    assert days(*months_on(year, month, 1)) - days(year, month) == month_length(year, month)


@given(FAR, st.integers(1, 12), st.integers(-5000, 5000))
def test_months_on_counts_both_ways(year: int, month: int, count: int) -> None:
    there = months_on(year, month, count)
    assert months_on(*there, -count) == (year, month)
    assert (there[0] - year) * 12 + there[1] - month == count


def test_year_0_is_a_leap_year_before_year_1() -> None:
    assert month_length(0, 2) == 29
    assert days(1) - days(0) == 366
    assert civil(days(1) - 1) == (0, 12, 31)


@given(st.datetimes())
def test_micros_are_exact(moment: datetime) -> None:
    at = micros(moment)
    assert at == micros(moment.replace(tzinfo=UTC))
    assert as_datetime(at) == moment.replace(tzinfo=UTC)
    assert at == wall(moment.year, moment.month, moment.day) + (
        (moment - datetime.combine(moment, datetime.min.time())) // timedelta(microseconds=1)
    )


def test_datetime_is_given_only_in_its_own_years() -> None:
    assert as_datetime(None) is None
    assert as_datetime(wall(1)) == datetime(1, 1, 1, tzinfo=UTC)
    assert as_datetime(wall(1) - 1) is None
    assert as_datetime(wall(10_000) - 1) == datetime.max.replace(tzinfo=UTC)
    assert as_datetime(wall(10_000)) is None


@pytest.mark.parametrize(
    "name",
    [
        "", "utc ", "Europe/Kiyv", "Europe", "../UTC", "/etc/passwd", "+25:00", "+14:01", "+03:60",
        "+3", "+0300", "\uff0b03:00", "+\uff10\uff13:00", "localtime", "posixrules", "UTC\n",
        "A" * 5000, "Europe/\0",
    ],
)  # fmt: skip
def test_other_zones_are_refused(name: str) -> None:
    with pytest.raises(ZoneError, match="Europe/Kyiv"):
        zone_info(name)


def test_a_zone_object_is_refused_by_what_to_give() -> None:
    with pytest.raises(ZoneError, match="given by its name"):
        zone_info(ZoneInfo("Europe/Kyiv"))


def test_zones_are_names_or_offsets() -> None:
    assert zone_info("UTC") is UTC
    assert zone_info("Europe/Kyiv") == ZoneInfo("Europe/Kyiv")
    assert zone_info("-03:30").utcoffset(None) == timedelta(hours=-3, minutes=-30)
    assert zone_info("+14:00").utcoffset(None) == timedelta(hours=14)


# Clock changes: an hour each way, at midnight each way, of half an hour, and of a whole day.
CHANGES = [
    ("Europe/Kyiv", datetime(2022, 3, 27, 1, tzinfo=UTC)),
    ("Europe/Kyiv", datetime(2022, 10, 30, 1, tzinfo=UTC)),
    ("Europe/Lisbon", datetime(2022, 10, 30, 1, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 2, 18, 2, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC)),
    ("Asia/Beirut", datetime(2022, 3, 26, 22, tzinfo=UTC)),
    ("Asia/Beirut", datetime(2022, 10, 29, 21, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2014, 5, 15, 22, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2014, 9, 25, 21, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2022, 4, 2, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2022, 10, 1, 15, 30, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
]
STEP = 10  # minutes; every change above is at one of these


def clocks(zone: str, around: datetime) -> list[tuple[int, int]]:
    """What the clocks of a zone show (second) at each instant (first) around a change."""
    first = around - timedelta(days=3)
    moments = (first + timedelta(minutes=STEP * count) for count in range(6 * 24 * 60 // STEP))
    return [
        (micros(moment), micros(moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)))
        for moment in moments
    ]


@pytest.mark.parametrize(("zone", "change"), CHANGES)
@pytest.mark.parametrize("length", [STEP * MINUTE, HOUR, 12 * HOUR, DAY])
def test_bounds_hold_every_instant_that_shows_such_a_time_and_no_more(
    zone: str, change: datetime, length: int
) -> None:
    shown = clocks(zone, change)
    offset = change.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    middle = micros(change + offset) // DAY * DAY
    skipped = 0
    for lo in range(middle - DAY, middle + DAY, STEP * MINUTE):
        hi = lo + length
        at = [instant for instant, clock in shown if lo <= clock < hi]
        if at:
            assert instants(lo, hi, zone) == (min(at), max(at) + STEP * MINUTE)
        else:
            skipped += 1
            before, after = shown[0][0] - shown[0][1], shown[-1][0] - shown[-1][1]
            assert instants(lo, hi, zone) == (
                min(lo + before, lo + after),
                max(hi + before, hi + after),
            )
    forward = shown[-1][1] - shown[-1][0] > shown[0][1] - shown[0][0]
    longest = max(b[1] - a[1] for a, b in pairwise(shown)) - STEP * MINUTE
    assert (skipped > 0) == (forward and length <= longest)


def test_some_of_these_changes_skip_a_whole_day_or_midnight() -> None:
    apia = wall(2011, 12, 30)
    assert instants(apia, apia + DAY, "Pacific/Apia") == (
        wall(2011, 12, 29, 10 * HOUR),
        wall(2011, 12, 31, 10 * HOUR),
    )
    cairo = wall(2014, 5, 16)
    assert instants(cairo, cairo + DAY, "Africa/Cairo") == (
        wall(2014, 5, 15, 22 * HOUR),
        wall(2014, 5, 16, 21 * HOUR),
    )


@given(
    st.integers(wall(1900), wall(2100)),
    st.integers(1, 40 * DAY),
    st.sampled_from(sorted({zone for zone, _ in CHANGES})),
)
def test_neighbours_leave_no_instant_out(at: int, length: int, zone: str) -> None:
    _, end = instants(at - length, at, zone)
    start, _ = instants(at, at + length, zone)
    assert start is not None
    assert end is not None
    assert start <= end


@given(FAR.map(lambda at: at * DAY), st.sampled_from(["UTC", "+03:00", "Asia/Kathmandu"]))
def test_a_zone_shows_what_its_bounds_were_made_from(at: int, zone: str) -> None:
    lo, hi = instants(at, at + 1, zone)
    assert lo is not None
    assert hi is not None
    assert wall_of(lo, zone) == at
    assert wall_of(hi - 1, zone) == at


def test_an_unknown_zone_is_that_of_any_inhabited_place() -> None:
    lo, hi = instants(0, DAY, None)
    assert (lo, hi) == (-14 * HOUR, DAY + 12 * HOUR)
    for zone in ("Pacific/Kiritimati", "UTC", "Asia/Kathmandu", "Pacific/Pago_Pago"):
        first, last = instants(wall(2022), wall(2023), zone)
        widest = instants(wall(2022), wall(2023), None)
        assert first is not None
        assert last is not None
        assert widest[0] is not None
        assert widest[1] is not None
        assert widest[0] <= first
        assert last <= widest[1]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Kyiv", None])
def test_what_is_unbounded_stays_so(zone: str | None) -> None:
    assert instants(None, None, zone) == (None, None)
    assert instants(0, None, zone)[1] is None
    assert instants(None, 0, zone)[0] is None
