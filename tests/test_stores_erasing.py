"""Holds stores to what they promise where something is erased for good."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests import servers
from tests.test_stores import NOON, REPORT, REPORTS, check_whole, draft, put, root_of
from timeline.errors import ConflictError, LogError, StoreError
from timeline.stores import FullStore, NewRecord, Record, SQLiteStore
from timeline.stores.base import REDACTED, REDACTION, commitment, leaf

CANARY = "Ізюм-canary-7f3a"
OTHER_REPORT = b"\x05" * 32


@pytest.fixture(params=servers.KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FullStore]:
    with servers.opened(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "war.db"


def redaction(number: int = 1) -> NewRecord:
    return NewRecord(bytes([number]) * 32, REDACTION, "", b"", b'{"because":"a court"}', b"s" * 16)


def secret(number: int) -> NewRecord:
    body = f'{{"n":{number},"text":"{CANARY}"}}'.encode() + b" " * 600
    return draft(number, body=body, report=OTHER_REPORT)


def tell(store: FullStore, *numbers: int) -> list[Record]:
    """Append entries whose content is to go, in a report of their own."""
    return store.append(
        [secret(number) for number in numbers],
        {OTHER_REPORT: f'{{"source":"{CANARY}"}}'.encode()},
        recorded=NOON,
        explicit=False,
    )


def traces(folder: Path) -> list[str]:
    """The files in which something of what is to be gone can still be read."""
    needles = [CANARY.encode(), OTHER_REPORT, *(secret(number).id for number in range(50))]
    needles += [secret(number).salt for number in range(50)]
    found = []
    for one in folder.iterdir():
        data = one.read_bytes()
        found += [one.name for needle in needles if needle in data]
    return found


def test_what_is_erased_leaves_its_place_its_time_and_its_leaf(store: FullStore) -> None:
    put(store, 1)
    rows = tell(store, 2, 3)
    put(store, 4)
    before, leaves = store.head(), list(store.leaves())
    told = store.erase([2, 3], redaction(), recorded=NOON + 1)
    assert told == Record(5, NOON + 1, *redaction())
    assert list(store.rows())[1:3] == [
        Record(row.position, row.recorded, b"", REDACTED, "", b"", commitment(row), b"")
        for row in rows
    ]
    assert list(store.leaves(upto=4)) == leaves
    head = store.head()
    assert (head.position, head.recorded, head.erasures) == (5, NOON + 1, before.erasures + 1)
    assert [leaf(row) for row in store.rows()] == [*leaves, leaf(told)]
    assert store.get_by_id([secret(2).id, secret(3).id]) == {}
    assert store.get_by_position([2, 5, 9]) == {2: next(store.rows(1)), 5: told}
    assert store.get_by_id([redaction().id, b""]) == {redaction().id: told}
    assert store.reports([OTHER_REPORT, REPORT, b""]) == REPORTS


def test_a_report_stays_while_an_entry_stands_in_it(store: FullStore) -> None:
    tell(store, 1, 2, 4)
    store.erase([1, 2], redaction(), recorded=NOON)
    assert OTHER_REPORT in store.reports([OTHER_REPORT])
    store.erase([3], redaction(2), recorded=NOON)
    assert store.reports([OTHER_REPORT]) == {}
    tell(store, 7)  # it may be told again, and is new then
    assert OTHER_REPORT in store.reports([OTHER_REPORT])


def test_every_kept_state_goes_too(store: FullStore) -> None:
    tell(store, 1)
    for name in ("one", "two"):
        store.save_snapshot(name, expect=0, position=1, note=b"", chunks={"a": CANARY.encode()})
    store.erase([1], redaction(), recorded=NOON)
    assert [store.load_snapshot(name) for name in ("one", "two")] == [None, None]
    assert list(store.load_chunks("one")) == []


def test_what_was_folded_before_is_not_kept_after(store: FullStore) -> None:
    tell(store, 1)
    version = store.save_snapshot("one", expect=0, position=1, note=b"", chunks={})
    erasures = store.head().erasures
    store.erase([1], redaction(), recorded=NOON)
    with pytest.raises(ConflictError, match="expected version"):
        store.save_snapshot("one", expect=version, position=1, note=b"", chunks={"a": b"1"})
    with pytest.raises(ConflictError, match="entries were erased since 'two' was read"):
        store.save_snapshot("two", expect=0, position=1, note=b"", chunks={}, erasures=erasures)
    again = store.save_snapshot(
        "one", expect=0, position=1, note=b"", chunks={}, erasures=erasures + 1
    )
    assert again != version


def test_erasing_again_changes_nothing_but_the_count(store: FullStore) -> None:
    tell(store, 1, 2)
    first = store.erase([1], redaction(), recorded=NOON)
    rows, head = list(store.rows()), store.head()
    assert store.erase([1], redaction(), recorded=NOON + 5) == first
    assert list(store.rows()) == rows
    assert store.head() == head._replace(erasures=head.erasures + 1)
    assert store.erase([1, 2], redaction(2), recorded=NOON).position == 4
    assert [row.record_type for row in store.rows()] == [REDACTED, REDACTED, REDACTION, REDACTION]


@pytest.mark.parametrize(
    ("positions", "expect", "error", "message"),
    [
        ([9], None, LogError, "position 9 isn't there"),
        ([0], None, LogError, "position 0 isn't there"),
        ([1 << 70], None, LogError, "isn't there"),
        ([1, 3], None, LogError, "position 3 holds a redaction, which can't be erased"),
        ([1], 2, ConflictError, "expected the log to be at position 2"),
    ],
)
def test_what_cannot_be_erased_changes_nothing(
    store: FullStore, positions: list[int], expect: int | None, error: type[Exception], message: str
) -> None:
    tell(store, 1, 2)
    store.erase([2], redaction(), recorded=NOON)
    rows, head = list(store.rows()), store.head()
    with pytest.raises(error, match=message):
        store.erase(positions, redaction(2), recorded=NOON, expect=expect)
    assert (list(store.rows()), store.head()) == (rows, head)


def test_a_copy_may_be_handed_what_was_redacted_elsewhere(store: FullStore) -> None:
    gone = NewRecord(b"", REDACTED, "", b"", b"\x07" * 32)
    rows = store.append([draft(1), gone, gone, draft(2)], REPORTS, recorded=NOON, explicit=False)
    assert [row.position for row in rows] == [1, 2, 3, 4]
    assert rows[1] == Record(2, NOON, b"", REDACTED, "", b"", b"\x07" * 32, b"")
    assert list(store.rows()) == rows
    put(store, 4)


@pytest.mark.parametrize(
    "wrong",
    [
        draft(1)._replace(salt=b"short"),
        NewRecord(b"", REDACTED, "", b"", b"short"),
        NewRecord(b"", "claim", "", b"", b"\x07" * 32),
    ],
)
def test_a_draft_without_its_parts_is_refused(store: FullStore, wrong: NewRecord) -> None:
    with pytest.raises(LogError, match="a draft has an id and a salt of 16 bytes"):
        store.append([wrong], REPORTS, recorded=NOON, explicit=False)
    assert check_whole(store) == []


def test_salts_are_drawn_where_none_is_handed_in(store: FullStore) -> None:
    rows = store.append(
        [draft(number)._replace(salt=b"") for number in range(50)],
        REPORTS,
        recorded=NOON,
        explicit=False,
    )
    assert {len(row.salt) for row in rows} == {16}
    assert len({row.salt for row in rows}) == 50


# --- on disk


def test_nothing_of_it_is_in_any_file(path: Path) -> None:
    with closing(SQLiteStore(path)) as store, closing(SQLiteStore(path)) as other:
        put(store, *range(100, 200))
        tell(store, *range(50))
        put(store, *range(200, 300))
        for number in range(20):
            store.save_snapshot(
                "one",
                expect=(store.load_snapshot("one") or (0,))[0],
                position=1,
                note=CANARY.encode(),
                chunks={str(number % 3): f"{CANARY}{number}".encode() * 300},
            )
        other.head()
        assert "war.db-wal" in traces(path.parent)
        store.erase(range(101, 151), redaction(), recorded=NOON)
        assert traces(path.parent) == []
        put(store, 300)
        assert traces(path.parent) == []
        assert other.head() == store.head()
        assert list(other.rows()) == list(store.rows())
    assert traces(path.parent) == []
    assert [one.name for one in path.parent.iterdir()] == ["war.db"]
    with closing(SQLiteStore(path)) as store:
        assert store.head().erasures == 1


def test_another_process_looks_its_reports_up_anew(path: Path) -> None:
    with closing(SQLiteStore(path)) as store, closing(SQLiteStore(path)) as other:
        tell(other, 1)
        store.erase([1], redaction(), recorded=NOON)
        tell(other, 2)
        assert other.reports([OTHER_REPORT]) == store.reports([OTHER_REPORT]) != {}
        assert [row.report for row in store.rows()] == [b"", b"", OTHER_REPORT]


def test_what_cannot_be_scrubbed_at_once_is_scrubbed_on_opening(path: Path) -> None:
    with closing(SQLiteStore(path, wait=0.05)) as store:
        tell(store, 1)
        put(store, 200)
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM entries").fetchall()
            with pytest.raises(StoreError, match="the entries are redacted, but their bytes may"):
                store.erase([1], redaction(), recorded=NOON)
            assert [row.record_type for row in store.rows()] == [REDACTED, "claim", REDACTION]
            assert traces(path.parent) != []
            assert list(store.complaints()) == [
                "what was erased may still be in the file; open it while nobody else reads it"
            ]
            with closing(SQLiteStore(path, wait=0.05)) as other:
                assert other.head() == store.head()
            assert traces(path.parent) != []
    with closing(SQLiteStore(path)) as store:
        assert traces(path.parent) == []
        assert len(list(store.rows())) == 3


def test_a_file_without_its_head_is_damaged(path: Path) -> None:
    with closing(SQLiteStore(path)) as store:
        put(store, 1)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("DELETE FROM head")
    with pytest.raises(StoreError, match="is damaged: its head is lost"):
        SQLiteStore(path).head()


def test_a_crash_before_the_scrubbing_leaves_it_to_the_next_opening(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_: SQLiteStore) -> None:
        raise KeyboardInterrupt

    with closing(SQLiteStore(path)) as store:
        tell(store, 1)
        with monkeypatch.context() as patched:
            patched.setattr(SQLiteStore, "_scrub", crash)
            with pytest.raises(KeyboardInterrupt):
                store.erase([1], redaction(), recorded=NOON)
        assert [row.record_type for row in store.rows()] == [REDACTED, REDACTION]
        assert traces(path.parent) != []
    with closing(SQLiteStore(path)):
        assert traces(path.parent) == []


# --- while others write and read


def test_erasing_while_others_write_and_read_tears_nothing(store: FullStore) -> None:
    put(store, *range(100, 130))
    wrong: list[str] = []

    def write(writer: int) -> None:
        for batch in range(12):
            put(store, *(10_000 + writer * 1000 + batch * 10 + n for n in range(3)))

    def erase() -> None:
        for place in range(1, 9):
            store.erase([place, place + 10], redaction(place), recorded=NOON)

    def read() -> None:
        while any(one.is_alive() for one in busy):
            head = store.head()
            leaves = list(store.leaves(upto=head.position))
            if root_of(leaves) != head.root:
                wrong.append(f"the leaves up to {head.position} don't give the root")
            there = store.load_snapshot("one")
            with suppress(ConflictError):
                version = there.version if there else 0
                store.save_snapshot("one", expect=version, position=1, note=b"", chunks={"a": b"1"})

    busy = [threading.Thread(target=write, args=(n,)) for n in range(3)]
    busy.append(threading.Thread(target=erase))
    reader = threading.Thread(target=read)
    for thread in (*busy, reader):
        thread.start()
    for thread in (*busy, reader):
        thread.join()
    rows = list(store.rows())
    assert wrong == []
    assert [row.position for row in rows] == list(range(1, 30 + 3 * 36 + 8 + 1))
    assert [row.position for row in rows if row.record_type == REDACTED] == [
        *range(1, 9),
        *range(11, 19),
    ]
    assert store.head().root == root_of([leaf(row) for row in rows])
