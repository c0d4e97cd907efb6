"""Tests the log: how it records, what it refuses, and that it gives back what it was told."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.claims import Claim, Report, Said
from timeline.codec import Codec
from timeline.counts import Count
from timeline.errors import (
    ConflictError,
    FormatError,
    KindError,
    LogError,
    ProjectionError,
    RecordedError,
    StoreError,
    TimelineError,
    UnknownKindWarning,
    WhenError,
)
from timeline.events import Event, UnknownEvent, event
from timeline.kinds import Attack, Incident, TerritorialChange
from timeline.log import Log
from timeline.places import Place
from timeline.projection import Projection, on
from timeline.stores.base import Head, Record
from timeline.stores.memory import MemoryStore
from timeline.time_parsing import when
from timeline.times import When

NOON = datetime(2022, 9, 16, 12, tzinfo=UTC)
REPORT = Report("ISW", published="2022-09-16")
Opener = Callable[..., Log]


@event("displacement/1")
class Displacement(Event):
    place: Place
    people: Count


class Displaced(Projection[int]):
    start = 0

    @on(Displacement)
    def add(self, state: int, event: Displacement) -> int:
        return state + event.people.best


class Attacks(Projection[int]):
    start = 0

    @on(Attack)
    def add(self, state: int, _: Attack) -> int:
        return state + 1


def attack(name: str, day: str = "2022-09-16") -> Claim:
    return REPORT.says(Attack(when=when(day), id=name))


DISPLACED = REPORT.says(
    Displacement(when=when("2022-09"), place=Place("Izium"), people=Count(about=450))
)


@pytest.fixture(params=["memory", "sqlite"])
def open_log(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Open a new log; on disk, one file for each test."""
    target = None if request.param == "memory" else tmp_path / "war.db"

    def opener(**options: Any) -> Log:
        return Log(target, **options)

    return opener


@pytest.fixture
def log(open_log: Opener) -> Iterator[Log]:
    with open_log() as opened:
        yield opened


def ticking(*times: datetime) -> Callable[[], datetime]:
    return iter(times).__next__


# Appending.


def test_what_was_said_is_in_the_log_once_it_was_appended() -> None:
    report = Report("Wire", published="2022-09-16")
    claim = report.says(Attack(when="2022-09-10", place="Izium"))
    gone = report.retracts(claim, because="a mistake")
    with Log() as log:
        assert claim not in log
        [entry] = log.append(claim)
        assert claim in log
        assert entry in log
        assert entry.statement is entry.claim
        assert gone not in log
        assert report.voids(claim, because="twice") not in log
        log.append(gone)
        assert gone in log
        assert "a text" not in log


def test_a_new_log_is_empty(log: Log) -> None:
    assert log.head == 0
    assert list(log) == []
    assert log.accounts() == []
    assert log.append() == []


def test_an_entry_tells_what_where_and_when(open_log: Opener) -> None:
    with open_log(clock=lambda: NOON) as log:
        claim = attack("a")
        void = REPORT.voids(claim, because="typed twice")
        retraction = REPORT.retracts(claim, because="wrong")
        entries = log.append(claim, void, retraction)
        assert [entry.position for entry in entries] == [1, 2, 3]
        assert [entry.claim for entry in entries] == [claim, void, retraction]
        assert {entry.recorded for entry in entries} == {NOON}
        assert entries[0].recorded.utcoffset() == timedelta(0)
        assert list(log) == entries
        assert log.head == 3


def test_the_clock_is_the_logs_own_unless_another_is_handed_in(log: Log) -> None:
    before = datetime.now(UTC)
    (entry,) = log.append(attack("a"))
    assert before <= entry.recorded <= datetime.now(UTC)


def test_appending_again_changes_nothing_and_gives_what_is_there(open_log: Opener) -> None:
    with open_log(clock=ticking(NOON, NOON + timedelta(hours=1), NOON)) as log:
        first, second, third = attack("a"), attack("b"), attack("c")
        (entry,) = log.append(first)
        again = log.append(second, first, second, third)
        assert [entry.position for entry in again] == [2, 1, 2, 3]
        assert again[1] == entry
        assert again[0] == again[2]
        assert log.append(third, second, first) == [again[3], again[0], again[1]]
        assert log.head == 3


