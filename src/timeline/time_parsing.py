"""Makes a When from what people write down: a text, a date, a datetime, or two of them.

Texts are read by ``iso8601`` and ``edtf``; this room knows Python's own types, and what these
leave out.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import attrs

from timeline.calendar_math import MICROSECONDS, instants, micros, zone_info
from timeline.edtf import cannot_read, coarser, parse
from timeline.errors import WhenError, ZoneError
from timeline.iso8601 import parse_iso
from timeline.times import Precision, When

__all__ = ["Written", "between", "lasted", "when"]

Written = str | date | datetime | When
"""What ``when()`` reads."""


def when(value: Written, *, zone: str | None = "UTC") -> When:
    """Return the time that a text, date or datetime means; a When is returned as it is.

    * A text is EDTF (levels 0 to 2) or ISO 8601: ``2022-09-10``, ``2022-09~``, ``2022-W37``,
      ``2022-257``, ``20220910``, ``2022-09-16T08:00``, ``2022-03-15 16:10:34.25+00:00``,
      ``2022-09-10T08:00/PT2H``.
    * A date, in a text or a ``date``, is the whole local day of ``zone``; ``zone=None`` says that
      nobody knows the zone.
    * An aware datetime is its own microsecond, in its own zone; a naive one is read in ``zone``.

    A local time that the clocks show twice, or skip, spans both its readings. Raises
    ``WhenError`` for anything else and ``ZoneError`` for a zone that isn't one.
    """
    if isinstance(value, When):
        return value
    if isinstance(value, str):
        return _read(value, zone)
    # An absent datetime of pandas is a datetime too, and unequal to itself.
    if isinstance(value, date) and value == value:  # noqa: PLR0124
        return _moment(value, zone) if isinstance(value, datetime) else _day(value, zone)
    raise WhenError(
        f"cannot read a value of type {type(value).__name__} as a time; give a text such as "
        "'2022-09-10', a date, a datetime or a When"
    )


def _read(text: str, zone: str | None) -> When:
    if zone is not None:
        zone_info(zone)
    try:
        found = parse_iso(text, zone=zone)
    except ZoneError:
        raise
    except WhenError as trouble:
        raise cannot_read(text, str(trouble)) from None
    return parse(text, zone=zone, iso=True) if found is None else found


def between(first: Written | None, last: Written | None, *, zone: str | None = "UTC") -> When:
    """Return some one moment from the first time through the end of the last.

    Each takes what ``when()`` does, or None where nobody knows; one of them has to be given. Its
    ``edtf`` is ``[a..b]`` where that says the same. Raises ``WhenError`` where the last has ended
    before the first begins.
    """
    start, end, common = _two("between", first, last, zone)
    found = When(**common)
    names = [None if side is None else side.edtf or "?" for side in (start, end)]
    return _with_edtf(found, f"[{names[0] or ''}..{names[1] or ''}]")


def lasted(
    first: Written | None,
    last: Written | None,
    *,
    zone: str | None = "UTC",
    through: bool = True,
) -> When:
    """Return what went on from a first time to a last one, each of them known roughly.

    An alert from one minute to another, a siege from one day to another. Arguments as ``between``;
    a last time of None is unknown or still to come. ``through=False`` says that it was over when
    the last time began, as in a calendar: what begins at 10:00 comes after what ends at 10:00. Its
    ``edtf`` is ``a/b`` where that says the same. Raises ``WhenError`` where it would end before it
    begins.
    """
    start, end, common = _two("lasted", first, last, zone)
    if end is not None and end.lo is not None and not through:
        return When(
            **common | {"hi": end.lo},  # pyright: ignore[reportArgumentType]
            shape="lasted",
            start_hi=None if start is None else start.hi,
            end_lo=end.lo - MICROSECONDS,
        )
    found = When(
        **common,
        shape="lasted",
        start_hi=None if start is None else start.hi,
        end_lo=None if end is None else end.lo,
    )
    names = [".." if side is None else side.edtf or "?" for side in (start, end)]
    return _with_edtf(found, "/".join(names))


def _two(
    name: str, first: Written | None, last: Written | None, zone: str | None
) -> tuple[When | None, When | None, dict[str, Any]]:
    """Two times, and what one that reaches from the first to the last has of them both."""
    start = None if first is None else when(first, zone=zone)
    end = None if last is None else when(last, zone=zone)
    given = [side for side in (start, end) if side is not None]
    if not given:
        raise WhenError(f"{name}() needs a first or a last time; where both are unknown use When()")
    lo = None if start is None else start.lo
    hi = None if end is None else end.hi
    if lo is not None and hi is not None and lo >= hi:
        raise WhenError(
            f"the last time {last!s:.60} ends before the first {first!s:.60} begins; "
            "were the two swapped?"
        )
    zones = {side.zone for side in given}
    precisions: list[Precision] = [side.precision for side in given]
    return (
        start,
        end,
        {
            "lo": lo,
            "hi": hi,
            "precision": coarser(*precisions),
            "approximate": any(side.approximate for side in given),
            "uncertain": any(side.uncertain for side in given),
            "zone": zones.pop() if len(zones) == 1 else None if None in zones else "UTC",
            "policy": ", ".join(sorted({side.policy for side in given if side.policy})) or None,
        },
    )


def _with_edtf(found: When, text: str) -> When:
    """The same with its EDTF form, where that is read as this and nothing else."""
    named = attrs.evolve(found, edtf=text)
    try:
        read = parse(text, zone=found.zone)
    except WhenError:
        return found
    return named if read == named else found


def _day(value: date, zone: str | None) -> When:
    return parse(f"{value.year:04d}-{value.month:02d}-{value.day:02d}", zone=zone)


def _moment(value: datetime, zone: str | None) -> When:
    # A plain datetime, because a subclass may count otherwise than in microseconds.
    clock = (value.hour, value.minute, value.second, value.microsecond)
    shown = micros(datetime(value.year, value.month, value.day, *clock))  # noqa: DTZ001 - wall
    offset = value.utcoffset()
    if offset is None:
        lo, hi = instants(shown, shown + MICROSECONDS, zone)
    else:
        instant = shown - offset // timedelta(microseconds=1)
        lo, hi, zone = instant, instant + MICROSECONDS, _zone_of(value, offset)
    return When(lo=lo, hi=hi, precision="microsecond", zone=zone, text=str(value))


def _zone_of(value: datetime, offset: timedelta) -> str:
    """The name of an aware datetime's zone, or else its offset where that is one we can name."""
    minutes, rest = divmod(offset, timedelta(minutes=1))
    hours, minutes = divmod(abs(minutes), 60)
    by_offset = f"{'-' if offset < timedelta(0) else '+'}{hours:02d}:{minutes:02d}"
    for name in (getattr(value.tzinfo, "key", None), by_offset if offset and not rest else "UTC"):
        try:
            zone_info(name)
        except ZoneError:
            continue
        return str(name)
    return "UTC"
