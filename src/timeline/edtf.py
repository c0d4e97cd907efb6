"""Reads times written in EDTF, levels 0 to 2, as bounds that hold whatever was meant.

The rules are those of the Library of Congress specification of 2019-02-04, read strictly. Where
it is silent this file decides, and says so beside the rule. Every text takes linear time: its
length and its years are capped before anything is worked out.

A text is a date, a time, an interval ``a/b``, one of a set ``[a,b]`` or all of a set ``{a,b}``.
Dates are first read as spans on the wall of a zone, and only the outcome is turned into instants.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from typing import NamedTuple, get_args

from timeline.calendar_math import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    civil,
    instants,
    month_length,
    months_on,
    wall,
    zone_info,
)
from timeline.errors import WhenError
from timeline.times import Precision, Shape, When

__all__ = ["APPROXIMATE", "cannot_read", "coarser", "parse", "widened"]

APPROXIMATE = "approximate/1"
"""The version of the policy in ``widened``, kept with each time that it has widened."""

# How far "about" reaches on either side: (months, microseconds). EDTF leaves it open.
_REACH: dict[Precision, tuple[int, int]] = {
    "second": (0, SECOND),
    "minute": (0, MINUTE),
    "hour": (0, HOUR),
    "day": (0, 3 * DAY),
    "week": (0, 7 * DAY),
    "month": (1, 0),
    "quarter": (1, 0),
    "season": (1, 0),
    "year": (12, 0),
    "decade": (120, 0),
    "century": (1_200, 0),
    "millennium": (12_000, 0),
}

_LONGEST = 400  # characters, so at most 80 members of a set
_FURTHEST = 10**12  # years either side of 0; the universe is 1.4 * 10**10 years old

_DATE = re.compile(
    r"([?~%]?)(-?)([0-9X]{4})([?~%]?)"
    r"(?:-([?~%]?)([0-9X]{2})([?~%]?)(?:-([?~%]?)([0-9X]{2})([?~%]?))?)?"
)
_YEAR = re.compile(r"([?~%]?)(Y?)(-?)([0-9]+)(?:E([0-9]+))?(?:S([0-9]+))?([?~%]?)")
_TIME = re.compile(
    r"(-?)([0-9]{4})-([0-9]{2})-([0-9]{2})([T ])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?"
    r"(Z|[+-][0-9]{2}(?::[0-9]{2})?)?"
)
_HINTS = tuple(
    (re.compile(pattern), hint)
    for pattern, hint in (
        (r"[^\x00-\x7f]", "only ASCII is read, the digits 0 to 9 among it"),
        (r"\A[0-9]{4}[.][0-9]{1,2}[.][0-9]{1,2}\Z", "a date has hyphens, as in 2022-09-10"),
        (r":[0-9]{2}[.,][0-9]", "a fraction of a second follows hours, minutes and seconds"),
        (r"[0-9][+-][0-9]{4}\Z", "an offset has a colon, as in +02:30"),
        (r"\A\s|\s\Z|[0-9,-]\s|\s[0-9,-]", "there is a space in it"),
        (r"\b[0-9]+[xu]+\b", "an unspecified digit is a capital X"),
        (r"[0-9][tz]", "T and Z are capitals"),
        (r"unknown|open", "an open end is written .., an unknown one is left empty"),
        (r"\A[yY]", "a year of more than four digits is a capital Y and digits, without a month"),
        (r"\A[?~%]?[+-]?([0-9X]{1,3}|[0-9X]{5,})([?~%]?-|\Z)", "a year has four digits"),
        (r"[()]", "?, ~ and % stand beside what they qualify, without brackets"),
        (r"[?~%]{2}", "uncertain and approximate together is %"),
        (r"[0-9]T", "a time is written T16:10:34, then nothing, Z or an offset such as +03:00"),
    )
)

_IN_FIGURES = re.compile(r"[0-9]{1,2}([./-])[0-9]{1,2}\1[0-9]{2,4}")
_SLASHED = re.compile(r"[0-9]+/[0-9]+/[0-9]+")

_FEBRUARY, _LEAP_DAY = 2, 29
_USUAL_LENGTHS = (0, *(month_length(2001, month) for month in range(1, 13)))

# Seasons 21 to 41 as (years on, month, day) of the first day and of the day after the last. A
# season spans both its meteorological and its astronomical bounds, and belongs to the year in
# which it begins.
_Stretch = tuple[tuple[int, int, int], tuple[int, int, int]]
_FROM_MARCH: _Stretch = (0, 3, 1), (0, 6, 22)
_FROM_JUNE: _Stretch = (0, 6, 1), (0, 9, 24)
_FROM_SEPTEMBER: _Stretch = (0, 9, 1), (0, 12, 23)
_FROM_DECEMBER: _Stretch = (0, 12, 1), (1, 3, 22)
_IN_TURN = _FROM_MARCH, _FROM_JUNE, _FROM_SEPTEMBER, _FROM_DECEMBER
_SEASONS: dict[int, _Stretch] = {
    # 21 to 24 name no hemisphere, so they span the season of both.
    21: (_FROM_MARCH[0], _FROM_SEPTEMBER[1]),
    22: (_FROM_JUNE[0], _FROM_DECEMBER[1]),
    23: (_FROM_MARCH[0], _FROM_SEPTEMBER[1]),
    24: (_FROM_JUNE[0], _FROM_DECEMBER[1]),
    **{25 + turn: _IN_TURN[turn] for turn in range(4)},
    **{29 + turn: _IN_TURN[(turn + 2) % 4] for turn in range(4)},
    **{
        first + part: ((0, 1 + part * length, 1), (*months_on(0, 1 + part * length, length), 1))
        for first, length in ((33, 3), (37, 4), (40, 6))
        for part in range(12 // length)
    },
}
_QUARTERS = range(33, 37)
_FAMILIES = (21, 25, 29, 33, 37, 40)  # the first of each run of codes in the order of the year


class _Span(NamedTuple):
    """One date of a text: its bounds on the wall and what is said about it."""

    lo: int
    hi: int
    precision: Precision
    approximate: bool = False
    uncertain: bool = False
    turn: tuple[int, int, int] | None = None  # (family of seasons, year, season)

    def follows(self, other: _Span) -> bool:
        """Whether it comes wholly after the other."""
        if self.turn and other.turn and self.turn[0] == other.turn[0]:
            return self.turn > other.turn
        return self.lo >= other.hi


def parse(text: str, *, zone: str | None = "UTC", iso: bool = False) -> When:
    """Return the time that an EDTF text means.

    A date is the whole local day, month or year of ``zone``; with ``zone=None``, which says that
    nobody knows the zone, it reaches over every zone there is. A time with an offset has that for
    its zone, whatever ``zone`` says. ``iso=True`` reads two forms of ISO 8601 besides, which EDTF
    lacks: times to the minute (their ``edtf`` is None), and a space in place of the T.

    * ``?`` leaves the bounds alone, ``~`` and ``%`` widen them as ``widened`` has it: a date that
      is approximate from its year down to some component by the unit of that one, any other
      component that is approximate by its own unit.
    * Unspecified digits give the outer bounds of all dates that match, of which there must be one.
    * ``1950S2`` lies in 1900 to 1999; leading zeros are not significant.
    * ``[..]`` is one moment within the outer bounds of its members; ``{..}`` is of shape "all".

    ``parse(w.edtf, zone=w.zone) == w`` for every time it gives. Raises ``WhenError`` for any other
    text, for one of more than 400 characters and for a year beyond 10**12, and ``ZoneError`` for a
    zone that isn't one.
    """
    if zone is not None:
        zone_info(zone)
    try:
        return _parse(text, zone, iso=iso)
    except WhenError as trouble:
        raise cannot_read(text, str(trouble)) from None


def cannot_read(text: str, why: str) -> WhenError:
    """Return the error for a text that isn't a time, with its particular trouble."""
    shown = repr(text) if len(text) <= 60 else f"{text[:50]!r}..."  # noqa: PLR2004 - a line
    return WhenError(
        f"cannot read {shown} as a time{': ' if why else ''}{why}; "
        "write 2022, 2022-09, 2022-09-10, add ~ for about, or use between()"
    )


