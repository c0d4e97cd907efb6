"""Starts, crashes and copies PostgreSQL servers of the tests' own under a store."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests import servers
from tests.servers import Server
from tests.test_stores import NOON, REPORTS, check_whole, draft, put
from timeline.errors import StoreError
from timeline.stores import PostgreSQLStore

pytestmark = servers.NEEDS_BINARIES


def test_a_server_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="can't be reached"):
        PostgreSQLStore(f"postgresql:///war?host={tmp_path}")


def test_a_server_that_crashes_is_waited_for() -> None:
    with Server.running(*servers.FAST) as server:
        store = PostgreSQLStore(server.url, wait=30)
        put(store, *range(600))
        rows = store.rows()
        first = next(rows)
        server.stop("immediate")
        late = threading.Timer(0.5, server.start)
        late.start()
        assert [first, *rows] == list(store.rows())
        late.join()
        server.stop("immediate")
        late = threading.Timer(0.3, server.start)
        late.start()
        assert put(store, 700, 5)[0].position == 601
        assert not store.wait(601, 0.1)
        late.join()
        assert len(check_whole(store)) == 601
        store.close()


def test_a_server_that_stays_away_is_told() -> None:
    with Server.running(*servers.FAST) as server:
        store = PostgreSQLStore(server.url, wait=0.1)
        put(store, 1)
        server.stop()
        with pytest.raises(StoreError, match=r"whether it was kept is not known|can't be reached"):
            put(store, 2)
        with pytest.raises(StoreError, match="can't be reached"):
            store.head()
        server.start()
        assert put(store, 1, 2)[1].position == 2
        store.close()


def test_a_standby_can_be_read_and_followed_and_not_appended_to() -> None:
    with Server.running(*servers.FAST) as primary, closing(PostgreSQLStore(primary.url)) as store:
        put(store, 1)
        with (
            Server.running(*servers.FAST, primary=primary) as server,
            closing(PostgreSQLStore(server.url, wait=5)) as standby,
        ):
            assert standby.identity == store.identity
            assert standby.wait(0, 20)
            assert not standby.wait(1, 0.05)
            put(store, 2)
            assert standby.wait(1, 20)
            assert check_whole(standby) == check_whole(store)
            with pytest.raises(StoreError, match=r"is read-only: it is a standby"):
                put(standby, 3)
            with pytest.raises(StoreError, match=r"is read-only: it is a standby"):
                PostgreSQLStore(server.url, schema="another")


def test_what_is_erased_is_in_no_file_of_the_tables() -> None:
    canary = b"canary-7f3a91c2"
    with Server.running(*servers.FAST) as server:
        store = PostgreSQLStore(server.url, wait=0.2)
        name = b"\x07" * 32
        secret = draft(1)._replace(body=b'{"said":"%s"}' % canary, report=name)
        given = REPORTS | {name: b'{"text":"%s"}' % canary}
        store.append([secret, draft(2)], given, recorded=NOON, explicit=False)
        store.save_snapshot("state", expect=0, position=2, note=canary, chunks={"a": canary})
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("ANALYZE")
            connection.execute("CHECKPOINT")
        assert found_in(server, canary)
        because = draft(9)._replace(record_type="redaction", kind="", report=b"")
        with psycopg.connect(server.url) as reading:  # a transaction that might still read it
            reading.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            reading.execute("SELECT count(*) FROM timeline.entries")
            with pytest.raises(StoreError, match="the entries are redacted, but their bytes"):
                store.erase([1], because, recorded=NOON)
            assert next(store.rows()).record_type == "redacted"
        store.close()
        PostgreSQLStore(server.url).close()  # takes up what was left to do
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        assert found_in(server, canary) == []
        with closing(PostgreSQLStore(server.url)) as store:
            assert [row.record_type for row in store.rows()] == ["redacted", "claim", "redaction"]


def found_in(server: Server, canary: bytes) -> list[str]:
    """The files that hold it; the write-ahead log is the operator's, who may archive it."""
    return [
        str(path)
        for path in server.data.rglob("*")
        if path.is_file() and "pg_wal" not in path.parts and canary in path.read_bytes()
    ]
