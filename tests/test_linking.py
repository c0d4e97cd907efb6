"""Tests what links make of accounts, against the naive definition, and each rule by an example."""

from __future__ import annotations

import pickle
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.naive_links import before, naive_linked, seen_linked
from timeline import (
    Attack,
    Before,
    Casualties,
    Certainty,
    Chronology,
    Control,
    Count,
    Log,
    PartOf,
    Place,
    Projection,
    Report,
    SameActor,
    SameEvent,
    SamePlace,
    SplitInto,
    TerritorialChange,
    Within,
    between,
    chronology,
    lasted,
    on,
    when,
)
from timeline.claims import Said
from timeline.errors import LogError
from timeline.scale import ThreadsEngine, ask_on
from timeline.times import When

IDS = ("a", "b", "c", "d")
SOURCES = ("UCDP", "ACLED")
DAYS = ("2022-09-01", "2022-09-02", "2022-09", None)

TIMES = (
    when("2022-08-01"),
    when("2022-08-02"),
    between("2022-08-01", "2022-08-05"),
    lasted("2022-08-01", "2022-08-04"),
    When(),
    When(hi=when("2022-08-04").hi),
    When(lo=when("2022-08-02").lo),
)

reports = st.builds(
    lambda source, day: Report(source, published=day),
    st.sampled_from(SOURCES),
    st.sampled_from(DAYS),
)
PLACES = ("Izium", "Izyum", "Kyiv")
ACTORS = ("Russia", "Russian forces", "Wagner")
attacks = st.builds(
    lambda name, time, killed, place, by: Attack(
        when=time, id=name, place=place, killed=killed, by=by
    ),
    st.sampled_from(IDS),
    st.sampled_from(TIMES),
    st.integers(0, 2),
    st.sampled_from(PLACES),
    st.sampled_from(ACTORS),
)
changes = st.builds(
    lambda name, time, place, to: TerritorialChange(when=time, id=name, place=place, to=to),
    st.sampled_from(IDS),
    st.sampled_from(TIMES),
    st.sampled_from(PLACES),
    st.sampled_from(ACTORS),
)
ids = st.sampled_from(IDS)
pairs = st.lists(ids, min_size=2, max_size=2, unique=True)


def _before(two: list[str], least: int | None, extra: int | None) -> Before:
    shortest = None if least is None else timedelta(days=least)
    most = None if extra is None else timedelta(days=(least or 0) + extra)
    return Before(*two, least=shortest, most=most)


same = st.lists(ids, min_size=2, max_size=3, unique=True).map(lambda names: SameEvent(*names))
orders = st.builds(_before, pairs, st.none() | st.integers(1, 2), st.none() | st.integers(1, 2))
splits = st.builds(SplitInto, ids, st.lists(ids, min_size=1, max_size=2))
links = st.one_of(same, orders, orders, splits)
named = st.one_of(
    st.lists(st.sampled_from(PLACES), min_size=2, max_size=2, unique=True).map(
        lambda names: SamePlace(*names)
    ),
    st.lists(st.sampled_from(ACTORS), min_size=2, max_size=2, unique=True).map(
        lambda names: SameActor(*names)
    ),
)


@st.composite
def histories(draw: st.DrawFn, events: Any = attacks, links: Any = links) -> list[Said]:
    said: list[Any] = []
    for _ in range(draw(st.integers(2, 9))):
        report = draw(reports)
        move = draw(st.sampled_from(["event", "event", "event", "link", "link", "link", "deny",
                                     "expect", "retract", "replace", "void"]))  # fmt: skip
        if move == "event":
            said.append(report.says(draw(events)))
        elif move == "expect":
            said.append(report.expects(draw(st.one_of(events, orders))))
        elif move == "link":
            said.append(report.says(draw(links)))
        elif move == "deny":
            about = draw(st.one_of(pairs.map(lambda two: SameEvent(*two)), orders, splits, attacks))
            said.append(report.denies(about))
        elif said and move == "void":
            target = draw(st.sampled_from(said))
            said.append(Report("desk").voids(target, because="typed twice"))
        else:
            claims = [one for one in said if hasattr(one, "about")]
            if claims:
                target = draw(st.sampled_from(claims))
                own = Report(target.source, published=report.published)
                if move == "retract":
                    said.append(own.retracts(target.about, because="wrong"))
                else:
                    said.append(own.says(draw(st.one_of(events, links)), replaces=target))
    return list(draw(st.permutations(said)))


