"""Keeps a log in a schema of its own on a PostgreSQL server, for many writers at once."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from timeline.errors import FormatError, LogError, StoreError
from timeline.stores import postgres_schema as tables
from timeline.stores.base import (
    Head,
    NewRecord,
    Record,
    Snapshot,
    check_adopted,
    check_kept,
    in_order,
    kept_state,
    leaf,
    meta_seal,
    next_rows,
    rows_to_erase,
)
from timeline.stores.group_commit import GroupCommit
from timeline.stores.postgres_commit import GROUP_ROWS, ServerAppend, committer
from timeline.stores.postgres_connection import Address, Column, PostgresConnection, driver
from timeline.stores.postgres_listener import Listener

if TYPE_CHECKING:
    from psycopg import Connection

__all__ = ["PostgreSQLStore"]

_PAGES = (256, 1024, 4096)  # rows read at once, the last again and again: who wants few waits less
_CHUNK = 10_000  # values in one statement
_SLICE = 0.25  # seconds that a wait sleeps in one go: closing the store is noticed in between
_INT8 = range(-(1 << 63), 1 << 63)


class PostgreSQLStore:
    """A store in a schema of a PostgreSQL database, made if there is none; many may share it.

    ``url`` is a libpq URL, which may name the schema: ``postgresql://host/war?schema=kharkiv``;
    without one it is called ``timeline``. ``wait`` is how long, in seconds, to wait for other
    writers, and for a server that was lost. Raises ``StoreError`` where the server can't be used,
    ``FormatError`` where the schema isn't a log or is one of a newer format, ``LogError`` for a URL
    that can't be read, ``MissingExtraError`` without psycopg; nothing is created or changed then.
    """

    def __init__(self, url: str, *, schema: str | None = None, wait: float = 30.0) -> None:
        self._address = Address.of(url, schema)
        self._wait = wait
        self._sql = {
            name: driver().sql.SQL(getattr(tables, name)).format(schema=self._quoted())
            for name in ("ADOPT", "APPEND", "FORGET", "HEAD", "KEEP", "RECORD", "ROWS")
        }
        self._identity = ""
        self._adopting = ""  # the identity that it takes over, while it does
        self._owner = False  # whether it may do more than append
        self._closed = False
        self._reader = PostgresConnection(self._address, wait=wait, settle=self._same)
        self._writer = PostgresConnection(self._address, wait=wait, settle=self._same)
        # What the page that is being read cites, and those reports once one of them was asked for:
        # one by one they would take a round trip each.
        self._cited: set[bytes] = set()
        self._near: dict[bytes, bytes] = {}
        self._writing = Lock()
        self._commits: GroupCommit[ServerAppend, None] = GroupCommit(
            committer(self._writer, self._append), turn=lambda: self._writing, most=GROUP_ROWS
        )
        self._listener = Listener(self._address, wait=wait, head=self._sql["HEAD"], same=self._same)
        try:
            self._reader.use(self._open, patient=False)
        except BaseException:
            self.close()
            raise

    def __repr__(self) -> str:
        return f"PostgreSQLStore({str(self._address)!r})"

    @property
    def identity(self) -> str:
        """The UUID that was drawn when the log was made; a dump that is restored has it too."""
        return self._identity

    # --- opening

    def _quoted(self) -> Any:
        return driver().sql.Identifier(self._address.schema)

    def _query(self, text: str, **values: Any) -> Any:
        """A statement with the schema's name, and other values, filled in and quoted."""
        sql = driver().sql
        filled = {name: sql.Literal(value) for name, value in values.items()}
        return sql.SQL(text).format(schema=self._quoted(), **filled)

    def _open(self, connection: Connection[Any]) -> None:
        meta = self._meta(connection)
        if meta is None:
            self._make(connection)
            meta = self._meta(connection) or {}
        version = int(meta["format"])
        while version < tables.FORMAT and version in tables.UPGRADES:
            version = self._upgrade(connection, version)
        if version != tables.FORMAT:
            raise FormatError(
                f"{self._address} has format version {version}, and this release reads "
                f"{tables.FORMAT}; upgrade timeline"
            )
        self._identity, self._listener.channel = meta["identity"], meta["channel"]
        may = "SELECT has_table_privilege(%s::regclass, 'UPDATE')"
        head = f"{self._quoted().as_string(connection)}.head"
        self._owner = connection.execute(may, [head]).fetchone() == (True,)
        owned = (
            "SELECT pg_has_role(relowner, 'MEMBER') AND NOT pg_is_in_recovery() "
            "FROM pg_class WHERE oid = %s::regclass"
        )
        entries = f"{self._quoted().as_string(connection)}.entries"
        if meta.get("scrub") and connection.execute(owned, [entries]).fetchone() == (True,):
            with suppress(StoreError, driver().Error):  # it can be read; the next one tries again
                self._scrub(connection)

    def _meta(self, connection: Connection[Any]) -> dict[str, str] | None:
        """What the log says of itself; None where the schema is missing or empty."""
        found = connection.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = %s",
            [self._address.schema],
        ).fetchall()
        if not found:
            return None
        if not {("meta",), ("head",), ("entries",)} <= set(found):
            raise FormatError(
                f"{self._address} holds other tables than a log has; it was left as it is: name "
                "another schema"
            )
        return dict(connection.execute(self._query("SELECT name, value FROM {schema}.meta")))

    def _make(self, connection: Connection[Any]) -> None:
        """Make the log in one transaction; of several that meet an empty schema, one does."""
        schema = self._address.schema
        identity = str(uuid4())
        filled = {
            "format": str(tables.FORMAT),
            "identity": identity,
            "seal": meta_seal(identity, None, 0),
            "channel": f"timeline_{uuid4().hex}",
            "opening": tables.OPENING,
        }
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"log {schema}"])
            if self._meta(connection) is not None:
                return
            there = "SELECT FROM pg_namespace WHERE nspname = %s"
            if connection.execute(there, [schema]).fetchone() is None:
                connection.execute(self._query("CREATE SCHEMA {schema}"))
            sequence = driver().sql.Identifier(schema, "versions").as_string(connection)
            for statement in tables.TABLES:
                connection.execute(self._query(statement, versions=sequence, **filled))

    def _upgrade(self, connection: Connection[Any], version: int) -> int:
        """Make the log one of the next format, unless another process has; its format then."""
        with connection.transaction():
            connection.execute(
                "SELECT pg_advisory_xact_lock(hashtext(%s))", [f"log {self._address.schema}"]
            )
            now = int((self._meta(connection) or {})["format"])
            if now == version:
                sequence = driver().sql.Identifier(self._address.schema, "versions")
                filled = {
                    "channel": (self._meta(connection) or {})["channel"],
                    "opening": tables.OPENING,
                }
                for statement in tables.UPGRADES[version]:
                    versions = sequence.as_string(connection)
                    connection.execute(self._query(statement, versions=versions, **filled))
                now += 1
                connection.execute(
                    self._query("UPDATE {schema}.meta SET value = %s WHERE name = 'format'"),
                    [str(now)],
                )
        return now

    def _same(self, connection: Connection[Any]) -> None:
        """Hold a new connection to this: it leads to the log that was opened."""
        if self._identity:
            found = (self._meta(connection) or {}).get("identity")
            if found not in (self._identity, self._adopting):
                raise self._another()

    def _another(self) -> StoreError:
        return StoreError(
            f"{self._address} was taken away or replaced since it was opened; nothing was "
            "appended: open it again"
        )

    # --- appending

    def append(
        self,
        drafts: Sequence[NewRecord],
        reports: Mapping[bytes, bytes],
        *,
        recorded: int,
        explicit: bool,
        expect: int | None = None,
    ) -> list[Record]:
        """Keep all drafts or none in one transaction; see ``EventStore.append``.

        What threads append at the same time goes in one transaction. A server that is lost on the
        way is waited for, and asked what it kept.
        """
        if recorded not in _INT8:
            # The rule that all stores share says so, or that it doesn't matter.
            kept, head = self.get_by_id(draft.id for draft in drafts), self.head()
            next_rows(drafts, kept, head, recorded=recorded, explicit=explicit, expect=expect)
            recorded = head.recorded or 0
        rows = next_rows(
            drafts, {}, Head(0, None, b""), recorded=recorded, explicit=False, expect=None
        )
        if explicit and not self._owner:
            raise LogError(
                "only the owner of a log on a server says when entries are recorded; leave "
                "recorded out, and the server's clock counts, or append as its owner"
            )
        sent = ServerAppend(
            "RECORD" if self._owner else "APPEND",
            self._identity,
            rows,
            reports,
            recorded=recorded,
            explicit=explicit,
            expect=expect,
        )
        if not rows:
            self._still_open()
            return []
        self._commits.submit(sent, size=len(rows))
        return in_order(drafts, sent.known, sent.new)

    def _append(self, connection: Connection[Any], sent: ServerAppend) -> Any:
        return self._call(connection, sent.query, sent.parameters)

    def _call(self, connection: Connection[Any], name: str, parameters: Sequence[Any]) -> Any:
        return connection.execute(self._sql[name], parameters, binary=True, prepare=True)

    def import_rows(
        self, rows: Sequence[Record], reports: Mapping[bytes, bytes], *, identity: str
    ) -> Head:
        """Keep another log's rows, in one transaction; see ``Importable.import_rows``."""
        rows = list(rows)
        head = self.head()
        kept = self.get_by_id(row.id for row in rows if row.id)
        check_adopted(rows, kept, head, identity=identity, own=self._identity)
        last = rows[-1].recorded if rows else 0
        sent = ServerAppend(
            "ADOPT", self._identity, rows, reports, recorded=last, expect=head.position
        )

        def do(connection: Connection[Any]) -> None:
            with connection.transaction():
                sent.answered(self._append(connection, sent).fetchall())
                if not head.position:
                    query = "UPDATE {schema}.meta SET value = %s WHERE name = 'identity'"
                    connection.execute(self._query(query), [identity])
                    self._seal_again(connection)

        with self._writing:
            # Done twice, it finds the rows there, but for redacted ones: those have no ids. Then it
            # refuses to go on from the old head, and whoever copies looks at the new one.
            self._adopting = identity
            try:
                self._writer.use(do)
                self._identity = identity
            except StoreError:
                with suppress(StoreError):  # its answer may have been lost
                    if (self._reader.use(self._meta) or {}).get("identity") == identity:
                        self._identity = identity
                raise
            finally:
                self._adopting = ""
        return self.head()

    # --- reading

    def rows(self, after: int = 0, upto: int | None = None) -> Iterator[Record]:
        """Stream rows in order up to the head of now; see ``EventStore.rows``.

        It reads page by page, each by itself: no transaction stays open in between, and a server
        that was lost is read on from where it broke off. Raises ``StoreError``, then or on the
        way, where rows are missing or can't be read.
        """
        head = self.head().position
        last = head if upto is None else min(upto, head)
        return self._with_reports(self._pages("ROWS", max(after, 0), last))

    def count_kinds(self, after: int, upto: int) -> dict[str, int]:
        """Return how many claims of each kind lie after one position, up to another."""
        query = (
            "SELECT kind, count(*) FROM {schema}.entries "
            "WHERE form = 'claim' AND position > %s AND position <= %s GROUP BY kind"
        )
        return dict(self._ask(self._query(query), [after, upto]))

    def _with_reports(self, pages: Iterator[list[Any]]) -> Iterator[Record]:
        """Return rows one by one; what their page cites is read at once when one is asked for."""
        try:
            for page in pages:
                self._cited, self._near = {row[5] for row in page}, {}
                yield from map(Record._make, page)
        finally:
            self._cited, self._near = set(), {}

    def _pages(self, name: str, after: int, last: int) -> Iterator[list[Any]]:
        query = self._sql[name] + driver().sql.SQL(
            " WHERE position > %s AND position <= %s ORDER BY position"
        )
        turn = 0
        while after < last:
            end = min(after + _PAGES[min(turn, len(_PAGES) - 1)], last)
            found = self._ask(query, [after, end])
            if len(found) != end - after:
                raise StoreError(
                    f"{self._address} is damaged: of the entries {after + 1} to {end} it gives "
                    f"{len(found)}; restore it from a copy"
                )
            yield found
            after, turn = end, turn + 1

    def _ask(self, query: Any, parameters: Sequence[Any] = ()) -> list[Any]:
        return self._reader.use(
            lambda connection: connection.execute(
                query, parameters, binary=True, prepare=True
            ).fetchall()
        )

    def _by(self, query: str, values: Iterable[Any], kind: str) -> Iterator[Any]:
        """Ask for many by one column, as many at once as one statement takes."""
        rest = iter(list(values))  # they may come from this store, which must not be held then
        statement = self._query(query)
        self._still_open()
        while some := list(islice(rest, _CHUNK)):
            yield from self._ask(statement, [Column(some) if kind == "bytes" else some])

    def reports(self, ids: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the bodies of those reports that are kept, by id."""
        query = "SELECT id, body FROM {schema}.reports WHERE id = ANY (%b)"
        names = set(ids)
        cited, near = self._cited, self._near
        if not names or not names <= cited:
            return dict(self._by(query, names, "bytes"))
        if not near:
            near = dict(self._by(query, cited, "bytes"))
            if cited is self._cited:  # no other page was begun meanwhile
                self._near = near
        return {name: near[name] for name in names if name in near}

    def get_by_id(self, ids: Iterable[bytes]) -> dict[bytes, Record]:
        """Return the rows of those ids that are kept, by id."""
        found = self._by(f"{tables.ROWS} WHERE id = ANY (%b)", ids, "bytes")
        return {row[2]: Record._make(row) for row in found}

    def get_by_position(self, positions: Iterable[int]) -> dict[int, Record]:
        """Return the rows of those positions that are kept, by position."""
        places = [place for place in positions if 0 < place in _INT8]
        found = self._by(f"{tables.ROWS} WHERE position = ANY (%b::bigint[])", places, "numbers")
        return {row[0]: Record._make(row) for row in found}

    def leaves(self, after: int = 0, upto: int | None = None) -> Iterator[bytes]:
        """Stream the leaves of the rows that ``rows`` gives; see ``EventStore.leaves``."""
        # From the rows, not from the column that the tree grew by: that may have been changed.
        return map(leaf, self.rows(after, upto))

    def head(self) -> Head:
        """Return the last entry's position and recorded time, and the root."""
        ((*found, identity),) = self._ask(self._sql["HEAD"])
        if identity != self._identity:
            raise self._another()
        return Head(*found)

    # --- waiting

    def wait(self, after: int, timeout: float) -> bool:
        """Wait for the head to pass ``after``, so many seconds; see ``EventStore.wait``."""
        left = timeout
        while True:
            self._still_open()
            turn = max(min(left, _SLICE), 0.0)
            if self._listener.hear(after, turn):
                return True
            left -= turn
            if left <= 0:
                # The server's call may be on its way still.
                return self.head().position > after

    # --- erasing

    def erase(
        self,
        positions: Collection[int],
        draft: NewRecord,
        *,
        recorded: int,
        expect: int | None = None,
    ) -> Record:
        """Erase the content of entries for good; see ``Erasable.erase``.

        The tables are written anew, which needs as much room again and lets nobody read meanwhile.
        What the server's operator keeps beside them, such as archived WAL and backups, is out of
        its reach.
        """
        rows = next_rows(
            [draft], {}, Head(0, None, b""), recorded=recorded, explicit=False, expect=None
        )
        sent = ServerAppend("RECORD", self._identity, rows, {}, recorded=recorded, expect=expect)

        def do(connection: Connection[Any]) -> None:
            with connection.transaction():
                connection.execute(self._query("SELECT FROM {schema}.head FOR UPDATE"))
                query = self._query(f"{tables.ROWS} WHERE position = ANY (%b::bigint[])")
                places = [place for place in positions if 0 < place in _INT8]
                found = connection.execute(query, [places], binary=True).fetchall()
                erased = rows_to_erase(positions, {row[0]: Record._make(row) for row in found})
                sent.answered(self._append(connection, sent).fetchall())
                self._strike(connection, erased, [row[5] for row in found if row[5]])
                self._seal_again(connection)
                left = connection.execute(query, [places], binary=True).fetchall()
                gone = {row.position: row for row in erased}
                if any(Record._make(row) != gone.get(row[0], Record._make(row)) for row in left):
                    raise StoreError(f"{self._address} still gives what was erased")

        with self._writing:
            self._writer.use(do)
            self._cited, self._near = set(), {}
            try:
                self._writer.use(self._scrub)
            except StoreError as error:
                raise StoreError(
                    f"{self._address}: the entries are redacted, but their bytes may still be on "
                    "the server's disk; erase again, or open the log as its owner, once nobody "
                    f"reads it ({error})"
                ) from error
        return in_order([draft], sent.known, sent.new)[0]

    def _strike(
        self, connection: Connection[Any], erased: Sequence[Record], cited: list[bytes]
    ) -> None:
        """Take away content, reports that nothing cites any more, and every kept state."""
        connection.execute(
            self._query(
                "UPDATE {schema}.entries e SET id = NULL, form = 'redacted', kind = '', "
                "report = '', salt = '', body = d.body "
                "FROM unnest(%b::bigint[], %b) AS d(position, body) "
                "WHERE e.position = d.position"
            ),
            [[row.position for row in erased], Column(row.body for row in erased)],
        )
        connection.execute(
            self._query(
                "DELETE FROM {schema}.reports r WHERE r.id = ANY (%b) "
                "AND NOT EXISTS (SELECT FROM {schema}.entries e WHERE e.report = r.id)"
            ),
            [Column(cited)],
        )
        connection.execute(self._query("DELETE FROM {schema}.kept"))
        connection.execute(self._query("UPDATE {schema}.head SET erasures = erasures + 1"))
        connection.execute(
            self._query("INSERT INTO {schema}.meta VALUES ('scrub', 'due') ON CONFLICT DO NOTHING")
        )

    def _seal_again(self, connection: Connection[Any]) -> None:
        """Seal what the log says of itself anew, where it is sealed; see ``meta_seal``."""
        meta = self._meta(connection) or {}
        query = self._query("SELECT erasures FROM {schema}.head")
        ((erasures,),) = connection.execute(query).fetchall()
        seal = meta_seal(meta["identity"], None, erasures)
        update = "UPDATE {schema}.meta SET value = %s WHERE name = 'seal'"
        connection.execute(self._query(update), [seal])

    def _scrub(self, connection: Connection[Any]) -> None:
        """Write the tables anew, until no transaction can see what was erased."""
        left = self._wait
        while True:
            details: list[str] = []

            def hear(notice: Any, details: list[str] = details) -> None:
                details.append(notice.message_detail or "")

            connection.add_notice_handler(hear)
            connection.execute("SET client_min_messages = info")
            try:
                for table in ("entries", "reports", "pieces", "kept"):
                    statement = f"VACUUM (FULL, VERBOSE) {{schema}}.{table}"
                    connection.execute(self._query(statement))
            finally:
                connection.remove_notice_handler(hear)
            connection.execute("SET client_min_messages = warning")
            # "3 dead row versions cannot be removed yet.": an older transaction might read them.
            if all(one.split()[0] == "0" for one in details if one[:1].isdigit()):
                break
            if left <= 0:
                raise StoreError("transactions that began before might still read them")
            time.sleep(_SLICE)
            left -= _SLICE
        # What the server had counted of the columns before is counted anew.
        for table in ("entries", "reports", "pieces", "kept"):
            connection.execute(self._query(f"ANALYZE {{schema}}.{table}"))
        connection.execute(self._query("DELETE FROM {schema}.meta WHERE name = 'scrub'"))

    # --- kept states

    def load_snapshot(self, name: str) -> Snapshot | None:
        """Return what is kept under a name, None where there is nothing."""
        query = "SELECT version, position, note FROM {schema}.kept WHERE name = %s"
        found = self._ask(self._query(query), [name])
        return Snapshot(*found[0]) if found else None

    def load_chunks(self, name: str) -> Iterator[tuple[str, bytes]]:
        """Return the chunks of what is kept under a name, in the order of their names."""
        query = "SELECT piece, body FROM {schema}.pieces WHERE name = %s ORDER BY piece"
        return iter(self._ask(self._query(query), [name]))

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
        """Save a state; see ``SnapshotStore.save_snapshot``."""
        bodies = {piece: body for piece, body in chunks.items() if body is not None}
        gone = [piece for piece, body in chunks.items() if body is None]
        parameters = [
            name, expect, position, note, Column.of_texts(list(bodies)), Column(bodies.values()),
            Column.of_texts(gone), erasures,
        ]  # fmt: skip

        def do(connection: Connection[Any]) -> Any:
            with connection.transaction():
                connection.execute("SET LOCAL synchronous_commit = off")  # it can be made again
                return self._call(connection, "KEEP", parameters).fetchone()

        done, version, erased = self._writer.use(do)
        if not done:
            check_kept(name, version, expect, erased, erasures)
        return int(version)

    def delete_snapshot(self, name: str) -> None:
        """Drop what is kept under a name."""
        self._writer.use(lambda connection: self._call(connection, "FORGET", [name]))

    # --- checking itself

    def complaints(self) -> Iterator[str]:
        """Yield what is wrong beside the entries, as far as the tables show it."""
        beyond = "SELECT count(*) FROM {schema}.entries WHERE position NOT BETWEEN 1 AND %s"
        ((*found, _),) = self._ask(self._sql["HEAD"])
        head = Head(*found)
        ((count,),) = self._ask(self._query(beyond), [head.position])
        if count:
            yield f"{count} entries have positions beyond the head's, {head.position}"
        orphans = (
            "SELECT r.id FROM {schema}.reports r WHERE NOT EXISTS "
            "(SELECT FROM {schema}.entries e WHERE e.report = r.id) LIMIT 20"
        )
        for (name,) in self._ask(self._query(orphans)):
            yield f"the report {name.hex()} is there, and no entry stands in it"
        meta = self._reader.use(self._meta) or {}
        expected = meta_seal(str(meta.get("identity")), None, head.erasures)
        if meta.get("seal", expected) != expected:
            yield "the log's identity or its count of erasures was changed"
        if meta.get("scrub"):
            yield "what was erased may still be on the server's disk; open the log as its owner"
        odd = "SELECT name FROM {schema}.kept WHERE position NOT BETWEEN 0 AND %s LIMIT 20"
        for (name,) in self._ask(self._query(odd), [head.position]):
            yield f"the state kept as {name!r:.100} isn't whole"

    def foreign(self) -> list[str]:
        """Return the tables, views, indexes and triggers in the schema that aren't the log's."""
        relations = (
            "SELECT c.relkind::text, c.relname::text, coalesce(t.relname::text, '') "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_class t ON t.oid = "
            "i.indrelid LEFT JOIN pg_constraint k ON k.conindid = c.oid "
            "WHERE n.nspname = %s AND k.oid IS NULL ORDER BY c.relname"
        )
        triggers = (
            "SELECT 'trigger', g.tgname::text, c.relname::text FROM pg_trigger g JOIN pg_class c "
            "ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = %s AND NOT g.tgisinternal ORDER BY g.tgname"
        )
        words = {"r": "table", "v": "view", "m": "materialized view", "i": "index"}
        found = [*self._ask(relations, [self._address.schema])]
        found = [row for row in found if row[1] not in tables.RELATIONS]
        found += self._ask(triggers, [self._address.schema])
        return [
            f"{words.get(kind, kind)} {name!r:.100}" + (f" on {table!r:.100}" if table else "")
            for kind, name, table in found
        ]

    def unchecked(self) -> list[str]:
        """Return the states that are kept, and what an older log has no seal for."""
        meta = self._reader.use(self._meta) or {}
        found = [] if "seal" in meta else ["the log's identity, which isn't sealed"]
        kept = "SELECT name FROM {schema}.kept ORDER BY name LIMIT 1000"
        return found + [kept_state(name) for (name,) in self._ask(self._query(kept))]

    def missing(self) -> list[tuple[int, int]]:
        """Return the positions up to the head that aren't there, as runs."""
        head = self.head().position
        gaps = (
            "SELECT before + 1, position - 1 FROM (SELECT position, lag(position, 1, 0::bigint) "
            "OVER (ORDER BY position) AS before FROM {schema}.entries WHERE position BETWEEN 1 "
            "AND %s) AS pairs WHERE position > before + 1 ORDER BY position"
        )
        runs = [(first, last) for first, last in self._ask(self._query(gaps), [head])]
        query = "SELECT coalesce(max(position), 0) FROM {schema}.entries WHERE position <= %s"
        ((last,),) = self._ask(self._query(query), [head])
        return runs + ([(last + 1, head)] if last < head else [])

    def size(self) -> int:
        """Return a bound on the bytes of the tables, before the server has compressed them."""
        query = (
            "SELECT (SELECT coalesce(sum(length(body)), 0) FROM {schema}.entries)"
            " + (SELECT coalesce(sum(length(body)), 0) FROM {schema}.reports)"
        )
        ((found,),) = self._ask(self._query(query))
        return int(found)

    # --- closing

    def close(self) -> None:
        """Let go of the server; closing again does nothing."""
        self._closed = True
        for link in (self._reader, self._writer, self._listener):
            link.close()

    def _still_open(self) -> None:
        if self._closed:
            raise StoreError(f"{self._address} is closed; open it again")
