"""Tells histories, answers and differences to a person, the same way in every process."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import attrs

from timeline.claims import Claim, Retraction, Said, Void
from timeline.counts import Count
from timeline.events import Event
from timeline.places import Place
from timeline.times import When

__all__ = ["difference", "numbered", "shortened", "table", "text"]

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_SAID = re.compile(r"<(claim|retraction|void) ([0-9a-f]{64})>")
_DEEP = 40
_WIDE = 60
_LONG = 400


def text(value: Any, depth: int = 0) -> str:
    """Gives a value as text that depends on its content alone: no hash order, no address."""
    if depth > _DEEP:
        return "…"
    if isinstance(value, Claim | Retraction | Void):
        return f"<{value.form} {value.id}>"
    if isinstance(value, When | Count | Place):
        return repr(value)
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    if isinstance(value, Mapping):
        parts = sorted(f"{text(k, depth + 1)}: {text(v, depth + 1)}" for k, v in value.items())
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, AbstractSet):
        return "{" + ", ".join(sorted(text(one, depth + 1) for one in value)) + "}"
    if isinstance(value, list | tuple):
        inner = ", ".join(text(one, depth + 1) for one in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    fields = _fields(value)
    if fields is not None:
        inner = ", ".join(f"{name}={text(part, depth + 1)}" for name, part in fields.items())
        return f"{type(value).__name__}({inner})"
    return _ADDRESS.sub("", repr(value))


def _fields(value: Any) -> dict[str, Any] | None:
    cls: Any = type(value)
    if attrs.has(cls):
        return {field.name: getattr(value, field.name) for field in attrs.fields(cls)}
    if cls.__repr__ is object.__repr__ and hasattr(value, "__dict__"):
        return dict(vars(value))
    return None


def difference(one: Any, other: Any) -> str:
    """Gives the path to the first part in which two values differ, and both parts."""
    path, left, right = next(_differences(one, other, ""), ("", one, other))
    return f"{path or 'the answer'}: {_short(left)} against {_short(right)}"


def _differences(one: Any, other: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if text(one) == text(other):
        return
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in sorted({*one, *other}, key=text):
            yield from _differences(
                one.get(key, _Missing), other.get(key, _Missing), f"{path}[{key!r}]"
            )
        return
    if type(one) is type(other):
        if isinstance(one, list | tuple) and len(one) == len(other):
            for index, (left, right) in enumerate(zip(one, other, strict=True)):
                yield from _differences(left, right, f"{path}[{index}]")
            return
        fields, others = _fields(one), _fields(other)
        if fields and others and not isinstance(one, When | Count | Place | Claim):
            for name, left in fields.items():
                yield from _differences(left, others.get(name, _Missing), f"{path}.{name}")
            return
    yield path, one, other


class _Missing:
    """Stands where one of two values has nothing."""


def numbered(told: str, history: Sequence[Said]) -> str:
    """Gives a text with each claim in it called by its number in a history."""
    names = {one.id: f"no. {index}" for index, one in enumerate(history, 1)}
    return _SAID.sub(lambda found: f"<{found[1]} {names.get(found[2], found[2][:12])}>", told)


def shortened(told: str, most: int = _LONG) -> str:
    """Gives a text whole where it is short, else its two ends."""
    if len(told) <= most:
        return told
    return f"{told[: most * 2 // 3]} … {told[-most // 3 :]}"


def _short(value: Any) -> str:
    if value is _Missing:
        return "nothing"
    shown = str(value) if isinstance(value, When | Count | Place | Event) else text(value)
    return shortened(shown, 2 * _WIDE)


def _told(said: Said, names: Mapping[str, str]) -> tuple[str, ...]:
    source, published = said.report.source, str(said.report.published)
    if isinstance(said, Claim):
        what = f"{said.stance}: {said.event.headline()} [{said.event.id[-24:]}]"
        if said.replaces:
            what += " replacing " + ", ".join(names.get(one, one[:12]) for one in said.replaces)
        return source, published, str(said.event.when), what
    if isinstance(said, Retraction):
        return source, published, "", f"takes back [{said.event_id[-24:]}]"
    return source, published, "", f"voids {names.get(said.target, said.target[:12])}"


def table(history: Sequence[Said]) -> str:
    """Gives a history as a table: who said what about when, in the order of arrival."""
    if not history:
        return "  (nothing was said)"
    names = {one.id: f"no. {index}" for index, one in enumerate(history, 1)}
    head = ("no.", "source", "published", "happened", "what")
    rows = [head] + [(str(i), *_told(one, names)) for i, one in enumerate(history, 1)]
    rows = [tuple(c if len(c) <= _WIDE else c[: _WIDE - 1] + "…" for c in row) for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
