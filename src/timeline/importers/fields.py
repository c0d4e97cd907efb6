"""Fills the fields of an event from the cells of a row, by the type that each field has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import lru_cache
from typing import Any

import attrs

from timeline.claims import Report
from timeline.counts import Breakdown, Count
from timeline.errors import ImporterError, TimelineError
from timeline.importers.date_formats import EXCEL, MONTHS, date_format, excel
from timeline.importers.mapping import ROW, Cell, SheetMap
from timeline.importers.numbers_in_cells import UNREPORTED, Numbers
from timeline.importers.table_reader import TableRow
from timeline.importers.workbooks import DateCell
from timeline.places import Place
from timeline.schema import LEAVES, field_hints, field_type
from timeline.time_parsing import between, lasted, when
from timeline.times import When

__all__ = ["NO", "YES", "Read", "Times", "may_be_days", "midnights", "readers", "when_reader"]

Read = Callable[[TableRow], Any]
"""Returns a field's value, None where the row is silent."""

YES = frozenset("true|yes|y|1|1.0|x|t|✓|✔|так|да|oui|sí|si|ja|evet|sim|نعم".split("|"))
NO = frozenset("false|no|n|0|0.0|f|-|✗|ні|нет|non|nein|hayır|não|لا".split("|"))
_MIDNIGHT = re.compile(r"(.*\S)[ T]00:00(?::00(?:\.0+)?)?", re.ASCII)
_HAS_CLOCK = re.compile(r"\d[ T]\d{1,2}:\d{2}", re.ASCII)
_PARTS = ("year", "month", "day", "hour", "minute", "second", "time", "date", "precision", "circa")
_PRECISIONS = ("year", "month", "day")
_CLOCK = re.compile(r"(\d{1,2})(?::?(\d{2}))?(?::(\d{2}))?\s*(?:([AaPp])\.?[Mm]\.?)?", re.ASCII)
_UNKNOWN = frozenset(("", "0", "00", "-", "-9", "-99", "99", "unknown", "nan"))
_NOON = 12
_KNOWN = 4096  # values or places of a column that are remembered


def _int(text: str, numbers: Numbers) -> int:
    if re.fullmatch(r"[+-]?\d{1,15}", text, re.ASCII):
        return int(text)
    sign = -1 if text.startswith("-") else 1
    return sign * numbers.whole(text.removeprefix("-"))


def _float(text: str, numbers: Numbers) -> float:
    return numbers.real(text)


def _degrees(limit: int) -> Callable[[str, Numbers], float]:
    def read(text: str, numbers: Numbers) -> float:
        found = _float(text, numbers)
        if abs(found) > limit:
            raise ImporterError(f"degrees from -{limit} to {limit}")
        return found

    return read


def _bool(text: str, _: Numbers) -> bool:
    if text.casefold() not in YES | NO:
        raise ImporterError("yes or no")
    return text.casefold() in YES


def _fraction(text: str, _: Numbers) -> Fraction:
    if re.fullmatch(r"\d{1,9}(/\d{1,9}|\.\d{1,9})?", text, re.ASCII) is None:
        raise ImporterError("a fraction such as 1/3 or 0.33")
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise ImporterError("a fraction that isn't over nothing") from None


def _text(text: str, _: Numbers) -> str:
    return str(text)


Scalar = Callable[[str, Numbers], Any]
_SCALARS: dict[Any, Scalar] = {
    str: _text,
    int: _int,
    float: _float,
    bool: _bool,
    Fraction: _fraction,
    Count: lambda text, numbers: numbers.tally(text),
    Place: lambda text, _: Place(str(text)),
}


