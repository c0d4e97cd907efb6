"""Teaches by example what stands and what falls, and holds it against the naive definition."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import naive
from tests.boxes import times
from timeline.accounts import Account, Entry
from timeline.claims import Claim, Report, Retraction, Said, Void
from timeline.counts import Count
from timeline.errors import ClaimError
from timeline.events import Event
from timeline.kinds import Attack, Incident, PoliticalStatement, TerritorialChange
from timeline.resolution import chronological, happened_by, standing
from timeline.testing.strategies import SOURCES, events, histories, whens
from timeline.time_parsing import between, when
from timeline.times import When

DESK = Report("our desk")


def isw(day: int | None, title: str | None = None) -> Report:
    return Report("ISW", published=None if day is None else f"2022-09-{day:02d}", title=title)


def tass(day: int) -> Report:
    return Report("TASS", published=f"2022-09-{day:02d}")


def attack(wounded: int = 12, **fields: Any) -> Attack:
    told = {"when": "2022-09-16", "place": "Kharkiv", "id": "a1"} | fields
    return Attack(wounded=wounded, **told)


def stands(*said: Said, **asked: Any) -> list[Account]:
    """What stands, having made sure that the order of arrival doesn't matter."""
    found = standing(said, **asked)
    if len(said) <= 4:
        assert all(standing(order, **asked) == found for order in permutations(said))
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


@pytest.mark.parametrize(("claimed", "retracted"), [(None, 12), (10, None), (None, None)])
def test_without_a_date_a_retraction_reaches(claimed: int | None, retracted: int | None) -> None:
    assert not believed(isw(claimed).says(attack()), isw(retracted).retracts("a1", because="-"))


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


# Accounts.


def test_sources_that_agree_corroborate() -> None:
    (account,) = stands(isw(10).says(attack()), tass(11).says(attack()))
    assert account.sources == {"ISW", "TASS"}
    assert account.versions == (attack(),)
    assert not account.disputed


def test_the_latest_published_is_believed() -> None:
    early, late = isw(10).says(attack(12)), tass(11).says(attack(14))
    (account,) = stands(late, early)
    assert account.event == late.event
    assert account.claims == (early, late)


def test_claims_published_at_one_time_are_ranked_by_id() -> None:
    one, other = isw(10).says(attack(12)), tass(10).says(attack(14))
    assert believed(one, other) == [max(one, other, key=lambda claim: claim.id).event]


def test_a_claim_that_nobody_dates_gives_way_to_one_that_is_dated() -> None:
    assert believed(isw(None).says(attack(12)), tass(1).says(attack(14))) == [attack(14)]


@pytest.mark.parametrize(
    ("trust", "wounded"),
    [
        ((), 14),
        (("ISW",), 12),
        (("TASS", "ISW"), 14),
        (("ISW", "TASS"), 12),
        (("Reuters",), 14),  # silent about this one: the latest of the others
    ],
)
def test_a_trust_order_overrides_the_date(trust: tuple[str, ...], wounded: int) -> None:
    said = isw(10).says(attack(12)), tass(11).says(attack(14))
    assert believed(*said, trust=trust) == [attack(wounded)]


def test_trust_picks_the_trusted_source_s_latest_version() -> None:
    said = isw(9).says(attack(11)), isw(10).says(attack(12)), tass(11).says(attack(14))
    assert believed(*said, trust=["ISW"]) == [attack(12)]


def test_a_denial_disputes_and_asserts_nothing() -> None:
    assert not stands(tass(10).denies(attack()))
    (account,) = stands(isw(10).says(attack()), tass(11).denies(attack(99)))
    assert account.event == attack()
    assert account.denied_by == {"TASS"}
    assert account.sources == {"ISW"}
    assert account.disputed
    assert not account.disputes


def test_a_source_that_denies_what_it_said_no_longer_says_it() -> None:
    assert not stands(isw(10).says(attack()), isw(11).denies(attack()))
    (account,) = stands(isw(11).says(attack()), isw(10).denies(attack()))
    assert not account.disputed