def _coarsest(dates: Iterable[_Span]) -> Precision:
    found: list[Precision] = [date.precision for date in dates]
    return coarser(*found) if found else "unknown"


def coarser(*precisions: Precision) -> Precision:
    """Return the coarsest of several precisions."""
    return max(precisions, key=get_args(Precision).index)


def widened(lo: int, hi: int, unit: Precision, *, count: int = 1) -> tuple[int, int]:
    """Return the wall bounds of an approximate time, by the policy named ``APPROXIMATE``.

    A second, minute or hour reaches one further on either side, a day three days, a week a week;
    a month, quarter or season one month; a year, decade, century or millennium one of its own.
    ``count`` multiplies that. A unit with no length, such as "vague", is left as it is.
    """
    months, micros = _REACH.get(unit, (0, 0))
    return (
        _months_later(lo, -months * count) - micros * count,
        _months_later(hi, months * count, end=True) + micros * count,
    )


def _months_later(at: int, months: int, *, end: bool = False) -> int:
    """Wall time some months on; a day that month lacks is its last day, or for an end the next."""
    if not months:
        return at
    day, time = divmod(at, DAY)
    year, month, of_month = civil(day)
    year, month = months_on(year, month, months)
    length = month_length(year, month)
    if of_month > length and end:
        return wall(*months_on(year, month, 1))
    return wall(year, month, min(of_month, length), time)