@given(st.lists(st.lists(st.integers(0, 5), max_size=4), max_size=6))
def test_positions_have_no_gaps_and_recorded_never_decreases(batches: list[list[int]]) -> None:
    hours = iter([3, 1, 2, 5, 4, 0])
    with Log(clock=lambda: NOON + timedelta(hours=next(hours))) as log:
        for batch in batches:
            given_claims = [attack(str(number)) for number in batch]
            assert [entry.claim for entry in log.append(*given_claims)] == given_claims
        entries = list(log)
        assert [entry.position for entry in entries] == list(range(1, log.head + 1))
        assert all(a.recorded <= b.recorded for a, b in pairwise(entries))
        arrived = dict.fromkeys(str(number) for batch in batches for number in batch)
        assert [entry.claim.event.id for entry in entries] == list(arrived)  # type: ignore[union-attr]


def test_a_clock_that_steps_back_is_held(open_log: Opener) -> None:
    with open_log(clock=ticking(NOON, NOON - timedelta(days=1), NOON + timedelta(days=1))) as log:
        times = [log.append(attack(name))[0].recorded for name in "abc"]
    assert times == [NOON, NOON, NOON + timedelta(days=1)]


def test_an_explicit_time_is_kept_and_may_not_go_back(log: Log) -> None:
    (entry,) = log.append(attack("a"), recorded="2022-09-16")
    assert entry.recorded == datetime(2022, 9, 16, tzinfo=UTC)
    log.append(attack("b"), recorded=NOON)
    with pytest.raises(
        RecordedError, match=r"lies before 2022-09-16T12:00.* or leave recorded out"
    ):
        log.append(attack("c"), recorded="2022-09-16T11:59")
    assert log.head == 2
    log.append(attack("a"), recorded="1999")  # it is there: nothing is recorded


