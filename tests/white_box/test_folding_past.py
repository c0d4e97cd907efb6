"""A kept projection stays right where claims fall, keys raise and states can't be compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.keeping import WIRE, Wounded, attack, change
from timeline import Attack, Claim, Control, Log, Projection, Report, TerritorialChange, on
from timeline.folding import aggregation, incremental, persistent_tree


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persistent_tree, "LEAF_SIZE", 2)


def test_the_only_claim_about_an_event_stood_until_it_fell() -> None:
    first, second = change(1, 1, "A"), change(2, 2, "B")
    log = Log()
    log.append(first, second)
    log.append(WIRE.voids(first, because="typed twice"))
    later = Report("Wire", published="2022-10-01")
    log.append(later.says(attack(1).event, replaces=second))
    kept = log.keep(Control())
    assert kept.answer() == {}
    for known in range(5):
        expected = log.ask(Control(), known=known)
        assert kept.answer(known=known).get("Izium") == expected.get("Izium")


class Picky(Projection[int]):
    """Refuses one event's key."""

    start = 0

    def key(self, one: Attack) -> str:
        if one.id == "attack:2":
            raise ValueError("no such key")
        return "all"

    @on(Attack)
    def add(self, total: int, _: Attack) -> int:
        return total + 1


@pytest.mark.parametrize("history", [False, True])
def test_one_event_that_is_refused_holds_up_no_other(history: bool) -> None:
    log = Log()
    bad = attack(2)
    log.append(attack(1))
    log.append(bad)
    log.append(attack(3))
    kept = log.keep(Picky(), history=history)
    for _ in range(2):
        with pytest.raises(ValueError, match="no such key"):
            kept.answer()
    assert list(kept._fold._dirty) == ["attack:2"]
    assert {"attack:1", "attack:3"} == kept._fold.keyed_by_event.keys()
    log.append(WIRE.voids(bad, because="typed wrongly"))
    assert kept.answer() == log.ask(Picky()) == {"all": 2}
    assert log.keep(Picky(), history=history).answer() == {"all": 2}


def test_a_chain_of_corrections_costs_as_many_readings_as_it_has_links(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = Log()
    links = 40
    claims: list[Claim] = []
    for number in range(links):
        report = Report("Wire", published=f"2022-10-01T00:{number:02}")
        claims.append(report.says(attack(number).event, replaces=claims[-1:]))
    log.append(*claims)
    kept = log.keep(Wounded())
    time_filter: list[Any] = []
    find, read = kept._fold.entries.find, kept._fold.entries.read

    def finding(said_id: str) -> Any:
        time_filter.append(said_id)
        return find(said_id)

    def reading(positions: Iterable[int]) -> Any:
        asked = list(positions)
        time_filter.extend(asked)
        return read(asked)

    monkeypatch.setattr(kept._fold.entries, "find", finding)
    monkeypatch.setattr(kept._fold.entries, "read", reading)
    assert kept.answer() == log.ask(Wounded()) == 1
    assert len(time_filter) <= 5 * links


class Truthless:
    """What an array's == gives."""

    def __bool__(self) -> bool:
        raise ValueError("neither true nor false")


class Record:
    """A state like an array: it can't be compared as a whole."""

    def __init__(self, *ids: str) -> None:
        self.ids = ids

    def __eq__(self, other: object) -> Any:
        return Truthless()

    __hash__ = None  # type: ignore[assignment]


class Rows(Projection[Any]):
    """All ids in order, in such a state."""

    start: Any = Record()

    @on(Attack)
    def add(self, row: Record, one: Attack) -> Record:
        return Record(*row.ids, one.id)

    def result(self, row: Record) -> tuple[str, ...]:
        return row.ids


def test_states_that_cant_be_compared_are_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aggregation, "_SPARSE", 2)
    log = Log()
    kept = log.keep(Rows())
    for number in range(20):
        log.append(attack(number, 1 + number * 7 % 28))
        assert kept.answer() == log.ask(Rows())


def test_keys_that_begin_with_one_event_come_in_the_order_of_a_replay() -> None:
    def lyman(day: int, number: int) -> TerritorialChange:
        return TerritorialChange(
            when=f"2022-09-{day:02}", id=f"change:{number}", place="Lyman", to="B"
        )

    log = Log()
    log.append(WIRE.says(lyman(20, 1)))
    log.append(change(2, 1, "A"), Report("Other", published="2022-08-01").says(lyman(1, 2)))
    kept = log.keep(Control())
    assert list(kept.answer()) == list(log.ask(Control())) == ["Izium", "Lyman"]
    before = kept.answer()
    log.redact(change(2, 1, "A"), lyman_claim(log), because="a name", basis="an order")
    assert set(before) == {"Izium", "Lyman"}


def lyman_claim(log: Log) -> Claim:
    found = [one.claim for one in log if isinstance(one.claim, Claim)]
    return next(one for one in found if one.source == "Other")


class ByExtent(Projection[int]):
    """Counts attacks under the bounds of their time: what is merged has a key of its own."""

    start = 0

    def key(self, one: Attack) -> str:
        return one.when.bounds()

    @on(Attack)
    def add(self, total: int, _: Attack) -> int:
        return total + 1


@pytest.mark.parametrize("most", [64, 1])
@pytest.mark.parametrize("history", [False, True])
def test_what_was_as_wide_as_two_versions_is_found_under_its_own_key(
    monkeypatch: pytest.MonkeyPatch, history: bool, most: int
) -> None:
    monkeypatch.setattr(incremental, "_PREFIXES", most)
    log = Log()
    days = ("2022-09-10", "2022-09-12", "2022-09-11")
    claims = [
        Report("Wire", published="2022-09-20", title=day).says(Attack(when=day, id="a"))
        for day in days
    ]
    log.append(*claims[:2])
    last = Report("Wire", published="2022-09-21")
    log.append(last.says(claims[2].event, replaces=claims))
    kept = log.keep(ByExtent(), history=history)
    assert len(kept.answer()) == 1
    for known in range(4):
        expected = log.ask(ByExtent(), known=known)
        then = kept.answer(known=known)
        assert {key: then.get(key) for key in expected} == expected
    # One more, once keys of the past are known.
    log.append(last.says(claims[0].event, according_to="police"))
    expected = log.ask(ByExtent())
    assert dict(kept.answer()) == expected
    log.append(WIRE.voids(claims[0], because="typed twice"))
    assert kept.answer(known=4)[next(iter(expected))] == 1
