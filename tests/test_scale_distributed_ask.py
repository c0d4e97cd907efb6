"""Holds what an engine answers against ``log.ask``, over drawn histories cut in every way."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event as noted
from hypothesis import given
from hypothesis import strategies as st

from tests import projections
from tests.test_ask import knowns, questions
from timeline import Casualties, Control, Log, Report, Statements, event
from timeline.claims import Said
from timeline.errors import (
    EngineError,
    EventError,
    KindError,
    LogError,
    ProjectionError,
    UnknownKindWarning,
)
from timeline.events import Event
from timeline.export import MANIFEST, to_segments
from timeline.kinds import Attack, Incident, TerritorialChange
from timeline.projection import Projection, on
from timeline.scale import Segments, ThreadsEngine, ask_on
from timeline.testing.strategies import SOURCES, histories, logs
from timeline.time_parsing import when
from timeline.times import When

VIEWS = (Casualties(), Control(), Statements())
OWN = tuple(getattr(projections, name)() for name in projections.__all__ if name != "InOrder")
ANY = st.sampled_from([*VIEWS, *OWN])
WORKERS = ThreadsEngine(2)


def same(one: Any, other: Any) -> None:
    """Fails unless two answers are the same to the last byte, in order too."""
    assert one == other
    assert repr(one) == repr(other)
    if isinstance(one, Mapping):
        assert list(one) == list(other)


def segments(log: Log, size: int, **options: Any) -> Segments:
    """Return a log as segments in memory."""
    files = dict(to_segments(log, size=size, **options))
    return Segments(files[MANIFEST], files.__getitem__)


@given(st.data(), logs(), ANY, questions, st.integers(1, 5))
def test_an_engine_answers_as_the_log_does(
    data: st.DataObject, log: Log, projection: Any, asked: dict[str, Any], size: int
) -> None:
    known = data.draw(knowns(log))
    noted(f"{-(-log.head // size)} parts")
    found = ask_on(WORKERS, projection, log, known=known, size=size, **asked)
    same(found, log.ask(projection, known=known, **asked))


@given(st.data(), logs(), ANY, questions, st.tuples(st.integers(1, 5), st.integers(1, 5)))
def test_segments_answer_as_their_log_does(
    data: st.DataObject,
    log: Log,
    projection: Any,
    asked: dict[str, Any],
    sizes: tuple[int, int],
) -> None:
    known = data.draw(knowns(log))
    told = segments(log, sizes[0], form=data.draw(st.sampled_from(["parquet", "jsonl"])))
    found = ask_on(WORKERS, projection, told, known=known, size=sizes[1], **asked)
    same(found, log.ask(projection, known=known, **asked))


@given(histories(max_size=24), ANY, st.integers(1, 7))
def test_long_histories_too(said: list[Said], projection: Any, size: int) -> None:
    with Log() as log:
        log.append(*said)
        same(ask_on(WORKERS, projection, log, size=size), log.ask(projection))


@given(st.data(), histories(min_size=1), ANY, st.integers(1, 3))
def test_what_is_redacted_says_nothing(
    data: st.DataObject, said: list[Said], projection: Any, size: int
) -> None:
    with Log() as log:
        log.append(*said)
        gone = data.draw(st.sets(st.integers(1, log.head), min_size=1, max_size=2))
        log.redact(*gone, because="a request", basis="GDPR 17")
        same(ask_on(WORKERS, projection, log, size=size), log.ask(projection))
        told = segments(log, size)
        same(ask_on(WORKERS, projection, told), log.ask(projection))


@event("ferry/1")
class Ferry(Event):
    """A kind of somebody's own."""

    people: int = 0


@event("ferry/2", upcasts={1: lambda content: {"souls": content.get("people", 0)}})
class NewFerry(Event):
    """The same kind, one version on."""

    souls: int = 0


class People(Projection[int]):
    """How many people crossed."""

    start = 0

    @on(NewFerry)
    def add(self, total: int, ferry: NewFerry) -> int:
        return total + ferry.souls

    def merge(self, a: int, b: int) -> int:
        return a + b


