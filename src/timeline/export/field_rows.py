"""Puts the fields of an event into rows that people read: names in words, and values without code.

A value of several parts, such as the articles that a row of UCDP cites, is a small table.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from enum import Enum
from typing import Any

import attrs

from timeline.calendar_math import DAY, micros, wall_of
from timeline.counts import Count, says_nothing
from timeline.events import Event, UnknownEvent
from timeline.export.strings import Catalogue
from timeline.kinds import Attack, Clash
from timeline.places import Place
from timeline.times import When

__all__ = ["Wording", "kind_of"]

_APART = ("id", "when", "summary")
_FIGURES = ("killed", "wounded")


def kind_of(event: Event) -> str:
    """Return an event's kind in words, without its version: ``territorial change``."""
    recorded = event.as_recorded
    name = recorded[0] if recorded else event.kind
    return name.partition("/")[0].replace("-", " ").replace("_", " ")


def _said(value: object) -> bool:
    return not says_nothing(value) and not (isinstance(value, str | tuple | Mapping) and not value)


@attrs.frozen
class Wording:
    """How values are written for a reader: in the words of a catalogue, times in one zone."""

    words: Catalogue
    zone: str

    def kind(self, event: Event) -> str:
        """Return what a kind is called: by itself, by the catalogue, or by its name on disk."""
        name = kind_of(event)
        return type(event).kind_name or self.words.kinds.get(name, name)

    def name(self, event: Event, field: str) -> str:
        """Return what a field is called: by its kind, by the catalogue, or by its own name."""
        own = type(event).field_names.get(field)
        return own or self.plain_name(field)

    def plain_name(self, field: str) -> str:
        """Return what a field of any kind is called."""
        return self.words.fields.get(field) or field.strip("_").replace("_", " ")

    def time(self, when: When) -> str:
        """Return a time as clocks in the zone showed it.

        A date is whole days of its own zone: where the same bounds are no whole days in this one,
        it stays as it is and names its zone.
        """
        if when.zone in (None, self.zone) or (when.lo is None and when.hi is None):
            return str(when)
        here = str(attrs.evolve(when, zone=self.zone))
        bounds = [one for one in (when.lo, when.hi) if one is not None]
        if any(wall_of(one, when.zone) % DAY for one in bounds) or str(when) == here:
            return here
        if any(wall_of(one, self.zone) % DAY for one in bounds):
            return f"{when} ({when.zone})"
        return here

    def text(self, value: object) -> str:
        """Return any value of a field as a person would write it, on one line."""
        if value is None:
            return ""
        if isinstance(value, tuple | list | AbstractSet):
            parts = map(self.text, value)
            return ", ".join(sorted(parts) if isinstance(value, AbstractSet) else parts)
        if isinstance(value, Enum):
            return self.text(value.value)
        if _of_parts(value):
            said = [(name, part) for name, part in _parts_of(value) if _said(part)]
            return "; ".join(self._pair(name, part) for name, part in said)
        return self._plain(value)

    def _plain(self, value: object) -> str:
        """One value without others in it, or one with its own way to be read."""
        match value:
            case bool():
                return self.words("yes" if value else "no")
            case Place():
                return self._place(value)
            case When():
                return self.time(value)
            case datetime():
                moment = micros(value)
                return self.time(When(lo=moment, hi=moment + 1))
            case float():
                return f"{value:g}"
            case Mapping():
                return self._parts(value)
            case _:
                return str(value)

    def _pair(self, name: str, value: object) -> str:
        return self.words("colon", name=self.plain_name(name), value=self.text(value))

    def _place(self, place: Place) -> str:
        name = place.name
        if place.within is not None:
            name = self.words("in_place", name=name, larger=self._place(place.within))
        if place.latitude is None or place.longitude is None:
            return name
        return f"{name} ({place.latitude:g}, {place.longitude:g})"

    def _parts(self, value: Mapping[Any, object]) -> str:
        """Figures as ``2 children``, other parts by their names."""
        return ", ".join(
            self.words("of_part", count=self.text(part), part=self.text(name))
            if isinstance(part, Count | int) and not isinstance(part, bool)
            else self._pair(str(name), part)
            for name, part in value.items()
        )

    def value(self, value: object) -> Any:
        """Return a value as a page has it: a text, or a table of names and rows of texts."""
        if isinstance(value, tuple) and value and all(map(_of_parts, value)):
            names = [
                name
                for name, _ in _parts_of(value[0])
                if any(_said(getattr(one, name, None)) for one in value)
            ]
            return {
                "head": [self.plain_name(name) for name in names],
                "rows": [[self.text(getattr(one, name, None)) for name in names] for one in value],
            }
        return self.text(value)

    def rows(self, event: Event, *, unlike: Event | None = None) -> list[list[Any]]:
        """Return names and values of an event's fields, or of those only that differ in another."""
        other = None if unlike is None else _values(unlike)
        kept = {
            name: value
            for name, value in _values(event).items()
            if other is None or other.get(name) != value
        }
        rows = [[self.name(event, name), self.value(value)] for name, value in kept.items()]
        if unlike is None:
            silent = self.words("no_figure")
            rows += [[self.name(event, name), silent] for name in _unreported(event)]
        return rows


def _of_parts(value: object) -> bool:
    return attrs.has(type(value)) and type(value).__str__ is object.__str__


def _parts_of(value: Any) -> Iterable[tuple[str, object]]:
    kind: Any = type(value)
    return [(field.name, getattr(value, field.name)) for field in attrs.fields(kind)]


def _unreported(event: Event) -> list[str]:
    """The figures that an Attack or a Clash has room for and gives none of."""
    if not isinstance(event, Attack | Clash):
        return []
    counts = {name: getattr(event, name, None) for name in _FIGURES}
    return [
        name for name, count in counts.items() if isinstance(count, Count) and not count.reported
    ]


def _values(event: Event) -> dict[str, Any]:
    """The fields that say something, by name; the time and the line for the reader aside."""
    if isinstance(event, UnknownEvent):
        read = json.loads(event.content)
        content = read if isinstance(read, dict) else {}
        return {name: part for name, part in content.items() if name not in _APART and _said(part)}
    kind: Any = type(event)
    values = {field.name: getattr(event, field.name) for field in attrs.fields(kind)}
    return {name: part for name, part in values.items() if name not in _APART and _said(part)}
