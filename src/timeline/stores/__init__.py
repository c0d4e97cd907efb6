"""Keeps what a log holds, in memory, in a file or on a server, behind one narrow door."""

from __future__ import annotations

from timeline.stores.base import Head, NewRecord, Record, Snapshot, Store
from timeline.stores.memory import MemoryStore
from timeline.stores.postgres import PostgreSQLStore
from timeline.stores.sqlite import SQLiteStore

__all__ = [
    "Head",
    "MemoryStore",
    "NewRecord",
    "PostgreSQLStore",
    "Record",
    "SQLiteStore",
    "Snapshot",
    "Store",
]
