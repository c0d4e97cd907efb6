"""Holds the store on a PostgreSQL server to what is its own: logins, rights, crashes, strangers."""

from __future__ import annotations

import sys
import threading
import time
import traceback
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import servers
from tests.servers import drop, on_server, schema_of, shared
from tests.test_stores import NOON, REPORTS, check_whole, draft, put
from timeline import Attack, Claim, Log, Report, SameEvent
from timeline.codec import Codec
from timeline.errors import (
    ConflictError,
    FormatError,
    LogError,
    MissingExtraError,
    RecordedError,
    StoreError,
)
from timeline.stores import NewRecord, PostgreSQLStore, Record
from timeline.stores import postgres_schema as tables
from timeline.stores.postgres_connection import Address

pytestmark = servers.MAY_BE_MISSING

ISW = Report("ISW", published="2022-09-10", text="Shells hit Izium.")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    drop(tmp_path)


@pytest.fixture
def store(folder: Path) -> Iterator[PostgreSQLStore]:
    with closing(on_server(folder)) as opened:
        yield opened


def told(query: str, *values: Any, folder: Path | None = None, url: str | None = None) -> list[Any]:
    """Ask the server as whoever owns it; ``{}`` stands for the folder's schema."""
    name = psycopg.sql.Identifier(schema_of(folder)) if folder else psycopg.sql.SQL("")
    with psycopg.connect(url or shared(), autocommit=True) as connection:
        done = connection.execute(psycopg.sql.SQL(query).format(name), values or None)
        return done.fetchall() if done.description else []


def end(store: PostgreSQLStore) -> None:
    """End a store's connections, as the server's operator may."""
    for link in (store._reader, store._writer, store._listener._link):
        if link._connection is not None:
            told(f"SELECT pg_terminate_backend({link._connection.info.backend_pid})")


# --- where it is


def test_the_url_names_the_schema_or_the_argument_does() -> None:
    url = "postgresql://desk@db.example/war"
    assert Address.of(url, None).schema == "timeline"
    assert Address.of(f"{url}?schema=kharkiv&sslmode=require", None).schema == "kharkiv"
    assert "sslmode=require" in Address.of(f"{url}?schema=a&sslmode=require", None).conninfo
    assert "schema" not in Address.of(f"{url}?schema=a", "a").conninfo
    assert str(Address.of(url, "К х")) == ("postgresql://db.example/war?schema=%D0%9A%20%D1%85")
    with pytest.raises(LogError, match="one schema, not a and b"):
        Address.of(f"{url}?schema=a", "b")
    for name in ("", "x" * 64, "pg_temp", "a\0b", "a$b", "%s", 5):
        with pytest.raises(LogError, match="can't be a schema"):
            Address.of(url, name)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://desk:pa@ss-7f3a@db.example/war",
        "postgresql://desk:pa%ss-7f3a@db.example/war",
        "postgresql://desk:ss-7f3a@db.example/war?no=such",
    ],
)
def test_a_url_that_cannot_be_read_is_never_shown(url: str) -> None:
    with pytest.raises(LogError, match="can't be read") as caught:
        PostgreSQLStore(url)
    assert "ss-7f3a" not in "".join(traceback.format_exception(caught.value))


def test_what_is_no_url_is_refused() -> None:
    for url in ("war.db", 5):
        with pytest.raises(LogError, match="named by its URL"):
            PostgreSQLStore(url)  # type: ignore[arg-type]


def test_a_schema_may_have_any_name() -> None:
    for name in ('Drop "me"; --\'', "Харків", "order", "{}"):
        url = shared()
        try:
            with closing(PostgreSQLStore(url, schema=name)) as store:
                put(store, 1, 2)
                check_whole(store)
                assert store.save_snapshot(
                    "one", expect=0, position=2, note=b"", chunks={"a": b"b"}
                )
                store.delete_snapshot("one")
        finally:
            quoted = psycopg.sql.Identifier(name)
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("SET client_min_messages = warning")
                query = psycopg.sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE")
                connection.execute(query.format(quoted))


def test_a_log_is_opened_by_its_url(folder: Path) -> None:
    separator = "&" if "?" in shared() else "?"
    with Log(f"{shared()}{separator}schema={schema_of(folder)}") as log:
        assert log.head == 0


def test_of_many_that_make_a_log_one_does(folder: Path) -> None:
    found: list[str] = []

    def make() -> None:
        with closing(on_server(folder)) as store:
            found.append(store.identity)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1


