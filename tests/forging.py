"""Changes SQLite files as an insider would who knows how everything in them is worked out."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from timeline.merkle import Frontier
from timeline.stores.base import Record, leaf
from timeline.stores.sqlite_files import QUERIES

__all__ = ["alter", "forge"]


def alter(path: Path, script: str) -> None:
    """Run statements on a file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


def forge(
    path: Path, position: int, body: bytes, *, named: bool = False, head: bool = True
) -> None:
    """Change an entry's body; ``named`` gives it the id of that, ``head`` the log its root."""
    with closing(sqlite3.connect(path)) as connection:
        update = "UPDATE entries SET body = CAST(? AS TEXT) WHERE position = ?"
        connection.execute(update, (body, position))
        if named:
            query = (
                "SELECT r.id FROM entries AS e JOIN reports AS r ON r.number = e.report "
                "WHERE position = ?"
            )
            (report,) = connection.execute(query, (position,)).fetchone()
            name = report[:8] + sha256(b"claim\0" + body).digest()[:24]
            connection.execute("UPDATE entries SET id = ? WHERE position = ?", (name, position))
        if head:
            tree = Frontier()
            rows = connection.execute(f"{QUERIES[2].rows} ORDER BY position")
            tree.extend([leaf(Record(*row)) for row in rows])
            connection.execute("UPDATE head SET frontier = ?", (tree.to_bytes(),))
        connection.commit()
