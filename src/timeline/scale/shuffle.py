"""Packs entries of a log, as the bytes that they are, into blocks for other workers, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import cast

import msgspec

from timeline.claims import Claim, LinkClaim, Report, Retraction, Said, Stance
from timeline.codec import Codec
from timeline.errors import FormatError
from timeline.events import Event
from timeline.stores.base import Record

__all__ = [
    "DENIED",
    "EVER",
    "EXPECTED",
    "LINKED",
    "RETRACTED",
    "SAID",
    "STANCES",
    "BlockWriter",
    "Item",
    "Place",
    "Reader",
    "unpacked",
]

SAID, EXPECTED, DENIED, RETRACTED, LINKED, EVER = range(6)
"""What an item is: a claim by its stance, a retraction, a claim of a link, or that an event was
said once, whatever became of it."""

Place = tuple[float, float, str]
"""Where an event stands in chronological order; infinite where a time has no bound."""

STANCES: Mapping[Stance, int] = {"says": SAID, "expects": EXPECTED, "denies": DENIED}

_REPORTS_HELD = 1024
_NOBODY = Report("nobody")


class Item(msgspec.Struct, array_like=True, gc=False):
    """An entry on its way: where its event stands in chronological order, and its bytes."""

    lo: int | float
    hi: int | float
    event_id: str
    what: int
    position: int
    id: bytes
    kind: str
    report: bytes
    body: bytes

    @property
    def place(self) -> Place:
        """Where the event stands."""
        return self.lo, self.hi, self.event_id


class _Block(msgspec.Struct, array_like=True, gc=False):
    """Items, and the bodies of reports that they stand in."""

    reports: dict[bytes, bytes]
    items: list[Item]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Block).decode


class BlockWriter:
    """Packs items into one block for each of some parts."""

    def __init__(self, width: int) -> None:
        self._items: list[list[Item]] = [[] for _ in range(width)]
        self._cited: list[set[bytes]] = [set() for _ in range(width)]

    def put(self, place: int, item: Item, *, report: bool = True) -> None:
        """Put an item into the block for a part, with its report if that is needed there."""
        self._items[place].append(item)
        if report:
            self._cited[place].add(item.report)

    def blocks(self, reports: Mapping[bytes, bytes]) -> list[bytes]:
        """Return the blocks; an empty one where a part gets nothing."""
        return [
            _encode(_Block({name: reports[name] for name in sorted(cited)}, items))
            if items
            else b""
            for items, cited in zip(self._items, self._cited, strict=True)
        ]


def unpacked(blocks: Sequence[bytes], reports: dict[bytes, bytes]) -> Iterator[Item]:
    """Return the items of some blocks, and put the bodies of their reports among ``reports``."""
    for block in blocks:
        if block:
            read = _decode(block)
            reports.update(read.reports)
            yield from read.items


class Reader:
    """Reads what entries say; of their reports, the last cited are cached."""

    def __init__(self, codec: Codec, reports: Mapping[bytes, bytes]) -> None:
        self._codec = codec
        self._bodies = reports
        self.report = lru_cache(maxsize=_REPORTS_HELD)(self._report)

    def _report(self, name: bytes) -> Report:
        body = self._bodies.get(name)
        if body is None:
            raise FormatError(
                f"the report {name.hex()} is missing; restore what is asked from its source"
            )
        return self._codec.report(body)

    def row(self, row: Record) -> Said:
        """Return what an entry says. Raises ``FormatError`` for one that was damaged."""
        return self._codec.said(row, self.report(row.report))

    def claim(self, item: Item) -> Claim:
        """Return the claim that an item is. Raises ``FormatError`` for one that was damaged."""
        row = Record(item.position, 0, item.id, "claim", item.kind, item.report, item.body)
        return cast("Claim", self.row(row))

    def event(self, item: Item) -> Event:
        """Return the event of the claim that an item is, without its report."""
        return self.unsourced(item).event

    def unsourced(self, item: Item) -> Claim:
        """Return the claim that an item is as nobody's: for whoever looks at its event alone."""
        row = Record(item.position, 0, item.id, "claim", item.kind, item.report, item.body)
        return cast("Claim", self._codec.said(row, _NOBODY))

    def link(self, item: Item) -> LinkClaim:
        """Return the claim of a link that an item is. Raises ``FormatError`` as ``claim``."""
        row = Record(item.position, 0, item.id, "link", item.kind, item.report, item.body)
        return cast("LinkClaim", self.row(row))

    def retraction(self, item: Item) -> Retraction:
        """Return the retraction that an item is. Raises ``FormatError`` as ``claim``."""
        row = Record(item.position, 0, item.id, "retraction", "", item.report, item.body)
        return cast("Retraction", self.row(row))
