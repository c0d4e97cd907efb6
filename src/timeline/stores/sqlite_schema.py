"""Holds the schema of a SQLite file to that of a log, before anything else in it is read.

A schema is a program: a trigger swallows what is written, a view stands where a table was and
never ends, a generated column makes up what is read. So every object that belongs to a log must
be word for word what this library wrote, there may be no trigger and no view at all, and what
else is there (tables and indexes of somebody's own, such as a search index) is named to whoever
verifies the log or erases from it, since it may hold copies of what entries say.
"""

from __future__ import annotations

import re
import sqlite3

from timeline.errors import FormatError

__all__ = ["APPLICATION_ID", "FORMAT", "SCHEMA", "UPGRADE", "check_schema", "foreign_objects"]

APPLICATION_ID = 0x746D6C6E  # "tmln"; names the file's owner in its header
FORMAT = 2

# Bodies are TEXT so that people can read the file with a shell, and go in and out as bytes so that
# nothing is decoded on the way. No STRICT tables: SQLite before 3.37 could not open the file.
# A redacted entry has no id, the commitment for a body, and stands in report 0, as do redactions.
_ENTRIES = """
    position INTEGER PRIMARY KEY,
    recorded INTEGER NOT NULL,
    id BLOB UNIQUE,
    form TEXT NOT NULL,
    kind TEXT NOT NULL,
    report INTEGER NOT NULL REFERENCES reports (number),
    body TEXT NOT NULL,
    salt BLOB NOT NULL
"""
# Beside the head, what can be made again from the entries; its versions are never used twice.
_BESIDE = """
INSERT INTO reports VALUES (0, x'', '');
CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    position INTEGER NOT NULL,
    recorded INTEGER,
    frontier BLOB NOT NULL,
    erasures INTEGER NOT NULL DEFAULT 0,
    unscrubbed INTEGER NOT NULL DEFAULT 0,
    versions INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE kept (
    name TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    note BLOB NOT NULL
);
CREATE TABLE pieces (
    name TEXT NOT NULL,
    piece TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (name, piece)
);
"""
SCHEMA = f"""
CREATE TABLE meta (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);
CREATE TABLE reports (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE entries ({_ENTRIES});
{_BESIDE}
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {FORMAT};
"""
"""What a file of the newest format is made with."""

UPGRADE = (
    f"CREATE TABLE salted ({_ENTRIES})",
    "INSERT INTO salted SELECT *, new_salt() FROM entries ORDER BY position",
    f"DROP TABLE entries; ALTER TABLE salted RENAME TO entries; {_BESIDE}",
)
"""What takes a file of format 1 to format 2, where ``new_salt`` draws a salt."""

_FIRST = """
CREATE TABLE meta (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);
CREATE TABLE reports (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE entries (
    position INTEGER PRIMARY KEY,
    recorded INTEGER NOT NULL,
    id BLOB NOT NULL UNIQUE,
    form TEXT NOT NULL,
    kind TEXT NOT NULL,
    report INTEGER NOT NULL REFERENCES reports (number),
    body TEXT NOT NULL
)
"""
_BARE = re.compile(r"""[\s"'`;\[\]]+""")  # renaming a table puts its name into quotes
_TABLE = re.compile(r"CREATE TABLE (\w+)")


def _plain(sql: str) -> str:
    return _BARE.sub("", sql).lower()


def _tables(script: str) -> dict[str, str]:
    """The tables that a script makes, by name, each as it is compared."""
    made = [text.strip() for text in script.split(";") if text.strip().startswith("CREATE")]
    return {_TABLE.match(sql).group(1): _plain(sql) for sql in made}  # type: ignore[union-attr]


_OWN = {1: _tables(_FIRST), 2: _tables(SCHEMA)}
_SHOWN = 200  # characters of a name that a message shows


def check_schema(connection: sqlite3.Connection, name: str, version: int) -> None:
    """Raise ``FormatError`` unless the file's schema is that of a log of this format.

    Tables and indexes of others are let be, see ``foreign_objects``; triggers and views aren't.
    """
    found = dict.fromkeys(_OWN[version], "")
    for kind, called, table, sql in _objects(connection):
        if kind not in ("table", "index"):
            raise FormatError(
                f"{name!r} has a {kind} named {called!r:.{_SHOWN}}, which this library never made: "
                "it could change or hide what is written or read; look at it, and drop it with "
                "another SQLite program if the file is to be trusted"
            )
        if kind == "table" and called.lower() in found:
            found[called.lower()] += _plain(sql)  # twice is another one
        elif kind == "index" and table.lower() in found and called.startswith("sqlite_") and sql:
            raise FormatError(f"{name!r} has an index that is made up: {called!r:.{_SHOWN}}")
    for table, sql in _OWN[version].items():
        if found[table] != sql:
            what = "another" if found[table] else "no"
            raise FormatError(
                f"{name!r} has {what} table {table!r} than a log has: it isn't a log, or its "
                "schema was changed; restore it from a copy"
            )


def foreign_objects(connection: sqlite3.Connection, version: int) -> list[str]:
    """Return the tables and indexes in the file that aren't the log's, each in a few words."""
    own = _OWN[version]
    return [
        f"{kind} {called!r:.{_SHOWN}}" + (f" on {table!r:.{_SHOWN}}" if kind == "index" else "")
        for kind, called, table, _ in _objects(connection)
        if called.lower() not in own
        and not (called.startswith("sqlite_autoindex_") and table.lower() in own)
    ]


def _objects(connection: sqlite3.Connection) -> list[tuple[str, str, str, str]]:
    query = "SELECT type, name, tbl_name, ifnull(sql, '') FROM sqlite_master"
    found = connection.execute(query).fetchall()
    if any(not isinstance(value, str) for row in found for value in row):
        raise FormatError("the file's list of its own tables is damaged; restore it from a copy")
    return found