questions = st.fixed_dictionaries(
    {
        "known": st.none() | st.integers(0, 4),
        "published": st.none() | st.just("2022-09-01"),
        "trust": st.sampled_from([(), ("UCDP",), ("ACLED", "UCDP")]),
    }
)


def _log(said: list[Any]) -> Log:
    log = Log()
    log.append(*said)
    return log


@given(histories(), questions)
def test_accounts_are_as_links_have_them(said: list[Any], question: dict[str, Any]) -> None:
    log = _log(said)
    if question["known"] is not None:
        question["known"] = min(question["known"], log.head)
    published = question["published"]
    cut = float("inf") if published is None else float(when(published).hi or 0)
    expected, fallen, certain = naive_linked(
        log, known=question["known"], published=cut, trust=question["trust"]
    )
    accounts = log.accounts(**question)
    assert {seen_linked(one) for one in accounts} == set(expected)
    circles = {one.link.id for one in log.contradictions(**question)}
    assert {name for name in circles if name.startswith("before")} == fallen
    found = {
        (a.event.id, b.event.id)
        for a in accounts
        for b in accounts
        if not a.expected and not b.expected and before(a, b)
    }
    assert found == certain
    # The order of the list contradicts nothing that is certain.
    places = {one.event.id: number for number, one in enumerate(accounts)}
    assert all(places[a] < places[b] for a, b in certain)


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_is_irrelevant(said: list[Any], rng: Any) -> None:
    shuffled = list(said)
    rng.shuffle(shuffled)
    one, other = _log(said), _log(shuffled)
    assert one.accounts() == other.accounts()
    assert one.contradictions() == other.contradictions()
    assert one.links() == other.links()


