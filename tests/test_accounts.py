"""Tests what an account tells; how it is weighed is the matter of `standing`."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from timeline.accounts import Account, lone_account
from timeline.claims import Claim, Report
from timeline.counts import Breakdown, Count
from timeline.events import Event
from timeline.kinds import Attack, Incident
from timeline.places import Place
from timeline.time_parsing import when

evolve: Any = attrs.evolve  # a kind is an attrs class, which mypy can't see
ATTACK = Attack(
    when=when("2022-09-16"),
    place=Place("Kharkiv"),
    wounded=Count(12),
    including=Breakdown({"children": 2}),
)


def account(*claims: Claim) -> Account:
    return Account(claims[-1].event, claims, claims)


def says(source: str, event: Event = ATTACK, stance: str = "says") -> Claim:
    claim: Claim = getattr(Report(source, published="2022-09-16"), stance)(event)
    return claim


def test_two_sources_corroborate() -> None:
    both = account(says("A"), says("B"))
    assert both.sources == {"A", "B"}
    assert both.when == ATTACK.when
    assert both.versions == (ATTACK,)
    assert not both.disputed
    assert not both.expected


def test_a_denial_disputes_without_standing_by() -> None:
    denied = account(says("B", stance="denies"), says("A"))
    assert denied.sources == {"A"}
    assert denied.denied_by == {"B"}
    assert denied.disputed
    assert not denied.disputes


def test_what_is_only_predicted_is_expected() -> None:
    expected = account(says("A", stance="expects"))
    assert expected.expected
    assert expected.sources == {"A"}
    assert not account(says("A", stance="expects"), says("B")).expected


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, set()),
        ({"summary": "Twelve wounded"}, set()),
        ({"by": "Russia"}, set()),  # the other one is silent
        ({"place": Place("Izium")}, {"place"}),
        ({"wounded": Count(13)}, {"wounded"}),
        ({"wounded": Count(low=13)}, {"wounded"}),
        ({"wounded": Count(low=3)}, set()),
        ({"wounded": Count(low=3, high=11)}, {"wounded"}),
        ({"wounded": Count()}, set()),  # who gives no figure contradicts nobody
        ({"wounded": Count(0)}, {"wounded"}),  # none is a statement
        ({"including": Breakdown({"children": 2, "women": 1})}, set()),
        ({"including": Breakdown({"children": 3})}, {"including"}),
        ({"when": when("2022-09")}, set()),
        ({"when": when("2022-09-17"), "killed": Count(3)}, {"when"}),
    ],
)
def test_sources_dispute_fields_in_which_not_all_can_be_right(
    change: dict[str, Any], fields: set[str]
) -> None:
    theirs = evolve(ATTACK, **change)
    assert account(says("A"), says("B", theirs)).disputes == fields
    assert account(says("B", theirs), says("A")).disputes == fields


def test_two_kinds_of_one_event_are_in_dispute() -> None:
    fire = Incident(when=ATTACK.when, id=ATTACK.id, category="fire")
    assert account(says("A"), says("B", fire)).disputes == {"kind"}


@pytest.mark.parametrize(
    ("one", "other", "disputed"),
    [
        (Place("Kherson"), Place("Kherson", id="geonames:706448", latitude=46.6), False),
        (Place("Kherson", id="geonames:706448"), Place("Cherson", id="geonames:706448"), False),
        (Place("Kherson", id="geonames:706448"), Place("Kherson", id="geonames:706442"), True),
        (Place("Kherson"), Place("Izium"), True),
    ],
)
def test_places_agree_unless_their_ids_or_else_their_names_differ(
    one: Place, other: Place, disputed: bool
) -> None:
    claims = [
        Report(source, published="2022-09-11").says(
            Attack(when="2022-09-10", place=place, id="kherson-1")
        )
        for source, place in (("Agency", one), ("Wire", other))
    ]
    account = Account(claims[0].event, tuple(claims), tuple(claims))
    assert account.disputed is disputed
    assert account.disputes == (frozenset({"place"}) if disputed else frozenset())


@pytest.mark.parametrize("stance", ["says", "expects"])
def test_the_account_of_a_lone_claim_is_as_any_other(stance: str) -> None:
    claim = says("A", stance=stance)
    assert lone_account(claim) == account(claim)
    assert vars(lone_account(claim)) == vars(account(claim))
