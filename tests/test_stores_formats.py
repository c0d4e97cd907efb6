"""Holds the SQLite store to reading every format that a release ever wrote."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.test_merkle import root_of
from tests.test_stores import NOON, REPORTS, check_whole, draft, put
from timeline.claims import Claim, Retraction, Void
from timeline.errors import StoreError
from timeline.log import Log
from timeline.stores import SQLiteStore
from timeline.stores.base import leaf
from timeline.stores.sqlite import FORMAT

FIRST = Path(__file__).parent / "fixtures" / "log-1.db"  # made by the release that wrote format 1
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX rights")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "war.db"
    shutil.copyfile(FIRST, path)
    return path


@contextmanager
def untouchable() -> Iterator[Path]:
    """The old file where it may be read and not written, even by root."""
    root = os.geteuid() == 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / "war.db"
        shutil.copyfile(FIRST, path)
        path.chmod(0o444)
        path.parent.chmod(0o555)
        if root:
            os.seteuid(65534)
        try:
            yield path
        finally:
            if root:
                os.seteuid(0)
            path.parent.chmod(0o755)


def format_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        return int(version)


def test_the_old_file_is_one() -> None:
    assert format_of(FIRST) == 1


def test_an_old_file_is_upgraded_and_says_the_same(old: Path) -> None:
    with Log(old) as log:
        claims: list[Any] = [entry.claim for entry in log]
        assert [type(one) for one in claims] == [Claim, Claim, Claim, Void, Retraction]
        assert [account.event.id for account in log.accounts()] == ["izium", "grave"]
        assert claims[0].report.text.endswith("Izium. «Ізюм» — three were wounded.")
        assert [entry.position for entry in log.append(*claims)] == [1, 2, 3, 4, 5]
    assert format_of(old) == FORMAT
    with closing(SQLiteStore(old)) as store:
        rows = check_whole(store)
        assert len({row.salt for row in rows}) == 5
        head = store.head()
        assert head.root == root_of([leaf(row) for row in rows])
        assert put(store, 1)[0].position == 6
        assert len(check_whole(store)) == 6
    with closing(SQLiteStore(old)) as store:
        assert check_whole(store)[:5] == rows


def test_an_old_file_without_entries_is_upgraded(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript("DELETE FROM entries; DELETE FROM reports")
    with closing(SQLiteStore(old)) as store:
        assert check_whole(store) == []
        put(store, 1)
        assert len(check_whole(store)) == 1


def test_of_two_that_upgrade_one_does(old: Path) -> None:
    with closing(SQLiteStore(old)) as store:
        before = store.head()
        store._format = 1  # as one that looked before the other was done
        with closing(SQLiteStore(old)) as other:
            store._upgrade()
            assert store.head() == other.head() == before


@posix
def test_an_old_file_that_may_not_be_written_is_read_as_it_is() -> None:
    with untouchable() as path, closing(SQLiteStore(path)) as store:
        rows = list(store.rows())
        assert [row.position for row in rows] == [1, 2, 3, 4, 5]
        assert {row.salt for row in rows} == {b""}
        assert store.get_by_id([rows[1].id]) == {rows[1].id: rows[1]}
        assert store.get_by_position([2]) == {2: rows[1]}
        head = store.head()
        assert (head.position, head.recorded, head.root, head.erasures) == (5, NOON, b"", 0)
        assert store.load_snapshot("one") is None
        assert list(store.load_chunks("one")) == []
        with pytest.raises(StoreError, match="entries have no salts, and may not be written"):
            store.leaves()
        assert store.append([draft(1)._replace(id=rows[0].id)], {}, recorded=0, explicit=True)
        for change in (
            lambda: put(store, 1),
            lambda: store.erase([1], draft(1), recorded=NOON),
            lambda: store.save_snapshot("one", expect=0, position=1, note=b"", chunks={}),
            lambda: store.delete_snapshot("one"),
        ):
            with pytest.raises(StoreError, match="is read-only"):
                change()
        assert list(store.rows()) == rows


@posix
def test_a_log_of_an_old_file_that_may_not_be_written_answers() -> None:
    with untouchable() as path, Log(path) as log:
        assert log.head == 5
        assert [account.event.id for account in log.accounts()] == ["izium", "grave"]
        with pytest.raises(StoreError, match="have no salts"):
            log.checkpoint()


def test_an_old_file_with_a_gap_stays_as_it_is_and_takes_nothing(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript("DELETE FROM entries WHERE position = 2")
    with closing(SQLiteStore(old)) as store:
        assert [row.position for row in store.rows(2)] == [3, 4, 5]
        with pytest.raises(StoreError, match="entry 2 is missing"):
            store.append([draft(1)], REPORTS, recorded=NOON, explicit=False)
    assert format_of(old) == 1


def test_an_old_file_that_cannot_be_upgraded_is_read_as_it_is(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript(
            "DELETE FROM entries; CREATE TABLE salted (x)"  # in the way of the upgrade
        )
    with closing(SQLiteStore(old)) as store:
        assert store.head().position == 0
        assert list(store.rows()) == []
