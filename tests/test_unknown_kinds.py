"""Tests that no answer hides what a log holds of kinds that nobody here can read."""

from __future__ import annotations

import warnings
from collections import Counter
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from timeline import (
    Attack,
    Casualties,
    Count,
    Event,
    Log,
    Place,
    Projection,
    Report,
    UnknownEvent,
    UnknownKindWarning,
    chronology,
    event,
    on,
)
from timeline.cli import main
from timeline.importers import UcdpEvent
from timeline.stores.memory import MemoryStore
from timeline.unknown_kinds import UnknownKinds

WIRE = Report("Wire", published="2022-09-16")


@event("displacement/1")
class Displacement(Event):
    place: Place
    people: Count


class Displaced(Projection[int]):
    start = 0

    @on(Displacement)
    def add(self, state: int, displaced: Displacement) -> int:
        return state + displaced.people.best


class Attacks(Projection[int]):
    start = 0

    @on(Attack)
    def add(self, state: int, _: Attack) -> int:
        return state + 1


def displaced(number: int, people: int) -> Any:
    kind: Any = Displacement
    return WIRE.says(kind(when="2022-09-10", place="Izium", people=people, id=f"d{number}"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "war.db"
    with Log(path, events=[Displacement]) as log:
        log.append(displaced(1, 3), WIRE.says(Attack(when="2022-09-10", id="a")), displaced(2, 4))
    return path


def warned(ask: Any) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ask()
    assert {one.category for one in caught} <= {UnknownKindWarning}
    assert {one.filename for one in caught} <= {__file__}  # the asker's line, not the library's
    return [str(one.message) for one in caught]


@pytest.mark.parametrize(
    "ask",
    [
        lambda log: log.ask(Attacks()),
        lambda log: log.ask(Attacks(), at="2022-09-11"),
        lambda log: log.accounts(),
        chronology,
        lambda log: log.keep(Attacks()).answer(),
        lambda log: log.keep(Attacks()).answer(published="2022-10"),
    ],
)
def test_every_answer_says_once_what_it_leaves_out(path: Path, ask: Any) -> None:
    with Log(path) as log:
        assert log.unknown_kinds() == Counter({"displacement/1": 2})
        for _ in range(2):
            [message] = warned(lambda: ask(log))
            assert "2 claims" in message
            assert "displacement/1 (2)" in message
            assert "events=[…]" in message
    with Log(path, events=[Displacement]) as log:
        assert log.unknown_kinds() == Counter()
        assert warned(lambda: ask(log)) == []


def test_what_a_projection_handles_is_known_to_its_answer(path: Path) -> None:
    with Log(path) as log:
        assert warned(lambda: log.ask(Displaced())) == []
        assert log.ask(Displaced()) == 7


def test_a_version_without_an_upcast_is_unknown_and_named(path: Path) -> None:
    @event("displacement/2")
    class Newer(Event):
        place: Place

    @event("displacement/2", upcasts={1: lambda old: {"place": old["place"]}})
    class Lifted(Event):
        place: Place

    with Log(path, events=[Newer]) as log:
        [message] = warned(lambda: log.ask(Attacks()))
        assert "Newer reads displacement/2 and needs an upcast" in message
    with Log(path, events=[Lifted]) as log:
        assert warned(lambda: log.ask(Attacks())) == []


def test_only_what_was_known_by_then_counts(path: Path) -> None:
    with Log(path) as log:
        assert warned(lambda: log.ask(Attacks(), known=0)) == []
        [message] = warned(lambda: log.ask(Attacks(), known=2))
        assert "1 claim is" in message
        log.redact(1, because="asked for", basis="GDPR 17")
        assert log.unknown_kinds() == Counter({"displacement/1": 1})


def test_stores_that_count_and_those_that_are_read_agree(path: Path) -> None:
    with Log(path) as log, Log() as other:
        log.copy_to(other)
        assert isinstance(other.store, MemoryStore)
        assert other.unknown_kinds() == log.unknown_kinds()
        codec = other.reader.codec
        for upto in range(4):
            counted = UnknownKinds(log.store).count(codec, upto)
            assert counted == UnknownKinds(other.store).count(codec, upto)


def test_many_kinds_are_named_in_part() -> None:
    kinds: list[Any] = [event(f"kind{n}/1")(type(f"Kind{n}", (Event,), {})) for n in range(7)]
    with Log(events=kinds) as log, Log() as other:
        log.append(*(WIRE.says(kind(when="2022")) for kind in kinds))
        log.copy_to(other)
        [message] = warned(lambda: other.ask(Attacks()))
        assert "kind4/1 (1); 2 kinds more" in message


def test_what_importers_write_is_read_without_being_named() -> None:
    kind: Any = UcdpEvent
    row = kind(when="2014", low=1, best=2, high=3, year=2014, id="ucdp:1", killed=2)
    with Log() as log, Log() as other:
        log.append(WIRE.says(row))
        log.copy_to(other)
        assert other.unknown_kinds() == Counter()
        assert other.ask(Casualties()).total.killed == 2


def test_the_shell_says_it(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert main(["accounts", str(path)]) == 0
    err = capsys.readouterr().err
    assert "displacement/1 (2)" in err
    assert "UnknownKindWarning" not in err


def test_kinds_that_threads_append_together_are_all_read() -> None:
    kinds: list[Any] = [event(f"thread{n}/1")(type(f"Kind{n}", (Event,), {})) for n in range(40)]
    start = Barrier(8)
    with Log() as log:

        def work(mine: list[Any]) -> None:
            start.wait()
            for kind in mine:
                log.append(WIRE.says(kind(when="2022")))

        threads = [Thread(target=work, args=(kinds[n::8],)) for n in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        read: list[Any] = [one.statement for one in log]
        assert len(read) == len(kinds)
        assert not [one for one in read if isinstance(one.event, UnknownEvent)]
        assert log.unknown_kinds() == Counter()
