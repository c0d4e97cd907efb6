"""Tests what a Count is, how counts add, and what a Breakdown holds."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.counts import ABOUT, Breakdown, Count, says_nothing
from timeline.errors import EventError, OrderError


def a_count(low: int, more: int, room: int | None, approximate: bool) -> Count:
    best = low + more
    high = None if room is None else best + room
    return Count.of_parts(low=low, best=best, high=high, approximate=approximate)


few = st.integers(0, 50)
figures = st.builds(a_count, few, few, st.none() | few, st.booleans())
sums = st.lists(figures | st.just(Count()), max_size=3).map(Count.sum)
counts = st.one_of(figures, st.just(Count()), sums)


def possible(count: Count, number: int) -> bool:
    """Whether a count leaves it open that there were so many."""
    return count.low <= number and (count.high is None or number <= count.high)


def holds(wide: Count, sharp: Count) -> bool:
    """Whether all that a sharper count leaves possible is possible under a wider one."""
    return wide.low <= sharp.low and (
        wide.high is None or (sharp.high is not None and sharp.high <= wide.high)
    )


@st.composite
def widened(draw: st.DrawFn) -> tuple[Count, Count]:
    """A figure, and the same with more doubt: bounds further apart, or nobody to give it."""
    sharp = draw(figures)
    low = draw(st.integers(0, sharp.low))
    high = None if sharp.high is None else draw(st.none() | st.integers(sharp.high, 200))
    wide = Count.of_parts(low=low, best=sharp.best, high=high, approximate=sharp.approximate)
    return sharp, draw(st.sampled_from([wide, Count()]))


def parts(count: Count) -> tuple[Any, ...]:
    return attrs.astuple(count)


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
    if one == Count.sum(()) or other == Count.sum(()):
        assert both in (one, other)
    elif one.high is None or other.high is None:
        assert both.high is None
    else:
        assert both.high == one.high + other.high >= both.best
    assert both.approximate == (one.approximate or other.approximate)


@given(counts, counts, counts)
def test_adding_minds_neither_order_nor_grouping(a: Count, b: Count, c: Count) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)


@given(figures)
def test_none_added_to_a_figure_leaves_it(figure: Count) -> None:
    assert figure + 0 == 0 + figure == figure + Count(0) == figure


@given(counts)
def test_a_sum_of_nothing_changes_nothing_that_it_is_added_to(count: Count) -> None:
    nothing = Count.sum(())
    assert (nothing.reported, nothing.missing) == (False, 0)
    assert count + nothing == nothing + count == count - nothing == count
    # Nor is the 0 that sum() begins with anybody's statement.
    assert sum([count]) == count


def test_unreported_is_neither_none_nor_nothing() -> None:
    silent = Count()
    assert (silent.low, silent.best, silent.high) == (0, 0, None)
    assert (silent.reported, silent.missing, silent.exact) == (False, 1, False)
    assert silent == Count(None) == Count.of(None)
    for other in (0, Count(0), Count(low=0), Count.sum(()), None):
        assert silent != other
    assert len({silent, Count(0), Count(low=0), Count.sum(())}) == 4
    assert Count(0).reported


@given(st.lists(figures), st.integers(1, 4))
def test_what_is_missing_opens_a_sum_and_takes_no_figure_from_it(
    given_figures: list[Count], missing: int
) -> None:
    total = Count.sum([*given_figures, *[None] * missing])
    assert total.missing == missing
    assert total.high is None
    assert total.given == Count.sum(given_figures)
    assert (total.low, total.best) == (total.given.low, total.given.best)
    assert total.reported == bool(given_figures)


@given(st.lists(st.tuples(counts, counts), min_size=1))
def test_missing_and_given_add_up(pairs: list[tuple[Count, Count]]) -> None:
    for one, other in pairs:
        both = one + other
        assert both.missing == one.missing + other.missing
        assert both.given == one.given + other.given
        assert both.reported == (one.reported or other.reported)


@given(st.lists(widened(), min_size=1, max_size=4))
def test_doubt_adds_no_certainty_to_a_sum(pairs: list[tuple[Count, Count]]) -> None:
    sharp, wide = (Count.sum(side) for side in zip(*pairs, strict=True))
    assert holds(wide, sharp)
    assert sharp.exact or not wide.exact


@given(widened(), widened())
def test_doubt_adds_no_certainty_to_a_difference(
    one: tuple[Count, Count], other: tuple[Count, Count]
) -> None:
    try:
        sharp = one[0] - other[0]
    except EventError:
        return  # certainly negative, and with more doubt it needn't be
    assert holds(one[1] - other[1], sharp)


@given(figures, figures, few, few)
def test_a_difference_holds_every_one_that_is_possible(
    one: Count, other: Count, first: int, second: int
) -> None:
    if possible(one, first) and possible(other, second) and first >= second:
        assert possible(one - other, first - second)
    elif one.high is not None and one.high < other.low:
        with pytest.raises(EventError, match="certainly below zero"):
            one - other


@given(counts, figures)
def test_what_is_added_and_taken_away_again_leaves_what_was(count: Count, more: Count) -> None:
    if count != Count.sum(()):
        assert holds((count + more) - more, count)
    assert ((count + more) - more).missing == count.missing


def test_a_difference_is_clipped_at_none() -> None:
    assert Count(5) - Count(2) == Count(5) - 2 == 5 - Count(2) == 3
    fewer = Count(low=3, best=4, high=6) - Count(5)
    assert (fewer.low, fewer.best, fewer.high) == (0, 0, 1)
    assert (Count(5) - Count(low=1)).low == 0
    with pytest.raises(EventError, match="2 less 5 is certainly below zero"):
        2 - Count(5)
    assert Count() - Count(3) == Count()
    # Silence on what went before keeps the ceiling and opens the floor.
    opened = Count(5) - Count()
    assert (opened.low, opened.best, opened.high, opened.missing) == (0, 5, 5, 1)
    assert opened.given == 5
    for other in (1.5, True, "3"):
        with pytest.raises(TypeError):
            Count(3) - other  # type: ignore[operator]
        with pytest.raises(TypeError):
            other - Count(3)  # type: ignore[operator]


@given(st.lists(counts, min_size=1, max_size=4))
def test_a_span_holds_all_versions_and_has_the_lowest_best(versions: list[Count]) -> None:
    span = Count.spanning(versions)
    reported = [one for one in versions if one.reported]
    assert span == Count.spanning(reversed(versions))
    assert span.reported == bool(reported)
    for one in reported:
        assert holds(span, one)
    if reported:
        assert span.best == min(one.best for one in reported)
        assert span.low == min(one.low for one in reported)


@pytest.mark.parametrize(
    "silence",
    [
        {"missing": -1},
        {"missing": 1},
        {"given": (0, None)},
        {"missing": 1, "given": (2, 2)},
        {"missing": 1, "given": (0, 0)},
        {"missing": 1, "reported": False},
    ],
)
def test_stored_parts_that_tell_no_silence_are_refused(silence: dict[str, Any]) -> None:
    with pytest.raises(EventError, match="a Count can't have missing="):
        Count.of_parts(low=1, best=1, high=None, approximate=False, **silence)


@pytest.mark.parametrize(
    ("value", "silent"),
    [(None, True), ((), True), (Count(), True), (0, False), (Count(0), False), (("a",), False)],
)
def test_a_value_is_silent_where_nothing_is_said(value: Any, silent: bool) -> None:
    assert says_nothing(value) is silent


@given(st.lists(counts, min_size=1))
def test_sum_adds_counts(several: list[Count]) -> None:
    total = Count.of(sum(several))
    assert total == Count.sum(several)
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
    assert one == one + Count.sum(())
    if one == other:
        assert hash(one) == hash(other)


def test_a_rough_count_is_no_int() -> None:
    assert Count(low=3) != 3
    assert Count(about=0) != 0
    assert Count(1) != True  # noqa: E712
    assert Count(1) != "1"


COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge]


@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize("rough", [Count(low=1), Count(), Count(1) + Count(), Count(about=0)])
def test_rough_counts_have_no_order_of_their_own(
    compare: Callable[[Any, Any], bool], rough: Count
) -> None:
    for one, other in ((rough, Count(2)), (2, rough), (Count(0), rough)):
        with pytest.raises(OrderError, match="have no order of their own"):
            compare(one, other)
    with pytest.raises(OrderError, match="ambiguous unless it is exact"):
        bool(rough)
    with pytest.raises(TypeError):
        compare(Count(1), True)


@pytest.mark.parametrize("compare", COMPARISONS)
@given(few, few)
def test_exact_counts_are_ordered_and_true_as_their_numbers(
    compare: Callable[[Any, Any], bool], one: int, other: int
) -> None:
    assert compare(Count(one), Count(other)) == compare(one, other)
    assert compare(Count(one), other) == compare(one, other)
    assert bool(Count(one)) == bool(one)
    assert max(Count(one), Count(other)) == max(one, other)
    assert sorted([Count(one), Count(other)]) == sorted([one, other])


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (Count(12), "12"),
        (Count(low=400), "400 or more"),
        (Count(5, low=3), "5 (3 or more)"),
        (Count(low=3, best=5, high=9), "5 (3 to 9)"),
        (Count(about=450), "about 450 (405 to 495)"),
        (Count(about=450) + Count(low=1), "about 451 (406 or more)"),
        (Count(), "unreported"),
        (Count() + Count(), "unreported, 2 figures missing"),
        (Count(low=10, best=12, high=15) + Count(), "12 (10 to 15), 1 figure missing"),
    ],
)
def test_a_count_reads_as_one_would_write_it(count: Count, text: str) -> None:
    assert str(count) == text


def test_a_repr_says_all_parts() -> None:
    assert repr(Count(12)) == "Count(12)"
    assert repr(Count(low=3)) == "Count(low=3, best=3, high=None)"
    assert repr(Count()) == "Count()"
    assert repr(Count.sum(())) == "Count(missing=0)"
    assert repr(Count(3) + Count()) == (
        "Count(low=3, best=3, high=None, missing=1, given=Count(3))"
    )
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


@given(st.dictionaries(st.text("abc", min_size=1), figures))
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
    assert (
        Breakdown({"children": 2, "women": None, "men": Count()}) == harmed
    )  # silence is left out
    assert Breakdown.of(None) == Breakdown()
    assert Breakdown({"children": 0}) != Breakdown()


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
