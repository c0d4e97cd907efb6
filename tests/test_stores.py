"""Holds every store to the same promises, and to a model of a few lines."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import servers
from timeline.errors import ConflictError, LogError, RecordedError, StoreError
from timeline.stores import FullStore, Head, MemoryStore, NewRecord, Record, SQLiteStore
from timeline.stores.base import leaf

REPORT_BODY = '{"source":"Público, «Kharkiv»"}'.encode()
REPORT = sha256(REPORT_BODY).digest()
REPORTS = {REPORT: REPORT_BODY}
NOON = 1_663_329_600_000_000  # 2022-09-16T12:00Z


def draft(number: int, *, body: bytes = b"", report: bytes = REPORT) -> NewRecord:
    body = body or b'{"n":%d,"text":"\xd0\x86\xd0\xb7\xd1\x8e\xd0\xbc"}' % number
    form, kind = ("claim", "attack/1") if number % 3 else ("void", "")
    salt = sha256(b"salt %d" % number).digest()[:16]
    return NewRecord(sha256(b"%d" % number).digest(), form, kind, report, body, salt)


def root_of(leaves: list[bytes]) -> bytes:
    """The root as RFC 6962 defines it."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


def put(
    store: FullStore, *numbers: int, expect: int | None = None, recorded: int = NOON
) -> list[Record]:
    drafts = [draft(number) for number in numbers]
    return store.append(drafts, REPORTS, recorded=recorded, explicit=False, expect=expect)


def check_whole(store: FullStore) -> list[Record]:
    """All rows, once they are seen to keep the promises that hold at any time."""
    rows = list(store.rows())
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    assert all(one.recorded <= other.recorded for one, other in pairwise(rows))
    assert len({row.id for row in rows}) == len(rows)
    assert store.get_by_id(row.id for row in store.rows()) == {row.id: row for row in rows}
    assert store.reports(row.report for row in store.rows()).keys() == {row.report for row in rows}
    assert store.get_by_position(row.position for row in store.rows()) == {
        row.position: row for row in rows
    }
    leaves = [leaf(row) for row in rows]
    assert list(store.leaves()) == leaves
    assert store.head() == Head(len(rows), rows[-1].recorded if rows else None, root_of(leaves))
    return rows


