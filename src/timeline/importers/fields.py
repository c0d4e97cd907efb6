"""Fills the fields of an event from the cells of a row, by the type that each field has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from timeline.claims import Report
from timeline.counts import Breakdown, Count
from timeline.errors import ImporterError, TimelineError
from timeline.importers.mapping import Cell, SheetMap
from timeline.importers.table_reader import TableRow
from timeline.places import Place
from timeline.time_parsing import between, lasted, when
from timeline.times import When

__all__ = ["Read", "Times", "count_of", "readers", "when_reader"]

Read = Callable[[TableRow], Any]
"""Gives a field's value, None where the row is silent."""

_DIGITS = r"\d{1,3}(?:[, ]\d{3})+|\d{1,15}"
_EXACT = re.compile(rf"({_DIGITS})(?:\.0+)?", re.ASCII)
_ABOUT = re.compile(rf"(?:~|≈|c\.|ca\.?|about|around|approx\.?|circa)\s*({_DIGITS})", re.IGNORECASE)
_LEAST = re.compile(rf"(?:>=|≥|at least)\s*({_DIGITS})|({_DIGITS})\s*(?:\+|or more)", re.IGNORECASE)
_RANGE = re.compile(rf"({_DIGITS})\s*(?:-|–|—|\bto\b)\s*({_DIGITS})", re.IGNORECASE)
_TRUE = {"true", "yes", "y", "1", "x"}
_FALSE = {"false", "no", "n", "0"}
_FINER = (("%S", "second"), ("%M", "minute"), ("%H", "hour"), ("%I", "hour"))
_DAYS = ("%d", "%j", "%x", "%c", "%D", "%e", "%a", "%A")


def _whole(digits: str) -> int:
    return int(digits.replace(",", "").replace(" ", ""))


def count_of(text: str) -> Count:
    """Reads how many: ``12``, ``1,200``, ``about 450``, ``400+``, ``at least 400``, ``3-5``.

    Raises ``ImporterError`` for anything else.
    """
    if match := _EXACT.fullmatch(text):
        return Count(_whole(match[1]))
    if match := _ABOUT.fullmatch(text):
        return Count(about=_whole(match[1]))
    if match := _LEAST.fullmatch(text):
        return Count(low=_whole(match[1] or match[2]))
    if match := _RANGE.fullmatch(text):
        return Count(low=_whole(match[1]), high=_whole(match[2]))
    raise ImporterError("a number such as 12, 'about 450', '400+' or '3-5'")


def _int(text: str) -> int:
    if re.fullmatch(r"[+-]?\d{1,15}", text, re.ASCII) is None:
        raise ImporterError("a whole number")
    return int(text)


def _float(text: str) -> float:
    if re.fullmatch(r"[+-]?\d{1,15}([.,]\d{1,15})?", text, re.ASCII) is None:
        raise ImporterError("a number such as 48.15")
    return float(text.replace(",", "."))


def _bool(text: str) -> bool:
    if text.casefold() not in _TRUE | _FALSE:
        raise ImporterError("yes or no")
    return text.casefold() in _TRUE


def _fraction(text: str) -> Fraction:
    if re.fullmatch(r"\d{1,9}(/\d{1,9}|\.\d{1,9})?", text, re.ASCII) is None:
        raise ImporterError("a fraction such as 1/3 or 0.33")
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise ImporterError("a fraction that isn't over nothing") from None


_SCALARS: dict[Any, Callable[[str], Any]] = {
    str: str,
    int: _int,
    float: _float,
    bool: _bool,
    Fraction: _fraction,
    Count: count_of,
    Place: Place,
}


