"""Tests that threads which append at the same time share a transaction, and nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Barrier, Lock, Thread
from typing import Any

import pytest

from timeline.errors import ConflictError, StoreError
from timeline.stores.base import NewRecord
from timeline.stores.group_commit import AppendRequest, GroupCommit
from timeline.stores.sqlite import SQLiteStore
from timeline.stores.sqlite_files import savepoint, transaction

REPORT = b"r" * 32


class Desk:
    """One connection, the threads that want it, and how often a transaction was written."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.connection.execute("CREATE TABLE words (word TEXT UNIQUE)")
        self.commits = 0
        self.undone = 0
        self.lock = Lock()
        self.turns: GroupCommit[Callable[[], Any], Any] = GroupCommit(self.commit, turn=self.held)
        self.connection.set_trace_callback(self.trace)

    def trace(self, statement: str) -> None:
        self.commits += statement == "COMMIT"

    def undo(self) -> None:
        self.undone += 1

    def commit(self, group: Sequence[AppendRequest[Callable[[], Any], Any]]) -> None:
        settled = []
        with transaction(self.connection):
            for request in group:
                try:
                    with savepoint(self.connection, "request", self.undo):
                        settled.append(partial(request.succeed, request.work()))
                except Exception as error:
                    if not self.connection.in_transaction:
                        raise
                    settled.append(partial(request.fail, error))
        for settle in settled:
            settle()

    @contextmanager
    def held(self) -> Iterator[None]:
        with self.lock:
            yield

    def say(self, word: str) -> Callable[[], str]:
        def act() -> str:
            self.connection.execute("INSERT INTO words VALUES (?)", (word,))
            return word

        return act

    def words(self) -> set[str]:
        return {word for (word,) in self.connection.execute("SELECT word FROM words")}

    def together(self, *acts: Callable[[], Any]) -> list[Any]:
        """What becomes of acts whose threads all wait before the first of them gets its turn."""
        outcomes: list[Any] = [None] * len(acts)

        def run(place: int) -> None:
            try:
                outcomes[place] = self.turns.submit(acts[place])
            except Exception as error:  # noqa: BLE001 - it is what came of it
                outcomes[place] = error

        threads = [Thread(target=run, args=(place,)) for place in range(len(acts))]
        with self.lock:
            for thread in threads:
                thread.start()
            while self.turns.waiting < len(acts):
                pass
        for thread in threads:
            thread.join()
        assert self.turns.waiting == 0
        return outcomes


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "words.db")
    yield made
    made.connection.close()


def test_those_who_wait_share_one_transaction(desk: Desk) -> None:
    assert desk.together(*map(desk.say, "abcdef")) == list("abcdef")
    assert desk.words() == set("abcdef")
    assert desk.commits == 1


def test_one_that_is_refused_takes_nobody_along(desk: Desk) -> None:
    desk.turns.submit(desk.say("b"))
    a, b, c = desk.together(desk.say("a"), desk.say("b"), desk.say("c"))
    assert (a, c) == ("a", "c")
    assert isinstance(b, sqlite3.IntegrityError)
    assert desk.words() == {"a", "b", "c"}
    assert desk.undone == 1


def test_alone_it_raises_what_went_wrong(desk: Desk) -> None:
    with pytest.raises(ZeroDivisionError):
        desk.turns.submit(lambda: 1 // 0)
    assert desk.undone == 1
    assert desk.turns.submit(desk.say("a")) == "a"


def test_one_that_ends_the_transaction_ends_it_for_itself_alone(desk: Desk) -> None:
    def full() -> None:
        desk.connection.execute("ROLLBACK")
        raise sqlite3.OperationalError("database or disk is full")

    outcomes = desk.together(desk.say("a"), full, desk.say("c"))
    assert [outcomes[0], outcomes[2]] == ["a", "c"]
    assert isinstance(outcomes[1], sqlite3.OperationalError)
    assert desk.words() == {"a", "c"}


@pytest.mark.parametrize("full", [False, True])
def test_a_savepoint_that_fails_undoes_itself_alone(desk: Desk, full: bool) -> None:
    def fail() -> None:
        with savepoint(desk.connection, "some", desk.undo):
            desk.say("b")()
            if full:  # a full disk ends the whole transaction
                desk.connection.execute("ROLLBACK")
            raise ZeroDivisionError

    desk.connection.execute("BEGIN")
    desk.say("a")()
    with pytest.raises(ZeroDivisionError):
        fail()
    assert desk.connection.in_transaction is not full
    assert desk.words() == (set() if full else {"a"})


def draft(number: int) -> NewRecord:
    return NewRecord(number.to_bytes(32, "big"), "claim", "attack/1", REPORT, b"{}")


def test_threads_that_append_at_once_lose_and_mix_nothing(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "war.db")
    start = Barrier(6)
    found: dict[int, list[int]] = {}

    def write(thread: int) -> None:
        start.wait()
        rows = []
        for turn in range(10):
            mine = [draft(1 + thread * 100 + turn), draft(10_000 + turn)]  # the second is all's
            rows += store.append(mine, {REPORT: b"{}"}, recorded=turn, explicit=False)
        found[thread] = [row.position for row in rows]
        assert [row.id for row in rows[::2]] == [draft(1 + thread * 100 + n).id for n in range(10)]

    threads = [Thread(target=write, args=(thread,)) for thread in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    rows = list(store.rows())
    assert [row.position for row in rows] == list(range(1, 71))
    assert len({row.id for row in rows}) == 70
    assert [row.recorded for row in rows] == sorted(row.recorded for row in rows)
    assert all(rows[at - 1].id == draft(10_000 + n).id for n, at in enumerate(found[0][1::2]))
    assert store.reports([REPORT]) == {REPORT: b"{}"}
    store.close()
    again = SQLiteStore(tmp_path / "war.db")
    assert list(again.rows()) == rows
    again.close()


def test_of_appends_that_share_a_transaction_each_is_refused_for_itself(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "war.db")
    outcomes: dict[int, Any] = {}

    def write(number: int) -> None:
        try:
            outcomes[number] = store.append(
                [draft(number)], {REPORT: b"{}"}, recorded=0, explicit=False, expect=0
            )
        except ConflictError as error:
            outcomes[number] = error

    threads = [Thread(target=write, args=(number,)) for number in range(1, 6)]
    with store._writing:
        for one in threads:
            one.start()
        while store._commits.waiting < len(threads):
            pass
    for one in threads:
        one.join()
    kept = [number for number, outcome in outcomes.items() if isinstance(outcome, list)]
    assert len(kept) == 1
    assert [row.id for row in store.rows()] == [draft(kept[0]).id]
    store.close()
    with pytest.raises(StoreError, match="is closed"):
        store.append([draft(9)], {REPORT: b"{}"}, recorded=0, explicit=False)