def _parse(text: str, zone: str | None, *, iso: bool) -> When:
    if len(text) > _LONGEST:
        raise WhenError(f"it has {len(text):,} characters, and {_LONGEST:,} is the most")
    if text[:1] in {"[", "{"}:
        return _set(text, zone)
    if _IN_FIGURES.fullmatch(text):
        raise WhenError(
            "whether the day or the month comes first is nowhere said; write the year first"
        )
    if _SLASHED.fullmatch(text):
        raise WhenError("a date has hyphens; a slash stands between the ends of an interval")
    if "/" in text:
        return _interval(text, zone)
    time = _TIME.fullmatch(text)
    if time:
        return _time(time, zone, iso=iso)
    date = _date(text)
    lo, hi = instants(date.lo, date.hi, zone)
    return _when([date], text, zone, lo=lo, hi=hi)


def _when(
    dates: list[_Span],
    text: str,
    zone: str | None,
    *,
    lo: int | None,
    hi: int | None,
    shape: Shape = "moment",
    start_hi: int | None = None,
    end_lo: int | None = None,
) -> When:
    approximate = any(date.approximate for date in dates)
    return When(
        lo=lo,
        hi=hi,
        shape=shape,
        start_hi=start_hi,
        end_lo=end_lo,
        precision=_coarsest(dates),
        approximate=approximate,
        uncertain=any(date.uncertain for date in dates),
        zone=zone,
        edtf=text,
        text=text,
        policy=APPROXIMATE if approximate else None,
    )


def _interval(text: str, zone: str | None) -> When:
    ends = text.split("/")
    if len(ends) != 2 or text == "/":  # noqa: PLR2004 - a start and an end
        raise WhenError("an interval is written start/end, with one of them given")
    start, end = (None if at in {"", ".."} else _date(at) for at in ends)
    if start and end and start.follows(end):
        raise WhenError("it ends before it begins; were the two swapped?")
    lo, start_hi = instants(start.lo, start.hi, zone) if start else (None, None)
    end_lo, hi = instants(end.lo, end.hi, zone) if end else (None, None)
    dates = [date for date in (start, end) if date]
    return _when(dates, text, zone, lo=lo, hi=hi, shape="lasted", start_hi=start_hi, end_lo=end_lo)


def _set(text: str, zone: str | None) -> When:
    if text[-1] != {"[": "]", "{": "}"}[text[0]]:
        raise WhenError("a set is written [a,b] for one of them, {a,b} for all of them")
    members = text[1:-1].split(",")
    dates = [date for member in members for date in _member(member)]
    if any(member.startswith("..") for member in members[1:]) or any(
        member.endswith("..") for member in members[:-1]
    ):
        raise WhenError("a set is open with .. at its beginning or at its end")
    lo = None if members[0].startswith("..") else min(date.lo for date in dates)
    hi = None if members[-1].endswith("..") else max(date.hi for date in dates)
    if text[0] == "[":
        lo, hi = instants(lo, hi, zone)
        return _when(dates, text, zone, lo=lo, hi=hi)
    # Nothing that is said of all members can start after the first of them has ended.
    lo, start_hi = instants(lo, min(date.hi for date in dates), zone)
    end_lo, hi = instants(max(date.lo for date in dates), hi, zone)
    return _when(dates, text, zone, lo=lo, hi=hi, shape="all", start_hi=start_hi, end_lo=end_lo)