@attrs.frozen
class Times:
    """Reads times as a mapping says that they are written.

    ``days`` are the cells, by their key, whose every value has a midnight, which says no more than
    the day.
    """

    formats: tuple[str, ...]
    zone: str | None
    days: frozenset[str] = frozenset()
    _known: dict[str, When] = attrs.field(init=False, factory=dict, eq=False, repr=False)

    def read(self, cell: Cell, record: TableRow, report: Report | None = None) -> When | None:
        """Return the time of a cell, None where it is empty; phrases are read against a report."""
        if not cell.as_it_stands or cell.key in self.days:
            return self._read(cell, record, report)[0]
        given = record[cell.as_it_stands]
        if type(given) is not DateCell and given in self._known:
            return self._known[given]
        found, fixed = self._read(cell, record, report)
        if fixed and given and found is not None and type(given) is not DateCell:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[given] = found
        return found

    def _read(
        self, cell: Cell, record: TableRow, report: Report | None
    ) -> tuple[When | None, bool]:
        """The time of a cell, and whether that is the same in whatever report."""
        texts = cell.each(record)
        if len(texts) == 1 and type(texts[0]) is DateCell:
            return _dated(texts[0], self.zone), True
        if "" in texts and any(texts):
            self._check_order(cell, texts, record)
        text = cell.read(record)
        if not text:
            return None, True
        # A default was written by whoever wrote the mapping, as the library reads times.
        formats = (self.formats if any(texts) else ()) or ("edtf",)
        if cell.key in self.days:
            text = self._day(cell, record, text)
        try:
            found, reason = _time(text, tuple(one for one in formats if one != "phrase"), self.zone)
        except _AmbiguousError as error:
            raise cell.wrong(record, str(error)) from None
        if found is not None:
            return found, True
        if "phrase" in formats and report is not None:
            try:
                return report.when(text), False
            except TimelineError as error:
                reason = str(error)
        wanted = f"a time written as {' or '.join(formats)}"
        if formats == ("edtf",):
            wanted = (
                f"a time in EDTF or ISO 8601, or formats = ['%d.%m.%Y'] to say how it is written; "
                f"{reason}"
            )
        raise cell.refuse(record, wanted)

    @staticmethod
    def _check_order(cell: Cell, texts: list[str], record: TableRow) -> None:
        """Refuse a time whose coarser part is missing where a finer one is given."""
        first = texts.index("")
        if any(texts[first:]):
            raise cell.wrong(
                record, f"{cell.columns[first]!r} is empty, though what comes after it isn't"
            )

    @staticmethod
    def _day(cell: Cell, record: TableRow, text: str) -> str:
        match = _MIDNIGHT.fullmatch(text)
        if match is not None:
            return match[1]
        if _HAS_CLOCK.search(text):
            raise cell.wrong(
                record,
                "it has a time of day, while the rows before it have midnight: say in the mapping "
                "midnight = 'day' (midnights are whole days) or midnight = 'time'",
            )
        return text


class _AmbiguousError(Exception):
    """Two formats read a text as two times."""


@lru_cache(maxsize=8192)  # the same days stand in many rows
def _time(text: str, formats: tuple[str, ...], zone: str | None) -> tuple[When | None, str]:
    found: dict[str, When] = {}
    reason = ""
    for form in formats:
        try:
            found[form] = _written(text, form, zone)
        except (TimelineError, ValueError) as error:
            reason = str(error)
    times = list(found.values())
    if any((one.lo, one.hi, one.shape) != (times[0].lo, times[0].hi, times[0].shape)
           for one in times):  # fmt: skip
        raise _AmbiguousError(f"it fits {' and '.join(found)}, which read it as different times")
    return (times[0] if times else None), reason


def _written(text: str, form: str, zone: str | None) -> When:
    if form == "edtf":
        return attrs.evolve(when(text, zone=zone), text=text)
    if form in EXCEL:
        return excel(text, form, zone)
    match = _MIDNIGHT.fullmatch(text)
    if match is not None and "%H" not in form and "%I" not in form and "%T" not in form:
        # A spreadsheet adds a midnight to a day.
        try:
            return attrs.evolve(date_format(form).read(match[1], zone), text=text)
        except TimelineError:
            pass
    return date_format(form).read(text, zone)


@lru_cache(maxsize=4096)
def _dated(text: DateCell, zone: str | None) -> When:
    return when(str(text), zone=zone)


def may_be_days(mapping: SheetMap, record: TableRow) -> bool:
    """Whether the times of a row have a midnight, or are empty: days may be meant, or moments."""
    if mapping.midnight is not None:
        return False
    if record.is_tags():
        return True
    try:
        record.check()
        texts = [mapping.cell(*path).read(record) for path in _time_paths(mapping)]
    except TimelineError:
        return True
    return any(not text or _MIDNIGHT.fullmatch(text) for text in texts)


