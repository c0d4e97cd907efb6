"""Teaches by example which claims fall, and which of those that stand count."""

from __future__ import annotations

from itertools import combinations, permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import naive
from tests.boxes import times
from tests.keeping import Entries
from timeline.accounts import Account
from timeline.claims import Claim, Report, Said
from timeline.counts import Count
from timeline.errors import ClaimError
from timeline.events import Event
from timeline.kinds import Attack
from timeline.resolution import resolve, resolve_one
from timeline.supersession import DependencyIndex, certainly_later, latest, unordered
from timeline.testing.strategies import histories, reports
from timeline.time_parsing import when
from timeline.times import When

DESK = Report("our desk")


def isw(day: int | None, title: str | None = None) -> Report:
    return Report("ISW", published=None if day is None else f"2022-09-{day:02d}", title=title)


def tass(day: int) -> Report:
    return Report("TASS", published=f"2022-09-{day:02d}")


def attack(wounded: Count | int = 12, **fields: Any) -> Attack:
    told = {"when": "2022-09-16", "place": "Kharkiv", "id": "a1"} | fields
    return Attack(wounded=wounded, **told)


def stands(*said: Said, **asked: Any) -> list[Account]:
    """What stands, having made sure that the order of arrival doesn't matter."""
    found = resolve(said, **asked)
    if len(said) <= 4:
        assert all(resolve(order, **asked) == found for order in permutations(said))
    return found


def believed(*said: Said, **asked: Any) -> list[Event]:
    return [account.event for account in stands(*said, **asked)]


# A source retracts.


def test_a_retraction_reaches_older_versions_too() -> None:
    first, second = isw(10).says(attack(12)), isw(11).says(attack(14))
    retraction = isw(12).retracts(second, because="the wrong city")
    assert not believed(first, second, retraction)


def test_what_is_said_again_after_a_retraction_stands() -> None:
    first, again = isw(10).says(attack(12)), isw(13).says(attack(14))
    retraction = isw(12).retracts(first, because="the wrong city")
    (account,) = stands(first, retraction, again)
    assert account.claims == (again,)


def test_what_is_said_on_the_day_of_the_retraction_falls() -> None:
    # A day is all that the two dates tell: the claim may have been the earlier one.
    retraction = isw(12).retracts("a1", because="the wrong city")
    assert not believed(retraction, isw(12).says(attack()))


def test_a_dated_retraction_reaches_what_nobody_dates() -> None:
    assert not believed(isw(None).says(attack()), isw(12).retracts("a1", because="-"))


def test_an_undated_retraction_of_an_event_reaches_undated_claims_alone() -> None:
    undated, dated = isw(None).says(attack()), isw(10).says(attack(14))
    for target in ("a1", attack()):
        retraction = isw(None).retracts(target, because="-")
        (account,) = stands(undated, dated, retraction)
        assert account.claims == (dated,)


def test_an_undated_retraction_of_a_claim_reaches_what_came_before_that() -> None:
    before, target, beside = (
        isw(9).says(attack(1)),
        isw(10).says(attack(2)),
        isw(10).says(attack(3)),
    )
    after, undated = isw(11).says(attack(4)), isw(None).says(attack(5))
    retraction = isw(None).retracts(target, because="-")
    assert retraction.target == target.id
    (account,) = stands(before, target, beside, after, undated, retraction)
    assert account.claims == (beside, after)
    # Without the claim that it names nobody can say what came before that.
    assert stands(before, undated, retraction)[0].claims == (before,)


def test_an_undated_retraction_reaches_nothing_of_2030() -> None:
    later = Report("ISW", published="2030-01-01").says(attack())
    assert believed(later, isw(None).retracts("a1", because="-")) == [attack()]


def test_a_dated_retraction_names_no_claim_so_that_its_bytes_stay() -> None:
    claim = isw(10).says(attack())
    assert isw(12).retracts(claim, because="-") == isw(12).retracts("a1", because="-")


