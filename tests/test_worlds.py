"""Every way it may have been, held against trying all orders and memberships."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, permutations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.readers import rows_of
from tests.real import data_file
from tests.reasons import LastAttacker, LastByPlace, Wounded
from timeline import (
    Account,
    Attack,
    Before,
    Certainty,
    Claim,
    Control,
    Log,
    Projection,
    Report,
    SamePlace,
    TerritorialChange,
    between,
    on,
)
from timeline.folding.part_answers import PartAnswers
from timeline.supersession import certainly_later
from timeline.testing import strategies
from timeline.worlds import explore


def all_worlds(accounts: Sequence[Account], at: int | None) -> list[list[Account]]:
    """Every order of every set that may have happened, by trying all of them."""
    surely = {
        (one.event.id, other.event.id)
        for one, other in permutations(accounts, 2)
        if one.before(other) is Certainty.CERTAIN
    }
    may = [one for one in accounts if at is None or one.when.lo is None or one.when.lo < at]
    must = [one for one in accounts if at is None or (one.when.hi or at + 1) <= at]
    found = []
    for size in range(len(may) + 1):
        for order in permutations(may, size):
            names = [one.event.id for one in order]
            left = [one.event.id for one in accounts if one.event.id not in names]
            if any(one.event.id in left for one in must):
                continue
            whole = [*names, *left]
            if not any(
                (later, one) in surely for one, later in combinations(whole, 2) if one in names
            ):
                found.append(list(order))
    return found


DAYS = st.builds(
    lambda a, b: between(f"2022-09-0{a}", f"2022-09-0{a + b}"), st.integers(1, 5), st.integers(0, 3)
)
ATTACKS = st.builds(
    lambda when, by, wounded: (when, by, wounded),
    DAYS,
    st.sampled_from(["Russia", "Ukraine", None]),
    st.integers(0, 3),
)


@pytest.mark.parametrize(
    "projection", [Wounded(), LastAttacker()], ids=lambda one: type(one).__name__
)
@settings(max_examples=25)
@given(
    attacks=st.lists(ATTACKS, max_size=6),
    links=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=3),
    at=st.sampled_from([None, "2022-09-04", "2022-09-06"]),
)
def test_worlds_are_all_that_may_have_been(
    projection: Any, attacks: list[Any], links: list[tuple[int, int]], at: str | None
) -> None:
    report = Report("One", published="2022-09-10")
    events = [
        Attack(when=when, by=by, wounded=wounded, id=f"a:{n}")
        for n, (when, by, wounded) in enumerate(attacks)
    ]
    with Log() as log:
        log.append(*map(report.says, events))
        for first, then in links:
            if first != then and max(first, then) < len(events):
                log.append(report.says(Before(f"a:{first}", f"a:{then}")))
        question: Any = {} if at is None else {"at": at}
        worlds = log.worlds(projection, **question)
        moment = None if at is None else between(at, at).hi
        expected = set()
        for world in all_worlds(log.accounts(), moment):
            state = projection.start
            for account in world:
                state = projection.add(state, account.event)
            expected.add(state)
    assert worlds.complete
    assert set(worlds.answers) == expected
    assert worlds.certain == (len(expected) == 1)
    for answer, witness in zip(worlds.answers, worlds.witnesses, strict=True):
        state = projection.start
        for account in witness:
            state = projection.add(state, account.event)
        assert state == answer


@given(data=st.data())
def test_control_has_said_it_already(data: st.DataObject) -> None:
    said = data.draw(strategies.histories(TerritorialChange, max_size=4))
    at = data.draw(st.sampled_from([None, "2022-09-04"]))
    question: Any = {} if at is None else {"at": at}
    claims = [one for one in said if isinstance(one, Claim)]
    with Log() as log:
        log.append(*said)
        for key, holding in log.ask(Control(), **question).items():
            worlds = log.worlds(Control(), key, **question)
            if not worlds.complete:
                continue
            holders = {one for answer in worlds.answers if answer for one in answer.holders}
            # Where a share alone passed, Control allows for a rest that nobody names a holder of.
            assert holders <= holding.holders
            if not any(getattr(one.event, "share", None) for one in claims):
                assert holders == holding.holders
            if holding.certain and not holding.shares:
                assert len(worlds.answers) == 1


class Moves(Projection[int]):
    """Event 0 changes nothing from the first state, so there it commutes; later it doesn't."""

    start = 0
    moves = {  # noqa: RUF012 - never changed
        (0, 2): 6, (1, 0): 4, (1, 1): 0, (2, 2): 0, (2, 3): 3, (4, 0): 5, (5, 0): 0, (6, 1): 3,
        (6, 4): 5,
    }  # fmt: skip

    @on(Attack)
    def add(self, state: int, attack: Attack) -> int:
        return self.moves.get((state, int(attack.by or 0)), state)


def test_events_that_commute_at_first_may_not_later() -> None:
    report = Report("One", published="2022-09-10")
    with Log() as log:
        log.append(
            *[report.says(Attack(id=f"a:{n}", when="2022-09-01", by=str(n))) for n in range(5)]
        )
        worlds = log.worlds(Moves())
        assert (set(worlds.answers), worlds.complete) == ({0, 3, 5, 6}, True)
        some = log.worlds(Moves(), most=30)
        assert not some.complete
        assert set(some.answers) <= {0, 3, 5, 6}


