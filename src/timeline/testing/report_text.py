"""Tells histories, answers and differences to a person, the same way in every process."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import zip_longest
from textwrap import wrap
from typing import Any

import attrs

from timeline.claims import Claim, LinkClaim, Retraction, Said, Void
from timeline.counts import Count
from timeline.events import Event
from timeline.places import Place
from timeline.times import When

__all__ = [
    "PAGE",
    "Worded",
    "apart",
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
_DERIVED = re.compile(r"\S+:[0-9a-f]{26}([0-9a-f]{6})")
_DEEP = 40
# Of the columns but the last, at the most, where it isn't told when each arrived and where it is.
_WIDE = (4, 16, 18, 18)
_WIDE_RECORDED = (4, 12, 12, 10, 12)
_NARROW = 18  # of the last one, at least
_LONG = 400
_LINE = 60  # of a text in which two answers differ
_BEFORE = 20  # of these, before they do
_SHORT = 100  # of a part in which two answers differ

PAGE = 80
"""How many columns a failure takes."""


class Worded(str):
    """What was told as text already, and is shown as it is."""

    __slots__ = ()


def text(value: Any, depth: int = 0, *, brief: bool = False) -> str:
    """Return a value as text that depends on its content alone: no hash order, no address.

    ``brief`` is for readers, who see days and counts as they are written, and no field left empty.
    """
    if depth > _DEEP:
        return "…"
    if isinstance(value, Worded):
        return value
    if isinstance(value, Claim | LinkClaim | Retraction | Void):
        return f"<{value.form} {value.id}>"
    if isinstance(value, When | Count | Place):
        return str(value) if brief else repr(value)
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"

    def inner(part: Any) -> str:
        return text(part, depth + 1, brief=brief)

    if isinstance(value, Mapping | AbstractSet | list | tuple):
        return _collection(value, inner)
    fields = _fields(value)
    if fields is not None:
        shown = [name for name, part in fields.items() if part is not None or not brief]
        fields_text = ", ".join(f"{name}={inner(fields[name])}" for name in shown)
        return f"{type(value).__name__}({fields_text})"
    return _ADDRESS.sub("", repr(value))


def _collection(value: Any, inner: Callable[[Any], str]) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(sorted(f"{inner(k)}: {inner(v)}" for k, v in value.items())) + "}"
    if isinstance(value, AbstractSet):
        return "{" + ", ".join(sorted(map(inner, value))) + "}"
    items = ", ".join(map(inner, value))
    if isinstance(value, list):
        return f"[{items}]"
    return f"({items},)" if len(value) == 1 else f"({items})"


def apart(answers: Mapping[str, Any]) -> dict[str, str]:
    """Return answers as text, in brief where that tells them apart."""
    brief = {name: text(answer, brief=True) for name, answer in answers.items()}
    if len(set(brief.values())) == len(brief):
        return brief
    return {name: text(answer) for name, answer in answers.items()}


def _fields(value: Any) -> dict[str, Any] | None:
    cls: Any = type(value)
    if attrs.has(cls):
        return {field.name: getattr(value, field.name) for field in attrs.fields(cls)}
    if cls.__repr__ is object.__repr__ and hasattr(value, "__dict__"):
        return dict(vars(value))
    return None


def difference(one: Any, other: Any) -> str:
    """Return the path to the first part in which two values differ, and both parts."""
    one, other = (Worded(_short_ids(it)) if isinstance(it, Worded) else it for it in (one, other))
    parted = [*_differences(one, other, "", _told_alike), *_differences(one, other, "", _equal)]
    path, left, right = (parted or [("", one, other)])[0]
    sides = apart({"left": _shown(left), "right": _shown(right)})
    first, second = (_short_ids(shortened(part, _SHORT)) for part in sides.values())
    where = f"answer{path}" if path else "the answer"
    if first == second:
        return f"{where}: the two look alike, {first}, and aren't equal"
    return f"{where}: {first} against {second}"


def _shown(value: Any) -> Any:
    if value is _Missing:
        return Worded("nothing")
    return Worded(value) if isinstance(value, Event) else value


def _told_alike(one: Any, other: Any) -> bool:
    return text(one) == text(other)


def _equal(one: Any, other: Any) -> bool:
    return bool(one == other)


def _differences(
    one: Any, other: Any, path: str, same: Callable[[Any, Any], bool]
) -> Iterator[tuple[str, Any, Any]]:
    if same(one, other):
        return
    within = [
        found
        for step, left, right in _parts(one, other)
        for found in _differences(left, right, path + step, same)
    ]
    yield from within or [(path, one, other)]


def _parts(one: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    """The parts that two values have in common, each with the step to it; none for plain ones."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in sorted({*one, *other}, key=text):
            yield f"[{key!r}]", one.get(key, _Missing), other.get(key, _Missing)
    elif isinstance(one, list | tuple) and type(one) is type(other) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield f"[{index}]", left, right
    elif type(one) is type(other) and not isinstance(one, When | Count | Place | Claim):
        if isinstance(one, str | bytes):
            yield from _stretches(one, other)
        fields, others = _fields(one) or {}, _fields(other) or {}
        for name, left in fields.items():
            yield f".{name}", left, others.get(name, _Missing)