@pytest.mark.parametrize(
    ("recorded", "error", "message"),
    [
        (When(hi=0), LogError, "is no moment of the years 1 to 9999"),
        ("soon", WhenError, "soon"),
        (7, WhenError, "int"),
    ],
)
def test_a_recorded_time_has_a_beginning(
    log: Log, recorded: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        log.append(attack("a"), recorded=recorded)
    assert log.head == 0


def test_a_naive_clock_is_refused(open_log: Opener) -> None:
    naive = NOON.replace(tzinfo=None)
    with open_log(clock=lambda: naive) as log:
        with pytest.raises(LogError, match="the log's clock must give aware datetimes, not"):
            log.append(attack("a"))
        assert log.head == 0


@pytest.mark.parametrize("wrong", [None, "Izium fell", DISPLACED.event, REPORT])
def test_an_append_is_all_or_none(log: Log, wrong: Any) -> None:
    with pytest.raises(LogError, match=r"takes what a report says, such as report.says\(event\)"):
        log.append(attack("a"), wrong, attack("b"))
    assert log.head == 0


def test_an_entry_is_no_claim(log: Log) -> None:
    entries = log.append(attack("a"))
    with pytest.raises(LogError, match="not <Entry"):
        log.append(*entries)  # type: ignore[arg-type]


def test_the_head_that_was_counted_on(log: Log) -> None:
    log.append(attack("a"), expect=0)
    with pytest.raises(ConflictError, match="expected the log to be at position 0, but it is at 1"):
        log.append(attack("b"), expect=0)
    assert log.head == 1
    log.append(attack("b"), expect=1)
    log.append(attack("a"), expect=0)  # it is there: nothing is written, so nothing conflicts


# Opening and closing.


def test_a_closed_log_refuses_all_but_being_closed_again(open_log: Opener) -> None:
    log = open_log()
    with log as entered:
        assert entered is log
        log.append(attack("a"))
    log.close()
    for use in (lambda: log.head, lambda: list(log), log.accounts, lambda: log.append(attack("b"))):
        with pytest.raises(StoreError, match="closed"):
            use()


def test_an_error_closes_the_log_and_is_let_through(open_log: Opener) -> None:
    with pytest.raises(ZeroDivisionError), open_log() as log:
        raise ZeroDivisionError
    with pytest.raises(StoreError):
        _ = log.head


def test_a_file_remembers(tmp_path: Path) -> None:
    path = tmp_path / "war.db"
    said: list[Said] = [attack("a"), REPORT.says(Incident(when=when("2022"), category="fire"))]
    said += [REPORT.retracts("a", because="wrong"), REPORT.voids(said[0], because="twice")]
    with Log(path) as log:
        entries = log.append(*said)
    with Log(str(path)) as log:
        assert list(log) == entries
        assert log.append(*said) == entries
        assert log.head == 4


def test_a_kind_of_ones_own_is_read_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "war.db"
    with Log(path, events=[Displacement]) as log:
        log.append(DISPLACED)
    with Log(path, events=[Displacement]) as log:
        (entry,) = log
        assert entry.claim == DISPLACED
        assert log.ask(Displaced()) == 450


def test_a_kind_that_nobody_named_is_kept_untouched(tmp_path: Path) -> None:
    path = tmp_path / "war.db"
    with Log(path) as log:
        log.append(DISPLACED)  # a log learns the kinds that it is told
    with Log(path) as log, Log() as other:
        (entry,) = log
        assert isinstance(entry.claim, Claim)
        assert isinstance(entry.claim.event, UnknownEvent)
        with pytest.warns(UnknownKindWarning, match=r"1 claim .* displacement/1 \(1\).*events="):
            (account,) = log.accounts()
        assert account.event.id == DISPLACED.event.id
        assert log.unknown_kinds() == {"displacement/1": 1}
        assert log.append(entry.claim)[0].position == 1
        (copied,) = other.append(entry.claim)
        assert copied.claim.id == DISPLACED.id
        # A projection that handles the kind reads it, and leaves the log as it was.
        assert other.ask(Displaced()) == 450
        assert next(iter(other)).claim == entry.claim
        with pytest.warns(UnknownKindWarning):
            assert other.accounts() == [account]


def test_a_kind_name_used_twice_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    @event("attack/1")
    class Mine(Event):
        pass

    with pytest.raises(KindError, match=r"'attack/1' is used by both .*Mine and .*Mine"):
        Log(tmp_path / "war.db", events=[Mine, event("attack/1")(type("Mine", (Event,), {}))])
    assert not list(tmp_path.iterdir())
    with Log() as log:
        with pytest.raises(KindError, match="used by both"):
            log.append(attack("a"), REPORT.says(Mine(when=when("2022"))))
        assert log.head == 0
    with Log(events=[Mine]) as log:  # which takes the place of the library's
        log.append(REPORT.says(Mine(when=when("2022"))))
        assert [type(one.event) for one in log.accounts()] == [Mine]
        assert not log.unknown_kinds()


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_a_server_that_is_not_there_says_so(scheme: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="can't be reached"):
        Log(f"{scheme}:///war?host={tmp_path}")


@pytest.mark.parametrize("target", [3, b"war.db", ["war.db"]])
def test_a_log_is_kept_in_a_file_or_a_store(target: Any) -> None:
    with pytest.raises(TimelineError, match="in a file, given by its path, or in a store, not"):
        Log(target)


def test_a_file_that_isnt_a_log_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a log", encoding="utf-8")
    with pytest.raises(FormatError):
        Log(path)
    assert path.read_text(encoding="utf-8") == "not a log"


# Iterating.


def test_what_is_appended_on_the_way_isnt_in_the_iteration(log: Log) -> None:
    log.append(attack("a"), attack("b"))
    seen = []
    for entry in log:
        seen.append(entry.position)
        log.append(attack(f"after {entry.position}"))
    assert seen == [1, 2]
    assert log.head == 4


def test_an_iteration_goes_up_to_the_head_of_when_it_began(log: Log) -> None:
    log.append(attack("a"))
    entries = iter(log)
    log.append(attack("b"))
    assert [entry.position for entry in entries] == [1]


class Endless(MemoryStore):
    """A store that makes its rows as they are read, all in reports of their own."""

    length = 5_000

    def __init__(self) -> None:
        super().__init__()
        self.codec = Codec()
        self.made: dict[bytes, bytes] = {}

    def rows(self, after: int = 0, upto: int | None = None) -> Iterator[Record]:
        last = self.length if upto is None else upto
        for position in range(after + 1, last + 1):
            source = Report(f"Source {position}", published="2022", text="x" * 4_000)
            self.made = {bytes.fromhex(source.id): source.body}
            void = source.voids("0" * 64, because="a test")
            yield Record(position, 0, *self.codec.draft(void))

    def reports(self, ids: Iterable[bytes]) -> dict[bytes, bytes]:
        return {name: self.made[name] for name in ids}

    def head(self) -> Head:
        return Head(self.length, 0, b"")


def test_a_long_log_is_read_in_constant_memory() -> None:
    log = Log(Endless())
    tracemalloc.start()
    try:
        assert sum(1 for _ in log) == Endless.length
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # All of the texts alone would take 20 MB.
    assert peak < 10_000_000


def test_a_store_of_ones_own_can_be_handed_in() -> None:
    store = MemoryStore()
    with Log(store) as log:
        log.append(attack("a"))
        assert [row.position for row in store.rows()] == [1]
        assert [entry.claim for entry in Log(store)] == [attack("a")]


# Asking. What stands is `standing`'s matter and tested in test_ask.


def three_days(log: Log) -> None:
    for day in (9, 10, 11):
        log.append(attack(f"on the {day}", f"2022-09-{day:02}"), recorded=f"2022-09-{day + 5:02}")


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ({}, 3),
        ({"at": "2022-09-10"}, 2),
        ({"at": datetime(2022, 9, 10, 12, tzinfo=UTC)}, 1),
        ({"at": datetime(2022, 9, 10, 12, tzinfo=UTC), "reading": "possible"}, 2),
        ({"known": "2022-09-14"}, 1),
        ({"known": when("2022-09-15")}, 2),
        ({"known": 0}, 0),
        ({"known": 2}, 2),
        ({"known": 3, "at": "2022-09-09"}, 1),
        ({"published": "2022-09-15"}, 0),
        ({"published": "2022-09-16"}, 3),
        ({"trust": ["ISW"]}, 3),
    ],
)
def test_a_question_is_cut_by_the_end_of_each_moment(
    log: Log, question: Mapping[str, Any], count: int
) -> None:
    three_days(log)
    assert log.ask(Attacks(), **question) == count
    assert len(log.accounts(**question)) == count


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"at": 3}, "at=3 is no moment; give a date such as '2022-09-10'"),
        ({"published": True}, "published=True is no moment"),
        ({"known": True}, "known=True is no moment"),
        ({"known": 4}, r"known=4 is no position of this log, which has entries 1 to 3"),
        ({"known": -1}, "known=-1 is no position"),
        ({"at": When(lo=0)}, "has no end to ask by; leave at out for all"),
        ({"reading": "maybe"}, "reading is 'certain' or 'possible', not 'maybe'"),
        ({"trust": "ISW"}, r"trust ranks sources in a list, such as .*, not 'ISW'"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(
    log: Log, question: Mapping[str, Any], message: str
) -> None:
    three_days(log)
    for ask in (lambda: log.ask(Attacks(), **question), lambda: log.accounts(**question)):
        with pytest.raises(LogError, match=message):
            ask()


def test_one_asks_with_a_projection(log: Log) -> None:
    with pytest.raises(ProjectionError, match=r"such as Attacks\(\)"):
        log.ask(Attacks)  # type: ignore[call-overload]


def test_a_projection_of_a_kind_whose_name_is_taken_is_refused(log: Log) -> None:
    @event("attack/1")
    class Mine(Event):
        pass

    class Wrong(Projection[int]):
        start = 0

        @on(Mine)
        def add(self, state: int, _: Mine) -> int:
            return state + 1

    with pytest.raises(KindError, match="used by both"):
        log.ask(Wrong())


def test_whatever_else_it_hears_an_answer_is_from_its_own_kinds(log: Log) -> None:
    log.append(attack("a"), DISPLACED)
    change = TerritorialChange(when=when("2022"), place=Place("Izium"), to="Ukraine")
    log.append(REPORT.says(change))

    class Everything(Projection[int]):
        start = 0

        @on(Event)
        def add(self, state: int, _: Event) -> int:
            return state + 1

    assert (log.ask(Attacks()), log.ask(Displaced()), log.ask(Everything())) == (1, 450, 3)


def test_a_refused_append_leaves_no_kind_behind() -> None:
    def displacement() -> type[Event]:
        @event("flight/1")
        class Flight(Event):
            pass

        return Flight

    one, other = (REPORT.says(kind(when=when("2022"))) for kind in (displacement(), displacement()))
    log = Log()
    with pytest.raises(KindError, match="'flight/1' is used by both"):
        log.append(one, other)
    assert log.head == 0
    assert log.append(other)[0].position == 1


@pytest.mark.parametrize("recorded", ["-0001", "Y12022", "2022/.."])
def test_a_recorded_time_is_a_moment_that_can_be_shown(log: Log, recorded: str) -> None:
    with pytest.raises(LogError, match="is no moment of the years 1 to 9999"):
        log.append(DISPLACED, recorded=recorded)
    assert log.head == 0


def test_what_is_no_store_or_list_of_kinds_is_refused() -> None:
    with pytest.raises(LogError, match="no store is known for 'mysql://x'"):
        Log("mysql://x")
    with pytest.raises(LogError, match="events are kinds in a list"):
        Log(events=Attack)  # type: ignore[arg-type]
    with pytest.raises(LogError, match="must give aware datetimes, not None"):
        Log(clock=lambda: None).append(DISPLACED)  # type: ignore[arg-type, return-value]