def _member(text: str) -> list[_Span]:
    """The dates of one member of a set: ``a``, ``a..b``, ``..b`` or ``a..``."""
    first, dots, last = text.partition("..")
    dates = [_date(at) for at in (first, last) if at or not (first or last)]
    if dots and first and last:
        if dates[0].precision != dates[1].precision:
            raise WhenError(f"{text!r} runs from one unit to another; write both in the same")
        if dates[0].follows(dates[1]):
            raise WhenError(f"{text!r} ends before it begins; were the two swapped?")
    return dates


def _date(text: str) -> _Span:
    date = _DATE.fullmatch(text)
    if date:
        return _calendar_date(date)
    year = _YEAR.fullmatch(text)
    if year:
        return _long_year(year)
    if _TIME.fullmatch(text):
        raise WhenError("intervals and sets have dates, not times")
    hints = (hint for pattern, hint in _HINTS if pattern.search(text))
    raise WhenError(next(hints, ""))


_YEAR_UNITS: dict[int, Precision] = {
    0: "unknown",
    1: "millennium",
    2: "century",
    3: "decade",
    4: "year",
}


def _calendar_date(date: re.Match[str]) -> _Span:
    sign, year, month, day = date.group(2, 3, 6, 9)
    units: list[Precision] = [_YEAR_UNITS[len(year.rstrip("X"))]]
    turn = None
    if month is None:
        first, last = _years(sign, year)
        lo, hi = wall(first), wall(last + 1)
    elif day is None and "X" not in month and int(month) in _SEASONS:
        first, last = _years(sign, year)
        season = int(month)
        (on, month, day), (end_on, end_month, end_day) = _SEASONS[season]
        lo, hi = wall(first + on, month, day), wall(last + end_on, end_month, end_day)
        units.append("quarter" if season in _QUARTERS else "season")
        if first == last:
            turn = (bisect_right(_FAMILIES, season), first, season)
    else:
        lo, hi = _matching_days(sign, year, month, day)
        units.append("month")
        if day is not None:
            units.append("day")
    span = _Span(lo, hi, units[-1], turn=turn)
    before, after = date.group(1, 5, 8), date.group(4, 7, 10)
    return _qualified(span, units, before, after) if any(before + after) else span


def _qualified(
    span: _Span,
    units: list[Precision],
    before: tuple[str | None, ...],
    after: tuple[str | None, ...],
) -> _Span:
    """A span with the marks that stand before and after the components of its date."""
    # A mark before a component holds for it alone, one after it also for all to its left.
    marked = [{before[at], *after[at:]} & {"?", "~", "%"} for at in range(len(units))]
    rough = [not marks.isdisjoint({"~", "%"}) for marks in marked]
    led = rough.index(False) if False in rough else len(rough)
    lo, hi = span.lo, span.hi
    for at, unit in enumerate(units):
        # What is approximate from the year down is so by the last of those units alone.
        if rough[at] and at >= led - 1:
            lo, hi = widened(lo, hi, unit)
    return span._replace(
        lo=lo,
        hi=hi,
        approximate=any(rough),
        uncertain=any(not marks.isdisjoint({"?", "%"}) for marks in marked),
    )


def _years(sign: str, digits: str) -> tuple[int, int]:
    """The first and the last year that match four digits, any of them X."""
    low, high = int(digits.replace("X", "0")), int(digits.replace("X", "9"))
    if not sign:
        return low, high
    if not high:
        raise WhenError("there is no year -0000; 0000 is 1 BC, -0001 is 2 BC")
    return -high, -(low or 10 ** (3 - digits.rindex("X")))


def _matching_days(sign: str, year: str, month: str, day: str | None = None) -> tuple[int, int]:
    """The outer wall bounds of all months or days that match digits, any of them X."""
    first, last = _years(sign, year)
    months = _matching(month, 1, 12)
    if not months:
        raise WhenError(f"there is no month {month}")
    if day is None:
        return wall(first, months[0]), wall(*months_on(last, months[-1], 1))
    of_month = _matching(day, 1, 31)
    if not of_month:
        raise WhenError(f"no month has a day {day}")
    dates = []
    for at in months:
        fitting = bisect_right(of_month, _USUAL_LENGTHS[at])
        if fitting:
            dates += [(first, at, of_month[0]), (last, at, of_month[fitting - 1])]
    if _FEBRUARY in months and _LEAP_DAY in of_month:
        dates += [(leap, _FEBRUARY, _LEAP_DAY) for leap in _leap_years(sign, year)]
    if not dates:
        if "X" in year + month:
            raise WhenError(f"no day matches {sign}{year}-{month}-{day}")
        raise WhenError(f"{sign}{year}-{month} has {month_length(first, months[0])} days")
    return wall(*min(dates)), wall(*max(dates)) + DAY


