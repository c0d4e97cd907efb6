"""Holds the SQLite store to its promises under fire: kills, full disks, broken files."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

import pytest

from tests.test_stores import NOON, REPORTS, check_whole, draft, put
from timeline.errors import FormatError, LogError, StoreError
from timeline.stores import SQLiteStore
from timeline.stores.base import meta_seal
from timeline.stores.sqlite import APPLICATION_ID, FORMAT

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX rights, signals or fork")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "war.db"


def files(path: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in path.parent.iterdir() if one.is_file()}


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def alter(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


def run(script: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a process of its own, which reads the helpers of the tests too."""
    top = "from tests.test_stores import *\nfrom timeline.stores import SQLiteStore\nimport sys\n"
    return subprocess.Popen(
        [sys.executable, "-c", top + dedent(script), *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        cwd=Path(__file__).parents[1],
    )


@contextmanager
def powerless() -> Iterator[None]:
    """Take the rights of root away for a while, for which nothing is read-only."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def shared() -> Iterator[Path]:
    """A log of two entries in a folder that others may read and nobody else may write."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "war.db"
        with closing(SQLiteStore(path)) as store:
            put(store, 1, 2)
        path.chmod(0o444)
        path.parent.chmod(0o555)
        yield path
        path.parent.chmod(0o755)


# --- opening


def test_a_reopened_store_remembers(path: Path) -> None:
    with closing(SQLiteStore(str(path), created=NOON)) as store:
        rows, identity = put(store, 1, 2), store.identity
    assert names(path.parent) == ["war.db"]
    with closing(SQLiteStore(path, created=0)) as store:
        assert check_whole(store) == rows
        assert store.identity == identity
    with closing(sqlite3.connect(path)) as shell:
        meta = dict(shell.execute("SELECT name, value FROM meta"))
        seal = meta_seal(identity, str(NOON), 0)
        assert meta == {"identity": identity, "created": str(NOON), "seal": seal}
        bodies = shell.execute("SELECT body FROM entries ORDER BY position").fetchall()
        assert bodies == [(row.body.decode(),) for row in rows]
        assert shell.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert shell.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_each_append_is_synced(path: Path) -> None:
    with closing(SQLiteStore(path)) as store:
        assert store._writer.execute("PRAGMA synchronous").fetchone() == (3,)


def test_an_empty_file_becomes_a_log(path: Path) -> None:
    path.touch()
    with closing(SQLiteStore(path)) as store, closing(SQLiteStore(path)) as other:
        put(store, 1)
        assert check_whole(other) == check_whole(store)


def test_a_name_may_hold_anything_that_a_file_name_may(tmp_path: Path) -> None:
    path = tmp_path / "Ізюм?mode=ro#100%25 'x'.db"
    with closing(SQLiteStore(path)) as store:
        put(store, 1)
    assert path.exists()


def test_a_link_is_followed(path: Path) -> None:
    path.symlink_to("real.db")
    with closing(SQLiteStore(path)) as store:
        put(store, 1)
    with closing(SQLiteStore(path.with_name("real.db"))) as store:
        assert len(check_whole(store)) == 1


def test_a_disk_without_hard_links_holds_a_log_too(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    with closing(SQLiteStore(path)) as store:
        put(store, 1)
    assert names(path.parent) == ["war.db"]


def test_of_two_makers_one_makes_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = Path.hardlink_to

    def late(self: Path, target: Path) -> None:
        monkeypatch.setattr(Path, "hardlink_to", link)
        with closing(SQLiteStore(path)) as first:
            put(first, 1)
        link(self, target)

    monkeypatch.setattr(Path, "hardlink_to", late)
    with closing(SQLiteStore(path)) as store:
        assert len(check_whole(store)) == 1
    path.unlink()
    path.touch()
    with closing(SQLiteStore(path)) as store:
        store._file.make_in(path)  # what the loser does where links don't tell it
        assert check_whole(store) == []


@pytest.mark.parametrize("name", ["", ":memory:", "file:war.db", "a\0b", b"war.db", "\ud800.db"])
def test_what_is_no_file_name_is_refused(name: str) -> None:
    with pytest.raises(LogError, match="isn't"):
        SQLiteStore(name)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no folder .*missing'; make it first"):
        SQLiteStore(tmp_path / "missing" / "war.db")
    assert names(tmp_path) == []


def test_a_folder_or_what_lies_under_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="isn't a file"):
        SQLiteStore(tmp_path)
    (tmp_path / "note.txt").touch()
    with pytest.raises(StoreError, match="can't be used: Not a directory"):
        SQLiteStore(tmp_path / "note.txt" / "war.db")


STRANGERS: dict[str, Callable[[Path], object]] = {
    "a text": lambda path: path.write_text("position,recorded\n1,2022-09-16\n" * 200),
    "zeros": lambda path: path.write_bytes(bytes(8192)),
    "too short": lambda path: path.write_bytes(b"SQLite format 3\0"),
    "a database": lambda path: alter(path, "CREATE TABLE t (x); INSERT INTO t VALUES (1)"),
    "a database in WAL mode": lambda path: alter(
        path, "PRAGMA journal_mode = WAL; PRAGMA application_id = 7; CREATE TABLE t (x)"
    ),
    "only our mark": lambda path: alter(
        path, f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT}"
    ),
}