def midnights(mapping: SheetMap, records: Iterable[TableRow]) -> frozenset[str]:
    """Return the keys of times that have a midnight in each of some rows, as dates then mean."""
    if mapping.midnight == "time":
        return frozenset()
    cells = [mapping.cell(*path) for path in _time_paths(mapping)]
    found = set()
    rows = list(records)
    for cell in cells:
        texts = []
        for record in rows:
            try:
                record.check()
                if not record.is_tags():
                    texts.append(cell.read(record))
            except TimelineError:
                continue
        given = [text for text in texts if text and type(text) is not DateCell]
        if mapping.midnight == "day" or (given and all(map(_MIDNIGHT.fullmatch, given))):
            found.add(cell.key)
    return frozenset(found)


def _time_paths(mapping: SheetMap) -> list[tuple[str, ...]]:
    paths = (("when",), ("when", "from"), ("when", "to"), ("published",))
    return [path for path in paths if mapping.has(*path) and mapping.parts(*path) is None]


def readers(
    mapping: SheetMap, kind: Any, times: Times, *, partial: bool = False
) -> dict[str, Read]:
    """Return how each field of a kind that the mapping speaks of is read.

    Raises ``ImporterError`` for a field that the kind needs and the mapping lacks, unless
    ``partial``: then some fields of an event are read that is there already.
    """
    hints = field_hints(kind)
    found: dict[str, Read] = {}
    for field in attrs.fields(kind):
        if field.name in ("id", "when") or not field.init:
            continue
        flags = mapping.flags.get(field.name)
        if not mapping.has(field.name) and flags is None:
            needed = field.default is attrs.NOTHING and not partial
            if needed and mapping.group_count != field.name:
                raise ImporterError(
                    f"the mapping needs columns.{field.name} or defaults.{field.name}: an event of "
                    f"kind {kind.kind!r} has one"
                )
            continue
        read = _reader(mapping, field.name, hints[field.name], times)
        if flags is not None:
            read = _flagged(mapping, field.name, flags, read, several=_is_tuple(hints[field.name]))
        found[field.name] = read
    return found


def _is_tuple(hint: Any) -> bool:
    return field_type(hint).shape in ("several", "fixed")


def _flagged(mapping: SheetMap, name: str, flags: Any, read: Read, *, several: bool) -> Read:
    cells = {
        column: Cell(f"flags.{name}", (column,), "", mapping.translate, mapping.only, mapping.blank)
        for column in flags
    }

    def read_flags(record: TableRow) -> Any:
        given = read(record)
        values = []
        for column, cell in cells.items():
            text = cell.read(record).casefold()
            if text in YES:
                values.append(flags[column])
            elif text and text not in NO:
                raise cell.refuse(record, "yes or no")
        if several:
            return tuple(dict.fromkeys([*(given or ()), *values])) or None
        return ", ".join(dict.fromkeys([*([given] if given else []), *values])) or None

    return read_flags


def _reader(mapping: SheetMap, name: str, hint: Any, times: Times) -> Read:
    bare = field_type(hint).bare
    hint = bare.hint
    parts = mapping.parts(name)
    if hint is Breakdown:
        return _breakdown(mapping, name, parts)
    if parts is not None and hint is Place:
        return _place(mapping, name, parts)
    if parts is not None and hint is Count:
        return _count(mapping, name, parts)
    if parts is None and hint is When:
        cell = mapping.cell(name)
        return lambda record: times.read(cell, record)
    if parts is None and bare.shape in ("several", "fixed"):
        return _several(mapping, name, _scalar(bare.arguments[0], name))
    if parts is not None:
        raise ImporterError(f"{name} is given as a whole: columns.{name} = 'a column'")
    # An annotated name, such as that of an actor, is the text that it annotates.
    scalar = _scalar(hint, name)
    return _whole_cell(mapping, mapping.cell(name), scalar)


def _scalar(hint: Any, name: str) -> Scalar:
    if hint in _SCALARS:
        return _SCALARS[hint]
    kind = field_type(hint)
    if kind.shape == "literal":
        return _one_of({str(one): one for one in kind.arguments})
    if kind.shape == "enum":
        return _one_of({str(one.value): one for one in hint})
    convert = LEAVES[hint].convert if kind.shape == "leaf" else None
    if convert is not None:
        return lambda text, _: convert(str(text))
    raise ImporterError(
        f"{name} holds more than a cell of a sheet can; leave it out of the mapping"
    )


