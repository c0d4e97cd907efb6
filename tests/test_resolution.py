"""Teaches by example what account claims make, and holds it against the naive definition."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import naive
from tests.boxes import times
from timeline.accounts import Account, Entry
from timeline.claims import Claim, Report, Retraction, Said, Void
from timeline.counts import Count
from timeline.errors import LogError
from timeline.events import Event, event
from timeline.kinds import Attack, Incident, PoliticalStatement, TerritorialChange
from timeline.resolution import chronological, happened_by, resolve
from timeline.testing.strategies import events, histories, reports, whens
from timeline.time_parsing import between, lasted, when
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


def test_of_claims_published_at_one_time_none_is_the_latest() -> None:
    one, other = isw(10).says(attack(12)), tass(10).says(attack(14, by="Russia"))
    (account,) = stands(one, other)
    assert account.event == attack(Count(low=12, best=12, high=14), by="Russia")
    assert set(account.versions) == {one.event, other.event}
    assert account.disputes == {"wounded"}
    assert not account.undecided  # each source has said one thing


@pytest.mark.parametrize(
    "days",
    [("2022-09-10", "2022-09-10"), ("2022-09", "2022-09-10"), (None, "2022-09-10"), (None, None)],
)
def test_a_source_whose_last_word_nobody_knows_disputes_itself(
    days: tuple[str | None, str | None],
) -> None:
    for number in range(20):
        first, second = (
            Report("Wire", published=day, title=f"{number} {index}")
            for index, day in enumerate(days)
        )
        said = first.says(attack(5)), second.says(attack(7))
        (account,) = stands(*said)
        assert account.event.wounded == Count(low=5, best=5, high=7)  # type: ignore[attr-defined]
        assert account.disputed
        assert account.disputes == {"wounded"}
        assert set(account.undecided) == set(account.counted) == set(said)
        assert set(account.versions) == {attack(5), attack(7)}


def test_of_three_claims_the_certainly_earlier_one_is_outdated() -> None:
    early, one, other = isw(9).says(attack(1)), isw(10).says(attack(5)), isw(10).says(attack(7))
    vague = Report("ISW", published="2022-09").says(attack(9))
    (account,) = stands(early, one, other)
    assert set(account.counted) == {one, other}
    (account,) = stands(early, one, other, vague)
    assert set(account.counted) == {one, other, vague}
    assert account.event.wounded == Count(low=5, best=5, high=9)  # type: ignore[attr-defined]


def test_a_source_that_says_one_thing_twice_a_day_is_decided() -> None:
    (account,) = stands(isw(10).says(attack()), isw(10, "again").says(attack()))
    assert len(account.counted) == 2
    assert account.event == attack()
    assert not account.undecided
    assert not account.disputed


def test_a_source_that_says_and_denies_on_one_day_disputes_itself() -> None:
    said, denied = isw(10).says(attack()), isw(10).denies(attack())
    (account,) = stands(said, denied)
    assert account.disputed
    assert account.sources == account.denied_by == {"ISW"}
    assert set(account.undecided) == {said, denied}


def test_the_time_of_versions_that_nobody_ordered_is_their_hull() -> None:
    days = isw(10).says(attack(when="2022-09-10")), isw(10).says(attack(when="2022-09-12"))
    (account,) = stands(*days)
    assert account.when == When(lo=days[0].event.when.lo, hi=days[1].event.when.hi)
    assert stands(isw(10).says(attack(when=When())), days[1])[0].when == When()
    lasting = [isw(10).says(attack(when=lasted(*ends))) for ends in (("2022-03", "2022-05"),)]
    lasting.append(isw(10).says(attack(when=lasted("2022-04", "2022-06"))))
    (account,) = stands(*lasting)
    one, other = (claim.event.when for claim in lasting)
    assert account.when == When(
        lo=one.lo, hi=other.hi, start_hi=other.start_hi, end_lo=one.end_lo, shape="lasted"
    )


def test_breakdowns_span_what_is_said_of_each_part() -> None:
    one = isw(10).says(attack(including={"children": 2, "women": 1}))
    other = isw(10).says(attack(including={"children": Count(low=3), "medics": 4}))
    (account,) = stands(one, other)
    assert account.event.including == {  # type: ignore[attr-defined]
        "children": Count(low=2, best=2),
        "medics": 4,
        "women": 1,
    } | {"children": Count.of_parts(low=2, best=2, high=None, approximate=False)}


def test_a_version_without_a_figure_is_silent() -> None:
    silent = Attack(when="2022-09-16", place="Kharkiv", id="a1", by="Russia")
    (account,) = stands(isw(10).says(attack(12)), isw(10).says(silent))
    assert account.event.wounded == 12  # type: ignore[attr-defined]


def test_a_figure_with_parts_missing_stays_one_among_versions() -> None:
    partly = isw(10).says(attack(Count.sum([5, None])))
    (account,) = stands(partly, isw(10).says(attack(7)))
    wounded = account.event.wounded  # type: ignore[attr-defined]
    assert (wounded.missing, wounded.high) == (1, None)
    assert wounded.given == Count(best=5, high=7)


def test_versions_of_two_kinds_keep_the_counts_of_their_own() -> None:
    incident = Incident(when="2022-09-17", id="a1", category="accident", wounded=99)
    (account,) = stands(isw(10).says(attack(12)), isw(10).says(incident))
    assert account.event.wounded in (12, 99)  # type: ignore[attr-defined]
    assert account.when.hi == incident.when.hi
    assert account.disputes == {"kind"}


def test_a_merged_event_is_not_checked_again() -> None:
    @event("test-resolution-checked/1")
    class Sure(Event):
        many: Count

        def check(self) -> None:
            if not self.many.exact:
                raise ValueError("no")

    one, other = (
        isw(10).says(Sure(when=when("2022-09-10"), many=Count(n), id="s")) for n in (1, 2)
    )
    (account,) = stands(one, other)
    assert account.event.many == Count(low=1, best=1, high=2)  # type: ignore[attr-defined]


def test_a_claim_that_nobody_dates_may_be_the_last_word() -> None:
    (account,) = stands(isw(None).says(attack(12)), tass(1).says(attack(14)))
    assert account.event == attack(Count(low=12, best=12, high=14))


def test_a_trust_rule_ranks_claims_and_leaves_out_what_it_cannot_judge() -> None:
    said = isw(10).says(attack(12)), tass(11).says(attack(14))
    unknown = Report("Blog", published="2022-09-09").says(attack(20))

    def rule(claim: Claim) -> int | None:
        return {"ISW": 1, "TASS": 2}.get(claim.source)

    assert believed(*said, trust=rule) == [attack(12)]
    # Nobody can say whether the unknown one is trusted less.
    assert believed(*said, unknown, trust=rule) == [attack(Count(low=12, best=12, high=20))]
    assert believed(*said, unknown, trust=lambda _: None) == [attack(14)]
    with pytest.raises(LogError, match="can't be compared"):
        resolve(said, trust=lambda claim: {"ISW": 1}.get(claim.source, "none"))


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
def test_of_two_sources_the_one_certainly_published_later_is_believed(
    one: When, other: When
) -> None:
    said = [
        Report(source, published=time).says(attack(wounded))
        for source, time, wounded in (("ISW", one, 12), ("TASS", other, 14))
    ]
    last = [c.event for c in said if not any(naive.later(d, c) for d in said)]
    assert believed(*said) == (
        last if len(last) == 1 else [attack(Count(low=12, best=12, high=14))]
    )


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

_PUBLISHED = ["2022-09-10", "2022-09-11", "2022-09-12", "2022-09", "2022-09-10/..", "../2022-09-11"]
_DATES = st.sampled_from([*map(when, _PUBLISHED), When()])
_TRUST: list[naive.Trust] = [
    (),
    ("TASS",),
    ["Reuters", "ISW"],
    lambda claim: {"ISW": 1, "TASS": 1, "Reuters": 2}[claim.source],
    lambda claim: {"ISW": 1, "TASS": 2}.get(claim.source),
]


@given(
    histories() | histories(Attack, reports=reports(published=_DATES), max_size=6),
    st.none() | st.integers(9, 12),
    st.sampled_from(_TRUST),
    st.randoms(use_true_random=False),
)
def test_what_stands_is_the_naive_definition_in_any_order(
    history: list[Said], published: int | None, trust: naive.Trust, random: Any
) -> None:
    cut = None if published is None else when(f"2022-09-{published:02d}").hi
    now = datetime(2022, 9, 1, tzinfo=UTC)
    entries = [Entry(position, now, one) for position, one in enumerate(history, 1)]
    shuffled = random.sample(history, len(history))
    accounts = resolve(shuffled, published=cut, trust=trust)
    end = float("inf") if cut is None else cut
    assert [naive.seen(one) for one in accounts] == naive.naive_standing(
        entries, published=end, trust=trust
    )


@given(histories(Attack, reports=reports(published=_DATES), max_size=6), st.data())
def test_doubt_about_a_publication_never_adds_certainty(
    history: list[Said], data: st.DataObject
) -> None:
    """Of claims alone: with one published nobody knows when, whatever was possible still is."""
    claims = [one for one in history if isinstance(one, Claim) and not one.replaces]
    if not claims:
        return
    picked = data.draw(st.sampled_from(claims))
    doubted = attrs.evolve(picked.report, published=When())
    wide = [doubted.says(one.event) if one is picked else one for one in claims]
    versions = {account.event.id: set(account.versions) for account in resolve(wide)}
    for account in resolve(claims):
        if all(claim.stance == "says" for claim in account.claims):
            assert set(account.versions) <= versions[account.event.id]


@given(histories() | histories(reports=reports(published=_DATES)))
def test_an_account_keeps_its_claims_in_order_of_publication(history: list[Said]) -> None:
    for account in resolve(history):
        ranks = [(naive.lo(c.published), naive.hi(c.published), c.id) for c in account.claims]
        assert ranks == sorted(ranks)
        assert [one for one in account.claims if one in account.counted] == list(account.counted)
        assert set(account.counted) == set(naive.latest_of_each_source(account.claims))


@given(histories(), events(Attack, TerritorialChange, PoliticalStatement))
def test_what_was_retracted_is_gone(history: list[Said], event: Event) -> None:
    # As if the source had never spoken of it, by a date after all others.
    said: list[Said] = [*history, isw(1).says(event)]
    retraction = Report("ISW", published="2023").retracts(event, because="it was wrong")

    def own(one: Said) -> bool:
        return isinstance(one, Claim) and one.source == "ISW" and one.event.id == event.id

    # What a retracted claim replaced stays fallen, so those stay in and are retracted as well.
    without = [one for one in said if not own(one) or (isinstance(one, Claim) and one.replaces)]
    assert resolve([*said, retraction]) == resolve([*without, retraction])


def test_what_is_drawn_holds_all_that_an_entry_can_be() -> None:
    kinds = {Claim, Retraction, Void}
    met: set[type] = set()

    @given(histories())
    def look(history: list[Said]) -> None:
        met.update(map(type, history))

    look()
    assert met == kinds
