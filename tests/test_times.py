"""Checks what a When is: frozen, equal by structure, without an order or a truth of its own."""

from __future__ import annotations

import operator
import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given

from tests.boxes import times
from timeline.calendar_math import DAY, HOUR, MINUTE, SECOND, wall
from timeline.errors import OrderError, WhenError, ZoneError
from timeline.relations import Certainty
from timeline.time_parsing import between, lasted, when
from timeline.times import When

DAY_10 = wall(2022, 9, 10)


@given(times(), times())
def test_equal_times_hash_alike(a: When, b: When) -> None:
    same = attrs.evolve(a)
    assert a == same
    assert hash(a) == hash(same)
    assert (a == b) == (attrs.asdict(a) == attrs.asdict(b))


@given(times())
def test_a_time_is_pickled_whole(time: When) -> None:
    time = attrs.evolve(time, text="as written", policy="some/1")
    again = pickle.loads(pickle.dumps(time))  # noqa: S301 - our own
    assert attrs.asdict(again) == attrs.asdict(time)


def test_where_a_time_came_from_takes_no_part_in_equality() -> None:
    assert When(lo=1, text="this morning", policy="phrases/1") == When(lo=1)
    assert When(lo=1, edtf="2022") != When(lo=1)
    assert When(lo=1, zone=None) == When(lo=1)


def test_a_time_is_frozen() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        When().lo = 1  # type: ignore[misc]


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge])
@pytest.mark.parametrize("other", [When(lo=DAY_10), 5, "2022", None])
def test_times_have_no_order(compare: Callable[[object, object], bool], other: object) -> None:
    with pytest.raises(OrderError, match=r"a\.before\(b\)"):
        compare(When(), other)


def test_times_are_not_sorted_by_accident() -> None:
    with pytest.raises(OrderError):
        sorted([When(lo=2), When(lo=1)])


def test_a_time_has_no_truth() -> None:
    with pytest.raises(OrderError, match="ambiguous"):
        bool(When())


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"lo": 2, "hi": 2}, "were the two swapped"),
        ({"lo": DAY_10, "hi": 0}, "2022-09-10"),
        ({"lo": 1.0}, "whole microseconds"),
        ({"hi": True}, "whole microseconds"),
        ({"lo": "2022"}, r"use when\(\) or between\(\)"),
        ({"shape": "point"}, "one of moment, lasted, all"),
        ({"start_hi": 5}, "a moment has neither"),
        ({"end_lo": 5}, "a moment has neither"),
        ({"lo": 0, "hi": 9, "start_hi": 0, "shape": "lasted"}, "nothing in between"),
        ({"lo": 0, "hi": 9, "end_lo": 9, "shape": "all"}, "nothing in between"),
        ({"lo": 0, "hi": 1, "shape": "lasted"}, "nothing in between"),
    ],
)
def test_bounds_that_hold_no_moment_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(WhenError, match=message):
        When(**fields)


def test_an_unknown_name_is_no_zone() -> None:
    with pytest.raises(ZoneError, match="Europe/Kiyv"):
        When(zone="Europe/Kiyv")


def test_earliest_and_latest_are_aware() -> None:
    day = When(lo=DAY_10, hi=DAY_10 + DAY)
    assert day.earliest == datetime(2022, 9, 10, tzinfo=UTC)
    assert day.latest == datetime(2022, 9, 11, tzinfo=UTC)
    assert When().earliest is None
    assert When(lo=wall(-43)).earliest is None


def test_before_is_three_valued() -> None:
    day, next_day = When(lo=0, hi=DAY), When(lo=DAY, hi=2 * DAY)
    assert day.before(next_day) is Certainty.CERTAIN
    assert day.before(day) is Certainty.POSSIBLE
    assert next_day.before(day) is Certainty.IMPOSSIBLE
    assert day.relation(next_day) == {"before"}
    assert "equals" in day.relation(day)


