"""Tests that a state comes back as it was stored, by its declared type, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Generic, Literal, TypeVar, TypeVarTuple

import attrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shapes import (
    NOW,
    Counter,
    Deep,
    Level,
    Point,
    Private,
    Side,
    Span,
    Tree,
    again,
    states,
)
from timeline.accounts import Account
from timeline.claims import Claim, Report
from timeline.codec import Codec
from timeline.counts import Breakdown, Count
from timeline.errors import ProjectionError
from timeline.events import Event, UnknownEvent, event
from timeline.folding.replay import fold
from timeline.folding.state_codec import StateCodec, state_type
from timeline.kinds import Attack, Incident, PoliticalStatement
from timeline.places import Place
from timeline.projection import Projection
from timeline.resolution import resolve
from timeline.testing.strategies import (
    breakdowns,
    claims,
    counts,
    events,
    histories,
    places,
    reports,
    whens,
)
from timeline.times import When
from timeline.views.casualties import Casualties
from timeline.views.control import Control
from timeline.views.statements import Statements

points = st.builds(Point, st.integers(), st.none() | st.fractions())
sides = st.sampled_from(Side)
trees = st.recursive(
    st.builds(Tree, st.text()),
    lambda twigs: st.builds(
        Tree, st.text(), st.lists(twigs, max_size=2).map(tuple), st.none() | twigs
    ),
    max_leaves=4,
)


def several(part: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(part, max_size=3)


SHAPES: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(),
    int: st.integers(),
    float: st.floats(allow_nan=False) | st.integers(),
    bool: st.booleans(),
    type(None): st.none(),
    Fraction: st.fractions(),
    Side: sides,
    Level: st.sampled_from(Level),
    Literal["a", 1, True]: st.sampled_from(["a", 1, True]),
    tuple[()]: st.just(()),
    tuple[int, str]: st.tuples(st.integers(), st.text()),
    tuple[int, ...]: several(st.integers()).map(tuple),
    list[Fraction]: several(st.fractions()),
    set[Point]: several(points).map(set),
    frozenset[Side]: several(sides).map(frozenset),
    dict[str, int]: st.dictionaries(st.text(), st.integers(), max_size=3),
    dict[tuple[int, Side | None], list[Point]]: st.dictionaries(
        st.tuples(st.integers(), st.none() | sides), several(points), max_size=3
    ),
    Mapping[Point | None, str]: st.dictionaries(st.none() | points, st.text(), max_size=3),
    int | None: st.none() | st.integers(),
    bool | int | float | str: st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(),
    float | None: st.none() | st.integers() | st.floats(allow_nan=False),
    Literal["whole"] | Fraction: st.just("whole") | st.fractions(),
    Mapping[str, int] | None: st.none() | st.dictionaries(st.text(), st.integers(), max_size=3),
    tuple[int, ...] | tuple[str, ...]: several(st.integers()).map(tuple)
    | several(st.text()).map(tuple),
    Point: points,
    Tree: trees,
    Deep: st.builds(
        Deep,
        points,
        st.dictionaries(sides, several(points).map(frozenset)),
        st.tuples(st.text(), st.none() | counts()),
    ),
    Private: st.builds(Private, st.integers()),
    Span: st.builds(Span, st.integers(), length=st.integers()),
    When: whens(),
    Place: places(),
    Count: counts(),
    Breakdown: breakdowns(),
    Report: reports(),
    Event: events(),
    Attack | PoliticalStatement: events(Attack, PoliticalStatement),
    Attack | Event: events(Attack, Incident),
    Claim: claims(),
}


@pytest.mark.parametrize("hint", SHAPES, ids=str)
@given(data=st.data())
def test_a_state_comes_back_as_it_was(hint: Any, data: st.DataObject) -> None:
    state = data.draw(SHAPES[hint])
    back = again(hint, state)
    assert back == state
    # As 1 == True == 1.0. Sets show themselves in any order; how a day was written isn't kept.
    assert repr(back) == repr(state) or hint in {set[Point], frozenset[Side], Deep, Report, Claim}
    assert states(hint).dump(back) == states(hint).dump(state)


@given(several(st.integers() | st.text() | st.none()).map(tuple))
def test_equal_sets_have_equal_bytes(members: tuple[Any, ...]) -> None:
    kept = states(frozenset[int | str | None])
    assert kept.dump(frozenset(members)) == kept.dump(frozenset(reversed(members)))
    assert msgspec.json.decode(kept.dump(frozenset({3, 1, 2}))) == [[0, 1], [0, 2], [0, 3]]


def test_a_dict_keeps_its_order() -> None:
    assert [*again(dict[int, str], {2: "b", 1: "a"})] == [2, 1]


def test_what_json_has_no_number_for_is_kept() -> None:
    low, none, high = again(tuple[float, ...], (float("-inf"), float("nan"), float("inf")))
    assert (low, high) == (float("-inf"), float("inf"))
    assert none != none  # noqa: PLR0124 - which is how one tells


def test_a_changing_class_is_kept_with_fields_that_it_makes_later() -> None:
    counter = Counter([1, 2])
    counter.last = 2
    assert again(Counter, counter) == counter


# What was written where a state is read by another codec, or by the library's later version.


@event("flood/1")
class Flood(Event):
    depth: int = 0


def test_an_event_of_a_kind_that_nobody_knows_is_kept_untouched() -> None:
    flood = Flood(when=NOW, id="f", depth=3)
    unknown = again(Event, flood)
    assert isinstance(unknown, UnknownEvent)
    assert again(Event, unknown) == unknown
    assert StateCodec(Event, Codec([Flood])).load(states(Event).dump(unknown)) == flood


def test_a_kind_that_the_codec_lacks_isnt_taken_for_the_one_declared() -> None:
    flood = Flood(when=NOW, id="f")
    with pytest.raises(ProjectionError, match=r"can't be read: expected Flood, got UnknownEvent"):
        again(Flood, flood)


# The states of the library's own views.


def stored_between(projection: Projection[Any], accounts: list[Account]) -> Any:
    kept = states(state_type(type(projection)))
    state = projection.start
    for account in accounts:
        state = kept.load(kept.dump(fold(projection, [account], state)))
    return state


@pytest.mark.parametrize(
    "view", [Control(), Casualties(), Statements()], ids=lambda view: type(view).__name__
)
@given(history=histories())
def test_the_views_resume_from_what_was_stored(view: Projection[Any], history: list[Any]) -> None:
    accounts = [one for one in resolve(history) if view.handler(type(one.event))]
    assert stored_between(view, accounts) == fold(view, accounts, view.start)


def test_a_claim_keeps_the_id_it_had() -> None:
    claim = attrs.evolve(Report("ISW").says(Attack(when=NOW, id="a")), id="ab" * 32)
    assert again(Claim, claim).id == "ab" * 32


# Which type is declared.

T = TypeVar("T")
U = TypeVar("U")
Ts = TypeVarTuple("Ts")


class Of(Projection[T]):
    pass


class Pairs(Projection[tuple[T, U]]):
    pass


class Half(Pairs[T, int], Generic[T]):
    pass


class Both(Half[str]):
    pass


class Swapped(Pairs[U, T], Generic[T, U]):
    pass


class Filled(Swapped[int, str]):
    pass


class Totals(Of[int]):
    pass


class Derived(Totals):
    pass


class Labelled(Totals, Generic[T]):
    pass


class Named(Labelled[str]):
    pass


class Twice(Of[list[T]], Generic[T]):
    pass


class Listed(Twice[str]):
    pass


class Record(Projection[tuple[*Ts]], Generic[*Ts]):
    pass


class OfOne(Record[int]):
    pass


class OfTwo(Record[int, str]):
    pass


class Bare(Projection):  # type: ignore[type-arg]
    pass


class Anything(Projection[Any]):
    pass


@pytest.mark.parametrize(
    ("projection", "expected"),
    [
        (Totals, int),
        (Derived, int),
        (Named, int),
        (Both, tuple[str, int]),
        (Filled, tuple[str, int]),
        (Listed, list[str]),
        (OfOne, tuple[int]),
        (OfTwo, state_type(Record)),
        (Statements, tuple[Account, ...]),
    ],
)
def test_the_state_s_type_is_the_nearest_declared(projection: Any, expected: Any) -> None:
    assert state_type(projection) == expected


@pytest.mark.parametrize("projection", [Of, Bare, Anything, Projection])
def test_a_projection_that_declares_no_state_is_refused(projection: Any) -> None:
    with pytest.raises(ProjectionError) as told:
        state_type(projection)
    assert str(told.value) == (
        f"{projection.__name__} doesn't say what its state is; derive it from Projection[int], "
        "or whatever the type is, to have states stored"
    )
