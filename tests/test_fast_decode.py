"""Tests that values pass the checks that they passed when they were made, and only those."""

from __future__ import annotations

from typing import Any

import attrs
import msgspec
import pytest

from timeline.canonical import encode, plain
from timeline.claims import Report
from timeline.counts import Breakdown, Count
from timeline.errors import EventError
from timeline.fast_decode import recheck, unchecked
from timeline.kinds import Attack, Incident, TerritorialChange
from timeline.places import Place
from timeline.time_parsing import when

REPORT = Report("ISW", published="2022-09-16")


@pytest.mark.parametrize(
    "value",
    [
        when("2022-09-10~", zone="Europe/Kyiv"),
        Place("Izium", id="geonames:707753", latitude=49.2, within="Kharkiv Oblast"),
        Count(about=450),
        Attack(when="2022", killed=2, including={"children": Count(low=1)}),
        TerritorialChange(when="2022", place="Izium", to="Ukraine", share="1/3"),
        Incident(when="2022", category="fire", involved=["a", "b"]),
        REPORT,
        None,
    ],
)
def test_what_was_made_passes_its_own_checks_again(value: Any) -> None:
    before = encode(plain(value))
    recheck(value)
    assert encode(plain(value)) == before


@pytest.mark.parametrize("wrap", [lambda v: v, lambda v: (v,), lambda v: Breakdown({"a": v})])
def test_a_recheck_looks_into_parts(wrap: Any) -> None:
    count = Count(1)
    whole = wrap(count)
    recheck(whole)
    object.__setattr__(count, "low", 5)
    with pytest.raises(EventError, match="low <= best"):
        recheck(whole)


def _refuse(*_: Any) -> None:
    raise EventError("never")


def test_msgspec_passes_over_the_checks_of_an_unchecked_class_and_nothing_else() -> None:
    @attrs.frozen
    class Bare:
        number: int = attrs.field(validator=_refuse)

        def __attrs_post_init__(self) -> None:
            raise AssertionError

    unchecked(Bare)
    assert msgspec.json.decode(b'{"number":1}', type=Bare).number == 1
    with pytest.raises(msgspec.ValidationError, match="Expected `int"):
        msgspec.json.decode(b'{"number":"1"}', type=Bare)
    with pytest.raises(EventError, match="never"):
        Bare(1)
    with pytest.raises(EventError, match="never"):
        recheck(msgspec.json.decode(b'{"number":1}', type=Bare))


def test_checks_that_arent_spared_run() -> None:
    @attrs.frozen
    class Held:
        number: int = attrs.field(validator=_refuse)

    unchecked(Held, spared=lambda validator: validator is not _refuse)
    with pytest.raises(msgspec.ValidationError, match="never"):
        msgspec.json.decode(b'{"number":1}', type=Held)
