"""Tests that events are read alike, whether their parts are shared or made each by itself."""

from __future__ import annotations

from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.canonical import encode, plain
from timeline.claims import Claim, Report
from timeline.counts import Breakdown, Count
from timeline.decoding import _MOST, ClaimBody, _Shared, body_reader
from timeline.errors import EventError
from timeline.events import Event, adds_checks, event
from timeline.kinds import KINDS, Attack, TerritorialChange
from timeline.places import Place
from timeline.schema import read_leaf
from timeline.testing.strategies import histories

REPORT = Report("ISW", published="2022-09-16")


@event("toll/1")
class Toll(Event):
    people: Count = attrs.field(validator=attrs.validators.instance_of(Count))


@event("tally/1")
class Tally(Event):
    notes: tuple[str, ...] = attrs.field(factory=tuple)


@event("walk/1")
class Walk(Event):
    metres: int = 0

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()


def plainly(kind: Any, body: bytes) -> Any:
    """The body as msgspec reads it, and nothing shared."""
    return msgspec.json.Decoder(ClaimBody[kind], dec_hook=read_leaf).decode(body)


@given(histories())
def test_what_is_shared_makes_no_difference(history: list[Any]) -> None:
    for said in history:
        if isinstance(said, Claim) and type(said.event) in KINDS:
            kind: Any = type(said.event)
            body = said.body()
            read = body_reader(kind)(body)
            assert read == plainly(kind, body)
            assert read.event == said.event
            assert type(read.event) is kind
            assert encode(plain(read.event)) == encode(plain(said.event))


def test_events_of_one_place_share_it() -> None:
    read = body_reader(Attack)
    attacks = [
        Attack(when="2022", place=Place("Izium", within="Kharkiv Oblast"), killed=no)
        for no in (1, 1, 2)
    ]
    one, two, three = (read(REPORT.says(attack).body()).event for attack in attacks)
    assert one.place is two.place is three.place
    assert one.killed is two.killed
    assert three.killed == 2
    assert one.including == Breakdown()


def test_a_place_that_is_said_to_be_none_is_none() -> None:
    body = b'{"event":{"id":"a","when":{},"place":null},"kind":"attack/1","report":"r"}'
    assert body_reader(Attack)(body).event.place is None


@pytest.mark.parametrize(
    "told",
    [b'"place":5', b'"place":{}', b'"killed":"many"', b'"killed":null', b'"when":{"lo":"x"}'],
)
def test_a_shared_value_is_held_to_its_type(told: bytes) -> None:
    body = b'{"event":{"id":"a","when":{},%s},"kind":"attack/1","report":"r"}' % told
    with pytest.raises(msgspec.ValidationError):
        body_reader(Attack)(body)


def test_a_check_of_the_kind_runs() -> None:
    body = b'{"event":{"id":"a","when":{},"place":{"name":"x"}},"kind":"k","report":"r"}'
    with pytest.raises(EventError, match="needs to="):
        body_reader(TerritorialChange)(body)


@given(st.sampled_from([Toll, Tally, Walk]))
def test_kinds_that_add_checks_of_their_own_are_read_by_msgspec(kind: Any) -> None:
    assert adds_checks(kind)
    made = kind(when="2022", **({"people": 3} if kind is Toll else {}))
    assert body_reader(kind)(REPORT.says(made).body()).event == made


def test_few_values_are_remembered() -> None:
    shared = _Shared(Count)
    for number in range(_MOST + 5):
        assert shared[encode(plain(Count(number)))] == number
    assert len(shared) == 5
