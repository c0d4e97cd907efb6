"""Holds copies of a log to being the same log, from any store to any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import servers
from tests.forging import forge
from timeline import Attack, Claim, Control, Log, Report, chronology
from timeline.errors import ConflictError, FormatError, LogError, StoreError
from timeline.stores import EventStore, FullStore, Head, MemoryStore, Record, SQLiteStore
from timeline.stores.copying import copy

REPORTS = [Report("ISW", published="2022-09-10", text=f"Report {n}.") for n in range(40)]
KINDS = servers.KINDS
Opens = Callable[[str], FullStore]


def claim(number: int) -> Claim:
    happened = Attack(when="2022-09-10", place=f"Place {number % 7}", id=f"attack-{number}")
    return REPORTS[number % len(REPORTS)].says(happened)


@pytest.fixture
def opens(tmp_path: Path) -> Iterator[Opens]:
    """Open a fresh store of some kind."""
    with ExitStack() as stack:

        def store(kind: str) -> FullStore:
            folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            opened: FullStore
            if kind == "postgres":
                stack.callback(servers.drop, folder)
                opened = servers.on_server(folder)
            else:
                opened = MemoryStore() if kind == "memory" else SQLiteStore(folder / "war.db")
            stack.callback(opened.close)
            return opened

        yield store


def check_same(source: EventStore, target: EventStore) -> None:
    assert list(target.rows()) == list(source.rows())
    assert list(target.leaves()) == list(source.leaves())
    assert target.head()[:3] == source.head()[:3]
    assert target.identity == source.identity
    cited = {row.report for row in source.rows() if row.report}
    assert target.reports(cited) == source.reports(cited)


@pytest.mark.parametrize("target", KINDS)
@pytest.mark.parametrize("source", KINDS)
def test_a_copy_is_the_same_log(source: str, target: str, opens: Opens) -> None:
    log, other = Log(opens(source)), Log(opens(target))
    for number in range(0, 60, 3):
        log.append(*(claim(number + one) for one in range(3)))
    log.redact(claim(4), because="named a witness", basis="GDPR Article 17")
    reached: list[tuple[int, int | None]] = []
    assert log.copy_to(other, progress=lambda *how: reached.append(how)) == 61
    assert reached == [(61, 61)]
    check_same(log.store, other.store)
    assert list(other) == list(log)
    assert chronology(other).to_text() == chronology(log).to_text()
    assert other.ask(Control(), known=30) == log.ask(Control(), known=30)
    assert log.copy_to(other) == 0


@pytest.mark.parametrize("target", KINDS)
def test_a_copy_that_was_broken_off_is_gone_on_with(target: str, opens: Opens) -> None:
    log, other = Log(opens("memory")), Log(opens(target))
    for start in range(0, 2500, 500):
        log.append(*map(claim, range(start, start + 500)))

    def stop(reached: int, _: int | None) -> None:
        raise KeyboardInterrupt(reached)

    with pytest.raises(KeyboardInterrupt):
        log.copy_to(other, progress=stop)
    assert other.head == 1000
    log.append(claim(10_000))
    assert log.copy_to(other) == 1501
    check_same(log.store, other.store)


@pytest.mark.parametrize("target", KINDS)
def test_what_was_erased_after_it_was_copied_is_erased_in_the_copy(
    target: str, opens: Opens
) -> None:
    log, other = Log(opens("memory")), Log(opens(target))
    log.append(claim(1), claim(2), claim(3))
    log.copy_to(other)
    log.redact(claim(2), because="named a witness", basis="GDPR Article 17")
    log.append(claim(4))
    report = bytes.fromhex(REPORTS[2].id)
    assert other.store.reports([report])
    assert log.copy_to(other) == 2
    check_same(log.store, other.store)
    assert other.store.reports([report]) == {}
    assert list(other) == list(log)


@pytest.mark.parametrize("target", KINDS)
def test_what_is_no_copy_is_refused_and_left_alone(target: str, opens: Opens) -> None:
    log, stranger = Log(opens("memory")), Log(opens(target))
    log.append(claim(1), claim(2))
    stranger.append(claim(1))
    with pytest.raises(LogError, match="the target is another log"):
        log.copy_to(stranger)
    assert stranger.head == 1
    copied = Log(opens(target))
    log.copy_to(copied)
    copied.append(claim(3))
    with pytest.raises(LogError, match="goes on to position 3 and the log to be copied ends at 2"):
        log.copy_to(copied)
    log.append(claim(4))
    with pytest.raises(LogError, match="first 3 entries aren't those"):
        log.copy_to(copied)
    assert [entry.claim for entry in copied] == [claim(1), claim(2), claim(3)]


# --- what a store takes over


def taken(number: int, **other: Any) -> Record:
    name = sha256(b"%d" % number).digest()
    return Record(number, 5, name, "claim", "attack/1", b"r" * 32, b"{}", bytes(16))._replace(
        **other
    )


GIVEN = {b"r" * 32: b'{"source":"ISW"}'}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "rows",
    [
        [taken(1, position=2), taken(2, position=4)],
        [taken(1, position=2), taken(2, position=2)],
        [taken(1, position=2, recorded=4)],
        [taken(1, position=2, salt=b"")],
        [taken(1, position=2), taken(1, position=3)],
        [taken(0, position=2)],
        [taken(1, position=2, id=b"")],
        [taken(1, position=2, record_type="redacted", id=b"", salt=b"")],
        [taken(1, position=2, report=b"s" * 32)],
    ],
)
def test_rows_that_no_log_has_are_not_taken_over(
    kind: str, rows: Sequence[Record], opens: Opens
) -> None:
    store = opens(kind)
    store.import_rows([taken(0, position=1)], GIVEN, identity="2b5e")
    before = store.head()
    with pytest.raises(LogError):
        store.import_rows(rows, GIVEN, identity="2b5e")
    with pytest.raises(LogError, match="can't go into the log 2b5e"):
        store.import_rows([taken(1, position=2)], GIVEN, identity="another")
    assert store.head() == before


@pytest.mark.parametrize("kind", KINDS)
def test_rows_go_on_from_the_head_or_are_refused(kind: str, opens: Opens) -> None:
    store = opens(kind)
    with pytest.raises(ConflictError, match="from position 2 on don't go on from the log's end"):
        store.import_rows([taken(2)], GIVEN, identity="2b5e")
    head = store.import_rows([taken(1), taken(2, recorded=7)], GIVEN, identity="2b5e")
    assert head == store.head()
    assert head[:2] == (2, 7)
    assert store.identity == "2b5e"
    assert store.import_rows([], {}, identity="2b5e") == head
    with pytest.raises(ConflictError):
        store.import_rows([taken(1), taken(2)], GIVEN, identity="2b5e")


class Faulty(MemoryStore):
    """Says something else than what it holds."""

    lies = ""

    def rows(self, after: int = 0, upto: int | None = None) -> Iterator[Record]:
        for row in super().rows(after, upto):
            yield row._replace(body=b"{}") if self.lies == "rows" else row

    def reports(self, ids: Any) -> dict[bytes, bytes]:
        return {} if self.lies == "reports" else super().reports(ids)

    def import_rows(self, *given: Any, **options: Any) -> Head:
        head = super().import_rows(*given, **options)
        return head._replace(root=b"") if self.lies == "root" else head


@pytest.mark.parametrize(
    ("lies", "told"), [("rows", "don't give the root"), ("reports", "the log is damaged")]
)
def test_a_damaged_log_is_not_copied(lies: str, told: str) -> None:
    source = Faulty()
    Log(source).append(claim(1))
    source.lies = lies
    with pytest.raises(StoreError, match=told):
        copy(source, MemoryStore())


def test_a_copy_that_comes_out_otherwise_is_told_of() -> None:
    source, target = MemoryStore(), Faulty()
    Log(source).append(claim(1))
    target.lies = "root"
    with pytest.raises(StoreError, match="the copy's root isn't the log's at position 1"):
        copy(source, target)


def test_what_is_erased_while_it_is_copied_is_read_again() -> None:
    class ErasedMeanwhile(MemoryStore):
        erased = False

        def reports(self, ids: Any) -> dict[bytes, bytes]:
            if not self.erased:
                self.erased = True
                log.redact(claim(1), because="named a witness", basis="GDPR Article 17")
            return super().reports(ids)

    source, target = ErasedMeanwhile(), MemoryStore()
    log = Log(source)
    log.append(claim(1), claim(2))
    assert copy(source, target) == 3  # and the redaction that says why
    check_same(source, target)
    assert Log(target).verify().ok


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_erased_and_said_again_is_copied_too(kind: str, opens: Opens) -> None:
    log, copied = Log(), Log(opens(kind))
    log.append(claim(1), claim(2))
    log.copy_to(copied)
    log.redact(claim(1), because="named a witness", basis="GDPR Article 17")
    log.append(claim(3), claim(1))
    assert log.copy_to(copied) == 3
    check_same(log.store, copied.store)
    assert copied.verify().ok


def test_a_copy_never_holds_an_erasure_without_what_says_why() -> None:
    class ErasedAtTheEnd(MemoryStore):
        """Something is erased when the last look at what it holds was taken."""

        asked = 0

        def rows(self, after: int = 0, upto: int | None = None) -> Iterator[Record]:
            self.asked += upto == 4
            if self.asked == 2:
                self.asked += 1
                log.redact(claim(2), because="named another", basis="GDPR Article 17")
            return super().rows(after, upto)

    source, target = ErasedAtTheEnd(), MemoryStore()
    log, copied = Log(source), Log(target)
    log.append(claim(1), claim(2), claim(3))
    log.copy_to(copied)
    log.redact(claim(1), because="named a witness", basis="GDPR Article 17")
    log.copy_to(copied)
    assert source.asked >= 3
    assert copied.verify().ok
    log.copy_to(copied)
    check_same(source, target)


class Meddled(MemoryStore):
    """A source to which something happens before whatever is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.meddle: Callable[[], None] = lambda: None

    def head(self) -> Head:
        self.meddle()
        return super().head()

    def rows(self, after: int = 0, upto: int | None = None) -> Iterator[Record]:
        self.meddle()
        return super().rows(after, upto)

    def reports(self, ids: Any) -> dict[bytes, bytes]:
        self.meddle()
        return super().reports(ids)

    def get_by_position(self, positions: Any) -> dict[int, Record]:
        self.meddle()
        return super().get_by_position(positions)


