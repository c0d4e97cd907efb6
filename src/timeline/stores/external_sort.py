"""Sorts where claims stand in time, in a temporary file: more of them than memory should hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from math import inf
from typing import Any

from timeline.errors import StoreError

__all__ = ["Place", "Sorter"]

# A plain tuple of plain values: a million of them cost the garbage collector nothing.
Place = tuple[float, float, str, int, bool]
"""Where an event stands in chronological order, the position of a claim about it in the log, and
whether anybody handles its kind. Below zero where it was weighed with others."""

_BYTES = 12  # of a bound: years up to 10**13 in microseconds, and then some
_ZERO = 1 << (8 * _BYTES - 1)
_LOWEST, _HIGHEST = b"\0" * _BYTES, b"\xff" * _BYTES

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = FILE;
PRAGMA cache_size = -2000; -- kibibytes, below zero
CREATE TABLE places (event BLOB, bounds BLOB, position INTEGER, heard INTEGER);
CREATE TABLE taken (event BLOB PRIMARY KEY) WITHOUT ROWID;
BEGIN
"""
_ADD = "INSERT INTO places VALUES (?, ?, ?, ?)"
_TAKE = "INSERT OR IGNORE INTO taken VALUES (?)"
_TAKE_SEVERAL = (
    "INSERT OR IGNORE INTO taken SELECT event FROM places GROUP BY event HAVING count(*) > 1"
)
_TAKEN = "SELECT position FROM places WHERE event IN (SELECT event FROM taken)"
_LEAVE = "DELETE FROM places WHERE event IN (SELECT event FROM taken)"
_IN_ORDER = "SELECT position FROM places WHERE heard ORDER BY bounds, event"


class Sorter:
    """Places that are sorted by SQLite in a file of its own, which is gone with it.

    What it writes are event ids, bounds and positions, in the system's folder for such files.
    Raises ``StoreError`` where there is no room for it.
    """

    def __init__(self) -> None:
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.executescript(_TABLES)

    def add(self, places: Iterable[Place]) -> None:
        """Take in some more."""
        self._write(_ADD, map(_row, places))

    def take(self, events: Iterable[str]) -> list[int]:
        """Take out those of some events, and of each event that has several; gives positions."""
        self._write(_TAKE, ((_id(one),) for one in events))
        list(self._ask(_TAKE_SEVERAL))
        found = list(self._ask(_TAKEN))
        list(self._ask(_LEAVE))
        return found

    def in_order(self) -> Iterator[int]:
        """Return the positions of those that are heard, in chronological order."""
        return self._ask(_IN_ORDER)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _write(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        try:
            self._connection.executemany(statement, rows)
        except sqlite3.Error as error:
            raise _refused(error) from error

    def _ask(self, query: str) -> Iterator[int]:
        try:
            yield from (position for (position,) in self._connection.execute(query))
        except sqlite3.Error as error:
            raise _refused(error) from error


def _row(place: Place) -> tuple[bytes, bytes, int, bool]:
    lo, hi, event_id, position, handled = place
    return _id(event_id), _bound(lo) + _bound(hi), position, handled


def _bound(bound: float) -> bytes:
    """A bound as bytes that sort as it does."""
    if bound in (-inf, inf):
        return _LOWEST if bound < 0 else _HIGHEST
    return (int(bound) + _ZERO).to_bytes(_BYTES, "big")


def _id(event_id: str) -> bytes:
    # UTF-8 sorts as Python sorts texts.
    return event_id.encode(errors="surrogatepass")


def _refused(error: sqlite3.Error) -> StoreError:
    return StoreError(
        f"the events of this log couldn't be sorted in a temporary file ({error}); make room in "
        "the folder for temporary files, or name another one in the variable SQLITE_TMPDIR"
    )
