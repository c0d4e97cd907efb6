"""Remembers the rows of a file that a log has as they stand, so that they needn't be read again.

What a row says follows from its cells and from how they are read: its header, the mapping, the
report. So a row whose cells were read in the same way before says the same again. Of each is kept
a digest of its cells, under a key that the log and the way of reading make, and where its claim
stands in the log. A digest of 64 bits is mistaken for another once in 10^19.

The file that is imported again has its rows mostly in their old order, so they are looked for
around the last one that was found. The memory is derived: what is missing, damaged or out of reach
costs time, and an erasure drops it. It is of one file, the last that was read in its way.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b, sha256

from timeline.errors import ConflictError, StoreError
from timeline.importers.digest_map import DigestMap
from timeline.importers.event_index import EventIndex
from timeline.stores.base import EventStore
from timeline.stores.features import snapshot_store

__all__ = ["RowDigest", "RowMemory"]

_FEWEST = 1000  # rows of a file that is worth remembering
_NEAR = 64  # rows ahead in which the next is looked for; twice as many after each miss
_FAR = 1 << 16
_CHUNK = 1 << 16  # rows
_SEAL = 8
_WIDE = 8  # bytes of a number
_LOW = (1 << 32) - 1


class RowDigest:
    """Gives the digest of a row's cells, under the key of a log and a way of reading."""

    def __init__(self, way: str, salt: bytes) -> None:
        self._begun = blake2b(way.encode("utf-8", "surrogatepass"), digest_size=8, key=salt[:64])
        self.name = f"importers/rows/1/{self._begun.copy().hexdigest()}"

    def __call__(self, cells: Sequence[str]) -> int:
        """Return 64 bits for some cells; 0 for cells that can't be told from others."""
        text = "\0".join(cells)
        if text.count("\0") != len(cells) - 1:
            return 0
        found = self._begun.copy()
        found.update(text.encode("utf-8", "surrogatepass"))
        return int.from_bytes(found.digest(), "little")


class RowMemory:
    """The rows of a file that was imported before, and those of the one that is being imported."""

    def __init__(self, store: EventStore, index: EventIndex, name: str) -> None:
        self._store = store
        self._index = index
        self._name = name
        self._erasures = store.head().erasures
        self._digests = b""  # of the rows before, in their order
        self._entries = array("Q")  # 64 bits of their entries' ids
        self._places = array("Q")  # 32 bits for the event, and the position
        self._upto = self._version = 0
        self._chunks: set[str] = set()
        self._next = 0
        self._reach = _NEAR
        self._same = True  # so far the rows are those before, in their order: none is kept twice
        self._new = (array("Q"), array("Q"), array("Q"))
        self._of_file = DigestMap()
        self._seen = 0
        self._load()

    def __contains__(self, entry: int) -> bool:
        """Whether an entry is that of a row of this file, by 64 bits of its id."""
        entries = self._entries[: self._next] if self._same else self._new[1]
        while self._seen < len(entries):
            self._of_file.put(entries[self._seen] or 1)
            self._seen += 1
        return (entry or 1) in self._of_file

    def find(self, digest: int) -> bool:
        """Whether the log has what a row says, and nothing else was said of its event since."""
        at = self._place(digest)
        if at is None:
            self._differ()
            return False
        entry, place = self._entries[at], self._places[at]
        if self._index.upto != self._upto and not self._index.alone(
            place >> 32, place & _LOW, entry & _LOW
        ):
            self._differ(at)
            return False
        if not self._same:
            self.add(digest, entry, place >> 32, place & _LOW)
        return True

    def _differ(self, passed: int | None = None) -> None:
        """Begin to keep the rows of a file that isn't the one before in its order."""
        if self._same:
            self._same = False
            many = self._next if passed is None else passed
            self._new[0].frombytes(self._digests[: many * _WIDE])
            self._new = (
                _little(self._new[0]), self._entries[:many], self._places[:many]
            )  # fmt: skip

    def _place(self, digest: int) -> int | None:
        wanted = digest.to_bytes(_WIDE, "little")
        start = self._next * _WIDE
        if self._digests.startswith(wanted, start):
            self._next += 1
            return self._next - 1
        self._differ()
        end = start + self._reach * _WIDE
        at = self._digests.find(wanted, start, end)
        while at % _WIDE and at >= 0:
            at = self._digests.find(wanted, at + 1, end)
        if at < 0:
            self._reach = min(self._reach * 2, _FAR)
            return None
        self._reach = _NEAR
        self._next = at // _WIDE + 1
        return self._next - 1

    def add(self, digest: int, entry: int, event: int, position: int) -> None:
        """Take in a row whose claim stands at a position, alone of its event or with its like."""
        self._differ()
        numbers = (digest, entry, event << 32 | position)
        for column, number in zip(self._new, numbers, strict=True):
            column.append(number)

    # -- stored

    def _load(self) -> None:
        snapshots = snapshot_store(self._store)
        snapshot = snapshots.load_snapshot(self._name)
        if snapshot is None:
            return
        self._version = snapshot.version
        columns = (array("Q"), array("Q"), array("Q"))
        for name, body in sorted(snapshots.load_chunks(self._name)):
            self._chunks.add(name)
            content = bytes(body[_SEAL:])
            if sha256(content).digest()[:_SEAL] != body[:_SEAL] or len(content) % (3 * _WIDE):
                return
            third = len(content) // 3
            for number, column in enumerate(columns):
                column.frombytes(content[number * third : (number + 1) * third])
        if snapshot.position > self._index.upto:
            return
        self._upto = snapshot.position
        self._digests = _little(columns[0]).tobytes()
        self._entries, self._places = _little(columns[1]), _little(columns[2])

    def save(self) -> None:
        """Store the rows of the file that was read, unless they are few or those of before."""
        rows = len(self._new[0])
        if rows < _FEWEST or self._same:
            return
        chunks: dict[str, bytes | None] = dict.fromkeys(self._chunks)
        for start in range(0, rows, _CHUNK):
            parts = (_little(one[start : start + _CHUNK]).tobytes() for one in self._new)
            content = b"".join(parts)
            chunks[f"{start:012}"] = sha256(content).digest()[:_SEAL] + content
        with suppress(ConflictError, StoreError):
            snapshot_store(self._store).save_snapshot(
                self._name,
                expect=self._version,
                position=self._index.upto,
                note=b"",
                chunks=chunks,
                erasures=self._erasures,
            )


def _little(numbers: array[int]) -> array[int]:
    """The numbers in the order of bytes in which they are stored, or back."""
    if sys.byteorder == "little":
        return numbers
    turned = array("Q", numbers)
    turned.byteswap()
    return turned
