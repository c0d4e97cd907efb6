"""Packs what a page shows into short rows, for a page of ten thousand events is sent by mail too.

Texts that come up again and again, times and values of fields, are numbered, rows are lists in
place of objects, and what can be worked out is left out: ``unpack`` in ``draw.js`` is the inverse.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["packed"]

_VERSION = ("time", "told", "kind", "lo", "hi", "claims", "places", "actors", "fields")
_CLAIM = ("report", "stance", "entry")
_REPORT = ("source", "published", "title")


class _Texts:
    """Numbers texts, and other values that come up again, by their first appearance."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[str, int] = {}

    def number(self, value: Any) -> int:
        key = value if isinstance(value, str) else repr(value)
        if key not in self._numbers:
            self._numbers[key] = len(self.values)
            self.values.append(value)
        return self._numbers[key]


def _row(parts: Mapping[str, Any], names: tuple[str, ...]) -> list[Any]:
    """The parts by their places, and an object of all others where there are any."""
    row = [parts.get(name) for name in names]
    rest = {name: part for name, part in parts.items() if name not in names}
    if rest:
        return [*row, rest]
    while row and row[-1] is None:
        row.pop()
    return row


def _from_the_start(life: list[Any]) -> list[Any]:
    """The version alone of one that stands from the first step to the last."""
    return life[2:] if life[:2] == [0, -1] else life


def _short(lives: list[list[int]]) -> Any:
    """The first step alone of the first version, where that is the only one and never ended."""
    return lives[0][0] if len(lives) == 1 and lives[0][1:] == [-1, 0] else lives


def packed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same content in rows."""
    texts = _Texts()

    def version(one: Mapping[str, Any]) -> list[Any]:
        fields = [
            number
            for label, value in one.get("fields", ())
            for number in (label, texts.number(value))
        ]
        short = {**one, "time": texts.number(one["time"]), "fields": fields or None}
        return _row(short, _VERSION)

    def claim(one: Mapping[str, Any]) -> list[Any]:
        entry = one.get("entry")
        return _row({**one, "entry": entry and entry[0]}, _CLAIM)

    def report(one: Mapping[str, Any]) -> list[Any]:
        published = one.get("published")
        number = None if published is None else texts.number(published)
        return _row({**one, "published": number}, _REPORT)

    events = [
        [
            name,
            [_from_the_start([*life[:2], version(life[2])]) for life in known],
            *map(_short, rest),
        ]
        for name, known, *rest in content["events"]
    ]
    return {
        **content,
        "events": events,
        "claims": [claim(one) for one in content["claims"]],
        "reports": [report(one) for one in content["reports"]],
        "texts": texts.values,
    }