@pytest.mark.parametrize("onto_file", [False, True])
@given(data=st.data())
def test_whatever_happens_at_any_step_a_copy_stays_a_prefix(
    onto_file: bool, data: st.DataObject
) -> None:
    source = Meddled()
    log = Log(source)
    numbers = iter(range(1000))
    log.append(*[claim(next(numbers)) for _ in range(data.draw(st.integers(1, 5)))])
    busy = False

    def act() -> None:
        """Append, erases or leaves the source alone, as is drawn."""
        nonlocal busy
        if busy:
            return  # what the act itself asks for
        busy = True
        try:
            what = data.draw(st.sampled_from(["nothing", "nothing", "append", "erase"]))
            if what == "append":
                log.append(claim(next(numbers)))
            elif what == "erase":
                rows = [row for row in MemoryStore.rows(source) if row.record_type == "claim"]
                if rows:
                    row = data.draw(st.sampled_from(rows))
                    log.redact(row.position, because=f"asked {row.position}", basis="law")
        finally:
            busy = False

    with TemporaryDirectory() as folder, ExitStack() as stack:
        target = SQLiteStore(Path(folder) / "war.db") if onto_file else MemoryStore()
        stack.callback(target.close)
        for _ in range(data.draw(st.integers(1, 3))):
            source.meddle = act
            copy(source, target, progress=lambda *_: act())
            source.meddle = lambda: None
            mine, theirs = list(target.rows()), list(source.rows())
            assert list(target.leaves()) == list(source.leaves())[: len(mine)]
            for copied, row in zip(mine, theirs, strict=False):
                assert copied == row or row.record_type == "redacted"
        copy(source, target)
        check_same(source, target)
        assert Log(target).verify().ok


