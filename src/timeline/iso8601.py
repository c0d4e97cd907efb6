"""Reads the forms of ISO 8601 that EDTF lacks: weeks, ordinal days, the basic form, fractions.

A text that EDTF has too is left to ``edtf``; ``when()`` asks here first. Bounds are those of the
unit that was written: a week its seven days from Monday, a tenth of a second a tenth of a second.
"""

from __future__ import annotations

import re

import attrs

from timeline.calendar_math import (
    DAY,
    HOUR,
    MICROSECONDS,
    MINUTE,
    SECOND,
    civil,
    days,
    instants,
    month_length,
    months_on,
    wall_of,
    zone_info,
)
from timeline.edtf import coarser, parse
from timeline.errors import WhenError
from timeline.times import Precision, When

__all__ = ["parse_iso"]

_LONGEST = 100  # characters
_WEEK = re.compile(r"(\d{4})(-?)W(\d\d)(?:\2([1-7]))?", re.ASCII)
_ORDINAL = re.compile(r"(\d{4})-?(\d{3})", re.ASCII)
_BASIC = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_EXTENDED = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_OF_EDTF = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d(?::\d\d)?)?)?", re.ASCII
)
# A date with hyphens has a clock with colons, and one without has one without.
_CLOCK = re.compile(
    r"(\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d\d(?::\d\d)?)?", re.ASCII
)
_BASIC_CLOCK = re.compile(
    r"(\d\d)(?:(\d\d)(?:(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d\d(?:\d\d)?)?", re.ASCII
)
_DURATION = re.compile(
    r"P(?=[\dT])(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?",
    re.ASCII,
)


def parse_iso(text: str, *, zone: str | None) -> When | None:
    """Return the time that an ISO 8601 text means, None for one that isn't ISO or is EDTF.

    ``2022-W37``, ``2022-W37-1``, ``2022-257``, ``20220916``, ``20220916T083000Z``,
    ``2022-09-10T14:30:15.25+03:00``, ``2022-09-10T08``, and intervals of times, of which one may
    be a duration: ``2022-09-10T08:00/PT2H``. Raises ``WhenError`` for one that has the form of a
    date which there isn't, and ``ZoneError`` for an offset that is none.
    """
    if len(text) > _LONGEST:
        return None
    found = _interval(text, zone) if "/" in text else _moment(text, zone)
    return None if found is None else attrs.evolve(found, text=text)


def _moment(text: str, zone: str | None) -> When | None:
    if _OF_EDTF.fullmatch(text):
        return None
    date, separator, clock = text.partition("T" if "T" in text else " ")
    day = _day(date)
    if separator:
        one = _EXTENDED.fullmatch(date)
        start = _existing(*map(int, one.groups())) if one else day
        written = (_CLOCK if "-" in date else _BASIC_CLOCK).fullmatch(clock)
        return None if start is None or written is None else _time(start, written, zone)
    if day is not None:
        year, month, of_month = civil(day)
        return parse(f"{year:04d}-{month:02d}-{of_month:02d}", zone=zone)
    week = _WEEK.fullmatch(text)
    if week is None:
        return None
    monday = _monday(int(week[1]), int(week[3]))
    lo, hi = instants(monday * DAY, (monday + 7) * DAY, zone)
    return When(lo=lo, hi=hi, precision="week", zone=zone)


def _day(text: str) -> int | None:
    """The days from 1970-01-01 to an ordinal, week or basic date; None for anything else."""
    basic, ordinal, week = (form.fullmatch(text) for form in (_BASIC, _ORDINAL, _WEEK))
    if basic:
        return _existing(*map(int, basic.groups()))
    if ordinal:
        year, of_year = int(ordinal[1]), int(ordinal[2])
        if not 1 <= of_year <= days(year + 1) - days(year):
            raise WhenError(f"{year} has no day {of_year}")
        return days(year) + of_year - 1
    if week and week[4]:
        return _monday(int(week[1]), int(week[3])) + int(week[4]) - 1
    return None


def _existing(year: int, month: int, day: int) -> int:
    if not 1 <= month <= 12:  # noqa: PLR2004 - a year has twelve
        raise WhenError(f"there is no month {month:02d}")
    if not 1 <= day <= month_length(year, month):
        raise WhenError(f"{year:04d}-{month:02d} has {month_length(year, month)} days")
    return days(year, month, day)


