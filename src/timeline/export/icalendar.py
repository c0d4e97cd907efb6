"""Writes accounts as an iCalendar file (RFC 5545), which calendars subscribe to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from timeline.accounts import Account
from timeline.calendar_math import DAY, MINUTE, SECOND, civil
from timeline.export.dropped_fields import UNLINKED, ExportText, left_out, place_of
from timeline.export.text import Span, headline, notes, span, time_text
from timeline.text_safety import one_line
from timeline.times import When
from timeline.views.chronology import Chronology

__all__ = ["to_icalendar"]

LEAVES: Mapping[str, str] = {
    **UNLINKED,
    "evidence": "an entry is no place for hashes and addresses of copies",
    "fields": "what happened is described in words",
    "other_places": "an entry has one location",
    "place_id": "a location is a name",
    "superseded": "an entry tells what counts, not what it overtook",
    "texts": "an entry is no place for a whole report",
}
NO_DAY = "a calendar needs a day, and nobody says when it was"
TOO_FAR = "iCalendar reaches the years 1 to 9999"
_YEARS = range(1, 10_000)
_FOLD = 75  # octets a line, RFC 5545 3.1


def _folded(line: str) -> str:
    """A content line in pieces of at most 75 octets, none of which breaks a character."""
    pieces = []
    piece = ""
    size = 0
    for one in line:
        octets = len(one.encode())
        if size + octets > _FOLD:
            pieces.append(piece)
            piece, size = " ", 1
        piece += one
        size += octets
    return "\r\n".join([*pieces, piece])


def _text(text: str) -> str:
    """A value of type TEXT, RFC 5545 3.3.11; a line break is the only control it may hold."""
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\n", "\\n")


def _day(at: int) -> str:
    year, month, day = civil(at // DAY)
    return f"{year:04d}{month:02d}{day:02d}"


def _moment(at: int) -> str:
    seconds = at % DAY // SECOND
    return f"{_day(at)}T{seconds // 3600:02d}{seconds // 60 % 60:02d}{seconds % 60:02d}Z"


def _dates(when: When, found: Span) -> list[str]:
    """An exact time is a moment of UTC; anything else is the whole days that it may lie in."""
    if found.exact and when.lo is not None:
        return [f"DTSTART:{_moment(when.lo)}"]
    if _timed(when) and when.lo is not None and when.hi is not None:
        return [f"DTSTART:{_moment(when.lo)}", f"DTEND:{_moment(when.hi)}"]
    after = -(-found.last // DAY) * DAY
    return [f"DTSTART;VALUE=DATE:{_day(found.first)}", f"DTEND;VALUE=DATE:{_day(after)}"]


def _timed(when: When) -> bool:
    """Whether it lasted from one minute that is known to another."""
    known = (when.lo, when.start_hi, when.end_lo, when.hi)
    if when.shape != "lasted" or None in known:
        return False
    lo, start_hi, end_lo, hi = (0 if one is None else one for one in known)
    return start_hi - lo <= MINUTE and hi - end_lo <= MINUTE


def _told_by_dates(when: When, found: Span) -> bool:
    """Whether the dates of the entry say all that is known of the time."""
    one_day = found.last - found.first == DAY and found.first % DAY == 0
    sure = not (when.approximate or when.uncertain) and when.zone is not None
    return sure and (found.exact or one_day or _timed(when))


def _stamp(account: Account) -> str:
    """When what is said was last changed: the latest day on which a source published it."""
    ends = [claim.published.hi for claim in account.claims if claim.published.hi is not None]
    stamp = max(ends, default=SECOND) - SECOND
    return _moment(stamp) if civil(stamp // DAY)[0] in _YEARS else "19700101T000000Z"


def _entry(account: Account, found: Span) -> Iterator[str]:
    event, when = account.event, account.when
    what = headline(account)
    place = place_of(account)
    firm = not (account.expected or account.disputed or when.uncertain)
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(one_line(event.id))}"
    yield f"DTSTAMP:{_stamp(account)}"
    yield from _dates(when, found)
    yield f"SUMMARY:{_text(what if _told_by_dates(when, found) else f'{time_text(when)}: {what}')}"
    yield f"DESCRIPTION:{_text(chr(10).join(notes(account)))}"
    if place is not None:
        names = [place.name]
        while place.within is not None:
            place = place.within
            names.append(place.name)
        yield f"LOCATION:{_text(one_line(', '.join(names)))}"
    yield from _position(account)
    yield f"CATEGORIES:{_text(event.kind.partition('/')[0])}"
    yield f"STATUS:{'CONFIRMED' if firm else 'TENTATIVE'}"
    yield "TRANSP:TRANSPARENT"
    if when.edtf is not None:
        yield f"X-TIMELINE-EDTF:{_text(one_line(when.edtf))}"
    yield f"X-TIMELINE-BOUNDS:{_text(when.bounds())}"
    yield f"X-TIMELINE-PRECISION:{when.precision}"
    yield "END:VEVENT"


def _position(account: Account) -> Sequence[str]:
    place = place_of(account)
    if place is None or place.latitude is None or place.longitude is None:
        return ()
    return (f"GEO:{place.latitude:.6f};{place.longitude:.6f}",)


def to_icalendar(accounts: Chronology) -> ExportText:
    """Return a calendar with an entry for each account; lines end as RFC 5545 asks, CR and LF.

    A time known to the minute is a moment of UTC. Any other time fills the days that it may lie in,
    and where those say less or more than is known ("by 2022-09-16", "2022-09-08 – 2022-09-10"), the
    summary opens with the time in words. Write it with ``newline=""``, or as bytes. Events open on
    both sides are left out; what is expected or disputed is tentative. ``DTSTAMP`` is when a source
    last published on it, so that the file doesn't change from one making to the next.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//timeline-events//timeline//EN"]
    missing: dict[str, list[Account]] = {NO_DAY: [], TOO_FAR: []}
    for account in accounts:
        found = span(account.when)
        if found is None:
            missing[NO_DAY].append(account)
        elif found.date[0] not in _YEARS or civil(-(-found.last // DAY))[0] not in _YEARS:
            missing[TOO_FAR].append(account)
        else:
            lines += _entry(account, found)
    lines.append("END:VCALENDAR")
    text = "".join(f"{_folded(line)}\r\n" for line in lines)
    return ExportText(text, left_out(accounts, LEAVES, missing))