def _one_of(options: dict[str, Any]) -> Scalar:
    def read(text: str, _: Numbers) -> Any:
        if text not in options:
            raise ImporterError(f"one of {', '.join(options)}")
        return options[text]

    return read


def _whole_cell(mapping: SheetMap, cell: Cell, scalar: Scalar) -> Read:
    numbers = mapping.numbers_of(cell)

    known: dict[str, Any] = {}  # the same few numbers stand in most rows

    def read(record: TableRow) -> Any:
        text = cell.read(record)
        if not text:
            return None
        if text in known:
            return known[text]
        try:
            value = scalar(text, numbers)
        except TimelineError as error:
            raise cell.refuse(record, str(error)) from None
        if len(known) < _KNOWN:
            known[text] = value
        return value

    return (lambda record: str(cell.read(record)) or None) if scalar is _text else read


def _several(mapping: SheetMap, name: str, scalar: Scalar) -> Read:
    cell = mapping.cell(name)
    numbers = mapping.numbers_of(cell)

    def read(record: TableRow) -> Any:
        texts = [one for one in cell.each(record) if one] or [cell.default]
        parts = [part.strip() for text in texts for part in text.split(mapping.separator)]
        try:
            return tuple(scalar(one, numbers) for one in parts if one) or None
        except TimelineError as error:
            raise cell.refuse(record, str(error)) from None

    return read


def _known(name: str, parts: dict[str, Any], *allowed: str) -> None:
    for part in parts:
        if part not in allowed:
            raise ImporterError(f"{name} has no part {part!r}; it has {', '.join(allowed)}")


def _place(mapping: SheetMap, name: str, parts: dict[str, Any]) -> Read:
    _known(
        name, parts, "name", "id", "latitude", "longitude", "coordinates", "within", "precision",
        "path",
    )  # fmt: skip
    if "coordinates" in parts and {"latitude", "longitude"} & parts.keys():
        raise ImporterError(f"{name} has coordinates in one cell, or latitude and longitude in two")
    scalars = {"latitude": _degrees(90), "longitude": _degrees(180), "coordinates": _spot}
    reads = {
        part: _whole_cell(mapping, mapping.cell(name, part), scalars.get(part, _text))
        for part in parts
        if part != "path"
    }
    path = mapping.cell(name, "path") if "path" in parts else None
    cells = [mapping.cell(name, part) for part in parts]
    columns = tuple(column for cell in cells for column in cell.columns)
    known: dict[tuple[str, ...], Place | None] = {}  # a place has many rows

    def read(record: TableRow) -> Place | None:
        key = tuple([record[column] for column in columns])
        if key not in known:
            place = make(record)
            if len(known) >= _KNOWN:
                known.clear()
            known[key] = place
        return known[key]

    def make(record: TableRow) -> Place | None:
        given = {part: read_part(record) for part, read_part in reads.items()}
        given = {part: value for part, value in given.items() if value is not None}
        given |= given.pop("coordinates", {})
        within = None if path is None else _along(path.each(record), given.get("within"))
        if within is not None and given.keys() <= {"precision", "within", "latitude", "longitude"}:
            return attrs.evolve(within, **(given | {"within": within.within}))
        given |= {} if within is None else {"within": within}
        if given.keys() <= {"precision", "within"}:
            return Place.of(given["within"]) if "within" in given else None
        named = given.pop("name", None) or given.get("id")
        if named is None:
            named = f"{given.get('latitude')}, {given.get('longitude')}"
        return Place(named, **given)

    return make if ROW in columns else read


_SPOT = re.compile(
    r"(?:POINT\s*)?[(\[]?\s*([+-]?\d{1,3}(?:\.\d{0,40})?)°?\s*([NSns]?)\s*(?:[,;]|\s)\s*"
    r"([+-]?\d{1,3}(?:\.\d{0,40})?)°?\s*([EWew]?)\s*[)\]]?",
    re.ASCII | re.IGNORECASE,
)


def _spot(text: str, _: Numbers) -> dict[str, float]:
    """Latitude and longitude in one cell; well-known text, ``POINT (37 49)``, has them reversed."""
    match = _SPOT.fullmatch(text)
    if match is None:
        raise ImporterError("latitude and longitude such as '49.19, 37.27'")
    first, second = float(match[1]), float(match[3])
    if match[2] in ("S", "s"):
        first = -first
    if match[4] in ("W", "w"):
        second = -second
    if text.upper().startswith("POINT"):
        first, second = second, first
    return {"latitude": first, "longitude": second}