def _monday(year: int, week: int) -> int:
    """The first day of a week: the first week of a year is that of its first Thursday."""
    fourth = days(year, 1, 4)
    first = fourth - (fourth + 3) % 7
    following = days(year + 1, 1, 4)
    last = (following - (following + 3) % 7 - first) // 7
    if not 1 <= week <= last:
        raise WhenError(f"{year} has weeks 1 to {last}, and no week {week}")
    return first + 7 * (week - 1)


def _time(day: int, clock: re.Match[str], zone: str | None) -> When:
    hours, minutes, seconds = (int(part or 0) for part in clock.group(1, 2, 3))
    fraction, offset = clock[4], clock[5]
    if minutes > 59 or seconds > 59 or hours * 3600 + minutes * 60 + seconds > 86_400:  # noqa: PLR2004
        raise WhenError("a day's clock runs from 00:00:00 to 24:00:00")
    length, precision = HOUR, "hour"
    if clock[2]:
        length, precision = MINUTE, "minute"
    if clock[3]:
        length, precision = SECOND, "second"
    micros = 0
    if fraction:
        length, precision = max(SECOND // 10 ** len(fraction), MICROSECONDS), "microsecond"
        micros = int(fraction.ljust(6, "0")[:6])
    if offset:
        zone = _offset(offset)
    lo = day * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND + micros
    earliest, latest = instants(lo, lo + length, zone)
    unit: Precision = precision  # type: ignore[assignment] # one of the four above
    return When(lo=earliest, hi=latest, precision=unit, zone=zone)


def _offset(text: str) -> str:
    if text == "Z":
        return "UTC"
    digits = text[1:].replace(":", "").ljust(4, "0")
    name = f"{text[0]}{digits[:2]}:{digits[2:]}"
    if name == "-00:00":
        raise WhenError("an offset of -00:00 says nothing; write Z, or +00:00")
    zone_info(name)
    return "UTC" if name == "+00:00" else name


def _interval(text: str, zone: str | None) -> When | None:
    """An interval with a time or a duration in it; those of two dates are EDTF's."""
    first, _, last = text.partition("/")
    if "T" not in text and "P" not in text and "W" not in text:
        return None
    if first.startswith("P"):
        end = _end(last, zone)
        start = None if end is None else _moved(end, first, -1)
    else:
        start = _end(first, zone)
        if last.startswith("P"):
            end = None if start is None else _moved(start, last, 1)
        else:
            end = _end(last, zone)
    if (start is None and first not in {"", ".."}) or (end is None and last not in {"", ".."}):
        return None
    sides = [side for side in (start, end) if side is not None]
    if not sides:
        return None
    lo, start_hi = (None, None) if start is None else (start.lo, start.hi)
    end_lo, hi = (None, None) if end is None else (end.lo, end.hi)
    if lo is not None and hi is not None and hi <= lo:
        raise WhenError("it ends before it begins; were the two swapped?")
    precisions: list[Precision] = [side.precision for side in sides]
    return When(
        lo=lo,
        hi=hi,
        shape="lasted",
        start_hi=start_hi,
        end_lo=end_lo,
        precision=coarser(*precisions),
        zone=sides[0].zone,
    )


def _end(text: str, zone: str | None) -> When | None:
    if text in {"", ".."}:
        return None
    found = parse_iso(text, zone=zone)
    if found is None:
        found = parse(text, zone=zone, iso=True)
    return found


def _moved(from_: When, text: str, sign: int) -> When | None:
    """The other end of an interval, a duration away, by the calendar of its zone."""
    duration = _DURATION.fullmatch(text)
    if duration is None or from_.lo is None or from_.hi is None:
        return None
    years, months, weeks, days_, hours, minutes, seconds = (int(n or 0) for n in duration.groups())
    shift = sign * (hours * HOUR + minutes * MINUTE + seconds * SECOND)
    by_calendar = sign * (12 * years + months), sign * (7 * weeks + days_)
    if by_calendar == (0, 0):
        return attrs.evolve(from_, lo=from_.lo + shift, hi=from_.hi + shift, edtf=None)
    zone = from_.zone or "UTC"
    day, time = divmod(wall_of(from_.lo, zone), DAY)
    year, month, of_month = civil(day)
    year, month = months_on(year, month, by_calendar[0])
    there = days(year, month, min(of_month, month_length(year, month))) + by_calendar[1]
    lo, _ = instants(there * DAY + time, None, zone)
    if lo is None:
        return None
    return attrs.evolve(from_, lo=lo + shift, hi=lo + shift + from_.hi - from_.lo, edtf=None)
