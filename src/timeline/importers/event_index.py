"""Finds the entries about an event without reading a log: an index by hash, kept in its store.

A pair of 64 bits is 32 bits of a hash and the position of an entry, so that a million entries take
16 MB at most. Two hashes may be equal: whoever asks reads the entries and looks. The index is
derived: what is missing or damaged is made again from the log, and an erasure drops it.

It is a log-structured merge tree (O'Neil et al. 1996) of one kind of run: what is new is collected
in a dict, sorted into a run, and runs of like size are merged.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from heapq import merge

import msgspec

from timeline.decoding import glance
from timeline.errors import ConflictError, StoreError
from timeline.importers.digest_map import digest
from timeline.stores.base import EventStore, Record
from timeline.stores.features import snapshot_store

__all__ = ["EventIndex"]

_NAME = "importers/event-index/1"
_FULL = 1 << 15  # pairs in the dict before they become a run
_LOW = (1 << 32) - 1
_SEAL = 8  # bytes of SHA-256 in front of a run: a disk's faults are to be noticed


class _About(msgspec.Struct, gc=False):
    event_id: str = ""
    target: str = ""


_about = msgspec.json.Decoder(_About).decode


def _of_event(event_id: str) -> int:
    return digest("event", event_id) & _LOW


def _of_entry(entry_id: str) -> int:
    return int(entry_id[-8:], 16)


class EventIndex:
    """The positions of entries by the event that they are about, and by the entry that they name.

    An entry names another if it replaces or voids it. ``upto`` is the last position that is in it.
    """

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._runs: list[array[int]] = []
        self._new: dict[int, list[int]] = {}
        self._count = 0
        self.upto = 0
        self._version = 0
        self._saved: set[str] = set()
        self._saved_upto = 0
        self._erasures = store.head().erasures
        self._load()
        self.catch_up()

    def about(self, event_id: str) -> list[int]:
        """Return the positions of claims and retractions that may be about an event."""
        return self._find(_of_event(event_id))

    def naming(self, entry_id: str) -> list[int]:
        """Return the positions of entries that may replace or void the one of an id."""
        return self._find(_of_entry(entry_id))

    def alone(self, event: int, position: int, entry: int) -> bool:
        """Whether an event's key has one position, and no entry names the entry of a key there.

        Keys are the least 32 bits: ``event_key`` gives an event's, an entry has them in its id.
        """
        return self._find(event) == [position] and not self._find(entry)

    @staticmethod
    def event_key(event_id: str) -> int:
        """Return the 32 bits by which the index knows an event."""
        return _of_event(event_id)

    def _find(self, key: int) -> list[int]:
        found = list(self._new.get(key, ()))
        for run in self._runs:
            start = bisect_left(run, key << 32)
            while start < len(run) and run[start] >> 32 == key:
                found.append(run[start] & _LOW)
                start += 1
        return found

    def catch_up(self) -> None:
        """Take in what the log has behind ``upto``."""
        for row in self._store.rows(after=self.upto):
            self._take(row)

    def _take(self, row: Record) -> None:
        self.upto = row.position
        if row.record_type == "claim":
            seen = glance(row.body)
            self._put(_of_event(seen.event.id), row.position)
            for target in seen.replaces:
                self._put(_of_entry(target), row.position)
        elif row.record_type in ("retraction", "void"):
            found = _about(row.body)
            key = _of_event(found.event_id) if found.event_id else _of_entry(found.target)
            self._put(key, row.position)

    def add(self, position: int, event_id: str, names: tuple[str, ...] = ()) -> None:
        """Take in an entry that was just appended at the position after ``upto``."""
        self.upto = position
        if event_id:
            self._put(_of_event(event_id), position)
        for name in names:
            self._put(_of_entry(name), position)

    def _put(self, key: int, position: int) -> None:
        self._new.setdefault(key, []).append(position)
        self._count += 1
        if self._count >= _FULL:
            self._settle()

    def _settle(self) -> None:
        """Make what is new a run, and merge runs until each is twice as long as the next."""
        if not self._count:
            return
        pairs = (key << 32 | one for key, positions in self._new.items() for one in positions)
        self._runs.append(array("Q", sorted(pairs)))
        self._new, self._count = {}, 0
        while len(self._runs) > 1 and len(self._runs[-2]) < 2 * len(self._runs[-1]):
            last = self._runs.pop()
            self._runs[-1] = array("Q", merge(self._runs[-1], last))

    # -- stored

    def _load(self) -> None:
        snapshots = snapshot_store(self._store)
        head = self._store.head()
        snapshot = snapshots.load_snapshot(_NAME)
        if snapshot is None:
            return
        runs = []
        for name, body in snapshots.load_chunks(_NAME):
            self._saved.add(name)
            run = _opened(body)
            if run is None or snapshot.position > head.position:
                self._runs, self._version = [], snapshot.version
                return
            runs.append(run)
        self._version = snapshot.version
        self._runs = sorted(runs, key=len, reverse=True)
        self.upto = self._saved_upto = snapshot.position

    def save(self) -> None:
        """Store the index, unless somebody else did meanwhile or the store takes nothing."""
        if self.upto == self._saved_upto:
            return
        snapshots = snapshot_store(self._store)
        self._settle()
        chunks = dict(_sealed(self._runs))
        changes: dict[str, bytes | None] = {
            name: body for name, body in chunks.items() if name not in self._saved
        }
        changes |= dict.fromkeys(self._saved - chunks.keys())
        with suppress(ConflictError, StoreError):
            self._version = snapshots.save_snapshot(
                _NAME,
                expect=self._version,
                position=self.upto,
                note=b"",
                chunks=changes,
                erasures=self._erasures,
            )
            self._saved, self._saved_upto = set(chunks), self.upto


def _sealed(runs: list[array[int]]) -> Iterator[tuple[str, bytes]]:
    for run in runs:
        little = run if sys.byteorder == "little" else array("Q", run)
        if sys.byteorder != "little":
            little.byteswap()
        body = little.tobytes()
        seal = sha256(body).digest()[:_SEAL]
        yield f"{len(run):012}-{seal.hex()}", seal + body


def _opened(body: bytes) -> array[int] | None:
    content = bytes(body[_SEAL:])
    if sha256(content).digest()[:_SEAL] != body[:_SEAL] or len(content) % 8:
        return None
    run = array("Q", content)
    if sys.byteorder != "little":
        run.byteswap()
    return run
