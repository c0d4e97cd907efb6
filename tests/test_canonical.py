"""Tests that equal values have equal bytes and ids, in every process, and unequal ones don't."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from enum import Enum, IntEnum
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.canonical import encode, id_in, id_of, packed, plain
from timeline.counts import Breakdown, Count
from timeline.errors import EventError
from timeline.kinds import Attack, Incident
from timeline.places import Place
from timeline.time_parsing import when
from timeline.times import When

evolve: Any = attrs.evolve  # a kind is an attrs class, which mypy can't see
SRC = Path(__file__).parents[1] / "src"

names = st.text(min_size=1, max_size=4).filter(lambda text: bool(text.strip()))
far = st.none() | st.integers(-(10**25), 10**25)
moments = st.tuples(far, far).filter(
    lambda ends: ends[0] is None or ends[1] is None or ends[0] < ends[1]
)
whens = moments.map(lambda ends: When(lo=ends[0], hi=ends[1]))
places = st.builds(
    Place,
    st.sampled_from(["Izium", "Kharkiv"]),
    id=st.none() | names,
    latitude=st.none() | st.integers(-90, 90) | st.floats(-90, 90),
)
few = st.integers(0, 3)
counts = st.one_of(
    few.map(Count), few.map(lambda number: Count(low=number)), few.map(lambda n: Count(about=n))
)
attacks = st.builds(
    Attack,
    when=whens,
    place=st.none() | places,
    by=st.none() | names,
    killed=counts,
    wounded=counts,
    including=st.dictionaries(st.sampled_from(["children", "women"]), counts).map(Breakdown),
)


class Side(Enum):
    LEFT = "left"


class Rank(IntEnum):
    FIRST = 1


@attrs.frozen
class Pair:
    one: str
    two: tuple[int, ...] = ()


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (None, None),
        ("a", "a"),
        (True, True),
        (1.5, 1.5),
        (Side.LEFT, "left"),
        (Rank.FIRST, 1),
        (Fraction(1, 3), "1/3"),
        (("a", Fraction(2)), ["a", "2"]),
        ({"a": (1,)}, {"a": [1]}),
        (Pair("a", (1, 2)), {"one": "a", "two": [1, 2]}),
        (Pair("a"), {"one": "a"}),
        (Count(3), {"low": 3, "best": 3, "high": 3, "approximate": False}),
        (Breakdown({"children": 2}), {"children": plain(Count(2))}),
        (Place("Izium"), {"name": "Izium"}),
    ],
)
def test_a_form_is_plain_json_without_what_equals_its_default(value: Any, form: Any) -> None:
    assert plain(value) == form
    assert msgspec.json.decode(encode(plain(value))) == form


def test_bytes_of_old_are_passed_through() -> None:
    assert encode(plain({"a": msgspec.Raw(b'{"z": 1, "b":2}')})) == b'{"a":{"z": 1, "b":2}}'


def test_a_default_of_another_type_is_kept() -> None:
    @attrs.frozen
    class Flag:
        up: object = 1
        sides: tuple[str, ...] = attrs.field(factory=tuple)

    assert plain(Flag(up=True)) == {"up": True, "sides": []}  # True equals 1, and isn't it


def test_identity_leaves_out_what_equality_does() -> None:
    spoken = When(lo=0, hi=1, text="this morning", policy="2")
    assert plain(spoken) == {"lo": 0, "hi": 1, "text": "this morning", "policy": "2"}
    assert plain(spoken, identity=True) == {"lo": 0, "hi": 1}


@pytest.mark.parametrize("value", [object(), b"bytes", 1j, {1}, ["a"]])
def test_what_has_no_form_is_refused(value: Any) -> None:
    with pytest.raises(EventError, match=r"can't be kept: a field holds texts"):
        plain(value)


def test_text_that_is_no_unicode_is_refused() -> None:
    with pytest.raises(EventError, match="can't be written down as JSON"):
        encode("\ud800")


@given(attacks, attacks)
def test_equal_events_have_equal_bytes_and_ids_and_no_others_do(one: Attack, other: Attack) -> None:
    same = encode(plain(one, identity=True)) == encode(plain(other, identity=True))
    assert (one == other) == same == (one.id == other.id)


@given(attacks)
def test_an_event_made_again_has_the_same_bytes_and_id(event: Attack) -> None:
    again = evolve(event, id="")
    assert again == event
    assert hash(again) == hash(event)
    assert encode(plain(again)) == encode(plain(event))


@given(whens, st.text(), st.text())
def test_the_words_of_a_time_dont_say_which_event_it_is(time: When, text: str, policy: str) -> None:
    spoken = evolve(time, text=text, policy=policy)
    assert Attack(when=spoken).id == Attack(when=time).id


@given(st.dictionaries(names, st.integers() | names))
def test_keys_are_sorted_and_nothing_is_lost(form: dict[str, Any]) -> None:
    body = encode(form)
    assert json.loads(body) == form
    assert encode(dict(reversed(form.items()))) == body


@given(st.integers())
def test_whole_numbers_of_any_size_are_kept(number: int) -> None:
    assert msgspec.json.decode(encode({"lo": number})) == {"lo": number}


SAMPLE = """
from timeline.claims import Report
from timeline.counts import Breakdown
from timeline.kinds import Attack
report = Report("ISW", published="2022-09-16", text="twelve wounded")
groups = {name: 1 for name in {"children", "women", "medics", "guards"}}
attack = Attack(when="2022-09-16~", place="Kharkiv", wounded=12, including=Breakdown(groups))
claim = report.says(attack, according_to=("a", "b"), replaces={"0" * 64, "1" * 64, "2" * 64})
print(attack.id, report.id, claim.id, claim.body())
"""


def test_bytes_and_ids_are_the_same_in_every_process() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", SAMPLE],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(SRC)},
            capture_output=True,
            check=True,
            encoding="utf-8",
        ).stdout
        for seed in ("0", "1", "12345")
    }
    assert len(told) == 1


def test_a_derived_id_is_a_hash_of_kind_and_content() -> None:
    accident = Incident(when=When(lo=0, hi=1), category="road accident", summary="A collision")
    # Written out, because a change here would change every id that was ever derived.
    content = (
        b'["incident/1",{"category":"road accident","summary":"A collision",'
        b'"when":{"hi":1,"lo":0}}]'
    )
    assert accident.id == "incident/1:" + sha256(content).hexdigest()[:32]


@given(far, far)
def test_ids_sort_by_their_moment(one: int | None, other: int | None) -> None:
    first, second = id_of("claim", b"a", one), id_of("claim", b"b", other)
    assert len(first) == len(second) == 32
    ranks = [
        -(1 << 63) if at is None else min(max(at, -(1 << 63)), (1 << 63) - 1) for at in (one, other)
    ]
    if ranks[0] < ranks[1]:
        assert first < second


def test_ids_tell_apart_form_content_and_moment() -> None:
    ids = {
        id_of("claim", b"a", 0),
        id_of("void", b"a", 0),
        id_of("claim", b"b", 0),
        id_of("claim", b"a", 1),
    }
    assert len(ids) == 4
    assert id_of("claim", b"a", None) != id_of("claim", b"a", 0)


def test_a_time_that_was_read_is_written_with_all_it_says() -> None:
    assert plain(when("2022-09~")) == {
        "lo": when("2022-09~").lo,
        "hi": when("2022-09~").hi,
        "precision": "month",
        "approximate": True,
        "edtf": "2022-09~",
        "text": "2022-09~",
        "policy": when("2022-09~").policy,
    }


@given(st.lists(attacks, min_size=1, max_size=3))
def test_what_is_packed_has_the_bytes_of_its_plain_form_each_time(told: list[Attack]) -> None:
    for attack in told * 2:
        assert encode(packed(attack)) == encode(plain(attack))


def test_more_packed_counts_than_are_kept_change_nothing() -> None:
    for number in (*range(5000), *range(10)):
        attack = Attack(when="2022", id="one", killed=number)
        assert encode(packed(attack)) == encode(plain(attack))


@given(st.binary(), st.integers(-(10**12), 10**12) | st.none())
def test_an_id_in_a_report_is_the_id_of_that_moment(body: bytes, moment: int | None) -> None:
    report = id_of("report", b"{}", moment).hex()
    assert id_in(report, "claim", body) == id_of("claim", body, moment).hex()