@attrs.frozen
class Times:
    """Reads times as a mapping says that they are written."""

    formats: tuple[str, ...]
    zone: str | None

    def read(self, cell: Cell, record: TableRow, report: Report | None = None) -> When | None:
        """Gives the time of a cell, None where it is empty; phrases are read against a report."""
        text = cell.read(record)
        if not text:
            return None
        # A default was written by whoever wrote the mapping, as the library reads times.
        formats = (self.formats if any(cell.each(record)) else ()) or ("edtf",)
        reason = ""
        for form in formats:
            try:
                if form == "phrase" and report is not None:
                    return report.when(text)
                return _time(text, form, self.zone)
            except (TimelineError, ValueError) as error:
                reason = str(error)
        wanted = f"a time written as {' or '.join(formats)}"
        if formats == ("edtf",):
            wanted = (
                f"a time in EDTF or ISO 8601, or formats = ['%d.%m.%Y'] to say how it is written; "
                f"{reason}"
            )
        raise cell.refuse(record, wanted)


@lru_cache(maxsize=4096)  # the same days stand in many rows
def _time(text: str, form: str, zone: str | None) -> When:
    return attrs.evolve(when(_spelt(text, form), zone=zone), text=text)


def _spelt(text: str, form: str) -> str:
    """A time in a format of ``strptime`` as ISO 8601, no finer than the format is."""
    if form in ("edtf", "phrase"):
        return text
    read = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the mapping's
    offset = f"{read:%z}"
    offset = f"{offset[:3]}:{offset[3:5]}" if offset else ""
    year = f"{read.year:04d}"
    units = {unit for directive, unit in _FINER if directive in form}
    if "second" in units or "%X" in form or "%T" in form or "%c" in form:
        return f"{year}-{read:%m-%dT%H:%M:%S}{offset}"
    if units:
        return f"{year}-{read:%m-%dT%H:%M}{offset}"
    if any(directive in form for directive in _DAYS):
        return f"{year}-{read:%m-%d}"
    return f"{year}-{read:%m}" if re.search("%[mbB]", form) else year


def readers(mapping: SheetMap, kind: Any, times: Times) -> dict[str, Read]:
    """Gives how each field of a kind that the mapping speaks of is read.

    Raises ``ImporterError`` for a field that the kind needs and the mapping doesn't have.
    """
    hints = get_type_hints(kind)
    found: dict[str, Read] = {}
    for field in attrs.fields(kind):
        if field.name in ("id", "when"):
            continue
        if not mapping.has(field.name):
            if field.default is attrs.NOTHING:
                raise ImporterError(
                    f"the mapping needs columns.{field.name} or defaults.{field.name}: an event of "
                    f"kind {kind.kind!r} has one"
                )
            continue
        found[field.name] = _reader(mapping, field.name, hints[field.name], times)
    return found


def _reader(mapping: SheetMap, name: str, hint: Any, times: Times) -> Read:
    optional = get_origin(hint) in (Union, UnionType)
    kinds = [one for one in get_args(hint) if one is not type(None)] if optional else [hint]
    parts = mapping.parts(name)
    if len(kinds) == 1:
        (hint,) = kinds
        if hint is Breakdown:
            return _breakdown(mapping, name, parts)
        if parts is not None and hint is Place:
            return _place(mapping, name, parts)
        if parts is not None and hint is Count:
            return _count(mapping, name, parts)
        if parts is None and hint is When:
            cell = mapping.cell(name)
            return lambda record: times.read(cell, record)
        if parts is None and get_origin(hint) is tuple:
            return _several(mapping, name, _scalar(get_args(hint)[0], name))
    if parts is not None:
        raise ImporterError(f"{name} is told as a whole: columns.{name} = 'a column'")
    scalar = _scalar(hint if len(kinds) == 1 else None, name)
    cell = mapping.cell(name)
    return lambda record: _read(cell, record, scalar)


def _scalar(hint: Any, name: str) -> Callable[[str], Any]:
    if hint in _SCALARS:
        return _SCALARS[hint]
    if get_origin(hint) is Literal:
        return _one_of({str(one): one for one in get_args(hint)})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _one_of({str(one.value): one for one in hint})
    raise ImporterError(
        f"{name} holds more than a cell of a sheet can; leave it out of the mapping"
    )


