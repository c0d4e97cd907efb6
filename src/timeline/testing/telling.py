"""Tells histories, answers and differences to a person, the same way in every process."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import zip_longest
from textwrap import wrap
from typing import Any

import attrs

from timeline.claims import Claim, Retraction, Said, Void
from timeline.counts import Count
from timeline.events import Event
from timeline.places import Place
from timeline.times import When

__all__ = [
    "PAGE",
    "Worded",
    "columns",
    "difference",
    "numbered",
    "paragraph",
    "shortened",
    "table",
    "text",
]

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_SAID = re.compile(r"<(claim|retraction|void) ([0-9a-f]{64})>")
_ID = re.compile(r":[0-9a-f]{26}([0-9a-f]{6})\b")
_DEEP = 40
_WIDE = 28  # of a column but the last
_NARROW = 24  # of the last one, at least
_LONG = 400
_SHORT = 120  # of a part in which two answers differ

PAGE = 100
"""How many columns a failure takes."""


class Worded(str):
    """What was told as text already, and is shown as it is."""

    __slots__ = ()


def text(value: Any, depth: int = 0) -> str:
    """Gives a value as text that depends on its content alone: no hash order, no address."""
    if depth > _DEEP:
        return "…"
    if isinstance(value, Worded):
        return value
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
    """Gives a text with each claim in it called by its number in a history, and short event ids."""
    names = {one.id: f"no. {index}" for index, one in enumerate(history, 1)}
    told = _SAID.sub(lambda found: f"<{found[1]} {names.get(found[2], found[2][:12])}>", told)
    return _short_ids(told)


def _short_ids(told: str) -> str:
    """A text in which the hash of each event id is cut to its end."""
    return _ID.sub(r":…\1", told)


def shortened(told: str, most: int = _LONG) -> str:
    """Gives a text whole where it is short, else its two ends."""
    if len(told) <= most:
        return told
    return f"{told[: most * 2 // 3]} … {told[-most // 3 :]}"


def _short(value: Any) -> str:
    if value is _Missing:
        return "nothing"
    shown = str(value) if isinstance(value, When | Count | Place | Event) else text(value)
    return shortened(shown, _SHORT)


def _told(said: Said, names: Mapping[str, str]) -> tuple[str, ...]:
    source, published = said.report.source, str(said.report.published)
    if isinstance(said, Claim):
        what = f"{said.stance}: {said.event.headline()} [{_short_ids(said.event.id)}]"
        if said.replaces:
            what += " replacing " + ", ".join(names.get(one, one[:12]) for one in said.replaces)
        return source, published, str(said.event.when), what
    if isinstance(said, Retraction):
        return source, published, "", f"takes back [{_short_ids(said.event_id)}]"
    return source, published, "", f"voids {names.get(said.target, said.target[:12])}"


def table(history: Sequence[Said], recorded: Sequence[str] = ()) -> str:
    """Gives a history as a table: who said what about when, in the order of arrival.

    ``recorded`` says when each arrived. What is too wide for a page goes on in the next line.
    """
    if not history:
        return "  (nothing was said)"
    names = {one.id: f"no. {index}" for index, one in enumerate(history, 1)}
    head = ["no.", "source", "published", "recorded", "happened", "what"]
    rows = [head]
    for index, (one, when) in enumerate(zip_longest(history, recorded), 1):
        source, published, happened, what = _told(one, names)
        rows.append([str(index), source, published, when or "", happened, what])
    if not recorded:
        for row in rows:
            del row[3]
    return columns(rows)


def columns(rows: Sequence[Sequence[str]], *, wide: int = _WIDE) -> str:
    """Gives rows as a table as wide as a page; the last column takes what the others leave.

    No other column is wider than ``wide``; what doesn't fit goes on in the next line.
    """
    *widths, last = (max(map(len, column)) for column in zip(*rows, strict=True))
    widths = [min(width, wide) for width in widths]
    left = PAGE - sum(widths) - 2 * (len(widths) + 1)
    widths.append(min(last, max(left, _NARROW)))
    return "\n".join(line for row in rows for line in _lines(row, widths))


def _lines(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    cells = [
        wrap(cell, width, break_on_hyphens=False) for cell, width in zip(row, widths, strict=True)
    ]
    for parts in zip_longest(*cells, fillvalue=""):
        told = (part.ljust(width) for part, width in zip(parts, widths, strict=True))
        yield ("  " + "  ".join(told)).rstrip()


def paragraph(head: str, body: str) -> list[str]:
    """Gives the lines of a paragraph: its head as it is, then its words."""
    # Blanks that align answers stay.
    whole = f"{head.replace(' ', chr(160))} {body}"
    lines = wrap(whole, PAGE, subsequent_indent="  ", break_on_hyphens=False)
    return [line.replace(chr(160), " ") for line in lines]