@given(st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=4), max_size=8), st.data())
def test_copied_in_whatever_stretches_it_is_the_same(
    batches: list[list[int]], data: st.DataObject
) -> None:
    source = MemoryStore()
    log = Log(source)
    with TemporaryDirectory() as folder, ExitStack() as stack:
        copies: list[FullStore] = [MemoryStore(), SQLiteStore(Path(folder) / "war.db")]
        for one in copies:
            stack.callback(one.close)
        for batch in batches:
            log.append(*map(claim, batch))
            if data.draw(st.booleans()):
                copy(source, copies[0])
            if data.draw(st.booleans()):
                copy(copies[0], copies[1])
        copy(source, copies[1])
        check_same(source, copies[1])


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("body", [b"not json at all", b"{}", b'{"event": 1}', b"[" * 5000])
def test_what_is_not_what_it_says_is_not_taken_over(
    tmp_path: Path, body: bytes, named: bool
) -> None:
    path = tmp_path / "war.db"
    mine, other = Log(), Log()
    with Log(path) as log:
        log.append(claim(1))
        log.copy_to(mine)
        log.append(claim(2), claim(3))
    forge(path, 2, body, named=named)
    with Log(path) as log:
        with pytest.raises(FormatError, match="entry 2 can't be taken over"):
            log.copy_to(other)
        with pytest.raises(FormatError, match="entry 2 can't be taken over"):
            log.copy_to(mine)
        assert (mine.head, other.head) == (1, 0)
