"""The rule table of English news phrases: every number they rest on, and why it is that one.

News seldom defines its words: no style guide says when morning ends or how many days are recent.
Each rule here is an *outer* bound, wide enough for every reading that a careful editor would let
pass, because a bound that is too narrow would make an answer certain that isn't. A change to any
number is a new policy and needs a new name in ``POLICY``.

Everything is worked out on the wall of the report's zone, in microseconds (see ``calendar_math``).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Literal

import attrs
from dateutil.relativedelta import relativedelta

from timeline.calendar_math import DAY, HOUR, MINUTE, civil, days, months_on, wall
from timeline.edtf import widened
from timeline.times import Precision, Shape

__all__ = [
    "AMOUNTS",
    "CLOCK_REACH",
    "OVERNIGHT",
    "PARTS",
    "PREPOSITIONS",
    "SHADED",
    "SHORTLY",
    "SOON",
    "TONIGHT",
    "Direction",
    "Span",
    "Unreadable",
    "about",
    "ago",
    "ago_beyond",
    "calendar",
    "century",
    "decade",
    "hundreds",
    "months_from",
    "nth_week",
    "on_day",
    "part_of",
    "reach_of",
    "recent",
    "season",
    "stretch",
]

Direction = Literal["past", "future"]


class Unreadable(Exception):  # noqa: N818 - a signal with a reason, never seen outside
    """A phrase that gives no date, and why."""


# Parts of a day, in hours from its midnight. They overlap on purpose: nobody agrees where the
# afternoon ends, night crosses midnight, and dusk at 50 degrees north is anywhere from 15 to 22.
PARTS = {
    "dawn": (3, 9),
    "predawn": (0, 9),  # whatever comes before sunrise, which winter puts near 8
    "morning": (0, 12),  # news says "2 o'clock in the morning"
    "noon": (11, 13),
    "lunchtime": (11, 15),
    "afternoon": (12, 18),
    "dusk": (15, 23),
    "evening": (16, 24),
    "night": (18, 30),
    "midnight": (-1, 25),  # "midnight on Thursday" may begin the day or end it
}
# The same with a word before it. A pair that isn't here has no use in news.
SHADED = {
    ("early", "morning"): (0, 9),
    ("mid", "morning"): (8, 12),
    ("late", "morning"): (8, 12),
    ("early", "afternoon"): (12, 16),
    ("mid", "afternoon"): (13, 17),
    ("late", "afternoon"): (14, 18),
    ("early", "evening"): (16, 21),
    ("late", "evening"): (19, 24),
    ("late", "night"): (20, 30),
    ("early", "hours"): (0, 6),
    ("small", "hours"): (0, 6),
    ("early", "day"): (0, 9),  # "early Friday": like "early this morning"
    ("late", "day"): (16, 24),  # "late Thursday": from what may be called evening
}
TONIGHT = (17, 30)  # from early evening on; last night is the same, a day before
OVERNIGHT = (-7, 9)  # as last night, but the morning's report may stretch it to the morning

# Parts of longer units. "Early" and "late" are halves, since some mean thirds and some halves;
# "mid" is the middle half; "start" is the first third. The end of a month is its second half, as
# the press says "the end of August" from the 20th on, and often before.
# In days of the month, the first included, the last excluded; 0 is the end.
_OF_MONTH = {
    "early": (1, 16),
    "start": (1, 11),
    "first days": (1, 8),
    "mid": (8, 23),
    "late": (16, 0),
    "end": (16, 0),
    "last days": (-7, 0),
    "first half": (1, 16),
    "second half": (16, 0),
}
# In months of the year; the last excluded.
_OF_YEAR = {
    "early": (1, 7),
    "start": (1, 5),
    "mid": (4, 10),
    "late": (7, 13),
    "end": (9, 13),
    "first half": (1, 7),
    "second half": (7, 13),
    "first quarter": (1, 4),
    "second quarter": (4, 7),
    "third quarter": (7, 10),
    "fourth quarter": (10, 13),
    "last quarter": (10, 13),
}
# In days of the Monday-based week; the last excluded. The middle day belongs to both ends.
_OF_WEEK = {"early": (0, 3), "start": (0, 3), "mid": (1, 4), "late": (2, 7), "end": (2, 7)}
# In years of a decade and of a century; the last excluded.
_OF_DECADE = {"early": (0, 5), "start": (0, 4), "mid": (3, 8), "late": (5, 10), "end": (6, 10),
              "first half": (0, 5), "second half": (5, 10)}  # fmt: skip
_OF_CENTURY = {"early": (0, 51), "start": (0, 34), "mid": (25, 76), "late": (49, 101),
               "end": (66, 101), "first half": (0, 51), "second half": (49, 101)}  # fmt: skip

# Which words may stand before what. What isn't here makes a phrase unreadable: "at two years ago".
_LONG = {"in", "during", "throughout"}
PREPOSITIONS: dict[str, set[str]] = {
    "day": {"on"},
    "today": set(),
    "weekend": {"on", "at", "over", "during", "throughout"},
    "week": {"in", "during", "throughout"},
    "month": _LONG,
    "quarter": _LONG,
    "year": _LONG,
    "season": {*_LONG, "over"},
    "decade": _LONG,
    "century": _LONG,
    "part": _LONG,
    "middle": _LONG,
    "edge": {*_LONG, "at", "towards", "toward"},  # the start or the end of something
    "hours": {"on", "in", "at", "during", "throughout"},
    "clock": {"at"},
    "stretch": {*_LONG, "over", "within"},
    "ago": set(),
    "bounded": set(),
}

# Words of number, as the least and the most that they may mean.
AMOUNTS = {"couple": (2, 3), "few": (2, 6), "several": (3, 9)}

# "In recent days" has no agreed length: a fortnight covers what the press means by it. "Recent
# weeks" reach back to the Monday seven weeks before this week's, "recent months" to the first of
# the month six months back, "recent years" ten calendar years back. "Coming" is the mirror image.
_RECENT_DAYS = 14
_RECENT_WEEKS = 7
_RECENT_MONTHS = 6
_RECENT_YEARS = 10

# How far "n units ago" reaches before and after the day n units back, in days. Days are counted
# exactly; somebody who counts in weeks has a week in mind, and after a month of them no longer
# which. A month is its calendar month, and never less than ten days either way; a year likewise.
_WEEK_AGO = (4, 4)
_WEEKS_AGO = (4, 3)
_MANY_WEEKS_AGO = (7, 7)
_MANY_WEEKS = 4
_MONTH_SLACK = 10  # days
_YEAR_SLACK = 3  # months
_MANY_YEARS = 10
_DECADE_SLACK = 3  # years, for every decade counted
_CENTURY_SLACK = 15  # years, likewise

# "Nearly two weeks ago" is rather less than that: up to so many days nearer, and no further off;
# "just over two weeks ago" is as many days further off, and no nearer.
_NEARLY = {"day": 1, "week": 5, "fortnight": 5, "month": 15, "year": 183, "decade": 1_826,
           "century": 18_262}  # fmt: skip

# A count of hours is good to an eighth of itself, of minutes to a quarter, and no better than this.
_HOUR_SLACK = 30 * MINUTE
_MINUTE_SLACK = 5 * MINUTE

# "Around 5 pm" is up to an hour from five o'clock; "around 5:30" half an hour from it.
CLOCK_REACH: dict[str, tuple[int, int]] = {
    "hour": (HOUR, 0),  # the hour that is spoken of runs on for one already
    "minute": (30 * MINUTE, 30 * MINUTE),
    "part": (HOUR, HOUR),
}

# "Shortly after 5 p.m." is within an hour of it.
SHORTLY = HOUR

# A day without a year is that of the nearest year in the direction asked. Within so many days on
# the other side of the publication the wrong direction is likelier than a date eleven months off.
SOON = 30

_SEASONS = {"spring": 25, "summer": 26, "autumn": 27, "winter": 28}  # EDTF's northern codes
_SEASON_STARTS = {"spring": (3, 6, 22), "summer": (6, 9, 24), "autumn": (9, 12, 23),
                  "winter": (12, 3, 22)}  # fmt: skip


@attrs.frozen(kw_only=True)
class Span:
    """The time that a phrase means, on the wall of the zone; in instants if ``elapsed``.

    ``unit`` is the calendar unit that it is exactly one of, which "early" and the like can divide.
    ``sort`` says which words may stand before it (see ``PREPOSITIONS``). ``floating`` marks a day
    that the direction alone has chosen, to be checked in the end. ``zone`` is that of a clock,
    where one is named beside it. ``cut`` marks a part that ends with the publication.
    """

    lo: int | None
    hi: int | None
    precision: Precision
    edtf: str | None = None
    unit: str | None = None
    approximate: bool = False
    uncertain: bool = False
    elapsed: bool = False
    floating: bool = False
    cut: bool = False
    sort: str = ""
    zone: str | None = None
    shape: Shape = "moment"
    start_hi: int | None = None
    end_lo: int | None = None

    @property
    def bounds(self) -> tuple[int, int]:
        """The bounds of what isn't open on either side."""
        assert self.lo is not None, "only relations are open"  # noqa: S101
        assert self.hi is not None, "only relations are open"  # noqa: S101
        return self.lo, self.hi


