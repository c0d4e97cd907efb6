"""Reads the events of an iCalendar file (RFC 5545), one at a time, with the extra ``calendar``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from timeline.claims import Report
from timeline.errors import ImporterError, TimelineError
from timeline.extras import needed
from timeline.importers.outcomes import Accepted, CellError, Outcome, Refused, Skipped
from timeline.importers.table_reader import LONGEST_ROW, Lines, lines_of
from timeline.kinds import Incident
from timeline.places import Place
from timeline.time_parsing import Written, lasted, when
from timeline.times import When

__all__ = ["icalendar"]

_ZONES = 500  # definitions of zones that are kept, at most
_REPEATS = ("RRULE", "RDATE", "EXRULE")


def icalendar(
    file: Lines,
    source: str,
    *,
    published: Written | None = None,
    zone: str | None = "UTC",
    encoding: str = "utf-8",
) -> Iterator[Outcome]:
    """Reads the events of a calendar as incidents that ``source`` says.

    Each is published when it was last modified, or else at its ``DTSTAMP``; ``published`` is for
    calendars whose stamps are those of the download. Days, and times without a zone, are those of
    ``zone``. A cancelled event is retracted, a tentative one expected. A row is one ``VEVENT``;
    repeating ones are refused.

    Raises ``MissingExtraError`` without the extra, ``ImporterError`` for another file.
    """
    library = needed("icalendar", extra="calendar", what="reading iCalendar")
    lines = (line.text for line in lines_of(file, encoding=encoding))
    first = next(lines, "")
    if first.strip().upper() != "BEGIN:VCALENDAR":
        raise ImporterError(f"an iCalendar file opens with BEGIN:VCALENDAR, not {first!r:.80}")
    return _outcomes(lines, library.Calendar, _Reader(source, published, zone))


def _outcomes(lines: Iterator[str], calendar: Any, reader: _Reader) -> Iterator[Outcome]:
    row = 0
    zones: list[str] = []
    for name, text, complete in _components(lines):
        if name == "VTIMEZONE":
            if complete and len(zones) < _ZONES:
                zones.append(text)
            continue
        row += 1
        if name != "VEVENT":
            yield Skipped(row, f"a {name}, not an event")
            continue
        try:
            if not complete:
                raise ImporterError(
                    f"it isn't closed by END:VEVENT within {LONGEST_ROW:,} characters"
                )
            yield Accepted(row, (reader.said(_event(calendar, "".join(zones), text)),))
        except CellError as error:
            yield Refused(row, error.column, error.value, error.expected, (text,), ("VEVENT",))
        except TimelineError as error:
            yield Refused(row, "", "", str(error), (text,), ("VEVENT",))


def _components(lines: Iterator[str]) -> Iterator[tuple[str, str, bool]]:
    """The outermost components of a calendar: name, text, and whether it was closed."""
    name, taken, length = "", [], 0
    for one in lines:
        line = one if one.endswith("\n") else f"{one}\n"
        word = line.strip().upper()
        if not name:
            if word.startswith("BEGIN:") and word != "BEGIN:VCALENDAR":
                name, taken, length = word[6:][:40], [line], len(line)
            continue
        length += len(line)
        closed = word == f"END:{name}"
        if length <= LONGEST_ROW:
            taken.append(line)
        if closed:
            yield name, "".join(taken), length <= LONGEST_ROW
            name = ""
    if name:
        yield name, "".join(taken)[:1000], False


def _event(calendar: Any, zones: str, text: str) -> Any:
    whole = f"BEGIN:VCALENDAR\r\n{zones}{text}END:VCALENDAR\r\n"
    try:
        (found,) = calendar.from_ical(whole).walk("VEVENT")
    except Exception as error:  # whatever a reader of somebody else's makes of hostile text
        raise ImporterError(f"it can't be read: {error!s:.200}") from error
    return found


class _Reader:
    """Makes something said of an event of the library ``icalendar``."""

    def __init__(self, source: str, published: Written | None, zone: str | None) -> None:
        self._source = source
        self._published = published
        self._zone = zone

    def said(self, found: Any) -> Any:
        """Gives the claim, or the retraction of what was cancelled."""
        for name in _REPEATS:
            if name in found:
                raise CellError(
                    name, _text(found, name) or "", "expected one event; write each repetition out"
                )
        uid = _text(found, "UID")
        if uid is None:
            raise CellError("UID", "", "expected an id, by which the event is known again")
        repeated = _text(found, "RECURRENCE-ID") if "RECURRENCE-ID" in found else None
        name = f"ical:{uid}" + (f"@{repeated}" if repeated else "")
        report = Report(
            self._source, published=self._when_published(found), url=_text(found, "URL")
        )
        status = (_text(found, "STATUS") or "").upper()
        if status == "CANCELLED":
            return report.retracts(name, because="cancelled")
        category = _category(found)
        event = Incident(
            id=name,
            when=self._when(found),
            category=category,
            place=_place(found),
            summary=_text(found, "SUMMARY"),
        )
        quote = _text(found, "DESCRIPTION")
        says = report.expects if status == "TENTATIVE" else report.says
        return says(event, quote=quote)

    def _when_published(self, found: Any) -> Written:
        if self._published is not None:
            return self._published
        for name in ("LAST-MODIFIED", "DTSTAMP"):
            if name in found:
                return self._time(name, _decoded(found, name))
        raise CellError("DTSTAMP", "", "expected when it was written; or give published=")

    def _when(self, found: Any) -> When:
        start = _decoded(found, "DTSTART")
        end = _decoded(found, "DTEND")
        length = _decoded(found, "DURATION")
        if end is None and isinstance(length, timedelta) and isinstance(start, date):
            try:
                end = start + length
            except OverflowError:
                raise CellError("DURATION", str(length), "expected one that ends by 9999") from None
        begun = self._time("DTSTART", start)
        if end is None:
            return begun
        if type(start) is not type(end):
            raise CellError("DTEND", str(end), "expected a day after a day, a time after a time")
        if not isinstance(end, datetime):
            last = end - timedelta(days=1)  # RFC 5545: the end isn't part of the event
            return begun if last <= start else lasted(begun, self._time("DTEND", last))
        if end == start:
            return begun
        return lasted(begun, self._time("DTEND", end), through=False)

    def _time(self, name: str, value: Any) -> When:
        if isinstance(value, datetime):
            key = getattr(value.tzinfo, "key", None)
            if value.tzinfo is None:
                return when(f"{value:%Y-%m-%dT%H:%M:%S}".rjust(19, "0"), zone=self._zone)
            if key not in (None, "UTC"):
                return when(f"{value:%Y-%m-%dT%H:%M:%S}".rjust(19, "0"), zone=key)
            try:
                value = value.astimezone(UTC)
            except OverflowError:
                raise CellError(
                    name, str(value), "expected a time of the years 1 to 9999"
                ) from None
            return when(f"{value:%Y-%m-%dT%H:%M:%SZ}".rjust(20, "0"))
        if isinstance(value, date):
            return when(value, zone=self._zone)
        raise CellError(name, "" if value is None else str(value), "expected a day or a time")


def _decoded(found: Any, name: str) -> Any:
    if name not in found:
        return None
    try:
        return found.decoded(name)
    except Exception as error:  # as in _event
        raise CellError(
            name, str(found.get(name))[:80], f"can't be read: {error!s:.200}"
        ) from error


def _text(found: Any, name: str) -> str | None:
    value = found.get(name)
    if isinstance(value, list):
        value = value[0]
    told = (
        value.to_ical().decode("utf-8", "replace")
        if name in ("RECURRENCE-ID", *_REPEATS)
        else value
    )
    return str(told).strip() or None if told is not None else None


def _category(found: Any) -> str:
    value = found.get("CATEGORIES")
    first = value[0] if isinstance(value, list) else value
    names = [str(one).strip() for one in getattr(first, "cats", ())]
    return next((one for one in names if one), "event")


def _place(found: Any) -> Place | None:
    name = _text(found, "LOCATION")
    spot = found.get("GEO")
    if name is None and spot is None:
        return None
    latitude, longitude = (float(spot.latitude), float(spot.longitude)) if spot else (None, None)
    return Place(name or f"{latitude}, {longitude}", latitude=latitude, longitude=longitude)
