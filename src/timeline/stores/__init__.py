"""Keeps what a log holds, in memory or in a file, behind one narrow door."""

from __future__ import annotations

from timeline.stores.base import Draft, Head, Row, Store
from timeline.stores.memory import MemoryStore
from timeline.stores.sqlite import SQLiteStore

__all__ = ["Draft", "Head", "MemoryStore", "Row", "SQLiteStore", "Store"]