def _year(year: int) -> str:
    return f"{'-' if year < 0 else ''}{abs(year):04d}"


def calendar(unit: str, day: int) -> Span:
    """Return the day, Monday-based week, month, quarter or year that a day lies in."""
    year, month, _ = civil(day)
    if unit == "day":
        text = f"{_year(year)}-{month:02d}-{civil(day)[2]:02d}"
        return Span(
            lo=day * DAY, hi=(day + 1) * DAY, precision="day", unit=unit, edtf=text, sort=unit
        )
    if unit == "week":
        monday = day - (day + 3) % 7  # 1970-01-01 was a Thursday
        return Span(lo=monday * DAY, hi=(monday + 7) * DAY, precision="week", unit=unit, sort=unit)
    if unit == "month":
        lo, hi = wall(year, month), wall(*months_on(year, month, 1))
        return Span(
            lo=lo, hi=hi, precision="month", unit=unit, sort=unit,
            edtf=f"{_year(year)}-{month:02d}",
        )  # fmt: skip
    if unit == "quarter":
        first = (month - 1) // 3 * 3 + 1
        lo, hi = wall(year, first), wall(*months_on(year, first, 3))
        return Span(
            lo=lo, hi=hi, precision="quarter", sort=unit,
            edtf=f"{_year(year)}-{33 + first // 3}",
        )  # fmt: skip
    lo, hi = wall(year), wall(year + 1)
    return Span(
        lo=lo, hi=hi, precision="year", unit=unit, sort=unit, edtf=f"{_year(year)}"
    )  # fmt: skip


