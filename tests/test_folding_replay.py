"""Tests the fold from the start: which accounts it counts, keys, results, and what it refuses."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.boxes import times
from timeline.accounts import Account
from timeline.claims import Report
from timeline.errors import ProjectionError
from timeline.events import Event
from timeline.folding.replay import answer, check, fold, grouped
from timeline.kinds import Attack, Incident
from timeline.places import Place
from timeline.projection import Projection, on
from timeline.resolution import Reading, chronological
from timeline.times import When

Ids = tuple[str, ...]


def account(event: Event, *, stance: str = "says") -> Account:
    claim = getattr(Report("ISW"), stance)(event)
    return Account(event, (claim,), (claim,))


def attack(name: str, when: When, place: str | None = None) -> Attack:
    return Attack(when=when, id=name, place=None if place is None else Place(place))


class Order(Projection[Ids]):
    start: Ids = ()

    @on(Attack)
    def add(self, state: Ids, event: Attack) -> Ids:
        return (*state, event.id)


class ByPlace(Order):
    def key(self, event: Attack) -> str | None:
        return None if event.place is None else event.place.key


class Told(Order):
    def result(self, state: Ids, at: int | None) -> tuple[int | None, Ids]:
        return at, state


class TimeFilter(ByPlace):
    def result(self, state: Ids) -> int:
        return len(state)


attacks = st.lists(st.tuples(times(), st.sampled_from([None, "Izium", "Kharkiv"])), max_size=5).map(
    lambda drawn: sorted(
        (account(attack(str(n), when, place)) for n, (when, place) in enumerate(drawn)),
        key=lambda one: chronological(one.event),
    )
)
moments = st.none() | st.integers(-1, 6)
readings: st.SearchStrategy[Reading] = st.sampled_from(["certain", "possible"])


@given(attacks, moments, readings)
def test_what_happened_by_the_moment_is_folded_in_order(
    accounts: list[Account], at: int | None, reading: Reading
) -> None:
    def counts(when: When) -> bool:
        if at is None:
            return True
        if reading == "certain":
            return when.hi is not None and when.hi <= at
        return when.lo is None or when.lo < at

    expected = tuple(one.event.id for one in accounts if counts(one.when))
    assert answer(Order(), accounts, at=at, reading=reading) == expected


@given(attacks, moments, readings)
def test_keys_are_independent(accounts: list[Account], at: int | None, reading: Reading) -> None:
    groups: defaultdict[str, list[Account]] = defaultdict(list)
    for one in accounts:
        key = ByPlace().key(one.event)  # type: ignore[arg-type]
        if key is not None:
            groups[key].append(one)
    alone = {key: answer(Order(), own, at=at, reading=reading) for key, own in groups.items()}
    found = answer(ByPlace(), accounts, at=at, reading=reading)
    assert found == {key: ids for key, ids in alone.items() if ids}
    time_filter = answer(TimeFilter(), accounts, at=at, reading=reading)
    assert time_filter == {key: len(ids) for key, ids in found.items()}


@given(attacks, moments, readings)
def test_a_result_that_weighs_time_sees_all_that_may_have_happened(
    accounts: list[Account], at: int | None, reading: Reading
) -> None:
    possible = answer(Order(), accounts, at=at, reading="possible")
    assert answer(Told(), accounts, at=at, reading=reading) == (at, possible)


# Where sources place one event apart.


class Seen(ByPlace):
    start: Ids = ()

    @on(Attack)
    def add(self, state: Ids, event: Attack) -> Ids:
        return (*state, f"{event.id} in {event.place}")

    @on(Incident)
    def fire(self, state: Ids, event: Incident) -> Ids:
        return (*state, f"{event.id} in {event.place}")


class SeenAt(Seen):
    def result(self, state: Ids, _: int | None) -> Ids:
        return state


def told(*versions: Event) -> Account:
    """An account of one event, the first version believed, each from a source of its own."""
    claims = tuple(Report(f"source {number}").says(one) for number, one in enumerate(versions))
    return Account(versions[0], claims, claims)


def test_a_projection_that_weighs_time_sees_every_place_that_a_source_names() -> None:
    early, late = When(lo=0, hi=2), When(lo=4, hi=6)
    apart = told(attack("a", early, "Izium"), attack("a", late, "Kharkiv"), attack("a", late))
    izium, kharkiv = ("a in Izium",), ("a in Kharkiv",)
    assert answer(SeenAt(), [apart]) == {"Izium": izium, "Kharkiv": kharkiv}
    assert answer(SeenAt(), [apart], at=5) == {"Izium": izium, "Kharkiv": kharkiv}
    # By then only one source has it happen, and what hasn't can't be in Kharkiv.
    assert answer(SeenAt(), [apart], at=4) == {"Izium": izium}
    assert answer(SeenAt(), [apart], at=0) == {}
    assert answer(Seen(), [apart]) == {"Izium": izium}


def test_each_place_sees_the_version_that_is_believed_first() -> None:
    time = When(lo=0, hi=2)
    first, second = attack("a", time, "Izium"), attack("a", When(lo=1, hi=2), "Izium")
    groups = grouped(SeenAt(), [told(first, second)], None)
    assert [one.event for one in groups["Izium"]] == [first]


def test_a_version_of_a_kind_that_is_not_heard_names_no_place() -> None:
    time = When(lo=0, hi=2)
    fire = Incident(when=time, id="a", category="fire", place="Bucha")

    class Attacks(ByPlace):
        def result(self, state: Ids, _: int | None) -> Ids:
            return state

    apart = told(fire, attack("a", time, "Izium"))
    assert answer(Attacks(), [apart]) == {"Izium": ("a",)}
    assert answer(SeenAt(), [apart]) == {"Bucha": ("a in Bucha",), "Izium": ("a in Izium",)}


def test_left_out_the_reading_is_the_certain_one() -> None:
    perhaps = account(attack("a", When(lo=0, hi=4), "Izium"))
    assert answer(Order(), [perhaps], at=3) == ()
    assert answer(Order(), [perhaps], at=3, reading="possible") == ("a",)


def test_an_event_whose_key_is_none_is_left_out() -> None:
    nowhere = account(attack("a", When()))
    assert answer(ByPlace(), [nowhere]) == {}
    assert answer(Order(), [nowhere]) == ("a",)


def test_what_is_only_expected_or_not_heard_isnt_folded() -> None:
    expected = account(attack("a", When()), stance="expects")
    unheard = account(Incident(when=When(), category="fire"))
    assert answer(Order(), [expected, unheard]) == ()


def test_a_fold_passes_over_what_it_doesnt_hear() -> None:
    fire = account(Incident(when=When(lo=0, hi=1), category="fire"))
    heard = account(attack("a", When(lo=1, hi=2)))
    assert fold(Order(), [fire, heard, fire], ("before",)) == ("before", "a")


def test_nothing_gives_the_start() -> None:
    assert answer(Order(), []) == ()
    assert answer(Told(), [], at=3) == (3, ())
    assert answer(ByPlace(), []) == {}


class Deaf(Projection[int]):
    start = 0


class Startless(Projection[int]):
    @on(Attack)
    def add(self, state: int, _: Attack) -> int:
        return state + 1


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        (Order, r"ask with a projection, such as Order\(\), not <class"),
        (3, "such as a Projection, not 3"),
        (Deaf(), r"Deaf handles nothing; mark its methods with @on\(Attack\)"),
        (Startless(), "Startless has no start; give the state before anything happened"),
    ],
)
def test_what_cannot_be_folded_is_refused(thing: Any, message: str) -> None:
    with pytest.raises(ProjectionError, match=message):
        check(thing)


def test_what_can_be_folded_is_not_refused() -> None:
    check(Order())
