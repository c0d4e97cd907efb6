"""Tests what links make of accounts, against the naive definition, and each rule by an example."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from tests.naive_links import before, naive_linked, seen_linked
from timeline import (
    Attack,
    Before,
    Control,
    Log,
    Projection,
    Report,
    SameEvent,
    SplitInto,
    TerritorialChange,
    between,
    lasted,
    on,
    when,
)
from timeline.claims import Said
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
attacks = st.builds(
    lambda name, time, killed: Attack(when=time, id=name, place="Izium", killed=killed),
    st.sampled_from(IDS),
    st.sampled_from(TIMES),
    st.integers(0, 2),
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


@st.composite
def histories(draw: st.DrawFn) -> list[Said]:
    said: list[Any] = []
    for _ in range(draw(st.integers(2, 9))):
        report = draw(reports)
        move = draw(st.sampled_from(["event", "event", "event", "link", "link", "link", "deny",
                                     "expect", "retract", "replace", "void"]))  # fmt: skip
        if move == "event":
            said.append(report.says(draw(attacks)))
        elif move == "expect":
            said.append(report.expects(draw(st.one_of(attacks, orders))))
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
                    said.append(own.says(draw(st.one_of(attacks, links)), replaces=target))
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


@given(histories(), st.integers(0, 9), st.booleans())
def test_a_kept_projection_answers_as_a_replay_does(
    said: list[Any], cut: int, history: bool
) -> None:
    log = Log()
    kept = log.keep(Total(), history=history)
    log.append(*said[:cut])
    kept.answer()
    kept.save()
    log.append(*said[cut:])
    for known in (None, *range(log.head + 1)):
        for at in (None, "2022-08-02"):
            assert kept.answer(known=known, at=at) == log.ask(Total(), known=known, at=at)
    assert log.keep(Total()).answer() == log.ask(Total())


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