def _along(names: Iterable[str], within: str | None) -> Place | None:
    """The last of several places, each within the one before; names repeat, so paths are ids."""
    place = None if within is None else Place(within)
    path: list[str] = []
    for name in filter(None, names):
        path.append(name)
        place = Place(name, id=" / ".join(path), within=place)
    return place if path else None


def _count(mapping: SheetMap, name: str, parts: dict[str, Any]) -> Read:
    _known(name, parts, "low", "best", "high", "about")
    cells = {part: mapping.cell(name, part) for part in parts}
    reads = {part: _whole_cell(mapping, cell, _part_of_count) for part, cell in cells.items()}

    def read(record: TableRow) -> Count | None:
        given = {part: read_part(record) for part, read_part in reads.items()}
        given = {part: value for part, value in given.items() if value is not None}
        if not given:
            return None
        try:
            return Count(**given)
        except TimelineError as error:
            first = cells[next(iter(given))]
            raise first.wrong(record, str(error)) from None

    return read


def _part_of_count(text: str, numbers: Numbers) -> int | None:
    if text.casefold() in UNREPORTED:
        return None
    return numbers.whole(text)


def _breakdown(mapping: SheetMap, name: str, parts: dict[str, Any] | None) -> Read:
    if parts is None:
        raise ImporterError(f"{name} is given in parts: columns.{name}.children = 'a column'")
    reads = {
        part: _whole_cell(
            mapping, mapping.cell(name, part), lambda text, numbers: numbers.count(text)
        )
        for part in parts
    }

    def read(record: TableRow) -> dict[str, Count] | None:
        given = {part: read_part(record) for part, read_part in reads.items()}
        return {part: value for part, value in given.items() if value is not None} or None

    return read


def when_reader(mapping: SheetMap, times: Times) -> Callable[[TableRow, Report], When | None]:
    """Return how the time of an event is read: from one column, several, or a first and a last."""
    parts = mapping.parts("when")
    if parts is None or not parts.keys() & {"from", "to"}:
        return _moment_reader(mapping, times, "when")
    _known("when", parts, "from", "to")
    if mapping.span is None:
        raise ImporterError(
            "columns.when has from and to: say with span = 'lasted' that it went on from one to "
            "the other, or with span = 'between' that it was at some one moment from one to the "
            "other"
        )
    join = lasted if mapping.span == "lasted" else between
    first = _moment_reader(mapping, times, "when", "from")
    last = _moment_reader(mapping, times, "when", "to")
    end_cell = None if mapping.parts("when", "to") else mapping.cell("when", "to")

    def read(record: TableRow, report: Report) -> When | None:
        start, end = first(record, report), last(record, report)
        if start is None and end is None:
            return None
        if end is None and mapping.empty_end == "start":
            return start
        try:
            return join(start, end)
        except TimelineError as error:
            if end_cell is None:
                raise ImporterError(f"columns.when.to: {error}") from None
            raise end_cell.wrong(record, str(error)) from None

    return read


def _moment_reader(
    mapping: SheetMap, times: Times, *path: str
) -> Callable[[TableRow, Report], When | None]:
    parts = mapping.parts(*path)
    if parts is None:
        cell = mapping.cell(*path)
        return lambda record, report: times.read(cell, record, report)
    _known(".".join(path), parts, *_PARTS)
    cells = {part: mapping.cell(*path, part) for part in parts}
    if ("year" in cells) == ("date" in cells):
        raise ImporterError(f"{'.'.join(path)} has a year, or a date, and the finer parts of it")
    if "date" in cells and {"month", "day"} & cells.keys():
        raise ImporterError(f"{'.'.join(path)} has a date, which has month and day in it")
    return lambda record, report: _composed(cells, times, record, report)