@lru_cache(maxsize=1024)
def _leap_years(sign: str, digits: str) -> tuple[int, ...]:
    """The leap years that match with the lowest and the highest digits, none if there is none."""
    centuries = _matching(digits[:2], 0, 99)
    of_century = [year for year in _matching(digits[2:], 0, 99) if year % 4 == 0]
    found: list[int] = []
    for step in (1, -1):
        years = (
            100 * century + year
            for century in centuries[::step]
            for year in of_century[::step]
            if (year or century % 4 == 0) and (century or year or not sign)
        )
        found += [-year if sign else year for year in islice(years, 1)]
    return tuple(found)


@lru_cache(maxsize=1024)
def _matching(digits: str, first: int, last: int) -> tuple[int, ...]:
    """The numbers from first to last that match two digits, any of them X, in rising order."""
    tens, ones = (range(10) if digit == "X" else (int(digit),) for digit in digits)
    numbers = (10 * ten + one for ten in tens for one in ones)
    return tuple(number for number in numbers if first <= number <= last)


def _long_year(match: re.Match[str]) -> _Span:
    before, prefix, sign, digits, exponent, significant, after = match.groups()
    if not prefix and (len(digits) != 4 or exponent):  # noqa: PLR2004 - EDTF's plain years
        raise WhenError("a year has four digits, more with a Y in front; a date has hyphens")
    if (prefix and digits[0] == "0") or any(n and n[0] == "0" for n in (exponent, significant)):
        raise WhenError("a number after Y, E or S has no leading zero")
    if len(digits) > 13 or len(exponent or "") > 2 or len(significant or "") > 2:  # noqa: PLR2004
        raise WhenError("years reach 10**12 either way, and no further")
    year = int(digits) * 10 ** int(exponent or 0)
    if year > _FURTHEST:
        raise WhenError("years reach 10**12 either way, and no further")
    if prefix and year < 10_000:  # noqa: PLR2004 - "only when the year exceeds four digits"
        raise WhenError(f"Y is for years of more than four digits; write {sign}{year:04d}")
    if sign and not year:
        raise WhenError("there is no year -0000; 0000 is 1 BC, -0001 is 2 BC")
    unit = 10 ** max(len(str(year)) - int(significant), 0) if significant else 1
    low = year // unit * unit
    high = low + unit - 1
    lo, hi = (wall(-high), wall(-low + 1)) if sign else (wall(low), wall(high + 1))
    marks = {before, after}
    approximate = not marks.isdisjoint({"~", "%"})
    if approximate:
        lo, hi = widened(lo, hi, "year", count=unit)
    names: tuple[Precision, ...] = ("year", "decade", "century", "millennium")
    return _Span(
        lo,
        hi,
        names[min(len(str(unit)) - 1, 3)],
        approximate=approximate,
        uncertain=not marks.isdisjoint({"?", "%"}),
    )


def _time(match: re.Match[str], zone: str | None, *, iso: bool) -> When:
    text = match.group()
    sign, year, month, day, separator, *clock, offset = match.groups()
    hours, minutes, seconds = (int(part or 0) for part in clock)
    if not iso and (separator == " " or clock[2] is None):
        raise WhenError("EDTF has times to the second only, with a T before them")
    if minutes > 59 or seconds > 59 or hours * 3600 + minutes * 60 + seconds > 86_400:  # noqa: PLR2004
        raise WhenError("a day's clock runs from 00:00:00 to 24:00:00")
    if offset:
        zone = _offset_zone(offset)
    lo = _matching_days(sign, year, month, day)[0]
    lo += (hours * 3600 + minutes * 60 + seconds) * SECOND
    precision: Precision = "minute" if clock[2] is None else "second"
    earliest, latest = instants(lo, lo + (MINUTE if precision == "minute" else SECOND), zone)
    return When(
        lo=earliest,
        hi=latest,
        precision=precision,
        zone=zone,
        edtf=text.replace(" ", "T") if precision == "second" else None,
        text=text,
    )


def _offset_zone(offset: str) -> str:
    if offset == "Z":
        return "UTC"
    name = offset if ":" in offset else f"{offset}:00"
    if name == "-00:00":
        raise WhenError("an offset of -00:00 says nothing; write Z, or +00:00")
    zone_info(name)
    return "UTC" if name == "+00:00" else name