@pytest.mark.parametrize("name", STRANGERS)
def test_a_file_that_is_no_log_is_refused_and_left_alone(name: str, path: Path) -> None:
    STRANGERS[name](path)
    before = files(path)
    with pytest.raises(FormatError, match=r"war\.db' (isn't a log|holds other|has no table)"):
        SQLiteStore(path)
    assert files(path) == before


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("PRAGMA user_version = 7", "has format version 7, and this release reads 1 to 2; upgrade"),
        ("PRAGMA user_version = 0", "has format version 0, and .* restore it"),
        ("DELETE FROM meta", "lost the log's identity"),
        ("DROP TABLE entries", "has no table 'entries'"),
    ],
)
def test_a_format_that_cannot_be_read_is_refused(path: Path, script: str, message: str) -> None:
    SQLiteStore(path).close()
    alter(path, script)
    before = files(path)
    with pytest.raises(FormatError, match=message):
        SQLiteStore(path)
    assert files(path) == before


# --- damage


def test_a_truncated_file_never_answers(path: Path) -> None:
    with closing(SQLiteStore(path)) as store:
        put(store, *range(500))
    whole = path.read_bytes()
    for size in (1, 99, 512, 4096, 5000, len(whole) // 2, len(whole) - 4097, len(whole) - 4096):
        path.write_bytes(whole[:size])
        refused = pytest.raises(StoreError, match=r"is damaged|isn't a log")
        with refused, closing(SQLiteStore(path)) as store:
            list(store.rows())


def test_a_page_of_garbage_never_answers(path: Path) -> None:
    with closing(SQLiteStore(path)) as store:
        rows = put(store, *range(500))
    whole, garbage = path.read_bytes(), sha256(b"garbage").digest() * 128
    for page in range(1, len(whole) // 4096):
        path.write_bytes(whole[: page * 4096] + garbage + whole[(page + 1) * 4096 :])
        with suppress(StoreError), closing(SQLiteStore(path)) as store:
            assert list(store.rows()) == rows  # the page is of an index


def test_a_missing_entry_is_noticed(path: Path) -> None:
    with closing(SQLiteStore(path)) as store:
        put(store, *range(10))
        alter(path, "DELETE FROM entries WHERE position = 4")
        assert [row.position for row in store.rows(4)] == [5, 6, 7, 8, 9, 10]
        with pytest.raises(StoreError, match="of the entries 1 to 10 it gives 9"):
            list(store.rows())


@posix
def test_a_file_that_was_replaced_takes_nothing(path: Path) -> None:
    with closing(SQLiteStore(path)) as store:
        put(store, 1)
        path.rename(path.with_suffix(".old"))
        with pytest.raises(StoreError, match="moved, deleted or replaced"):
            put(store, 2)
        path.touch()
        with pytest.raises(StoreError, match="moved, deleted or replaced"):
            put(store, 2)


# --- rights and room


@posix
def test_a_read_only_log_can_be_read_and_refuses_to_grow(shared: Path) -> None:
    before = files(shared)
    with powerless(), closing(SQLiteStore(shared)) as store:
        assert len(check_whole(store)) == 2
        assert len(put(store, 1)) == 1  # it is there already
        with pytest.raises(StoreError, match="is read-only"):
            put(store, 3)
        assert len(check_whole(store)) == 2
    assert files(shared) == before
    with powerless(), pytest.raises(StoreError, match="can't be opened"):
        SQLiteStore(shared.with_name("new.db"))
    assert files(shared) == before


@posix
def test_a_read_only_log_that_somebody_writes_is_read_as_it_grows(shared: Path) -> None:
    if os.geteuid() != 0:
        shared.chmod(0o644)
        shared.parent.chmod(0o755)
    with closing(SQLiteStore(shared)) as writer:
        put(writer, 3)
        with powerless(), closing(SQLiteStore(shared)) as store:
            assert len(check_whole(store)) == 3
        put(writer, 4)
        with powerless(), closing(SQLiteStore(shared)) as store:
            assert len(check_whole(store)) == 4


@posix
def test_a_log_read_without_locks_says_when_it_changed(shared: Path) -> None:
    with powerless():
        store = SQLiteStore(shared)
    with closing(store):
        assert store.head().position == 2
        os.utime(shared, ns=(1, 1))
        with pytest.raises(StoreError, match="changed while it was read"):
            store.head()


def test_a_full_disk_changes_nothing(path: Path) -> None:
    with closing(SQLiteStore(path)) as store:
        rows = put(store, 1)
        (pages,) = store._writer.execute("PRAGMA page_count").fetchone()
        store._writer.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match="its disk is full"):
            put(store, *range(2, 200))
        assert check_whole(store) == rows
        store._writer.execute("PRAGMA max_page_count = 100000")
        assert len(put(store, *range(200))) == len(check_whole(store)) == 200


@posix
def test_a_file_that_may_not_grow_changes_nothing(path: Path) -> None:
    child = run(
        """
        import resource
        store = SQLiteStore(sys.argv[1])
        put(store, 1)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
        kept = 1
        try:
            for number in range(2, 1000):
                put(store, number)
                kept = number
        except StoreError as error:
            print(kept, len(check_whole(store)), "full" in str(error))
        """,
        path,
    )
    out, _ = child.communicate()
    kept, seen, said = out.split()
    assert 1 < int(kept) < 999
    assert (seen, said) == (kept, "True")
    with closing(SQLiteStore(path)) as store:
        assert len(check_whole(store)) == int(kept)
        put(store, 2000)


@posix
def test_no_log_is_begun_where_there_is_no_room(path: Path) -> None:
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, limits[1]))
    try:
        with pytest.raises(StoreError, match="full"):
            SQLiteStore(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert names(path.parent) == []


# --- several at once


def test_a_writer_waits_for_another_and_then_says_who_holds_the_file(path: Path) -> None:
    with (
        closing(SQLiteStore(path, wait=0.05)) as store,
        closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other,
    ):
        rows = put(store, 1)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"held by another process for more than 0\.05 s"):
            put(store, 2)
        assert check_whole(store) == rows
        with closing(SQLiteStore(path)) as patient:
            release = threading.Timer(0.2, other.execute, ["COMMIT"])
            release.start()
            assert put(patient, 2)[0].position == 2
            release.join()