def _one_of(options: dict[str, Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        if text not in options:
            raise ImporterError(f"one of {', '.join(options)}")
        return options[text]

    return read


def _read(cell: Cell, record: TableRow, scalar: Callable[[str], Any]) -> Any:
    text = cell.read(record)
    if not text:
        return None
    try:
        return scalar(text)
    except TimelineError as error:
        raise cell.refuse(record, str(error)) from None


def _several(mapping: SheetMap, name: str, scalar: Callable[[str], Any]) -> Read:
    cell = mapping.cell(name)

    def read(record: TableRow) -> Any:
        texts = [one for one in cell.each(record) if one] or [cell.default]
        told = [part.strip() for text in texts for part in text.split(mapping.separator)]
        try:
            return tuple(scalar(one) for one in told if one) or None
        except TimelineError as error:
            raise cell.refuse(record, str(error)) from None

    return read


def _known(name: str, parts: dict[str, Any], *allowed: str) -> None:
    for part in parts:
        if part not in allowed:
            raise ImporterError(f"{name} has no part {part!r}; it has {', '.join(allowed)}")


def _place(mapping: SheetMap, name: str, parts: dict[str, Any]) -> Read:
    _known(name, parts, "name", "id", "latitude", "longitude", "within", "precision", "path")
    scalars = {"latitude": _float, "longitude": _float}
    cells = {part: mapping.cell(name, part) for part in parts}
    path = cells.pop("path", None)

    def read(record: TableRow) -> Place | None:
        told = {part: _read(cell, record, scalars.get(part, str)) for part, cell in cells.items()}
        told = {part: value for part, value in told.items() if value is not None}
        within = None if path is None else _along(path.each(record), told.get("within"))
        if within is not None and told.keys() <= {"precision", "within", "latitude", "longitude"}:
            return attrs.evolve(within, **(told | {"within": within.within}))
        told |= {} if within is None else {"within": within}
        if told.keys() <= {"precision", "within"}:
            return Place.of(told["within"]) if "within" in told else None
        named = told.pop("name", None) or told.get("id")
        if named is None:
            named = f"{told.get('latitude')}, {told.get('longitude')}"
        return Place(named, **told)

    return read


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

    def read(record: TableRow) -> Count | None:
        told = {part: _read(cell, record, _int) for part, cell in cells.items()}
        told = {part: value for part, value in told.items() if value is not None}
        if not told:
            return None
        try:
            return Count(**told)
        except TimelineError as error:
            first = cells[next(iter(told))]
            raise first.wrong(record, str(error)) from None

    return read


def _breakdown(mapping: SheetMap, name: str, parts: dict[str, Any] | None) -> Read:
    if parts is None:
        raise ImporterError(f"{name} is told in parts: columns.{name}.children = 'a column'")
    cells = {part: mapping.cell(name, part) for part in parts}

    def read(record: TableRow) -> dict[str, Count] | None:
        told = {part: _read(cell, record, count_of) for part, cell in cells.items()}
        return {part: value for part, value in told.items() if value is not None} or None

    return read


def when_reader(mapping: SheetMap, times: Times) -> Callable[[TableRow, Report], When | None]:
    """Gives how the time of an event is read: from one column, several, or a first and a last."""
    parts = mapping.parts("when")
    if parts is None:
        cell = mapping.cell("when")
        return lambda record, report: times.read(cell, record, report)
    _known("when", parts, "from", "to")
    if mapping.span is None:
        raise ImporterError(
            "columns.when has from and to: say with span = 'lasted' that it went on from one to "
            "the other, or with span = 'between' that it was at some one moment from one to the "
            "other"
        )
    join = lasted if mapping.span == "lasted" else between
    first, last = mapping.cell("when", "from"), mapping.cell("when", "to")

    def read(record: TableRow, report: Report) -> When | None:
        start, end = times.read(first, record, report), times.read(last, record, report)
        if start is None and end is None:
            return None
        if end is None:
            return start
        try:
            return join(start, end)
        except TimelineError as error:
            raise last.wrong(record, str(error)) from None

    return read
