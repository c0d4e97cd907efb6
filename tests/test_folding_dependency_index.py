"""Weighing what bears on one event gives what weighing the whole log gives."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from tests.keeping import WIRE, Entries, attack
from timeline import Account, Claim, Report
from timeline.claims import Said
from timeline.folding.dependency_index import DependencyIndex, weighed
from timeline.resolution import resolve
from timeline.testing import strategies


def accounts(said: Iterable[Said]) -> dict[str, Account]:
    return {account.event.id: account for account in resolve(list(said))}


def learned(entries: Entries, met: DependencyIndex, said: Said) -> dict[str, Claim | None]:
    entries.said.append(said)
    return met.learn(len(entries.said), said, entries.find)


@given(st.data())
def test_each_event_is_weighed_as_in_the_whole_log(data: st.DataObject) -> None:
    told = data.draw(strategies.histories())
    batches = data.draw(strategies.arrivals(told))
    entries, met = Entries(), DependencyIndex()
    before: dict[str, Account] = {}
    for said in {one.id: one for batch in batches for one in batch.said}.values():
        touched = learned(entries, met, said)
        now = accounts(entries.said)
        changed = {name for name in now | before if now.get(name) != before.get(name)}
        assert changed <= touched.keys()
        # A claim that was never about anything but its own event touches no other.
        if isinstance(said, Claim) and not said.replaces:
            assert touched.keys() == {said.event.id}
        for name, claim in touched.items():
            if claim is not None:
                assert claim is said
                assert not said.replaces
                assert now.get(name) == weighed(name, [claim])
        before = now
    names = [*met.about, "nothing"]
    upto = data.draw(st.integers(0, len(entries.said)))
    then = accounts(entries.said[:upto])
    for name, found in met.closure(names, entries.read, upto).items():
        assert weighed(name, found) == then.get(name)
        assert len(found) == len({one.id for one in found})


def test_a_claim_is_alone_unless_something_was_said_or_named_it_before() -> None:
    entries, met = Entries(), DependencyIndex()
    first = attack(1)
    assert learned(entries, met, first) == {"attack:1": first}
    again = Report("Other", published="2022-10-01").says(attack(1).event)
    assert learned(entries, met, again) == {"attack:1": None}
    second = attack(2)
    assert learned(entries, met, WIRE.voids(second, because="typed twice")) == {}
    assert learned(entries, met, second) == {"attack:2": None}
    third = attack(3)
    assert learned(entries, met, WIRE.retracts(third, because="no")) == {"attack:3": None}
    assert learned(entries, met, third) == {"attack:3": None}


def test_what_nothing_names_is_read_at_once() -> None:
    entries, met = Entries(), DependencyIndex()
    for number in range(4):
        learned(entries, met, attack(number))
    assert len(met.closure(["attack:1", "attack:2"], entries.read, 4)) == 2
    assert entries.reads == [[2, 3]]
    assert met.closure(["attack:3"], entries.read, 3) == {"attack:3": []}


def test_a_void_of_a_void_reaches_the_claim() -> None:
    entries, met = Entries(), DependencyIndex()
    claim = attack(1)
    learned(entries, met, claim)
    void = WIRE.voids(claim, because="typed twice")
    assert learned(entries, met, void) == {"attack:1": None}
    other = WIRE.voids(void, because="it wasn't")
    assert learned(entries, met, other) == {"attack:1": None}
    retraction = WIRE.retracts("attack:9", because="no")
    learned(entries, met, retraction)
    assert learned(entries, met, WIRE.voids(retraction, because="no")) == {"attack:9": None}


def test_an_event_that_is_only_denied_has_no_account() -> None:
    claim = attack(1)
    denied = WIRE.denies(claim.event)
    assert weighed("attack:1", [denied]) is None
    assert weighed("attack:1", [WIRE.retracts(claim, because="no")]) is None
    assert weighed("attack:1", []) is None
    assert weighed("attack:1", [claim]) == accounts([claim])["attack:1"]