def test_people_with_a_shell_can_read_it(store: PostgreSQLStore, folder: Path) -> None:
    put(store, 1)
    rows = told("SELECT position, kind, body ->> 'text', report ->> 'source' FROM {}.readable",
                folder=folder)  # fmt: skip
    assert rows == [(1, "attack/1", "Ізюм", "Público, «Kharkiv»")]


def test_without_its_driver_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'timeline-events\[postgres\]'"):
        PostgreSQLStore("postgresql://db.example/war")


# --- strangers and other formats


def test_another_programs_schema_is_left_alone(folder: Path) -> None:
    told("CREATE SCHEMA {}", folder=folder)
    told("CREATE TABLE {}.entries (x int)", folder=folder)
    with pytest.raises(FormatError, match="holds other tables than a log has"):
        on_server(folder)
    assert told("SELECT * FROM {}.entries", folder=folder) == []


def test_an_empty_schema_becomes_a_log(folder: Path) -> None:
    told("CREATE SCHEMA {}", folder=folder)
    with closing(on_server(folder)) as store:
        assert put(store, 1)[0].position == 1


def test_a_newer_format_is_refused(folder: Path) -> None:
    on_server(folder).close()
    told("UPDATE {}.meta SET value = '99' WHERE name = 'format'", folder=folder)
    with pytest.raises(FormatError, match=r"format version 99, and this release reads \d+"):
        on_server(folder)


def test_an_older_format_is_taken_to_the_new_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(on_server(folder)) as store:
        put(store, 1)
    step = "ALTER TABLE {schema}.reports ADD COLUMN language text"
    monkeypatch.setattr(tables, "UPGRADES", {tables.FORMAT: (step,)})
    monkeypatch.setattr(tables, "FORMAT", tables.FORMAT + 1)
    for _ in range(2):
        with closing(on_server(folder)) as store:
            check_whole(store)
    assert told("SELECT language FROM {}.reports", folder=folder) == [(None,)]


