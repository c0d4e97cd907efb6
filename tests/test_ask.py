"""Holds what the log answers against the naive definitions, over drawn histories of news."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import event as noted
from hypothesis import given
from hypothesis import strategies as st

from tests import naive
from timeline import chronology
from timeline.accounts import Account
from timeline.claims import Claim, Report, Said
from timeline.errors import LogError, ProjectionError, RecordedError, WhenError
from timeline.events import Event
from timeline.kinds import Attack, Incident, TerritorialChange
from timeline.log import Log
from timeline.places import Place
from timeline.projection import Projection, on
from timeline.testing.strategies import DESK, SOURCES, Batch, arrivals, filled, histories, logs
from timeline.time_parsing import when
from timeline.times import When
from timeline.views.control import Control

DAYS = tuple(f"2022-09-{day:02d}" for day in range(1, 12))
NOON = datetime(2022, 9, 1, 12, tzinfo=UTC)


class Heard(Projection[tuple[str, ...]]):
    """The ids of the events heard, in the order in which they were folded."""

    start: tuple[str, ...] = ()

    @on(Event)
    def any(self, state: tuple[str, ...], event: Event) -> tuple[str, ...]:
        return (*state, event.id)


class HeardByPlace(Projection[tuple[str, ...]]):
    """The same for each place, and told with a full stop."""

    start: tuple[str, ...] = ()

    def key(self, event: Attack | TerritorialChange) -> str | None:
        return None if event.place is None else event.place.key

    @on(Attack)
    def attack(self, state: tuple[str, ...], event: Attack) -> tuple[str, ...]:
        return (*state, event.id)

    @on(TerritorialChange)
    def change(self, state: tuple[str, ...], event: TerritorialChange) -> tuple[str, ...]:
        return (*state, event.id)

    def result(self, state: tuple[str, ...]) -> str:
        return " ".join(state) + "."


def by_id(account: Account) -> str:
    return account.event.id


def end(moment: str | None) -> float:
    """The end of a moment asked; there is none where nothing is asked."""
    return inf if moment is None else naive.hi(when(moment))


questions = st.fixed_dictionaries(
    {},
    optional={
        "at": st.sampled_from([*DAYS, "2022-09", "2022-09-03T18:00"]),
        "published": st.sampled_from(DAYS),
        "reading": st.sampled_from(["certain", "possible"]),
        "trust": st.permutations(SOURCES).map(lambda order: order[:2]),
    },
)


@st.composite
def knowns(draw: st.DrawFn, log: Log) -> datetime | int | None:
    """All that was known at a position, at a moment on or beside an arrival, or by now."""
    moments = [
        entry.recorded + timedelta(microseconds=beside) for entry in log for beside in (0, -1, 1)
    ]
    times = st.sampled_from(moments) if moments else st.just(NOON)
    return draw(st.none() | st.integers(0, log.head) | times)


def expected_standing(
    log: Log, known: datetime | int | None, asked: dict[str, Any]
) -> list[naive.Stands]:
    return naive.naive_standing(
        list(log), known=known, published=end(asked.get("published")), trust=asked.get("trust", ())
    )


@given(st.data(), logs(), questions)
def test_accounts_are_those_of_the_definition(
    data: st.DataObject, log: Log, asked: dict[str, Any]
) -> None:
    known = data.draw(knowns(log))
    stands = expected_standing(log, known, asked)
    at, reading = end(asked.get("at")), asked.get("reading", "certain")
    expected = [one for one in stands if naive.by_then(one.event.when, at, reading)]
    noted(f"{len(expected)} accounts")
    accounts = log.accounts(known=known, **asked)
    assert [naive.seen(account) for account in accounts] == expected
    # A chronology has the same accounts, in the order of their reading dates.
    read = chronology(log, known=known, **asked)
    assert sorted(accounts, key=by_id) == sorted(read, key=by_id)


@given(st.data(), logs(), questions)
def test_an_answer_is_that_of_the_definition(
    data: st.DataObject, log: Log, asked: dict[str, Any]
) -> None:
    known = data.draw(knowns(log))
    expected = naive.naive_answer(
        lambda state, event: (*state, event.id),
        (),
        expected_standing(log, known, asked),
        at=end(asked.get("at")),
        reading=asked.get("reading", "certain"),
    )
    assert log.ask(Heard(), known=known, **asked) == expected


@given(st.data(), logs(Attack, TerritorialChange, Incident), questions)
def test_a_keyed_answer_is_that_of_the_definition(
    data: st.DataObject, log: Log, asked: dict[str, Any]
) -> None:
    known = data.draw(knowns(log))

    def step(state: dict[str, str], event: Event) -> dict[str, str]:
        if not isinstance(event, Attack | TerritorialChange) or event.place is None:
            return state
        told = state.get(event.place.key, ".").removesuffix(".")
        return {**state, event.place.key: f"{told} {event.id}.".lstrip()}

    expected = naive.naive_answer(
        step,
        {},
        expected_standing(log, known, asked),
        at=end(asked.get("at")),
        reading=asked.get("reading", "certain"),
    )
    assert log.ask(HeardByPlace(), known=known, **asked) == expected


@given(st.data(), histories(), questions)
def test_answers_are_the_same_from_a_file(
    data: st.DataObject, history: list[Said], asked: dict[str, Any]
) -> None:
    batches = data.draw(arrivals(history))
    in_memory = filled(batches)
    known = data.draw(knowns(in_memory))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "war.db"
        with Log(path) as log:
            filled(batches, log)
        with Log(path) as reopened:
            assert list(reopened) == list(in_memory)
            accounts = reopened.accounts(known=known, **asked)
            assert accounts == in_memory.accounts(known=known, **asked)
            assert reopened.ask(Heard(), known=known, **asked) == in_memory.ask(
                Heard(), known=known, **asked
            )


@given(st.data(), histories(), questions)
def test_arrival_order_is_irrelevant(
    data: st.DataObject, history: list[Said], asked: dict[str, Any]
) -> None:
    one = filled(data.draw(arrivals(history)))
    other = filled(data.draw(arrivals(history, repeated=True)))
    assert one.accounts(**asked) == other.accounts(**asked)
    assert one.ask(Heard(), **asked) == other.ask(Heard(), **asked)
    assert one.ask(Control(), **asked) == other.ask(Control(), **asked)


@given(st.data(), histories(), histories(), questions)
def test_the_past_stays_as_it_was_known(
    data: st.DataObject, early: list[Said], later: list[Said], asked: dict[str, Any]
) -> None:
    log = filled(data.draw(arrivals(early)))
    position, last = log.head, max((entry.recorded for entry in log), default=NOON)
    before = log.accounts(**asked)
    log.append(*later, recorded=last + timedelta(microseconds=1))
    assert log.accounts(known=position, **asked) == before
    assert log.accounts(known=last, **asked) == before


@given(st.data(), histories(), questions)
def test_what_was_voided_never_was(
    data: st.DataObject, history: list[Said], asked: dict[str, Any]
) -> None:
    said = list(dict.fromkeys(history))
    victims = [one for one in said if data.draw(st.booleans())]
    desk = Report(DESK, title="an audit")
    voids = [desk.voids(one, because="a double import") for one in victims]
    restored = [desk.voids(void, because="it was right") for void in voids]
    # A void of the history's own that reaches a victim has nothing left to reach.
    rest = [one for one in said if one not in victims]
    everything = filled(data.draw(arrivals([*said, *voids])))
    assert everything.accounts(**asked) == filled([Batch(NOON, tuple(rest))]).accounts(**asked)
    all_again = filled(data.draw(arrivals([*said, *voids, *restored])))
    assert all_again.accounts(**asked) == filled([Batch(NOON, tuple(said))]).accounts(**asked)


@given(logs())
def test_chronological_order_is_strict_and_total(log: Log) -> None:
    accounts = log.accounts()
    ids = [account.event.id for account in accounts]
    assert len(set(ids)) == len(ids)
    for index, later in enumerate(accounts):
        for earlier in accounts[:index]:
            # Nothing that is certainly before stands below.
            end_of_later, start = naive.hi(later.when), naive.lo(earlier.when)
            assert not end_of_later <= start


# Known, at, published: the boundaries, one by one.

FALL = TerritorialChange(when="2022-09-10", place="Izium", to="Ukraine", id="fall")
ISW = Report("ISW", published="2022-09-10")


@pytest.fixture
def log() -> Iterator[Log]:
    with Log() as made:
        made.append(ISW.says(FALL), recorded="2022-09-11T08:00")
        made.append(
            Report("TASS", published="2022-09-12").denies(FALL), recorded="2022-09-12T08:00"
        )
        yield made


@pytest.mark.parametrize(
    ("known", "claims"),
    [
        (0, 0),
        (1, 1),
        (2, 2),
        ("2022-09-10", 0),
        ("2022-09-11", 1),  # by the end of the day
        (datetime(2022, 9, 11, 7, 59, 59, 999_999, tzinfo=UTC), 0),
        (datetime(2022, 9, 11, 8, tzinfo=UTC), 1),  # the very microsecond is known
        ("2022-09", 2),
        (When(lo=None, hi=0), 0),
        (None, 2),
    ],
)
def test_known_is_by_the_end_of_a_time_or_at_a_position(log: Log, known: Any, claims: int) -> None:
    assert sum(len(account.claims) for account in log.accounts(known=known)) == claims


@pytest.mark.parametrize(
    ("published", "sources"),
    [("2022-09-09", set()), ("2022-09-10T12:00", set()), ("2022-09-10", {"ISW"})],
)
def test_published_cuts_what_may_have_been_published_later(
    log: Log, published: str, sources: set[str]
) -> None:
    found = {source for account in log.accounts(published=published) for source in account.sources}
    assert found == sources


def test_what_nobody_dates_is_cut_by_any_published() -> None:
    log = Log()
    log.append(Report("a leaflet").says(FALL))
    assert len(log.accounts()) == 1
    assert not log.accounts(published="2100")


@pytest.mark.parametrize(
    ("at", "reading", "counts"),
    [
        ("2022-09-09", "possible", False),
        ("2022-09-10T06:00", "certain", False),
        ("2022-09-10T06:00", "possible", True),
        ("2022-09-10", "certain", True),
        (datetime(2022, 9, 9, 23, 59, 59, 999_999, tzinfo=UTC), "possible", False),
        (datetime(2022, 9, 10, tzinfo=UTC), "possible", True),
        (datetime(2022, 9, 10, 23, 59, 59, 999_998, tzinfo=UTC), "certain", False),
        (datetime(2022, 9, 10, 23, 59, 59, 999_999, tzinfo=UTC), "certain", True),
    ],
)
def test_at_is_by_the_end_of_a_moment(log: Log, at: Any, reading: Any, counts: bool) -> None:
    assert bool(log.accounts(at=at, reading=reading)) is counts
    assert bool(log.ask(Heard(), at=at, reading=reading)) is counts


@pytest.mark.parametrize(
    ("question", "error", "message"),
    [
        ({"at": "soon"}, WhenError, "soon"),
        ({"at": 3}, LogError, "at=3 is no moment"),
        ({"at": "2022-09-10/.."}, LogError, "has no end"),
        ({"known": 3}, LogError, "known=3 is no position of this log, which has entries 1 to 2"),
        ({"known": -1}, LogError, "known=-1 is no position"),
        ({"known": True}, LogError, "known=True is no moment"),
        ({"known": "[2022..]"}, LogError, "has no end"),
        ({"published": 1}, LogError, "published=1 is no moment"),
        ({"published": 1.5}, WhenError, "float"),
        ({"reading": "likely"}, LogError, "'certain' or 'possible', not 'likely'"),
        ({"trust": "ISW"}, LogError, r"such as \['UCDP', 'ISW'\]"),
    ],
)
def test_a_question_that_cannot_be_asked_is_explained(
    log: Log, question: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        log.accounts(**question)
    with pytest.raises(error, match=message):
        log.ask(Heard(), **question)


@pytest.mark.parametrize("wrong", [Heard, 12, Projection()])
def test_only_a_projection_can_be_asked(log: Log, wrong: Any) -> None:
    with pytest.raises(ProjectionError):
        log.ask(wrong)


def test_recorded_never_goes_back(log: Log) -> None:
    late = Report("BBC").says(FALL)
    with pytest.raises(RecordedError):
        log.append(late, recorded="2022-09-01")
    assert log.head == 2


# Control by possible worlds.

SMALL = st.none() | st.integers(0, 4)


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[TerritorialChange], bool]:
    """Versions of one change in the first microseconds of 1970, and whether it is denied."""
    number = draw(st.integers(1, 3))
    made = []
    for _ in range(draw(st.integers(1, 2))):
        lo, length = draw(SMALL), draw(SMALL)
        hi = None if length is None else (lo or 0) + length + 1
        pairs = [(a, b) for a in ("A", "B", None) for b in (None, "A", "B") if a != b]
        to, from_ = draw(st.sampled_from(pairs))
        made.append(
            TerritorialChange(
                when=When(lo=lo, hi=hi), id=f"e{number}", place="X", to=to, from_=from_
            )
        )
    return made, draw(st.booleans())


def told(parts: list[tuple[list[TerritorialChange], bool]]) -> Iterator[Claim]:
    """One source a version, and one that denies."""
    for versions, denied in parts:
        for number, version in enumerate(versions):
            yield Report(f"source {number}").says(version)
        if denied:
            yield Report("another").denies(versions[0])


@given(
    st.lists(stories(), min_size=1, max_size=3, unique_by=lambda story: story[0][0].id),
    st.integers(0, 7),
)
def test_control_is_what_is_left_of_all_possible_worlds(
    parts: list[tuple[list[TerritorialChange], bool]], at: int
) -> None:
    log = Log()
    log.append(*told(parts))
    holding = log.ask(Control(), at=When(lo=at - 1, hi=at)).get("X")
    begun = [story for story in parts if any(naive.lo(v.when) < at for v in story[0])]
    if not begun:
        assert holding is None
        return
    assert holding is not None
    worlds = set(naive.naive_control(begun, at, range(-1, 10)))
    holders = {world.holder for world in worlds}
    assert holding.holders == holders - {None}
    assert holding.certain == (len(holders) == 1 and holders != {None})
    noted(f"certain: {holding.certain}")
    if holding.certain:
        since = [world.since for world in worlds if world.since is not None]
        assert all(naive.lo(holding.since) <= m < naive.hi(holding.since) for m in since)


def test_a_version_that_was_certainly_followed_is_no_candidate() -> None:
    # TASS has the town fall to Russia on the 1st or, ISW says, to Ukraine on the 5th. Whichever
    # is right, the Wagner Group took it on the 3rd: nobody's reading leaves it to Russia.
    log = Log()
    early = TerritorialChange(when="2022-09-01", place="Izium", to="Russia", id="a")
    late = TerritorialChange(when="2022-09-05", place="Izium", to="Ukraine", id="a")
    between = TerritorialChange(when="2022-09-03", place="Izium", to="Wagner Group", id="b")
    tass, isw = Report("TASS"), Report("ISW")
    log.append(tass.says(early), isw.says(late), isw.says(between))
    assert log.ask(Control())["Izium"].holders == {"Ukraine", "Wagner Group"}


def test_a_time_that_another_source_gives_counts_too() -> None:
    log = Log()
    held = TerritorialChange(when="2022-09-01", place="Izium", to="Russia", id="a")
    late = TerritorialChange(when="2022-09-10", place="Izium", to="Ukraine", id="b")
    early = TerritorialChange(when="2022-09-05", place="Izium", to="Ukraine", id="b")
    log.append(ISW.says(held), ISW.says(late), Report("TASS").says(early))
    holding = log.ask(Control(), at="2022-09-07")["Izium"]
    assert holding.holders == {"Russia", "Ukraine"}
    assert not holding.certain


def test_a_denied_interlude_leaves_open_since_when() -> None:
    log = Log()
    for number, (day, to) in enumerate(
        [("2022-09-01", "Ukraine"), ("2022-09-05", "Russia"), ("2022-09-08", "Ukraine")]
    ):
        change = TerritorialChange(when=day, place=Place("Izium"), to=to, id=str(number))
        log.append(ISW.says(change))
        if to == "Russia":
            log.append(Report("TASS").denies(change))
    holding = log.ask(Control())["Izium"]
    assert str(holding) == "Ukraine"
    assert holding.since.lo == when("2022-09-01").lo
    assert holding.since.hi == when("2022-09-08").hi
