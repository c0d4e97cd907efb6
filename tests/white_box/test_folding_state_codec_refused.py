"""Tests which states, types and stored bytes are refused, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any, Literal, NewType, TypeVar

import attrs
import pytest

from tests.shapes import NOW, Level, Mixed, Point, Side, Span, Tree, Truth, states
from timeline.accounts import Account
from timeline.claims import Claim, Report
from timeline.counts import Breakdown, Count
from timeline.errors import ProjectionError
from timeline.events import Event
from timeline.folding.replay import answer
from timeline.kinds import Attack, Incident
from timeline.projection import Projection, on

T = TypeVar("T")

Number = NewType("Number", int)


@pytest.mark.parametrize(
    ("hint", "name"),
    [
        (datetime, "datetime"),
        (bytes, "bytes"),
        (object, "object"),
        (complex, "complex"),
        (list, "list"),
        (Any, "Any"),
        (T, "~T"),
        (Mixed, "Mixed"),
        (Truth, "Truth"),
        (Literal[Side.RUSSIA], "typing.Literal[<Side.RUSSIA: 'ru'>]"),
        (type[int], "type[int]"),
        (Number, "tests.white_box.test_folding_state_codec_refused.Number"),
        (tuple[int, datetime], "datetime"),
        (dict[datetime, int], "datetime"),
        (int | list[bytes], "bytes"),
    ],
    ids=str,
)
def test_a_type_that_cannot_be_kept_is_refused_at_once(hint: Any, name: str) -> None:
    with pytest.raises(ProjectionError) as told:
        states(hint)
    assert str(told.value) == (
        f"a state of type {name} can't be stored; make it of texts, numbers, Fractions, Enums of "
        "texts or ints, tuples, lists, sets, mappings, unions, and frozen attrs classes of these"
    )


def test_a_class_whose_fields_cannot_be_told_is_refused() -> None:
    @attrs.frozen
    class Local:
        of: Nowhere  # type: ignore[name-defined]  # noqa: F821 - the point of it

    with pytest.raises(ProjectionError) as told:
        states(Local)
    assert str(told.value) == (
        "the fields of Local can't be told: name 'Nowhere' is not defined; define what they are "
        "made of at the top of the module"
    )


class Longer(Point):
    pass


class Chain(Projection[Tree]):
    start = Tree("seed")

    @on(Attack)
    def add(self, state: Tree, event: Attack) -> Tree:
        return Tree(event.id, (state,))


@pytest.mark.parametrize(
    ("hint", "state", "message"),
    [
        (str, 1, "expected str, got 1"),
        (int, True, "expected int, got True"),
        (int, 1.0, "expected int, got 1.0"),
        (bool, 1, "expected bool, got 1"),
        (float, True, "expected float, got True"),
        (float, "1", "expected float, got '1'"),
        (type(None), 0, "expected NoneType, got 0"),
        (Fraction, 1, "expected Fraction, got 1"),
        (Side, Level.LOW, "expected Side, got <Level.LOW: 1>"),
        (Side, "ru", "expected Side, got 'ru'"),
        (Literal["a", 1], "b", "expected one of ('a', 1), got 'b'"),
        (Literal[1], True, "expected one of (1,), got True"),
        (tuple[int, ...], [1], "expected tuple, got [1]"),
        (tuple[int, ...], ("a",), "expected int, got 'a'"),
        (tuple[int, str], [1, "a"], "expected tuple, got [1, 'a']"),
        (tuple[int, str], (1,), "zip() argument 2 is shorter than argument 1"),
        (list[int], (1,), "expected list, got (1,)"),
        (frozenset[int], {1}, "expected frozenset, got {1}"),
        (set[int], frozenset({1}), "expected set, got frozenset({1})"),
        (dict[str, int], [("a", 1)], "expected dict, got [('a', 1)]"),
        (dict[str, int], {1: 1}, "expected str, got 1"),
        (dict[str, int], {"a": "b"}, "expected int, got 'b'"),
        (Mapping[str, int], 3, "expected Mapping, got 3"),
        (int | None, "a", "expected int or NoneType, got 'a'"),
        (list[int] | Point, ["a"], "expected list[int] or Point, got ['a']"),
        (Point, Span(1, length=2), "expected Point, got Span("),
        (Point, Longer(1), "expected Point, got Longer(x=1, y=None)"),
        (Point, Point("a"), "expected int, got 'a'"),  # type: ignore[arg-type]
        (Breakdown, {"children": Count(1)}, "expected Breakdown, got {'children'"),
        (Attack, Incident(when=NOW, category="fire"), "expected Attack, got Incident("),
        (Event, NOW, "expected Event, got When("),
        (Claim, Report("ISW"), "expected Claim, got Report("),
        (Report, "ISW", "expected Report, got 'ISW'"),
        (str, "\ud800", "can't be written down as JSON"),
    ],
)
def test_a_state_of_another_type_isnt_written(hint: Any, state: Any, message: str) -> None:
    with pytest.raises(ProjectionError) as told:
        states(hint).dump(state)
    assert str(told.value).startswith("this state isn't of the type declared for it: ")
    assert message in str(told.value)


@pytest.mark.parametrize(
    ("hint", "stored", "message"),
    [
        (int, b"", "Input data was truncated"),
        (int, b'"1"', "expected int, got '1'"),
        (int, b"1.0", "expected int, got 1.0"),
        (float, b'"x"', "expected float, got 'x'"),
        (float, b"null", "expected float, got None"),
        (Literal["a"], b'"b"', "expected one of ('a',), got 'b'"),
        (Fraction, b"1", "expected str, got 1"),
        (Fraction, b'"1/0"', "Fraction(1, 0)"),
        (Fraction, b'"half"', "Invalid literal for Fraction: 'half'"),
        (Side, b'"uk"', "'uk' is not a valid Side"),
        (tuple[str, ...], b'"ab"', "expected list, got 'ab'"),
        (tuple[str, str], b'"ab"', "expected list, got 'ab'"),
        (tuple[str, str], b'["a"]', "zip() argument 2 is shorter than argument 1"),
        (dict[str, int], b'{"a":1}', "expected list, got {'a': 1}"),
        (dict[str, int], b'["ab"]', "expected int, got 'b'"),
        (int | None, b"1", "expected list, got 1"),
        (int | None, b"[-1,1]", "-1 is not in range"),
        (int | None, b"[2,1]", "2 is not in range"),
        (int | None, b"[0]", "not enough values to unpack"),
        (Point, b"[1]", "expected dict, got [1]"),
        (Point, b'{"x":1}', "Point has the fields ['x', 'y'], not ['x']"),
        (Point, b'{"x":1,"y":[1,null],"z":1}', "Point has the fields ['x', 'y'], not ['x', 'y', "),
        (
            Count,
            (
                b'{"approximate":false,"best":1,"given_high":[1,null],"given_low":[1,null],'
                b'"high":[0,1],"low":2,"missing":0,"reported":true}'
            ),
            "low <= best <= high",
        ),
        (Report, b"{}", "missing required field `source`"),
        (Event, b'"ab"', "expected list, got 'ab'"),
        (Event, b'["attack/1",{}]', "missing required field"),
        (Claim, b'"abc"', "expected list, got 'abc'"),
        (Claim, b'["1"]', "not enough values to unpack"),
    ],
)
def test_bytes_of_another_state_are_refused(hint: Any, stored: bytes, message: str) -> None:
    with pytest.raises(ProjectionError) as told:
        states(hint).load(stored)
    assert str(told.value).startswith("the stored state can't be read: ")
    assert str(told.value).endswith("; fold it again from the start")
    assert message in str(told.value)


def test_what_is_deeper_than_the_stack_is_refused() -> None:
    attacks = [Attack(when=NOW, id=str(number)) for number in range(2000)]
    told = [Report("ISW").says(one) for one in attacks]
    deep = answer(Chain(), [Account(one.event, (one,), (one,)) for one in told])
    with pytest.raises(ProjectionError, match=r"declared for it: .*recursion"):
        states(Tree).dump(deep)
    stored = b'{"name":"a","root":[1,null],"twigs":[' * 2000 + b"]}" * 2000
    with pytest.raises(ProjectionError, match=r"be read: .*recursion"):
        states(Tree).load(stored)
