"""Lays accounts out as a flat table: one row each, one value a cell, the same columns in any tool.

A cell holds a text, a whole number, a number, yes or no, a moment (microseconds of UTC) or several
texts; the columns of a kind's fields follow from the types that the kind gives them, so that a
table's shape depends on the kinds in it and never on the values.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Literal

import attrs

from timeline.accounts import Account
from timeline.counts import Breakdown, Count
from timeline.evidence import Media
from timeline.places import Place
from timeline.schema import field_hints, field_type
from timeline.serialization import fields_of, value_dict
from timeline.times import When

__all__ = ["COLUMNS", "Cell", "Column", "Of", "columns"]

Of = Literal["text", "whole", "number", "flag", "moment", "texts"]
"""What a column's cells hold; each may be empty, which is None."""

Cell = str | int | float | bool | None | tuple[str, ...]


@attrs.frozen
class Column:
    """A column: its name, what its cells hold, and how a cell is read from an account."""

    name: str
    of: Of
    read: Callable[[Account], Cell]


def _each(name: str) -> Callable[[Account], Cell]:
    """Read a field of the report of each claim that counts, without repetition."""

    def read(account: Account) -> Cell:
        values = (getattr(claim.report, name) for claim in account.counted)
        return tuple(dict.fromkeys(str(one) for one in values if one is not None))

    return read


def _media(media: Media) -> str:
    """What a picture, film or document is known by, in a line."""
    parts = (media.url, media.archived, media.sha256 and f"sha256:{media.sha256}")
    return " ".join(filter(None, parts))


COLUMNS: tuple[Column, ...] = (
    Column("id", "text", lambda one: one.event.id),
    Column("kind", "text", lambda one: one.event.kind),
    Column("what", "text", lambda one: str(one.event)),
    Column("summary", "text", lambda one: one.event.summary),
    Column("when", "text", lambda one: str(one.when)),
    Column("earliest", "moment", lambda one: one.when.lo),
    Column("latest", "moment", lambda one: one.when.hi),
    Column("start_latest", "moment", lambda one: one.when.start_hi),
    Column("end_earliest", "moment", lambda one: one.when.end_lo),
    Column("precision", "text", lambda one: one.when.precision),
    Column("shape", "text", lambda one: one.when.shape),
    Column("approximate", "flag", lambda one: one.when.approximate),
    Column("uncertain", "flag", lambda one: one.when.uncertain),
    Column("zone", "text", lambda one: one.when.zone),
    Column("edtf", "text", lambda one: one.when.edtf),
    Column("words", "text", lambda one: one.when.text),
    Column("expected", "flag", lambda one: one.expected),
    Column("disputed", "flag", lambda one: one.disputed),
    Column("disputes", "texts", lambda one: tuple(sorted(one.disputes))),
    Column("denied_by", "texts", lambda one: tuple(sorted(one.denied_by))),
    Column("sources", "texts", lambda one: tuple(sorted(one.sources))),
    Column("origins", "texts", lambda one: tuple(sorted(one.origins))),
    Column(
        "according_to",
        "texts",
        lambda one: tuple(dict.fromkeys(who for c in one.counted for who in c.according_to)),
    ),
    Column(
        "published",
        "texts",
        lambda one: tuple(dict.fromkeys(str(claim.published) for claim in one.counted)),
    ),
    Column("titles", "texts", _each("title")),
    Column("urls", "texts", _each("url")),
    Column("archived", "texts", _each("archived")),
    Column("retrieved", "texts", _each("retrieved")),
    Column("sha256", "texts", _each("sha256")),
    Column("languages", "texts", _each("language")),
    Column(
        "grades",
        "texts",
        lambda one: tuple(dict.fromkeys(c.grade for c in one.counted if c.grade is not None)),
    ),
    Column(
        "media",
        "texts",
        lambda one: tuple(dict.fromkeys(_media(part) for c in one.counted for part in c.media)),
    ),
    Column(
        "quotes",
        "texts",
        lambda one: tuple(dict.fromkeys(c.quote for c in one.counted if c.quote is not None)),
    ),
)
"""The columns that every table of accounts opens with."""

_NAMES = frozenset(column.name for column in COLUMNS)
_PLAIN: dict[Any, Of] = {str: "text", int: "whole", float: "number", bool: "flag"}


def columns(accounts: Iterable[Account]) -> tuple[Column, ...]:
    """Return the columns of a table of accounts: those of all, then those of their kinds' fields.

    Kinds come in the order of their names on disk. Two kinds with a field of one name and type
    share its columns; where the types differ, the cells hold the values as JSON texts. A field
    whose name is taken by one of ``COLUMNS`` has an underscore after it.
    """
    kinds = {type(account.event) for account in accounts}
    hints: dict[str, Any] = {}
    for kind in sorted(kinds, key=lambda kind: (kind.kind, kind.__qualname__)):
        own = _hints(kind)  # type: ignore[arg-type] # mypy takes such a class for unhashable
        for name in fields_of(kind):
            hints[name] = own[name] if hints.get(name, own[name]) == own[name] else object
    found = list(COLUMNS)
    taken = set(_NAMES)
    for name, hint in hints.items():
        for column in _of_field(name, hint):
            while column.name in taken:
                column = attrs.evolve(column, name=f"{column.name}_")  # noqa: PLW2901 - until free
            taken.add(column.name)
            found.append(column)
    return tuple(found)


@lru_cache(maxsize=256)
def _hints(kind: type[Any]) -> dict[str, Any]:
    return {name: field_type(hint).bare.hint for name, hint in field_hints(kind).items()}


def _of_field(name: str, hint: Any) -> Sequence[Column]:
    def read(account: Account) -> Any:
        return getattr(account.event, name, None)

    def part(path: str, of: Of, get: Callable[[Any], Cell]) -> Column:
        def cell(account: Account) -> Cell:
            value = read(account)
            silent = value is None or (isinstance(value, Count) and not value.reported)
            return None if silent else get(value)

        return Column(path, of, cell)

    if hint in _PLAIN:
        return [part(name, _PLAIN[hint], lambda value: value)]
    if hint is Place:
        return [
            part(name, "text", str),
            part(f"{name}_id", "text", lambda place: place.id),
            part(f"{name}_latitude", "number", lambda place: place.latitude),
            part(f"{name}_longitude", "number", lambda place: place.longitude),
            part(f"{name}_precision", "text", lambda place: place.precision),
            part(f"{name}_within", "text", _within),
        ]
    if hint is Count:
        return [
            part(f"{name}_low", "whole", lambda count: count.low),
            part(f"{name}_best", "whole", lambda count: count.best),
            part(f"{name}_high", "whole", lambda count: count.high),
            part(f"{name}_approximate", "flag", lambda count: count.approximate),
        ]
    if hint is When:
        return [
            part(name, "text", str),
            part(f"{name}_earliest", "moment", lambda when: when.lo),
            part(f"{name}_latest", "moment", lambda when: when.hi),
        ]
    if hint == tuple[str, ...]:
        return [part(name, "texts", lambda value: value)]
    return [part(name, "text", _text)]


def _within(place: Place) -> str | None:
    """The names of the larger places that it lies in, the nearest first."""
    names = []
    larger = place.within
    while larger is not None:
        names.append(larger.name)
        larger = larger.within
    return ", ".join(names) or None


def _text(value: Any) -> str | None:
    """A value as it reads: a text of its own, or JSON. What holds nothing is empty."""
    if isinstance(value, Breakdown):
        return ", ".join(f"{name}: {count}" for name, count in value.items()) or None
    plain = value_dict(value)
    if plain == []:
        return None
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