@servers.PRIVATE
def test_a_database_in_another_encoding_is_refused() -> None:
    told("DROP DATABASE IF EXISTS timeline_latin")
    told("CREATE DATABASE timeline_latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    try:
        with pytest.raises(FormatError, match="a database in LATIN1; a log needs one"):
            PostgreSQLStore(shared().replace("/postgres?", "/timeline_latin?"))
    finally:
        told("DROP DATABASE timeline_latin")


def test_a_log_that_was_replaced_is_not_written_to(store: PostgreSQLStore, folder: Path) -> None:
    put(store, 1)
    drop(folder)
    on_server(folder).close()
    end(store)
    with pytest.raises(StoreError, match="taken away or replaced since it was opened"):
        put(store, 2)


def test_a_log_that_was_taken_away_says_so(store: PostgreSQLStore, folder: Path) -> None:
    drop(folder)
    with pytest.raises(StoreError, match="taken away"):
        put(store, 1)
    with pytest.raises(FormatError, match="taken away"):
        store.head()


# --- logins and rights


@servers.PRIVATE
def test_a_wrong_password_is_refused_and_not_shown() -> None:
    told("DROP ROLE IF EXISTS locked")
    told("CREATE ROLE locked LOGIN PASSWORD 'right-one'")
    url = shared().replace("timeline@", "locked:wrong-7f3a@")
    with pytest.raises(StoreError, match="password authentication failed") as caught:
        PostgreSQLStore(url)
    assert "wrong-7f3a" not in "".join(traceback.format_exception(caught.value))
    told("DROP ROLE locked")


def assert_nothing_that_is_not_whole_is_appended(
    store: PostgreSQLStore, folder: Path, url: str
) -> None:
    """Call the SQL function as a role that may append, with what isn't an entry."""
    victim = ISW.says(Attack(when="2022-09-09", id="e7"))
    sound = Codec().draft(victim)
    report = bytes.fromhex(ISW.id)
    lie = b'{"event":{},"kind":"attack/1","report":"%s"}' % ISW.id.encode()
    named = report[:8] + sha256(b"claim\0" + lie[:-1]).digest()[:24]
    salt = b"s" * 16
    wrong: list[dict[str, Any]] = [
        {"body": b"{}"},
        {"body": lie},
        {"id": named, "body": lie[:-1]},  # no JSON, under the right id
        {"id": report[:8] + sha256(b"claim\0[]").digest()[:24], "body": b"[]"},
        {"id": report[:8] + sha256(b"claim\0{}").digest()[:24], "body": b"{}"},
        {"id": sound.id[:-1]},
        {"id": b"\0" * 8 + sound.id[8:]},
        {"record_type": "redaction"},
        {"record_type": "redacted"},
        {"record_type": "void"},
        {"kind": "other/1"},
        {"report": b""},
        {"report": b"r" * 32},
        {"salt": b"s" * 15},
    ]
    for deep in (b"[" * 150 + b"]" * 150, b'{"a":[' * 120 + b'"["' + b"]}" * 120):
        body = sound.body[:-1] + b',"more":' + deep + b"}"
        wrong.append({"id": report[:8] + sha256(b"claim\0" + body).digest()[:24], "body": body})
    arrays = "%s::bytea[], %s::text[], %s::text[], %s::bytea[], %s::bytea[], %s::bytea[]"
    call = f"SELECT * FROM {{}}.append(%s, {arrays}, %s::bytea[], %s::bytea[], NULL)"
    name = psycopg.sql.Identifier(schema_of(folder))

    def append(row: NewRecord, log: str, given: dict[bytes, bytes]) -> Any:
        columns = [[value] for value in (row.id, row.record_type, row.kind, row.report, row.body)]
        values = [log, *columns, [row.salt], list(given), list(given.values())]
        with psycopg.connect(url, autocommit=True) as connection:
            return connection.execute(psycopg.sql.SQL(call).format(name), values).fetchone()

    before = list(store.rows())
    for change in wrong:
        with pytest.raises(psycopg.Error):
            append(sound._replace(salt=salt)._replace(**change), store.identity, {})
    for form, made in (
        ("void", Codec().draft(ISW.voids("0" * 64, because="twice"))),
        ("retraction", Codec().draft(ISW.retracts("e1", because="a slip"))),
        ("claim", sound),
    ):
        for part in (b'"because":"', b'"target":"', b'"event_id":"', b'"when":{', b'"id":"'):
            if part in made.body:
                body = made.body.replace(part, part[:-1] + b'[],"more":' + part[-1:], 1)
                name_of_it = report[:8] + sha256(form.encode() + b"\0" + body).digest()[:24]
                with pytest.raises(psycopg.Error, match="isn't what its row says"):
                    append(made._replace(id=name_of_it, body=body, salt=salt), store.identity, {})
    undated = b'{"published":7,"source":"ISW"}'
    lies = {
        report: b"{}",
        b"r" * 32: b"words",
        b"r" * 31: b"{}",
        b"\x80" + b"\0" * 7 + report[8:]: ISW.body,  # of another date
        b"\0" * 8 + sha256(b"report\0" + undated).digest()[:24]: undated,
    }
    for name_of_one, body in lies.items():
        with pytest.raises(psycopg.Error):
            append(sound._replace(salt=salt), store.identity, {name_of_one: body})
    assert append(sound._replace(salt=salt), "another log", {})[4] == "another"
    assert list(store.rows()) == before
    for text in ('"' + "[" * 200 + '"', "[" * 100 + "]" * 100, '"\\\\"' + "[{}]" * 200):
        assert told("SELECT {}.deep(%s)", text, folder=folder) == [(False,)], text
    for function in ("put", "record", "adopt"):
        with pytest.raises(psycopg.Error):
            told(f"SELECT {{}}.{function}()", folder=folder, url=url)


def test_a_log_that_was_made_anew_refuses_the_handles_of_the_one_before(folder: Path) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(Log(on_server(folder)))
        first.append(ISW.says(Attack(when="2022-09-09", id="e1")))
        told("DROP SCHEMA {} CASCADE", folder=folder)
        second = stack.enter_context(Log(on_server(folder)))
        second.append(ISW.says(Attack(when="2022-09-09", id="other")))
        for act in (
            lambda: first.append(ISW.says(Attack(when="2022-09-09", id="e2"))),
            lambda: first.redact(1, because="meant for the old one", basis="law"),
            lambda: list(first),
            lambda: first.head,
            first.verify,
            lambda: first.copy_to(Log()),
        ):
            with pytest.raises(StoreError, match=r"taken away|replaced"):
                act()
        assert [type(entry.claim) for entry in second] == [Claim]
        drop(folder)


def test_what_lies_beside_a_log_is_named_and_damage_is_told(folder: Path) -> None:
    with closing(on_server(folder)) as store, Log(store) as log:
        log.append(*[ISW.says(Attack(when="2022-09-09", id=f"e{n}")) for n in range(5)])
        assert log.verify().ok
        assert log.verify().unchecked == ()
        told("CREATE TABLE {}.mine (x text)", folder=folder)
        told("CREATE INDEX words ON {}.entries (kind)", folder=folder)
        assert {"table 'mine'", "index 'words' on 'entries'"} <= set(log.verify().unchecked)
        assert "'mine'" in str(log.redact(1, because="asked", basis="law"))
        assert log.verify().ok
        for script, reason in {
            "UPDATE {}.head SET erasures = 7": "count of erasures",
            "INSERT INTO {}.reports VALUES ('\\x00', '')": "no entry stands in it",
            "INSERT INTO {}.kept VALUES ('state', 1, 99, '')": "isn't whole",
            "UPDATE {}.entries SET body = 'x' WHERE position = 3": "entry 3",
            "UPDATE {}.head SET position = 10000000": "entries 7 to 10000000: missing",
            "DELETE FROM {}.entries WHERE position = 2": "entry 2: it is missing",
        }.items():
            told(script, folder=folder)
            assert reason in str(log.verify())
        drop(folder)


def test_a_past_that_was_changed_on_a_server_proves_no_growth(folder: Path) -> None:
    with closing(on_server(folder)) as store, Log(store) as log:
        log.append(*[ISW.says(Attack(when="2022-09-09", id=f"e{n}")) for n in range(5)])
        old = log.checkpoint()
        log.append(ISW.says(Attack(when="2022-09-09", id="more")))
        assert log.prove_since(old).old_size == 5
        told("UPDATE {}.entries SET recorded = recorded - 1 WHERE position = 2", folder=folder)
        with pytest.raises(StoreError, match="has another root"):
            log.prove_since(old)
        drop(folder)


def test_the_same_appended_again_over_damage_is_told(folder: Path) -> None:
    with closing(on_server(folder)) as store, Log(store) as log:
        claim = ISW.says(Attack(when="2022-09-09", id="e1"))
        log.append(claim)
        told("UPDATE {}.entries SET body = '{{}}'", folder=folder)
        with pytest.raises(StoreError, match=r"entry 1 has the id .* other bytes"):
            log.append(claim, ISW.says(Attack(when="2022-09-09", id="e2")))
        assert log.head == 1
        drop(folder)


def test_statistics_of_the_server_keep_nothing_that_was_erased(folder: Path) -> None:
    with closing(on_server(folder)) as store, Log(store) as log:
        log.append(*[ISW.says(Attack(when="2022-09-09", id=f"CANARY {n}")) for n in range(50)])
        told("ANALYZE {}.entries", folder=folder)
        told("ANALYZE {}.reports", folder=folder)
        seen = told(f"SELECT * FROM pg_stats WHERE schemaname = '{schema_of(folder)}'")
        assert "attack" not in str(seen)
        assert "CANARY" not in str(seen)
        drop(folder)


def test_a_log_of_the_first_format_is_upgraded(folder: Path) -> None:
    text = (Path(__file__).parent / "fixtures" / "postgres-1.sql").read_text(encoding="utf-8")
    name = schema_of(folder)
    told("CREATE SCHEMA {}", folder=folder)
    with psycopg.connect(shared(), autocommit=True) as connection:
        sql = psycopg.sql
        filled = {
            "format": sql.Literal("1"),
            "identity": sql.Literal("00000000-0000-4000-8000-000000000001"),
            "channel": sql.Literal("timeline_test"),
            "opening": sql.Literal(b"\0timeline entry/1\n\0"),
            "versions": sql.Literal(f"{name}.versions"),
            "schema": sql.Identifier(name),
        }
        for statement in text.split("\n-- next\n"):
            connection.execute(sql.SQL(statement).format(**filled))
    with closing(on_server(folder)) as store, Log(store) as log:
        log.append(ISW.says(Attack(when="2022-09-09", id="e1")))
        audit = log.verify()
        assert audit.ok
        assert audit.unchecked == ("the log's identity, which isn't sealed",)
        log.redact(1, because="asked", basis="law")
        assert log.verify().ok
        drop(folder)


@servers.PRIVATE
def test_rights_say_who_reads_appends_and_erases(folder: Path) -> None:
    with closing(on_server(folder)) as owner:
        put(owner, 1)
    told("DROP ROLE IF EXISTS reader, writer")
    for role in ("reader", "writer"):
        told(f"CREATE ROLE {role} LOGIN")
        told(f"GRANT USAGE ON SCHEMA {{}} TO {role}", folder=folder)
    with pytest.raises(StoreError, match="ask the log's owner for the right"):
        PostgreSQLStore(shared().replace("timeline@", "reader@"), schema=schema_of(folder))
    told("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO reader, writer", folder=folder)
    told("GRANT EXECUTE ON FUNCTION {}.append TO writer", folder=folder)
    told("GRANT EXECUTE ON FUNCTION {}.keep TO writer", folder=folder)
    told("GRANT EXECUTE ON FUNCTION {}.forget TO writer", folder=folder)
    try:
        url = shared().replace("timeline@", "reader@")
        with closing(PostgreSQLStore(url, schema=schema_of(folder))) as store:
            assert len(check_whole(store)) == 1
            assert not store.wait(1, 0)
            with pytest.raises(StoreError, match="may not be used so by this role"):
                put(store, 2)
        url = shared().replace("timeline@", "writer@")
        with closing(PostgreSQLStore(url, schema=schema_of(folder))) as store:
            log = Log(store)
            before = datetime.now(UTC)
            said = ISW.says(Attack(when="2022-09-09", id="e2"))
            (entry,) = log.append(said)
            assert abs(entry.recorded - before) < timedelta(days=1)  # the server's clock
            assert log.append(said) == [entry]
            log.append(ISW.says(SameEvent("e2", "e4")))
            for published in (None, "1850", "../2022", "2022-09-10T14:30Z", "1000"):
                report = Report("Others", published=published)
                log.append(report.says(Attack(when="2022-09-09", id=f"of {published}")))
            with pytest.raises(LogError, match="only the owner of a log on a server says when"):
                log.append(ISW.says(Attack(when="2022-09-09", id="e3")), recorded="1966-01-01")
            row = Record(9, store.head().recorded or 0, *draft(9))
            with pytest.raises(StoreError, match="ask the log's owner"):
                store.import_rows([row], REPORTS, identity=store.identity)
            store.save_snapshot("one", expect=0, position=2, note=b"", chunks={"a": b"b"})
            store.delete_snapshot("one")
            assert len(check_whole(store)) == 8
            with pytest.raises(StoreError, match="ask the log's owner"):
                store.erase(
                    [1], draft(9)._replace(record_type="redaction", report=b""), recorded=NOON
                )
            assert_nothing_that_is_not_whole_is_appended(store, folder, url)
            for query in (
                "UPDATE {}.entries SET kind = ''",
                "DELETE FROM {}.entries",
                "UPDATE {}.head SET position = 0",
                "DELETE FROM {}.reports",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    told(query, folder=folder, url=url)
            assert len(check_whole(store)) == 8
        with pytest.raises(StoreError, match="permission denied for database"):
            PostgreSQLStore(url, schema="another")
    finally:
        drop(folder)
        told("DROP ROLE reader, writer")


def test_where_it_may_only_be_read_it_can_be_read(store: PostgreSQLStore, folder: Path) -> None:
    put(store, 1)
    separator = "&" if "?" in shared() else "?"
    url = f"{shared()}{separator}options=-c%20default_transaction_read_only=on"
    with closing(PostgreSQLStore(url, schema=schema_of(folder))) as other:
        assert len(check_whole(other)) == 1
        with pytest.raises(StoreError, match="is read-only"):
            put(other, 2)


# --- connections that are lost


def test_an_append_whose_answer_is_lost_is_kept_once(
    store: PostgreSQLStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = store._call
    losses = [psycopg.OperationalError("the answer was lost")] * 2

    def lossy(connection: Any, *call: Any) -> Any:
        answer = real(connection, *call)
        if losses:
            connection.close()
            raise losses.pop()
        return answer

    monkeypatch.setattr(store, "_call", lossy)
    rows = put(store, 1, 2, expect=0)
    assert losses == []
    assert [row.position for row in rows] == [1, 2]
    assert check_whole(store) == rows


def test_connections_that_are_ended_are_made_again(store: PostgreSQLStore) -> None:
    put(store, 1)
    store.wait(1, 0)
    for number in range(2, 6):
        end(store)
        assert put(store, number)[0].position == number
        assert store.wait(number - 1, 5)
    assert len(check_whole(store)) == 5


def test_a_writer_that_holds_on_is_waited_for_so_long_and_no_longer(folder: Path) -> None:
    with closing(PostgreSQLStore(shared(), schema=schema_of(folder), wait=0.2)) as store:
        put(store, 1)
        with psycopg.connect(shared()) as other:
            name = psycopg.sql.Identifier(schema_of(folder))
            other.execute(psycopg.sql.SQL("SELECT FROM {}.head FOR UPDATE").format(name))
            with pytest.raises(StoreError, match="held by another writer for too long"):
                put(store, 2)
            assert len(check_whole(store)) == 1  # reading waits for nobody
        put(store, 2)


def test_another_process_has_to_open_it_again(
    store: PostgreSQLStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as other:
        other.setattr("timeline.stores.postgres_connection.os.getpid", lambda: -1)
        with pytest.raises(StoreError, match="open it again in process -1"):
            store.head()
        store.close()
    store._closed = False
    assert store.head().position == 0


# --- appends together


def test_what_waits_goes_in_one_transaction_and_each_gets_its_own_answer(
    store: PostgreSQLStore, folder: Path
) -> None:
    answers: dict[int, object] = {}

    def append(number: int, **options: Any) -> None:
        try:
            answers[number] = put(store, number, number + 1, **options)
        except (ConflictError, RecordedError, LogError) as error:
            answers[number] = type(error)

    kinds: list[dict[str, Any]] = [{}, {"expect": 77}, {}, {"expect": 99}, {}]
    with store._writing:
        threads = [
            threading.Thread(target=append, args=[10 * turn], kwargs=options)
            for turn, options in enumerate(kinds)
        ]
        for thread in threads:
            thread.start()
        while store._commits.waiting < len(kinds):
            time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert answers[10] == answers[30] == ConflictError
    rows = check_whole(store)
    assert sorted(row for n in (0, 20, 40) for row in answers[n]) == rows  # type: ignore[attr-defined]
    # One transaction: all three appends have its number.
    assert len(told("SELECT DISTINCT xmin::text FROM {}.entries", folder=folder)) == 1


def test_of_appends_together_one_that_the_server_refuses_harms_no_other(
    store: PostgreSQLStore,
) -> None:
    outcomes: dict[int, object] = {}

    def append(number: int, kind: str) -> None:
        try:
            bad = draft(number)._replace(kind=kind)
            outcomes[number] = store.append([bad], REPORTS, recorded=NOON, explicit=False)
        except StoreError as error:
            outcomes[number] = error

    kinds = {1: "attack/1", 2: "a\0b", 3: "attack/1"}
    with store._writing:
        threads = [threading.Thread(target=append, args=one) for one in kinds.items()]
        for thread in threads:
            thread.start()
        while store._commits.waiting < len(kinds):
            time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert isinstance(outcomes[2], StoreError)
    assert [type(outcomes[number]) for number in (1, 3)] == [list, list]
    assert len(check_whole(store)) == 2


def test_a_long_log_streams_in_little_memory(
    store: PostgreSQLStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("timeline.stores.postgres._PAGES", (64, 256))
    put(store, *range(4_000))

    def peak(upto: int) -> int:
        tracemalloc.start()
        assert sum(1 for _ in store.rows(upto=upto)) == upto
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(100)
    assert peak(4_000) < 1.3 * peak(1_500)


def test_reports_are_read_page_by_page(
    store: PostgreSQLStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {bytes([number]) * 32: b"%d" % number for number in range(200)}
    some = [draft(n, report=name) for n, name in enumerate(names)]
    store.append(some, names, recorded=NOON, explicit=False)
    asked: list[object] = []
    ask = store._ask

    def counted(*query: Any) -> list[Any]:
        asked.append(query)
        return ask(*query)

    monkeypatch.setattr(store, "_ask", counted)
    bodies = [store.reports([row.report])[row.report] for row in store.rows()]
    assert bodies == list(names.values())
    assert len(asked) == 3  # the head, the page, and what the page cites
    assert (store._cited, store._near) == (set(), {})  # nothing stays that may be erased
    rows = store.rows()
    first = next(rows)
    assert store.reports([first.report, b"\xff" * 32]) == {first.report: b"0"}
    assert store.reports([first.report]) == {first.report: b"0"}
    because = draft(999)._replace(record_type="redaction", report=b"")
    store.erase([1], because, recorded=NOON)
    assert store.reports([first.report]) == {}


def test_links_are_appended_as_claims_are(store: PostgreSQLStore) -> None:
    desk = Report("our desk", published="2022-09-10")
    with Log(store) as log:
        said = desk.says(SameEvent("acled:1", "ucdp:1"))
        log.append(said, desk.denies(SameEvent("acled:1", "ucdp:2")))
        assert next(iter(log)).statement == said
        assert len(log.links()) == 1
        with Log() as other:
            other.append(desk.says(SameEvent("acled:3", "ucdp:3")))
            log.merge(other)
        assert len(log.links()) == 2