def test_what_is_not_all_says_so() -> None:
    report = Report("One", published="2022-09-10")
    with Log() as log:
        for number in range(9):
            attack = Attack(when="2022-09-01", by=f"side {number}", id=f"a:{number}")
            log.append(report.says(attack))
        some = log.worlds(LastAttacker(), most=20)
        assert not some.complete
        assert not some.certain
        assert str(some).startswith("At least these:")
        every = log.worlds(LastAttacker())
        assert every.complete
        assert len(every.answers) == 9
        total = log.worlds(Wounded())
        assert (total.certain, total.low, total.high) == (True, 0, 0)
        assert "the only answer" in str(total)


class Captured(Projection[int]):
    """How many attacks, by place."""

    start = 0

    def key(self, attack: Attack) -> str:
        return str(attack.place)

    @on(Attack)
    def add(self, total: int, _: Attack) -> int:
        return total + 1


def test_keys_are_explored_apart() -> None:
    report = Report("One", published="2022-09-10")
    with Log() as log:
        for number, place in enumerate(("Izium", "Kyiv")):
            attack = Attack(when=between("2022-09-01", "2022-09-09"), place=place, id=f"a:{number}")
            log.append(report.says(attack))
        worlds = log.worlds(Captured(), at="2022-09-05")
        found: list[dict[str, int]] = list(worlds.answers)
        expected = [
            {place: 1 for place, happened in zip(("Izium", "Kyiv"), pair, strict=True) if happened}
            for pair in product((False, True), repeat=2)
        ]
        assert worlds.complete
        assert sorted(map(str, found)) == sorted(map(str, expected))


def test_on_real_data_control_equals_its_worlds() -> None:
    rows = rows_of(data_file("wiki_control") / "assertions_unique_places.csv")
    report = Report("the page", published="2022-12-31")
    with Log() as log:
        log.append(
            *[
                report.says(
                    TerritorialChange(
                        when=row["as_of"], place=row["place"], to=row["status"] or None, id=f"r:{n}"
                    )
                )
                for n, row in enumerate(rows)
                if row["status"] and row["as_of"]
            ]
        )
        answers = log.ask(Control(), at="2022-06-01")
        by_place: dict[str, list[Account]] = {}
        for account in log.accounts():
            by_place.setdefault(str(Control().key(account.event)), []).append(account)  # type: ignore[arg-type]
    assert len(answers) > 200
    at = between("2022-06-01", "2022-06-01").hi
    for key, holding in answers.items():
        worlds = explore(by_place[key], PartAnswers(Control(), at=at, key=key))
        holders = {one for answer in worlds.answers if answer for one in answer.holders}
        assert worlds.complete
        assert holders == holding.holders
        assert worlds.certain == holding.certain


class Summed(Wounded):
    """A total of which two stretches can be joined."""

    def merge(self, a: int, b: int) -> int:
        return a + b


def test_what_merge_proves_needs_no_trial() -> None:
    report = Report("One", published="2022-09-10")
    with Log() as log:
        attacks = [Attack(when="2022-09-01", wounded=n, id=f"a:{n}") for n in range(40)]
        log.append(*map(report.says, attacks))
        assert log.worlds(Summed()).certain
        assert not log.worlds(Wounded()).complete  # nothing proves it of a fold without merge


# --- versions that nobody can rank

SOURCES = st.sampled_from(["A", "B"])
PUBLISHED = st.sampled_from([None, "2022-09-02", "2022-09-03"])
WORDS = st.lists(
    st.tuples(SOURCES, PUBLISHED, st.sampled_from(["Russia", "Ukraine", None])),
    min_size=1,
    max_size=4,
)


def last_words(said: Sequence[Claim]) -> set[str | None]:
    """Who may be believed to have attacked, by trying every order of publication; None: nobody."""
    found: set[str | None] = set()
    for order in permutations(said):
        if any(certainly_later(one, later) for one, later in combinations(order, 2)):
            continue
        last = {claim.source: claim for claim in order}  # of each source the last in this order
        affirmed = [one for one in order if one is last[one.source] and one.stance == "says"]
        attack: Any = affirmed[-1].event if affirmed else None
        found.add(None if attack is None else attack.by)
    return found


@given(WORDS)
def test_versions_that_nobody_can_rank_are_worlds(words: list[Any]) -> None:
    said: dict[str, Claim] = {}
    for source, published, by in words:
        report = Report(source, published=published)
        attack = Attack(id="a:1", when="2022-09-01", by=by or "nobody")
        claim = report.denies(attack) if by is None else report.says(attack)
        said[claim.id] = claim
    expected = {LastAttacker.start if by is None else by for by in last_words([*said.values()])}
    with Log() as log:
        log.append(*said.values())
        worlds = log.worlds(LastAttacker())
    assert worlds.complete
    assert set(worlds.answers) == expected


def test_a_version_elsewhere_is_under_its_own_key() -> None:
    one, other = Report("A"), Report("B")
    with Log() as log:
        log.append(
            one.says(Attack(id="a:1", when="2022-09-01", place="Izium")),
            other.says(Attack(id="a:1", when="2022-09-01", place="Kyiv")),
        )
        worlds = log.worlds(Captured())
        assert worlds.complete
        assert sorted(map(str, worlds.answers)) == ["{'Izium': 1}", "{'Kyiv': 1}"]
        assert set(log.worlds(Captured(), "Kyiv").answers) == {1, None}


def test_versions_are_seen_as_links_have_them() -> None:
    one, other = Report("A"), Report("B")
    with Log() as log:
        log.append(
            one.says(Attack(id="a:1", when="2022-09-01", by="Russia", place="Izyum")),
            other.says(Attack(id="a:1", when="2022-09-01", by="Ukraine", place="Izyum")),
            one.says(SamePlace("Izium", "Izyum")),
        )
        worlds = log.worlds(LastByPlace(), log.place_key("Izyum"))
        assert set(worlds.answers) == {"Russia", "Ukraine"}
        assert worlds.complete
