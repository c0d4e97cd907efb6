"""Packs entries of a log, as the bytes that they are, into parcels for other workers, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, cast

import msgspec

from timeline.claims import Claim, Report, Retraction, Said, Stance
from timeline.codec import Codec
from timeline.errors import FormatError
from timeline.events import Event
from timeline.stores.base import Row

__all__ = ["DENIED", "EXPECTED", "RETRACTED", "SAID", "STANCES", "Item", "Packer", "Reader", "unpacked"]

SAID, EXPECTED, DENIED, RETRACTED = range(4)
"""What an item is: a claim by its stance, or a retraction."""

STANCES: Mapping[Stance, int] = {"says": SAID, "expects": EXPECTED, "denies": DENIED}

_REPORTS_HELD = 1024


class Item(NamedTuple):
    """An entry on its way: where its event stands in chronological order, and its bytes."""

    lo: float
    hi: float
    event_id: str
    what: int
    position: int
    id: bytes
    kind: str
    report: bytes
    body: bytes


_Packed = tuple[int | float, int | float, str, int, int, bytes, int, int, bytes]


class _Parcel(msgspec.Struct, array_like=True, gc=False):
    """Items, with the kinds and reports that they name by number, each once."""

    kinds: list[str]
    reports: list[tuple[bytes, bytes]]
    items: list[_Packed]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Parcel).decode


class Packer:
    """Packs items into one parcel for each of some parts."""

    def __init__(self, width: int, reports: Mapping[bytes, bytes]) -> None:
        self._reports = reports
        self._items: list[list[_Packed]] = [[] for _ in range(width)]
        self._kinds: list[dict[str, int]] = [{} for _ in range(width)]
        self._cited: list[dict[bytes, int]] = [{} for _ in range(width)]

    def put(self, place: int, item: Item) -> None:
        """Puts an item into the parcel for a part."""
        lo, hi, event_id, what, position, name, kind, report, body = item
        kinds, cited = self._kinds[place], self._cited[place]
        kind_no = kinds.setdefault(kind, len(kinds))
        report_no = cited.setdefault(report, len(cited))
        self._items[place].append(
            (lo, hi, event_id, what, position, name, kind_no, report_no, body)
        )

    def parcels(self) -> list[bytes]:
        """Gives the parcels; an empty one where a part gets nothing."""
        reports = self._reports
        return [
            _encode(_Parcel(list(kinds), [(name, reports[name]) for name in cited], items))
            if items
            else b""
            for items, kinds, cited in zip(self._items, self._kinds, self._cited, strict=True)
        ]


def unpacked(parcels: Sequence[bytes], reports: dict[bytes, bytes]) -> Iterator[Item]:
    """Gives the items of some parcels, and puts the bodies of their reports among ``reports``."""
    for parcel in filter(None, parcels):
        read = _decode(parcel)
        kinds, cited = read.kinds, [name for name, _ in read.reports]
        reports.update(read.reports)
        for lo, hi, event_id, what, position, name, kind, report, body in read.items:
            yield Item(
                lo, hi, event_id, what, position, name, kinds[kind], cited[report], body
            )


class Reader:
    """Reads what entries say; of their reports, those that were last cited are held."""

    def __init__(self, codec: Codec, reports: Mapping[bytes, bytes]) -> None:
        self._codec = codec
        self._bodies = reports
        self._kinds: dict[str, type[Event]] = {}
        self.report = lru_cache(maxsize=_REPORTS_HELD)(self._report)

    def _report(self, name: bytes) -> Report:
        body = self._bodies.get(name)
        if body is None:
            raise FormatError(
                f"the report {name.hex()} is missing; restore what is asked from its source"
            )
        return self._codec.report(body)

    def row(self, row: Row) -> Said:
        """Gives what an entry says. Raises ``FormatError`` for one that was damaged."""
        return self._codec.said(row, self.report(row.report))

    def claim(self, item: Item) -> Claim:
        """Gives the claim that an item is. Raises ``FormatError`` for one that was damaged."""
        row = Row(item.position, 0, item.id, "claim", item.kind, item.report, item.body)
        return cast("Claim", self.row(row))

    def retraction(self, item: Item) -> Retraction:
        """Gives the retraction that an item is. Raises ``FormatError`` as ``claim``."""
        row = Row(item.position, 0, item.id, "retraction", "", item.report, item.body)
        return cast("Retraction", self.row(row))

    def kind(self, item: Item) -> type[Event]:
        """Gives the class of a claim's event; one is read for each kind."""
        kind = self._kinds.get(item.kind)
        if kind is None:
            kind = self._kinds[item.kind] = type(self.claim(item).event)
        return kind
