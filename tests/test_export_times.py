"""Tests that no export makes a time sharper than the sources have it, nor moves it elsewhere."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import icalendar
from hypothesis import example, given
from hypothesis import strategies as st

from timeline import Chronology, Incident, Report, When, when
from timeline.calendar_math import DAY, MINUTE, SECOND, micros, wall, wall_of
from timeline.export import to_cloudevents, to_icalendar, to_jsonld, to_timelinejs, to_timemap
from timeline.export.text import span, time_text
from timeline.resolution import resolve
from timeline.testing import strategies

WIRE = Report("Wire", published="2022-09-16")
ZONES = ("UTC", "Europe/Kyiv", "America/St_Johns", "Pacific/Kiritimati", None)

moments = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 28))  # noqa: DTZ001 - zones come below
written = st.builds(
    lambda moment, form, zone: when(moment.strftime(form).zfill(len("2022")), zone=zone),
    moments.filter(lambda moment: moment.year > 999),
    st.sampled_from(["%Y", "%Y-%m", "%Y-%m~", "%Y-%m-%d", "%Y-%m-%d?", "%Y-%m-%dT%H:%M:%S"]),
    st.sampled_from(ZONES),
)
to_the_minute = st.builds(
    lambda moment, zone: when(moment.strftime("%Y-%m-%dT%H:%M"), zone=zone),
    moments.filter(lambda moment: moment.year > 999),
    st.sampled_from(ZONES),
)
times = st.one_of(strategies.whens(), written, to_the_minute)
NIGHT = when("2022-10-30T03:30", zone="Europe/Kyiv")  # there twice: clocks were put back


def exported(time: When) -> tuple[Chronology, Incident]:
    event = Incident(when=time, category="fire", id="fire")
    return Chronology(tuple(resolve([WIRE.says(event)]))), event


def shown(time: When) -> tuple[int, int]:
    """Return the bounds as clocks of the zone showed them; one that is open is the other."""
    zone = time.zone
    lo = None if time.lo is None else time.lo + 14 * 60 * MINUTE
    hi = None if time.hi is None else time.hi - 12 * 60 * MINUTE
    if zone is not None:
        lo = None if time.lo is None else wall_of(time.lo, zone)
        hi = None if time.hi is None else wall_of(time.hi, zone)
    if lo is None:
        assert hi is not None
        return hi - 1, hi
    return lo, lo + 1 if hi is None or hi <= lo else hi


@given(times)
@example(NIGHT)
@example(When())
def test_a_calendar_holds_the_bounds_and_a_moment_only_where_it_is_known(time: When) -> None:
    accounts, event = exported(time)
    made = to_icalendar(accounts)
    entries: Any = icalendar.Calendar.from_ical(made).walk("VEVENT")
    if not entries:
        assert [one.part for one in made.left_out] == ["event"]
        found = span(time)
        assert found is None or not 1 <= found.date[0] <= found.last_date[0] < 9999
        return
    [entry] = entries
    start = entry.decoded("dtstart")
    if isinstance(start, datetime):
        assert time.hi is not None
        assert time.lo is not None
        assert micros(start) == time.lo // SECOND * SECOND
        assert time.hi - time.lo <= MINUTE
        assert not time.approximate
    else:
        end: date = entry.decoded("dtend")
        first, last = shown(time)
        assert wall(start.year, start.month, start.day) <= first
        assert last <= wall(end.year, end.month, end.day)
        assert first - DAY < wall(start.year, start.month, start.day)
        assert wall(end.year, end.month, end.day) < last + DAY
        days = end - start
        if days != timedelta(days=1) or time.lo is None or time.hi is None or time.approximate:
            assert str(entry["summary"]).startswith(time_text(time))
    assert str(entry["summary"]).endswith(str(event))


@given(times)
@example(NIGHT)
def test_a_slide_stands_where_the_bounds_are_on_days_of_the_calendar(time: When) -> None:
    accounts, _ = exported(time)
    for slide in json.loads(to_timelinejs(accounts))["events"]:
        assert slide["display_date"] == time_text(time)
        first, last = shown(time)
        ends = [slide["start_date"], slide.get("end_date", slide["start_date"])]
        read = [_read(parts) for parts in ends]
        assert read[0] <= first < read[0] + (SECOND if "hour" in ends[0] else DAY)
        assert "end_date" not in slide or read[1] < last


def _read(parts: dict[str, int]) -> int:
    """Return the wall microseconds of a date, and fails if it isn't one."""
    year, month, day = parts["year"], parts["month"], parts["day"]
    date(2000 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 2001, month, day)
    of_day = parts.get("hour", 0) * 60 * MINUTE + parts.get("minute", 0) * MINUTE
    of_day += parts.get("second", 0) * SECOND + parts.get("millisecond", 0) * 1000
    return wall(year, month, day, of_day)


@given(times)
@example(NIGHT)
def test_a_time_of_day_is_given_only_where_it_is_known(time: When) -> None:
    accounts, _ = exported(time)
    known = None if time.lo is None or time.hi is None else time.hi - time.lo
    for one in json.loads(to_timemap(accounts))["events"]:
        assert one["time_display"] == time_text(time)
        assert not one["time"] or (known is not None and known <= MINUTE)
    [linked] = json.loads(to_jsonld(accounts))["@graph"]
    assert "T" not in linked.get("startDate", "") or (known is not None and known <= MINUTE)
    assert "startDate" not in linked or (known is not None and known <= 26 * 60 * MINUTE)
    [event] = json.loads(to_cloudevents(accounts))
    assert "time" not in event or (known is not None and known <= SECOND)