class Total(Projection[int]):
    """A sum that anybody could write."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.killed.best


class ByActor(Projection[int]):
    """How many were killed, by actor."""

    start = 0

    def key(self, attack: Attack) -> str | None:
        return attack.by

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.killed.best


everything = histories(events=st.one_of(attacks, changes), links=st.one_of(links, named))


@given(
    everything, st.integers(0, 9), st.sampled_from([Total(), Casualties(), Control(), ByActor()])
)
def test_a_kept_projection_answers_as_a_replay_does(
    said: list[Any], cut: int, projection: Any
) -> None:
    for history in (False, True):
        log = Log()
        kept = log.keep(projection, history=history)
        log.append(*said[:cut])
        kept.answer()
        kept.save()
        if not history:
            kept = log.keep(projection)  # takes up what was stored
        for one in said[cut:]:
            log.append(one)
            if history:
                kept.catch_up()
        for known in (None, *range(log.head + 1)):
            for at in (None, "2022-08-02"):
                found = kept.answer(known=known, at=at)
                expected = log.ask(projection, known=known, at=at)
                assert found == expected
                if known is None or history:
                    assert repr(found) == repr(expected)


FREED = TerritorialChange(when=When(), place="Izium", to="Ukraine", from_="Russia", id="z freed")
TAKEN = TerritorialChange(when=When(), place="Izium", to="Russia", from_="Ukraine", id="taken")
PAPER = Report("Paper", published="2022-09-16")
WIRE = Report("Wire", published="2022-09-17")


def test_of_two_undated_changes_that_a_source_orders_one_holder_is_certain() -> None:
    log = Log()
    log.append(PAPER.says(FREED), PAPER.says(TAKEN))
    assert log.ask(Control())["Izium"].holders == {"Ukraine", "Russia"}
    log.append(PAPER.says(Before(TAKEN, FREED)))
    held = log.ask(Control())["Izium"]
    assert (held.holders, held.certain) == ({"Ukraine"}, True)
    assert not log.ask(Control(), known=2)["Izium"].certain
    log.append(WIRE.denies(Before(TAKEN, FREED)))
    assert not log.ask(Control())["Izium"].certain
    assert log.ask(Control(), trust=["Paper"])["Izium"].certain
    assert log.ask(Control(), published="2022-09-16")["Izium"].certain


def test_until_the_first_of_linked_changes_the_place_was_held_by_whom_it_took_it_from() -> None:
    log = Log()
    undated = PAPER.undated()
    evolve: Any = attrs.evolve
    taken, freed = evolve(TAKEN, when=undated), evolve(FREED, when=undated)
    log.append(PAPER.says(taken), PAPER.says(freed), PAPER.says(Before(taken, freed)))
    assert log.ask(Control(), at="2022-09-10")["Izium"].holders == {"Ukraine", "Russia"}
    assert log.ask(Control())["Izium"].holders == {"Ukraine"}


def _attack(name: str, killed: int, place: str = "Izium", **fields: Any) -> Attack:
    return Attack(when="2022-09-10", place=place, id=name, killed=killed, **fields)


def test_what_may_be_one_counts_once_at_the_low_end() -> None:
    log = Log()
    log.append(PAPER.says(_attack("a", 3)), WIRE.says(_attack("b", 5)))
    log.append(WIRE.says(SameEvent("a", "b")), PAPER.denies(SameEvent("a", "b")))
    assert [one.maybe_same for one in log.accounts()] == [{"b"}, {"a"}]
    tally = log.ask(Casualties())
    assert tally.total.killed == Count(low=3, best=8, high=8)
    assert tally.by_place["Izium"].killed == Count(low=3, best=8, high=8)
    assert tally.total.events == 2
    assert log.ask(Total()) == 8  # a plain handler sees every account apart
    # Under trust the denial doesn't count: it is one event.
    assert log.ask(Casualties(), trust=["Wire"]).total.killed == Count(low=3, best=5, high=5)


def test_of_places_that_differ_each_may_have_nobody() -> None:
    log = Log()
    log.append(PAPER.says(_attack("a", 3)), WIRE.says(_attack("b", 5, "Kharkiv")))
    log.append(WIRE.says(SameEvent("a", "b")), PAPER.denies(SameEvent("a", "b")))
    tally = log.ask(Casualties())
    assert tally.total.killed == Count(low=3, best=8, high=8)
    assert {name: toll.killed.low for name, toll in tally.by_place.items()} == {
        "Izium": 0, "Kharkiv": 0,
    }  # fmt: skip


def test_a_denied_split_leaves_both_and_the_lesser_at_the_low_end() -> None:
    log = Log()
    log.append(*(PAPER.says(_attack(name, n)) for name, n in {"w": 9, "p": 3, "q": 4}.items()))
    split = SplitInto("w", ["p", "q"])
    log.append(PAPER.says(split))
    assert log.ask(Total()) == 7
    assert [(one.event.id, one.folded) for one in log.accounts()] == [
        ("p", True), ("q", True), ("w", False),
    ]  # fmt: skip
    log.append(WIRE.denies(split))
    assert log.ask(Total()) == 16
    assert log.ask(Casualties()).total.killed == Count(low=7, best=16, high=16)


def test_the_whole_is_folded_until_each_part_was_said_and_again_when_none_stands() -> None:
    log = Log()
    log.append(PAPER.says(_attack("w", 9)), PAPER.says(SplitInto("w", ["p", "q"])))
    log.append(PAPER.says(_attack("p", 3)))
    assert log.ask(Total()) == 9
    log.append(PAPER.says(_attack("q", 4)))
    assert log.ask(Total()) == 7
    log.append(WIRE.retracts("q", because="-"), PAPER.retracts("q", because="wrong"))
    assert log.ask(Total()) == 3
    log.append(PAPER.retracts("p", because="wrong"))
    assert log.ask(Total()) == 9


def test_what_goes_in_a_circle_falls_whole_and_is_reported() -> None:
    log = Log()
    log.append(*(PAPER.says(_attack(name, 1)) for name in "ab"))
    log.append(PAPER.says(SplitInto("a", ["b", "c"])), PAPER.says(SplitInto("b", ["a"])))
    log.append(PAPER.says(Within("x", "y")), PAPER.says(Within("y", "z")))
    log.append(PAPER.says(SamePlace("x", "z")))
    assert log.ask(Total()) == 2
    fallen = [str(one.link) for one in log.contradictions()]
    assert fallen == ["a is b and c", "b is a", "x lies in y", "y lies in z"] or set(fallen) == {
        "a is b and c", "b is a", "x lies in y", "y lies in z",
    }  # fmt: skip


def test_a_before_inside_one_class_falls_by_itself() -> None:
    log = Log()
    log.append(PAPER.says(_attack("a", 1)), PAPER.says(_attack("b", 1)))
    log.append(PAPER.says(Before("a", "b")), WIRE.says(SameEvent("a", "b")))
    (fallen,) = log.contradictions()
    assert (fallen.link, fallen.links) == (Before("a", "b"), (Before("a", "b"),))


def test_places_and_actors_go_by_the_key_of_their_class() -> None:
    log = Log()
    kyiv = Place("Kyiv", id="geonames:703448")
    log.append(
        PAPER.says(_attack("a", 1, "Kiev", by="Russian forces")),
        WIRE.says(Attack(when="2022-09-11", place=kyiv, id="b", killed=2, by="Russia")),
    )
    assert set(log.ask(Casualties()).by_place) == {"Kiev", "geonames:703448"}
    log.append(WIRE.says(SamePlace("Kyiv", "Kiev", kyiv)))
    log.append(WIRE.says(SameActor("Russia", "Russian forces")))
    assert set(log.ask(Casualties()).by_place) == {"geonames:703448"}
    first, second = log.accounts()
    assert isinstance(first.event, Attack)
    assert isinstance(second.event, Attack)
    assert first.event.place is not None
    assert (first.event.place.key, first.event.place.name) == ("geonames:703448", "Kiev")
    assert (first.event.by, second.event.by) == ("Russia", "Russia")
    assert log.place_key("Kiev") == log.place_key(kyiv) == "geonames:703448"
    assert log.place_key("Lviv") == "Lviv"
    # What was said stays as it was said.
    (version,) = first.versions
    assert isinstance(version, Attack)
    assert version.by == "Russian forces"


def test_of_several_names_the_one_that_all_list_first_is_the_key() -> None:
    log = Log()
    log.append(PAPER.says(SamePlace("Kyiv", "Kiev")), WIRE.says(SamePlace("Kyiv", "Kiew")))
    assert log.place_key("Kiev") == "Kyiv"
    log.append(WIRE.says(SamePlace("Kiev", "Kyiv")))
    assert log.place_key("Kyiv") == "Kiev"


def test_a_text_is_an_id_where_some_place_has_it_as_such() -> None:
    log = Log()
    log.append(PAPER.says(SamePlace("Kyiv", "UA80")))
    assert log.place_key("UA80") == "Kyiv"
    log.append(PAPER.says(_attack("a", 1, Place("Kyiv", id="UA80"))))  # type: ignore[arg-type]
    assert log.place_key("Kyiv") == "UA80"


def test_versions_whose_places_are_joined_no_longer_differ() -> None:
    log = Log()
    log.append(PAPER.says(_attack("a", 1, "Izium")), WIRE.says(_attack("a", 1, "Izyum")))
    assert log.accounts()[0].disputes == {"place"}
    log.append(WIRE.says(SamePlace("Izium", "Izyum")))
    assert not log.accounts()[0].disputed
    assert not log.accounts(known=2)[0].disputes <= {"killed"}


def test_links_sharpen_the_time_and_leave_how_it_was_said() -> None:
    log = Log()
    found = Attack(when=PAPER.undated("one day"), id="grave")
    log.append(PAPER.says(_attack("freed", 1)), PAPER.says(found))
    log.append(PAPER.says(Before("freed", "grave", least="1 day", most="2 days")))
    grave = log.accounts()[1]
    assert grave.when.bounds() == "[2022-09-11 00:00:00.000000, 2022-09-13)" or grave.when.lo
    assert grave.when.text == "one day"
    assert grave.when.edtf is None
    assert grave.versions == (found,)
    freed = log.accounts()[0]
    assert freed.when.edtf == "2022-09-10"  # its bounds didn't move
    assert freed.before(grave) is Certainty.CERTAIN
    # So a link can make an undated event certainly past.
    assert len(log.accounts(at="2022-09-13")) == 2
    assert len(log.accounts(at="2022-09-13", known=2)) == 1


WORKERS = ThreadsEngine(2)


@given(
    everything,
    questions,
    st.integers(1, 4),
    st.sampled_from([Casualties(), Control(), ByActor()]),
)
def test_an_engine_answers_as_the_log_does(
    said: list[Any], question: dict[str, Any], size: int, projection: Any
) -> None:
    log = _log(said)
    if question["known"] is not None:
        question["known"] = min(question["known"], log.head)
    for at in (None, "2022-08-02"):
        asked = {**question, "at": at}
        found = ask_on(WORKERS, projection, log, size=size, **asked)
        assert found == log.ask(projection, **asked)
        assert repr(found) == repr(log.ask(projection, **asked))


@given(st.lists(st.integers(0, 7), min_size=1, max_size=6), st.integers(1, 3))
def test_places_and_actors_too(numbers: list[int], size: int) -> None:
    log = Log()
    places = [Place("Kyiv", id="UA80"), "Kyiv", "Kiev", "Lviv"]
    for number in numbers:
        change = TerritorialChange(
            when=f"2022-08-0{number + 1}",
            place=places[number % 4],  # type: ignore[arg-type]
            to=["Russia", "Russian forces"][number // 4],
            id=f"e{number}",
        )
        log.append(PAPER.says(change))
    log.append(WIRE.says(SamePlace("Kiev", "Kyiv", "UA80")))
    log.append(WIRE.says(SameActor("Russia", "Russian forces")))
    found = ask_on(WORKERS, Control(), log, size=size)
    assert found == log.ask(Control())
    assert list(found) == list(log.ask(Control()))
    assert found.get("Kiev") == found.get("Kyiv")
    assert set(found.within("Ukraine")) == set(log.ask(Control()).within("Ukraine"))  # type: ignore[attr-defined]


def test_answers_find_a_place_by_any_name_and_sum_up_what_lies_in_a_larger_one() -> None:
    log = Log()
    oblast = Place("Kharkiv Oblast", precision="oblast")
    log.append(
        PAPER.says(_attack("a", 3, Place("Izium", within=oblast))),  # type: ignore[arg-type]
        PAPER.says(_attack("b", 4, "Balakliia")),
        PAPER.says(_attack("c", 5, "Kyiv")),
        PAPER.says(attrs.evolve(FREED, when=when("2022-09-10"))),  # type: ignore[misc]
        WIRE.says(Within("Balakliia", "Kharkiv Oblast")),
        WIRE.says(SamePlace("Izium", "Izyum")),
        WIRE.says(SamePlace("Kharkiv Oblast", "Kharkivshchyna")),
    )
    tally = log.ask(Casualties())
    assert tally.by_place["Izyum"] == tally.by_place["Izium"]
    region = tally.within("Kharkivshchyna")
    assert (region.total.killed, set(region.by_place)) == (Count(7), {"Izium", "Balakliia"})
    held = log.ask(Control())
    assert held["Izyum"] == held["Izium"] == held[Place("Izyum")]
    assert set(held.within("Kharkiv Oblast")) == {"Izium"}  # type: ignore[attr-defined]
    assert "Lviv" not in held
    by_region = log.ask(Casualties(by="region"))
    assert {name: toll.killed.best for name, toll in by_region.by_place.items()} == {
        "Kharkiv Oblast": 7, "Kyiv": 5,
    }  # fmt: skip
    by_level = log.ask(Casualties(by="region", level="oblast"))
    assert {name: toll.killed.best for name, toll in by_level.by_place.items()} == {
        "Kharkiv Oblast": 3, None: 9,
    }  # fmt: skip
    kept = log.keep(Casualties())
    assert kept.answer().within("Kharkiv Oblast").total.killed == Count(7)


def test_a_chronology_is_narrowed_to_a_region_and_to_an_actor_by_any_name() -> None:
    log = Log()
    log.append(
        PAPER.says(_attack("a", 3, Place("Izium", within="Kharkiv Oblast"), by="Wagner Group")),  # type: ignore[arg-type]
        PAPER.says(_attack("b", 4, "Balakliia", by="Russia")),
        WIRE.says(_attack("b", 4, "Lviv")),
        PAPER.says(_attack("c", 5, "Kyiv", by="Russian forces")),
        WIRE.says(Within("Balakliia", "Kharkiv Oblast")),
        WIRE.says(SamePlace("Kharkiv Oblast", "Kharkivshchyna")),
        WIRE.says(SameActor("Russia", "Russian forces")),
        WIRE.says(PartOf("Wagner Group", "Russian forces")),
    )
    every = chronology(log)

    def ids(found: Chronology) -> str:
        return "".join(one.event.id for one in found)

    assert ids(every.within("Kharkivshchyna")) == "ab"
    assert ids(every.within("Lviv")) == "b"  # one source's version lies there
    assert ids(every.involving("Russian forces")) == ids(every.involving("Russia")) == "abc"
    assert ids(every.involving("Wagner Group")) == "a"
    assert ids(every.within("Kharkivshchyna").involving("Russia")) == "ab"
    with pytest.raises(LogError, match="that a log made"):
        Chronology(every.accounts).within("Lviv")


def test_a_part_of_an_actor_holds_a_place_for_the_larger_one() -> None:
    log = Log()
    taken = TerritorialChange(when="2022-09-10", place="Bakhmut", to="Wagner Group", id="t")
    log.append(PAPER.says(taken), WIRE.says(PartOf("Wagner Group", "Russia")))
    assert log.ask(Control())["Bakhmut"].holders == {"Wagner Group"}
    assert log.ask(Control(by="larger actor"))["Bakhmut"].holders == {"Russia"}


def test_an_answer_for_a_place_names_those_that_it_may_be() -> None:
    log = Log()
    taken = TerritorialChange(when="2022-09-10", place="Izyum", to="Russia", id="t")
    log.append(PAPER.says(taken), PAPER.says(SamePlace("Izium", "Izyum")))
    assert log.ask(Control())["Izyum"].maybe_same == frozenset()
    log.append(WIRE.denies(SamePlace("Izium", "Izyum")))
    assert log.ask(Control())["Izyum"].maybe_same == {"Izium"}
    assert set(log.ask(Control())) == {"Izyum"}
    log.append(PAPER.says(_attack("a", 3, "Izyum")))
    assert log.ask(Casualties()).by_place.maybe_same("Izium") == {"Izyum"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("kept", [False, True])
def test_an_answer_is_a_value_without_its_log(kept: bool) -> None:
    izium = Place("Izium", within="Kharkiv Oblast")
    wire = Report("Wire", published="2022-09-16")
    with Log() as log:
        log.append(
            wire.says(TerritorialChange(when="2022-09-10", place=izium, to="Ukraine")),
            wire.says(Attack(when="2022-09-10", place=izium, killed=2)),
        )
        if not kept:  # what is kept is replayed where there are links
            log.append(wire.says(SamePlace("Izium", "Izyum")))
        control: Any = log.keep(Control()).answer() if kept else log.ask(Control())
        tally: Any = log.keep(Casualties()).answer() if kept else log.ask(Casualties())
        copies = pickle.dumps((control, tally))
    control_copy, tally_copy = pickle.loads(copies)  # noqa: S301 - our own
    assert control.get("Nowhere") is None
    assert "Nowhere" not in tally.by_place
    assert (control_copy, tally_copy) == (dict(control), tally)
    assert tally_copy.within("Kharkiv Oblast").total == tally.total
    if not kept:
        assert control["Izyum"] == control_copy["Izyum"] == control["Izium"]
