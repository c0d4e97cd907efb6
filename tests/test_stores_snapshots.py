"""Holds stores to what they promise of states that they keep, and of waiting for what comes."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import servers
from tests.test_stores import check_whole, put
from timeline.errors import ConflictError, StoreError
from timeline.stores import FullStore, MemoryStore, Snapshot, SQLiteStore


@pytest.fixture(params=servers.KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FullStore]:
    with servers.opened(request.param, tmp_path) as opened:
        yield opened


# --- kept states


def test_nothing_is_kept_at_first(store: FullStore) -> None:
    assert store.load_snapshot("one") is None
    assert list(store.load_chunks("one")) == []
    store.delete_snapshot("one")


def test_what_is_kept_is_there_with_its_pieces(store: FullStore) -> None:
    version = store.save_snapshot(
        "one", expect=0, position=3, note=b"n", chunks={"b": b"2", "a": b"1"}
    )
    assert store.load_snapshot("one") == Snapshot(version, 3, b"n")
    assert list(store.load_chunks("one")) == [("a", b"1"), ("b", b"2")]
    change = {"a": None, "b": b"", "c": b"3", "d": None}
    later = store.save_snapshot("one", expect=version, position=5, note=b"", chunks=change)
    assert later != version
    assert store.load_snapshot("one") == Snapshot(later, 5, b"")
    assert list(store.load_chunks("one")) == [("b", b""), ("c", b"3")]
    assert store.load_snapshot("two") is None


def test_of_two_keepers_one_wins(store: FullStore) -> None:
    version = store.save_snapshot("one", expect=0, position=1, note=b"", chunks={"a": b"1"})
    for expect in (0, version + 1):
        with pytest.raises(ConflictError, match=f"expected version {expect} of what is kept"):
            store.save_snapshot("one", expect=expect, position=2, note=b"x", chunks={"a": b"2"})
    assert store.load_snapshot("one") == Snapshot(version, 1, b"")
    assert list(store.load_chunks("one")) == [("a", b"1")]
    with pytest.raises(ConflictError, match="expected version 7"):
        store.save_snapshot("two", expect=7, position=2, note=b"", chunks={})


def test_no_version_comes_twice(store: FullStore) -> None:
    seen = [store.save_snapshot(name, expect=0, position=1, note=b"", chunks={}) for name in "abc"]
    for _ in range(5):
        store.delete_snapshot("a")
        seen.append(store.save_snapshot("a", expect=0, position=1, note=b"", chunks={}))
    assert len(set(seen)) == len(seen)


def test_keeping_leaves_the_entries_alone(store: FullStore) -> None:
    put(store, 1, 2)
    before = store.head()
    store.save_snapshot("one", expect=0, position=2, note=b"", chunks={"a": b"1" * 100_000})
    store.delete_snapshot("one")
    assert store.head() == before
    assert len(check_whole(store)) == 2


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["one", "two"]),
        st.dictionaries(st.sampled_from("abc"), st.none() | st.binary(max_size=3), max_size=3),
        st.booleans(),
    ),
    max_size=8,
)


@given(STEPS, st.sampled_from(["memory", "sqlite"]))
def test_what_is_kept_is_a_dict_of_dicts(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[str, dict[str, bytes | None], bool]],
    which: str,
) -> None:
    path = tmp_path_factory.mktemp("kept") / "war.db"
    model: dict[str, dict[str, bytes]] = {}
    with closing(MemoryStore() if which == "memory" else SQLiteStore(path)) as store:
        for name, chunks, forget in steps:
            if forget:
                store.delete_snapshot(name)
                model.pop(name, None)
            else:
                there = store.load_snapshot(name)
                store.save_snapshot(
                    name, expect=there.version if there else 0, position=0, note=b"", chunks=chunks
                )
                merged: dict[str, bytes | None] = {**model.get(name, {}), **chunks}
                model[name] = {piece: body for piece, body in merged.items() if body is not None}
            for one in ("one", "two"):
                assert (store.load_snapshot(one) is not None) == (one in model)
                assert list(store.load_chunks(one)) == sorted(model.get(one, {}).items())


def test_a_closed_store_keeps_nothing(store: FullStore) -> None:
    store.close()
    for ask in (
        lambda: store.load_snapshot("one"),
        lambda: store.load_chunks("one"),
        lambda: store.save_snapshot("one", expect=0, position=1, note=b"", chunks={}),
        lambda: store.delete_snapshot("one"),
        lambda: store.get_by_position([1]),
        store.leaves,
        lambda: store.wait(0, 1),
    ):
        with pytest.raises(StoreError, match="is closed"):
            ask()


def test_a_reopened_file_has_what_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "war.db"
    with closing(SQLiteStore(path)) as store:
        version = store.save_snapshot("one", expect=0, position=1, note=b"n", chunks={"a": b"1"})
    with closing(SQLiteStore(path)) as store:
        assert store.load_snapshot("one") == Snapshot(version, 1, b"n")
        assert list(store.load_chunks("one")) == [("a", b"1")]
        assert store._writer.execute("PRAGMA synchronous").fetchone() == (3,)


def test_a_state_is_kept_on_a_disk_without_wal_too(tmp_path: Path) -> None:
    path = tmp_path / "war.db"
    SQLiteStore(path).close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
    with closing(SQLiteStore(path)) as store:
        store.save_snapshot("one", expect=0, position=1, note=b"n", chunks={"a": b"1"})
        assert list(store.load_chunks("one")) == [("a", b"1")]


# --- waiting


def test_what_is_there_needs_no_waiting(store: FullStore) -> None:
    put(store, 1)
    assert store.wait(0, 0)
    assert not store.wait(1, 0)
    assert not store.wait(1, 0.05)


def test_an_append_wakes_whoever_waits(store: FullStore) -> None:
    waking = threading.Timer(0.05, put, [store, 1])
    waking.start()
    assert store.wait(0, 60)
    waking.join()
    assert store.head().position == 1


def test_closing_wakes_whoever_waits(store: FullStore) -> None:
    waking = threading.Timer(0.05, store.close)
    waking.start()
    with pytest.raises(StoreError, match="is closed"):
        store.wait(0, 60)
    waking.join()


def test_what_another_process_appends_is_heard(tmp_path: Path) -> None:
    path = tmp_path / "war.db"
    with closing(SQLiteStore(path)) as store, closing(SQLiteStore(path)) as other:
        waking = threading.Timer(0.05, put, [other, 1])
        waking.start()
        assert store.wait(0, 60)
        waking.join()
        other.save_snapshot("one", expect=0, position=1, note=b"", chunks={})  # which is no entry
        assert not store.wait(1, 0.05)


def test_waiting_costs_next_to_nothing(tmp_path: Path) -> None:
    with closing(SQLiteStore(tmp_path / "war.db")) as store:
        asked: list[str] = []
        store._reader.set_trace_callback(asked.append)
        before = time.thread_time()
        assert not store.wait(0, 1)
        # Looks come at 5, 10, 20, … ms, and then every 100 ms.
        assert asked.count("PRAGMA data_version") < 20
        assert time.thread_time() - before < 1