def test_what_lasted_is_told_from_a_moment() -> None:
    assert When(shape="lasted").lasted
    assert not When(shape="all").lasted
    assert not When().lasted


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({}, "at a time unknown"),
        ({"lo": DAY_10}, "from 2022-09-10 on"),
        ({"hi": DAY_10}, "by 2022-09-09"),
        ({"hi": DAY_10 + HOUR}, "by 2022-09-10 01:00"),
        ({"lo": wall(2022), "hi": wall(2023)}, "2022"),
        ({"lo": wall(-43), "hi": wall(-42)}, "44 BC"),
        ({"lo": wall(0), "hi": wall(1)}, "1 BC"),
        ({"lo": wall(-43, 3, 15), "hi": wall(-43, 3, 16)}, "0044-03-15 BC"),
        ({"lo": wall(-43, 3), "hi": wall(-42, 2)}, "0044-03-01 BC – 0043-01-31 BC"),
        ({"hi": DAY_10 + 16 * HOUR, "precision": "minute"}, "by 2022-09-10 15:59"),
        ({"lo": wall(0), "hi": wall(10000), "edtf": "XXXX"}, "XXXX"),
        ({"lo": wall(2022, 12), "hi": wall(2023)}, "2022-12"),
        ({"lo": DAY_10, "hi": DAY_10 + DAY}, "2022-09-10"),
        ({"lo": DAY_10, "hi": DAY_10 + 2 * DAY}, "2022-09-10 – 2022-09-11"),
        ({"lo": wall(2022), "hi": wall(2022, 3)}, "2022-01-01 – 2022-02-28"),
        ({"lo": DAY_10, "hi": DAY_10 + 2 * DAY, "shape": "lasted"}, "2022-09-10 to 2022-09-11"),
        ({"lo": DAY_10, "hi": DAY_10 + MINUTE}, "2022-09-10 00:00"),
        ({"lo": DAY_10 + SECOND, "hi": DAY_10 + 2 * SECOND}, "2022-09-10 00:00:01"),
        ({"lo": DAY_10 + 5, "hi": DAY_10 + 6}, "2022-09-10 00:00:00.000005"),
        ({"lo": DAY_10, "hi": DAY_10 + 12 * HOUR}, "2022-09-10 00:00 – 12:00"),
        ({"lo": DAY_10 + 12 * HOUR, "hi": DAY_10 + DAY}, "2022-09-10 12:00 – 24:00"),
        (
            {"lo": DAY_10 + 18 * HOUR, "hi": DAY_10 + 30 * HOUR},
            "2022-09-10 18:00 – 2022-09-11 06:00",
        ),
        ({"lo": DAY_10, "hi": DAY_10 + DAY, "approximate": True}, "about 2022-09-10"),
        ({"lo": DAY_10, "hi": DAY_10 + DAY, "uncertain": True}, "2022-09-10 (?)"),
        (
            {
                "lo": DAY_10 - 14 * HOUR,
                "hi": DAY_10 + 36 * HOUR,
                "zone": None,
                "precision": "day",
            },
            "2022-09-10 (zone unknown)",
        ),
        ({"lo": DAY_10, "zone": "Europe/Kyiv"}, "from 2022-09-10 03:00 on"),
    ],
)
def test_a_time_reads_as_a_person_would_write_it(fields: dict[str, Any], shown: str) -> None:
    assert str(When(**fields)) == shown


def test_bounds_are_shown_in_the_times_own_zone() -> None:
    day = When(lo=DAY_10 - 3 * HOUR, hi=DAY_10 + 21 * HOUR, zone="Europe/Kyiv")
    assert day.bounds() == "[2022-09-10, 2022-09-11)"
    assert When(lo=DAY_10 + 1).bounds() == "[2022-09-10 00:00:00.000001, ..)"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("precision", "fortnight", "precision is a unit such as 'day', not 'fortnight'"),
        ("approximate", "yes", "approximate is True or False, not 'yes'"),
        ("uncertain", 1, "uncertain is True or False, not 1"),
        ("text", 5, "text is a text or None, not 5"),
        ("edtf", 5, "edtf is a text or None, not 5"),
        ("policy", 5, "policy is a text or None, not 5"),
    ],
)
def test_a_when_that_could_not_be_kept_is_refused(field: str, value: Any, message: str) -> None:
    with pytest.raises(WhenError, match=message):
        When(**{field: value})


def test_a_when_is_compared_with_a_when() -> None:
    wrong: Any = "2023"
    for ask in (When().before, When().relation):
        with pytest.raises(OrderError, match="is compared with a When, not '2023'"):
            ask(wrong)


def test_one_time_in_several_zones_is_equal() -> None:
    noon = when("2022-09-10T12:00", zone="Europe/Kyiv")
    assert noon == when("2022-09-10T12:00", zone="Europe/Kiev") == when("2022-09-10T12:00+03:00")
    assert len({noon, when("2022-09-10T12:00", zone="Europe/Kiev")}) == 1
    second = when("2022-09-10T12:00:00", zone="Europe/Kyiv")
    assert second == when("2022-09-10T12:00:00+03:00") == when("2022-09-10T09:00:00Z")
    # What a text says beyond its bounds still counts.
    assert when("[2022-09-01,2022-09-03]") != when("[2022-09-01..2022-09-03]")
    assert when("2022-09-10", zone="Europe/Kyiv") != when("2022-09-10")


def test_ends_are_shown_as_they_were_written() -> None:
    assert str(when("2022-09-10T14:00/2022-09-10T15:00")) == "2022-09-10 14:00 to 15:00"
    assert str(between("2022-09-10T14:00:05", "2022-09-10T15:00:07")).endswith(
        "14:00:05 – 15:00:07"
    )
    assert str(when("XXXX-12-25")) == "XXXX-12-25"
    assert str(when("[2022-03-04,2022-04-03]")) == "2022-03-04 or 2022-04-03"
    assert (
        str(when("{2022-03-04,2022-03-05,2022-03-07}")) == "2022-03-04, 2022-03-05 and 2022-03-07"
    )
    assert str(when("[2022-03-04..2022-03-07]")) == "2022-03-04 – 2022-03-07"
    assert str(when("-0043-03-15")) == "0044-03-15 BC"
    assert when("-0043-03-15").bounds() == "[-0043-03-15, -0043-03-16)"


def test_what_is_over_when_the_next_begins_is_before_it() -> None:
    meeting = lasted("2022-09-10T09:00", "2022-09-10T10:00", through=False)
    assert str(meeting) == "2022-09-10 09:00 to 10:00"
    assert meeting.before(when("2022-09-10T10:00")) is Certainty.CERTAIN
    assert lasted("2022-09-10T09:00", "2022-09-10T10:00").before(meeting) is Certainty.IMPOSSIBLE