def test_a_retraction_reaches_only_its_own_source() -> None:
    other = tass(10).says(attack())
    (account,) = stands(isw(10).says(attack()), other, isw(12).retracts("a1", because="-"))
    assert account.sources == {"TASS"}


def test_a_retraction_takes_back_denials_and_expectations_as_well() -> None:
    retraction = isw(12).retracts("a1", because="-")
    assert not believed(isw(10).expects(attack()), retraction)
    (account,) = stands(tass(9).says(attack()), isw(10).denies(attack()), retraction)
    assert not account.disputed


def test_only_its_source_can_retract_a_claim_and_only_an_earlier_one() -> None:
    claim = isw(10).says(attack())
    with pytest.raises(ClaimError, match="another source denies"):
        tass(11).retracts(claim, because="-")
    with pytest.raises(ClaimError, match="can't reach a claim published later"):
        isw(9).retracts(claim, because="-")


# A source replaces.


def test_a_replaced_claim_falls() -> None:
    old = isw(10).says(attack(12))
    new = isw(11).says(attack(14), replaces=old)
    (account,) = stands(old, new)
    assert account.claims == (new,)


def test_a_correction_without_replacing_leaves_both_and_counts_the_latest() -> None:
    old, new = isw(10).says(attack(12)), isw(11).says(attack(14))
    (account,) = stands(new, old)
    assert account.claims == (old, new)
    assert account.counted == (new,)
    assert account.event == new.event


def test_what_was_replaced_stays_fallen_when_the_replacement_is_retracted() -> None:
    old = isw(10).says(attack(12))
    moved = isw(11).says(attack(12, id="a2"), replaces=old)
    retraction = isw(12).retracts(moved, because="no attack at all")
    assert not believed(old, moved, retraction)


def test_what_was_replaced_stays_fallen_when_the_replacement_is_replaced() -> None:
    first = isw(10).says(attack(12))
    second = isw(11).says(attack(14), replaces=first)
    third = isw(12).says(attack(15), replaces=second)
    assert believed(first, second, third) == [attack(15)]


def test_one_claim_replaces_several() -> None:
    old = [isw(10).says(attack(id="a1")), isw(10).says(attack(id="a2"))]
    both = isw(11).says(attack(24, id="a3"), replaces=old)
    assert believed(*old, both) == [attack(24, id="a3")]


def test_a_source_replaces_only_its_own() -> None:
    claim = tass(10).says(attack(12))
    with pytest.raises(ClaimError, match="replaces its own claims"):
        isw(11).says(attack(14), replaces=claim)
    # By its id alone nobody could tell; it doesn't fall all the same.
    (account,) = stands(claim, isw(11).says(attack(14), replaces=claim.id))
    assert account.sources == {"ISW", "TASS"}


def test_a_source_replaces_its_retraction_and_says_it_again_on_one_day() -> None:
    said = isw(10).says(attack(12))
    retraction = isw(10).retracts(said, because="-")
    assert not believed(said, retraction, isw(10).says(attack(12), quote=None))
    again = isw(10).says(attack(14), replaces=[said, retraction])
    assert believed(said, retraction, again) == [attack(14)]
    # What was replaced stays fallen, the retraction too.
    beside = isw(10).says(attack(15))
    gone = isw(11).says(attack(1, id="a2"), replaces=again)
    assert believed(said, retraction, again, gone, beside) == [attack(15), attack(1, id="a2")]


def test_a_source_cannot_replace_the_retraction_of_another() -> None:
    claim = tass(10).says(attack())
    retraction = tass(11).retracts(claim, because="-")
    with pytest.raises(ClaimError, match="replaces its own claims"):
        isw(12).says(attack(14), replaces=retraction)
    other = isw(12).says(attack(14), replaces=retraction.id)
    assert stands(claim, retraction, other)[0].sources == {"ISW"}