def _composed(
    cells: dict[str, Cell], times: Times, record: TableRow, report: Report
) -> When | None:
    """A time from parts in columns of their own: 0, -9 and 99 are what code books call unknown."""
    clock = _clock(cells, record)
    if "date" in cells:
        found = times.read(cells["date"], record, report)
        if found is None:
            return None
        if clock and found.precision == "day" and found.edtf is not None:
            found = _timed(found.edtf + clock, times.zone)
        return _qualified(found, cells, times, record)
    year = _number(cells, record, "year", 1, 9999)
    month = _number(cells, record, "month", 1, _NOON)
    day = _number(cells, record, "day", 1, 31)
    given = [("year", year), ("month", month), ("day", day), ("time", clock or None)]
    missing = next((name for name, value in given if value is None), None)
    if missing is not None:
        finer = [name for name, value in given if value is not None]
        order = [name for name, _ in given]
        if any(order.index(name) > order.index(missing) for name in finer):
            cell = cells.get(missing) or cells["year"]
            raise cell.wrong(record, f"the {missing} is missing, though a finer part is given")
        if year is None:
            return None
    text = f"{year:04d}"
    text += "" if month is None else f"-{month:02d}"
    text += "" if day is None else f"-{day:02d}"
    try:
        found = _timed(text + clock, times.zone)
    except TimelineError as error:
        raise cells["year"].wrong(record, str(error)) from None
    return _qualified(found, cells, times, record)


def _timed(text: str, zone: str | None) -> When:
    if text.endswith("h"):
        return date_format("%Y-%m-%dT%H").read(text[:-1], zone)
    return when(text, zone=zone)


def _number(cells: dict[str, Cell], record: TableRow, part: str, low: int, high: int) -> int | None:
    cell = cells.get(part)
    text = "" if cell is None else cell.read(record).removesuffix(".0")
    if cell is None or text.casefold() in (_UNKNOWN - {"99"} if part == "year" else _UNKNOWN):
        return None
    number = MONTHS.get(text.casefold().rstrip(".")) if part == "month" else None
    if number is None:
        number = int(text) if re.fullmatch(r"\d{1,4}", text, re.ASCII) else -1
    if not low <= number <= high:
        raise cell.refuse(record, f"a {part} from {low} to {high}")
    return number


def _clock(cells: dict[str, Cell], record: TableRow) -> str:
    """The time of day as the end of an ISO text; an hour alone ends in h."""
    whole = cells.get("time")
    if whole is not None:
        text = whole.read(record)
        if not text or text.casefold() in _UNKNOWN - {"0", "00"}:
            return ""
        match = _CLOCK.fullmatch(text)
        hour = -1 if match is None else int(match[1])
        if match is not None and match[4]:
            hour = hour % _NOON + (_NOON if match[4] in "Pp" else 0) if 1 <= hour <= _NOON else -1
        if match is None or not 0 <= hour < 24 or (match[2] is None and not match[4]):  # noqa: PLR2004 - hours
            raise whole.refuse(record, "a time of day such as 17:30 or 5:30 PM")
        if match[2] is None:
            return f"T{hour:02d}h"
        return f"T{hour:02d}:{match[2]}" + (f":{match[3]}" if match[3] else "")
    parts = [cells[name].read(record).removesuffix(".0") for name in ("hour", "minute", "second")
             if name in cells]  # fmt: skip
    if not any(parts):
        return ""
    if not all(re.fullmatch(r"\d{1,2}", part, re.ASCII) for part in parts if part) or not parts[0]:
        raise cells["hour"].refuse(record, "hours, minutes and seconds in digits")
    given = [f"{int(part):02d}" for part in parts if part]
    return "T" + (f"{given[0]}h" if len(given) == 1 else ":".join(given))


def _qualified(found: When, cells: dict[str, Cell], times: Times, record: TableRow) -> When:
    """A time no finer than its precision column says, and about that time where it says circa."""
    precision, circa = cells.get("precision"), cells.get("circa")
    text = found.edtf
    if precision is not None and (unit := precision.read(record).casefold()):
        if unit not in _PRECISIONS:
            raise precision.refuse(record, f"one of {', '.join(_PRECISIONS)}; translate the others")
        if text is None:
            raise precision.refuse(record, "nothing beside a time such as this")
        length = {"year": 4, "month": 7, "day": 10}[unit]
        found = when(text[:length], zone=times.zone)
        text = found.edtf
    if circa is not None and (flag := circa.read(record).casefold()):
        if flag in YES and text is not None:
            return when(f"{text}~", zone=times.zone)
        if flag not in NO:
            raise circa.refuse(record, "yes or no")
    return found
