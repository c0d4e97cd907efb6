"""Tests the small things that work in parts rests on: keys, blocks, bars, steps and engines."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Hashable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import Count, Place, Report, when
from timeline.errors import EventError, FormatError, ProjectionError, StoreError
from timeline.kinds import Incident
from timeline.log import Log
from timeline.scale import ThreadsEngine, ask_on
from timeline.scale.engines import Failed, TaskResult, done
from timeline.scale.map_reduce import DistributedQuery, _ids, map_part
from timeline.scale.partitioner import partition_of
from timeline.scale.partitions import Page
from timeline.scale.shuffle import SAID, BlockWriter, Item, Reader, unpacked
from timeline.stores.base import Record
from timeline.views.casualties import Casualties


class Side(Enum):
    ONE = 1
    OTHER = 2


class Named(StrEnum):
    ONE = "one"


class Numbered(IntEnum):
    ONE = 1


EAST = timezone(timedelta(hours=3))
EQUAL: list[tuple[Hashable, ...]] = [
    (1, 1.0, True, Fraction(1), Decimal(1), Numbered.ONE, complex(1)),
    ("one", Named.ONE),
    (None,),
    (b"one",),
    (("a", 1), ("a", True)),
    (frozenset({"a", 1}), frozenset({1.0, "a"})),
    (datetime(2022, 9, 1, 3, tzinfo=EAST), datetime(2022, 9, 1, tzinfo=UTC)),
    (datetime(2022, 9, 1, fold=1), datetime(2022, 9, 1)),  # noqa: DTZ001 - as users may have it
    (date(2022, 9, 1),),
    (UUID(int=7),),
    (Side.ONE,),
    (when("2022-09-01"),),
    (Place("Izium", id="x:1", latitude=49), Place("Izium", id="x:1", latitude=49.0)),
    (Count(3),),
]
simple = st.none() | st.text() | st.integers() | st.floats(allow_nan=False) | st.booleans()
keys = st.recursive(simple, lambda inner: st.tuples(inner) | st.tuples(inner, inner), max_leaves=4)


@pytest.mark.parametrize("equal", EQUAL, ids=lambda equal: type(equal[0]).__name__)
def test_equal_keys_go_to_one_part(equal: tuple[Hashable, ...]) -> None:
    assert len(set(equal)) == 1
    assert len({partition_of(key, 1 << 20) for key in equal}) == 1


@given(keys, keys)
def test_keys_that_equal_meet(one: Hashable, other: Hashable) -> None:
    if one == other:
        assert partition_of(one, 1 << 20) == partition_of(other, 1 << 20)


def test_other_keys_are_shared_out() -> None:
    assert len({partition_of(first[0], 1 << 31) for first in EQUAL}) == len(EQUAL)
    assert {partition_of(f"town {no}", 7) for no in range(100)} == set(range(7))
    assert partition_of((("a",), "b"), 1 << 31) != partition_of(("a", ("b",)), 1 << 31)


def test_a_key_has_one_part_in_every_process() -> None:
    asked = (
        "from timeline.scale.partitioner import partition_of\n"
        "print(partition_of(('Izium', None), 1 << 20))"
    )
    command = [sys.executable, "-c", asked]
    told = {
        subprocess.run(
            command, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert told == {f"{partition_of(('Izium', None), 1 << 20)}\n".encode()}


class Odd:
    """A key that nobody sees into."""


@pytest.mark.parametrize("key", [Odd(), float("nan"), ("a", Odd())])
def test_a_key_that_cant_be_told_apart_is_refused(key: Hashable) -> None:
    with pytest.raises(ProjectionError, match="can't be sent to one worker"):
        partition_of(key, 2)


def item(no: int, report: bytes = b"r") -> Item:
    return Item(no, float("inf"), f"e{no}", SAID, no, b"id", "incident/1", report, b"{}")


def test_parcels_carry_items_and_the_reports_they_need() -> None:
    writer = BlockWriter(3)
    writer.put(0, item(1))
    writer.put(2, item(2, b"s"), report=False)
    blocks = writer.blocks({b"r": b"report"})
    assert blocks[1] == b""
    reports: dict[bytes, bytes] = {}
    assert [(one.place, one.report) for one in unpacked(blocks, reports)] == [
        ((1, float("inf"), "e1"), b"r"),
        ((2, float("inf"), "e2"), b"s"),
    ]
    assert reports == {b"r": b"report"}


class Part:
    """A part of one row."""

    def __init__(self, row: Record) -> None:
        self._row = row

    def pages(self) -> Any:
        yield Page([self._row], {})


def asked() -> DistributedQuery:
    with Log() as log:
        return DistributedQuery(
            projection=Casualties(),
            kinds=log.kinds,
            at=None,
            published=None,
            reading="certain",
            trust=(),
            width=1,
            merging=1,
        )


def test_what_is_damaged_is_named() -> None:
    row = Record(7, 0, b"\x01" * 32, "claim", "incident/1", b"r", b"{", b"")
    with pytest.raises(FormatError, match=r"entry 7 \(claim 0101.*can't be read"):
        map_part(Part(row), (), asked())
    with pytest.raises(FormatError, match=r"the report .* is missing"):
        Reader(asked().codec, {}).row(row)


def test_what_is_no_id_names_nothing() -> None:
    assert list(_ids(["00" * 32, "00", "nobody"])) == [b"\0" * 32]


def failing(part: Any, _: Any, __: Any) -> TaskResult:
    raise part


def test_what_would_come_again_is_told_and_what_may_not_is_raised() -> None:
    for error in (EventError("no"), FormatError("altered")):
        assert done(failing, error, (), None) == TaskResult(Failed(error), ())
    for again in (StoreError("the server was lost"), ValueError("a mistake")):
        with pytest.raises(type(again), match=str(again)):
            done(failing, again, (), None)


def test_a_claim_of_a_voided_id_that_is_no_id_reaches_nothing() -> None:
    wire = Report("Wire", published="2022-09-16")
    one = wire.says(Incident(when="2022-09-01", category="fire", killed=1))
    with Log() as log:
        log.append(one, wire.voids("f" * 64, because="never made"))
        assert ask_on(ThreadsEngine(), Casualties(), log, size=1) == log.ask(Casualties())