def test_what_is_expected_stands_as_expected_until_somebody_says_it() -> None:
    expected = isw(10).expects(attack(12))
    (account,) = stands(expected)
    assert account.expected
    assert account.sources == {"ISW"}
    (account,) = stands(expected, tass(9).says(attack(14)))
    assert not account.expected
    assert account.event == attack(14)
    assert account.versions == (attack(14),)


@pytest.mark.parametrize(
    ("one", "other", "disputes"),
    [
        ({"when": "2022-09-16"}, {"when": "2022-09"}, set()),
        ({"when": "2022-09-16"}, {"when": between("2022-09-16", "2022-09-18")}, set()),
        ({"when": "2022-09-16"}, {"when": "2022-09-17"}, {"when"}),
        ({"killed": 3}, {"killed": Count(low=1, best=2, high=3)}, set()),
        ({"killed": 3}, {"killed": Count(low=2)}, set()),
        ({"killed": 3}, {"killed": Count(low=4)}, {"killed"}),
        ({"killed": Count(about=30)}, {"killed": 33}, set()),
        ({"killed": Count(about=30)}, {"killed": 34}, {"killed"}),
        ({"killed": 3}, {}, set()),  # a count left out is silence
        ({"by": "Russia"}, {}, set()),
        ({"by": "Russia"}, {"by": "Ukraine"}, {"by"}),
        ({"by": "Russia", "killed": 1}, {"by": "Ukraine", "killed": 2}, {"by", "killed"}),
        ({"place": "Kharkiv"}, {"place": "Izium"}, {"place"}),
        ({"place": None}, {"place": "Izium"}, set()),
        ({"summary": "one"}, {"summary": "other"}, set()),
        ({"including": {"children": 2}}, {"including": {"children": 3}}, {"including"}),
        ({"including": {"children": 2}}, {"including": {"children": Count(low=1)}}, set()),
        ({"including": {"children": 2}}, {"including": {"medics": 1}}, set()),
    ],
)
def test_sources_dispute_the_fields_in_which_they_cannot_both_be_right(
    one: dict[str, Any], other: dict[str, Any], disputes: set[str]
) -> None:
    (account,) = stands(isw(10).says(attack(**one)), tass(11).says(attack(**other)))
    assert account.disputes == disputes
    assert account.disputed is bool(disputes)


def test_a_source_does_not_dispute_itself() -> None:
    (account,) = stands(isw(10).says(attack(12)), isw(11).says(attack(14)))
    assert not account.disputed


def test_versions_of_two_kinds_dispute_the_kind() -> None:
    incident = Incident(when="2022-09-16", id="a1", category="accident")
    (account,) = stands(isw(10).says(attack()), tass(11).says(incident))
    assert account.disputes == {"kind"}


# Order.


def test_a_cyclic_comparator_s_counterexample_is_ordered() -> None:
    # Each overlaps the next, and the first is certainly before the last.
    boxes = {"3": (0, 10), "2": (5, 25), "1": (20, 30)}
    said = [
        isw(1).says(attack(id=name, when=When(lo=lo, hi=hi))) for name, (lo, hi) in boxes.items()
    ]
    assert [event.id for event in believed(*said)] == ["3", "2", "1"]


@given(st.lists(whens(), min_size=2, max_size=5))
def test_the_order_extends_certainly_before(drawn: list[When]) -> None:
    made = [attack(id=f"a{number}", when=time) for number, time in enumerate(drawn)]
    order = sorted(made, key=chronological)
    assert order == sorted([*made[1:], made[0]], key=chronological)
    for index, later in enumerate(order):
        for earlier in order[:index]:
            assert chronological(earlier) < chronological(later)
            assert not naive.hi(later.when) <= naive.lo(earlier.when)


@given(times(), times())
def test_the_order_is_by_earliest_then_latest_then_id(one: When, other: When) -> None:
    a, b = attack(id="a", when=one), attack(id="b", when=other)
    first = (naive.lo(one), naive.hi(one)) <= (naive.lo(other), naive.hi(other))
    assert (chronological(a) < chronological(b)) is first
    assert chronological(a) != chronological(b)


