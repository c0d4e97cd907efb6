"""Tests that what a log wrote is read as it is, and that a checked reading refuses the rest."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.canonical import encode, id_of
from timeline.claims import Claim, Report
from timeline.codec import Codec
from timeline.errors import EventError, FormatError
from timeline.events import Event, event
from timeline.kinds import KINDS, Attack
from timeline.stores.base import Record

REPORT = Report("ISW", published="2022-09-16")


def _short(_: object, __: object, value: str) -> None:
    if len(value) > 9:
        raise EventError("too long a name")


@event("crew/1")
class Crew(Event):
    name: str = attrs.field(validator=_short)
    size: int = 1

    def check(self) -> None:
        if self.size < 1:
            raise EventError("a crew of nobody")


CODEC = Codec((*KINDS, Crew))


def row(body: bytes, *, form: str = "claim", kind: str = "attack/1") -> Record:
    name = id_of(form, body, REPORT.published.lo)
    return Record(9, 0, name, form, kind, bytes.fromhex(REPORT.id), body)


def attack(*, kind: str = "attack/1", report: str = REPORT.id, **fields: Any) -> bytes:
    told: dict[str, Any] = {"id": "a", "when": {}}
    return encode({"kind": kind, "report": report, "event": told | fields})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (attack(when={"lo": 2, "hi": 1}), "must lie before"),
        (attack(when={"zone": "Mars/Base"}), "no zone is called"),
        (attack(when={"precision": "moon"}), "precision"),
        (
            attack(killed={"low": 2, "best": 1, "high": None, "approximate": False}),
            "low <= best <= high",
        ),
        (attack(place={"name": "Izium", "latitude": 91.0}), "degrees from -90 to 90"),
        (attack(place={"name": "Izium", "within": {"name": " "}}), "needs a name"),
        (
            attack(kind="incident/1", category="fire"),
            "its kind is 'attack/1', and its content's is",
        ),
        (attack(report="0" * 64), f"its report is '{REPORT.id}', and its content's is '0"),
        (attack(by=5), "Expected `str"),
        (b"{", "truncated"),
    ],
)
def test_a_checked_reading_refuses_what_could_not_have_been_made(body: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=rf"entry 9 \(claim \w+\) can't be read: .*{message}"):
        CODEC.checked(row(body), REPORT)


def test_a_checked_reading_gives_what_a_reading_gives() -> None:
    claim = REPORT.says(Attack(when="2022", place="Izium", including={"children": 2}))
    found = row(claim.body())
    assert CODEC.checked(found, REPORT) == CODEC.said(found, REPORT)
    void = REPORT.voids(claim, because="twice")
    assert isinstance(CODEC.checked(row(void.body(), form="void", kind=""), REPORT), type(void))


def test_a_reading_holds_types_alone() -> None:
    read = CODEC.said(row(attack(when={"lo": 2, "hi": 1})), REPORT)
    assert isinstance(read, Claim)
    assert (read.event.when.lo, read.event.when.hi) == (2, 1)
    with pytest.raises(FormatError, match="Expected `int"):
        CODEC.said(row(attack(when={"lo": "2"})), REPORT)


@pytest.mark.parametrize(
    ("fields", "message"),
    [({"size": 0, "name": "a"}, "a crew of nobody"), ({"name": "a" * 10}, "too long a name")],
)
def test_what_a_kind_adds_is_checked_in_every_reading(fields: dict[str, Any], message: str) -> None:
    body = attack(kind="crew/1", **fields)
    with pytest.raises(FormatError, match=message):
        CODEC.said(row(body, kind="crew/1"), REPORT)


@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_no_bytes_do_worse_than_be_refused(body: bytes) -> None:
    for kind in ("attack/1", "crew/1", "strange/1", ""):
        for read in (CODEC.said, CODEC.checked):
            with pytest.raises(FormatError):
                read(row(body, kind=kind), REPORT)
