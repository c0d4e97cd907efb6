"""Tests who is said to hold a place at a moment, and what stays open where the sources leave it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import inf
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.claims import Report
from timeline.folding import replay
from timeline.kinds import TerritorialChange
from timeline.log import Log
from timeline.places import Place
from timeline.resolution import resolve
from timeline.time_parsing import between, when
from timeline.times import When
from timeline.views import control
from timeline.views.control import Change, Control, Holding

A = Report("A", published="2022-09-20")
B = Report("B", published="2022-09-20")
IZIUM = Place("Izium")


def change(
    time: str | When, to: str | None = None, from_: str | None = None, **fields: Any
) -> TerritorialChange:
    fields = {"place": IZIUM} | fields
    return TerritorialChange(when=when(time), to=to, from_=from_, **fields)


TAKEN = change("2022-04-01", "Russia")
FREED = change(between("2022-09-08", "2022-09-10"), "Ukraine", "Russia")


def holdings(*said: Any, **question: Any) -> dict[str, Holding]:
    with Log() as log:
        log.append(*(A.says(one) if isinstance(one, TerritorialChange) else one for one in said))
        return dict(log.ask(Control(), **question))


def held(*said: Any, **question: Any) -> Holding:
    return holdings(*said, **question)["Izium"]


@pytest.mark.parametrize(
    ("at", "holders"),
    [
        ("2022-05-01", {"Russia"}),
        ("2022-09-07", {"Russia"}),
        ("2022-09-08", {"Russia", "Ukraine"}),
        ("2022-09-09", {"Russia", "Ukraine"}),
        ("2022-09-10", {"Ukraine"}),
        (None, {"Ukraine"}),
    ],
)
def test_izium_between_the_eighth_and_the_tenth(at: str | None, holders: set[str]) -> None:
    found = held(FREED, TAKEN, at=at)
    assert found.holders == holders
    assert found.certain == (len(holders) == 1)
    assert found == held(TAKEN, FREED, at=at)  # whatever came first
    assert found == held(TAKEN, FREED, at=at, reading="possible")  # both are in the answer


def test_a_sharper_time_only_narrows() -> None:
    wide, sharp = held(FREED, at="2022-09-09"), held(change("2022-09-10", "Ukraine", "Russia"))
    assert Control().narrows(wide, sharp)
    assert not Control().narrows(sharp, wide)


def test_before_anything_is_said_nothing_is_known() -> None:
    assert holdings(TAKEN, at="2022-03-31") == {}


def test_a_first_change_tells_who_held_it_before() -> None:
    found = held(FREED, at="2022-09-09")
    assert str(found) == "Russia or Ukraine"
    assert found.since == FREED.when
    alone = held(change(FREED.when, "Ukraine"), at="2022-09-09")
    assert (str(alone), alone.certain) == ("perhaps Ukraine", False)


def test_since_is_the_change_that_brought_the_holder() -> None:
    found = held(TAKEN, FREED)
    assert found.since == FREED.when
    assert [claim.event for claim in found.claims] == [FREED]


def test_saying_it_once_more_starts_nothing_anew() -> None:
    again = [change(day, "Russia") for day in ("2022-05-01", "2022-06-01")]
    found = held(*again, TAKEN)
    assert (found.certain, found.since) == (True, TAKEN.when)
    after = held(TAKEN, FREED, change("2022-09-12", "Ukraine"))
    assert after.since == FREED.when
    within = held(TAKEN, FREED, change("2022-09-09", "Ukraine"))
    assert (within.since.lo, within.since.hi) == (FREED.when.lo, when("2022-09-09").hi)


def test_since_lies_after_the_last_that_was_certainly_somebody_elses() -> None:
    roughly = change(between("2022-09-01", "2022-09-10"), "Ukraine")
    found = held(change("2022-09-05", "Russia"), roughly, change("2022-09-20", "Ukraine"))
    assert found.certain
    assert (found.since.lo, found.since.hi) == (when("2022-09-05").lo, when("2022-09-20").hi)


def test_who_lost_it_in_a_later_change_didnt_hold_it_before() -> None:
    first = change(between("2022-09-01", "2022-09-10"), "Wagner", "Russia")
    versions = [
        change(between("2022-09-02", "2022-09-20"), "Ukraine", "Wagner", id="x"),
        change(between("2022-09-15", "2022-09-20"), "Ukraine", "Nobody's", id="x"),
    ]
    found = held(first, A.says(versions[0]), B.says(versions[1]), at="2022-09-08", trust=["A"])
    assert found.holders == {"Russia", "Wagner", "Ukraine"}


def test_two_claims_on_one_time_leave_it_contested() -> None:
    found = held(change("2022-09-01", "Russia"), change("2022-09-01", "Ukraine"))
    assert (str(found), found.certain) == ("Russia or Ukraine", False)
    assert len(found.claims) == 2


def test_two_versions_of_one_change_leave_it_contested() -> None:
    one, other = (change("2022-09-01", to, id="x") for to in ("Ukraine", "Russia"))
    found = held(TAKEN, A.says(one), B.says(other))
    assert (found.holders, found.certain) == ({"Russia", "Ukraine"}, False)
    assert held(TAKEN, A.says(one), B.says(one)).certain


def test_a_change_that_is_denied_may_not_have_been() -> None:
    found = held(TAKEN, A.says(FREED), B.denies(FREED))
    assert (found.holders, found.certain) == ({"Russia", "Ukraine"}, False)
    nothing_else = held(A.says(FREED), B.denies(FREED))
    assert nothing_else.holders == {"Russia", "Ukraine"}  # who lost it may hold it still


def test_a_change_that_another_source_has_elsewhere_may_not_have_been_here() -> None:
    here = change("2022-09-01", "Ukraine", id="x")
    there = change("2022-09-01", "Ukraine", id="x", place=Place("Balakliia"))
    found = held(TAKEN, A.says(there), B.says(here), trust=["B"])
    assert (found.holders, found.certain) == ({"Russia", "Ukraine"}, False)


def test_a_place_may_be_lost_to_nobody() -> None:
    found = held(TAKEN, change("2022-09-01", None, "Russia"))
    assert (found.holders, found.certain, str(found)) == (frozenset(), False, "nobody known")


def test_times_without_bounds_leave_it_open_until_they_must_be_over() -> None:
    undated = change(When(), "Ukraine", "Russia")
    assert held(undated, at="2022-09-01").holders == {"Russia", "Ukraine"}
    assert held(undated).holders == {"Ukraine"}
    assert held(undated).since == When()


def test_answers_are_keyed_by_the_id_of_the_place() -> None:
    named = change("2022-09-01", "Ukraine", place=Place("Izium", id="geonames:707753"))
    assert set(holdings(TAKEN, named)) == {"Izium", "geonames:707753"}


# Shares of a region.


def share(day: str, part: str, to: str | None, from_: str | None = None) -> TerritorialChange:
    return change(day, to, from_, share=Fraction(part))


@pytest.mark.parametrize(
    ("changes", "shares"),
    [
        # A third is taken of what one held whole, and then another.
        ([share("2022-09-01", "1/3", "Ukraine", "Russia")], {"Russia": "2/3", "Ukraine": "1/3"}),
        (
            [share(f"2022-09-0{day}", "1/3", "Ukraine", "Russia") for day in (1, 2)],
            {"Russia": "1/3", "Ukraine": "2/3"},
        ),
        # Whom it was taken from isn't said: from the others in proportion.
        (
            [share("2022-09-01", "1/3", "Ukraine"), share("2022-09-02", "1/2", "Wagner")],
            {"Russia": "1/3", "Ukraine": "1/6", "Wagner": "1/2"},
        ),
        # Lost to nobody: that part is in nobody's share.
        ([share("2022-09-01", "1/3", None, "Russia")], {"Russia": "2/3"}),
        # And some of it back.
        (
            [
                share("2022-09-01", "1/2", "Ukraine", "Russia"),
                share("2022-09-02", "1/4", "Russia", "Ukraine"),
            ],
            {"Russia": "3/4", "Ukraine": "1/4"},
        ),
    ],
)
def test_shares_move_from_one_to_the_other(
    changes: list[TerritorialChange], shares: dict[str, str]
) -> None:
    found = held(TAKEN, *changes)
    assert found.certain
    assert dict(found.shares) == {who: Fraction(part) for who, part in shares.items()}
    assert found.holders == shares.keys()
    assert str(found) == " and ".join(f"{who} ({part})" for who, part in sorted(shares.items()))
    assert found.since == changes[-1].when


def test_a_part_of_what_nobody_is_said_to_hold() -> None:
    from_one = held(share("2022-09-01", "1/3", "Ukraine", "Russia"))
    assert from_one.shares == (("Russia", None), ("Ukraine", Fraction(1, 3)))
    assert str(from_one) == "Russia and Ukraine (1/3)"
    from_nobody = held(share("2022-09-01", "1/3", "Ukraine"))
    assert from_nobody.shares == (("Ukraine", Fraction(1, 3)),)


def test_part_after_part_may_be_the_whole() -> None:
    parts = [share(f"2022-09-0{day}", "3/4", "Ukraine", "Russia") for day in (1, 2)]
    found = held(TAKEN, *parts)
    assert (str(found), found.certain, found.shares) == ("Ukraine", True, ())
    assert found.since == parts[1].when
    back = held(
        change("2022-04-01", "Ukraine"),
        share("2022-05-01", "1/2", "Russia", "Ukraine"),
        share("2022-06-01", "1/2", "Ukraine", "Russia"),
    )
    assert (back.holders, back.since) == ({"Ukraine"}, when("2022-06-01"))


def test_parts_in_no_known_order_leave_the_division_open() -> None:
    found = held(
        TAKEN,
        share("2022-09", "1/3", "Ukraine", "Russia"),
        share("2022-09", "1/2", "Ukraine", "Russia"),
    )
    assert (found.certain, found.shares) == (False, ())
    assert found.holders == {"Russia", "Ukraine"}


def test_a_change_that_sources_place_apart_leaves_both_places_open() -> None:
    log = Log()
    held = Report("Agency", published="2022-08-01")
    for place in ("Izium", "Balakliia"):
        log.append(held.says(TerritorialChange(when="2022-04-01", place=place, to="Russia")))
    for source, place in (("Agency", "Balakliia"), ("Wire", "Izium")):
        freed = TerritorialChange(when="2022-09-08", place=place, to="Ukraine", id="freed")
        log.append(Report(source, published="2022-09-10").says(freed))
    answer = log.ask(Control(), at="2022-09-11")
    assert {place: sorted(one.holders) for place, one in answer.items()} == {
        "Izium": ["Russia", "Ukraine"],
        "Balakliia": ["Russia", "Ukraine"],
    }
    assert not any(holding.certain for holding in answer.values())


def test_many_contested_shares_stay_answerable() -> None:
    log = Log()
    for number in range(12):
        for source, share in (("Agency", "1/7"), ("Wire", "1/5")):
            gained = TerritorialChange(
                when=f"2022-09-{number + 1:02d}",
                place="Kharkiv Oblast",
                to=f"Side {number % 3}",
                share=share,
                id=f"gain-{number}",
            )
            log.append(Report(source, published="2022-09-30").says(gained))
    holding = log.ask(Control())["Kharkiv Oblast"]
    assert holding.holders == {"Side 0", "Side 1", "Side 2"}
    assert not holding.certain


def test_nothing_said_is_held_by_nobody_known() -> None:
    assert Control().result((), None) == Holding(frozenset(), False, When(), ())


def test_a_state_grows_without_being_copied_for_each_change() -> None:
    control, state, copied = Control(), Control.start, 0
    for number in range(1, 1025):
        (account,) = resolve([A.says(change("2022-09", f"H{number}", id=f"t{number}"))])
        grown = replay.fold(control, [account], state)
        known = {id(run) for run in state}
        copied += sum(len(run) for run in grown if id(run) not in known)
        state = grown
    assert sum(map(len, state)) == 1024
    assert copied <= 1024 * 12  # each as often as the runs double


def each_over_all_before(state: Sequence[Change]) -> dict[str, Any]:
    """What each change may have found, by the definition: weighed over all that ended before it."""
    found: dict[str, Any] = {}
    for one in sorted(state, key=lambda one: -inf if one.lo is None else one.lo):
        earlier = [other for other in state if other.ends_by(one.lo)]
        found[one.account.event.id] = control._outcomes(earlier, one.lo, found)
    return found


def divided_history(draw: Random) -> list[Any]:
    """Claims on parts of one place: in dispute, denied, elsewhere, in times that overlap."""
    said: list[Any] = []
    for number in range(draw.randint(4, 12)):
        for source in draw.choice([[A], [A], [A], [A, B]]):
            lo = draw.randint(0, 12)
            to, from_ = draw.sample(["Russia", "Ukraine", "Wagner"], 2)
            version = TerritorialChange(
                when=When(
                    lo=draw.choice([lo] * 9 + [None]),
                    hi=draw.choice([lo + draw.randint(1, 4)] * 9 + [None]),
                ),
                place=draw.choice([IZIUM] * 9 + [Place("Balakliia")]),
                to=draw.choice([to] * 5 + [None]),
                from_=from_,
                share=draw.choice([None, Fraction(1, 2), Fraction(1, 3)]),
                id=str(number),
            )
            said.append(source.says(version))
        if draw.random() < 0.25:
            said.append(Report("C", published="2022-09-20").denies(said[-1].event))
    return said


@given(st.randoms(use_true_random=True))
def test_what_each_share_was_taken_of_is_as_if_all_before_it_were_weighed(draw: Random) -> None:
    accounts = resolve(divided_history(draw))
    moments = [None, *range(1, 17)]
    swept = [replay.answer(Control(), accounts, at=at) for at in moments]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(control, "_priors", each_over_all_before)
        assert [replay.answer(Control(), accounts, at=at) for at in moments] == swept


def test_a_share_costs_no_more_for_those_that_ended_long_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weighed: list[int] = []
    outcomes = control._outcomes

    def counted(state: Sequence[Change], *rest: Any) -> Any:
        weighed.append(len(state))
        return outcomes(state, *rest)

    monkeypatch.setattr(control, "_outcomes", counted)
    said = [
        A.says(change(When(lo=n, hi=n + 2), "UR"[n % 2], share=Fraction(1, 3), id=f"{n:03}"))
        for n in range(200)
    ]
    replay.answer(Control(), resolve(said))
    assert max(weighed[:-1]) <= 3  # the last of them weighs all, for the answer itself


def test_answers_by_place_make_a_frame() -> None:
    pytest.importorskip("pandas", reason="needs pandas: pip install 'timeline-events[pandas]'")
    log = Log()
    log.append(Report("One").says(TerritorialChange(when="2022", place="Izium", to="Russia")))
    held: Any = log.ask(Control())
    frame = held.to_pandas()
    assert list(frame["key"]) == ["Izium"]
    assert list(frame["told"]) == ["Russia"]