class Unknown(Projection[tuple[str, ...]]):
    """What is of no kind that is known, and else by its class."""

    start: tuple[str, ...] = ()

    @on(Event)
    def any(self, state: tuple[str, ...], event: Event) -> tuple[str, ...]:
        return (*state, f"{type(event).__name__} {event.kind}")

    def merge(self, a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
        return a + b


def crossed(log: Log) -> None:
    wire = Report("Wire", published="2022-09-16")
    for day in (3, 1, 2):
        log.append(wire.says(Ferry(when=when(f"2022-09-0{day}"), people=day)))


def test_kinds_of_somebodys_own_are_read() -> None:
    with Log(events=[Ferry]) as log:
        crossed(log)
        told = segments(log, 2)
        assert ask_on(WORKERS, Unknown(), log, size=1) == ("Ferry ferry/1",) * 3
        # Without the kind it is kept as it is; the next version lifts it.
        with pytest.warns(UnknownKindWarning, match=r"ferry/1 \(3\)"):
            assert ask_on(WORKERS, Unknown(), told) == ("UnknownEvent unknown/1",) * 3
        assert ask_on(WORKERS, Unknown(), told, events=[Ferry]) == ("Ferry ferry/1",) * 3
        assert ask_on(WORKERS, People(), told, size=1) == 6
        with pytest.raises(KindError, match="used by both"):
            ask_on(WORKERS, People(), told, events=[Ferry])
        with pytest.raises(LogError, match="a log knows its kinds"):
            ask_on(WORKERS, Unknown(), log, events=[Ferry])


def test_events_of_a_kind_that_isnt_heard_are_left_out() -> None:
    wire, desk = Report("Wire", published="2022-09-16"), Report("Desk", published="2022-09-17")
    fire = Incident(when="2022-09-01", category="fire", id="one")
    with Log() as log:
        log.append(
            wire.says(fire),
            desk.says(Attack(when="2022-09-01", id="one", killed=2)),  # of another kind
            wire.says(Incident(when="2022-09-02", category="fire", id="two")),
        )
        for projection in (Control(), *VIEWS):
            same(ask_on(WORKERS, projection, log, size=1), log.ask(projection))


@pytest.mark.parametrize("projection", [Heard() for Heard in (projections.Heard, Casualties)])
def test_nothing_gives_the_start(projection: Any) -> None:
    with Log() as log:
        same(ask_on(WORKERS, projection, log), log.ask(projection))
        same(ask_on(WORKERS, projection, segments(log, 1)), log.ask(projection))
        assert ask_on(WORKERS, projections.ByPlace(), log) == {}


def test_a_projection_that_cant_be_folded_in_parts_is_refused() -> None:
    with Log() as log, pytest.raises(ProjectionError, match=r"InOrder has neither key nor merge"):
        ask_on(WORKERS, projections.InOrder(), log)


class Faulty(Projection[int]):
    """A fold that fails."""

    start = 0

    @on(TerritorialChange)
    def change(self, _: int, change: TerritorialChange) -> int:
        raise EventError(f"{change.id} is beyond me")

    def merge(self, a: int, b: int) -> int:
        return a + b


def test_an_error_of_a_part_is_the_answers() -> None:
    wire = Report("Wire", published="2022-09-16")
    with Log() as log:
        log.append(wire.says(TerritorialChange(when="2022-09-01", place="Izium", to="A", id="x")))
        with pytest.raises(EventError, match="x is beyond me"):
            ask_on(WORKERS, Faulty(), log)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"reading": "maybe"}, "reading is 'certain' or 'possible'"),
        ({"trust": "ISW"}, "trust ranks sources in a list"),
        ({"size": 0}, "1 entry or more, not size=0"),
        ({"known": 7}, "known=7 is no position"),
        ({"at": 7}, "at=7 is no moment"),
    ],
)
def test_a_question_that_cant_be_asked_is_refused(wrong: dict[str, Any], message: str) -> None:
    with Log() as log:
        for source in (log, segments(log, 1)):
            with pytest.raises(LogError, match=message):
                ask_on(WORKERS, Casualties(), source, **wrong)


def test_what_is_no_engine_or_source_is_refused() -> None:
    with Log() as log:
        for wrong in ("dask", ThreadsEngine, None):
            with pytest.raises(EngineError, match="an engine is such as"):
                ask_on(wrong, Casualties(), log)  # type: ignore[call-overload]
        with pytest.raises(ProjectionError, match="ask with a projection"):
            ask_on(WORKERS, Casualties, log)  # type: ignore[call-overload]
    with pytest.raises(LogError, match="a log, the folder of its segments"):
        ask_on(WORKERS, Casualties(), 7)  # type: ignore[call-overload]
    for count in (0, "many"):
        with pytest.raises(EngineError, match="threads are 1 or more"):
            ThreadsEngine(count)  # type: ignore[arg-type]