def test_a_voided_claim_replaces_no_retraction() -> None:
    claim = isw(10).says(attack())
    retraction = isw(10).retracts(claim, because="-")
    again = isw(10).says(attack(), replaces=retraction, according_to="police")
    assert stands(claim, retraction, again)[0].claims
    assert not stands(claim, retraction, again, DESK.voids(again, because="typed twice"))


# The desk voids.


def test_a_voided_claim_never_was() -> None:
    claim = isw(10).says(attack())
    assert not believed(claim, DESK.voids(claim, because="typed twice"))


def test_voiding_a_replacement_restores_what_it_replaced() -> None:
    old = isw(10).says(attack(12))
    new = isw(11).says(attack(21), replaces=old)
    assert believed(old, new, DESK.voids(new, because="typed 21 for 12")) == [attack(12)]


def test_voiding_a_retraction_restores_what_it_took_back() -> None:
    claim = isw(10).says(attack())
    retraction = isw(11).retracts(claim, because="-")
    void = DESK.voids(retraction, because="it was about another attack")
    assert believed(claim, retraction, void) == [attack()]


def test_a_void_of_a_void_restores_and_a_void_of_that_takes_away() -> None:
    claim = isw(10).says(attack())
    once = DESK.voids(claim, because="a double")
    twice = DESK.voids(once, because="no double")
    thrice = DESK.voids(twice, because="a double after all")
    assert believed(claim, once, twice) == [attack()]
    assert not believed(claim, once, twice, thrice)


def test_of_two_voids_one_is_enough() -> None:
    claim = isw(10).says(attack())
    once, also = DESK.voids(claim, because="a double"), DESK.voids(claim, because="a typing error")
    lifted = DESK.voids(once, because="no double")
    assert not believed(claim, once, also, lifted)


def test_a_chain_of_voids_may_be_longer_than_the_stack() -> None:
    said: list[Said] = [isw(10).says(attack())]
    for _ in range(5000):
        said.append(DESK.voids(said[-1], because="-"))
    assert believed(*said) == [attack()]
    assert not believed(*said[:-1])


def test_a_void_counts_whenever_its_report_was_published() -> None:
    # Voids are about our log, not about the world: published= doesn't cut them off.
    claim = isw(10).says(attack())
    void = Report("our desk", published="2022-12-01").voids(claim, because="typed twice")
    assert not believed(claim, void, published=when("2022-09-30").hi)


# Published.


def test_published_cuts_claims_retractions_and_replacements() -> None:
    old = isw(10).says(attack(12))
    new = isw(12).says(attack(14), replaces=old)
    retraction = isw(14).retracts(old, because="-")
    cuts = {day: when(f"2022-09-{day:02d}").hi for day in (9, 10, 12, 14)}
    told = {day: believed(old, new, retraction, published=cut) for day, cut in cuts.items()}
    assert told == {9: [], 10: [attack(12)], 12: [attack(14)], 14: []}


# What bears on one event.


def indexed(history: list[Said]) -> tuple[DependencyIndex, Entries]:
    entries, index = Entries(), DependencyIndex()
    for said in {one.id: one for one in history}.values():
        entries.said.append(said)
        index.add(len(entries.said), said, entries.find)
    return index, entries


@given(histories() | histories(Attack, reports=reports(published=st.just(When()))), st.data())
def test_an_event_is_resolved_from_its_closure_as_from_the_whole(
    history: list[Said], data: st.DataObject
) -> None:
    index, entries = indexed(history)
    upto = data.draw(st.integers(0, len(entries.said)))
    cut = data.draw(st.sampled_from([None, when("2022-09-03").hi]))
    then = {one.event.id: one for one in resolve(entries.said[:upto], published=cut)}
    closures = index.closure([*index.about, "nothing"], entries.read, upto)
    for name, closure in closures.items():
        assert resolve_one(name, closure, published=cut) == then.get(name)