def decade(first: int) -> Span:
    """Return the ten years from a year that ends in 0."""
    text = f"{first // 10}X"
    return Span(
        lo=wall(first), hi=wall(first + 10), precision="decade", unit="decade", edtf=text,
        sort="decade",
    )  # fmt: skip


def century(number: int) -> Span:
    """Return the nth century: 1801 to 1900 for some, 1800 to 1899 for others, here for both."""
    first = (number - 1) * 100
    return Span(
        lo=wall(first), hi=wall(first + 101), precision="century", unit="century",
        sort="century",
    )  # fmt: skip


def hundreds(first: int) -> Span:
    """Return "the 1900s", which are a hundred years for some and ten for others."""
    return Span(
        lo=wall(first), hi=wall(first + 100), precision="century", unit="century", sort="century"
    )  # fmt: skip


def season(name: str, year: int) -> Span:
    """Return a northern season of the year it begins in, meteorological and astronomical."""
    first, last, day = _SEASON_STARTS[name]
    hi = wall(year + (last < first), last, day)
    text = f"{_year(year)}-{_SEASONS[name]}"
    return Span(
        lo=wall(year, first), hi=hi, precision="season", unit="season", edtf=text,
        sort="season",
    )  # fmt: skip


def on_day(day: Span, hours: tuple[int, int]) -> Span:
    """Return the hours of a day, counted from its midnight; they may run into its neighbours."""
    lo, _ = day.bounds
    first, last = hours
    return attrs.evolve(
        day,
        lo=lo + first * HOUR,
        hi=lo + last * HOUR,
        precision="part",
        edtf=None,
        unit=None,
        sort="hours",
    )


