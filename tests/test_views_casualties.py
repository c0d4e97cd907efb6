"""Tests that harm is added up by place and side, and that nothing counts twice."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.claims import Report
from timeline.counts import Breakdown, Count
from timeline.events import Event
from timeline.kinds import Attack, Incident
from timeline.log import Log
from timeline.places import Place
from timeline.time_parsing import when
from timeline.views.casualties import Casualties, Tally, Toll, Tolls

evolve: Any = attrs.evolve  # a kind is an attrs class, which mypy can't see
KHARKIV = Place("Kharkiv", id="geonames:706483")
ATTACK = Attack(when=when("2022-09-16"), place=KHARKIV, against="Ukraine", wounded=Count(12))


def claims(*events: Event, source: str = "A") -> list[Any]:
    return [Report(source, published="2022-09-20").says(one) for one in events]


def tally(*said: Any, **question: Any) -> Tally:
    with Log() as log:
        log.append(*said)
        found: Tally = log.ask(Casualties(), **question)
        return found


def test_nobody_harmed_is_nothing_counted() -> None:
    assert tally(*claims(Attack(when=when("2022"), place=KHARKIV))) == Tally()
    assert str(Tally()) == "0 killed, 0 wounded in 0 events"


def test_harm_is_added_up_in_all_by_place_and_by_side() -> None:
    found = tally(
        *claims(
            ATTACK,
            Attack(when=when("2022-09-17"), place=KHARKIV, against="Russia", killed=Count(low=3)),
            Attack(when=when("2022-09-18"), killed=Count(1)),
            Incident(when=when("2022"), category="fire", place=KHARKIV, killed=Count(2)),
        )
    )
    assert (found.total.killed.low, found.total.killed.high) == (6, None)
    assert found.total.wounded == 12
    assert found.total.events == 4
    assert {key: toll.events for key, toll in found.by_place.items()} == {
        "geonames:706483": 3,
        None: 1,
    }
    assert found.by_side["Ukraine"] == Toll(wounded=Count(12), events=1)
    assert found.by_side["Russia"].killed == Count(low=3)
    assert found.by_side[None].killed == 3


def test_an_event_that_two_report_counts_once() -> None:
    found = tally(*claims(ATTACK), *claims(ATTACK, source="B"))
    assert found.total == Toll(wounded=Count(12), events=1)
    assert str(found) == "0 killed, 12 wounded in 1 event"


def test_where_sources_differ_the_count_spans_them() -> None:
    shared = evolve(ATTACK, id="x")

    def said(wounded: Count, killed: Count = Count(0)) -> Attack:
        made: Attack = evolve(shared, wounded=wounded, killed=killed)
        return made

    believed = said(Count(12))
    higher = tally(*claims(believed), *claims(said(Count(15), Count(1)), source="B"), trust=["A"])
    assert higher.total.wounded == Count(low=12, best=12, high=15)
    assert higher.total.killed == 1  # the believed one is silent, and the other isn't
    assert higher.total.events == 1
    lower = tally(*claims(believed), *claims(said(Count(low=9)), source="B"), trust=["A"])
    assert lower.total.wounded == Count(12, low=9)
    silent = tally(*claims(believed), *claims(said(Count(0)), source="B"), trust=["A"])
    assert silent.total.wounded == 12


def test_a_version_of_another_kind_is_heard_too() -> None:
    fire = Incident(when=ATTACK.when, id=ATTACK.id, category="fire", wounded=Count(14))
    found = tally(*claims(ATTACK), *claims(fire, source="B"), trust=["B"])
    assert found.total.wounded == Count(low=12, best=14, high=14)


def test_who_was_harmed_is_added_up() -> None:
    def harmed(day: str, **groups: int) -> Attack:
        return Attack(when=when(day), killed=Count(9), including=Breakdown(groups))

    found = tally(*claims(harmed("2022-01", children=2, women=1), harmed("2022-02", children=3)))
    assert found.total.including == {"children": 5, "women": 1}


def test_what_was_found_is_never_added_to_the_killed() -> None:
    grave = Incident(when=when("2022-09-15"), category="mass grave", found=Count(about=450))
    found = tally(*claims(grave))
    assert found.total.killed == 0
    assert str(found) == "0 killed, 0 wounded, about 450 (405 to 495) found in 1 event"


def test_only_what_happened_by_then_counts() -> None:
    later = evolve(ATTACK, id="", when=when("2022-09"))
    assert tally(*claims(ATTACK, later), at="2022-09-16").total.events == 1
    assert tally(*claims(ATTACK, later), at="2022-09-16", reading="possible").total.events == 2


def test_tallies_are_frozen_values() -> None:
    given_tolls: dict[str | None, Toll] = {"x": Toll(events=1)}
    one = Tally(by_place=given_tolls)
    same = Tally(by_place=Tolls(given_tolls))
    given_tolls["y"] = Toll()
    assert one == same
    assert hash(one) == hash(same)
    assert one.by_place == {"x": Toll(events=1)}
    assert repr(Tolls()) == "Tolls({})"
    with pytest.raises(TypeError):
        one.by_place["x"] = Toll()  # type: ignore[index]


tolls = st.builds(
    Toll,
    killed=st.integers(0, 3).map(Count),
    wounded=st.integers(0, 3).map(lambda low: Count(low=low)),
    including=st.dictionaries(st.sampled_from("ab"), st.integers(0, 2), max_size=2).map(Breakdown),
    events=st.just(1),
)
by_name = st.dictionaries(st.none() | st.sampled_from("xyz"), tolls, max_size=3)
tallies = st.builds(Tally, tolls, by_name, by_name)


@given(tallies, tallies, tallies)
def test_tallies_add_in_any_order_and_grouping(a: Tally, b: Tally, c: Tally) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + Tally() == Tally() + a == a


@given(st.lists(tallies, max_size=12), st.data())
def test_however_a_fold_is_cut_it_adds_up_to_the_same(parts: list[Tally], data: Any) -> None:
    def fold(some: list[Tally]) -> tuple[Tally, ...]:
        state = view.start
        for one in some:
            state = view.merge(state, (one,))
        return state

    view = Casualties()
    cut = data.draw(st.integers(0, len(parts)))
    whole = sum(parts, Tally())
    assert view.result(fold(parts)) == whole
    assert view.result(view.merge(fold(parts[:cut]), fold(parts[cut:]))) == whole
    # Few parts are kept: their sizes fall.
    sizes = [one.total.events for one in fold(parts)]
    assert sizes == sorted(set(sizes), reverse=True)


def test_a_source_that_is_silent_takes_nothing_from_what_others_told() -> None:
    told = Attack(
        when="2022-09-10", place="K", against="civ", killed=5, including={"children": 2}, id="1"
    )
    silent = Attack(when="2022-09-10", weapon="drone", id="1")
    found = tally(*claims(told), *claims(silent, source="B"), trust=["B"])
    assert found.total == Toll(killed=Count(5), including=Breakdown({"children": 2}), events=1)
    assert found.by_place["K"] == found.by_side["civ"] == found.total


def test_a_denied_event_may_have_harmed_nobody() -> None:
    told = Attack(when="2022-09-10", place="K", killed=5, id="1")
    found = tally(*claims(told), Report("B", published="2022-09-11").denies(told))
    assert found.total.killed == Count(low=0, best=5, high=5)


def test_tolls_are_a_mapping_like_any_other() -> None:
    tolls = Tolls({"Izium": Toll(killed=Count(1), events=1), None: Toll(events=2)})
    assert len(tolls) == 2
    assert tolls == {"Izium": Toll(killed=Count(1), events=1), None: Toll(events=2)}
    assert len(Tolls()) == 0