def test_bounds_at_zero_are_bounds_as_any_other() -> None:
    bounds = [(None, -1), (None, 0), (None, 1), (None, None), (-1, 0), (-1, 2), (0, 9), (1, 3)]
    # Named against the order, so that a tie would turn it round.
    made = [
        attack(id=f"a{9 - number}", when=When(lo=lo, hi=hi))
        for number, (lo, hi) in enumerate(bounds)
    ]
    assert sorted(made, key=chronological) == made


@given(times(), times())
def test_of_two_sources_the_one_published_later_is_believed(one: When, other: When) -> None:
    said = [
        Report(source, published=time).says(attack(wounded))
        for source, time, wounded in (("ISW", one, 12), ("TASS", other, 14))
    ]
    last = max(said, key=lambda c: (naive.lo(c.published), naive.hi(c.published), c.id))
    assert believed(*said) == [last.event]


@given(times(), st.integers(-1, 6))
def test_something_happened_by_a_moment_when_its_bounds_say_so(time: When, at: int) -> None:
    assert happened_by(time, at) is naive.by_then(time, at)
    assert happened_by(time, at, "certain") is naive.by_then(time, at)
    assert happened_by(time, at, "possible") is naive.by_then(time, at, "possible")


@given(whens(), st.none() | whens(bounded=True))
def test_what_certainly_happened_possibly_did(time: When, asked: When | None) -> None:
    moment = None if asked is None else asked.hi
    at = float("inf") if moment is None else moment
    for reading in ("certain", "possible"):
        assert happened_by(time, moment, reading) is naive.by_then(time, at, reading)
    assert happened_by(time, moment) <= happened_by(time, moment, "possible")


# The definition, by drawn histories.


@given(
    histories(),
    st.none() | st.integers(1, 9),
    st.permutations(SOURCES).map(lambda order: order[:2]) | st.just(()),
    st.randoms(use_true_random=False),
)
def test_what_stands_is_the_naive_definition_in_any_order(
    history: list[Said], published: int | None, trust: tuple[str, ...], random: Any
) -> None:
    cut = None if published is None else when(f"2022-09-{published:02d}").hi
    now = datetime(2022, 9, 1, tzinfo=UTC)
    entries = [Entry(position, now, one) for position, one in enumerate(history, 1)]
    shuffled = random.sample(history, len(history))
    accounts = standing(shuffled, published=cut, trust=trust)
    end = float("inf") if cut is None else cut
    assert [naive.seen(one) for one in accounts] == naive.naive_standing(
        entries, published=end, trust=trust
    )


@given(histories())
def test_an_account_keeps_its_claims_in_order_of_publication(history: list[Said]) -> None:
    for account in standing(history):
        ranks = [(naive.lo(c.published), naive.hi(c.published), c.id) for c in account.claims]
        assert ranks == sorted(ranks)
        assert [one for one in account.claims if one in account.counted] == list(account.counted)
        assert len({claim.source for claim in account.counted}) == len(account.counted)


@given(histories(), events(Attack, TerritorialChange, PoliticalStatement))
def test_what_was_retracted_is_gone(history: list[Said], event: Event) -> None:
    # As if the source had never spoken of it: an undated retraction reaches all of its claims.
    said: list[Said] = [*history, Report("ISW").says(event)]
    retraction = Report("ISW").retracts(event, because="it was wrong")

    def told(one: Said) -> bool:
        return isinstance(one, Claim) and one.source == "ISW" and one.event.id == event.id

    # What a retracted claim replaced stays fallen, so those stay in and are retracted as well.
    without = [one for one in said if not told(one) or (isinstance(one, Claim) and one.replaces)]
    assert standing([*said, retraction]) == standing([*without, retraction])


def test_what_is_drawn_holds_all_that_an_entry_can_be() -> None:
    kinds = {Claim, Retraction, Void}
    met: set[type] = set()

    @given(histories())
    def look(history: list[Said]) -> None:
        met.update(map(type, history))

    look()
    assert met == kinds
