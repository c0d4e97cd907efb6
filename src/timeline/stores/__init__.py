"""Keeps what a log holds, in memory, in a file or on a server, behind one narrow door."""

from __future__ import annotations

from timeline.stores.base import Draft, Head, Kept, Row, Store
from timeline.stores.memory import MemoryStore
from timeline.stores.postgres import PostgreSQLStore
from timeline.stores.sqlite import SQLiteStore

__all__ = ["Draft", "Head", "Kept", "MemoryStore", "PostgreSQLStore", "Row", "SQLiteStore", "Store"]
