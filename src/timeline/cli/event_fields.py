"""Reads the fields of an event from options such as ``place=Izium``, as cells of a sheet are."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from fractions import Fraction
from io import StringIO
from typing import Any, cast

import attrs

from timeline.claims import Report
from timeline.counts import Breakdown, Count
from timeline.errors import ImporterError, TimelineError
from timeline.events import Event
from timeline.importers.fields import Times, readers
from timeline.importers.mapping import sheet_map
from timeline.importers.numbers_in_cells import Tally
from timeline.importers.outcomes import CellError
from timeline.importers.table_reader import TableReader
from timeline.kinds import KINDS
from timeline.places import Place
from timeline.schema import field_hints, field_type
from timeline.time_parsing import when
from timeline.times import When

__all__ = ["changed", "field_rows", "kind_named", "make_event", "read_time"]

_SPOT = {"coordinates": ("latitude", "longitude")}


def kind_named(name: str, own: Iterable[type[Event]]) -> type[Event]:
    """Return the kind of a name such as ``attack`` or ``attack/1``, raise for one that isn't."""
    named = {kind.kind.partition("/")[0]: kind for kind in (*KINDS, *own)}
    found = named.get(name.partition("/")[0])
    if found is None:
        raise ImporterError(f"no kind is called {name!r}; there are {', '.join(sorted(named))}")
    return found


def _field_names(kind: type[Event]) -> dict[str, bool]:
    """Return the fields of a kind but ``id`` and ``when``, and whether one has to be given."""
    cls: type[Any] = kind
    return {
        field.name: field.default is attrs.NOTHING
        for field in attrs.fields(cls)
        if field.init and field.name not in ("id", "when")
    }


_TAKES: dict[Any, str] = {
    Breakdown: "{0}.NAME=2, for each group or side",
    Count: "3, 3-5, 400+ or 'about 450'",
    Fraction: "1/3 or 0.33",
    Place: "Izium, or {0}.name=… {0}.id=… {0}.latitude=… {0}.longitude=… {0}.within=…",
    When: "2022-09-10, in EDTF or ISO 8601",
    bool: "yes or no",
    float: "a number",
    int: "a whole number",
}


def field_rows(kind: type[Event]) -> list[dict[str, Any]]:
    """Return a row for each field of a kind: its name, whether it is needed, what it takes."""
    hints = field_hints(cast("Any", kind))
    return [
        {
            "kind": kind.kind,
            "field": name,
            "needed": needed,
            "takes": _takes(name, field_type(hints[name]).bare),
        }
        for name, needed in _field_names(kind).items()
    ]


def _takes(name: str, field_type: Any) -> str:
    if field_type.hint in _TAKES:
        return _TAKES[field_type.hint].format(name)
    if field_type.shape == "literal":
        return f"one of {', '.join(map(str, field_type.arguments))}"
    if field_type.shape == "enum":
        return f"one of {', '.join(str(one.value) for one in field_type.hint)}"
    if field_type.shape in ("several", "fixed"):
        return "one or several, parted by ;"
    if field_type.shape == "mapping":
        return "by name, from Python alone"
    return "text"


def read_time(text: str, report: Report) -> When:
    """Return the time of ``--when``: EDTF, ISO 8601, or a phrase where the report is dated."""
    try:
        return when(text, zone=report.zone)
    except TimelineError as error:
        # Who types options has no functions.
        reason = str(error).replace("or use between()", "or write [2022-09-08..2022-09-10]")
        if report.published.lo is None:
            raise ImporterError(
                f"--when: {reason}; a phrase such as 'last Friday' needs --published"
            ) from None
        try:
            return report.when(text)
        except TimelineError as phrase:
            raise ImporterError(f"--when: {reason}; as a phrase: {phrase}") from None


def make_event(
    kind: type[Event],
    fields: Iterable[str],
    time: When,
    zone: str,
    named: Mapping[str, str | None],
) -> Event:
    """Return the event of options; ``named`` are ``--id`` and ``--summary``."""
    cells = _cells(fields)
    if named.get("summary") is not None:
        cells["summary"] = str(named["summary"])
    values = {name: one for name, one in _read(kind, cells, zone).items() if one is not None}
    missing = [name for name, needed in _field_names(kind).items() if needed and name not in values]
    if missing:
        short = kind.kind.partition("/")[0]
        raise ImporterError(
            f"{short} needs {', '.join(f'{name}=…' for name in missing)}; timeline fields {short} "
            "says what each takes"
        )
    return kind(when=time, id=named.get("id") or "", **values)