def test_progress_is_told_and_stops_the_work() -> None:
    wire = Report("Wire", published="2022-09-16")
    with Log() as log:
        log.append(
            *(wire.says(Incident(when=f"2022-09-{d:02d}", category="x")) for d in range(1, 9))
        )
        told: list[tuple[int, int]] = []
        ask_on(WORKERS, Casualties(), log, size=2, progress=lambda *how: told.append(how))
        assert (told[0], told[-1]) == ((0, 12), (12, 12))
        assert told == sorted(told)

        def stop(done: int, _: int | None) -> None:
            if done > 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            ask_on(WORKERS, Casualties(), log, size=2, progress=stop)


def test_a_log_that_is_redacted_while_it_is_asked_says_so() -> None:
    wire = Report("Wire", published="2022-09-16")
    with Log() as log:
        log.append(
            *(wire.says(Incident(when=f"2022-09-{d:02d}", category="x")) for d in range(1, 9))
        )

        def redact(done: int, _: int | None) -> None:
            if done == 1:
                log.redact(8, because="a request", basis="GDPR 17")

        with pytest.raises(LogError, match="redacted while the log was asked"):
            ask_on(ThreadsEngine(1), Casualties(), log, size=2, progress=redact)


def test_what_takes_back_reaches_other_parts() -> None:
    wire, other = Report("Wire", published="2022-09-16"), Report("Other", published="2022-09-16")
    later = Report("Wire", published="2022-09-18")

    def fire(no: int, **more: Any) -> Incident:
        return Incident(when=When(lo=no, hi=no + 1), category="fire", id=f"e{no}", **more)

    first = wire.says(fire(1))
    with Log() as log:
        log.append(later.says(fire(2), replaces=first))
        log.append(other.says(fire(3), replaces=first.id))  # not its own: nothing falls
        log.append(void := later.voids(wire.says(fire(4)), because="typed twice"))
        log.append(first, wire.says(fire(4)), wire.says(fire(5)))
        log.append(later.retracts("e5", because="it was wrong"))
        log.append(later.says(fire(6)), *(taken := [later.retracts("e6", because="x")]))
        log.append(later.voids(taken[0], because="it stands"))
        for size in (1, 2, 3, 100):
            assert ask_on(WORKERS, projections.Heard(), log, size=size) == "e2 e3 e6."
        log.append(later.voids(void, because="it was right"))
        # A replacement of what is no claim, and of what nobody said, reaches nothing.
        log.append(later.says(fire(7), replaces=[taken[0].id, "0" * 64]))
        for size in (1, 3, 100):
            assert ask_on(WORKERS, projections.Heard(), log, size=size) == "e2 e3 e4 e6 e7."


def test_what_was_published_later_takes_nothing_back() -> None:
    wire, later = Report("Wire", published="2022-09-16"), Report("Wire", published="2022-09-18")
    one = wire.says(Incident(when="2022-09-01", category="fire", id="one"))
    other = wire.says(Incident(when="2022-09-02", category="fire", id="other"))
    third = Incident(when="2022-09-03", category="fire", id="third")
    with Log() as log:
        log.append(one, other)
        log.append(later.retracts("one", because="x"), later.says(third, replaces=other))
        for size in (1, 2, 9):
            found = [
                ask_on(WORKERS, projections.Heard(), log, size=size, published=day)
                for day in ("2022-09-15", "2022-09-17", "2022-09-19")
            ]
            assert found == [".", "one other.", "third."]


def test_an_event_that_sources_put_elsewhere_is_folded_in_each_place() -> None:
    places = [f"Town {no}" for no in range(6)]
    with Log() as log:
        for no, place in enumerate(places):
            report = Report(f"Source {no}", published="2022-09-16")
            fell = TerritorialChange(when=when("2022-09-01"), place=place, to="A", id="one")
            log.append(report.says(fell))
        for size in (1, 2, 100):
            found = ask_on(WORKERS, projections.Weighed(), log, size=size)
            same(found, log.ask(projections.Weighed()))
            assert set(found) == set(places)


def test_sources_that_are_trusted_are_believed() -> None:
    with Log() as log:
        for day, source in enumerate(SOURCES, 1):
            report = Report(source, published=f"2022-09-1{day}")
            log.append(
                report.says(TerritorialChange(when="2022-09-01", place="Izium", to=source, id="x"))
            )
        for trust in ([], [SOURCES[0]], list(SOURCES)):
            found = ask_on(WORKERS, projections.ByPlace(), log, trust=trust, size=1)
            same(found, log.ask(projections.ByPlace(), trust=trust))


def test_a_file_is_read_by_whoever_opens_it(tmp_path: Path) -> None:
    with Log(tmp_path / "war.db", events=[Ferry]) as log:
        crossed(log)
    with Log(tmp_path / "war.db") as log:
        assert ask_on(WORKERS, People(), log, size=1) == 6