@given(histories())
def test_an_entry_makes_dirty_whatever_it_changes(history: list[Said]) -> None:
    entries, index = Entries(), DependencyIndex()
    before: dict[str, Account] = {}
    for said in {one.id: one for one in history}.values():
        entries.said.append(said)
        dirty = index.add(len(entries.said), said, entries.find)
        now = {account.event.id: account for account in resolve(entries.said)}
        assert {name for name in now | before if now.get(name) != before.get(name)} <= dirty.keys()
        for name, claim in dirty.items():
            if claim is not None:
                assert now.get(name) == resolve_one(name, [claim])
        before = now


def test_a_replaced_retraction_makes_its_event_dirty() -> None:
    entries, index = Entries(), DependencyIndex()
    claim = isw(10).says(attack())
    retraction = isw(10).retracts(claim, because="-")
    other = isw(11).says(attack(id="a2"), replaces=retraction)
    for said in (claim, retraction):
        entries.said.append(said)
        index.add(len(entries.said), said, entries.find)
    entries.said.append(other)
    assert index.add(3, other, entries.find).keys() == {"a1", "a2"}
    (closure,) = index.closure(["a1"], entries.read).values()
    assert set(closure) == {claim, retraction, other}


def added(index: DependencyIndex, entries: Entries, said: Said) -> dict[str, Claim | None]:
    entries.said.append(said)
    return index.add(len(entries.said), said, entries.find)


def test_a_claim_is_alone_unless_something_was_said_or_named_it_before() -> None:
    entries, index = Entries(), DependencyIndex()
    first, second, third = (isw(10).says(attack(id=name)) for name in ("a1", "a2", "a3"))
    assert added(index, entries, first) == {"a1": first}
    assert added(index, entries, tass(10).says(attack())) == {"a1": None}
    assert added(index, entries, DESK.voids(second, because="typed twice")) == {}
    assert added(index, entries, second) == {"a2": None}
    assert added(index, entries, isw(11).retracts(third, because="no")) == {"a3": None}
    assert added(index, entries, third) == {"a3": None}


def test_what_nothing_names_is_read_at_once() -> None:
    index, entries = indexed([isw(10).says(attack(id=f"a{number}")) for number in range(4)])
    assert len(index.closure(["a1", "a2"], entries.read, 4)) == 2
    assert entries.reads == [[2, 3]]
    assert index.closure(["a3"], entries.read, 3) == {"a3": []}


def test_a_void_of_a_void_reaches_the_claim() -> None:
    entries, index = Entries(), DependencyIndex()
    claim = isw(10).says(attack())
    added(index, entries, claim)
    void = DESK.voids(claim, because="typed twice")
    assert added(index, entries, void) == {"a1": None}
    assert added(index, entries, DESK.voids(void, because="it wasn't")) == {"a1": None}
    retraction = isw(10).retracts("a9", because="no")
    added(index, entries, retraction)
    assert added(index, entries, DESK.voids(retraction, because="no")) == {"a9": None}


def test_nothing_stands_of_an_event_that_nobody_affirms() -> None:
    claim = isw(10).says(attack())
    assert resolve_one("a1", [isw(10).denies(attack())]) is None
    assert resolve_one("a1", [isw(11).retracts(claim, because="no")]) is None
    assert resolve_one("a1", []) is None
    assert [resolve_one("a1", [claim])] == resolve([claim])


@given(st.lists(st.builds(Report, st.just("ISW"), published=times()), max_size=4))
def test_claims_are_unordered_where_nobody_knows_which_of_two_came_later(
    reports: list[Report],
) -> None:
    claims = [report.says(attack()) for report in reports]
    pairs = combinations(claims, 2)
    open_pairs = [not (certainly_later(a, b) or certainly_later(b, a)) for a, b in pairs]
    assert unordered(claims) is any(open_pairs)
    assert set(latest(claims)) == set(naive.latest_of_each_source(claims))
