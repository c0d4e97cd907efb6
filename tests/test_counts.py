"""Tests what a Count is, how counts add, and what a Breakdown holds."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.counts import ABOUT, Breakdown, Count
from timeline.errors import EventError, OrderError


def a_count(low: int, more: int, room: int | None, approximate: bool) -> Count:
    best = low + more
    high = None if room is None else best + room
    return Count.of_parts(low=low, best=best, high=high, approximate=approximate)


few = st.integers(0, 50)
counts = st.builds(a_count, few, few, st.none() | few, st.booleans())


def parts(count: Count) -> tuple[int, int, int | None, bool]:
    return count.low, count.best, count.high, count.approximate


@pytest.mark.parametrize(
    ("count", "low", "best", "high"),
    [
        (Count(12), 12, 12, 12),
        (Count(best=12), 12, 12, 12),
        (Count(low=400), 400, 400, None),
        (Count(high=9), 0, 0, 9),
        (Count(5, high=9), 5, 5, 9),
        (Count(5, low=3), 3, 5, None),
        (Count(low=3, high=9), 3, 3, 9),
        (Count(low=3, best=5, high=9), 3, 5, 9),
        (Count(about=450), 405, 450, 495),
        (Count(about=0), 0, 0, 0),
        (Count(about=3), 2, 3, 4),  # a tenth of three is rounded outward
    ],
)
def test_what_is_left_out_is_read_cautiously(
    count: Count, low: int, best: int, high: int | None
) -> None:
    assert (count.low, count.best, count.high) == (low, best, high)


def test_about_is_approximate_and_the_rest_is_not() -> None:
    assert Count(about=450).approximate
    assert not Count(low=405, best=450, high=495).approximate
    assert Count(about=450) != Count(low=405, best=450, high=495)


@given(st.integers(0, 10**30))
def test_about_reaches_no_less_than_the_policy_says(number: int) -> None:
    count = Count(about=number)
    assert count.low * 100 <= number * (100 - ABOUT)
    assert count.high is not None
    assert count.high * 100 >= number * (100 + ABOUT)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, r"needs a number: Count\(12\)"),
        ({"best": "12"}, "best is a whole number, not '12'"),
        ({"best": 1.5}, "best is a whole number, not 1.5"),
        ({"low": True}, "low is a whole number, not True"),
        ({"high": -1}, "high can't be below zero, but it is -1"),
        ({"about": 4, "low": 3}, "about=4 already sets low, best and high"),
        ({"best": 3, "low": 4}, "low <= best <= high, but got low=4, best=3, high=None"),
        ({"low": 4, "high": 3}, "got low=4, best=4, high=3"),
        ({"best": 4, "high": 3}, "got low=4, best=4, high=3"),
    ],
)
def test_a_count_that_cannot_be_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(EventError, match=message):
        Count(**arguments)


@pytest.mark.parametrize(("low", "best", "high"), [(-1, 0, 0), (2, 1, 3), (1, 3, 2)])
def test_stored_parts_out_of_order_are_refused(low: int, best: int, high: int) -> None:
    with pytest.raises(EventError, match="low <= best <= high"):
        Count.of_parts(low=low, best=best, high=high, approximate=False)


def test_an_int_converts_and_a_count_stays_itself() -> None:
    count = Count(low=3)
    assert Count.of(count) is count
    assert Count.of(3) == Count(3)
    with pytest.raises(EventError, match="not 'many'"):
        Count.of("many")  # type: ignore[arg-type]


@given(counts, counts)
def test_adding_adds_the_bounds_and_keeps_them_in_order(one: Count, other: Count) -> None:
    both = one + other
    assert both.low == one.low + other.low
    assert both.best == one.best + other.best
    assert both.low <= both.best
    if one.high is None or other.high is None:
        assert both.high is None
    else:
        assert both.high == one.high + other.high >= both.best
    assert both.approximate == (one.approximate or other.approximate)


@given(counts, counts, counts)
def test_adding_minds_neither_order_nor_grouping(a: Count, b: Count, c: Count) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)


@given(counts)
def test_nobody_added_is_nothing_added(count: Count) -> None:
    assert parts(count + 0) == parts(0 + count) == parts(count + Count(0)) == parts(count)


@given(st.lists(counts, min_size=1))
def test_sum_adds_counts(several: list[Count]) -> None:
    total = Count.of(sum(several))
    assert total.low == sum(count.low for count in several)
    assert total.best == sum(count.best for count in several)


@pytest.mark.parametrize("other", [1.5, "3", True, None])
def test_only_counts_and_ints_are_added(other: Any) -> None:
    with pytest.raises(TypeError):
        Count(3) + other


@given(few, few)
def test_an_exact_count_is_the_int_that_it_is(number: int, other: int) -> None:
    assert Count(number) == number
    assert hash(Count(number)) == hash(number)
    assert (Count(number) == other) == (number == other)
    assert {number: "found"}[Count(number)] == "found"  # type: ignore[index]


@given(counts, counts)
def test_equal_counts_have_equal_parts_and_hashes(one: Count, other: Count) -> None:
    assert (one == other) == (parts(one) == parts(other))
    if one == other:
        assert hash(one) == hash(other)


def test_a_rough_count_is_no_int() -> None:
    assert Count(low=3) != 3
    assert Count(about=0) != 0
    assert Count(1) != True  # noqa: E712
    assert Count(1) != "1"


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge])
def test_counts_have_no_order_of_their_own(compare: Callable[[Any, Any], bool]) -> None:
    with pytest.raises(OrderError, match=r"compare .low, .best or .high"):
        compare(Count(1), Count(2))


def test_a_count_is_neither_true_nor_false() -> None:
    with pytest.raises(OrderError, match=r"ask .low > 0"):
        bool(Count(low=0, high=3))


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (Count(12), "12"),
        (Count(low=400), "400 or more"),
        (Count(5, low=3), "5 (3 or more)"),
        (Count(low=3, best=5, high=9), "5 (3 to 9)"),
        (Count(about=450), "about 450 (405 to 495)"),
        (Count(about=450) + Count(low=1), "about 451 (406 or more)"),
    ],
)
def test_a_count_reads_as_one_would_write_it(count: Count, text: str) -> None:
    assert str(count) == text


def test_a_repr_says_all_parts() -> None:
    assert repr(Count(12)) == "Count(12)"
    assert repr(Count(low=3)) == "Count(low=3, best=3, high=None)"
    assert repr(Count(about=9)) == "Count(low=8, best=9, high=10, approximate=True)"


def test_a_count_is_frozen() -> None:
    with pytest.raises(AttributeError):
        Count(1).best = 2  # type: ignore[misc]


def test_a_breakdown_is_a_mapping_ordered_by_name() -> None:
    harmed = Breakdown({"women": Count(low=1), "children": 2})
    assert list(harmed) == ["children", "women"]
    assert harmed["children"] == 2
    assert len(harmed) == 2
    assert harmed == {"children": 2, "women": Count(low=1)}
    assert repr(harmed) == (
        "Breakdown({'children': Count(2), 'women': Count(low=1, best=1, high=None)})"
    )
    assert not Breakdown()


@given(st.dictionaries(st.text("abc", min_size=1), counts))
def test_equal_breakdowns_have_equal_hashes(told: dict[str, Count]) -> None:
    backwards = Breakdown(dict(reversed(told.items())))
    assert backwards == Breakdown(told)
    assert hash(backwards) == hash(Breakdown(told))


def test_a_breakdown_keeps_no_hold_on_what_it_was_given() -> None:
    given_parts = {"children": Count(2)}
    harmed = Breakdown(given_parts)
    given_parts["children"] = Count(3)
    assert harmed == {"children": 2}
    assert Breakdown.of(harmed) is harmed
    assert Breakdown.of({"children": 2}) == harmed


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ("children", "a mapping from names to counts"),
        ({"": 2}, "names such as 'children', not ''"),
        ({2: 2}, "names such as 'children', not 2"),
        ({"children": "two"}, "whole number, not 'two'"),
    ],
)
def test_a_breakdown_that_cannot_be_is_refused(told: Any, message: str) -> None:
    with pytest.raises(EventError, match=message):
        Breakdown(told)