@pytest.fixture(params=servers.KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FullStore]:
    with servers.opened(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "war.db"


# --- what every store promises


class TestEveryStore:
    def test_an_empty_one_has_no_head(self, store: FullStore) -> None:
        assert store.head() == Head(0, None, sha256(b"").digest())
        assert list(store.rows()) == []
        assert store.get_by_id([REPORT]) == {}
        assert store.reports([REPORT]) == {}
        assert store.append([], {}, recorded=NOON, explicit=True, expect=5) == []

    def test_each_has_an_identity_of_its_own(self, store: FullStore) -> None:
        assert UUID(store.identity).version == 4
        assert store.identity != MemoryStore().identity

    def test_what_is_handed_in_is_what_comes_out(self, store: FullStore) -> None:
        rows = put(store, 1, 3)
        assert rows == [Record(1, NOON, *draft(1)), Record(2, NOON, *draft(3))]
        assert check_whole(store) == rows
        assert [type(part) for part in rows[0]] == [type(part) for part in next(store.rows())]
        assert store.reports([REPORT, b"?" * 32]) == REPORTS
        assert store.get_by_id([draft(3).id, b"?" * 32]) == {draft(3).id: rows[1]}

    def test_an_id_is_kept_once_and_its_row_given_again(self, store: FullStore) -> None:
        first = put(store, 1, 2)
        again = put(store, 5, 2, 5, 1, recorded=NOON + 1)
        assert again == [Record(3, NOON + 1, *draft(5)), first[1], again[0], first[0]]
        assert put(store, 1, 5, recorded=NOON + 2) == [first[0], again[0]]
        assert store.head()[:2] == (3, NOON + 1)

    def test_a_clock_that_steps_back_is_held(self, store: FullStore) -> None:
        put(store, 1)
        assert put(store, 2, recorded=NOON - 5)[0].recorded == NOON

    def test_an_explicit_time_that_goes_back_is_refused(self, store: FullStore) -> None:
        put(store, 1)
        with pytest.raises(RecordedError) as caught:
            store.append([draft(1), draft(2)], REPORTS, recorded=NOON - 1, explicit=True)
        assert "2022-09-16T11:59:59.999999+00:00" in str(caught.value)
        assert "2022-09-16T12:00:00+00:00" in str(caught.value)
        kept = store.append([draft(1)], REPORTS, recorded=0, explicit=True)
        assert kept == check_whole(store)
        assert store.append([draft(2)], REPORTS, recorded=NOON, explicit=True)[0].position == 2

    def test_a_time_beyond_what_can_be_kept_is_refused(self, store: FullStore) -> None:
        with pytest.raises(LogError, match="beyond the years"):
            put(store, 1, recorded=1 << 63)
        put(store, 1, recorded=(1 << 63) - 1)
        with pytest.raises(RecordedError, match="9223372036854775807 microseconds"):
            store.append([draft(2)], REPORTS, recorded=NOON, explicit=True)

    def test_of_two_conditional_writers_one_wins(self, store: FullStore) -> None:
        with pytest.raises(ConflictError, match="at position 3, but it is empty"):
            put(store, 1, expect=3)
        put(store, 1, expect=0)
        with pytest.raises(ConflictError, match=r"it is at 1, recorded 2022-09-16T12:00:00\+00:00"):
            put(store, 2, expect=0)
        assert put(store, 1, expect=0) == check_whole(store)

    def test_a_report_that_nobody_knows_refuses_the_whole_batch(self, store: FullStore) -> None:
        stray = draft(2, report=b"\x01" * 32)
        with pytest.raises(LogError, match="stands in report 010101010101"):
            store.append([draft(1), stray], REPORTS, recorded=NOON, explicit=False)
        assert check_whole(store) == []
        assert store.reports([REPORT]) == {}
        put(store, 1)
        store.append([draft(4)], {}, recorded=NOON, explicit=False)  # the log holds it by now

    def test_only_reports_that_new_entries_need_are_kept(self, store: FullStore) -> None:
        idle, other = b"\x02" * 32, b"\x03" * 32
        given = REPORTS | {idle: b"{}", other: b"[]"}
        drafts = [draft(1), draft(2, report=other), draft(4, report=other)]
        rows = store.append(drafts, given, recorded=NOON, explicit=False)
        assert [row.report for row in rows] == [REPORT, other, other]
        assert store.reports([REPORT, idle, other]) == REPORTS | {other: b"[]"}
        assert check_whole(store) == rows

    def test_rows_are_cut_by_position(self, store: FullStore) -> None:
        rows = put(store, *range(1100))
        for after, upto in [(0, 0), (0, 1), (511, 513), (1099, None), (1100, None), (5, 3)]:
            assert list(store.rows(after, upto)) == rows[after:upto]
        assert list(store.rows(-5, 10**30)) == rows
        assert list(store.rows(10**30)) == []
        assert len(store.get_by_id([row.id for row in rows])) == 1100

    def test_an_iteration_ends_where_the_log_ended_when_it_began(self, store: FullStore) -> None:
        put(store, *range(600))
        for row in store.rows():
            if row.position % 10 == 0:
                put(store, 1000 + row.position)
        assert len(check_whole(store)) == 660

    def test_an_abandoned_iteration_holds_nothing(self, store: FullStore) -> None:
        put(store, *range(600))
        started = [store.rows() for _ in range(50)]
        assert {next(rows).position for rows in started} == {1}
        put(store, 1000)
        del started
        gc.collect()
        assert len(check_whole(store)) == 601

    def test_a_closed_one_says_so(self, store: FullStore) -> None:
        put(store, 1)
        store.close()
        store.close()
        for ask in (
            lambda: put(store, 2),
            store.rows,
            store.head,
            lambda: store.get_by_id([]),
            lambda: store.reports([]),
        ):
            with pytest.raises(StoreError, match="is closed"):
                ask()

    def test_threads_lose_and_double_nothing(self, store: FullStore) -> None:
        torn: list[int] = []
        answers: list[list[Record]] = []

        def write(writer: int) -> None:
            for batch in range(50):
                own = [10_000 + writer * 1000 + batch * 10 + n for n in range(3)]
                answers.append(put(store, *own, batch))  # the last is every writer's

        def read() -> None:
            while any(writer.is_alive() for writer in writers):
                places = [row.position for row in store.rows()]
                torn.extend(place for place, want in enumerate(places, 1) if place != want)

        writers = [threading.Thread(target=write, args=(n,)) for n in range(8)]
        reader = threading.Thread(target=read)
        for thread in (*writers, reader):
            thread.start()
        for thread in (*writers, reader):
            thread.join()
        rows = check_whole(store)
        assert len(rows) == 8 * 50 * 3 + 50
        assert all(rows[row.position - 1] == row for answer in answers for row in answer)
        assert len(answers) == 400
        assert torn == []

    def test_a_long_log_streams_in_little_memory(self, path: Path) -> None:
        with closing(SQLiteStore(path)) as store:
            for start in range(0, 50_000, 10_000):
                put(store, *range(start, start + 10_000))

            def peak(upto: int) -> int:
                tracemalloc.start()
                assert sum(1 for _ in store.rows(upto=upto)) == upto
                _, most = tracemalloc.get_traced_memory()
                tracemalloc.stop()
                return most

            assert peak(50_000) < 1.3 * peak(5_000)


# --- against a model of a few lines


class Model:
    """What a store is, said naively."""

    def __init__(self) -> None:
        self.kept: list[Record] = []

    def append(
        self, numbers: list[int], recorded: int, *, explicit: bool, expect: int | None
    ) -> list[int] | type[Exception]:
        new = [
            n for n in dict.fromkeys(numbers) if draft(n).id not in {row.id for row in self.kept}
        ]
        last = self.kept[-1].recorded if self.kept else recorded
        if new and expect is not None and expect != len(self.kept):
            return ConflictError
        if new and explicit and recorded < last:
            return RecordedError
        for n in new:
            self.kept.append(Record(len(self.kept) + 1, max(last, recorded), *draft(n)))
        places = {row.id: row.position for row in self.kept}
        return [places[draft(n).id] for n in numbers]


APPENDS = st.tuples(
    st.lists(st.integers(0, 12), max_size=5),
    st.integers(NOON - 3, NOON + 3),
    st.booleans(),
    st.none() | st.integers(0, 12),
)


@given(st.lists(APPENDS | st.just("reopen"), max_size=15), st.sampled_from(["memory", "sqlite"]))
def test_any_store_is_the_naive_one(steps: list[object], which: str) -> None:
    model = Model()
    with TemporaryDirectory() as folder:

        def reopen() -> FullStore:
            return MemoryStore() if which == "memory" else SQLiteStore(Path(folder) / "war.db")

        store = reopen()
        for step in steps:
            if isinstance(step, tuple):
                numbers, recorded, explicit, expect = step
                wanted = model.append(numbers, recorded, explicit=explicit, expect=expect)
                got: object
                try:
                    got = [
                        row.position
                        for row in store.append(
                            [draft(n) for n in numbers],
                            REPORTS,
                            recorded=recorded,
                            explicit=explicit,
                            expect=expect,
                        )
                    ]
                except (ConflictError, RecordedError) as error:
                    got = type(error)
                assert got == wanted
            elif which == "sqlite":
                store.close()
                store = reopen()
            assert check_whole(store) == model.kept
        store.close()