def _write_from_elsewhere(path: Path, writer: int) -> None:
    with closing(SQLiteStore(path)) as store:
        for batch in range(20):
            put(store, *(writer * 1000 + batch * 10 + n for n in range(5)), 90_000 + batch)


def test_processes_lose_and_double_nothing(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_from_elsewhere, args=(path, n)) for n in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    with closing(SQLiteStore(path)) as store:
        assert len(check_whole(store)) == 3 * 20 * 5 + 20


@posix
def test_what_was_acknowledged_survives_a_kill(path: Path) -> None:
    acknowledged = 0
    for _ in range(6):
        child = run(
            """
            store = SQLiteStore(sys.argv[1])
            number = int(sys.argv[2])
            while True:
                put(store, *range(number, number + 3))
                number += 3
                print(number, flush=True)
            """,
            path,
            acknowledged,
        )
        assert child.stdout
        with child, child.stdout:
            for _ in range(20):
                acknowledged = int(child.stdout.readline())
            time.sleep(0.0007 * (acknowledged % 11))
            child.send_signal(signal.SIGKILL)
            for line in child.stdout:
                acknowledged = int(line)
        with closing(SQLiteStore(path)) as store:
            rows = check_whole(store)
            assert len(rows) in (acknowledged, acknowledged + 3)  # one may have been on its way
            assert [row.id for row in rows] == [draft(n).id for n in range(len(rows))]
            acknowledged = len(rows)


@posix
def test_a_store_is_not_carried_over_a_fork(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(SQLiteStore(path)) as store:
        put(store, 1)
        monkeypatch.setattr(os, "getpid", lambda: -1)
        with pytest.raises(StoreError, match=r"was opened in process \d+; open it again in"):
            store.head()
        store.close()  # it isn't this process's to close
        monkeypatch.undo()
        assert len(check_whole(store)) == 1


def test_an_interrupted_append_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with closing(SQLiteStore(path)) as store:
        rows = put(store, 1)
        with monkeypatch.context() as patched:
            patched.setattr("timeline.stores.sqlite.reports_to_write", interrupt)
            with pytest.raises(KeyboardInterrupt):
                store.append([draft(2)], REPORTS, recorded=NOON, explicit=False)
        assert check_whole(store) == rows
        assert put(store, 2)[0].position == 2
