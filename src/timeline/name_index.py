"""Indexes links of places and actors by their names, so that only those are read that matter.

A gazetteer may say hundreds of thousands of them, and the events of a log name a few hundred
places. What links make of a name follows from the links that name it, those that name what these
join with it, and those of the larger places and actors around, upwards alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import msgspec

from timeline.decoding import LinkGlance
from timeline.identity import is_id
from timeline.links import PartOf, SameActor, SamePlace, Within

__all__ = ["INDEXED", "NameIndex", "texts"]

INDEXED = frozenset(kind.kind for kind in (SamePlace, Within, SameActor, PartOf))
"""The kinds of links that name places or actors."""


class NameIndex:
    """The positions of links by the names that they say something of."""

    def __init__(self) -> None:
        self._positions: defaultdict[str, list[int]] = defaultdict(list)
        self._leads_to: dict[int, tuple[str, ...]] = {}
        self._read: set[str] | None = None
        self._written: dict[bytes, str] = {}

    def __len__(self) -> int:
        return len(self._leads_to)

    def add(self, position: int, header: LinkGlance) -> None:
        """Take in a link."""
        link = header.link
        joined = link.places or link.actors
        smaller = link.place if link.place is not None else link.actor
        about = joined or (() if smaller is None else (smaller,))
        for name in about:
            self._positions[name].append(position)
        # What is larger than the larger one matters too, what is smaller than it doesn't.
        self._leads_to[position] = joined or (() if link.larger is None else (link.larger,))

    def positions(self) -> Collection[int]:
        """Return the positions of all links."""
        return self._leads_to.keys()

    def naming(self, names: Iterable[str]) -> set[int]:
        """Return the positions of all links that matter for some names."""
        fresh = set(names)
        read: set[str] = set()
        found: set[int] = set()
        while fresh:
            read |= fresh
            new = {at for name in fresh for at in self._positions.get(name, ())} - found
            found |= new
            fresh = {name for at in new for name in self._leads_to[at]} - read
        self._read = read
        return found

    def covers(self, name: str) -> bool:
        """Say whether all links that matter for a name are among those asked for last."""
        return self._read is None or name in self._read or name not in self._positions

    def named_in(self, body: bytes) -> Iterator[str]:
        """Yield the names in the index that some text in the body of a claim equals, and others."""
        if not self._written:
            self._written = {_written(name): name for name in self._positions}
        written = self._written
        return (written[one] for one in texts(body) if one in written)

    @property
    def unwritten(self) -> set[str]:
        """The names that aren't written as an id, and may be one."""
        return {name for name in self._positions if not is_id(name)}


def texts(body: bytes) -> list[bytes]:
    """Return the texts in a JSON document, keys among them, as canonical JSON writes them."""
    if b"\\" not in body:
        return body.split(b'"')[1::2]
    return [_written(text) for text in _texts(msgspec.json.decode(body))]


def _written(text: str) -> bytes:
    return msgspec.json.encode(text)[1:-1]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