def part_of(span: Span, which: str) -> Span | None:
    """Return a part of a day, week, month, season, year, decade or century; None if it has none."""
    lo, hi = span.bounds
    year = civil(lo // DAY)[0]
    if span.unit == "month" and which in _OF_MONTH:
        first, last = _OF_MONTH[which]
        lo, hi = (
            hi + first * DAY if first < 0 else lo + (first - 1) * DAY,
            lo + (last - 1) * DAY if last else hi,
        )
    elif span.unit == "year" and which in _OF_YEAR:
        first, last = _OF_YEAR[which]
        if "quarter" in which:
            return calendar("quarter", days(year, first))
        lo, hi = wall(year, first), wall(*months_on(year, 1, last - 1))
    elif span.unit == "week" and which in _OF_WEEK:
        first, last = _OF_WEEK[which]
        lo, hi = lo + first * DAY, lo + last * DAY
    elif span.unit in {"decade", "century"}:
        table = _OF_DECADE if span.unit == "decade" else _OF_CENTURY
        if which not in table:
            return None
        first, last = table[which]
        lo, hi = wall(year + first), wall(year + last)
    elif span.unit == "season" and which in {"early", "late"}:
        half = (lo + hi) // 2 // DAY * DAY
        lo, hi = (lo, half + DAY) if which == "early" else (half, hi)
    elif span.unit == "day" and (which, "day") in SHADED:
        return on_day(span, SHADED[which, "day"])
    else:
        return None
    sort = "edge" if which in {"start", "end"} else "part"
    return attrs.evolve(span, lo=lo, hi=hi, precision="part", edtf=None, unit=None, sort=sort)


def nth_week(month: Span, number: int) -> Span:
    """Return the nth week of a month, or its last if 0, by every way of counting weeks.

    Days 1 to 7 are the first week for some, the first whole Monday-based week for others, and
    later weeks are also counted in rows of the calendar's page.
    """
    lo, hi = month.bounds
    row = calendar("week", lo // DAY).bounds[0]
    if number:
        whole = row if row == lo else row + 7 * DAY
        on_page = row + (number - 1) * 7 * DAY
        first = min(on_page if number > 1 else lo, lo + (number - 1) * 7 * DAY)
        first, last = max(first, lo), min(whole + number * 7 * DAY, hi + 7 * DAY)
    else:
        last_row = calendar("week", hi // DAY - 1).bounds
        first, last = min(hi - 7 * DAY, last_row[0] - (7 * DAY if last_row[1] != hi else 0)), hi
    return attrs.evolve(
        month, lo=first, hi=last, precision="week", edtf=None, unit=None, sort="week"
    )  # fmt: skip


_DAY_ONE = date(1970, 1, 1).toordinal()


def months_from(day: int, count: int) -> int:
    """Return the day so many months on, the last of its month where that is shorter.

    Raises ``Unreadable`` beyond the years 1 to 9999, of which no news phrase speaks.
    """
    try:
        moved = date.fromordinal(day + _DAY_ONE) + relativedelta(months=count)
    except (ValueError, OverflowError) as error:
        raise Unreadable("it lies beyond the years 1 to 9999; write it as EDTF") from error
    return moved.toordinal() - _DAY_ONE


_IN_MONTHS = {"month": 1, "quarter": 3, "year": 12, "decade": 120, "century": 1_200}
_IN_DAYS = {"day": 1, "week": 7, "fortnight": 14}
_ELAPSED = {"minute": MINUTE, "hour": HOUR}


def _moved(day: int, unit: str, count: int) -> int:
    if unit in _IN_DAYS:
        return day + _IN_DAYS[unit] * count
    return months_from(day, _IN_MONTHS[unit] * count)


def _counted(day: int, unit: str, count: int) -> tuple[int, int, Precision]:
    """The days spanned by "count units away", and how precise that is; below 0 is ago."""
    there = _moved(day, unit, count)
    size = abs(count)
    if unit == "day":
        return there, there + 1, "day"
    if unit in {"week", "fortnight"}:
        weeks = size * _IN_DAYS[unit] // 7
        before, after = _WEEK_AGO if weeks == 1 else _WEEKS_AGO
        if weeks >= _MANY_WEEKS:
            before, after = _MANY_WEEKS_AGO
        return there - before, there + after + 1, "day" if weeks == 1 else "week"
    if unit == "month":
        lo, hi = (at // DAY for at in calendar("month", there).bounds)
        return min(lo, there - _MONTH_SLACK), max(hi, there + _MONTH_SLACK + 1), "month"
    if unit == "year":
        more = size // _MANY_YEARS * 12
        lo = months_from(there, -more)
        hi = months_from(there, more)
        lo = min(calendar("year", lo).bounds[0] // DAY, months_from(lo, -_YEAR_SLACK))
        hi = max(calendar("year", hi).bounds[1] // DAY, months_from(hi, _YEAR_SLACK) + 1)
        return lo, hi, "year"
    slack = 12 * size * (_DECADE_SLACK if unit == "decade" else _CENTURY_SLACK)
    rough: Precision = "decade" if unit == "decade" else "century"
    return months_from(there, -slack), months_from(there, slack) + 1, rough


def ago(
    unit: str,
    amount: tuple[int, int],
    day: int,
    now: Callable[[], tuple[int, int]],
    direction: Direction,
) -> Span | None:
    """Return "n units ago", or n units on for the future; None for a unit that isn't counted so.

    ``amount`` is the least and the most that n may be, ``now()`` the instants of publication.
    """
    least, most = amount
    if unit in _ELAPSED:
        length = _ELAPSED[unit]
        eighth, least_slack = (8, _HOUR_SLACK) if unit == "hour" else (4, _MINUTE_SLACK)
        near = least * length - max(least * length // eighth, least_slack)
        far = most * length + max(most * length // eighth, least_slack)
        near = max(near, 0)
        first, last = now()
        lo, hi = (first - far, last - near) if direction == "past" else (first + near, last + far)
        return Span(
            lo=lo, hi=hi, precision="hour" if unit == "hour" else "minute", elapsed=True,
            approximate=unit == "minute" or least < most or least == 1, sort="ago",
        )  # fmt: skip
    if (unit not in _IN_DAYS and unit not in _IN_MONTHS) or unit == "quarter":
        return None
    sign = -1 if direction == "past" else 1
    ends = [_counted(day, unit, sign * count) for count in (least, most)]
    lo, hi = min(end[0] for end in ends), max(end[1] for end in ends)
    if unit == "day" and least == most:
        return attrs.evolve(calendar("day", lo), sort="ago")
    return Span(lo=lo * DAY, hi=hi * DAY, precision=ends[0][2], approximate=True, sort="ago")


def ago_beyond(
    how: str, unit: str, amount: tuple[int, int], day: int, now: Callable[[], tuple[int, int]]
) -> Span | None:
    """Return "over n units ago" and the like, counted from the same day, so many units back.

    ``how`` is ``beyond`` (over), ``just beyond``, ``nearly``, ``within`` (less than), ``at least``
    or ``at most``. Where n itself is open, the outer one counts.
    """
    least, most = amount
    if unit in _ELAPSED:
        first, last = now()
        near, far = last - least * _ELAPSED[unit], first - most * _ELAPSED[unit]
        reach = max(_ELAPSED[unit] * most // 4, _MINUTE_SLACK)
        end = last
    elif unit in _NEARLY:
        near, far = (_moved(day, unit, -count) * DAY for count in (least, most))
        reach = _NEARLY[unit] * DAY
        end = (day + 1) * DAY
    else:
        return None
    one = 0 if unit in _ELAPSED else DAY
    bounds: dict[str, tuple[int | None, int]] = {
        "beyond": (None, near),
        "just beyond": (far - reach, near + one),
        "nearly": (far, min(near + reach + one, end)),
        "within": (far, end),
        "at least": (None, near + one),
        "at most": (far, end),
    }
    lo, hi = bounds[how]
    if lo is not None and lo >= hi:
        return None
    precision: Precision = "day"
    if unit in _ELAPSED:
        precision = "hour" if unit == "hour" else "minute"
    return Span(
        lo=lo, hi=hi, precision=precision, elapsed=unit in _ELAPSED, sort="bounded",
        approximate=how in {"nearly", "just beyond"},
    )  # fmt: skip


def reach_of(unit: str, amount: tuple[int, int]) -> tuple[int, int]:
    """Return the least and the most microseconds between two moments so many units apart.

    Hours and minutes are as good as in ``ago``. Longer units are counted in days of the calendar:
    two moments two days apart lie more than one day and less than three from each other. A week
    reaches as far as in ``ago``; a month or a year is any moment of the calendar's next one.
    """
    least, most = amount
    if unit in _ELAPSED:
        length = _ELAPSED[unit]
        part, slack = (8, _HOUR_SLACK) if unit == "hour" else (4, _MINUTE_SLACK)
        near = least * length - max(least * length // part, slack)
        return max(near, 1), most * length + max(most * length // part, slack)
    if unit in _IN_DAYS:
        near, far = least * _IN_DAYS[unit], most * _IN_DAYS[unit]
        if unit != "day":
            before, after = _WEEK_AGO if far <= 7 else _WEEKS_AGO  # noqa: PLR2004 - one week
            if far >= 7 * _MANY_WEEKS:
                before, after = _MANY_WEEKS_AGO
            near, far = near - before, far + after
    else:
        months = _IN_MONTHS[unit]
        slack = {"decade": 12 * _DECADE_SLACK, "century": 12 * _CENTURY_SLACK}.get(unit, 1)
        slack *= most
        slack = max(slack, months if unit in {"quarter", "year"} else 1)
        if unit == "year":
            slack += most // _MANY_YEARS * 12
        near = (least * months - slack) * 28
        far = (most * months + slack) * 31
    return max((near - 1) * DAY + 1, 1), (far + 1) * DAY - 1


def stretch(
    unit: str,
    amount: tuple[int, int],
    day: int,
    now: Callable[[], tuple[int, int]],
    direction: Direction,
) -> Span:
    """Return "the past n units", which end with the publication, or the next n, which begin there.

    In days the day of publication is counted in besides. A month or a year is stretched by a day
    for each, since "the past month" is also said of its first day's eve.
    """
    _, most = amount
    if unit in _ELAPSED:
        first, last = now()
        length = most * _ELAPSED[unit]
        past = direction == "past"
        lo, hi = (first - length, last) if past else (first, last + length)
        return Span(
            lo=lo, hi=hi, precision="hour" if unit == "hour" else "minute", elapsed=True,
            sort="stretch",
        )  # fmt: skip
    more = most if unit in _IN_MONTHS else 0
    if direction == "past":
        lo, hi = _moved(day, unit, -most) - more, day + 1
    else:
        lo, hi = day, _moved(day, unit, most) + more + 1
    return Span(
        lo=lo * DAY, hi=hi * DAY, precision="day", approximate=amount[0] < most, sort="stretch"
    )  # fmt: skip


def recent(unit: str, day: int, direction: Direction) -> Span | None:
    """Return "in recent days" or "in the coming days" and the like, which have no agreed length."""
    past = direction == "past"
    sign = -1 if past else 1
    if unit == "day":
        edge = day + sign * _RECENT_DAYS
    elif unit == "week":
        edge = calendar("week", day + sign * 7 * _RECENT_WEEKS).bounds[not past] // DAY - (not past)
    elif unit in {"month", "year"}:
        count = sign * (_RECENT_MONTHS if unit == "month" else 12 * _RECENT_YEARS)
        edge = calendar(unit, months_from(day, count)).bounds[not past] // DAY - (not past)
    else:
        return None
    lo, hi = sorted((day, edge))
    return Span(
        lo=lo * DAY, hi=(hi + 1) * DAY, precision="vague", approximate=True, sort="stretch"
    )  # fmt: skip


def about(span: Span) -> Span | None:
    """Return a span that is only about right; None for one that can't be made vaguer.

    What is counted back in weeks or more is approximate as it stands, and left alone.
    """
    if span.approximate:
        return span
    lo, hi = span.bounds
    if span.precision in CLOCK_REACH:
        of_day = hi - lo < 2 * DAY
        before, after = CLOCK_REACH[span.precision] if of_day else (3 * DAY, 3 * DAY)
        return attrs.evolve(span, lo=lo - before, hi=hi + after, approximate=True)
    if span.edtf and span.edtf[0] != "[":
        lo, hi = widened(lo, hi, span.precision)
        text = f"{span.edtf[:-1]}%" if span.uncertain else f"{span.edtf}~"
        return attrs.evolve(
            span, lo=lo, hi=hi, edtf=text, unit=None, approximate=True, floating=False
        )
    return None
