"""Reads the events of an iCalendar file (RFC 5545), one at a time, with the extra ``calendar``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import chain, islice
from typing import Any

from dateutil.rrule import rruleset, rrulestr

from timeline.calendar_math import zone_info
from timeline.claims import Report, Said
from timeline.errors import ImporterError, TimelineError
from timeline.extras import needed
from timeline.importers.outcomes import Accepted, CellError, Outcome, Refused, Skipped
from timeline.importers.table_reader import LONGEST_ROW, Lines, lines_of
from timeline.kinds import Incident
from timeline.places import Place
from timeline.relations import Certainty
from timeline.time_parsing import Written, lasted, when
from timeline.times import When

__all__ = ["OF_FILE", "icalendar"]

OF_FILE = "that of the calendar"
"""Stands for the zone that a calendar names itself."""

_Component = tuple[str, str, bool]
_REPETITIONS = 10_000
_ZONES = 500  # definitions of zones that are kept, at most
_REPEATS = ("RRULE", "RDATE", "EXRULE")


def icalendar(
    file: Lines,
    source: str,
    *,
    published: Written | None = None,
    zone: str | None = OF_FILE,
    within: tuple[date, date] | None = None,
    encoding: str = "utf-8",
) -> Iterator[Outcome]:
    """Read the events of a calendar as incidents that ``source`` says.

    Each is published when it was last modified, or else at its ``DTSTAMP``; ``published`` is for
    calendars whose stamps are those of the download. Days, and times without a zone, are those of
    ``zone``, or else of the calendar's ``X-WR-TIMEZONE``, or else UTC. An end isn't part of its
    event (RFC 5545, 3.6.1). A cancelled event is retracted; a tentative one is expected, and so is
    one that begins after it was published. A row is one ``VEVENT``. Of one event's versions the one
    with the highest ``SEQUENCE`` is read. Repeating events are refused, unless ``within`` gives a
    first and a last day: then each time between these is an event of its own.

    Raises ``MissingExtraError`` without the extra, ``ImporterError`` for another file.
    """
    library = needed("icalendar", extra="calendar", what="reading iCalendar")
    lines = (line.text for line in lines_of(file, encoding=encoding))
    first = next(lines, "")
    if first.strip().upper() != "BEGIN:VCALENDAR":
        raise ImporterError(f"an iCalendar file opens with BEGIN:VCALENDAR, not {first!r:.80}")
    return _outcomes(lines, library.Calendar, _Reader(source, published, zone, within))


def _outcomes(lines: Iterator[str], calendar: Any, reader: _Reader) -> Iterator[Outcome]:
    components = _components(lines, reader)
    latest: dict[tuple[str, str], int] = {}
    row = 0
    zones: list[str] = []
    for name, text, complete in chain.from_iterable(_versioned(components, latest, reader)):
        if name == "VTIMEZONE":
            if complete and len(zones) < _ZONES:
                zones.append(text)
            continue
        row += 1
        if name != "VEVENT":
            yield Skipped(row, f"a {name}, not an event")
            continue
        key, sequence = _version(text)
        if latest.get(key, sequence) > sequence:
            yield Skipped(row, f"an earlier version: SEQUENCE {latest[key]} of it is there")
            continue
        try:
            if not complete:
                raise ImporterError(
                    f"it isn't closed by END:VEVENT within {LONGEST_ROW:,} characters"
                )
            said, warnings = reader.said(_event(calendar, "".join(zones), text), latest)
            if said:
                yield Accepted(row, said, warnings)
            else:
                yield Skipped(row, "it repeats, and not within the days that were asked for")
        except CellError as error:
            yield Refused(row, error.column, error.value, error.expected, (text,), ("VEVENT",))
        except TimelineError as error:
            yield Refused(row, "", "", str(error), (text,), ("VEVENT",))


_VERSION = re.compile(
    r"^(UID|SEQUENCE|RECURRENCE-ID)[^:\r\n]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.MULTILINE
)


def _versioned(
    components: Iterator[_Component], latest: dict[tuple[str, str], int], reader: _Reader
) -> Iterator[list[_Component]]:
    """The components one by one, or all at once from where versions of events may follow.

    ``latest`` gets the highest SEQUENCE of each event: which version holds shows at the end alone.
    """
    for component in components:
        if not reader.repeats and "SEQUENCE" not in component[1]:
            yield [component]
            continue
        rest = [component, *components]
        latest.update(_latest(rest))
        yield rest


def _version(text: str) -> tuple[tuple[str, str], int]:
    """Which event, or which time of a repeating one, a component is about, and which version."""
    found = {name: re.sub(r"\r?\n[ \t]", "", value) for name, value in _VERSION.findall(text)}
    sequence = found.get("SEQUENCE", "").strip()
    number = int(sequence) if re.fullmatch(r"\d{1,9}", sequence, re.ASCII) else 0
    return (found.get("UID", "").strip(), found.get("RECURRENCE-ID", "").strip()), number


def _latest(components: Iterable[_Component]) -> dict[tuple[str, str], int]:
    latest: dict[tuple[str, str], int] = {}
    for name, text, _ in components:
        key, sequence = _version(text)
        if name == "VEVENT" and key[0]:
            latest[key] = max(sequence, latest.get(key, 0))
    return latest


def _components(lines: Iterator[str], reader: _Reader) -> Iterator[_Component]:
    """The outermost components of a calendar: name, text, and whether it was closed."""
    name, taken, length = "", [], 0
    for one in lines:
        line = one if one.endswith("\n") else f"{one}\n"
        word = line.strip().upper()
        if not name:
            if word.startswith("X-WR-TIMEZONE"):
                reader.zone_of_file(line.partition(":")[2].strip())
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

    def __init__(
        self,
        source: str,
        published: Written | None,
        zone: str | None,
        within: tuple[date, date] | None,
    ) -> None:
        self._source = source
        self._published = published
        self._of_file = zone == OF_FILE
        self._zone = "UTC" if zone == OF_FILE else zone
        self._within = within
        self.repeats = within is not None
        self._warnings: list[str] = []

    def zone_of_file(self, name: str) -> None:
        """Note the zone that the calendar names for times without one."""
        if not self._of_file:
            return
        try:
            zone_info(name)
        except TimelineError:
            self._zone = None
            self._warnings.append(f"X-WR-TIMEZONE {name!r:.60} isn't known: any zone is possible")
        else:
            self._zone = name

    def said(
        self, found: Any, latest: Mapping[tuple[str, str], int]
    ) -> tuple[tuple[Said, ...], tuple[str, ...]]:
        """Return the claims, or the retraction of what was cancelled, and what to look at."""
        repeats = next((name for name in _REPEATS if name in found), None)
        uid = _text(found, "UID")
        if uid is None:
            raise CellError("UID", "", "expected an id, by which the event is known again")
        repeated = _text(found, "RECURRENCE-ID") if "RECURRENCE-ID" in found else None
        name = f"ical:{uid}" + (f"@{repeated}" if repeated else "")
        report = Report(
            self._source, published=self._when_published(found), url=_text(found, "URL")
        )
        status = (_text(found, "STATUS") or "").upper()
        known = tuple(self._warnings)
        if status == "CANCELLED":
            return (report.retracts(name, because="cancelled"),), known
        times = [(name, self._when(found))]
        if repeats is not None:
            if self._within is None:
                raise CellError(
                    repeats,
                    _text(found, repeats) or "",
                    "expected one event; give within= with a first and a last day, or write each "
                    "repetition out",
                )
            moved = {once for of, once in latest if of == uid and once}
            times = [
                (f"{name}@{once}", self._when(found, start))
                for once, start in _repetitions(found, self._within)
                if once not in moved
            ]
        category = _category(found)
        place, quote = _place(found), _text(found, "DESCRIPTION")
        said = []
        for event_id, time in times:
            event = Incident(
                id=event_id,
                when=time,
                category=category,
                place=place,
                summary=_text(found, "SUMMARY"),
            )
            ahead = report.published.before(time) is Certainty.CERTAIN
            says = report.expects if status == "TENTATIVE" or ahead else report.says
            said.append(says(event, quote=quote))
        return tuple(said), tuple(dict.fromkeys((*known, *self._warnings)))

    def _when_published(self, found: Any) -> Written:
        if self._published is not None:
            return self._published
        for name in ("LAST-MODIFIED", "DTSTAMP"):
            if name in found:
                return self._time(name, _decoded(found, name))
        raise CellError("DTSTAMP", "", "expected when it was written; or give published=")

    def _when(self, found: Any, again: date | None = None) -> When:
        self._check_zone(found)
        first = _decoded(found, "DTSTART")
        end = _decoded(found, "DTEND")
        length = _decoded(found, "DURATION")
        start = first if again is None else again
        if again is not None and end is not None and type(end) is type(first):
            end = start + (end - first)
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

    def _check_zone(self, found: Any) -> None:
        for name in ("DTSTART", "DTEND"):
            value = found.get(name)
            zone = getattr(value, "params", {}).get("TZID") if value is not None else None
            moment = _decoded(found, name)
            if zone is None or not isinstance(moment, datetime):
                continue
            if moment.tzinfo is None or getattr(moment.tzinfo, "key", zone) != zone:
                self._warnings.append(f"the zone {zone!r:.60} isn't known: any zone is possible")

    def _time(self, name: str, value: Any) -> When:
        if isinstance(value, datetime):
            key = getattr(value.tzinfo, "key", None)
            if value.tzinfo is None:
                zone = None if any("the zone" in one for one in self._warnings) else self._zone
                return when(f"{value:%Y-%m-%dT%H:%M:%S}".rjust(19, "0"), zone=zone)
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
    name = (
        value.to_ical().decode("utf-8", "replace")
        if name in ("RECURRENCE-ID", *_REPEATS)
        else value
    )
    return str(name).strip() or None if name is not None else None


def _shown(value: Any) -> str:
    raw = value.to_ical() if hasattr(value, "to_ical") else value
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
    return text.replace("\\,", ",")


def _repetitions(found: Any, within: tuple[date, date]) -> Iterator[tuple[str, date]]:
    """The times of a repeating event between two days, each with the id that RFC 5545 gives it."""
    start = _decoded(found, "DTSTART")
    clocked = isinstance(start, datetime)
    zone = start.tzinfo if clocked else None
    utc = zone is not None and str(zone) in ("UTC", "Z", "UTC+00:00")
    first = datetime(within[0].year, within[0].month, within[0].day, tzinfo=zone)
    last = datetime(within[1].year, within[1].month, within[1].day, tzinfo=zone) + timedelta(days=1)
    begin = start if clocked else _midnight(start)
    rules: Any = rruleset()
    try:
        for name in ("RRULE", "EXRULE"):
            for rule in _each(found, name):
                getattr(rules, name.lower())(rrulestr(rule.to_ical().decode(), dtstart=begin))
        for name in ("RDATE", "EXDATE"):
            for dates in _each(found, name):
                for one in dates.dts:
                    day = one.dt if isinstance(one.dt, datetime) else _midnight(one.dt)
                    getattr(rules, name.lower())(day)
        rules.rdate(begin)
        times = list(islice(rules.between(first, last, inc=True), _REPETITIONS + 1))
    except Exception as error:  # as in _event
        raise CellError("RRULE", "", f"can't be read: {error!s:.200}") from error
    if len(times) > _REPETITIONS:
        raise CellError("RRULE", "", f"expected at most {_REPETITIONS:,} times within= the days")
    form = "%Y%m%d" if not clocked else "%Y%m%dT%H%M%SZ" if utc else "%Y%m%dT%H%M%S"
    for time in times:
        if time < last:
            yield time.strftime(form), time if clocked else time.date()


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a day has no zone


def _each(found: Any, name: str) -> list[Any]:
    value = found.get(name, [])
    return value if isinstance(value, list) else [value]


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
    try:
        latitude, longitude = (
            (float(spot.latitude), float(spot.longitude)) if spot else (None, None)
        )
    except (AttributeError, TypeError, ValueError):
        raise CellError("GEO", _shown(spot), "expected degrees such as 49.2;37.27") from None
    return Place(name or f"{latitude}, {longitude}", latitude=latitude, longitude=longitude)
