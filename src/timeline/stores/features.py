"""Says which optional features a store has, and what to do where one is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from timeline.errors import StoreError
from timeline.stores.base import (
    Erasable,
    EventStore,
    Importable,
    SelfChecking,
    Snapshot,
    SnapshotStore,
)

__all__ = ["NoSnapshots", "erasable", "importable", "is_store", "self_checking", "snapshot_store"]


class NoSnapshots:
    """Keeps nothing: stands in where a store has no snapshots, so that states are folded anew."""

    def load_snapshot(self, name: str) -> Snapshot | None:
        """Return None: nothing is kept."""
        del name
        return None

    def load_chunks(self, name: str) -> Iterator[tuple[str, bytes]]:
        """Return no chunks."""
        del name
        return iter(())

    def save_snapshot(
        self,
        name: str,
        *,
        expect: int,
        position: int,
        note: bytes,
        chunks: Mapping[str, bytes | None],
        erasures: int | None = None,
    ) -> int:
        """Keep nothing, and return the version that was expected."""
        del name, position, note, chunks, erasures
        return expect

    def delete_snapshot(self, name: str) -> None:
        """Do nothing: nothing is kept."""


def is_store(target: object) -> bool:
    """Say whether something can keep a log."""
    return isinstance(target, EventStore)


def snapshot_store(store: EventStore) -> SnapshotStore:
    """Return the store as one that keeps snapshots, or a stand-in that keeps none."""
    return store if isinstance(store, SnapshotStore) else NoSnapshots()


def self_checking(store: EventStore) -> SelfChecking | None:
    """Return the store as one that checks its own medium, None where it can't."""
    return store if isinstance(store, SelfChecking) else None


def erasable(store: EventStore) -> Erasable:
    """Return the store as one that can erase. Raises ``StoreError`` where it can't."""
    if isinstance(store, Erasable):
        return store
    raise StoreError(
        f"{type(store).__name__} can't erase: it has no erase method (timeline.stores.Erasable); "
        "copy the log to a store that can, and redact there"
    )


def importable(store: EventStore) -> Importable:
    """Return the store as one that takes over rows. Raises ``StoreError`` where it can't."""
    if isinstance(store, Importable):
        return store
    raise StoreError(
        f"{type(store).__name__} can't become a copy: it has no import_rows method "
        "(timeline.stores.Importable); copy to a file or a server instead"
    )