def changed(event: Event, fields: Iterable[str], zone: str, *, time: When | None = None) -> Event:
    """Return an event with the given fields changed, and everything else as it was.

    Parts of a place, such as ``place.id=…``, and of a breakdown change those parts alone; an empty
    value takes a field back to unreported.
    """
    cells = _cells(fields)
    cls: type[Any] = type(event)
    defaults = {field.name: field.default for field in attrs.fields(cls)}
    values = _read(cls, cells, zone)
    for name, value in list(values.items()):
        parts = [part.partition(".")[2] for part in cells if part.startswith(f"{name}.")]
        before = getattr(event, name)
        if value is None:
            if defaults[name] is attrs.NOTHING:
                raise ImporterError(f"{name}= is empty, and an event of kind {cls.kind} needs one")
            factory = isinstance(defaults[name], attrs.Factory)  # type: ignore[arg-type]
            values[name] = defaults[name].factory() if factory else defaults[name]
        elif isinstance(value, Place) and isinstance(before, Place) and parts:
            whole = [one for part in parts for one in _SPOT.get(part, (part,))]
            if "path" not in whole:
                values[name] = attrs.evolve(before, **{one: getattr(value, one) for one in whole})
        elif isinstance(before, Breakdown) and isinstance(value, Mapping):
            values[name] = {**before, **value}
    former: Any = event
    if time is not None:
        values["when"] = time
    made: Event = attrs.evolve(former, **values)
    return made


def _cells(fields: Iterable[str]) -> dict[str, str]:
    cells = {}
    for given in fields:
        name, equals, value = given.partition("=")
        if not equals:
            raise ImporterError(f"write a field as name=value, such as place=Izium, not {given!r}")
        if name in cells:
            raise ImporterError(f"{name} is given twice")
        cells[name] = value
    return cells


def _read(kind: Any, cells: Mapping[str, str], zone: str) -> dict[str, Any]:
    """Values of the fields that are given, None where one is empty."""
    if not cells:
        return {}
    # A sheet of one row, with a column for each field: it is read and refused as any other.
    sheet = StringIO()
    csv.writer(sheet).writerows([cells, cells.values()])
    mapping = sheet_map(
        {"kind": kind.kind, "zone": zone, "midnight": "time", "columns": _columns(kind, cells)}
    )
    (record,) = TableReader(sheet.getvalue().splitlines(keepends=True))
    values: dict[str, Any] = {}
    including: dict[str, Any] = {}
    try:
        found = readers(mapping, kind, Times((), zone), partial=True)
        for name, read in found.items():
            value = read(record)
            if isinstance(value, Tally):
                if value.including is not None:
                    _check_including(kind, name, cells[name])
                    including = dict(value.including)
                value = value.count
            values[name] = value
    except CellError as error:
        expected = error.expected.removeprefix(f"columns.{error.column}: ")
        raise ImporterError(f"{error.column}={error.value}: {expected}") from None
    if including:
        values["including"] = {**including, **(values.get("including") or {})}
    return values


def _columns(kind: type[Event], cells: Iterable[str]) -> dict[str, Any]:
    """The columns of a mapping, a table for each field that is given in parts."""
    columns: dict[str, Any] = {}
    for name in cells:
        *path, last = name.split(".")
        if (path or [last])[0] not in _field_names(kind):
            raise ImporterError(
                f"{kind.kind} has no field {(path or [last])[0]!r}; it has "
                f"{', '.join(_field_names(kind))}"
            )
        part = columns
        for step in path:
            part = part.setdefault(step, {})
            if not isinstance(part, dict):
                raise ImporterError(f"{step!r} is given twice, as a whole and in parts")
        if last in part:
            raise ImporterError(f"{last!r} is given twice, as a whole and in parts")
        part[last] = name
    return columns


def _check_including(kind: type[Event], name: str, text: str) -> None:
    if name != "killed" or "including" not in _field_names(kind):
        raise ImporterError(
            f"{name}={text}: expected a number alone: it has no field for how many were of a group"
        )
