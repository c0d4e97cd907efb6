"""Keeps what a log holds, in memory, in a file or on a server, behind one narrow door."""

from __future__ import annotations

from timeline.stores.base import (
    Erasable,
    EventStore,
    FullStore,
    Head,
    Importable,
    NewRecord,
    Record,
    SelfChecking,
    Snapshot,
    SnapshotStore,
)
from timeline.stores.memory import MemoryStore
from timeline.stores.postgres import PostgreSQLStore
from timeline.stores.sqlite import SQLiteStore

__all__ = [
    "Erasable",
    "EventStore",
    "FullStore",
    "Head",
    "Importable",
    "MemoryStore",
    "NewRecord",
    "PostgreSQLStore",
    "Record",
    "SQLiteStore",
    "SelfChecking",
    "Snapshot",
    "SnapshotStore",
]