def _stretches(one: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    """Where two long texts part, with what lies about it."""
    if max(len(one), len(other)) <= _LINE:
        return
    pairs = enumerate(zip(one, other, strict=False))
    first = next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
    start = max(first - _BEFORE, 0)
    kind = Worded if isinstance(one, Worded) else type(one)
    left, right = (kind(whole[start : start + _LINE]) for whole in (one, other))
    yield f"[{start}:]" if start else "", left, right


class _Missing:
    """Stands where one of two values has nothing."""


def numbered(words: str, history: Sequence[Said]) -> str:
    """Return a text with each claim called by its number in a history, and short event ids."""
    names = {one.id: f"no. {index}" for index, one in enumerate(history, 1)}
    words = _SAID.sub(lambda found: f"<{found[1]} {names.get(found[2], found[2][:12])}>", words)
    return _short_ids(words)


def _short_ids(words: str) -> str:
    """A text in which the hash of each event id is cut to its end."""
    return _ID.sub(r":…\1", words)


def _shortest(event_id: str) -> str:
    """An event's id, or the end of one that is a hash."""
    return _DERIVED.sub(r"…\1", event_id)


def shortened(words: str, most: int = _LONG) -> str:
    """Return a text whole where it is short, else its two ends."""
    if len(words) <= most:
        return words
    return f"{words[: most * 2 // 3]} … {words[-most // 3 :]}"


def _told(said: Said, names: Mapping[str, str]) -> tuple[str, ...]:
    source, published = said.report.source, str(said.report.published)
    if isinstance(said, Claim | LinkClaim):
        event = said.event if isinstance(said, Claim) else None
        named = f"{event.headline()} [{_shortest(event.id)}]" if event else str(said.about)
        what = f"{said.stance}: {named}"
        if said.replaces:
            what += " replacing " + ", ".join(names.get(one, one[:12]) for one in said.replaces)
        return source, published, str(event.when) if event else "", what
    if isinstance(said, Retraction):
        return source, published, "", f"takes back [{_shortest(said.event_id)}]"
    return source, published, "", f"voids {names.get(said.target, said.target[:12])}"


def table(history: Sequence[Said], recorded: Sequence[str] = ()) -> str:
    """Return a history as a table: who said what about when, in the order of arrival.

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
    return columns(rows, _WIDE_RECORDED if recorded else _WIDE)


def columns(rows: Sequence[Sequence[str]], most: Sequence[int]) -> str:
    """Return rows as a table as wide as a page; the last column takes what the others leave.

    ``most`` is how wide each other column is at the most; what doesn't fit goes on in the next
    line.
    """
    *widths, last = (max(map(len, column)) for column in zip(*rows, strict=True))
    widths = [min(width, limit) for width, limit in zip(widths, most, strict=True)]
    left = PAGE - sum(widths) - 2 * (len(widths) + 1)
    widths.append(min(last, max(left, _NARROW)))
    return "\n".join(line for row in rows for line in _lines(row, widths))


def _lines(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    cells = [
        wrap(cell, width, break_on_hyphens=False) for cell, width in zip(row, widths, strict=True)
    ]
    for parts in zip_longest(*cells, fillvalue=""):
        columns = (part.ljust(width) for part, width in zip(parts, widths, strict=True))
        yield ("  " + "  ".join(columns)).rstrip()


def paragraph(head: str, body: str) -> list[str]:
    """Return the lines of a paragraph: its head as it is, then its words."""
    # Blanks that align answers stay.
    whole = f"{head.replace(' ', chr(160))} {body}"
    lines = wrap(whole, PAGE, subsequent_indent="  ", break_on_hyphens=False)
    return [line.replace(chr(160), " ") for line in lines]
