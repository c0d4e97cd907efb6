"""Turns civil dates and zones into integer microseconds of UTC, for any year.

Two scales, both integer microseconds since 1970-01-01T00:00 of the proleptic Gregorian calendar:
*wall* microseconds are what a clock on the wall of some zone shows, *instants* are UTC. Years are
astronomical: year 0 is 1 BC, as in ISO 8601 and EDTF.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from pkgutil import get_data
from zoneinfo import ZoneInfo

from timeline.errors import ZoneError

__all__ = [
    "DAY",
    "FURTHEST_EAST",
    "FURTHEST_WEST",
    "HOUR",
    "MICROSECONDS",
    "MINUTE",
    "SECOND",
    "as_datetime",
    "civil",
    "days",
    "instants",
    "micros",
    "month_length",
    "months_on",
    "wall",
    "wall_of",
    "zone_aliases",
    "zone_info",
]

MICROSECONDS = 1
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# Where the zone is unknown, a wall time may be that of any inhabited offset: the first places to
# enter a day are 14 hours ahead of UTC (Kiribati), the last to leave it 12 hours behind.
FURTHEST_EAST = 14 * HOUR
FURTHEST_WEST = 12 * HOUR

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the wall scale has no zone
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_ERA = 146_097  # days in 400 Gregorian years
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+)*")
_OF_THE_MACHINE = {"localtime", "posixrules"}  # files that differ from one machine to the next
_FIRST = (datetime.min - _EPOCH) // timedelta(microseconds=1)
_LAST = (datetime.max - _EPOCH) // timedelta(microseconds=1)
# A zone has no rule outside datetime's years; a day inside keeps every offset representable.
_FIRST_ZONED = _FIRST + 2 * DAY
_LAST_ZONED = _LAST - 2 * DAY


def month_length(year: int, month: int) -> int:
    """Return the number of days in a month of the proleptic Gregorian calendar."""
    if month == 2:  # noqa: PLR2004 - February
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return 29 if leap else 28
    return 30 if month in (4, 6, 9, 11) else 31


def days(year: int, month: int = 1, day: int = 1) -> int:
    """Return the days from 1970-01-01 to a date of the proleptic Gregorian calendar, any year."""
    # Counted from 1 March, so that the leap day closes a year and eras of 400 years repeat.
    year -= month <= 2  # noqa: PLR2004 - January and February close the year before
    era, of_era = divmod(year, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * _ERA + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def civil(day: int) -> tuple[int, int, int]:
    """Return the (year, month, day) of a number of days from 1970-01-01; undoes ``days``."""
    era, of_era = divmod(day + 719_468, _ERA)
    year_of_era = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * of_year + 2) // 153
    month = (shifted + 2) % 12 + 1
    year = era * 400 + year_of_era + (month <= 2)  # noqa: PLR2004 - see days
    return year, month, of_year - (153 * shifted + 2) // 5 + 1


def months_on(year: int, month: int, count: int) -> tuple[int, int]:
    """Return the (year, month) that lies ``count`` months after a month, before it if negative."""
    of_all = year * 12 + month - 1 + count
    return of_all // 12, of_all % 12 + 1


def wall(year: int, month: int = 1, day: int = 1, time: int = 0) -> int:
    """Return the wall microseconds of a date, plus ``time`` microseconds into its day."""
    return days(year, month, day) * DAY + time


def micros(moment: datetime) -> int:
    """Return the microseconds of a datetime: an instant if it is aware, wall time if naive."""
    epoch = _EPOCH if moment.tzinfo is None else _EPOCH_UTC
    return (moment - epoch) // timedelta(microseconds=1)


@lru_cache(maxsize=1024)  # entries of one append share their time
def as_datetime(instant: int | None) -> datetime | None:
    """Return an instant as an aware UTC datetime, None where unbounded or beyond its years."""
    if instant is None or not _FIRST <= instant <= _LAST:
        return None
    return _EPOCH_UTC + timedelta(microseconds=instant)


@lru_cache(maxsize=1024)
def zone_info(name: str) -> tzinfo:
    """Return the zone of an IANA name (``Europe/Kyiv``), ``UTC``, or an offset (``+03:00``).

    Raises ``ZoneError`` for anything else.
    """
    if name == "UTC":
        return UTC
    if not isinstance(name, str):
        raise ZoneError(f"a zone is given by its name, such as 'Europe/Kyiv', not as {name!r:.60}")
    offset = _OFFSET.fullmatch(name)
    if offset:
        sign, hours, minutes = offset.groups()
        shift = timedelta(hours=int(hours), minutes=int(minutes))
        if int(minutes) < 60 and shift <= timedelta(hours=14):  # noqa: PLR2004 - EDTF's own limit
            return timezone(-shift if sign == "-" else shift)
    elif _NAME.fullmatch(name) and name not in _OF_THE_MACHINE:
        try:
            return ZoneInfo(name)
        except (KeyError, OSError, ValueError):
            pass
    raise ZoneError(
        f"no zone is called {name[:60]!r}; give an IANA name such as 'Europe/Kyiv', 'UTC', "
        "an offset such as '+03:00', or None where nobody knows the zone"
    )


@cache
def _links() -> dict[str, tuple[str, ...]]:
    """The names that the IANA database gives to one zone, by each of them."""
    rules = (get_data("tzdata", "zoneinfo/tzdata.zi") or b"").decode()
    names: defaultdict[str, set[str]] = defaultdict(set)
    canonical: dict[str, str] = {}
    for line in rules.splitlines():
        if line.startswith("L "):  # a link: the zone's own name, then another one for it
            _, target, link = line.split()
            canonical[link] = target
    for link in canonical:
        target = link
        while target in canonical:
            target = canonical[target]
        names[target] |= {target, link}
    return {name: tuple(sorted(same - {name})) for same in names.values() for name in same}


def zone_aliases(name: str) -> tuple[str, ...]:
    """Return the other names that the IANA database has for a zone, sorted.

    ``zone_aliases("Europe/Kyiv")`` has ``"Europe/Kiev"`` in it, the zone's name until 2022.
    """
    return _links().get(name, ())


def _utcoffset(naive: datetime, info: tzinfo, fold: int) -> int:
    shift = naive.replace(tzinfo=info, fold=fold).utcoffset()
    assert shift is not None, "a zone of zone_info always has an offset"  # noqa: S101
    return shift // timedelta(microseconds=1)


def _readings(at: int, info: tzinfo) -> tuple[int, int]:
    """Both instants that a wall time may mean, by the offset before and after a change."""
    # Beyond datetime's years the offset of the nearest year that it has is kept.
    naive = _EPOCH + timedelta(microseconds=min(max(at, _FIRST_ZONED), _LAST_ZONED))
    return at - _utcoffset(naive, info, 0), at - _utcoffset(naive, info, 1)


def wall_of(instant: int, zone: str) -> int:
    """Return the wall microseconds that clocks of a zone show at an instant."""
    kept = min(max(instant, _FIRST_ZONED), _LAST_ZONED)
    shown = (_EPOCH_UTC + timedelta(microseconds=kept)).astimezone(zone_info(zone))
    return micros(shown.replace(tzinfo=None)) + (instant - kept)


def _first_not_before(at: int, info: tzinfo) -> int:
    """The first instant whose wall time is ``at`` or later."""
    first, second = _readings(at, info)
    if first <= second:
        return first
    # The wall skips `at`: the clock jumps over it somewhere between the two readings.
    low, high = second, first
    while high - low > 1:
        middle = (low + high) // 2
        shown = (_EPOCH_UTC + timedelta(microseconds=middle)).astimezone(info)
        if micros(shown.replace(tzinfo=None)) >= at:
            high = middle
        else:
            low = middle
    return high


def _first_never_before(at: int, info: tzinfo) -> int:
    """The first instant from which on no clock of the zone shows a time before ``at``."""
    last, *_ = sorted(_readings(at - 1, info), reverse=True)
    first, second = _readings(at - 1, info)
    if first <= second:
        return last + 1
    return _first_not_before(at - 1, info)


def instants(lo: int | None, hi: int | None, zone: str | None) -> tuple[int | None, int | None]:
    """Return the UTC bounds of every instant at which a zone's clocks show a time in [lo, hi).

    Wall microseconds in, instants out; None is unbounded on either side. A time that the clocks
    show twice (when they go back) spans both; one that they skip altogether (when they go
    forward) spans what it would be by the offset before and by the offset after. ``zone=None``
    means that nobody knows the zone: every inhabited offset, from +14:00 to -12:00, is possible.
    """
    if zone is None:
        return (
            None if lo is None else lo - FURTHEST_EAST,
            None if hi is None else hi + FURTHEST_WEST,
        )
    info = zone_info(zone)
    earliest = None if lo is None else _first_not_before(lo, info)
    latest = None if hi is None else _first_never_before(hi, info)
    if lo is not None and hi is not None and earliest is not None and latest is not None:
        if earliest >= latest:
            return min(_readings(lo, info)), max(_readings(hi - 1, info)) + 1
    return earliest, latest
