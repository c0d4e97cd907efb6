"""Tests that a projection that leaves out the clashes of a log beside its attacks says so once."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from timeline.claims import Report
from timeline.errors import UnhandledKindWarning
from timeline.events import Event
from timeline.imported_kinds import UcdpClash, UcdpEvent
from timeline.kinds import Attack, Clash
from timeline.log import Log
from timeline.projection import Projection, on
from timeline.scale import ThreadsEngine, ask_on
from timeline.views.casualties import Casualties

WIRE = Report("Wire", published="2022-09-16")
ATTACK = Attack(when="2022-09-10", place="Izium", killed=3)
CLASH = Clash(when="2022-09-11", sides=("A", "B"), killed=5)
ucdp_clash: Any = UcdpClash  # of which type checkers don't see the short forms
UCDP = ucdp_clash(
    when="2022-09-12", sides=("A", "B"), killed=2, low=2, best=2, high=2, year=2022, id="ucdp:1"
)


class Killed(Projection[int]):
    """Who was killed, by somebody who knows of attacks alone."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.killed.best


class InParts(Killed):
    def merge(self, a: int, b: int) -> int:
        return a + b


class OfUcdp(Projection[int]):
    """The same, of an old import of UCDP."""

    start = 0

    @on(UcdpEvent)
    def add(self, total: int, row: UcdpEvent) -> int:
        return total + row.best


class WithClashes(Killed):
    @on(Clash)
    def clash(self, total: int, clash: Clash) -> int:
        return total + clash.killed.best


class Every(Projection[int]):
    start = 0

    @on(Event)
    def count(self, total: int, _: Event) -> int:
        return total + 1


def test_one_that_handles_attacks_alone_warns_once_for_its_class_and_log() -> None:
    with Log() as log, Log() as other:
        for each in (log, other):
            each.append(*map(WIRE.says, (ATTACK, CLASH, UCDP)))
        words = r"Killed handles Attack and not Clash, and this log has 2 claims .*"
        words += r"armed-clash/1 \(1\), ucdp-clash/1 \(1\)\. .*add a handler with @on\(Clash\)"
        with pytest.warns(UnhandledKindWarning, match=words) as told:
            assert log.ask(Killed()) == 3
        assert [one.filename for one in told] == [__file__]
        assert log.ask(Killed()) == 3
        assert log.as_of(known=2).ask(Killed()) == 3
        with pytest.warns(UnhandledKindWarning, match="Killed"):
            other.ask(Killed())
        with pytest.warns(UnhandledKindWarning, match="OfUcdp"):
            other.ask(OfUcdp())


def test_one_that_is_kept_warns_too() -> None:
    with Log() as log:
        kept = log.keep(Killed())
        log.append(WIRE.says(ATTACK))
        assert kept.answer() == 3
        log.append(WIRE.says(CLASH))
        with pytest.warns(UnhandledKindWarning, match="has 1 claim about clashes"):
            assert kept.answer() == 3
        assert kept.answer() == 3


def test_one_that_is_asked_in_parts_warns_too() -> None:
    with Log() as log:
        log.append(*map(WIRE.says, (ATTACK, CLASH, UCDP)))
        with pytest.warns(UnhandledKindWarning, match="InParts .* 2 claims") as told:
            assert ask_on(ThreadsEngine(2), InParts(), log, size=1) == 3
        assert len(told) == 1


@pytest.mark.parametrize("events", [(ATTACK,), (CLASH, UCDP), ()])
def test_without_both_nobody_is_warned(events: tuple[Event, ...]) -> None:
    with Log() as log, warnings.catch_warnings():
        warnings.simplefilter("error")
        log.append(*map(WIRE.says, events))
        log.ask(Killed())


@pytest.mark.parametrize("projection", [WithClashes, Every, Casualties])
def test_one_that_handles_clashes_warns_of_nothing(projection: type[Projection[Any]]) -> None:
    with Log() as log, warnings.catch_warnings():
        warnings.simplefilter("error")
        log.append(*map(WIRE.says, (ATTACK, CLASH, UCDP)))
        log.ask(projection())


def test_what_was_not_known_yet_warns_nobody() -> None:
    with Log() as log, warnings.catch_warnings():
        warnings.simplefilter("error")
        log.append(WIRE.says(ATTACK), recorded="2022-09-16")
        log.append(WIRE.says(CLASH), recorded="2022-09-17")
        assert log.ask(Killed(), known="2022-09-16") == 3
