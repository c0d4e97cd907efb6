"""Keeps states that can be made again in a SQLite file, beside what they are made of."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from timeline.stores.base import Snapshot

__all__ = ["chunks_of", "drop", "state", "unsynced", "write"]


def state(connection: sqlite3.Connection, name: str) -> Snapshot | None:
    """Return what is kept under a name, None where there is nothing."""
    query = "SELECT version, position, note FROM kept WHERE name = ?"
    row = connection.execute(query, (name,)).fetchone()
    return None if row is None else Snapshot(*row)


def chunks_of(connection: sqlite3.Connection, name: str) -> list[tuple[str, bytes]]:
    """Return the chunks of what is kept under a name, in the order of their names."""
    query = "SELECT piece, body FROM pieces WHERE name = ? ORDER BY piece"
    return connection.execute(query, (name,)).fetchall()


def write(
    connection: sqlite3.Connection,
    name: str,
    position: int,
    note: bytes,
    chunks: Mapping[str, bytes | None],
) -> int:
    """Write a state within the transaction that is open, and return its version."""
    gone = [(name, piece) for piece, body in chunks.items() if body is None]
    left = [(name, piece, body) for piece, body in chunks.items() if body is not None]
    connection.execute("UPDATE head SET versions = versions + 1")
    ((version,),) = connection.execute("SELECT versions FROM head").fetchall()
    connection.execute(
        "INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)", (name, version, position, note)
    )
    connection.executemany("DELETE FROM pieces WHERE name = ? AND piece = ?", gone)
    connection.executemany("INSERT OR REPLACE INTO pieces VALUES (?, ?, ?)", left)
    return int(version)


def drop(connection: sqlite3.Connection, name: str) -> None:
    """Drop what is kept under a name."""
    connection.execute("DELETE FROM pieces WHERE name = ?", (name,))
    connection.execute("DELETE FROM kept WHERE name = ?", (name,))


@contextmanager
def unsynced(connection: sqlite3.Connection) -> Iterator[None]:
    """Spares the disk a sync where only the WAL is written: the next append syncs this too."""
    ((mode,),) = connection.execute("PRAGMA journal_mode").fetchall()
    connection.execute(f"PRAGMA synchronous = {'NORMAL' if mode == 'wal' else 'EXTRA'}")
    try:
        yield
    finally:
        connection.execute("PRAGMA synchronous = EXTRA")
